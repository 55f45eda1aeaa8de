"""What a run did, told record by record and by school, from the history. Writing it to a file is `reportfile`'s.

An entry is one number: of a change its place in the run, of a record that the run created the record's own number,
negative. New enrollments and family links are counted, not listed: they say so in the run's counts.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from rosterdesk.directory import sight
from rosterdesk.directory.browse import holding, name_of
from rosterdesk.directory.schema import RECORDS, changes, schools

_BATCH = 500  # an engine takes only so many values in one `in`
# What takes something away comes first.
_GRAVITY = sa.case({"archive": 0, "remove": 1}, value=changes.c.action, else_=2)
AT_SCHOOL = ("students", "staff", "classrooms")


class Entry(NamedTuple):
    """One thing that a run did. A link is told as a change of the record at which it begins."""

    action: str
    entity: str
    name: str
    sis_id: str
    school: str
    field: str
    before: str
    after: str


def count(conn: sa.Connection, district: int, run: int) -> dict[str, int]:
    """How many entries of each action a run has."""
    query = sa.select(changes.c.action, sa.func.count()).where(*_of_run(conn, district, run)).group_by(changes.c.action)
    found: dict[str, int] = {row[0]: row[1] for row in conn.execute(query)}
    created = sum(
        conn.execute(
            sa.select(sa.func.count()).select_from(table).where(*_made_by(conn, district, run, table))
        ).scalar_one()
        for table in RECORDS.values()
    )
    return {**({"create": created} if created else {}), **found}


def find(
    conn: sa.Connection, district: int, run: int, *, action: str = "", school: str = "", words: str = ""
) -> array[int]:
    """The entries of a run, the gravest first: of one action, of records that hold every word."""
    found = array("q")
    if action != "create":
        where = _of_run(conn, district, run)
        if action:
            where.append(changes.c.action == action)
        if words or school:
            where.append(sa.or_(*(_of(entity, school, words) for entity in RECORDS)))
        query = sa.select(changes.c.number).where(*where).order_by(_GRAVITY, changes.c.number)
        found.extend(conn.execution_options(yield_per=20_000).execute(query).scalars())
    if action in ("", "create"):
        for table in RECORDS.values():
            query = (
                sa.select(-table.c.id)
                .where(*_made_by(conn, district, run, table), *_among(table, school, words))
                .order_by(table.c.id)
            )
            found.extend(conn.execution_options(yield_per=20_000).execute(query).scalars())
    return found


def entries(conn: sa.Connection, district: int, run: int, numbers: Sequence[int]) -> Iterator[Entry]:
    """These entries, in this order."""
    names = {row.id: row.name or "" for row in conn.execute(_names(district))}
    for start in range(0, len(numbers), _BATCH):
        some = numbers[start : start + _BATCH]
        query = sa.select(changes).where(
            *_of_run(conn, district, run), changes.c.number.in_([n for n in some if n > 0])
        )
        changed = {row.number: row for row in conn.execute(query)}
        records = _records(conn, district, {row.record for row in changed.values()} | {-n for n in some if n < 0})
        for number in some:
            if number > 0 and (row := changed.get(number)) is not None:
                before, after = ({} if text is None else json.loads(text) for text in (row.before, row.after))
                yield _entry(row.action, row.entity, records.get(row.record), before, after, names)
            elif number < 0 and (record := records.get(-number)) is not None:
                yield _entry("create", record[0], record, {}, {}, names)


def by_school(conn: sa.Connection, district: int, run: int) -> dict[str, dict[str, int]]:
    """What a run did at each school, by name: how many students, staff and classrooms of each action."""
    found: dict[str, dict[str, int]] = {}
    for entity in AT_SCHOOL:
        table = RECORDS[entity]
        at = (schools.c.district == table.c.district) & (schools.c.id == table.c.school)
        created = sa.select(schools.c.name, sa.literal("create"), table.c.id).join_from(table, schools, at)
        changed = (
            sa.select(schools.c.name, changes.c.action, table.c.id)
            .join_from(changes, table, (table.c.district == changes.c.district) & (table.c.id == changes.c.record))
            .join(schools, at)
            .where(*_of_run(conn, district, run), changes.c.entity == entity)
        )
        both = sa.union_all(created.where(*_made_by(conn, district, run, table)), changed).subquery()
        name, action, _ = both.c
        for school, what, number in conn.execute(
            sa.select(name, action, sa.func.count()).group_by(name, action).order_by(name)
        ):
            counts = found.setdefault(school or "", {})
            counts[what] = counts.get(what, 0) + number
    return dict(sorted(found.items()))


def _of_run(conn: sa.Connection, district: int, run: int) -> list[sa.ColumnElement[bool]]:
    """The conditions on `changes`: of this run, and of what this person may see."""
    mine = sight.seen_changes(sight.viewer(conn, district), district)
    return [changes.c.district == district, changes.c.run == run, *mine]


def _made_by(conn: sa.Connection, district: int, run: int, table: sa.Table) -> list[sa.ColumnElement[bool]]:
    """The same on the records of a table that the run created."""
    return [table.c.district == district, table.c.created_run == run, *sight.of(conn, district, table)]


# Of a link the record at which it begins.
_LINKS_OF = {
    "classrooms": ("enrollments",),
    "students": ("guardianships", "other_schools", "attributes"),
    "staff": ("other_schools",),
}


def _of(entity: str, school: str, words: str) -> sa.ColumnElement[bool]:
    """Whether a change is of a record of this kind, in this school, with these words."""
    table = RECORDS[entity]
    inside = sa.select(table.c.id).where(table.c.district == changes.c.district, *_among(table, school, words))
    return changes.c.entity.in_((entity, *_LINKS_OF.get(entity, ()))) & changes.c.record.in_(inside)


def _among(table: sa.Table, school: str, words: str) -> list[sa.ColumnElement[bool]]:
    if not school:
        return holding(table, words)
    if "school" not in table.c:
        return [sa.false()]
    named = sa.select(schools.c.id).where(schools.c.district == table.c.district, schools.c.name == school)
    return [table.c.school.in_(named), *holding(table, words)]


def _names(district: int) -> sa.Select[Any]:
    return sa.select(schools.c.id, schools.c.name).where(schools.c.district == district)


def _records(conn: sa.Connection, district: int, ids: set[int]) -> dict[int, tuple[str, str, str, int | None]]:
    """Kind, name, SIS ID and school of each of these records that is still there."""
    found: dict[int, tuple[str, str, str, int | None]] = {}
    for entity, table in RECORDS.items():
        school = table.c.school if "school" in table.c else sa.null()
        query = sa.select(table.c.id, name_of(table), table.c.sis_id, school)
        here = (table.c.district == district, *sight.of(conn, district, table))
        for row in conn.execute(query.where(*here, table.c.id.in_(ids))):
            found[row[0]] = (entity, row[1] or "", row[2] or "", row[3])
    return found


def _entry(
    action: str,
    entity: str,
    record: tuple[str, str, str, int | None] | None,
    before: dict[str, Any],
    after: dict[str, Any],
    names: dict[int, str],
) -> Entry:
    _, name, sis_id, school = record or ("", "", "", None)
    told_whole = action == "remove" or entity == "merges"  # a line of the ledger of merges is nothing to read
    fields = [] if told_whole else list(dict.fromkeys([*before, *after]))

    def told(values: dict[str, Any]) -> str:
        if action == "remove":
            return str(values.get("relationship") or values.get("role") or "")
        shown = (values.get(f) for f in fields)
        return "; ".join("–" if v is None else names.get(v, str(v)) if isinstance(v, int) else str(v) for v in shown)

    at = names.get(school, "") if school is not None else ""
    return Entry(action, entity, name, sis_id, at, "; ".join(fields), told(before), told(after))
