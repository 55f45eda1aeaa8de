"""Whether a text that lies beside others looks like a table, by its name and by its first lines."""

from __future__ import annotations

import csv
import re
from pathlib import Path, PurePosixPath

from rosterdesk.sources import dialect, encoding

TABLES = frozenset({".csv", ".tsv", ".tab", ".psv", ".ssv", ".dsv"})
"""Endings that promise a table."""

SPREADSHEETS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})

_PERHAPS = frozenset({"", ".txt", ".dat", ".asc", ".prn", ".text", ".export"})
_PROSE = re.compile(r"read.?me|licen[cs]e|copying|change.?log|notice|notes|instructions|about", re.IGNORECASE)
_HEAD = 1 << 14


def like_a_table(path: Path, label: str) -> bool:
    """Whether to read a text that nobody named. Raises OSError."""
    name = PurePosixPath(label)
    suffix = name.suffix.lower()
    if suffix in TABLES or suffix in SPREADSHEETS:
        return True
    if suffix not in _PERHAPS or _PROSE.match(name.stem):
        return False
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip():
        return False
    found = encoding.detect(head)
    text = head.decode(found.name, "replace")
    written = dialect.detect(text, whole=len(head) < _HEAD, encoding=found.name)
    if written.columns < 2 or written.delimiter == " ":
        return False
    lines = [line for line in text.splitlines()[:-1] or text.splitlines() if line.strip()]
    # Prose has commas too, but not the same number in most lines.
    return sum(_width(line, written) == written.columns for line in lines) * 2 > len(lines)


def _width(line: str, written: dialect.Dialect) -> int:
    if len(written.delimiter) > 1:
        return line.count(written.delimiter) + 1
    return len(next(csv.reader([line], delimiter=written.delimiter, quotechar=written.quote or '"'), ()))
