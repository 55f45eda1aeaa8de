"""Physical lines: opening a file as text, NUL bytes and marks taken out, and long separators and backslashes made
simple.

After this a line knows only one separator of one character and doubled quotes, which is what the csv module reads fast
and right.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from rosterdesk.sources.encoding import ERRORS, MARK

# Unicode noncharacters: they never stand in a text, so they can stand for something else.
_SEPARATOR, _QUOTE, _BACKSLASH, _PLAIN = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"


def open_text(source: Path | bytes, encoding: str) -> TextIO:
    """The file as text with its line ends kept. Raises OSError."""
    binary = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    return io.TextIOWrapper(binary, encoding=encoding, errors=ERRORS, newline="")


def ending(line: str) -> str:
    """The line end of a physical line: "\\r\\n", "\\n", "\\r", or "" for the last line of a file that stops short."""
    if line.endswith("\r\n"):
        return "\r\n"
    return line[-1:] if line.endswith(("\n", "\r")) else ""


class Notes:
    """What was met in the lines: `nul` and `strange` are (first line, number of lines), `endings` the line ends
    counted.
    """

    def __init__(self) -> None:
        self.nul = self.strange = (0, 0)
        self.endings: dict[str, int] = {}
        self.count = 0
        self.cut = False


def physical(lines: Iterable[str], newline: str = "", notes: Notes | None = None) -> Iterator[str]:
    """The lines without NULs and marks; what is found goes into `notes`. Ends other than `newline` are counted."""
    notes = notes or Notes()
    simple = newline == "\n"
    last = ""
    for last in lines:
        notes.count += 1
        if not last.endswith(newline) or (simple and last.endswith("\r\n")):
            end = ending(last)
            if end:
                notes.endings[end] = notes.endings.get(end, 0) + 1
        dirty = "\0" in last or (not last.isascii() and MARK in last)
        yield _cleaned(last, notes) if dirty else last
    notes.cut = bool(last) and not ending(last)


def _cleaned(line: str, notes: Notes) -> str:
    if "\0" in line:
        first, count = notes.nul
        notes.nul = (first or notes.count, count + 1)
    if MARK in line:
        first, count = notes.strange
        notes.strange = (first or notes.count, count + 1)
    return line.replace("\0", "").replace(MARK, "")


class Translation:
    """Between the file's own dialect and the simple one: `into` for lines, `back` for cells."""

    def __init__(self, delimiter: str, quote: str | None, escape: str) -> None:
        self._long = delimiter if len(delimiter) > 1 else ""
        self._bare = delimiter.rstrip(" ") if self._long.endswith(" ") else ""
        self._quote = quote or ""
        self._slash = escape == "\\" and bool(quote)
        self.delimiter = _SEPARATOR if self._long else delimiter
        self._escaped = delimiter
        self.needed = bool(self._long) or self._slash

    def into(self, line: str) -> str:
        if not self.needed:
            return line
        if self._slash and "\\" in line:
            # A backslash escapes the quote, the separator and itself; before anything else it is a backslash.
            line = (
                line.replace("\\\\", _BACKSLASH)
                .replace("\\" + self._quote, _QUOTE)
                .replace("\\" + self._escaped, _PLAIN)
            )
        if self._long:
            line = line.replace(self._long, _SEPARATOR)
            if self._bare:
                # Editors that trim line ends take the space of a last, empty cell with them.
                body = line.rstrip("\r\n")
                if body.endswith(self._bare):
                    line = body[: -len(self._bare)] + _SEPARATOR + line[len(body) :]
        return line

    def back(self, cell: str) -> str:
        if self.needed and not cell.isascii():
            cell = cell.replace(_SEPARATOR, self._long).replace(_QUOTE, self._quote)
            cell = cell.replace(_BACKSLASH, "\\").replace(_PLAIN, self._escaped)
        return cell
