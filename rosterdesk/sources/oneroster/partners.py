"""The other half of records that have changed: a student's birth date stands in a table of its own, and half a student
must not look as if the other half had been taken away.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rosterdesk.net.https import Https
from rosterdesk.sources.tablefile import text

MOST = 500  # records that are asked for one by one; beyond, reading everything is quicker
_HALVES = {"demographics": "users", "users": "demographics"}
_ABSENT = frozenset({404})


def lacking(folder: Path, collection: str) -> list[str]:
    """The IDs of records whose other half has changed and that have not themselves, in the order of that."""
    other, mine = folder / f"{_HALVES[collection]}.csv", folder / f"{collection}.csv"
    if not other.exists() or not mine.exists():
        return []
    here = {row["sourcedId"] for row in _rows(mine)}
    return [row["sourcedId"] for row in _rows(other) if row["sourcedId"] not in here and _has_two(row)]


def ask(door: Https, base: str, collection: str, ids: Sequence[str], take: Callable[[list[Any]], None]) -> None:
    """Give `take` each of these records, one by one; what the server does not have, it has not.

    Raises `UnreachableError` for any other answer than the record or a 404.
    """
    for own in ids:
        answer = door.get(f"{base}/{collection}/{quote(own, safe='-._~')}", accept=_ABSENT)
        if answer.status == 200:
            found = _record(answer.json(), own)
            if found is not None:
                take([found])


def _record(body: Any, own: str) -> Mapping[str, Any] | None:
    """The record in an answer, under its one key, whatever that is called, or bare."""
    for found in (body, *(body.values() if isinstance(body, dict) else ())):
        one = found[0] if isinstance(found, list) and found else found
        if isinstance(one, dict) and text(one.get("sourcedId")) == own:
            return one
    return None


def _has_two(row: Mapping[str, str]) -> bool:
    """Whether the record may have another half: students, those whose role stands elsewhere, and birth dates."""
    return row.get("role", "").lower() in ("student", "")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
