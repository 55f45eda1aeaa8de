"""A line whose quotes or separators are broken: the cheapest way to read it as so many cells, by dynamic programming.

Each cell is read plain, quoted, or quoted with a separator missing beside it; every irregularity has a price.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from rosterdesk.sources.faults import SEPARATOR_MISSING, STRAY_QUOTE

# The prices of what is not regular.
INSIDE = 1.0
"""A plain cell with pairs of quotes in it."""
ODD = 2.5
"""A plain cell with a single quote in it: two of these in a row are rather a quoted cell that lost its separator."""
WITHIN_QUOTES = 1.2
"""Each quote inside a quoted cell that is not doubled."""
OPENING = 3.0
"""A quote that opens a cell and does not close it."""
MISSING = 4.0
"""A separator that is lost before a quote."""
MISSING_AFTER = 5.0
"""A separator that is lost after one."""

_LONGEST = 1 << 16
_STEPS = 200_000
_OTHERS = ("\t", ";", "|", ",", " ")
_CLOSINGS = 16
_TRIED = 100


class Mended(NamedTuple):
    """`code` is empty when the line was regular after all."""

    cells: list[str]
    price: float
    code: str


class _Step(NamedTuple):
    cells: tuple[str, ...]
    end: int  # where the next cell begins; length + 1 after the last cell
    price: float
    lost: bool = False  # a separator was taken for lost


def mend(line: str, delimiter: str, quote: str, width: int | None) -> Mended | None:
    """The cheapest reading of `line` (line end included) with exactly `width` cells, or with any number of them when it
    is None.

    None when there is no such reading, or the line is too long to try.
    """
    text = line.rstrip("\r\n")
    separators = text.count(delimiter)
    # Over several lines anything can be made of lost separators.
    dearest = OPENING if "\n" in text or "\r" in text else MISSING_AFTER + _TRIED
    if len(text) > _LONGEST or (width is not None and (separators + 1) * width > _STEPS):
        return None
    # States are (place, cells so far); without a wanted width the number of cells does not matter and stays 0.
    states: dict[int, dict[int, tuple[float, _Step | None, int, int]]] = {0: {0: (0.0, None, 0, 0)}}
    done = len(text) + 1
    places = [0]
    while places:
        place = heappop(places)
        if place == done:
            break
        here = states[place]
        for step in _steps(text, place, delimiter, quote, dearest):
            if step.end not in states:
                states[step.end] = {}
                heappush(places, step.end)
            ahead = states[step.end]
            for count, (price, _, _, _) in here.items():
                total = count + len(step.cells) if width is not None else 0
                if width is not None and total > width:
                    continue
                known = ahead.get(total)
                if known is None or price + step.price < known[0]:
                    ahead[total] = (price + step.price, step, place, count)
    final = states.get(done, {}).get(width or 0)
    if final is None:
        return None
    cells: list[str] = []
    missing = False
    place, count = done, width or 0
    while place:
        _, taken, place, count = states[place][count]
        if taken is not None:
            cells[:0] = taken.cells
            missing |= taken.lost
    code = SEPARATOR_MISSING if missing else STRAY_QUOTE if final[0] else ""
    return Mended(cells, final[0], code)


def _steps(text: str, start: int, delimiter: str, quote: str, dearest: float) -> Iterator[_Step]:
    stop = text.find(delimiter, start)
    stop = len(text) if stop < 0 else stop
    plain = text[start:stop]
    opened = plain.startswith(quote)
    quotes = plain.count(quote)
    yield _Step((plain,), stop + 1, OPENING if opened else 0.0 if not quotes else ODD if quotes % 2 else INSIDE)
    if opened:
        yield from _quoted(text, start, delimiter, quote, (), 0.0, dearest)
    elif quotes and dearest >= MISSING and not (plain + " ")[plain.index(quote) + 1].isspace():
        # In 'Anna"Lee, Jr."' the separator before the quote is gone; in '5" pipe' nothing is.
        at = start + plain.index(quote)
        yield from _quoted(text, at, delimiter, quote, (text[start:at],), MISSING, dearest)


def _quoted(
    text: str, start: int, delimiter: str, quote: str, before: tuple[str, ...], price: float, dearest: float
) -> Iterator[_Step]:
    closings = tried = 0
    at = text.find(quote, start + 1)
    while at >= 0 and closings < _CLOSINGS and tried < _TRIED:
        tried += 1
        content = text[start + 1 : at]
        after = text[at + 1 : at + 2]
        simple = content.replace(quote * 2, "")
        strays = simple.count(quote)
        cell = content.replace(quote * 2, quote)
        cost = price + WITHIN_QUOTES * strays
        if after in ("", delimiter):
            closings += 1
            yield _Step((*before, cell), at + 2, cost, bool(before))
        elif not strays and not before and dearest >= MISSING_AFTER:
            # "one""two" and "one"two: the separator after the closing quote is gone.
            yield _Step((cell,), at + 1, cost + (MISSING if after == quote else MISSING_AFTER), True)
        at = text.find(quote, at + 1)


def reseparated(cells: Sequence[str], delimiter: str, quote: str | None, width: int) -> list[str] | None:
    """The cells of a row written with another separator, if exactly one separator gives as many as there should be."""
    if width < 3 or len(cells) >= width:
        return None
    text = delimiter.join(cells)
    readings = []
    for other in _OTHERS:
        if other == delimiter or text.count(other) < width - 1:
            continue
        try:
            rows = list(csv.reader([text], delimiter=other, quotechar=quote or '"', strict=True))
        except csv.Error:
            continue
        if len(rows) == 1 and len(rows[0]) == width:
            readings.append(rows[0])
    return readings[0] if len(readings) == 1 else None
