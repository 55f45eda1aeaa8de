"""Choosing people of the directory in a form: a field to search in, and who was found, to be ticked or chosen."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.forms import Pick
from rosterdesk.gui.search import SearchField
from rosterdesk.gui.widgets import column, label
from rosterdesk.gui.words import counted, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory

MOST = 100  # who is looked for among more than this types a part of the name
Person = tuple[int, str]  # number, and what tells them apart from others


def look_for(directory: Directory, pick: Pick, words: str, run: Run) -> list[Person]:
    """Those who can be chosen, by name, in the reader's thread; at most one more than are shown."""
    from rosterdesk.directory import browse

    with directory.read(run) as connection:
        ids: list[int] = []
        for school in pick.schools or (None,):
            found = browse.find(
                *(connection, directory.district, pick.entity),
                which=browse.Which(pick.which),
                school=school,
                words=words,
                limit=MOST + 1,
                sort="name",
            )
            ids += [number for number in found if number not in ids and number != pick.without]
        rows = browse.rows(connection, directory.district, pick.entity, ids[: MOST + 1])
    shown = browse.SHOWN[pick.entity]
    telling = [1 + shown.index(name) for name in ("grade", "email", "sis_id") if name in shown]
    return [(row[0], ", ".join(_apart(str(row[at])) for at in (1, *telling) if row[at])) for row in rows]


def _apart(text: str) -> str:
    # A name that is written from right to left would else change places with the numbers behind it.
    written = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)
    return f"\u2068{text}\u2069" if written else text


class Picker(QWidget):
    """`changed` when others are chosen. Who was ticked stays so when something else is searched for."""

    changed = Signal()

    def __init__(self, pick: Pick, directory: Directory, reader: Worker) -> None:
        super().__init__()
        self._pick, self._directory, self._reader = pick, directory, reader
        self._ticked: dict[int, str] = {}
        self.search = SearchField(tr("Search in {table}", table=pick.title), tr("Name, SIS ID, e-mail"), 260)
        self.search.searched.connect(self._look)
        self.people = QListWidget()
        self.people.setAccessibleName(pick.title)
        self.people.setMinimumHeight(theme.scaled(130))
        self.people.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.people.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.people.itemChanged.connect(self._tick)
        self.people.currentItemChanged.connect(self._choose)
        self.told = label(quiet=True)
        self.setLayout(column(label(pick.title), self.search, self.people, self.told))
        self._look("")

    @property
    def picked(self) -> tuple[int, ...]:
        """The numbers of those who are chosen."""
        return tuple(self._ticked)

    def _look(self, words: str) -> None:
        self._reader.start(
            lambda run: look_for(self._directory, self._pick, words, run), on_success=self._show, owner=self, key="pick"
        )

    def _show(self, found: list[Person]) -> None:
        self.people.blockSignals(True)
        self.people.clear()
        for number, name in found[:MOST]:
            item = QListWidgetItem(name)
            item.setToolTip(name)
            item.setData(Qt.ItemDataRole.UserRole, number)
            if self._pick.many:
                ticked = number in self._ticked
                item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
            self.people.addItem(item)
            if not self._pick.many and number in self._ticked:
                self.people.setCurrentItem(item)
        self.people.blockSignals(False)
        self._more = len(found) > MOST
        self._tell(nobody=not found)

    def _tell(self, *, nobody: bool = False) -> None:
        if nobody:
            words = tr("Nobody here matches. Look for a part of the name.")
        elif self._ticked and self._pick.many:
            words = counted(len(self._ticked), "{n} chosen.", "{n} chosen.")
        elif self._more:
            words = tr("These are the first {n}. Type a part of the name to find others.", n=MOST)
        else:
            words = tr("Space ticks who is chosen.") if self._pick.many else ""
        self.told.setText(words)
        self.told.setVisible(bool(words))

    def _tick(self, item: QListWidgetItem) -> None:
        number = item.data(Qt.ItemDataRole.UserRole)
        if item.checkState() == Qt.CheckState.Checked:
            self._ticked[number] = item.text()
        else:
            self._ticked.pop(number, None)
        self._tell()
        self.changed.emit()

    def _choose(self, item: QListWidgetItem | None) -> None:
        if not self._pick.many:
            self._ticked = {item.data(Qt.ItemDataRole.UserRole): item.text()} if item is not None else {}
            self.changed.emit()
