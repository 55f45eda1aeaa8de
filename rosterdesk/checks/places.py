"""Checks of schools and classrooms, and the tables of those that may go on."""

from __future__ import annotations

from collections.abc import Sequence

from rosterdesk.checks import characters, ids
from rosterdesk.checks.catalogue import report, unidentified
from rosterdesk.model import MappedTable
from rosterdesk.staging import ROW_BITS, Staging, fingerprint, quote
from rosterdesk.targets import TARGETS

SCHOOL_TYPES = ("school", "campus")
GONE = "coalesce(status, 'active') in ('tobedeleted', 'inactive')"
_ODD_STATUS = "status not in ('active', 'tobedeleted', 'inactive')"


def stored(staging: Staging, target: str, tables: Sequence[MappedTable]) -> str:
    """Store the mapped rows of a target as the table `incoming.all_<target>`, with their `ref`s; return its name."""
    name = f"incoming.all_{target}"
    fields = ", ".join(
        f"null::{'varchar[]' if f.many else 'varchar'} as {quote(n)}" for n, f in TARGETS[target].items()
    )
    staging.execute(f"create table {name} as select *, null::bigint as ref from (select {fields}) limit 0")
    start = 0
    for table in (t for t in tables if t.target == target):
        columns = ", ".join(quote(n) for n in TARGETS[target])
        staging.execute(f"insert into {name} ({columns}, ref) select {columns}, ref from {table.relation}")
        end = int(staging.one(f"select count(*) from {name}"))
        if table.row_preserving:
            staging.execute(
                f"update {name} set ref = ({table.number}::bigint << {ROW_BITS}) + rowid + "
                f"{table.first_row - start} where rowid >= {start}"
            )
            staging.execute("insert into incoming.row_counts values (?, ?)", [table.number, end - start])
        start = end
    return name


def schools(staging: Staging, tables: Sequence[MappedTable]) -> None:
    """Make `incoming.schools` and `incoming.other_orgs` (districts and other bodies that are no schools)."""
    every = stored(staging, "schools", tables)
    _identified(staging, "schools")
    what = "hash(name, type, identifier)"
    _doubled(staging, every, what)
    is_school = f"coalesce(type, 'school') in ({', '.join(repr(t) for t in SCHOOL_TYPES)})"
    staging.execute(f"""create table incoming.schools as
        select min(ref) as ref, sis_id, any_value(coalesce(name, sis_id)) as name, any_value(identifier) as identifier,
               any_value(type) as type, 0::ubigint as fingerprint
        from {every} where keep and not {GONE} and {is_school}
        group by sis_id having count(distinct {what}) = 1 order by min(ref)""")
    staging.execute(f"""create table incoming.other_orgs as
        select distinct sis_id from {every} where keep and not {GONE} and not {is_school}""")
    characters.check(staging, "incoming.schools", ("name",))


def _identified(staging: Staging, target: str) -> None:
    """Leave out the rows without an ID, or with one that was damaged, and report the status that nobody knows."""
    every = f"incoming.all_{target}"
    name = f"lower({'title' if target == 'classrooms' else 'name'})"
    staging.execute(f"alter table {every} add column keep boolean default true")
    if report(staging, "missing-id", f"select ref, 'sis_id', null from {every} where sis_id is null"):
        unidentified(staging, f"'{target}'", name, f"{every} where sis_id is null")
        staging.execute(f"update {every} set keep = false where sis_id is null")
    ids.check(staging, every, every, f"'{target}'", name)
    report(staging, "unknown-status", f"select ref, 'status', status from {every} where keep and {_ODD_STATUS}")


def _doubled(staging: Staging, every: str, what: str) -> None:
    staging.execute(f"""create or replace table incoming.doubled as
        select sis_id, count(distinct {what}) > 1 as differ, min(ref) as first from {every} where keep and not {GONE}
        group by sis_id having count(*) > 1""")
    rows = f"select ref, 'sis_id', sis_id from {every} e join incoming.doubled using (sis_id) where keep and not {GONE}"
    report(staging, "duplicate-id", f"{rows} and differ")
    report(staging, "repeated-row", f"{rows} and not differ and ref <> first")
    staging.execute("drop table incoming.doubled")


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
    report(
        staging, "school-from-id", "select null::bigint, 'school_sis_ids', sis_id from incoming.schools order by sis_id"
    )


def finish(staging: Staging) -> None:
    """Take the fingerprints of the schools, once all are known."""
    staging.execute(f"update incoming.schools set fingerprint = {fingerprint('schools')}")


def classrooms(staging: Staging) -> None:
    """Make `incoming.classrooms` of `incoming.all_classrooms`."""
    every = "incoming.all_classrooms"
    staging.execute(f"""insert into incoming.deleted select 'classroom', sis_id from {every}
        where {GONE} and sis_id is not null and sis_id not in (select sis_id from {every}
                           where sis_id is not null and not {GONE})""")
    _identified(staging, "classrooms")
    what = "hash(title, grade, location, period, school_sis_id)"
    _doubled(staging, every, what)
    unknown = "school_sis_id is not null and school_sis_id not in (select sis_id from incoming.schools)"
    if report(
        staging,
        "classroom-unknown-school",
        f"select ref, 'school_sis_id', school_sis_id from {every} where keep and not {GONE} and {unknown}",
    ):
        staging.execute(f"update {every} set keep = false where {unknown}")
    report(
        staging, "missing-title", f"select ref, 'title', null from {every} where keep and not {GONE} and title is null"
    )
    staging.execute(f"""create table incoming.classrooms as
        select ref, sis_id, coalesce(title, sis_id) as title, grade, location, period, coalesce(school_sis_id,
                   (select any_value(sis_id) from incoming.schools having count(*) = 1)) as school_sis_id, 0::ubigint
                   as fingerprint
        from (select min(ref) as ref, sis_id, any_value(title) as title, any_value(grade) as grade,
        any_value(location) as location,
                     any_value(period) as period, any_value(school_sis_id) as school_sis_id
              from {every} where keep and not {GONE} group by sis_id having count(distinct {what}) = 1)
        order by ref""")
    report(
        staging,
        "classroom-without-school",
        "select ref, 'school_sis_id', sis_id from incoming.classrooms where school_sis_id is null",
    )
    characters.check(staging, "incoming.classrooms", ("title",))
    staging.execute(f"update incoming.classrooms set fingerprint = {fingerprint('classrooms')}")
