"""A grid of cells that are corrected: typed over, pasted from Excel, filled down, found and replaced."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView

from rosterdesk.checks.faulty import LEAD, Faulty
from rosterdesk.gui import theme
from rosterdesk.gui.frames import PAGE, Column, Fetched, FrameModel, Index, Role
from rosterdesk.gui.tableview import TableView
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Worker

_AT = {name: place for place, name in enumerate(LEAD)}
_FIRST = len(LEAD)


@dataclass(frozen=True, slots=True)
class Edit:
    """A cell that a person wrote: where it stands, all that stands in its row as it was read, and what it became."""

    ref: int
    column: str
    after: str
    cells: Mapping[str, str]

    @property
    def before(self) -> str:
        """What stood there when it was read."""
        return self.cells[self.column]


Edited = Mapping[tuple[int, str], str]


class CellsModel(FrameModel):
    """The faulty rows. What a person wrote lies over what was read, and shows both."""

    written = Signal(object)  # list[Edit]

    def __init__(
        self,
        faulty: Faulty,
        fetch: Callable[[int, int], Any],
        edited: Edited,
        worker: Worker | None,
        parent: QObject,
    ) -> None:
        self.cells = faulty.columns
        self.edited = dict(edited)
        lead = (
            Column("ref", "", shown=False),
            Column("message", tr("What is so"), shown=not faulty.columns, width=400),
            Column("faulty", tr("Column"), shown=not faulty.columns, width=140),
            Column("row", tr("Row"), align="right", width=64)
            if faulty.columns
            else Column("row", tr("Where"), width=220),
        )
        columns = (*lead, *(Column(name, name, width=170 if at == 0 else 0) for at, name in enumerate(faulty.columns)))
        super().__init__(columns, worker=worker, parent=parent)
        self.show(Fetched(fetch, faulty.count))

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() >= _FIRST else flags

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        row = self.row(index.row()) if index.isValid() else None
        if row is None or index.column() < _FIRST:
            return super().data(index, role)
        name = self.columns[index.column()].key
        after = self.edited.get((row[_AT["ref"]], name))
        faulty = row[_AT["faulty"]] == name
        if role == Role.EditRole:
            return row[index.column()] if after is None else after
        if after is None:
            return self._marked(row, role) if faulty and role in _MARKS else super().data(index, role)
        if role == Role.DisplayRole:
            return tr("{after}  (was {before})", after=after or tr("empty"), before=row[index.column()] or tr("empty"))
        if role == Role.ForegroundRole:
            return theme.colour("changed")
        if role == Role.DecorationRole:
            return theme.icon("changed", "changed")
        return super().data(index, role)

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        if role != Role.EditRole or index.column() < _FIRST:
            return False
        return self.write([(index.row(), index.column(), str(value))])

    def cell(self, at: int, place: int) -> str:
        """What stands in a cell now."""
        row = self.sure_row(at)
        after = self.edited.get((row[_AT["ref"]], self.columns[place].key)) if row is not None else None
        return after if after is not None else str(row[place] or "") if row is not None else ""

    def sure_row(self, at: int) -> tuple[Any, ...] | None:
        """A row, fetched at once when nobody has looked at it yet: what is pasted or replaced reaches every row."""
        if not 0 <= at < self.rowCount():
            return None
        if at // PAGE not in self._pages:
            self._keep(at // PAGE, list(self.lines.page(at // PAGE * PAGE, PAGE)))
        return self.row(at)

    def write(self, cells: Sequence[tuple[int, int, str]]) -> bool:
        """Write cells (row, column, text); whether any is new. What lies beside the table is passed over."""
        edits = []
        for at, place, text in cells:
            row = self.sure_row(at)
            if row is None or not _FIRST <= place < len(self.columns):
                continue
            name = self.columns[place].key
            now = self.edited.get((row[_AT["ref"]], name), row[place])
            if text != now:
                edits.append(Edit(row[_AT["ref"]], name, text, dict(zip(self.cells, row[_FIRST:], strict=True))))
        if edits:
            self.written.emit(edits)
        return bool(edits)

    def overlay(self, edited: Edited) -> None:
        """Other edits, after an undo for instance."""
        self.edited = dict(edited)
        if rows := self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(rows - 1, len(self.columns) - 1))

    def message(self, at: int) -> str:
        """What is so with a row, as a sentence."""
        row = self.row(at)
        return "" if row is None else str(row[_AT["message"]])

    def _marked(self, row: tuple[Any, ...], role: int) -> Any:
        if role == Role.DecorationRole:
            return theme.icon("warning", "removed")
        if role == Role.ForegroundRole:
            return theme.colour("removed")
        return str(row[_AT["message"]])


_MARKS = (Role.DecorationRole, Role.ForegroundRole, Role.ToolTipRole, Role.AccessibleDescriptionRole)


class Grid(TableView):
    """The faulty rows, to be corrected. Ctrl+C, Ctrl+V and Ctrl+D work as in Excel; Delete empties."""

    def __init__(self, model: CellsModel, name: str) -> None:
        super().__init__(model, name)
        self.cells_model = model
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed | triggers.AnyKeyPressed)
        self.horizontalHeader().setSectionsClickable(False)
        self.horizontalHeader().setSortIndicatorShown(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif event.key() == Qt.Key.Key_D and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.fill_down()
        elif event.key() == Qt.Key.Key_Delete:
            self.cells_model.write([(at, place, "") for at, place in self._selected()])
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        """Put the selected cells on the clipboard as Excel understands them."""
        chosen = self._selected()
        if not chosen:
            return
        rows, places = sorted({at for at, _ in chosen}), sorted({place for _, place in chosen})
        text = io.StringIO()
        writer = csv.writer(text, delimiter="\t", lineterminator="\n")
        for at in rows:
            writer.writerow(self.cells_model.cell(at, place) if (at, place) in chosen else "" for place in places)
        QGuiApplication.clipboard().setText(text.getvalue())

    def paste(self) -> None:
        """Write the clipboard's cells from the current cell on; a single one into all that are selected."""
        text = QGuiApplication.clipboard().text()
        if not text:
            return
        cells = [row for row in csv.reader(io.StringIO(text.rstrip("\r\n"), newline=""), delimiter="\t") if row]
        chosen = self._selected()
        if len(cells) == 1 and len(cells[0]) == 1:
            self.cells_model.write([(at, place, cells[0][0]) for at, place in chosen])
            return
        if not chosen:
            return
        top, left = min(at for at, _ in chosen), min(place for _, place in chosen)
        self.cells_model.write(
            [(top + down, left + across, cell) for down, row in enumerate(cells) for across, cell in enumerate(row)]
        )

    def fill_down(self) -> None:
        """Write the uppermost selected cell of each column into the selected ones below it."""
        chosen = sorted(self._selected())
        top = {place: at for at, place in reversed(chosen)}
        first = {place: self.cells_model.cell(at, place) for place, at in top.items()}
        self.cells_model.write([(at, place, first[place]) for at, place in chosen if at != top[place]])

    def replace(self, find: str, by: str) -> int:
        """Replace a text in the selected cells, or in all of the faulty column; return in how many."""
        chosen = self._selected()
        if len(chosen) < 2:
            chosen = {(at, _FIRST) for at in range(self.cells_model.rowCount())}
        found = []
        for at, place in sorted(chosen):
            text = self.cells_model.cell(at, place)
            if find and find in text:
                found.append((at, place, text.replace(find, by)))
        self.cells_model.write(found)
        return len(found)

    def _selected(self) -> set[tuple[int, int]]:
        return {(i.row(), i.column()) for i in self.selectionModel().selectedIndexes() if i.column() >= _FIRST}
