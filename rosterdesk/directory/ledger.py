"""The ledger of merges: which record was absorbed by which, and what moved then, so that it can return."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory import sight
from rosterdesk.directory.schema import PEOPLE, RECORDS, changes, merges, runs


@dataclass(slots=True)
class Entry:
    """A link that merges have moved: the row as it was before the first of them.

    `made`: the row that stands where the link is now was put there for it. `hidden`: the survivor's own row, which gave
    way to another one.
    """

    link: str
    row: dict[str, Any]
    made: bool = False
    hidden: bool = False


@dataclass(slots=True)
class Moved:
    """What a merge did. `archived`: the absorbed record was active before. `fields`: of the survivor, its value before
    and after. `owned`: those of them that were marked as set by hand. `order`: which merge into the survivor it was."""

    archived: bool = False
    fields: dict[str, list[Any]] = field(default_factory=dict)
    owned: list[str] = field(default_factory=list)
    links: list[Entry] = field(default_factory=list)
    order: int = 1

    @classmethod
    def read(cls, text: str) -> Moved:
        """The opposite of `text`."""
        parts = json.loads(text)
        return cls(**{**parts, "links": [Entry(**entry) for entry in parts["links"]]})

    def text(self) -> str:
        """As it stands in the ledger."""
        return json.dumps(asdict(self), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Merge:
    """One merge that stands: `absorbed` and `survivor` are numbers of records of `entity`; `run` made it.

    `moved` is None where it is not known what was moved, after an import.
    """

    entity: str
    absorbed: int
    survivor: int
    run: int
    moved: Moved | None


def find(conn: sa.Connection, district: int, absorbed: int) -> Merge | None:
    """The merge by which this record was absorbed, or None."""
    row = conn.execute(sa.select(merges).where(merges.c.district == district, merges.c.absorbed == absorbed)).first()
    return _merge(row) if row is not None else None


def absorbed_by(conn: sa.Connection, district: int, survivor: int) -> list[Merge]:
    """The merges by which this record has absorbed others, in the order of their numbers."""
    mine = (merges.c.district == district, merges.c.survivor == survivor)
    return [_merge(row) for row in conn.execute(sa.select(merges).where(*mine).order_by(merges.c.absorbed))]


def list_merges(
    conn: sa.Connection, district: int, *, entity: str = "", limit: int | None = None, after: int = 0
) -> list[Merge]:
    """The merges that stand, in the order of their absorbed records' numbers; `after` a number, to page on."""
    query = sa.select(merges).where(merges.c.district == district, merges.c.absorbed > after)
    if entity:
        query = query.where(merges.c.entity == entity)
    return [_merge(row) for row in conn.execute(query.order_by(merges.c.absorbed).limit(limit))]


def holder(conn: sa.Connection, district: int, record: int) -> int:
    """The record that stands for this one today: the last of those that absorbed one another, or the record itself."""
    while (made := find(conn, district, record)) is not None:
        record = made.survivor
    return record


def every_part(conn: sa.Connection, district: int, record: int) -> list[int]:
    """The record and all that it has absorbed, and what those have: all whose history is its own."""
    found, todo = [], [record]
    while todo:
        found.append(todo.pop())
        inside = sa.select(merges.c.absorbed).where(merges.c.district == district, merges.c.survivor == found[-1])
        todo += conn.execute(inside).scalars()
    return found


def built_on(conn: sa.Connection, district: int, run: int) -> list[int]:
    """The later merges, and merges taken back, that stand on what this merge (or taking back) did: their runs."""
    standing = sa.select(runs.c.run).where(
        runs.c.district == district, runs.c.run > run, runs.c.kind.in_(("merge", "unmerge")), runs.c.state == "done"
    )
    later = list(conn.execute(standing.order_by(runs.c.run)).scalars())
    mine = _concerned(conn, district, [run]).get(run, set()) if later else set()
    found = {number for number, records in _concerned(conn, district, later).items() if not mine.isdisjoint(records)}
    # A family link may have gone on by way of its other end.
    taken = sa.select(changes.c.run, changes.c.before).where(
        changes.c.district == district, changes.c.run.in_(later), changes.c.action == "remove"
    )
    found |= {row.run for row in conn.execute(taken) if json.loads(row.before).get("created_run") == run}
    return sorted(found)


def _concerned(conn: sa.Connection, district: int, numbers: Sequence[int]) -> dict[int, set[int]]:
    """Of each run the records that it merged or told apart."""
    found: dict[int, set[int]] = {}
    made = sa.select(merges.c.created_run, merges.c.absorbed, merges.c.survivor)
    for row in conn.execute(made.where(merges.c.district == district, merges.c.created_run.in_(numbers))):
        found.setdefault(row.created_run, set()).update((row.absorbed, row.survivor))
    noted = sa.select(changes.c.run, changes.c.before).where(
        changes.c.district == district, changes.c.run.in_(numbers), changes.c.entity == merges.name
    )
    for number, text in conn.execute(noted):
        before = json.loads(text)
        found.setdefault(number, set()).update((before["absorbed"], before["survivor"]))
    return found


def of_code(conn: sa.Connection, district: int, code: str) -> int | None:
    """The student who had a join code that gave way to another one in a merge; the code goes on working."""
    query = sa.select(merges).where(merges.c.district == district, merges.c.moved.contains(json.dumps(code)))
    for merge in map(_merge, conn.execute(query)):
        for entry in merge.moved.links if merge.moved is not None else ():
            if entry.link == "join_codes" and entry.row["code"] == code:
                return int(entry.row["student"])
    return None


def names(conn: sa.Connection, district: int, entity: str, records: Sequence[int]) -> dict[int, str]:
    """First and last name of those of these people whom the person at the keyboard may see, by number."""
    table = RECORDS[entity]
    assert entity in PEOPLE
    query = sa.select(table.c.id, table.c.given_name, table.c.family_name)
    mine = (table.c.district == district, *sight.of(conn, district, table))
    rows = conn.execute(query.where(*mine, table.c.id.in_(records)))
    return {row.id: " ".join(part for part in (row.given_name, row.family_name) if part) for row in rows}


def _merge(row: sa.Row[Any]) -> Merge:
    moved = Moved.read(row.moved) if row.moved is not None else None
    return Merge(row.entity, row.absorbed, row.survivor, row.created_run, moved)
