"""Full names in parts. The plain forms are taken apart here; anything harder asks nameparser."""

from __future__ import annotations

import re
from functools import lru_cache

import duckdb

from rosterdesk.errors import UsageError
from rosterdesk.mapping.cells import Cell, call, each
from rosterdesk.staging import literal

_LONGEST = 200
PARTS = ("given", "middle", "family")
_LAST_FIRST = re.compile(
    r"([^\W\d_]{2,}), ?([^\W\d_]{3,})"
)  # what most exports hold; nameparser takes 300 times as long


def part(cell: Cell, which: str, con: duckdb.DuckDBPyConnection) -> Cell:
    """The given, middle or family part of a full name. A lone word is the given name; suffixes end the family name."""
    if which not in PARTS:
        raise UsageError("The mapping can't be used.", f"A name has the parts {', '.join(PARTS)}.", which)
    return each(cell, lambda x: f"nullif({call(con, name_part, x, literal(which))}, '')")


def name_part(text: str, which: str) -> str:
    """One part of a full name, or an empty text."""
    return parse(text)[PARTS.index(which)]


@lru_cache(maxsize=100_000)
def parse(text: str) -> tuple[str, str, str]:
    """The given, middle and family part of "Last, First Middle" or "First Middle Last"."""
    if len(text) > _LONGEST:
        return "", "", text
    if plain := _LAST_FIRST.fullmatch(text):
        return plain[2], "", plain[1]
    from nameparser import HumanName

    name = HumanName(text)
    family = f"{name.last} {name.suffix}" if name.suffix else name.last
    return str(name.first).strip(), str(name.middle).strip(), str(family).strip()
