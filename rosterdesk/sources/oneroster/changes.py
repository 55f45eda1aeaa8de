"""Reading only what has changed at a OneRoster server: since when, and whether its filter can be believed.

A filter is believed when it lets nothing through for a time to come, and everything since 1970: servers that ignore it
fail the first, those whose records lack a date the second (1EdTech OneRoster 1.1, section 3.4.3).

A full read asks with no filter at all. By role nothing is saved, as people of every role are wanted, and a role that we
do not know would be missed in silence. By status only records that are to be deleted are spared, which are news; and
the count that proves a read whole would be one of a list that the server has chosen.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rosterdesk.net.https import Https
from rosterdesk.sources.oneroster.paging import page_address, records_of
from rosterdesk.sources.tablefile import text

FULL_EVERY = 24.0  # hours
_SLACK = timedelta(hours=1)  # a nightly run is not to be a minute too early for its full read
_OVERLAP = timedelta(minutes=10)  # what was written while we read comes once more
_EVER, _NEVER = "1970-01-01T00:00:00.000Z", "2999-01-01T00:00:00.000Z"
_REFUSED = frozenset({400, 404, 405, 422, 500, 501})


@dataclass(frozen=True, slots=True)
class Position:
    """When all was read last, and when anything was, by the server's clock."""

    full: datetime
    read: datetime

    @classmethod
    def of(cls, kept: str) -> Position | None:
        """The position that `kept` says; None for nothing, and for what we don't understand."""
        try:
            full, read = (datetime.fromisoformat(part) for part in kept.split(" "))
        except ValueError:
            return None
        return cls(full, read) if full.tzinfo and read.tzinfo else None

    def __str__(self) -> str:
        return f"{self.full.isoformat(timespec='seconds')} {self.read.isoformat(timespec='seconds')}"

    def is_old(self, now: datetime, hours: float) -> bool:
        """Whether all is to be read again; also when the server's clock has gone back."""
        return now - self.full >= timedelta(hours=hours) - _SLACK or now < self.read

    @property
    def since(self) -> str:
        """The time after which records are asked for."""
        return (self.read - _OVERLAP).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def later_than(moment: str) -> str:
    """The filter for what has changed since."""
    return f"dateLastModified>'{moment}'"


def proven(door: Https, base: str, collection: str) -> bool:
    """Whether the server keeps to the filter by date in this collection, and every record has a date."""
    everything = door.get(page_address(base, collection, 1, 0), accept=frozenset({404}))
    total = everything.number("x-total-count") if everything.status == 200 else 0
    none = door.get(page_address(base, collection, 1, 0, later_than(_NEVER)), accept=_REFUSED)
    if none.status == 200 and (records_of(none) or none.number("x-total-count")):
        return False
    if none.status not in (200, 404) or total is None:
        return False
    if not total:
        return True
    ever = door.get(page_address(base, collection, 1, 0, later_than(_EVER)), accept=_REFUSED)
    return ever.status == 200 and len(records_of(ever)) == 1 and ever.number("x-total-count") == total


def earlier(records: Sequence[Any], since: str) -> bool:
    """Whether any of the records did not change after that time, though only such were asked for."""
    limit = datetime.fromisoformat(since)
    return any(
        isinstance(record, dict) and _is_earlier(text(record.get("dateLastModified")), limit) for record in records
    )


def _is_earlier(told: str, limit: datetime) -> bool:
    try:
        moment = datetime.fromisoformat(told.strip())
    except ValueError:
        return True
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) < limit


def write_manifest(folder: Path, version: str, collections: Iterable[str]) -> Path:
    """Say in the standard's own way that the files hold changes only; return the file."""
    path = folder / "manifest.csv"
    rows = [("propertyName", "value"), ("manifest.version", "1.0"), ("oneroster.version", version)]
    rows += [(f"file.{name}", "delta") for name in collections]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path
