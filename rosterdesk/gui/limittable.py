"""The limits of a job as a table: a line for each kind and action, with what is usual for the job beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.widgets import column, label
from rosterdesk.gui.words import tr

if TYPE_CHECKING:
    from rosterdesk.directory.usual import Usual

_TITLES = {
    "students": "Students",
    "staff": "Staff",
    "guardians": "Guardians",
    "classrooms": "Classrooms",
    "enrollments": "Enrollments",
    "guardianships": "Family links",
}
_ACTIONS = {
    "created": "created",
    "updated": "changed",
    "archived": "archived",
    "restored": "restored",
    "removed": "removed",
}
_RECORDS = ("created", "updated", "archived", "restored")
_LINES = tuple(
    (entity, action)
    for entity in _TITLES
    for action in (("created", "removed") if entity in ("enrollments", "guardianships") else _RECORDS)
)
_MOST, _MOST_PERCENT = 999_999_999, 999
_NUMBER, _PERCENT = 2, 3  # columns

Line = tuple[str, str]


class LimitTable(QWidget):
    """Two fields a line, each of which may be empty: at most so many, and at most so much of what is there."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: dict[Line, QLineEdit] = {}
        self.percents: dict[Line, QLineEdit] = {}
        self.usual: dict[Line, QLabel] = {}
        self.known = label(quiet=True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.BETWEEN)
        grid.setVerticalSpacing(theme.TIGHT)
        grid.setColumnStretch(4, 1)
        for at, head in enumerate((tr("At most"), tr("Percent")), _NUMBER):
            grid.addWidget(label(head, quiet=True), 0, at)
        earlier = ""
        for at, line in enumerate(_LINES, 1):
            entity, action = line
            name = f"{tr(_TITLES[entity])} {tr(_ACTIONS[action])}"
            if entity != earlier:
                grid.addWidget(label(tr(_TITLES[entity]), bold=True), at, 0)
            earlier = entity
            grid.addWidget(label(tr(_ACTIONS[action])), at, 1)
            self.numbers[line] = _field(tr("{name}, at most", name=name), _MOST)
            self.percents[line] = _field(tr("{name}, at most this percentage", name=name), _MOST_PERCENT)
            self.usual[line] = label(quiet=True)
            grid.addWidget(self.numbers[line], at, _NUMBER)
            grid.addWidget(self.percents[line], at, _PERCENT)
            grid.addWidget(self.usual[line], at, 4)
        inside = column(self.known)
        inside.addLayout(grid)
        self.setLayout(inside)
        self.known.hide()

    def take(self, limits: Sequence[str]) -> list[str]:
        """Show the limits that have a place here; return the others, as they are."""
        from rosterdesk.directory.limits import read

        others = []
        for text in limits:
            limit = read(text)
            fields = self.percents if limit.percent else self.numbers
            field = fields.get((limit.entity, limit.action))
            if field is None or limit.school or field.text():
                others.append(text)
            else:
                field.setText(str(limit.most))
        return others

    def limits(self) -> list[str]:
        """What the table says, as a job's file says it."""
        said = []
        for line in _LINES:
            if most := self.numbers[line].text().strip():
                said.append(f"{' '.join(line)} {most}")
            if most := self.percents[line].text().strip():
                said.append(f"{' '.join(line)} {most}%")
        return said

    def say(self, text: str) -> None:
        """A sentence above the table."""
        self.known.setText(text)
        self.known.show()

    def show_usual(self, usual: Usual | None) -> None:
        """Say beside each line what the job's own history holds; None: it is too short to say."""
        if usual is None:
            self.say(tr("What is usual for this job is shown here once it has run 20 times."))
            return
        self.say(tr("Usual: the least and the most that one of this job's recent runs did."))
        for line, told in self.usual.items():
            told.setText(_usual_words(usual, ("", *line)))
            for field in (self.numbers[line], self.percents[line]):
                field.setAccessibleDescription(told.text())


def _usual_words(usual: Usual, key: tuple[str, str, str]) -> str:
    most, season = usual.recent.get(key, 0), usual.season.get(key, 0)
    least = usual.least.get(key, 0)
    if not most:
        told = tr("usual: none")
    elif least == most:
        told = tr("usual: {most}", most=most)
    else:
        told = tr("usual: {least} to {most}", least=least, most=most)
    return tr("{told}; {n} around this day of the year", told=told, n=season) if season > most else told


def _field(name: str, most: int) -> QLineEdit:
    made = QLineEdit()
    made.setAccessibleName(name)
    made.setFixedWidth(theme.scaled(90))
    made.setPlaceholderText(tr("no limit"))
    check = QIntValidator(0, most, made)
    plain = QLocale.c()
    plain.setNumberOptions(QLocale.NumberOption.RejectGroupSeparator)
    check.setLocale(plain)
    made.setValidator(check)
    return made
