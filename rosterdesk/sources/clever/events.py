"""Clever's events as a fast path between full reads: which records have changed since the last event that was seen.

Events are kept for 30 days, hold no more than they must, and may come twice (dev.clever.com, Events API); so they only
tell which records to ask for as they are now. Whatever they can't tell for sure, such as that somebody has gone, is
left to a full read.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rosterdesk.sources.clever.access import Clever, unwrapped
from rosterdesk.sources.clever.rows import COLUMNS, Record, Row, roles_of
from rosterdesk.sources.tablefile import TableFile, items, text

Turns = Mapping[str, Callable[[Record], Iterator[Row]]]
FULL_EVERY = 24.0  # hours
MOST = 500  # records that are asked for one by one; beyond, reading everything is quicker
_SLACK = timedelta(hours=1)  # a nightly run is not to be a minute too early for its full read
_KEPT = timedelta(days=29)  # events are kept for 30
_GONE = frozenset({400, 404, 410})
_NO_EVENT = "-"
_WHOLE = ("schools", "courses", "terms", "districts", "resources")  # read in full each time, or none of ours


class ReadAll(Exception):
    """The events are not enough; the sentence says why everything is read."""


@dataclass(frozen=True, slots=True)
class Position:
    """When all was read last, when events were, and the last of them (empty: there was none yet)."""

    full: datetime
    read: datetime
    event: str = ""

    @classmethod
    def of(cls, kept: str) -> Position | None:
        """The position that `kept` says; None for nothing, and for what we don't understand."""
        try:
            full, read, event = kept.split(" ")
            made = cls(datetime.fromisoformat(full), datetime.fromisoformat(read), "" if event == _NO_EVENT else event)
        except ValueError:
            return None
        return made if made.full.tzinfo and made.read.tzinfo else None

    def __str__(self) -> str:
        times = (self.full.isoformat(timespec="seconds"), self.read.isoformat(timespec="seconds"))
        return " ".join((*times, self.event or _NO_EVENT))

    def is_due(self, now: datetime, hours: float) -> bool:
        """Whether the full read is due that checks the events."""
        return now - self.full >= timedelta(hours=hours) - _SLACK or now < self.read


@dataclass
class Changed:
    """The records that events tell of, by their IDs, and the last event."""

    last: str
    users: dict[str, None] = field(default_factory=dict)
    sections: dict[str, None] = field(default_factory=dict)
    count: int = 0


def last_event(clever: Clever) -> str:
    """The latest event there is; empty: there is none.

    Events are listed from the oldest on; `ending_before=last` asks for the end of the list (dev.clever.com, paging).
    What comes after the answer is walked all the same: nothing, unless the server does not know that word.
    """
    answer = clever.get("events?ending_before=last&limit=1", accept=_GONE)
    body = answer.json() if answer.status == 200 else None
    found = items(body.get("data")) if isinstance(body, dict) else []
    last = text((unwrapped(found[-1]) or {}).get("id")) if found else ""
    for page in clever.pages(_path(last), "Looking for the latest event", counted=False):
        last = text(page[-1].get("id")) if page else last
    return last


def known(clever: Clever, event: str) -> bool:
    """Whether the server still has this event."""
    return clever.get(f"events/{quote(event, safe='')}", accept=_GONE).status == 200


def since(clever: Clever, position: Position, now: datetime) -> Changed:
    """What has changed since the position. Raises `ReadAll` when the events can't tell it."""
    if now - position.read > _KEPT:
        raise ReadAll("The last event that was seen is older than the events that Clever keeps")
    if position.event and not known(clever, position.event):
        raise ReadAll("Clever does not know the last event any more that was seen")
    changed = Changed(position.event)
    for page in clever.pages(_path(position.event), "Reading what has changed", counted=False):
        for event in page:
            changed.last = text(event.get("id")) or changed.last
            changed.count += 1
            _note(changed, event)
    return changed


def _note(changed: Changed, event: Record) -> None:
    resource, _, what = text(event.get("type")).partition(".")
    data = event.get("data")
    found = data.get("object") if isinstance(data, dict) else None
    own = text(found.get("id")) if isinstance(found, dict) else ""
    if resource in _WHOLE:
        return
    if what == "deleted":
        raise ReadAll("Clever tells that records have gone")
    if resource not in ("users", "sections") or what not in ("created", "updated") or not own:
        raise ReadAll("Clever tells of a change in a way that is not known here")
    (changed.users if resource == "users" else changed.sections)[own] = None


def write(clever: Clever, changed: Changed, raw: Path, turns: Mapping[str, Turns]) -> dict[str, Path]:
    """Ask for the records as they are now, and for those that they lean on; write them as flat files.

    Raises `ReadAll` when they are too many, or one of them is not there any more.
    """
    files: dict[str, Path] = {}
    sections = list(_records(clever, "sections", changed.sections))
    users: dict[str, Record] = {text(r.get("id")): r for r in _records(clever, "users", changed.users)}
    leant_on = [person for section in sections for person in _people_of(section)]
    leant_on += [student for user in users.values() for student in _students_of(user)]
    lacking = [own for own in dict.fromkeys(leant_on) if own not in users]
    if len(users) + len(sections) + len(lacking) > MOST:
        raise ReadAll("More has changed than can be asked for one by one")
    users |= {text(r.get("id")): r for r in _records(clever, "users", lacking)}
    for path, records in (("sections", sections), ("users", list(users.values()))):
        with ExitStack() as stack:
            for name, turn in turns[path].items():
                table = stack.enter_context(TableFile(raw, name, COLUMNS[name]))
                table.add([row for record in records for row in turn(record)])
                files[name] = table.path
    return files


def _records(clever: Clever, path: str, ids: Iterable[str]) -> Iterator[Record]:
    ids = list(ids)
    if len(ids) > MOST:
        raise ReadAll("More has changed than can be asked for one by one")
    for done, own in enumerate(ids):
        clever.run.report("Reading what has changed", done, len(ids))
        answer = clever.get(f"{path}/{quote(own, safe='')}", accept=frozenset({404}))
        found: Any = unwrapped(answer.json()) if answer.status == 200 else None
        if found is None or text(found.get("id")) != own:
            raise ReadAll("A record that events tell of is not there any more")
        yield found


def _people_of(section: Record) -> list[str]:
    told = (*items(section.get("teacher")), *items(section.get("teachers")), *items(section.get("students")))
    return [text(one) for one in told]


def _students_of(user: Record) -> list[str]:
    """The students whose contact a user is."""
    contact = roles_of(user).get("contact")
    ties = items(contact.get("student_relationships")) if isinstance(contact, dict) else []
    return [text(tie["student"]) for tie in ties if isinstance(tie, dict) and tie.get("student")]


def write_manifest(folder: Path, names: Iterable[str]) -> Path:
    """Say beside the files that they hold changes only; return the file."""
    path = folder / "manifest.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("propertyName", "value"), *((f"file.{name}", "changes") for name in names)])
    return path


def _path(after: str) -> str:
    return f"events?starting_after={quote(after, safe='')}" if after else "events"
