"""Signs that a file was cut: too round a number of rows, and what is missing beside the directory as it is now."""

from __future__ import annotations

from rosterdesk.checks import ids
from rosterdesk.checks.catalogue import report, report_table, unprove
from rosterdesk.directory import scope
from rosterdesk.model import MappedTable, Reading
from rosterdesk.run import Run
from rosterdesk.staging import Staging, literal

PAGE = 1000  # the least page that exports are made of; smaller ones are met by chance too often
# With and without the heading: what a sheet holds in XLS and in XLSX.
SHEETS = (65_535, 65_536, 1_048_575, 1_048_576)
_FEW = 0.7  # of the directory's records, below which a source is far smaller than last time
_FEWER = 0.9  # the same for a source whose number of rows already looks cut
_OVERLAP = 0.2  # of the directory's IDs that a source must know, lest its IDs be new ones
_LEAST = 20  # records of a kind in the directory, below which shares say nothing
_GROUP = 10  # students of a school or grade, below which it may well be empty now

# What each target table tells of.
TELLS = {
    "classrooms": ("classrooms",),
    "users": ("students", "staff", "guardians", "guardianships"),
    "students": ("students", "guardianships"),
    "staff": ("staff",),
    "guardians": ("guardians", "guardianships"),
    "roles": ("students", "staff", "guardians"),
    "enrollments": ("enrollments",),
    "guardianships": ("guardianships",),
}
_RECORDS = ("students", "staff", "guardians", "classrooms")


def sizes(staging: Staging, reading: Reading, tables: tuple[MappedTable, ...]) -> None:
    """Look at how many rows each table has; note in `incoming.paged` what the tables with whole pages tell of."""
    staging.execute("create table incoming.paged (entity varchar)")
    staging.execute("create table incoming.changes_only (entity varchar)")
    counted = dict(staging.rows("select number, max(rows) from incoming.row_counts group by number"))
    for table in reading.tables:
        rows = table.rows if table.rows is not None else counted.get(table.number)
        if not rows:
            continue
        entities = sorted({e for t in tables if t.number == table.number for e in TELLS.get(t.target, ())})
        if reading.manifest.get(f"file.{table.name}", "").lower() in ("delta", "changes"):
            staging.execute("insert into incoming.changes_only select unnest(?)", [entities])
        if rows in SHEETS:
            report_table(staging, "spreadsheet-limit", table, f"{rows:,}")
            for entity in entities:
                unprove(staging, f"select {literal(entity)}")
        elif rows % PAGE == 0:
            report_table(staging, "page-multiple", table, f"{rows:,}")
            staging.execute("insert into incoming.paged select unnest(?)", [entities])


def compare(staging: Staging, run: Run) -> frozenset[str]:
    """Report what is missing beside `directory.*`; return the entities that must not be removed because of it."""
    run.report("Looking for signs of a cut file")
    scope.prepare(staging)
    kept = {entity for entity in _RECORDS if _lost_zeros(staging, entity)}
    paged = {entity for (entity,) in staging.rows("select distinct entity from incoming.paged")}
    parts = {entity for (entity,) in staging.rows("select distinct entity from incoming.changes_only")}
    for entity in (*_RECORDS, "enrollments", "guardianships"):
        if entity in parts:
            continue
        now, before = _sizes(staging, entity)
        if before < _LEAST or now >= (_FEWER if entity in paged else _FEW) * before:
            continue
        report_table(staging, "fewer-rows", None, f"{now:,} {_word(entity)}, against {before:,}", name=entity)
        if entity in paged:
            kept.add(entity)
    _groups(staging)
    _new_ids(staging)
    return frozenset(kept)


def _word(entity: str) -> str:
    return "family links" if entity == "guardianships" else entity


def _scope(entity: str) -> str:
    """The active records of the directory that this source should tell of."""
    return f"directory.{entity} d where d.status = 'active' and {scope.condition(entity)}"


