"""The rows below a header: which records are rows, which are not, and which cannot be trusted."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from typing import NamedTuple

from rosterdesk.sources import faults as f
from rosterdesk.sources.faults import RowFault
from rosterdesk.sources.header import Header
from rosterdesk.sources.mending import reseparated
from rosterdesk.sources.records import Record
from rosterdesk.sources.shapes import header_votes

MOST_FAULTS = 10_000
"""Faults of one code that are kept one by one; a file with more of them is broken as a whole. `TextRow.sure` is never
capped.
"""

_AHEAD = 20


class TextRow(NamedTuple):
    """`row` counts records as people do, `line` is the physical line; not `sure`: the cells may stand under the wrong
    header.
    """

    row: int
    line: int
    cells: tuple[str, ...]
    sure: bool = True


class Rows:
    """Walks the records below a header once. `second` is then the record that begins another table, or None."""

    def __init__(
        self, records: Iterator[Record], header: Header, delimiter: str, quote: str | None, found: list[RowFault]
    ) -> None:
        self._records, self._header = records, header
        self._delimiter, self._quote = delimiter, quote
        self._found, self._counts = found, Counter[str]()
        self._ahead: deque[Record] = deque()
        self._blank: list[Record] = []
        self._blanks = 0
        self._first_blank: Record | None = None
        self.second: Record | None = None
        self.last_number = 0
        self.last_sure = True

    def __iter__(self) -> Iterator[TextRow]:
        width, original = len(self._header.names), list(self._header.original)
        while True:
            record = self._ahead.popleft() if self._ahead else next(self._records, None)
            if record is None:
                break
            number, line, cells, code, _ = record
            self.last_number = number
            if len(cells) == width and cells[0] and not code and not self._blank and cells != original:
                self.last_sure = True
                yield TextRow(number, line, tuple(cells))
                continue
            if not any(cell and not cell.isspace() for cell in cells):
                self._blank.append(record)
                continue
            if self._ends(record):
                break
            if self._blank:
                self._blanks += len(self._blank)
                self._first_blank = self._first_blank or self._blank[0]
                self._blank.clear()
            if cells == original:
                self._note(f.HEADER_REPEATED, record, "The names of the columns are repeated here; the row is skipped.")
                continue
            yield self._odd(record, width)
        if self._first_blank is not None:
            self._note(
                f.BLANK_ROWS, self._first_blank, f"Empty rows between the rows are skipped; there are {self._blanks}."
            )
        for code, count in self._counts.items():
            if count > MOST_FAULTS:
                self._found.append(RowFault(code, 0, 0, f"{count - MOST_FAULTS} more rows have this fault."))

    def _odd(self, record: Record, width: int) -> TextRow:
        number, line, cells, code, _ = record
        if width < len(cells) <= width + self._header.trailing and not "".join(cells[width:]).strip():
            cells = cells[:width]
        if len(cells) != width:
            other = reseparated(cells, self._delimiter, self._quote, width)
            if other:
                cells, code = other, f.OTHER_SEPARATOR
        if code:
            self._note(code, record, _MESSAGES.get(code, ""))
        sure = code not in f.UNSURE_ROW and len(cells) == width
        if len(cells) < width:
            message = f"The row has {len(cells)} cells instead of {width}; those that are missing are taken as empty."
            self._note(f.ROW_TOO_SHORT, record, message)
            cells = [*cells, *([""] * (width - len(cells)))]
        elif len(cells) > width:
            self._note(f.ROW_TOO_LONG, record, f"The row has {len(cells)} cells instead of {width}.")
        self.last_sure = sure
        return TextRow(number, line, tuple(cells), sure)

    # --- the end of the table -----------------------------------------------------------------------------------------

    def _ends(self, record: Record) -> bool:
        """Whether the table has ended above this record: a footnote to the end of the file, or the header of another
        table.
        """
        width = len(self._header.names)
        if len(record.cells) == width and not self._blank:
            return False
        if self._blank and width >= 3 and _filled(record) == 1 and self._footnotes(record):
            return True
        if len(record.cells) < 2 or record.cells == list(self._header.original):
            return False
        body = [ahead for ahead in self._peek(_AHEAD) if _filled(ahead)][:5]
        if not body or any(len(ahead.cells) != len(record.cells) for ahead in body):
            return False
        for_it, against = header_votes(record.cells, [ahead.cells for ahead in body])
        if for_it <= against or not all(cell.strip() for cell in record.cells):
            return False
        self.second = record
        self._note(f.SECOND_TABLE, record, "Another table begins here, with other columns.")
        return True

    def _footnotes(self, record: Record) -> bool:
        ahead = self._peek(_AHEAD)
        if len(ahead) >= _AHEAD or any(_filled(other) > 1 for other in ahead):
            return False
        for footnote in (record, *ahead):
            if _filled(footnote):
                self._note(f.FOOTNOTE_SKIPPED, footnote, "A line below the table is skipped.")
        return True

    def _peek(self, count: int) -> list[Record]:
        while len(self._ahead) < count:
            record = next(self._records, None)
            if record is None:
                break
            self._ahead.append(record)
        return list(self._ahead)[:count]

    # --- faults -------------------------------------------------------------------------------------------------------

    def _note(self, code: str, record: Record, message: str) -> None:
        self._counts[code] += 1
        if self._counts[code] <= MOST_FAULTS:
            self._found.append(RowFault(code, record.number, record.line, message))


_MESSAGES = {
    f.QUOTE_UNCLOSED: "A quote opens in this row and never closes; the row is read by itself.",
    f.STRAY_QUOTE: "A quote stands inside a cell without being doubled; it is kept as a part of the cell.",
    f.SEPARATOR_MISSING: "A separator beside a quote is missing; the cells are split there.",
    f.OTHER_SEPARATOR: "The row is written with another separator than the file.",
}


def _filled(record: Record) -> int:
    return sum(1 for cell in record.cells if cell and not cell.isspace())
