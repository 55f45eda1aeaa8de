"""How the cells of a text are set apart: candidates, and which of them reads the text best.

Candidates are read back and scored by how even their rows are and how much their cells look like something (the pattern
and type scores of CleverCSV, van den Burg et al. 2019, with another measure of evenness: one torn row must not halve a
score).
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rosterdesk.sources.lines import Translation
from rosterdesk.sources.shapes import EMPTY, OTHER, TEXT, kind, typed

# The weight is what a separator must overcome to be believed: spaces and colons also stand in names, times and
# addresses.
_DELIMITERS = {
    ",": 1.0,
    ";": 1.0,
    "\t": 1.0,
    "|": 1.0,
    "~": 0.9,
    "^": 0.9,
    "\x1f": 1.0,
    "\x01": 1.0,
    "¦": 0.9,
    ":": 0.3,
    " ": 0.5,
}
_QUOTES = ('"', "'")
_WORDS = (" ", ":", ": ")


class Grammar(NamedTuple):
    """The separator (one character or more), the quote (None: nothing is quoted), what escapes a quote in a cell."""

    delimiter: str
    quote: str | None
    escape: str

    def read(self, text: str) -> list[list[str]]:
        """The rows of a text as the csv module reads them, blank ones left out; nothing is mended. Raises csv.Error."""
        translation = Translation(*self)
        lines = map(translation.into, io.StringIO(text, newline=""))
        if self.quote is None:
            reader = csv.reader(lines, delimiter=translation.delimiter, quoting=csv.QUOTE_NONE)
        else:
            reader = csv.reader(lines, delimiter=translation.delimiter, quotechar=self.quote)
        rows = [row for row in reader if row]
        return [[translation.back(cell) for cell in row] for row in rows] if translation.needed else rows


def best(part: str, told: str | None = None) -> Grammar:
    """The grammar that reads the text best, the usual one where nothing speaks for another; `told`, a separator."""
    found, found_score = Grammar(told or ",", '"', '"'), 0.0
    for candidate, weight in _candidates(part, told):
        score = weight * _score(part, candidate)
        # An even score keeps the earlier candidate, which is the more usual one.
        if score > found_score * 1.0001:
            found, found_score = candidate, score
    return _spaced(part, found)


def _candidates(part: str, told: str | None) -> Iterator[tuple[Grammar, float]]:
    longer = _long_delimiters(part)
    # Where "||" separates, "|" would read as evenly, with an empty column between every two.
    single = {one: weight for one, weight in _DELIMITERS.items() if one * 2 not in longer}
    weights: dict[str, float] = {told: 1.0} if told else single | longer
    for delimiter, weight in weights.items():
        if delimiter not in part:
            continue
        for quote in _QUOTES:
            # A quote that nowhere stands at the edge of a cell is a plain character.
            if quote != '"' and _edges(part, delimiter, quote) < 2:
                continue
            yield Grammar(delimiter, quote, quote), weight
            if "\\" + quote in part:
                yield Grammar(delimiter, quote, "\\"), weight


def _edges(part: str, delimiter: str, quote: str) -> int:
    return part.count(delimiter + quote) + part.count("\n" + quote) + part.count("\r" + quote)


def _long_delimiters(part: str) -> dict[str, float]:
    """Separators of two or more characters, tried only where they are the rule: "||", two tabs, the letters \\t."""
    found = {}
    for one in (",", ";", "|", "\t", "~", "^", ":", "#", "$", "@"):
        two = one * 2
        first = part.lstrip().splitlines()[0]
        if two in first and all(text.count(two) * 2 >= text.count(one) * 0.95 for text in (first, part)):
            found[two] = 1.0
    for one in (",", ";", "|", ":"):
        # A space after each separator hides the quotes of 'a, "b, c"' when it is not read as a part of the separator.
        if part.count(f'{one} "') >= 2 or part.count(f"{one} '") >= 2:
            found[one + " "] = 0.99 * _DELIMITERS[one]
    if part.count("\\t") >= 3:
        found["\\t"] = 0.9
    return found


def _spaced(part: str, found: Grammar) -> Grammar:
    """In "a, b, c" the space that follows every separator belongs to the separator, not to the cells."""
    spaced = found._replace(delimiter=found.delimiter + " ")
    if found.delimiter not in (",", ";", "|", ":") or spaced.delimiter not in part:
        return found
    rows = found.read(part)
    starts = [cell[:1] for row in rows for cell in row[1:]]
    if starts and starts.count(" ") >= 0.95 * len(starts) and _evenness(spaced.read(part)) >= _evenness(rows):
        return spaced
    return found


def _evenness(rows: Sequence[Sequence[str]]) -> float:
    """1 when all rows have the same number of cells and this is large; 0 when every row has one cell."""
    if not rows:
        return 0.0
    widths = Counter(map(len, rows))
    return sum((count / len(rows)) ** 2 * (width - 1) / width for width, count in widths.items())


def _score(part: str, candidate: Grammar) -> float:
    try:
        rows = candidate.read(part)
    except csv.Error:
        return 0.0
    evenness = _evenness(rows)
    if candidate.delimiter in _WORDS and evenness and not _tabular(rows):
        return 0.0
    return evenness * typed(rows) if evenness else 0.0


def _tabular(rows: Sequence[Sequence[str]]) -> bool:
    """Names and sentences have spaces, too: they are only a table when they are even and some column is not words."""
    width, count = Counter(map(len, rows)).most_common(1)[0]
    if width < 3 or count < 0.8 * len(rows):
        return False
    columns = zip(*(row for row in rows if len(row) == width), strict=True)
    return any(sum(kind(cell) not in (TEXT, OTHER, EMPTY) for cell in column) * 2 > count for column in columns)
