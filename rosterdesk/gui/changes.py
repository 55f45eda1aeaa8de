"""The lists of a plan: records that come, go and change, who gains or loses sight of whom, and what was left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QStackedWidget, QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.frames import Column, Fetched, action_column
from rosterdesk.gui.tables import FilterChips, TablePanel
from rosterdesk.gui.telling import list_title, record_word
from rosterdesk.gui.titles import field_title
from rosterdesk.gui.widgets import EmptyState, button, column, label
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Worker
from rosterdesk.model import FIELDS
from rosterdesk.planning import lists

_DETAILS = ("field", "before", "after")  # columns that only changed fields need
_WITH_DETAILS = ("changed", "kept", "all")
# What goes away and who sees whom is always shown, so that nobody has to wonder.
_ALWAYS = ("archived", "families")
_FIRST = ("archived", "changed", "new", "families", "back", "all")


class ChangeLists(QWidget):
    """`looked` asks for the current list, as it is looked at; `exported` that all be written down."""

    looked = Signal()
    exported = Signal()

    def __init__(self, worker: Worker) -> None:
        super().__init__()
        self.school = ""
        self.chips = FilterChips(tr("Lists"))
        self.chips.chosen.connect(self._turn)
        self._changes = _panel(_changes(), tr("Changes"), tr("Nothing of this kind changes."), worker)
        self._families = _panel(_families(), tr("Families"), tr("Nobody gains or loses sight of a student."), worker)
        self._left_out = _panel(_left_out(), tr("Left out"), tr("Every row of the source goes on."), worker)
        self._stack = QStackedWidget()
        self._all_schools: list[QPushButton] = []
        for panel in (self._changes, self._families, self._left_out):
            panel.looked.connect(lambda _: self.looked.emit())
            narrowed = button("", self._widen, link=True, icon="close")
            narrowed.hide()
            panel.bar.insertWidget(0, narrowed)
            panel.bar.addWidget(button(tr("Export"), self.exported.emit, icon="save"))
            self._all_schools.append(narrowed)
            self._stack.addWidget(panel)
        self.told = label(quiet=True)
        self.told.hide()
        whole = column(self.chips, self.told, spacing=theme.INSIDE)
        whole.addWidget(self._stack, 1)
        self.setLayout(whole)
        self.setFocusProxy(self._changes.table)

    @property
    def panel(self) -> TablePanel:
        """The table of the current list."""
        return {"families": self._families, "left out": self._left_out}.get(self.chips.current, self._changes)

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Other lists: which there are and how long each is."""
        self.school = ""
        self.tell("")
        self.chips.current = next((name for name in _FIRST if counts[name]), "all")
        self.chips.fill([(n, list_title(n), counts[n]) for n in lists.LISTS if counts[n] or n in _ALWAYS])
        self._turn()

    def tell(self, words: str) -> None:
        """Say what was done with the lists."""
        self.told.setText(words)
        self.told.setVisible(bool(words))

    def wanted(self) -> dict[str, Any]:
        """The current list as it is looked at, in the words of `lists.lay_out`."""
        look = self.panel.look
        return {
            "name": self.chips.current,
            "words": look.words,
            "school": self.school,
            "sort": look.sort,
            "descending": look.descending,
        }

    def show_rows(self, fetch: Callable[[int, int], object], count: int) -> None:
        """The rows of the current list."""
        self.panel.show_lines(Fetched(fetch, count))

    def narrow(self, school: str) -> None:
        """Only what happens at one school."""
        self.school = school
        for shown in self._all_schools:
            shown.setText(tr("Only {school}", school=school))
            shown.setAccessibleName(tr("Show all schools again, not only {school}", school=school))
            shown.setVisible(bool(school))
        self.looked.emit()

    def _widen(self) -> None:
        self.narrow("")

    def _turn(self, _chosen: str = "") -> None:
        self._stack.setCurrentWidget(self.panel)
        if self.panel is self._changes:
            for at, spec in enumerate(self._changes.model.columns):
                if spec.key in _DETAILS:
                    self._changes.table.setColumnHidden(at, self.chips.current not in _WITH_DETAILS)
        for shown in self._all_schools:
            shown.setVisible(bool(self.school))
        self.looked.emit()


def _panel(columns: tuple[Column, ...], name: str, empty: str, worker: Worker) -> TablePanel:
    return TablePanel(columns, name, worker=worker, empty=EmptyState("check", empty))


def _changes() -> tuple[Column, ...]:
    return (
        Column("record", tr("Record"), width=104, say=record_word),
        action_column(),
        Column("school", tr("School"), width=180),
        Column("sis_id", tr("SIS ID"), fixed=True, width=110, hint="sourcedId"),
        Column("name", tr("Name"), width=160),
        Column("field", tr("Field"), width=110, say=_field),
        Column("before", tr("Before"), width=150),
        Column("after", tr("After"), width=150),
    )


def _families() -> tuple[Column, ...]:
    return (
        Column("record", "", shown=False),
        Column("action", tr("What"), width=120, say=_sight, tone=_tone),
        Column("school", tr("School"), width=160),
        Column("sis_id", tr("Student's SIS ID"), fixed=True, width=120, hint="sourcedId"),
        Column("name", tr("Student"), width=150),
        Column("field", tr("Relationship"), width=100),
        Column("before", "", shown=False),
        Column("after", tr("Guardian"), width=170),
    )


def _left_out() -> tuple[Column, ...]:
    return (
        Column("record", tr("Table"), width=110),
        Column("action", "", shown=False),
        Column("school", "", shown=False),
        Column("sis_id", tr("Row"), width=80),
        Column("name", tr("Cell"), width=150),
        Column("field", tr("Column"), width=130),
        Column("before", "", shown=False),
        Column("after", tr("Why"), width=420),
    )


def _sight(action: str) -> str:
    return tr("Gains sight") if action == "add" else tr("Loses sight")


def _tone(action: str) -> tuple[str, str]:
    return ("added", "added") if action == "add" else ("removed", "removed")


def _field(name: str) -> str:
    """A field by its title; a relationship as it is."""
    return field_title(name) if any(name in fields for fields in FIELDS.values()) else name
