"""A delimited text file as a table: header, rows with the numbers people count, and every fault met on the way.

Cells come out as they were written: never converted, never stripped. Rows are read as they are asked for, in bounded
memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from rosterdesk.sources import dialect as dialects
from rosterdesk.sources import encoding as encodings
from rosterdesk.sources import faults as f
from rosterdesk.sources import header as headers
from rosterdesk.sources.dialect import Dialect
from rosterdesk.sources.encoding import MARK, Encoding
from rosterdesk.sources.faults import RowFault
from rosterdesk.sources.lines import Notes, Translation, open_text, physical
from rosterdesk.sources.mending import reseparated
from rosterdesk.sources.records import Record, read_records
from rosterdesk.sources.rows import Rows, TextRow

SAMPLE = 1 << 18
"""Characters that the dialect is detected from."""

IN_MEMORY = 1 << 25
"""Files up to this size are read into memory, so that no file stays open while rows are asked for."""

_PREVIEW = 200


@dataclass(slots=True)
class TextTable:
    """One table of a text file. `rows` or `numbered` can be walked once; `faults` and `next_line` are complete when
    that is done.

    `header` holds unique, trimmed names; `original` the names as they stand in the file (none where it has no header).
    `next_line` and `next_row` say where a second table begins (0: there is none). Close it when the rows are not walked
    to the end.
    """

    dialect: Dialect
    header: tuple[str, ...]
    original: tuple[str, ...]
    numbered: Iterator[TextRow]
    faults: list[RowFault]
    stream: TextIO
    next_line: int = 0
    next_row: int = 0

    @property
    def rows(self) -> Iterator[tuple[str, ...]]:
        """The cells alone. As wide as the header, except rows with a row-too-long fault, which keep all they have."""
        return (row.cells for row in self.numbered)

    def close(self) -> None:
        """Lets go of the file."""
        self.stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_tables(source: Path | bytes) -> Iterator[TextTable]:
    """All tables of a file, one after the other; each must be walked before the next is asked for. Raises OSError."""
    table = read_text(source)
    yield table
    while table.next_line:
        table = read_text(source, first_line=table.next_line, first_row=table.next_row)
        yield table


def read_text(
    source: Path | bytes, overrides: Dialect | None = None, *, first_line: int = 1, first_row: int = 1
) -> TextTable:
    """The table of a text file. Nothing needs to be told; `overrides` (a corrected `TextTable.dialect`) is believed
    instead.

    `first_line` and `first_row` begin further down, where a table before has ended. Raises OSError when the file cannot
    be read, and LookupError for an encoding in `overrides` that does not exist.
    """
    if isinstance(source, Path) and source.stat().st_size <= IN_MEMORY:
        source = source.read_bytes()
    encoding = Encoding(overrides.encoding) if overrides else encodings.detect(source)
    stream = open_text(source, encoding.name)
    for _ in islice(stream, first_line - 1):
        pass
    head, whole = _head(stream)
    dialect = overrides or dialects.detect("".join(head).replace(MARK, ""), whole=whole, encoding=encoding.name)
    return _table(stream, head, dialect, encoding, first_line, first_row)


def _head(stream: TextIO) -> tuple[list[str], bool]:
    head, size = [], 0
    for line in stream:
        head.append(line)
        size += len(line)
        if size >= SAMPLE:
            return head, False
    return head, True


def _table(
    stream: TextIO, head: list[str], dialect: Dialect, encoding: Encoding, first_line: int, first_row: int
) -> TextTable:
    found: list[RowFault] = []
    if encoding.guessed:
        found.append(
            RowFault(
                f.ENCODING_GUESSED, 0, 0, f"The file does not say how its letters are coded; {encoding.name} fits best."
            )
        )
    # Whoever looks at the faults before the rows must not take the file for clean; the lines are found while walking.
    if encoding.mixed:
        found.append(RowFault(f.MIXED_ENCODING, 0, 0, "Some lines hold bytes that are not UTF-8."))
    if encoding.nuls:
        found.append(RowFault(f.NUL_BYTES, 0, 0, "Some lines hold NUL bytes."))
    notes = Notes()
    translation = Translation(dialect.delimiter, dialect.quote, dialect.escape)
    lines = physical(chain(head, stream), dialect.newline, notes)
    simple = map(translation.into, lines) if translation.needed else lines
    records = read_records(simple, translation.delimiter, dialect.quote, dialect.columns)
    if translation.needed:
        records = (record._replace(cells=[translation.back(cell) for cell in record.cells]) for record in records)
    if first_line > 1:
        records = (
            record._replace(number=record.number + first_row - 1, line=record.line + first_line - 1)
            for record in records
        )
    above = [record for record in islice(records, dialect.preamble_rows) if any(cell.strip() for cell in record.cells)]
    found.extend(
        RowFault(f.PREAMBLE_SKIPPED, one.number, one.line, "A line above the table is skipped.") for one in above
    )
    names = list(
        islice((record for record in records if any(cell.strip() for cell in record.cells)), dialect.header_rows)
    )
    preview = list(islice(records, _PREVIEW))
    header = _header(names, preview, dialect, found)
    rows = Rows(chain(preview, records), header, dialect.delimiter, dialect.quote, found)
    table = TextTable(dialect, header.names, header.original, iter(()), found, stream)
    table.numbered = _walk(table, rows, notes, first_row)
    if not header.names:
        found.append(RowFault(f.FILE_EMPTY, 0, 0, "There is nothing in the file."))
    return table


def _header(names: list[Record], preview: list[Record], dialect: Dialect, found: list[RowFault]) -> headers.Header:
    body = [record.cells for record in preview if any(cell.strip() for cell in record.cells)]
    first = (names or preview or [Record(1, 1, [], "", 1)])[0]
    rows = []
    for record in names:
        other = reseparated(record.cells, dialect.delimiter, dialect.quote, dialect.columns)
        code = f.OTHER_SEPARATOR if other else record.code
        if code:
            found.append(
                RowFault(code, record.number, record.line, "The names of the columns are not written as the rows are.")
            )
        rows.append(other or record.cells)
    header = headers.resolve(rows, body, dialect.columns, first.number, first.line)
    found.extend(header.faults)
    return header


def _walk(table: TextTable, rows: Rows, notes: Notes, first_row: int) -> Iterator[TextRow]:
    found = table.faults
    with table.stream:
        if table.header:
            yield from rows
    if rows.second is not None:
        table.next_line, table.next_row = rows.second.line, rows.second.number
    _locate(found, f.MIXED_ENCODING, notes.strange, "lines hold bytes that do not fit; the letters there may be wrong.")
    _locate(found, f.NUL_BYTES, notes.nul, "lines hold NUL bytes, which are left out.")
    # Line breaks inside quoted cells may be of another kind than those between rows: that is usual and no fault.
    inside = notes.count - (rows.last_number - first_row + 1)
    if sum(notes.endings.values()) > max(inside, 0):
        found.append(RowFault(f.MIXED_LINE_ENDS, 0, 0, "The lines of the file do not all end in the same way."))
    if notes.cut and not rows.last_sure:
        found.append(RowFault(f.FILE_CUT, rows.last_number, notes.count, "The file stops in the middle of a row."))


def _locate(found: list[RowFault], code: str, met: tuple[int, int], message: str) -> None:
    """Tells where a fault of the whole file was met, in the place of the one that only said that it is there."""
    line, count = met
    if count:
        found[:] = [fault for fault in found if fault.code != code]
        found.append(RowFault(code, 0, line, f"{count} {message}"))
