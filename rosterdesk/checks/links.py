"""Checks of enrollments, and the tables of those that may go on, as numbers.

`classroom_no` is the rowid in `incoming.classrooms`, `person_no` that in `incoming.people`; below zero they are records
that only the directory has (see `referred`). At scale the enrollments are most of a roster, so they are read once, and
only what does not resolve keeps its text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rosterdesk.checks import ids, referred
from rosterdesk.checks.catalogue import report, unprove
from rosterdesk.model import MappedTable
from rosterdesk.staging import ROW_BITS, Staging

# An end date is the first day on which the person is no longer in the class (OneRoster 1.1, section 4.5: exclusive).
_RESOLVE = """
create table incoming.resolved_{n} as
select stored_ref, classroom_no, person_no, is_student, is_primary, fault,
       case fault when 'dangling-person' then user_sis_id
                  when 'dangling-classroom' then class_sis_id || case when person_no is null and user_sis_id is not null
                      then chr(31) || user_sis_id else '' end
                  when 'gone' then case when classroom_no is null or person_no is null
                      then class_sis_id || chr(31) || user_sis_id end
                  when 'unknown-enrollment-role' then role when 'enrollment-ended' then end_date when
                  'unknown-status' then status end as value
from (
    select e.ref as stored_ref, e.class_sis_id, e.user_sis_id, e.role, e.end_date, e.status, c.no as classroom_no,
           case when e.role = 'student' then p.student_no
                when e.role in ('teacher', 'aide', 'administrator', 'staff') then p.staff_no
                else coalesce(p.student_no, p.staff_no) end as person_no,
           e.role = 'student' as is_student, coalesce(e.primary = 'true', false) as is_primary,
           case when e.status in ('tobedeleted', 'inactive') then 'gone'
                when e.role is null or e.role not in ('student', 'teacher', 'aide', 'administrator', 'staff')
                    then 'unknown-enrollment-role'
                when e.end_date <= {today} and strlen(e.end_date) = 10 then 'enrollment-ended'
                when c.no is null then 'dangling-classroom'
                when (case when e.role = 'student' then p.student_no else p.staff_no end) is null then 'dangling-person'
                when e.status <> 'active' then 'unknown-status'
           end as fault
    from {relation} e
    left join incoming.class_numbers c on c.sis_id = e.class_sis_id
    left join incoming.person_numbers p on p.sis_id = e.user_sis_id)
