"""Checks of enrollments and guardianships, and the tables of those that may go on, as numbers.

`classroom_no` is the rowid in `incoming.classrooms`; `person_no`, `student_no` and `guardian_no` those in `incoming.people`. At scale the
enrollments are most of a roster, so they are read once, and only what does not resolve keeps its text.
"""

from __future__ import annotations

from collections.abc import Sequence

from rosterdesk.checks.catalogue import report
from rosterdesk.model import MappedTable
from rosterdesk.staging import ROW_BITS, Staging

MOST_GUARDIANS = 6  # ClassTag help, article 6393158

_RESOLVE = """
create table incoming.resolved_{n} as
select stored_ref, classroom_no, person_no, is_student, is_primary, fault,
       case fault when 'dangling-person' then user_sis_id when 'dangling-classroom' then class_sis_id
                  when 'unknown-enrollment-role' then role end as value
from (
    select e.ref as stored_ref, e.class_sis_id, e.user_sis_id, e.role, c.no as classroom_no,
           case when e.role = 'student' then p.student_no else p.staff_no end as person_no,
           e.role = 'student' as is_student, coalesce(e.primary = 'true', false) as is_primary,
           case when e.status in ('tobedeleted', 'inactive') then 'gone'
                when e.role is null or e.role not in ('student', 'teacher', 'aide', 'administrator', 'staff') then 'unknown-enrollment-role'
                when c.no is null then 'dangling-classroom'
                when (case when e.role = 'student' then p.student_no else p.staff_no end) is null then 'dangling-person'
           end as fault
    from {relation} e
    left join incoming.class_numbers c on c.sis_id = e.class_sis_id
    left join incoming.person_numbers p on p.sis_id = e.user_sis_id)
"""


def enrollments(staging: Staging, tables: Sequence[MappedTable]) -> None:
    """Make `incoming.enrollments` (classroom_no, person_no, is_student, is_primary)."""
    staging.execute("create table incoming.class_numbers as select sis_id, rowid as no from incoming.classrooms")
    staging.execute("""create table incoming.person_numbers as
        select sis_id, min(no) filter (kind = 'student') as student_no, min(no) filter (kind = 'staff') as staff_no
        from (select sis_id, kind, rowid as no from incoming.people where keep and kind <> 'guardian') group by sis_id""")
    mine = [t for t in tables if t.target == "enrollments"]
    for n, table in enumerate(mine, start=1):
        # The n-th row must stay the n-th row, so the optimizer may not build the hash table on the enrollments' side.
        staging.execute("set disabled_optimizers = 'build_side_probe_side,join_order'")
        try:
            staging.execute(_RESOLVE.format(n=n, relation=table.relation))
        finally:
            staging.con.execute("reset disabled_optimizers")
        _report_enrollments(staging, table, n)
    found = " union all ".join(
        f"select classroom_no, person_no, is_student, is_primary from incoming.resolved_{n} where fault is null" for n in range(1, len(mine) + 1)
    )
    empty = "select 0::bigint as classroom_no, 0::bigint as person_no, true as is_student, false as is_primary limit 0"
    staging.execute(f"create view incoming.enrollments as {found or empty}")


def _report_enrollments(staging: Staging, table: MappedTable, n: int) -> None:
    ref = f"({table.number}::bigint << {ROW_BITS}) + rowid + {table.first_row}" if table.row_preserving else "stored_ref"
    staging.execute(f"""create table incoming.faulty_{n} as
        select {ref} as ref, fault, value from incoming.resolved_{n} where fault is not null and fault <> 'gone'""")
    if not staging.one(f"select count(*) from incoming.faulty_{n}"):
        return
    faulty = f"select ref, '{{column}}', value from incoming.faulty_{n} where fault = '{{fault}}'"
    report(staging, "unknown-enrollment-role", faulty.format(column="role", fault="unknown-enrollment-role"))
    for fault, column, waits, there in (
        ("dangling-classroom", "class_sis_id", "left-out-with-classroom", "select sis_id from incoming.all_classrooms where sis_id is not null"),
        ("dangling-person", "user_sis_id", "left-out-with-person", "select sis_id from incoming.people where not keep and sis_id is not null"),
    ):
        rows = faulty.format(column=column, fault=fault)
        report(staging, fault, f"{rows} and value not in ({there})")
        report(staging, waits, f"{rows} and value in ({there})")


def guardianships(staging: Staging, tables: Sequence[MappedTable]) -> None:
    """Make `incoming.guardianships` (student_no, guardian_no, relationship) of every way in which sources tell them.

    A student may name guardians, a guardian may name students (OneRoster), a row may be one pair (guardian files), or a table may
    hold the pairs.
    """
    pairs = """
        select ref, sis_id as student, unnest(agent_sis_ids) as guardian, null::varchar as relationship, 'guardian' as named
        from incoming.students where agent_sis_ids is not null
        union all
        select ref, unnest(agent_sis_ids), sis_id, null, 'student' from incoming.guardians where agent_sis_ids is not null
        union all
        select ref, student_sis_id, sis_id, relationship, 'student' from incoming.person
        where kind = 'guardian' and student_sis_id is not null and sis_id in (select sis_id from incoming.guardians)"""
    for table in (t for t in tables if t.target == "guardianships"):
        pairs += f" union all select ref, student_sis_id, guardian_sis_id, relationship, 'guardian' from {table.relation}"
    staging.execute(f"""create table incoming.named_pairs as
        select p.ref, p.student, p.guardian, p.relationship, p.named, s.no as student_no, g.no as guardian_no
        from ({pairs}) p
        left join (select sis_id, no from incoming.students) s on s.sis_id = p.student
        left join (select sis_id, no from incoming.guardians) g on g.sis_id = p.guardian""")
    for kind, code in (("guardian", "dangling-guardian"), ("student", "dangling-student")):
        loose = f"select ref, 'agent_sis_ids', {kind} from incoming.named_pairs where {kind}_no is null and {kind} is not null"
        left_out = f"select sis_id from incoming.people where not keep and kind = '{kind}' and sis_id is not null"
        report(staging, code, f"{loose} and {kind} not in ({left_out})")
    staging.execute("""create table incoming.guardianships as
        select student_no, guardian_no, any_value(relationship) as relationship, min(ref) as ref
        from incoming.named_pairs where student_no is not null and guardian_no is not null group by student_no, guardian_no""")
    _limit(staging)


def _limit(staging: Staging) -> None:
    many = f"select student_no, count(*) as n from incoming.guardianships group by student_no having n > {MOST_GUARDIANS}"
    if report(
        staging,
        "too-many-guardians",
        f"select p.ref, 'agent_sis_ids', m.n::varchar from ({many}) m join incoming.person p on p.no = m.student_no",
    ):
        staging.execute(f"""delete from incoming.guardianships where (student_no, guardian_no) in (
            select student_no, guardian_no from (
                select student_no, guardian_no, row_number() over (partition by student_no order by ref, guardian_no) as nth
                from incoming.guardianships where student_no in (select student_no from ({many})))
            where nth > {MOST_GUARDIANS})""")
