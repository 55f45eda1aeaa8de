"""Third stage: find what is wrong with a mapped roster, and make the tables of what may go on.

A row that an error leaves out counts as present ever after: nothing is archived because its row was faulty.
"""

from __future__ import annotations

from collections.abc import Sequence

from rosterdesk.checks import links, people, places
from rosterdesk.model import Mapping, MappedTable, Reading
from rosterdesk.run import Run
from rosterdesk.staging import Staging


def check(mapping: Mapping, reading: Reading, tables: Sequence[MappedTable], staging: Staging, run: Run) -> None:
    """Fill `problems` and `incoming.*` from the mapped tables."""
    name_sources(mapping, reading, staging)
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
    links.guardianships(staging, tables)
    staging.execute("""create table incoming.seen as
        select distinct coalesce(kind, 'any') as entity, sis_id from incoming.people where not keep and sis_id is not null
            and (kind, sis_id) not in (select entity, sis_id from incoming.deleted)
        union select 'classroom', sis_id from incoming.all_classrooms where sis_id is not null
            and coalesce(status, 'active') not in ('tobedeleted', 'inactive')""")


def name_sources(mapping: Mapping, reading: Reading, staging: Staging) -> None:
    """Make the tables by which problems name the place in the source rather than ours."""
    staging.execute("create or replace table sources (number bigint, name varchar)")
    staging.execute("create or replace table source_columns (number bigint, field varchar, column_name varchar)")
    numbers = {table.name: table.number for table in reading.tables}
    for table in reading.tables:
        staging.execute("insert into sources values (?, ?)", [table.number, table.name])
    named = {
        (numbers[t.table], field): m.columns[0] for t in mapping.tables for field, m in t.fields.items() if m.columns and t.table in numbers
    }
    for (number, field), column in named.items():
        staging.execute("insert into source_columns values (?, ?, ?)", [number, field, column])