def _sizes(staging: Staging, entity: str) -> tuple[int, int]:
    now = int(staging.one(f"select count(*) from incoming.{entity}"))
    if entity == "enrollments":
        told = f"directory.enrollments where classroom in (select id from {_scope('classrooms')})"
    elif entity == "guardianships":
        told = f"directory.guardianships where student in (select id from {_scope('students')})"
    else:
        told = _scope(entity)
        # Those that are left out for a fault are in the source all the same.
        kind = {"students": "student", "guardians": "guardian", "classrooms": "classroom"}.get(entity, entity)
        now += int(staging.one(f"select count(*) from incoming.seen where entity in ('{kind}', 'any')")) if now else 0
    if not now:
        return 0, 0  # a source without any tells nothing of them, and nothing is removed
    return now, int(staging.one(f"select count(*) from {told}"))


def _lost_zeros(staging: Staging, entity: str) -> int:
    """Leave out records whose ID is known in the directory only with zeros before it: they would be made a second
    time."""
    known = f"directory.{entity} where starts_with(sis_id, '0')"
    if not staging.one(f"select count(*) from (select 1 from {known} limit 1)"):
        return 0
    ids.bare_of(staging, "incoming.bare", f"select sis_id from {known}")
    new = f"""sis_id in (select bare from incoming.bare) and sis_id not in (select sis_id from directory.{entity})"""
    count = report(
        staging, "id-lost-zeros-directory", f"select ref, 'sis_id', sis_id from incoming.{entity} where {new}"
    )
    if count and entity == "classrooms":
        # Links lead to classrooms by row number, which stays.
        staging.execute(f"insert into incoming.seen select 'classroom', sis_id from incoming.classrooms where {new}")
        staging.execute(f"delete from incoming.classrooms where {new}")
    elif count:
        kind = {"students": "student", "guardians": "guardian"}.get(entity, entity)
        staging.execute(f"insert into incoming.seen select '{kind}', sis_id from incoming.{entity} where {new}")
        staging.execute(f"update incoming.people set keep = false where keep and kind = '{kind}' and {new}")
    return count


def _groups(staging: Staging) -> None:
    """Report schools and grades of which the directory has students and the source none."""
    if not staging.one("select count(*) from (select 1 from incoming.students limit 1)"):
        return
    # A source may be of one school among many; only one that knows most of them should know them all.
    most = """(select 2 * count(*) filter (sis_id in (select sis_id from incoming.schools)) > count(*)
        from directory.schools where status = 'active')"""
    report(
        staging,
        "school-empty",
        f"""select null::bigint, 'school_sis_ids', n || ' students of ' || coalesce(s.name, g.school_sis_id) from (
                select school_sis_id, count(*) as n from directory.students
                where status = 'active' group by 1 having n >= {_GROUP}) g
            left join directory.schools s on s.sis_id = g.school_sis_id
            where ({most} or g.school_sis_id in (select sis_id from incoming.schools))
              and g.school_sis_id not in (select school_sis_id from incoming.people
                  where kind = 'student' and school_sis_id is not null)
            order by 3""",
    )
    report(
        staging,
        "grade-empty",
        f"""select null::bigint, 'grade', count(*) || ' students of grade ' || grade
            from {_scope("students")} and grade is not null
                and grade not in (select grade from incoming.people where kind = 'student' and grade is not null)
            group by grade having count(*) >= {_GROUP} order by grade""",
    )


def _new_ids(staging: Staging) -> None:
    for entity in _RECORDS:
        before = int(staging.one(f"select count(*) from {_scope(entity)}"))
        now = int(staging.one(f"select count(*) from incoming.{entity}"))
        if before < _LEAST or now < before / 2:
            continue
        both = int(
            staging.one(f"select count(*) from {_scope(entity)} and d.sis_id in (select sis_id from incoming.{entity})")
        )
        if both < _OVERLAP * before:
            report_table(staging, "ids-changed", None, entity, name=entity)
