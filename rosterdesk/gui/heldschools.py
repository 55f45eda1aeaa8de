"""The schools of a held run, to choose those for which it is let through."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.holding import HeldSchool
from rosterdesk.gui.widgets import button, label, row
from rosterdesk.gui.words import counted, tr

_ROWS = 5


class HeldSchools(QWidget):
    """`wanted` carries the SIS IDs of the chosen schools when the button is pressed."""

    wanted = Signal(object)  # tuple[str, ...]

    def __init__(self) -> None:
        super().__init__()
        self._ready = False
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Schools"))
        self.list.itemChanged.connect(lambda _: self._draw())
        self.push = button(tr("Push only the chosen schools"), lambda: self.wanted.emit(self.chosen))
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.INSIDE)
        inside.addWidget(self.list)
        inside.addLayout(row(self.push, label(tr("The others stay as they are."), quiet=True)))
        self.show_schools(())

    @property
    def chosen(self) -> tuple[str, ...]:
        """The SIS IDs of the chosen schools."""
        items = (self.list.item(at) for at in range(self.list.count()))
        return tuple(
            str(item.data(Qt.ItemDataRole.UserRole)) for item in items if item.checkState() is Qt.CheckState.Checked
        )

    def show_schools(self, schools: Sequence[HeldSchool]) -> None:
        """List the schools, none chosen; with fewer than two there is nothing to choose."""
        self.list.clear()
        for school in schools:
            done = counted(school.all, "{n} change", "{n} changes")
            gone = counted(school.archived, "{n} record archived", "{n} records archived")
            item = QListWidgetItem(tr("{school}: {done}, {gone}", school=school.name, done=done, gone=gone))
            item.setData(Qt.ItemDataRole.UserRole, school.sis_id)
            item.setToolTip(tr("SIS ID {id}", id=school.sis_id))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked)
            self.list.addItem(item)
        row_height = max(self.list.sizeHintForRow(0), theme.scaled(theme.ROW) // 2)
        self.list.setFixedHeight(row_height * min(len(schools), _ROWS) + theme.INSIDE)
        self.setVisible(len(schools) > 1)
        self._draw()

    def allow(self, ready: bool) -> None:
        """Whether anything can be pushed now."""
        self._ready = ready
        self._draw()

    def _draw(self) -> None:
        self.push.setEnabled(self._ready and bool(self.chosen))
