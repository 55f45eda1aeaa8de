"""The model behind every table: rows come by pages, when they are seen, from wherever they are kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from rosterdesk.gui import theme
from rosterdesk.gui.words import number, tr
from rosterdesk.gui.worker import Worker

PAGE = 200
_KEPT_PAGES = 64
_WAITING = "…"

Row = tuple[Any, ...]
Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the place of its value is its place in the row. `fixed` is the font of IDs.

    `say` turns a value into words; `tone` gives a value's icon and colour (both names of the theme).
    """

    key: str
    title: str
    align: str = "left"
    fixed: bool = False
    width: int = 0  # pixels at 100 %; 0: as wide as its title and first rows need
    shown: bool = True
    hint: str = ""  # tooltip of the header: the technical name
    say: Callable[[Any], str] | None = None
    tone: Callable[[Any], tuple[str, str] | None] | None = None


class Lines(Protocol):
    """Rows that can be paged. `page` may be called in another thread than the window's."""

    @property
    def count(self) -> int: ...
    def page(self, offset: int, limit: int) -> Iterable[Row]: ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """Lines of a function: `fetch(offset, limit)` gives tuples or a frame."""

    fetch: Callable[[int, int], Any]
    count: int

    def page(self, offset: int, limit: int) -> Iterable[Row]:
        got = self.fetch(offset, limit)
        rows: Iterable[Row] = got.itertuples(index=False, name=None) if hasattr(got, "itertuples") else got
        return rows


@dataclass(frozen=True, slots=True)
class Look:
    """How a table is looked at: words searched for, the chip chosen, the order."""

    words: str = ""
    chip: str = ""
    sort: str = ""
    descending: bool = False


def held(rows: Sequence[Row], columns: Sequence[Column], look: Look, *, chip: str = "") -> Fetched:
    """Rows that fit in memory, as they are looked at; `chip` is the column by whose value a chip chooses."""
    keys = [column.key for column in columns]
    found = [*rows]
    if look.chip and chip:
        at = keys.index(chip)
        found = [row for row in found if str(row[at]) == look.chip]
    for word in look.words.casefold().split():
        found = [row for row in found if any(word in str(cell).casefold() for cell in row if cell is not None)]
    if look.sort in keys:
        at = keys.index(look.sort)
        found.sort(key=lambda row: _order(row[at]), reverse=look.descending)
    return Fetched(lambda offset, limit: found[offset : offset + limit], len(found))


def _order(value: object) -> tuple[int, float, str]:
    if value is None:
        return (2, 0.0, "")
    return (0, float(value), "") if isinstance(value, int | float) else (1, 0.0, str(value).casefold())


