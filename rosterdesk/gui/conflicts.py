"""What is kept of a field of which both records of a pair have a value: one of the two, as a person chooses."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QRadioButton, QWidget

from rosterdesk.directory.comparing import ACCOUNT, Conflict, Side
from rosterdesk.gui import theme
from rosterdesk.gui.titles import field_title
from rosterdesk.gui.widgets import column, label
from rosterdesk.gui.words import tr

_ACCOUNTS = {"active": "the one that is in use", "invitee": "the one that was only invited"}
_OURS = "attribute:"
_LONGEST = 40  # letters of a value that are shown; the rest is told by the tool tip


class Conflicts(QWidget):
    """A line a field, with both values to choose from. `chosen` gives the field and the side."""

    chosen = Signal(str, object)  # field, Side

    def __init__(self) -> None:
        super().__init__()
        words = tr("If they are the same, one value stays where both have one, and the other goes into the history:")
        self.title = label(words, quiet=True)
        self.hint = label(tr("The SIS may bring its own value back with its next run."), quiet=True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.BETWEEN)
        self._grid.setVerticalSpacing(theme.TIGHT)
        self._grid.setColumnStretch(3, 1)
        self._shown: tuple[Conflict, ...] = ()
        self._groups: list[QButtonGroup] = []
        self.choices: dict[tuple[str, Side], QRadioButton] = {}
        inside = column(self.title, spacing=theme.TIGHT)
        inside.addLayout(self._grid)
        inside.addWidget(self.hint)
        self.setLayout(inside)
        self.hide()

    def show_conflicts(self, conflicts: Sequence[Conflict]) -> None:
        """Show these; the same ones with other choices keep their lines, and who is at one stays there."""
        conflicts = tuple(conflicts)
        if [_parts(c) for c in conflicts] != [_parts(c) for c in self._shown]:
            self._build(conflicts)
        for conflict in conflicts:
            self.choices[conflict.field, conflict.chosen].setChecked(True)
        self._shown = conflicts
        self.hint.setVisible(any(c.sis and c.chosen is Side.ABSORBED for c in conflicts))
        self.setVisible(bool(conflicts))

    def _build(self, conflicts: Sequence[Conflict]) -> None:
        while item := self._grid.takeAt(0):
            if (old := item.widget()) is not None:
                old.deleteLater()
        self._groups = []
        self.choices = {}
        for place, title in ((1, tr("From the SIS")), (2, tr("In the directory"))):
            self._grid.addWidget(label(title, quiet=True), 0, place)
        for line, conflict in enumerate(conflicts, 1):
            name = _title(conflict)
            words = label(name, quiet=True)
            words.setWordWrap(False)
            self._grid.addWidget(words, line, 0)
            group = QButtonGroup(self)
            for place, side, value in ((1, Side.SURVIVOR, conflict.survivor), (2, Side.ABSORBED, conflict.absorbed)):
                choice = QRadioButton(_cut(_said(conflict, value)))
                choice.setToolTip(_said(conflict, value))
                choice.setAccessibleName(tr("{field}: keep {value}", field=name, value=_said(conflict, value)))
                choice.clicked.connect(lambda _=False, field=conflict.field, side=side: self.chosen.emit(field, side))
                group.addButton(choice)
                self._grid.addWidget(choice, line, place)
                self.choices[conflict.field, side] = choice
            self._groups.append(group)


def _parts(conflict: Conflict) -> tuple[str, str, str]:
    return conflict.field, conflict.survivor, conflict.absorbed


def _title(conflict: Conflict) -> str:
    # An attribute has the name that the school gave it.
    own = conflict.field.startswith(_OURS)
    return conflict.field.removeprefix(_OURS) if own else field_title(conflict.field)


def _said(conflict: Conflict, value: str) -> str:
    if conflict.field == ACCOUNT and value in _ACCOUNTS:
        return tr(_ACCOUNTS[value])
    return value or tr("no value")


def _cut(value: str) -> str:
    # An ampersand in the words of a button would underline the letter behind it.
    return (value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…").replace("&", "&&")
