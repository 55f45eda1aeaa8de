"""Tables as people use them: searched, filtered by chips, sorted, with the columns they choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QStackedWidget, QToolButton, QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.flow import Flow
from rosterdesk.gui.frames import Column, Fetched, FrameModel, Lines, Look, action_column, held
from rosterdesk.gui.search import SearchField
from rosterdesk.gui.tableview import TableView
from rosterdesk.gui.widgets import EmptyState, column, icon_button, label, row
from rosterdesk.gui.words import counted, number, tr
from rosterdesk.gui.worker import Worker

__all__ = [
    "Column",
    "Fetched",
    "FilterChips",
    "FrameModel",
    "Lines",
    "Look",
    "TablePanel",
    "TableView",
    "action_column",
    "held",
]


class Chip(QToolButton):
    """One filter; never cut."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("chip", True)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        # Qt's own hint leaves out a part of the style sheet's padding.
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + theme.scaled(24), metrics.height() + theme.scaled(10))


class FilterChips(QWidget):
    """One of several filters, each with its count: "All 4,120", "Archived 31"."""

    chosen = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._line = Flow(self, theme.TIGHT + 2)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.current = ""

    def fill(self, chips: Sequence[tuple[str, str, int | None]]) -> None:
        """The filters as key, words and count (None: not counted). The chosen one stays if it is still there."""
        for old in self._group.buttons():
            self._group.removeButton(old)
            self._line.removeWidget(old)
            old.deleteLater()
        if self.current not in {key for key, _, _ in chips}:
            self.current = chips[0][0] if chips else ""
        for key, words, count in chips:
            chip = Chip()
            chip.setProperty("key", key)
            chip.setChecked(key == self.current)
            chip.setText(words if count is None else f"{words}  {number(count)}")
            chip.setAccessibleName(chip.text())
            chip.clicked.connect(lambda _=False, key=key: self._choose(key))
            self._group.addButton(chip)
            self._line.addWidget(chip)

    def choose(self, key: str) -> None:
        """Choose a filter as if it were clicked."""
        for chip in self._group.buttons():
            if chip.property("key") == key:
                chip.click()

    def _choose(self, key: str) -> None:
        if key != self.current:
            self.current = key
            self.chosen.emit(key)


class TablePanel(QWidget):
    """A table with its search box, chips and column chooser. Whoever owns it answers `looked` with `show_lines`."""

    looked = Signal(object)  # Look
    opened = Signal(object)  # the row that was opened (Enter, double click)
    selected = Signal(object)  # the row that is current, or None

    def __init__(
        self,
        columns: Sequence[Column],
        name: str,
        *,
        worker: Worker | None = None,
        empty: EmptyState | None = None,
        searchable: bool = True,
        sortable: bool = True,
        heading: str = "",
        remember: str = "",
    ) -> None:
        super().__init__()
        self.look = Look()
        self._noun = ("{n} row", "{n} rows")
        self.model = FrameModel(columns, worker=worker, parent=self)
        self.table = TableView(self.model, name, remember=remember)
        self.table.horizontalHeader().setSectionsClickable(sortable)
        self.table.horizontalHeader().setSortIndicatorShown(sortable)
        self.chips = FilterChips(tr("Show"))
        self.chips.hide()
        self.search = SearchField(tr("Search in {table}", table=name), tr("Search"), 220)
        if not searchable:  # never shown here: without a parent yet it would be a window of its own
            self.search.hide()
        self.count = label(quiet=True)
        self.count.setWordWrap(False)
        self.count.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.empty = empty or EmptyState("search", tr("Nothing here."))
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        chooser = icon_button("columns", tr("Choose columns"))
        chooser.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        chooser.setMenu(self.table.column_menu())
        title = label(heading, size="section", bold=True)
        title.setVisible(bool(heading))
        self.bar = row(title, self.chips, None, self.count, self.search, chooser)
        inside = column(spacing=theme.INSIDE)
        self._inside = inside
        inside.addLayout(self.bar)
        inside.addWidget(self._stack, 1)
        self.setLayout(inside)
        self.search.searched.connect(lambda words: self._look(replace(self.look, words=words)))
        self.chips.chosen.connect(lambda key: self._look(replace(self.look, chip=key)))
        self.table.sorted.connect(lambda by: self._look(replace(self.look, sort=by[0], descending=by[1])))
        self.table.doubleClicked.connect(self._open)
        self.table.activated.connect(self._open)
        self.table.selectionModel().currentRowChanged.connect(self._select)
        QShortcut(
            QKeySequence.StandardKey.Find,
            self,
            self.go_to_search,
            context=Qt.ShortcutContext.WidgetWithChildrenShortcut,
        )

    def show_lines(self, lines: Lines, *, noun: tuple[str, str] | None = None) -> None:
        """The answer to `looked`: what there is to see, and what one and many of it are called ("{n} student")."""
        self.model.show(lines)
        self._stack.setCurrentWidget(self.table if lines.count else self.empty)
        self._noun = noun or ("{n} row", "{n} rows")
        self._tell_count()

    def show_chips(self, chips: Sequence[tuple[str, str, int | None]]) -> None:
        """The filters above the table."""
        self.chips.fill(chips)
        self.look = replace(self.look, chip=self.chips.current)
        self.chips.setVisible(bool(chips))
        self._tell_count()

    def add_below_bar(self, widget: QWidget) -> None:
        """Something that belongs to the rows, above the table: a plot of them."""
        self._inside.insertWidget(1, widget)

    def go_to_search(self) -> None:
        """Go to the search box."""
        self.search.go()

    def current_row(self) -> tuple[object, ...] | None:
        """The row that is current, or None."""
        index = self.table.currentIndex()
        return self.model.row(index.row()) if index.isValid() else None

    def _tell_count(self) -> None:
        # The chips already count what is not searched for.
        told = self.model.lines.count and (self.look.words or self.chips.isHidden())
        self.count.setText(counted(self.model.lines.count, *self._noun) if told else "")

    def _look(self, look: Look) -> None:
        self.look = look
        self.looked.emit(look)

    def _open(self, index: QModelIndex) -> None:
        if (found := self.model.row(index.row())) is not None:
            self.opened.emit(found)

    def _select(self, index: QModelIndex, _before: QModelIndex) -> None:
        self.selected.emit(self.model.row(index.row()) if index.isValid() else None)
