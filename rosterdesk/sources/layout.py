"""Where the table stands in a text: the lines above it, the rows that name its columns, and how wide it is."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from rosterdesk.sources.grammar import Grammar
from rosterdesk.sources.lines import Translation, physical
from rosterdesk.sources.mending import reseparated
from rosterdesk.sources.records import read_records
from rosterdesk.sources.shapes import CODE, EMPTY, OTHER, TEXT, header_votes, kind

_HEADER_DEPTH = 5
_RECORDS = 400


class Layout(NamedTuple):
    """Records above the header, records of the header (0: there is none), and the usual number of cells of a row."""

    preamble_rows: int
    header_rows: int
    columns: int


def find(sample: str, grammar: Grammar, above: int = 0) -> Layout:
    """The layout of a text that is not empty. `above` records are known to stand above the table."""
    translation = Translation(*grammar)
    width = _usual_width(grammar.read(sample), sample, grammar)
    lines = map(translation.into, physical(io.StringIO(sample, newline="")))
    rows = []
    for record in read_records(lines, translation.delimiter, grammar.quote, width):
        rows.append([translation.back(cell) for cell in record.cells])
        if len(rows) == _RECORDS:
            break
    named = _named_otherwise(rows[above:], grammar, width)
    if named is not None:
        return Layout(above + named, 1, width)
    start = above + _preamble(rows[above:], width)
    body = [row for row in rows[start:] if _filled(row)]
    return Layout(start, _header(body), width)


def _usual_width(rows: Sequence[Sequence[str]], sample: str, grammar: Grammar) -> int:
    """The most frequent number of cells; of the lines one by one where quotes that never close have swallowed most of
    the file.
    """
    filled = [len(row) for row in rows if _filled(row)]
    widths = Counter(filled)
    if not widths:
        return 0
    lines = list(io.StringIO(sample, newline=""))
    if widths.total() * 2 < len(lines):
        alone = Counter(len(row) for line in lines for row in grammar.read(line) if _filled(row))
        if alone and max(alone.values()) > max(widths.values()):
            widths = alone
    # A second table below may be larger: the first rows say how wide the first table is, if they agree. Two cells may
    # still be lines of a title ("School:,Lincoln").
    same = next((place for place, width in enumerate(filled) if width != filled[0]), len(filled))
    if filled[0] > 1 and same >= (3 if filled[0] > 2 else 6):
        return filled[0]
    most = max(widths.values())
    return next(width for width, count in widths.items() if count == most)


def _named_otherwise(rows: Sequence[Sequence[str]], grammar: Grammar, width: int) -> int | None:
    """The place of a header that is written with another separator than the rows: it names them, and no row below
    does.
    """
    place = next((place for place, row in enumerate(rows) if _filled(row)), None)
    if place is None or len(rows[place]) >= width or len(rows) < place + 2 or len(rows[place + 1]) != width:
        return None
    names = reseparated(rows[place], grammar.delimiter, grammar.quote, width)
    if names is None or _names(rows[place + 1], rows[place + 2 :]):
        return None
    return place if _names(names, rows[place + 1 :]) else None


def _names(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    for_it, against = header_votes(row, below[:200])
    return for_it > against


def _filled(row: Sequence[str]) -> int:
    return sum(map(bool, map(str.strip, row)))


def _preamble(rows: Sequence[Sequence[str]], width: int) -> int:
    """How many records stand above the table: sparse rows and whatever is closed off by an empty row, before the first
    full one.
    """
    # Empty cells at the end of every row make no columns, and a header may do without them.
    needed = max((_extent(row) for row in rows if len(row) == width), default=width)
    for place, row in enumerate(rows[:60]):
        filled = _filled(row)
        if not filled:
            continue
        lonely = filled == 1 and needed >= 3
        if needed <= 1 or (len(row) >= max(2, needed - 1) and not lonely):
            return place
        if lonely and len(row) == width and not _closed(rows, place, width):
            return place
        if filled > 1 and _names_next(rows, place, needed):
            return place
    return 0


def _extent(row: Sequence[str]) -> int:
    return max((place for place, cell in enumerate(row, 1) if cell and not cell.isspace()), default=0)


def _names_next(rows: Sequence[Sequence[str]], place: int, needed: int) -> bool:
    """A row that is too narrow for a header, but names the full row right below it, which names nothing itself."""
    below = rows[place + 1 :]
    return bool(below) and len(below[0]) >= needed and _names(rows[place], below) and not _names(below[0], below[1:])


def _closed(rows: Sequence[Sequence[str]], place: int, width: int) -> bool:
    """A lonely cell in a row of full width may be data; it is a title when an empty row, or a row of names, follows."""
    following = next((n for n in range(place + 1, min(len(rows), place + 20)) if _filled(rows[n]) != 1), None)
    if following is None:
        return False
    if not _filled(rows[following]):
        return True
    return _filled(rows[following]) >= width - 1 and _names(rows[following], rows[following + 1 :])


def _header(body: Sequence[Sequence[str]]) -> int:
    """The number of header rows; 0 when the first row is data."""
    if not body:
        return 0
    first, rest = body[0], body[1:]
    if not rest:
        kinds = set(map(kind, first))
        # "address1" and "MG-8769" look alike; names beside it tell.
        return int(
            kinds <= {TEXT, OTHER, EMPTY} or (kinds <= {TEXT, OTHER, EMPTY, CODE} and header_votes(first, [])[0] > 0)
        )
    for_it, against = header_votes(first, rest[:200])
    if against > for_it:
        return 0
    depth = 1
    while depth < min(_HEADER_DEPTH, len(body) - 1) and _still_header(body, depth):
        depth += 1
    return depth


def _still_header(body: Sequence[Sequence[str]], depth: int) -> bool:
    """One more header row: text in columns that hold numbers or dates below, and nothing in it that looks like data."""
    row, below = body[depth], body[depth + 1 : 200]
    if len(row) < 3 or _filled(row) * 2 < len(row) or any(kind(cell) not in (TEXT, OTHER, EMPTY) for cell in row):
        return False
    for_it, against = header_votes(row, below, words=False)
    return for_it >= 2 and not against
