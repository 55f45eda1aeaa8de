"""Third stage: find what is wrong with a mapped roster, and make the tables of what may go on.

A row that an error leaves out counts as present ever after: nothing is archived because its row was faulty.
"""

from __future__ import annotations

from collections.abc import Sequence

from rosterdesk.checks import credential, families, headers, links, manifest, people, places, presence, signs
from rosterdesk.checks.groups import Group, counts, page, summary
from rosterdesk.checks.proof import proven, unproven
from rosterdesk.checks.referred import resolve
from rosterdesk.checks.signs import compare
from rosterdesk.model import MappedTable, Mapping, Reading
from rosterdesk.run import Run
from rosterdesk.staging import Staging

__all__ = [
    "Group",
    "check",
    "check_by_phone",
    "compare",
    "counts",
    "credential",
    "page",
    "proven",
    "resolve",
    "summary",
    "unproven",
]


def check(mapping: Mapping, reading: Reading, tables: Sequence[MappedTable], staging: Staging, run: Run) -> None:
    """Fill `problems` and `incoming.*` from the mapped tables."""
    name_sources(mapping, reading, staging)
    headers.check(staging, mapping, reading)
    run.report("Checking schools and classrooms")
    places.schools(staging, tables)
    places.stored(staging, "classrooms", tables)
    run.report("Checking people")
    people.store(staging, tables)
    places.schools_from_people(staging)
    places.finish(staging)
    people.check(staging)
    places.classrooms(staging)
    run.report("Checking enrollments")
    links.enrollments(staging, tables)
    run.report("Checking families")
    families.guardianships(staging, tables)
    places.stored(staging, "attributes", tables)
    families.attributes(staging)
    run.report("Looking for what is missing")
    presence.check(staging)
    manifest.check(staging, reading, tuple(tables))
    signs.sizes(staging, reading, tuple(tables))
    staging.execute("""create table incoming.seen as
        select distinct coalesce(kind, 'any') as entity, sis_id from incoming.people p
        where not keep and sis_id is not null
            and not exists (select 1 from incoming.deleted d where d.entity = p.kind and d.sis_id = p.sis_id)
        union select 'any', sis_id from incoming.unsure_people where sis_id is not null
        union select 'classroom', sis_id from incoming.all_classrooms where sis_id is not null
            and coalesce(status, 'active') not in ('tobedeleted', 'inactive')""")


def check_by_phone(
    mapping: Mapping, reading: Reading, tables: Sequence[MappedTable], staging: Staging, run: Run
) -> None:
    """Check a roster whose people are reached by the number of the column `phone`.

    Its tables were mapped by `credential.exchanged`, and an earlier check was forgotten (`credential.forget`).
    """
    check(mapping, reading, tables, staging, run)
    credential.put_back(staging)


def name_sources(mapping: Mapping, reading: Reading, staging: Staging) -> None:
    """Make the tables by which problems name the place in the source rather than ours, and those in which the checks
    take notes."""
    numbers = {table.name: table.number for table in reading.tables}
    named = {
        (numbers[t.table], field): m.columns[0]
        for t in mapping.tables
        for field, m in t.fields.items()
        if m.columns and t.table in numbers
    }
    _keep(staging, "sources", {"number": "bigint", "name": "varchar"}, [(n, name) for name, n in numbers.items()])
    _keep(
        staging,
        "source_columns",
        {"number": "bigint", "field": "varchar", "column_name": "varchar"},
        [(*place, column) for place, column in named.items()],
    )
    staging.execute("create table if not exists row_shifts (number bigint, from_row bigint, shift bigint)")
    staging.execute("create table incoming.unproven (entity varchar)")
    staging.execute("create table incoming.emptied (no bigint, field varchar)")
    _keep(staging, "incoming.told", {"entity": "varchar", "field": "varchar"}, _told(mapping))
    staging.execute("create table incoming.unidentified (entity varchar, name varchar)")
    staging.execute("create table incoming.row_counts (number bigint, rows bigint)")


def _keep(staging: Staging, table: str, columns: dict[str, str], rows: Sequence[tuple[object, ...]]) -> None:
    """Make a small table of these rows, all in one statement: each costs as much as a thousand rows."""
    staging.execute(f"create or replace table {table} ({', '.join(f'{c} {t}' for c, t in columns.items())})")
    if rows:
        marks = ", ".join([f"({', '.join('?' * len(columns))})"] * len(rows))
        staging.execute(f"insert into {table} values {marks}", [cell for row in rows for cell in row])


# Which kinds of records each target table tells of, and the fields of a record that come from a field of another name.
_TELLS_OF = {
    "users": ("students", "staff", "guardians"),
    "roles": ("students", "staff"),
    "demographics": ("students",),
}
_AS = {"school_sis_ids": ("school_sis_id", "other_school_sis_ids")}


def _told(mapping: Mapping) -> list[tuple[str, str]]:
    """Of which fields (entity, field) the source says anything at all. A column that is absent erases nothing."""
    return sorted(
        {
            (entity, name)
            for table in mapping.tables
            for entity in _TELLS_OF.get(table.target, (table.target,))
            for field in table.fields
            for name in _AS.get(field, (field,))
        }
    )
