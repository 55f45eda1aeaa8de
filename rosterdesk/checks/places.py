"""Checks of schools and classrooms, and the tables of those that may go on."""

from __future__ import annotations

from collections.abc import Sequence

from rosterdesk.checks.catalogue import report
from rosterdesk.model import TARGETS, MappedTable
from rosterdesk.staging import ROW_BITS, Staging, fingerprint

SCHOOL_TYPES = ("school", "campus")


def stored(staging: Staging, target: str, tables: Sequence[MappedTable]) -> str:
    """Store the mapped rows of a target as the table `incoming.all_<target>`, with their `ref`s; return its name."""
    name = f"incoming.all_{target}"
    fields = ", ".join(f"null::{'varchar[]' if f.many else 'varchar'} as {n}" for n, f in TARGETS[target].items())
    staging.execute(f"create table {name} as select *, null::bigint as ref from (select {fields}) limit 0")
    start = 0
    for table in (t for t in tables if t.target == target):
        columns = ", ".join(TARGETS[target])
        staging.execute(f"insert into {name} ({columns}, ref) select {columns}, ref from {table.relation}")
        if table.row_preserving:
            staging.execute(
                f"update {name} set ref = ({table.number}::bigint << {ROW_BITS}) + rowid + {table.first_row - start} where rowid >= {start}"
            )
        start = int(staging.one(f"select count(*) from {name}"))
    return name


def schools(staging: Staging, tables: Sequence[MappedTable]) -> None:
    """Make `incoming.schools` and `incoming.other_orgs` (districts and other bodies that are no schools)."""
    stored(staging, "schools", tables)
    kept = "sis_id is not null and coalesce(status, 'active') not in ('tobedeleted', 'inactive')"
    report(staging, "missing-id", "select ref, 'sis_id', null from incoming.all_schools where sis_id is null")
    report(
        staging,
        "duplicate-id",
        f"""select ref, 'sis_id', sis_id from incoming.all_schools where {kept} and sis_id in
            (select sis_id from incoming.all_schools where {kept} group by sis_id having count(distinct hash(name, type, identifier)) > 1)""",
    )
    is_school = f"coalesce(type, 'school') in ({', '.join(repr(t) for t in SCHOOL_TYPES)})"
    staging.execute(f"""create table incoming.schools as
        select min(ref) as ref, sis_id, any_value(coalesce(name, sis_id)) as name, any_value(identifier) as identifier,
               any_value(type) as type, 0::ubigint as fingerprint
        from incoming.all_schools where {kept} and {is_school}
        group by sis_id having count(distinct hash(name, type, identifier)) = 1 order by min(ref)""")
    staging.execute(f"create table incoming.other_orgs as select distinct sis_id from incoming.all_schools where {kept} and not {is_school}")


def schools_from_people(staging: Staging) -> None:
    """Where the source has no list of schools, know them by the IDs that people and classrooms name."""
    if staging.one("select count(*) from incoming.all_schools"):
        return
    staging.execute("""insert into incoming.schools
        select null, s, s, null, null, 0 from (
            select distinct unnest(list_concat([school_sis_id], string_split(other_school_sis_ids, chr(31)))) as s
            from incoming.people where keep and kind <> 'guardian'
            union select school_sis_id from incoming.all_classrooms)
        where s is not null order by s""")
    report(staging, "school-from-id", "select null::bigint, 'school_sis_ids', sis_id from incoming.schools order by sis_id")


def finish(staging: Staging) -> None:
    """Take the fingerprints of the schools, once all are known."""
    staging.execute(f"update incoming.schools set fingerprint = {fingerprint('schools')}")


def classrooms(staging: Staging) -> None:
    """Make `incoming.classrooms` of `incoming.all_classrooms`."""
    every = "incoming.all_classrooms"
    gone = "coalesce(status, 'active') in ('tobedeleted', 'inactive')"
    staging.execute(f"insert into incoming.deleted select 'classroom', sis_id from {every} where {gone} and sis_id is not null")
    report(staging, "missing-id", f"select ref, 'sis_id', null from {every} where sis_id is null")
    what = "hash(title, grade, location, period, school_sis_id)"
    report(
        staging,
        "duplicate-id",
        f"""select ref, 'sis_id', sis_id from {every} where not {gone} and sis_id in (select sis_id from {every} where not {gone}
            group by sis_id having count(distinct {what}) > 1)""",
    )
    unknown = "school_sis_id is not null and school_sis_id not in (select sis_id from incoming.schools)"
    report(staging, "classroom-unknown-school", f"select ref, 'school_sis_id', school_sis_id from {every} where not {gone} and {unknown}")
    report(staging, "missing-title", f"select ref, 'title', null from {every} where not {gone} and title is null")
    staging.execute(f"""create table incoming.classrooms as
        select ref, sis_id, coalesce(title, sis_id) as title, grade, location, period, coalesce(school_sis_id,
                   (select any_value(sis_id) from incoming.schools having count(*) = 1)) as school_sis_id, 0::ubigint as fingerprint
        from (select min(ref) as ref, sis_id, any_value(title) as title, any_value(grade) as grade, any_value(location) as location,
                     any_value(period) as period, any_value(school_sis_id) as school_sis_id
              from {every} where not {gone} and sis_id is not null and not ({unknown})
              group by sis_id having count(distinct {what}) = 1)
        order by ref""")
    staging.execute(f"update incoming.classrooms set fingerprint = {fingerprint('classrooms')}")
