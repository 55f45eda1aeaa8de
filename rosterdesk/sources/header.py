"""The names of the columns: out of one or several header rows, made unique, with a name for what has none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rosterdesk.sources import faults as f
from rosterdesk.sources.faults import RowFault

_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Header:
    """`names` are unique and trimmed, `original` as written; `trailing` counts the separators at the end of each row
    that begin no column.
    """

    names: tuple[str, ...]
    original: tuple[str, ...]
    trailing: int = 0
    faults: tuple[RowFault, ...] = field(default=())


def resolve(rows: Sequence[Sequence[str]], body: Sequence[Sequence[str]], usual: int, row: int, line: int) -> Header:
    """The header from its rows (none: the columns are numbered), beside some rows of data. `row` and `line` are those
    of the first.
    """
    found: list[RowFault] = []
    if not rows:
        width = usual or max(map(len, body), default=0)
        if width:
            found.append(
                RowFault(f.HEADER_MISSING, row, line, "The file has no row of names; its columns are numbered.")
            )
        return Header(tuple(f"column {place}" for place in range(1, width + 1)), (), 0, tuple(found))
    original = _joined(rows)
    if len(rows) > 1:
        found.append(
            RowFault(
                f.HEADER_JOINED,
                row,
                line,
                f"The names of the columns stand in {len(rows)} rows; they are put together.",
            )
        )
    kept, trailing = _fitted(original, body, usual, row, line, found)
    return Header(name_columns(kept, row, line, found), tuple(original), trailing, tuple(found))


def _joined(rows: Sequence[Sequence[str]]) -> list[str]:
    if len(rows) == 1:
        return list(rows[0])
    width = max(map(len, rows))
    return [
        " ".join(row[place].strip() for row in rows if place < len(row) and row[place].strip())
        for place in range(width)
    ]


def _fitted(
    names: list[str], body: Sequence[Sequence[str]], usual: int, row: int, line: int, found: list[RowFault]
) -> tuple[list[str], int]:
    """The names fitted to the usual width of the rows, and how many separators the rows have too many at their end."""
    width = usual or len(names)
    named = len(names) - next((place for place, name in enumerate(reversed(names)) if name.strip()), len(names))
    if 0 < named < max(width, len(names)) and body and not any("".join(cells[named:]).strip() for cells in body):
        message = "Every row ends with separators that begin no column."
        found.append(RowFault(f.TRAILING_SEPARATOR, row, line, message))
        return names[:named], max(width, len(names)) - named
    if len(names) > width:
        blanks = sum(1 for name in names if not name.strip())
        if blanks == len(names) - width:
            message = "The header has an empty name too many, which is left out."
            found.append(RowFault(f.HEADER_TOO_LONG, row, line, message))
            return [name for name in names if name.strip()], 0
        message = f"The header has {len(names)} names, but the rows have {width} cells."
        found.append(RowFault(f.HEADER_TOO_LONG, row, line, message))
    elif len(names) < width:
        message = f"The header has {len(names)} names, but the rows have {width} cells."
        found.append(RowFault(f.HEADER_TOO_SHORT, row, line, message))
        return names + [""] * (width - len(names)), 0
    return names, 0


def name_columns(names: Sequence[str], row: int, line: int, found: list[RowFault]) -> tuple[str, ...]:
    """Unique names: trimmed, inner white space single, "column 3" for a blank one, "Phone (2)" for the second of its
    kind.
    """
    taken: set[str] = set()
    result = []
    for place, name in enumerate(names, 1):
        clean = _SPACES.sub(" ", name).strip()
        if not clean:
            found.append(RowFault(f.HEADER_BLANK, row, line, f"Column {place} has no name."))
            clean = f"column {place}"
        unique, count = clean, 1
        while unique.casefold() in taken:
            count += 1
            unique = f"{clean} ({count})"
        if count > 1:
            found.append(
                RowFault(f.HEADER_DUPLICATE, row, line, f"Column {place} has the name of an earlier one: {clean}.")
            )
        taken.add(unique.casefold())
        result.append(unique)
    return tuple(result)
