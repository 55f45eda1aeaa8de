"""The fields of a mapping as a tree: a branch for each kind of record, a line for each field with its column."""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QHeaderView, QTreeWidget, QTreeWidgetItem

from rosterdesk.gui import theme
from rosterdesk.gui.words import tr
from rosterdesk.mapping.samples import Value
from rosterdesk.model import Confidence, FieldMap, Mapping, Reading, TableMap
from rosterdesk.targets import TARGETS

Samples = MappingABC[tuple[int, str], tuple[Value, ...]]
DOUBTFUL = (Confidence.LIKELY, Confidence.UNSURE)
LEAVE_OUT, CONSTANT = "leave out", "constant"
_PLACE = Qt.ItemDataRole.UserRole
# Without these a record can exist, but what the roster is for can't be done.
_WANTED = {"guardians": ("email", "sms"), "students": ("grade", "school_sis_ids"), "staff": ("email",)}


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose for a field: columns, or `LEAVE_OUT`, or `CONSTANT` (to be asked)."""

    place: int
    field: str
    columns: tuple[str, ...] = ()
    other: str = ""


def kind_title(kind: str) -> str:
    """What records are called."""
    return {
        "schools": tr("Schools"),
        "classrooms": tr("Classrooms"),
        "users": tr("People"),
        "students": tr("Students"),
        "staff": tr("Staff"),
        "guardians": tr("Guardians"),
        "roles": tr("Roles"),
        "demographics": tr("Birth dates and genders"),
        "enrollments": tr("Enrollments"),
        "guardianships": tr("Guardians of students"),
        "attributes": tr("Attributes"),
        "terms": tr("Terms"),
    }[kind]


def confidence_word(confidence: Confidence | None, *, required: bool) -> tuple[str, str, str]:
    """How sure a column is: word, icon, colour."""
    if confidence is None:
        return (tr("needed"), "error", "removed") if required else (tr("left out"), "kept", "kept")
    return {
        Confidence.GIVEN: (tr("set by you"), "check", "added"),
        Confidence.EXACT: (tr("exact"), "check", "added"),
        Confidence.ALIAS: (tr("known name"), "check", "added"),
        Confidence.PRESET: (tr("preset"), "check", "added"),
        Confidence.LIKELY: (tr("likely"), "info", "changed"),
        Confidence.UNSURE: (tr("please look"), "warning", "changed"),
    }[confidence]


class Chooser(QComboBox):
    """A list to choose from in a line; the wheel scrolls the page, and changes nothing."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setProperty("inline", True)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class FieldTree(QTreeWidget):
    """`chosen` carries a `Choice`, `looked` the (place, field) that is current, `named` a table and its kind."""

    chosen = Signal(object)
    looked = Signal(object)
    named = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Fields and their columns"))
        self.setAccessibleDescription(tr("Arrows go from field to field, Enter opens the list of columns."))
        self.setColumnCount(4)
        self.setHeaderLabels([tr("Field"), tr("Your column"), tr("Looks like"), tr("Sure?")])
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setRootIsDecorated(False)
        self.setIndentation(theme.BETWEEN)
        self.setIconSize(QSize(theme.scaled(14), theme.scaled(14)))
        self.setFont(theme.font("table"))
        header = self.header()
        header.setStretchLastSection(False)
        self.setColumnWidth(0, theme.scaled(150))
        for at in (1, 2):
            header.setSectionResizeMode(at, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.ResizeToContents)
        self._items: dict[tuple[int, str], QTreeWidgetItem] = {}
        self.currentItemChanged.connect(self._look)

    def show_mapping(self, mapping: Mapping, reading: Reading, *, doubtful: bool, every: bool) -> None:
        """Draw the mapping. `doubtful`: only what a person should look at; `every`: fields without a column too."""
        here, scroll = self._current(), self.verticalScrollBar().value()
        self.blockSignals(True)
        self.clear()
        self._items.clear()
        for place, spec in enumerate(mapping.tables):
            self._branch(place, spec, mapping, reading, doubtful=doubtful, every=every)
        mapped = {spec.table for spec in mapping.tables}
        for table in reading.tables:
            if table.name not in mapped and not (doubtful and mapping.tables):
                self._head(table.name, tr("Not used"), table.name, "", kinds=True)
        self.blockSignals(False)
        self.verticalScrollBar().setValue(scroll)
        if self._items:
            self.setCurrentItem(self._items.get(here) or next(iter(self._items.values())))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        chooser = self.itemWidget(item, 1) if item is not None else None
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2) and isinstance(chooser, QComboBox):
            chooser.setFocus(Qt.FocusReason.OtherFocusReason)
            chooser.showPopup()
        else:
            super().keyPressEvent(event)

    def show_samples(self, samples: Samples) -> None:
        """Put real values beside each field."""
        for key, item in self._items.items():
            if found := samples.get(key):
                item.setText(2, told(found))
                item.setToolTip(2, "\n".join(f"{v.before} → {v.after}" for v in found))

    def _branch(
        self, place: int, spec: TableMap, mapping: Mapping, reading: Reading, *, doubtful: bool, every: bool
    ) -> None:
        table = reading.table(spec.table)
        fields = TARGETS[spec.target]
        listed = self._listed(spec, mapping, doubtful=doubtful, every=every)
        if not listed:
            return
        alone = sum(other.table == spec.table for other in mapping.tables) == 1
        nth = [n for n, other in enumerate(mapping.tables) if (other.table, other.target) == (spec.table, spec.target)]
        title = kind_title(spec.target)
        if len(nth) > 1:
            title = tr("{kind} ({n} of {all})", kind=title, n=nth.index(place) + 1, all=len(nth))
        head = self._head(spec.table, title, spec.table, spec.target, kinds=alone)
        for name in listed:
            item = QTreeWidgetItem(head, [fields[name].title])
            item.setData(0, _PLACE, (place, name))
            item.setToolTip(0, name)
            field = spec.fields.get(name)
            required = self._is_missing(spec, name, mapping)
            word, icon, tone = confidence_word(field.confidence if field else None, required=required)
            item.setText(3, word)
            item.setIcon(3, theme.icon(icon, tone))
            if field is None and not required and _is_wanted(spec, name):
                item.setText(2, tr("needed to reach families") if spec.target == "guardians" else "")
            item.setForeground(2, theme.colour("quiet"))
            item.setSizeHint(0, QSize(0, theme.scaled(theme.ROW)))
            self._items[place, name] = item
            columns = table.columns if table is not None else ()
            self.setItemWidget(item, 1, self._chooser(place, name, field, columns, fields[name].title))
        head.setExpanded(True)

    def _listed(self, spec: TableMap, mapping: Mapping, *, doubtful: bool, every: bool) -> list[str]:
        """The fields that get a line."""

        def has_line(name: str) -> bool:
            if (field := spec.fields.get(name)) is not None:
                return not doubtful or field.confidence in DOUBTFUL
            return self._is_missing(spec, name, mapping) or (not doubtful and (every or _is_wanted(spec, name)))

        return [name for name in TARGETS[spec.target] if has_line(name)]

    def _head(self, table: str, title: str, said: str, kind: str, *, kinds: bool) -> QTreeWidgetItem:
        head = QTreeWidgetItem(self, [title, tr("from {table}", table=said)])
        head.setFont(0, theme.font("table", bold=True))
        head.setForeground(1, theme.colour("quiet"))
        head.setSizeHint(0, QSize(0, theme.scaled(34)))
        if kinds and not kind:
            chooser = Chooser(tr("What {table} holds", table=table))
            chooser.addItem(tr("{table}: choose what it holds", table=table), "")
            for target in TARGETS:
                chooser.addItem(kind_title(target), target)
            chooser.activated.connect(lambda _: self.named.emit((table, chooser.currentData())))
            head.setText(1, "")
            chooser.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            self.setItemWidget(head, 1, chooser)
        return head

    def _chooser(self, place: int, name: str, field: FieldMap | None, columns: tuple[str, ...], title: str) -> Chooser:
        chooser = Chooser(tr("Column for {field}", field=title))
        chooser.addItem(_now(field), None)
        for column in columns:
            if field is None or field.columns != (column,):
                chooser.addItem(column, Choice(place, name, (column,)))
        chooser.insertSeparator(chooser.count())
        if field is not None:
            chooser.addItem(tr("Leave it out"), Choice(place, name, other=LEAVE_OUT))
        chooser.addItem(tr("The same in every row"), Choice(place, name, other=CONSTANT))
        chooser.activated.connect(lambda at: self._choose(chooser, at))
        chooser.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # Tab leaves the tree; Enter in a line opens its list
        return chooser

    def _choose(self, chooser: Chooser, at: int) -> None:
        choice = chooser.itemData(at)
        if isinstance(choice, Choice):
            self.setCurrentItem(self._items[choice.place, choice.field])
            self.chosen.emit(choice)

    def _current(self) -> tuple[int, str]:
        item = self.currentItem()
        found = item.data(0, _PLACE) if item is not None else None
        return tuple(found) if found else (-1, "")

    def _look(self, item: QTreeWidgetItem | None) -> None:
        found = item.data(0, _PLACE) if item is not None else None
        self.looked.emit(tuple(found) if found else None)

    @staticmethod
    def _is_missing(spec: TableMap, name: str, mapping: Mapping) -> bool:
        roles = name == "role" and spec.target == "users" and any(t.target == "roles" for t in mapping.tables)
        return TARGETS[spec.target][name].required and name not in spec.fields and not roles


def _is_wanted(spec: TableMap, name: str) -> bool:
    return name in _WANTED.get(spec.target, ()) and name not in spec.fields


def _now(field: FieldMap | None) -> str:
    if field is None:
        return tr("– choose –")
    if field.columns:
        return " + ".join(field.columns)
    value = next((str(t.args.get("value", "")) for t in field.transforms if t.op == "constant"), "")
    return tr("always “{value}”", value=value)


def told(found: tuple[Value, ...]) -> str:
    """A few cells, with what they become where that differs."""
    if all(v.before == v.after for v in found):
        return ", ".join(v.before for v in found)
    changed = [v for v in found if v.before != v.after]
    return ",   ".join(f"{v.before}  →  {v.after or tr('nothing')}" for v in changed[:2])
