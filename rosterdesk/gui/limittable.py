"""The limits of a job as a table: a line for each kind and action, with what is usual for the job beside it. A chooser
above says for which place: the whole district, every school, or one school.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QWidget

from rosterdesk.errors import UsageError
from rosterdesk.gui import theme
from rosterdesk.gui.limitbook import DISTRICT, EVERY_SCHOOL, LINES, LimitBook, Line, Place
from rosterdesk.gui.widgets import column, label, row
from rosterdesk.gui.wording import worded
from rosterdesk.gui.words import counted, number, tr

if TYPE_CHECKING:
    from rosterdesk.directory.usual import Usual
    from rosterdesk.gui.jobusual import School

_TITLES = {
    "students": "Students",
    "staff": "Staff",
    "guardians": "Guardians",
    "classrooms": "Classrooms",
    "schools": "Schools",
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
_MOST, _MOST_PERCENT = 9_999_999, 999
_NUMBER, _PERCENT = 2, 3  # columns
_NAMED = 6  # schools that are named in a sentence


class LimitTable(QWidget):
    """Two fields a line, each of which may be empty: at most so many, and at most so much of what is there.

    What is no such number is kept as it was typed, and shown as wrong, until it is mended.
    """

    def __init__(self, limits: Sequence[str] = ()) -> None:
        super().__init__()
        self.book = LimitBook(limits)
        self._wrong: dict[tuple[Place, Line, bool], str] = {}
        self.numbers: dict[Line, QLineEdit] = {}
        self.percents: dict[Line, QLineEdit] = {}
        self.usual: dict[Line, QLabel] = {}
        self._usual: Usual | None = None
        self._schools: dict[str, str] = {}
        self.place = DISTRICT
        self.chooser = QComboBox()
        self.chooser.setAccessibleName(tr("Where the limits hold"))
        self.chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.chooser.setMinimumWidth(theme.scaled(380))
        self.chooser.setMaxVisibleItems(16)
        self.chooser.activated.connect(lambda _: self.look_at(self.chooser.currentData()))
        self.known = label(quiet=True)
        self.explained = label(quiet=True)
        self.own = label(quiet=True)
        self._titles: dict[str, QLabel] = {}
        self._words: dict[Line, QLabel] = {}
        inside = column(self.explained, self.known, spacing=theme.INSIDE)
        inside.insertLayout(0, row(self.chooser, None))
        inside.addLayout(self._grid())
        inside.addWidget(self.own)
        self.setLayout(inside)
        self.known.hide()
        self.show_schools(())

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.BETWEEN)
        grid.setVerticalSpacing(theme.TIGHT)
        grid.setColumnStretch(4, 1)
        for at, head in enumerate((tr("At most"), tr("Percent")), _NUMBER):
            grid.addWidget(label(head, quiet=True), 0, at)
        for at, line in enumerate(LINES, 1):
            entity, action = line
            name = f"{tr(_TITLES[entity])} {tr(_ACTIONS[action])}"
            if entity not in self._titles:
                self._titles[entity] = label(tr(_TITLES[entity]), bold=True)
                grid.addWidget(self._titles[entity], at, 0)
            self._words[line] = label(tr(_ACTIONS[action]))
            self.numbers[line] = _field(tr("{name}, at most", name=name))
            self.percents[line] = _field(tr("{name}, at most this percentage", name=name))
            for field, percent in ((self.numbers[line], False), (self.percents[line], True)):
                field.textChanged.connect(lambda text, line=line, percent=percent: self._write(line, text, percent))
            self.usual[line] = label(quiet=True)
            grid.addWidget(self._words[line], at, 1)
            grid.addWidget(self.numbers[line], at, _NUMBER)
            grid.addWidget(self.percents[line], at, _PERCENT)
            grid.addWidget(self.usual[line], at, 4)
        return grid

    def look_at(self, place: Place) -> None:
        """Show the limits of a place."""
        self.place = place
        self.chooser.setCurrentIndex(max(0, _index(self.chooser, place)))
        shown = set(place.lines)
        for entity, title in self._titles.items():
            title.setVisible(any(entity == of for of, _ in shown))
        for line in LINES:
            for part in (self._words[line], self.numbers[line], self.percents[line], self.usual[line]):
                part.setVisible(line in shown)
            for field, percent in ((self.numbers[line], False), (self.percents[line], True)):
                most, wider = (find(place, line, percent=percent) for find in (self.book.most, self.book.wider))
                field.blockSignals(True)
                wrong = self._wrong.get((place, line, percent))
                field.setText(wrong if wrong is not None else "" if most is None else str(most))
                field.blockSignals(False)
                _mark(field, wrong=wrong is not None)
                field.setPlaceholderText(tr("no limit") if wider is None else str(wider))
        words = {
            DISTRICT: tr("An empty field is no limit. Where both are filled in, a run keeps to both."),
            EVERY_SCHOOL: tr("These hold at each school by itself. A school may have others of its own."),
        }
        at_one = tr("An empty field is as at every school; what is written here holds in place of that.")
        self.explained.setText(words.get(place, at_one))
        self._tell_usual()

    def show_schools(self, schools: Sequence[School]) -> None:
        """Offer these schools, and those that have limits of their own already."""
        self._schools = {school.sis_id: school.name for school in schools}
        for sis_id in sorted(self.book.own()):
            self._schools.setdefault(sis_id, tr("{id} (not in the directory)", id=sis_id) if schools else sis_id)
        self.chooser.clear()
        self.chooser.addItem(tr("The whole district"), DISTRICT)
        self.chooser.addItem(tr("Every school"), EVERY_SCHOOL)
        self.chooser.insertSeparator(self.chooser.count())
        for sis_id in self._schools:
            self.chooser.addItem("", Place(school=True, at=sis_id))
            tip = tr("SIS ID {id}", id=sis_id)
            self.chooser.setItemData(self.chooser.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self._tell_own()
        self.look_at(self.place)

    def say(self, text: str) -> None:
        """A sentence above the table."""
        self.known.setText(worded(text))
        self.known.show()

    def show_usual(self, usual: Usual | None) -> None:
        """Say beside each line what the job's own history holds; None: it is too short to say."""
        self._usual = usual
        if usual is None:
            self.say(tr("What is usual for this job is shown here once it has run 20 times."))
        else:
            self.say(tr("Usual: the least and the most that one of this job's recent runs did."))
        self._tell_usual()

    def limits(self) -> tuple[str, ...]:
        """The limits as a job's file says them. Raises `UsageError` while anything is wrong."""
        if not self._wrong:
            return self.book.texts()
        (place, line, percent), text = next(iter(self._wrong.items()))
        self.look_at(place)
        field = (self.percents if percent else self.numbers)[line]
        field.setFocus()
        title = tr("“{text}” is no limit: {field}.", text=text.strip(), field=field.accessibleName())
        most = number(_MOST_PERCENT if percent else _MOST)
        raise UsageError(title, tr("Write a number from 0 to {most}, digits only, or leave it empty.", most=most))

    def _write(self, line: Line, text: str, percent: bool) -> None:
        digits = text.strip()
        wrong = bool(digits) and not _is_number(digits, _MOST_PERCENT if percent else _MOST)
        _mark((self.percents if percent else self.numbers)[line], wrong=wrong)
        if wrong:
            self._wrong[self.place, line, percent] = text
        else:
            self._wrong.pop((self.place, line, percent), None)
            self.book.write(self.place, line, int(digits) if digits else None, percent=percent)
        self._tell_usual()
        if self.place.at:
            self._tell_own()

    def _tell_own(self) -> None:
        """Say which schools have limits of their own, in the chooser and below the table."""
        own, names = self.book.own(), list(self._schools.values())
        for at, (sis_id, name) in enumerate(self._schools.items(), 3):
            told = name if names.count(name) == 1 else f"{name} ({sis_id})"
            if n := own.get(sis_id, 0):
                told = counted(n, "{school}: {n} limit", "{school}: {n} limits", school=told)
            self.chooser.setItemText(at, told)
        named = [name for sis_id, name in self._schools.items() if sis_id in own]
        more = tr("{schools} and {n} more", schools=", ".join(named[:_NAMED]), n=len(named) - _NAMED)
        listed = more if len(named) > _NAMED else ", ".join(named)
        self.own.setText(tr("With limits of their own: {schools}.", schools=listed))
        self.own.setVisible(bool(named))

    def _tell_usual(self) -> None:
        for line, told in self.usual.items():
            most = {percent: number(_MOST_PERCENT if percent else _MOST) for percent in (False, True)}
            wrong = [most[percent] for percent in most if (self.place, line, percent) in self._wrong]
            told.setText(tr("digits only, up to {most}", most=wrong[0]) if wrong else self._words_of(line))
            for field in (self.numbers[line], self.percents[line]):
                wider = field.placeholderText() if self.place.at else ""
                as_wider = tr("Empty: as at every school, {most}", most=wider) if wider.isdigit() else ""
                field.setAccessibleDescription(". ".join(part for part in (told.text(), as_wider) if part))

    def _words_of(self, line: Line) -> str:
        usual = self._usual
        if usual is None:
            return ""
        if self.place != EVERY_SCHOOL:
            return _usual_words(usual, (self.place.at, *line))
        counts = [(usual.recent.get((sis_id, *line), 0), name) for sis_id, name in self._schools.items()]
        most, school = max(counts, default=(0, ""), key=lambda one: one[0])
        return tr("usual: up to {most}, at {school}", most=most, school=school) if most else tr("usual: none")


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


def _index(chooser: QComboBox, place: Place) -> int:
    # `findData` compares what Qt has made of a value, which for ours is not what they say.
    return next((at for at in range(chooser.count()) if chooser.itemData(at) == place), -1)


def _is_number(digits: str, most: int) -> bool:
    return digits.isascii() and digits.isdigit() and int(digits) <= most


def _mark(field: QLineEdit, *, wrong: bool) -> None:
    """Show what is typed as wrong, or as right again; why, the line says."""
    if field.property("wrong") != wrong:
        field.setProperty("wrong", wrong)
        field.style().polish(field)


def _field(name: str) -> QLineEdit:
    made = QLineEdit()
    made.setAccessibleName(name)
    made.setFixedWidth(theme.scaled(90))
    made.setPlaceholderText(tr("no limit"))
    made.setMaxLength(20)
    _mark(made, wrong=False)
    return made
