"""New SIS IDs for records whose source came back with others: one step, which can be taken back as one run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from rosterdesk.directory import bulk
from rosterdesk.directory.edit import Edit, editing
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.permissions import ROSTERING, Person
from rosterdesk.directory.schema import RECORDS, changes, decisions
from rosterdesk.directory.settings import DISTRICT
from rosterdesk.errors import DirectoryChanged
from rosterdesk.run import Run

_PART = 5000


@dataclass(frozen=True, slots=True)
class NewId:
    """A record, the SIS ID that it has, and the one that it gets."""

    record: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """What giving new IDs did: the run (None when nothing was given), how many records of each kind, and those that
    kept theirs because another record has the new one."""

    run: int | None
    counts: Mapping[str, int]
    taken: Mapping[str, tuple[NewId, ...]]


def rekey(
    directory: Directory,
    crosswalk: Mapping[str, tuple[NewId, ...]],
    why: str,
    *,
    acting_as: str | None = None,
    person: Person | None = None,
    run: Run | None = None,
) -> Rekeyed:
    """Give records of each kind their new SIS IDs, in one transaction and one run.

    What people decided of matches holds for the new IDs too. Raises `DirectoryChanged` when a record no longer has its
    old ID, `NotAllowed` for whoever does not manage the district's roster; then nothing is changed.
    """
    run = run or Run()
    counts: dict[str, int] = {}
    taken: dict[str, tuple[NewId, ...]] = {}
    with editing(directory, "giving new SIS IDs", why, acting_as=acting_as, person=person, run=run) as edit:
        edit.person.require(
            "New SIS IDs are given by those who manage the roster of the whole district.", ROSTERING, {DISTRICT}
        )
        for entity, ids in crosswalk.items():
            present = _present(edit, entity)
            held = {sis_id: record for record, sis_id in present.items()}
            refused = tuple(new for new in ids if new.new in held)
            given = [new for new in ids if new.new not in held]
            if any(present.get(new.record) != new.old for new in ids):
                raise DirectoryChanged(
                    f"Some {entity} no longer have the ID for which a new one was found.",
                    "Look for the new IDs again: nothing was changed.",
                )
            for at in range(0, len(given), _PART):
                run.check()
                run.report(f"Giving new IDs to {entity}", at, len(given))
                _give(edit, entity, given[at : at + _PART])
            if given:
                counts[entity] = len(given)
                edit.stale.add(entity)
                edit.stale |= set(RECORDS) if entity == "schools" else set()  # these name their schools
            if refused:
                taken[entity] = refused
    return Rekeyed(edit.run if counts else None, counts, taken)


def _present(edit: Edit, entity: str) -> dict[int, str]:
    table = RECORDS[entity]
    query = sa.select(table.c.id, table.c.sis_id).where(table.c.district == edit.district, table.c.sis_id.is_not(None))
    return dict(iter(edit.conn.execute(query)))


def _give(edit: Edit, entity: str, ids: list[NewId]) -> None:
    table = RECORDS[entity]
    edit.conn.execute(
        table.update()
        .where(table.c.district == edit.district, table.c.id == sa.bindparam("of"))
        .values(sis_id=sa.bindparam("new")),
        [{"of": new.record, "new": new.new} for new in ids],
    )
    first = edit.reserve(entity, "updated", len(ids))
    columns = ("district", "run", "number", "entity", "record", "action", "before", "after")
    rows = (
        (*(edit.district, edit.run, first + at, entity, new.record, "update"), *_texts(new))
        for at, new in enumerate(ids)
    )
    bulk.insert(edit.conn, changes.name, columns, rows)
    said = decisions.alias()
    for at in range(0, len(ids), 500):
        part = {new.old: new.new for new in ids[at : at + 500]}
        query = sa.select(said).where(
            said.c.district == edit.district, said.c.entity == entity, said.c.incoming.in_(part)
        )
        for row in edit.conn.execute(query).all():
            edit.conn.execute(decisions.insert().values({**row._mapping, "incoming": part[row.incoming]}))


def _texts(new: NewId) -> tuple[str, str]:
    return json.dumps({"sis_id": new.old}, ensure_ascii=False), json.dumps({"sis_id": new.new}, ensure_ascii=False)
