"""One kind of problem: what follows from it, the mend that is offered, and the rows, to be corrected in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from rosterdesk.checks.faulty import Faulty
from rosterdesk.checks.groups import Group
from rosterdesk.checks.mends import Mend
from rosterdesk.gui import theme
from rosterdesk.gui.grid import CellsModel, Edit, Edited, Grid
from rosterdesk.gui.mendcard import MendCard
from rosterdesk.gui.tables import FilterChips
from rosterdesk.gui.widgets import button, column, icon_button, label, row
from rosterdesk.gui.words import counted, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.model import Severity


class ProblemPane(QWidget):
    """`table_chosen` asks for the rows of a table; `edited` carries what was written, `alike` one edit for all cells
    that hold the same.
    """

    table_chosen = Signal(str)
    edited = Signal(object)  # list[Edit]
    alike = Signal(object)  # Edit

    def __init__(self, worker: Worker) -> None:
        super().__init__()
        self._worker = worker
        self._latest: Edit | None = None
        self._fixed: Edited = {}
        self.table = ""
        self.title, self.effect = label(size="section", bold=True), label(quiet=True)
        self.message = label()
        self.mend = MendCard()
        self.chips = FilterChips(tr("Tables"))
        self.chips.chosen.connect(self._choose)
        self.all_alike = button("", self._all_alike, icon="changed")
        self.all_alike.hide()
        self.wanted, self.instead = QLineEdit(), QLineEdit()
        for field, words in ((self.wanted, tr("Find")), (self.instead, tr("Replace by"))):
            field.setPlaceholderText(words)
            field.setAccessibleName(words)
            field.setFixedWidth(theme.scaled(120))
        self.replace = button(tr("Replace"), self._replace)
        self._replacing = QWidget()
        self.replaced = label(quiet=True)
        self.replaced.setWordWrap(False)
        self._replacing.setLayout(row(self.wanted, self.instead, self.replace, self.replaced, None))
        self._replacing.hide()
        self.wanted.returnPressed.connect(self._replace)
        self.instead.returnPressed.connect(self._replace)
        QShortcut(QKeySequence.StandardKey.Replace, self, self._open_replace)
        QShortcut(QKeySequence.StandardKey.Find, self, self._open_replace)
        self._place = QVBoxLayout()
        self._place.setContentsMargins(0, 0, 0, 0)
        self.grid: Grid | None = None
        whole = column(self.title, self.effect, self.mend, self.message, spacing=theme.INSIDE)
        whole.setSpacing(theme.INSIDE)
        self.finding = icon_button("search", tr("Find and replace (Ctrl+H)"), self._open_replace)
        self.fill = icon_button("chevron-down", tr("Fill the top cell down (Ctrl+D)"), self._fill)
        self.copying = icon_button("copy", tr("Copy the selected cells for Excel (Ctrl+C)"), self._copy)
        self.pasting = icon_button("paste", tr("Paste cells from Excel (Ctrl+V)"), self._paste)
        self.tools = QWidget()
        self.tools.setLayout(row(self.copying, self.pasting, self.fill, self.finding, spacing=0))
        self.tools.hide()
        whole.addLayout(row(self.chips, None, self.all_alike, self.tools))
        whole.addWidget(self._replacing)
        whole.addLayout(self._place, 1)
        self.setLayout(whole)

    def show_group(self, group: Group, tables: Sequence[tuple[str, int]], offered: Sequence[Mend]) -> None:
        """Another kind of problem; its rows are asked for."""
        self.title.setText(tr(group.title))
        self.effect.setText(_effect(group))
        self.message.clear()
        self.mend.show_mends(group.fix or "", group.count, offered)
        self.chips.current = ""
        self.chips.fill([(name, name or tr("Files and headings"), count) for name, count in tables])
        self.chips.setVisible(len(tables) > 1)
        self._choose(tables[0][0] if tables else "")

    def show_rows(self, found: Faulty, fetch: Callable[[int, int], Any]) -> None:
        """The rows of the table that was asked for."""
        if self.grid is not None:
            self._place.removeWidget(self.grid)
            self.grid.deleteLater()
        self._fixed = found.fixed
        model = CellsModel(found, fetch, found.fixed, self._worker, self)
        model.written.connect(self._write)
        model.arrived.connect(self._arrive)
        self.grid = Grid(model, tr("Rows: {kind}", kind=self.title.text()))
        self.grid.selectionModel().currentRowChanged.connect(
            lambda now, _: self.message.setText(model.message(now.row()))
        )
        self._place.addWidget(self.grid)
        self.grid.show()
        self.tools.setVisible(bool(found.columns))

    def overlay(self, edited: Edited) -> None:
        """What is written over the cells now."""
        if self.grid is not None:
            self.grid.cells_model.overlay({**self._fixed, **edited})
        self._show_alike(None)

    def _arrive(self) -> None:
        if self.grid is not None and not self.message.text():
            self.message.setText(self.grid.cells_model.message(0))

    def _choose(self, table: str) -> None:
        self.table = table
        self._show_alike(None)
        self.table_chosen.emit(table)

    def _write(self, edits: list[Edit]) -> None:
        self.edited.emit(edits)
        self._show_alike(edits[0] if len(edits) == 1 else None)

    def _show_alike(self, edit: Edit | None) -> None:
        self._latest = edit
        self.all_alike.setVisible(edit is not None and bool(edit.before))
        if edit is not None:
            words = tr("Change every “{before}” in {column}", before=_short(edit.before), column=edit.column)
            self.all_alike.setText(words)
            self.all_alike.setAccessibleName(words)

    def _all_alike(self) -> None:
        if self._latest is not None:
            self.alike.emit(self._latest)
            self._show_alike(None)

    def _open_replace(self) -> None:
        self._replacing.show()
        self.wanted.setFocus()

    def _replace(self) -> None:
        if self.grid is not None:
            count = self.grid.replace(self.wanted.text(), self.instead.text())
            self.replaced.setText(counted(count, "Replaced in {n} cell.", "Replaced in {n} cells."))

    def _fill(self) -> None:
        if self.grid is not None:
            self.grid.fill_down()

    def _copy(self) -> None:
        if self.grid is not None:
            self.grid.copy()

    def _paste(self) -> None:
        if self.grid is not None:
            self.grid.paste()


def _effect(group: Group) -> str:
    match group.severity:
        case Severity.ERROR:
            return counted(
                group.count, "{n} row is left out until it is mended.", "{n} rows are left out until they are mended."
            )
        case Severity.WARNING:
            return counted(
                group.count, "{n} cell is left empty; its row goes on.", "{n} cells are left empty; their rows go on."
            )
        case Severity.NOTICE:
            return tr("Nothing is left out because of this. It is worth a look.")


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:23] + "…"