"""
_COLUMNS = "classroom_no, person_no, is_student, is_primary"
_TAKEN = "(fault is null or fault = 'unknown-status')"


def enrollments(staging: Staging, tables: Sequence[MappedTable]) -> None:
    """Make `incoming.enrollments` (classroom_no, person_no, is_student, is_primary).

    Beside it `incoming.deleted_enrollments`, which the source says are gone, and `incoming.unsure_enrollments`, which
    it has but which were left out: both as (classroom_no, person_no). An end that nobody knows is NULL.
    `incoming.loose_enrollments` keeps those of which an end is not in this source, by their SIS IDs.
    """
    referred.prepare(staging)
    staging.execute("create table incoming.class_numbers as select sis_id, rowid as no from incoming.classrooms")
    staging.execute("""create table incoming.person_numbers as
        select sis_id, min(no) filter (kind = 'student') as student_no, min(no) filter (kind = 'staff') as staff_no
        from (select sis_id, kind, rowid as no from incoming.people where keep and kind <> 'guardian')
        group by sis_id""")
    staging.execute("create table incoming.unsure_enrollments (classroom_no bigint, person_no bigint)")
    mine = [t for t in tables if t.target == "enrollments"]
    for n, table in enumerate(mine, start=1):
        # The n-th row must stay the n-th row, so the optimizer may not build the hash table on the enrollments' side.
        staging.execute("set disabled_optimizers = 'build_side_probe_side,join_order'")
        try:
            staging.execute(_RESOLVE.format(n=n, relation=table.relation, today="current_date::varchar"))
        finally:
            staging.con.execute("reset disabled_optimizers")
        if table.row_preserving:
            staging.execute(
                f"insert into incoming.row_counts select {table.number}, count(*) from incoming.resolved_{n}"
            )
        _report(staging, table, n)
    numbers = range(1, len(mine) + 1)
    found = " union all ".join(f"select {_COLUMNS} from incoming.resolved_{n} where {_TAKEN}" for n in numbers)
    gone = " union all ".join(
        f"""select classroom_no, person_no from incoming.resolved_{n}
            where fault = 'gone' and classroom_no is not null and person_no is not null"""
        for n in numbers
    )
    nothing = f"select {_COLUMNS} from incoming.referred_enrollments limit 0"
    staging.execute(f"create view incoming.told_enrollments as {found or nothing}")
    staging.execute(
        f"create view incoming.told_deleted as {gone or 'select * from incoming.unsure_enrollments limit 0'}"
    )
    staging.execute("create view incoming.enrollments as select * from incoming.told_enrollments")
    staging.execute("create view incoming.deleted_enrollments as select * from incoming.told_deleted")


def _report(staging: Staging, table: MappedTable, n: int) -> None:
    ref = (
        f"({table.number}::bigint << {ROW_BITS}) + rowid + {table.first_row}" if table.row_preserving else "stored_ref"
    )
    faulty = "incoming.faulty"
    two = "fault = 'dangling-classroom' and contains(value, chr(31))"
    staging.execute(f"""create or replace table {faulty} as
        select {ref} as ref, fault, case when {two} then split_part(value, chr(31), 1) else value end as value,
               case when {two} then split_part(value, chr(31), 2) end as other_value,
               is_student, is_primary, classroom_no, person_no
        from incoming.resolved_{n} where fault is not null and (fault <> 'gone' or value is not null)""")
    if not staging.one(f"select count(*) from {faulty}"):
        return
    referred.keep_deleted(staging, faulty)
    for code, column in (
        ("unknown-enrollment-role", "role"),
        ("enrollment-ended", "end_date"),
        ("unknown-status", "status"),
    ):
        report(staging, code, f"select ref, '{column}', value from {faulty} where fault = '{code}'")
    nobody = "fault in ('dangling-classroom', 'dangling-person') and value is null"
    which = "case fault when 'dangling-person' then 'user_sis_id' else 'class_sis_id' end"
    if report(staging, "enrollment-without-id", f"select ref, {which}, null from {faulty} where {nobody}"):
        _shield(staging, f"{faulty} where {nobody}")
        staging.execute(f"delete from {faulty} where {nobody}")
    rooms = "select sis_id from incoming.classrooms"
    loose(staging, faulty, "dangling-classroom", "class_sis_id", rooms, _shield)
    known = "select sis_id from incoming.people where keep and kind <> 'guardian'"
    loose(staging, faulty, "dangling-person", "user_sis_id", known, _shield)
    _waiting(staging, faulty)
    staging.execute("""insert into incoming.unsure_enrollments select classroom_no, person_no from incoming.faulty
        where fault = 'unknown-enrollment-role' and classroom_no is not null and person_no is not null""")


def _shield(staging: Staging, rows: str) -> None:
    """Let nobody leave the classroom, or the person no classroom, of which a row is left out that names no other end.

    A row that names neither end may be any enrollment: then none is removed.
    """
    staging.execute(f"""insert into incoming.unsure_enrollments select classroom_no, person_no from {rows}
        and (classroom_no is not null or person_no is not null)""")
    unprove(staging, f"select 'enrollments' from {rows} and classroom_no is null and person_no is null limit 1")


def loose(
    staging: Staging, faulty: str, fault: str, column: str, known: str, shield: Callable[[Staging, str], None]
) -> None:
    """Report the references of `faulty` (ref, fault, value) whose ID was plainly changed on the way, and take them
    out of it. `shield` is told of them first, as the rest of a statement: "table where condition".
    """
    changed = {
        "id-damaged": ids.of(ids.DAMAGED, "value"),
        "id-spaces": f"trim(value) <> value and trim(value) in ({known})",
    }
    if staging.one(f"select count(*) from {faulty} where fault = '{fault}' and value between '0' and ':'"):
        ids.bare_of(staging, "incoming.bare", known)
        changed["id-lost-zeros"] = ids.lost("value", "incoming.bare")
    for code, condition in changed.items():
        where = f"fault = '{fault}' and {condition}"
        if report(staging, code, f"select ref, '{column}', value from {faulty} where {where}"):
            shield(staging, f"{faulty} where {where}")
            staging.execute(f"delete from {faulty} where {where}")


def _waiting(staging: Staging, faulty: str) -> None:
    """Tell apart what is unknown, what waits for a record that is left out, and what belongs to a record that was
    deleted."""
    rooms = f"select ref, 'class_sis_id', value from {faulty} where fault = 'dangling-classroom' and value"
    there = "(select sis_id from incoming.all_classrooms where sis_id is not null)"
    gone = "(select sis_id from incoming.deleted where entity = 'classroom')"
    report(staging, "left-out-with-classroom", f"{rooms} in {there} and value not in {gone}")
    report(staging, "dangling-classroom", f"{rooms} not in {there}")
    staging.execute(f"""insert into incoming.loose_enrollments
        select ref, fault, value, null, other_value, person_no, is_student, is_primary, false from {faulty}
        where fault = 'dangling-classroom' and value not in {there}""")
    if not staging.one(f"select count(*) from {faulty} where fault = 'dangling-person'"):
        return
    staging.execute(f"""create or replace table incoming.named as
        select sis_id, bool_or(keep) as kept, bool_or(not keep and coalesce(kind, 'student') = 'student') as
        out_as_student,
               bool_or(not keep and coalesce(kind, 'staff') = 'staff') as out_as_staff
        from incoming.people where sis_id in (select value from {faulty} where fault = 'dangling-person')
        group by sis_id""")
    people = f"from {faulty} f left join incoming.named n on n.sis_id = f.value where f.fault = 'dangling-person'"
    waits = "coalesce(case when f.is_student then n.out_as_student else n.out_as_staff end, false)"
    gone = "(select sis_id from incoming.deleted where entity <> 'classroom')"
    select = "select f.ref, 'user_sis_id', f.value"
    report(staging, "left-out-with-person", f"{select} {people} and {waits} and f.value not in {gone}")
    report(staging, "enrollment-role-contradiction", f"{select} {people} and not {waits} and n.kept")
    report(staging, "dangling-person", f"{select} {people} and n.sis_id is null")
    staging.execute(f"""insert into incoming.loose_enrollments
        select f.ref, f.fault, null, f.classroom_no, f.value, null, f.is_student, f.is_primary, false
        {people} and n.sis_id is null""")
    staging.execute(f"insert into incoming.unsure_enrollments select f.classroom_no, null {people} and n.kept")
