"""A person's schools beside the first one, in an undo: a push writes them down as a list of SIS IDs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory import bulk
from rosterdesk.directory.changed import NAMED, AllLeft, Left
from rosterdesk.directory.schema import changes, other_schools, schools

FIELD = "other_school_sis_ids"
_SEPARATOR = "\x1f"
_BATCH = 500
_NO_RUN = 0  # whose the returning links are is not known any more; they go with their person


def revert(conn: sa.Connection, entity: str, of: Mapping[str, int]) -> tuple[int, AllLeft]:
    """Put back the lists that are still as the run left them; return how many, and which are not."""
    count, left = 0, AllLeft()
    query = (
        sa.select(changes.c.number, changes.c.record, changes.c.before, changes.c.after)
        .where(changes.c.district == of["district"], changes.c.run == of["run"], changes.c.entity == entity)
        .where(changes.c.after.like(f"%{FIELD}%"))
        .order_by(changes.c.number)
    )
    last = 0
    while batch := conn.execute(query.where(changes.c.number > last).limit(_BATCH)).all():
        last = batch[-1].number
        done, more = _revert_batch(conn, entity, of["district"], batch)
        count, left = count + done, left + more
    return count, left


def _revert_batch(conn: sa.Connection, entity: str, district: int, batch: Sequence[Any]) -> tuple[int, AllLeft]:
    before, after = (
        {
            row.record: _listed(texts[FIELD])
            for row in batch
            if FIELD in (texts := json.loads(getattr(row, side) or "{}"))
        }
        for side in ("before", "after")
    )
    exists = sa.select(sa.table(entity, sa.column("id"), sa.column("district")).c.id)
    people = set(conn.execute(exists.where(sa.column("district") == district, sa.column("id").in_(after))).scalars())
    present: dict[int, set[str]] = {person: set() for person in people}
    here = sa.and_(other_schools.c.district == district, other_schools.c.person.in_(after))
    numbers = (schools.c.district == other_schools.c.district) & (schools.c.id == other_schools.c.school)
    synced = sa.select(other_schools.c.person, schools.c.sis_id).join(schools, numbers)
    for person, sis_id in conn.execute(synced.where(here, schools.c.sis_id.is_not(None))):
        present[person].add(sis_id)
    same = [person for person in after if present.get(person) == after[person]]
    named = {sis_id for person in same for sis_id in before.get(person, ())}
    known = dict(
        iter(
            conn.execute(
                sa.select(schools.c.sis_id, schools.c.id).where(
                    schools.c.district == district, schools.c.sis_id.in_(named)
                )
            )
        )
    )
    of_sis = sa.select(schools.c.id).where(schools.c.district == district, schools.c.sis_id.is_not(None))
    conn.execute(
        other_schools.delete().where(
            other_schools.c.district == district, other_schools.c.person.in_(same), other_schools.c.school.in_(of_sis)
        )
    )
    rows = [
        (district, person, known[sis_id], _NO_RUN)
        for person in sorted(same)
        for sis_id in sorted(before.get(person, ()))
        if sis_id in known
    ]
    bulk.insert(conn, other_schools.name, ("district", "person", "school", "created_run"), rows)
    others = sorted(after.keys() - set(same))
    return len(same), AllLeft(len(others), tuple(Left(entity, person, FIELD) for person in others[:NAMED]))


def _listed(text: str | None) -> set[str]:
    return set(text.split(_SEPARATOR)) if text else set()