class FrameModel(QAbstractTableModel):
    """Rows of some `Lines`. With a worker they are fetched in its thread, and a cell shows … until its page is here;
    without one (rows in memory) at once.
    """

    arrived = Signal()  # a page came

    def __init__(
        self,
        columns: Sequence[Column],
        fetch: Callable[[int, int], Any] | None = None,
        count: int = 0,
        *,
        worker: Worker | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.lines: Lines = Fetched(fetch or (lambda offset, limit: []), count)
        self._worker = worker
        self._pages: OrderedDict[int, list[Row]] = OrderedDict()
        self._wanted: list[int] = []  # the latest last: what is in sight now comes first
        self._fetching = False
        self._round = 0
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._fetch_wanted)

    def show(self, lines: Lines) -> None:
        """Other rows, from the top."""
        self.beginResetModel()
        self.lines = lines
        self._round += 1
        self._fetching = False
        self._pages.clear()
        self._wanted.clear()
        self.endResetModel()

    def grow(self, lines: Lines) -> None:
        """The same rows and more: what was shown first was the beginning of these, whole pages of it."""
        before = self.rowCount()
        if lines.count <= before:
            return
        self.beginInsertRows(QModelIndex(), before, lines.count - 1)
        self.lines = lines
        self.endInsertRows()

    def refresh(self) -> None:
        """The same rows again: their contents changed, their number did not."""
        self._pages.clear()
        self._round += 1
        self._fetching = False
        if rows := self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(rows - 1, len(self.columns) - 1))

    def row(self, at: int) -> Row | None:
        """One row, or None while its page is on its way."""
        page = self._page(at // PAGE)
        return page[at % PAGE] if page is not None and at % PAGE < len(page) else None

    def text(self, value: object, column: int) -> str:
        """A value as its column says it."""
        say = self.columns[column].say
        if value is None:
            return ""
        if say is not None:
            return say(value)
        return number(value) if isinstance(value, int) and not isinstance(value, bool) else str(value)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else self.lines.count

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Role.DisplayRole:
            return column.title
        if role == Role.ToolTipRole:
            return column.hint or None
        return _alignment(column) if role == Role.TextAlignmentRole else None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role == Role.TextAlignmentRole:
            return _alignment(column)
        if role == Role.FontRole:
            return theme.fixed_font() if column.fixed else None
        if role not in (Role.DisplayRole, Role.DecorationRole, Role.ForegroundRole, Role.UserRole):
            return None
        row = self.row(index.row())
        if row is None:
            return _WAITING if role == Role.DisplayRole else None
        value = row[index.column()]
        if role == Role.DisplayRole:
            return self.text(value, index.column()).replace("\n", " ")
        if role == Role.UserRole:
            return value
        tone = column.tone(value) if column.tone is not None else None
        if tone is None:
            return None
        return theme.icon(*tone) if role == Role.DecorationRole else theme.colour(tone[1])

    def _page(self, page: int) -> list[Row] | None:
        if (found := self._pages.get(page)) is not None:
            self._pages.move_to_end(page)
            return found
        if self._worker is None:
            self._keep(page, list(self.lines.page(page * PAGE, PAGE)))
            return self._pages[page]
        if page in self._wanted:
            self._wanted.remove(page)
        self._wanted.append(page)
        if not self._fetching:
            self._soon.start()
        return None

    def _keep(self, page: int, rows: list[Row]) -> None:
        self._pages[page] = rows
        while len(self._pages) > _KEPT_PAGES:
            self._pages.popitem(last=False)

    def _fetch_wanted(self) -> None:
        # Of the pages that a fast scroll has passed only the last ones are still in sight.
        pages, lines = self._wanted[-3:], self.lines
        self._wanted.clear()
        if not pages or self._worker is None:
            return
        self._fetching = True
        came = self._round
        task = self._worker.start(
            lambda run: [(page, list(lines.page(page * PAGE, PAGE))) for page in pages],
            on_success=lambda got: self._arrive(got, came),
            owner=self,
        )
        task.ended.connect(lambda: self._after(came))

    def _arrive(self, got: list[tuple[int, list[Row]]], came: int) -> None:
        if came != self._round:
            return
        for page, rows in got:
            self._keep(page, rows)
            if rows:
                first = page * PAGE
                last = min(first + len(rows), self.rowCount()) - 1
                self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))
        self.arrived.emit()

    def _after(self, came: int) -> None:
        if came == self._round:
            self._fetching = False
            if self._wanted:
                self._soon.start()


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.align == "right" else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


# What can happen to a record: icon, colour, word.
ACTIONS: dict[str, tuple[str, str, str]] = {
    "create": ("added", "added", "New"),
    "add": ("added", "added", "Added"),
    "update": ("changed", "changed", "Changed"),
    "archive": ("removed", "removed", "Archived"),
    "remove": ("removed", "removed", "Removed"),
    "restore": ("restored", "added", "Back"),
    "keep": ("kept", "kept", "Kept"),
    "overwrite": ("changed", "changed", "Overwritten"),
}


def action_column(key: str = "action", title: str = "") -> Column:
    """What happens to a record, as an icon and a word in its colour."""
    return Column(
        key,
        title or tr("What"),
        width=110,
        say=lambda action: tr(ACTIONS[action][2]) if action in ACTIONS else str(action),
        tone=lambda action: ACTIONS[action][:2] if action in ACTIONS else None,
    )
