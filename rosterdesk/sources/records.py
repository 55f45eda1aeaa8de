"""Records out of simple lines: the csv module while it reads right, and the mending of single lines where it does not.

A quote that never closes costs its own line, not the rest of the file: lines swallowed by it are given back and read
again.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from rosterdesk.sources.faults import QUOTE_UNCLOSED, STRAY_QUOTE
from rosterdesk.sources.mending import Mended, mend

LARGEST_CELL = 1 << 28
SWALLOWED = 1 << 26
"""Characters that one record may take before its quote counts as never closed."""

_TRIED_LINES = 8

# The limit of the csv module (128 KiB) belongs to the process and cannot be set for one reader.
csv.field_size_limit(LARGEST_CELL)


class Record(NamedTuple):
    """`number` counts records from 1, blank lines too; `line` is the physical line it begins on; `code` a fault of
    its quotes, or "".
    """

    number: int
    line: int
    cells: list[str]
    code: str
    lines: int


def read_records(lines: Iterable[str], delimiter: str, quote: str | None, width: int) -> Iterator[Record]:
    """All records of the lines, blank ones with no cells. `width` is the usual number of cells, which tells a whole row
    from a torn one.
    """
    if quote is None:
        yield from _unquoted(lines, delimiter)
        return
    quotes = _Quotes(delimiter, quote, width)
    feed = _Feed(lines)
    taken = feed.taken
    number, at = 0, 1
    while True:
        reader = csv.reader(feed.read(), delimiter=delimiter, quotechar=quote, strict=True)
        broken = False
        # The reader pulls lines one record at a time: unless it failed, it goes on rightly after lines were given back.
        while not broken:
            try:
                cells = next(reader, None)
            except csv.Error:
                cells, broken = None, True
            if cells is None and not taken:
                return
            number += 1
            if len(taken) == 1 and cells is not None and len(cells) == width and quote not in "".join(cells):
                yield Record(number, at, cells, "", 1)
                at += 1
                taken.clear()
                continue
            if broken:
                feed.more(_TRIED_LINES, quotes.settled)
            mended, used = quotes.settle(taken, cells)
            feed.give_back(used)
            yield Record(number, at, mended.cells, mended.code, used)
            at += used


class _Feed:
    """Lines, one record at a time: `taken` holds those of the record that is being read."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._given_back: deque[str] = deque()
        self.taken: list[str] = []

    def read(self) -> Iterator[str]:
        """Lines for one reader; none any more when a record has swallowed too much."""
        lines, given_back, taken = self._lines, self._given_back, self.taken
        size = 0
        while True:
            line = given_back.popleft() if given_back else next(lines, None)
            if line is None:
                return
            size = size + len(line) if taken else len(line)
            taken.append(line)
            if size > SWALLOWED:
                return
            yield line

    def more(self, count: int, settled: Callable[[list[str]], bool]) -> None:
        """Takes lines that the failed reader has not seen, until they make sense or are `count`."""
        while len(self.taken) < count and not settled(self.taken):
            line = self._given_back.popleft() if self._given_back else next(self._lines, None)
            if line is None:
                return
            self.taken.append(line)

    def give_back(self, used: int) -> None:
        """The record took only so many of the lines."""
        self._given_back.extendleft(reversed(self.taken[used:]))
        self.taken.clear()


def _unquoted(lines: Iterable[str], delimiter: str) -> Iterator[Record]:
    reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE, quotechar=None)
    for number, cells in enumerate(reader, 1):
        yield Record(number, number, cells, "", 1)


class _Quotes:
    """Judges what the csv module made of some lines, and reads them again where it must have been wrong."""

    def __init__(self, delimiter: str, quote: str, width: int) -> None:
        self._delimiter, self._quote, self._width = delimiter, quote, width
        d, q = re.escape(delimiter), re.escape(quote)
        cell = f"(?:{q}(?:[^{q}]++|{q}{q})*+{q}|[^{d}{q}\r\n]*+)"
        self._regular = re.compile(f"{cell}(?:{d}{cell})*+[\r\n]*+")

    def settled(self, taken: list[str]) -> bool:
        """Whether more lines are of no use: the first, or all, are a whole row, or the last is a row by itself."""
        if len(taken) > 1 and self._is_row(taken[-1]):
            return True
        return any(self._whole("".join(part)) for part in (taken[:1], taken))

    def settle(self, taken: list[str], cells: list[str] | None) -> tuple[Mended, int]:
        """The cells, the fault if any, and how many of the lines they took."""
        text = "".join(taken)
        astray = len(taken) > 1 and self._rows_inside(taken, cells)
        if cells is not None and not astray and (self._quote not in text or self._regular.fullmatch(text)):
            return Mended(cells, 0.0, ""), len(taken)
        best, used = self._whole(taken[0]), 1
        for count in range(2, min(len(taken), _TRIED_LINES) + 1):
            # A quoted cell may go over several lines, but a line that is a row by itself is not a part of one.
            if self._is_row(taken[count - 1]):
                break
            longer = self._whole("".join(taken[:count]))
            if longer is not None and (best is None or longer.price < best.price):
                best, used = longer, count
        if best is not None:
            return best, used
        if cells is not None and not astray:
            return Mended(cells, 0.0, STRAY_QUOTE), len(taken)
        alone = mend(taken[0], self._delimiter, self._quote, None)
        plain = alone.cells if alone else taken[0].rstrip("\r\n").split(self._delimiter)
        return Mended(plain, 0.0, QUOTE_UNCLOSED if len(taken) > 1 else STRAY_QUOTE), 1

    def _whole(self, text: str) -> Mended | None:
        return mend(text, self._delimiter, self._quote, self._width) if self._width > 1 else None

    def _rows_inside(self, taken: list[str], cells: list[str] | None) -> bool:
        """Whether lines inside a quoted cell are rows themselves: then its quote was never meant to reach them."""
        if self._width < 3:
            return False
        inner = taken[1:-1] if len(taken) > 2 else taken[1:]
        rows = sum(1 for line in inner[:50] if self._is_row(line))
        return rows * 2 > min(len(inner), 50) and (cells is None or len(cells) != self._width or self._is_row(taken[0]))

    def _is_row(self, line: str) -> bool:
        cells: list[str] | None = None
        if self._quote not in line:
            cells = line.split(self._delimiter)
        elif whole := self._whole(line):
            cells = whole.cells
        return cells is not None and len(cells) == self._width and sum(map(_filled, cells)) * 2 > self._width


def _filled(cell: str) -> bool:
    return bool(cell) and not cell.isspace()
