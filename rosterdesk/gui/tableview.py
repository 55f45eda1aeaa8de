"""The view of a table: sorted by a click, columns to choose, cut text in a tooltip, copied as Excel understands."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QItemSelectionModel, QSize, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QHelpEvent, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QToolTip

from rosterdesk.gui import theme
from rosterdesk.gui.frames import FrameModel
from rosterdesk.gui.remembered import keep_columns, remembered_columns

_MOST_COPIED = 50_000
_WIDEST = 320
_MAY_BE_CUT = 140  # narrower columns hold what must be read whole: numbers, states, times
_NARROWEST = 0.6  # of its own width, before a table is rather moved sideways


class TableView(QTableView):
    """A table of a `FrameModel`. Ctrl+C copies what is selected as Excel understands it.

    Which columns a person has chosen is kept under the name `remember`, if it has one.
    """

    sorted = Signal(object)  # (key, descending)

    def __init__(self, model: FrameModel, name: str, *, remember: str = "") -> None:
        super().__init__()
        self.frame_model = model
        self.setModel(model)
        self.setAccessibleName(name)
        self.setFont(theme.font("table"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)  # Tab leaves the table; arrows move in it
        self.setCornerButtonEnabled(False)
        self.setIconSize(QSize(theme.scaled(14), theme.scaled(14)))
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(theme.scaled(theme.ROW))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.sortIndicatorChanged.connect(self._sort)
        header.setStretchLastSection(True)
        self._remember = remember
        self._by_hand = False
        chosen = remembered_columns(remember)
        for at, spec in enumerate(model.columns):
            self.setColumnHidden(at, spec.key not in chosen if chosen and spec.title else not spec.shown)
            if spec.width:
                self.setColumnWidth(at, theme.scaled(spec.width))
        header.sectionResized.connect(self._resized)
        model.modelReset.connect(self._fit)
        model.arrived.connect(self._fit)
        self._fitted: set[int] = {at for at, spec in enumerate(model.columns) if spec.width}

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            return self._tip(event)
        return super().viewportEvent(event)

    def copy(self) -> None:
        """Put the selected rows, or all when none is, on the clipboard: the shown columns, with their titles."""
        model = self.frame_model
        chosen = sorted({index.row() for index in self.selectionModel().selectedRows()})
        rows = chosen or range(min(model.rowCount(), _MOST_COPIED))
        shown = self._shown()
        lines = [_tsv(model.columns[at].title for at in shown)]
        found = (model.row(at) for at in rows)
        lines.extend(_tsv(model.text(cells[at], at) for at in shown) for cells in found if cells is not None)
        QGuiApplication.clipboard().setText("\n".join(lines) + "\n")

    def choose(self, at: int) -> None:
        """Select one row and bring it in sight."""
        index = self.frame_model.index(at, self._shown()[0])
        rows = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(index, rows)
        self.scrollTo(index)

    def column_menu(self) -> QMenu:
        """A menu of the columns, to show and hide."""
        menu = QMenu(self)
        for at, spec in enumerate(self.frame_model.columns):
            if not spec.title:  # what only the program needs
                continue
            action = QAction(spec.title, menu, checkable=True, checked=not self.isColumnHidden(at))
            action.toggled.connect(lambda on, at=at: self._show_column(at, on))
            menu.addAction(action)
        return menu

    def _show_column(self, at: int, on: bool) -> None:
        if on or len(self._shown()) > 1:  # one column stays
            self.setColumnHidden(at, not on)
            self._squeeze()
            if self._remember:
                columns = self.frame_model.columns
                keep_columns(self._remember, [columns[shown].key for shown in self._shown()])

    def _shown(self) -> list[int]:
        header = self.horizontalHeader()
        places = (header.logicalIndex(visual) for visual in range(header.count()))
        return [at for at in places if not self.isColumnHidden(at)]

    def _sort(self, at: int, order: Qt.SortOrder) -> None:
        key = self.frame_model.columns[at].key if at >= 0 else ""
        self.sorted.emit((key, order is Qt.SortOrder.DescendingOrder))

    def _fit(self) -> None:
        """Widen the columns without a width of their own to what the first rows need, once."""
        model = self.frame_model
        rows = [found for at in range(min(30, model.rowCount())) if (found := model.row(at)) is not None]
        if not rows:
            return
        metrics, header = self.fontMetrics(), self.horizontalHeader()
        for at in range(len(model.columns)):
            if at not in self._fitted:
                self._fitted.add(at)
                widest = max(metrics.horizontalAdvance(model.text(found[at], at)) for found in rows)
                wanted = max(widest + theme.scaled(24), header.sectionSizeHint(at) + theme.scaled(12))
                self.setColumnWidth(at, min(wanted, theme.scaled(_WIDEST)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._squeeze()

    def _resized(self, _at: int, _before: int, _now: int) -> None:
        # A person draws a column's edge with the mouse; from then on the widths are theirs.
        if QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton and self.horizontalHeader().underMouse():
            self._by_hand = True

    def _squeeze(self) -> None:
        """Where the columns are a little wider than the window, take it from those that words are cut in."""
        if self._by_hand:
            return
        specs, header = self.frame_model.columns, self.horizontalHeader()
        wanted = {at: theme.scaled(specs[at].width) for at in self._shown() if specs[at].width}
        others = sum(self.columnWidth(at) for at in self._shown() if at not in wanted)
        over = sum(wanted.values()) + others - self.viewport().width()
        can = {at: w for at, w in wanted.items() if specs[at].width >= _MAY_BE_CUT and not specs[at].fixed}
        room = {at: w - max(header.sectionSizeHint(at), round(w * _NARROWEST)) for at, w in can.items()}
        room = {at: most for at, most in room.items() if most > 0}
        if 0 < over <= (most := sum(room.values())):
            for at, some in room.items():
                wanted[at] -= -(-over * some // most)
        for at, width in wanted.items():
            if self.columnWidth(at) != width:
                self.setColumnWidth(at, width)

    def _tip(self, event: QHelpEvent) -> bool:
        index = self.indexAt(event.pos())
        text = str(index.data() or "") if index.isValid() else ""
        room = self.visualRect(index).width() - theme.scaled(16)
        if text and self.fontMetrics().horizontalAdvance(text) > room:
            QToolTip.showText(event.globalPos(), text, self.viewport())
        else:
            QToolTip.hideText()
        return True


def _tsv(cells: Iterable[str]) -> str:
    """One row as Excel pastes it."""
    quoted = ('"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in '\t\n"') else cell for cell in cells)
    return "\t".join(quoted)
