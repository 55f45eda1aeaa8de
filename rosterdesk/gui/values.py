"""What the cells of one field become: before and after, the words to set, and the steps in between."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QWidget,
)

from rosterdesk.gui import theme
from rosterdesk.gui.meanings import MeaningChooser
from rosterdesk.gui.widgets import column, label, row
from rosterdesk.gui.words import number, tr
from rosterdesk.mapping.samples import Value
from rosterdesk.model import FieldMap, Transform

_WORDS = {"grade", "role", "status", "class_type", "org_type", "boolean", "replace"}


def step_menu() -> list[tuple[str, Transform]]:
    """The steps that can be added by hand, each with what it does."""
    return [
        (tr("Cut blanks off both ends"), Transform("trim")),
        (tr("Capital Letters"), Transform("case", {"to": "title"})),
        (tr("UPPER CASE"), Transform("case", {"to": "upper"})),
        (tr("lower case"), Transform("case", {"to": "lower"})),
        (tr("The first of several (comma)"), Transform("pick", {"n": 1, "by": ","})),
        (tr("First name out of a whole name"), Transform("name", {"part": "given"})),
        (tr("Last name out of a whole name"), Transform("name", {"part": "family"})),
        (tr("Dates: month first"), Transform("date", {"order": "mdy"})),
        (tr("Dates: day first"), Transform("date", {"order": "dmy"})),
        (tr("Phone numbers"), Transform("phone")),
        (tr("Grades"), Transform("grade")),
    ]


class ValuesPanel(QWidget):
    """`reworded` carries {before: after} that a person set, `stepped` a `Transform` to add, `plain` that none is."""

    reworded = Signal(object)
    stepped = Signal(object)
    plain = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._filling = self._words = False
        self.title = label(bold=True)
        self.title.setWordWrap(False)
        self.steps = label(quiet=True)
        self.steps.setWordWrap(False)
        self.add = QToolButton()
        self.add.setText(tr("Add a step"))
        self.add.setAccessibleName(tr("Add a step"))
        self.add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add.setProperty("menu", True)
        self.add.setIcon(theme.icon("chevron-down", "quiet"))
        self.add.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.add.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu = QMenu(self)
        for words, step in step_menu():
            menu.addAction(words).triggered.connect(lambda _=False, step=step: self.stepped.emit(step))
        menu.addSeparator()
        menu.addAction(tr("Take all steps away")).triggered.connect(lambda _=False: self.plain.emit())
        self.add.setMenu(menu)
        self.table = QTableWidget(0, 3)
        self.table.setAccessibleName(tr("Cells and what they become"))
        self.table.setHorizontalHeaderLabels([tr("In your file"), tr("Rows"), tr("Becomes")])
        self.table.setFont(theme.font("table"))
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(theme.scaled(theme.ROW))
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(1, theme.scaled(80))
        self.table.itemChanged.connect(self._edit)
        self._chooser = MeaningChooser(self.table)
        self.table.setItemDelegateForColumn(2, self._chooser)
        inside = column(spacing=theme.TIGHT)
        inside.addLayout(row(self.title, self.steps, None, self.add))
        inside.addWidget(self.table, 1)
        self.setLayout(inside)

    def show_field(
        self, title: str, field: FieldMap | None, *, words: bool = False, meanings: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Another field; its cells come with `show_values`. `words`: what its cells mean can be said one by one, as one
        of `meanings` where there are any.
        """
        self._chooser.meanings = meanings
        self._words = field is not None and (words or any(t.op in _WORDS for t in field.transforms))
        self.title.setText(title)
        steps = " → ".join(_step_word(t) for t in field.transforms) if field else ""
        self.steps.setText(tr("Steps: {steps}", steps=steps) if steps else tr("as it is") if field else "")
        self.add.setEnabled(field is not None)
        self.show_values(())

    def show_values(self, found: Sequence[Value]) -> None:
        """The cells of the field."""
        self._filling = True
        self.table.setRowCount(len(found))
        for at, value in enumerate(found):
            before = QTableWidgetItem(value.before)
            count = QTableWidgetItem(number(value.count))
            count.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            after = QTableWidgetItem(value.after)
            for cell in (before, count, *(() if self._words else (after,))):
                cell.setFlags(cell.flags() & ~Qt.ItemFlag.ItemIsEditable)
            if self._words:
                after.setToolTip(tr("Double-click or press F2 to say what it means."))
            if value.before != value.after:
                after.setForeground(theme.colour("changed"))
            before.setToolTip(value.before)
            for place, cell in enumerate((before, count, after)):
                self.table.setItem(at, place, cell)
        self._filling = False

    def _edit(self, cell: QTableWidgetItem) -> None:
        if self._filling or cell.column() != 2:
            return
        before = self.table.item(cell.row(), 0)
        if before is not None:
            self.reworded.emit({before.text(): cell.text().strip()})


def _step_word(step: Transform) -> str:
    words = {
        "trim": tr("cut blanks"),
        "grade": tr("grades"),
        "role": tr("roles"),
        "status": tr("statuses"),
        "class_type": tr("kinds of classrooms"),
        "org_type": tr("kinds of schools"),
        "boolean": tr("yes or no"),
        "phone": tr("phone numbers"),
        "date": tr("dates"),
        "split": tr("a list"),
        "join": tr("joined"),
        "pick": tr("one of several"),
        "replace": tr("your words"),
        "pattern": tr("a pattern"),
        "lookup": tr("looked up"),
        "name": tr("a part of the name"),
        "case": tr("capitals"),
        "pad": tr("zeros in front"),
        "ids": tr("an ID out of a list"),
        "each": tr("a row for each"),
        "constant": tr("the same in every row"),
    }
    return words.get(step.op, step.op)
