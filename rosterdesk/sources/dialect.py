"""How a text file is written: the dialect as a value, and its detection from a sample without being told anything."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rosterdesk.sources import grammar, layout

SCORED = 1 << 16
"""Characters of the sample that every candidate is tried on."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """`quote` is None when nothing is quoted; `escape` is the quote itself when doubled, a backslash, or "" for none.

    `preamble_rows` records stand above the `header_rows` records that name the columns (0: the file has no header),
    `columns` is the usual width of a row (0: not known). A `delimiter` may be longer than one character.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str | None = '"'
    escape: str = '"'
    newline: str = "\r\n"
    preamble_rows: int = 0
    header_rows: int = 1
    columns: int = 0

    @property
    def has_header(self) -> bool:
        return self.header_rows > 0


def detect(sample: str, *, whole: bool = True, encoding: str = "utf-8") -> Dialect:
    """The dialect of a text of which `sample` is the beginning, or all (`whole`). An empty text has no header and no
    columns.
    """
    base = Dialect(encoding=encoding, newline=_newline(sample))
    sample = sample.replace("\0", "")
    if not whole:
        sample = _whole_lines(sample)
    if not sample.strip("\r\n\ufeff "):
        return replace(base, header_rows=0)
    # Excel writes and obeys a first line that names the separator.
    told = re.match(r"[\"']?sep=(.)[\"']?[\r\n]", sample)
    part = sample if len(sample) <= SCORED else _whole_lines(sample[:SCORED])
    found = grammar.best(part, told[1] if told else None)
    place = layout.find(sample, found, above=1 if told else 0)
    return replace(base, **found._asdict(), **place._asdict())


def _newline(sample: str) -> str:
    counts = {"\r\n": sample.count("\r\n"), "\n": 0, "\r": 0}
    counts["\n"] = sample.count("\n") - counts["\r\n"]
    counts["\r"] = sample.count("\r") - counts["\r\n"]
    return max(counts, key=lambda end: counts[end]) if any(counts.values()) else "\r\n"


def _whole_lines(sample: str) -> str:
    cut = max(sample.rfind("\n"), sample.rfind("\r"))
    return sample[: cut + 1] if cut > 0 else sample
