"""Checks of family links, and the table of those that may go on, as numbers.

`student_no` and `guardian_no` are rowids in `incoming.people`; below zero they are records that only the directory has
(see `referred`).
"""

from __future__ import annotations

from collections.abc import Sequence

from rosterdesk.checks.catalogue import found, report, report_table, unprove
from rosterdesk.checks.links import loose
from rosterdesk.checks.people import GUARDIAN_ID, leave_out
from rosterdesk.model import MappedTable
from rosterdesk.staging import ROW_BITS, Staging

MOST_GUARDIANS = 6  # ClassTag help, article 6393158
_LEAST = 20  # children with their guardians' family name as first name, before columns are thought swapped
_SAMPLE = 20_000


def guardianships(staging: Staging, tables: Sequence[MappedTable]) -> None:
    """Make `incoming.guardianships` (student_no, guardian_no, relationship) of every way in which sources tell them.

    A student may name guardians, a guardian may name students (OneRoster), a row may be one pair (guardian files),
    or a table may
    hold the pairs.
    """
    _waiting(staging)
    _types(staging, tables)
    # Who tells of a link is in it by number; only who is told of must be looked up.
    staging.execute("""create table incoming.named_pairs as
        select p.ref, p.student_no, g.no as guardian_no, null::varchar as relationship,
               case when g.no is null then 'dangling-guardian' end as fault,
               case when g.no is null then p.guardian end as value
        from (select ref, no as student_no, unnest(agent_sis_ids) as guardian
              from incoming.students where agent_sis_ids is not null) p
        left join (select sis_id, no from incoming.guardians) g on g.sis_id = p.guardian""")
    tests = {"agents": "kind = 'guardian' and agent_sis_ids is not null", "pairs": "student_sis_id is not null"}
    ways = []
    seen = found(staging, "incoming.people", tests)
    if "agents" in seen:
        ways.append(
            "select ref, unnest(agent_sis_ids) as student, sis_id as guardian, null as relationship from "
            "incoming.guardians"
        )
    if "pairs" in seen:
        ways.append("""select ref, student_sis_id as student, sis_id as guardian, relationship from incoming.person
            where kind = 'guardian' and student_sis_id is not null
            and sis_id in (select sis_id from incoming.guardians)""")
    for n, table in enumerate(t for t in tables if t.target == "guardianships"):
        ways.append(f"select ref, student_sis_id, guardian_sis_id, relationship from {_referred(staging, table, n)}")
    if ways:
        staging.execute(f"""insert into incoming.named_pairs
            select p.ref, s.no, g.no, p.relationship,
                   case when s.no is null then 'dangling-student' when g.no is null then 'dangling-guardian' end,
                   case when s.no is null and g.no is null then p.student || coalesce(chr(31) || p.guardian, '')
                        when s.no is null then p.student when g.no is null then p.guardian end as value
            from ({" union all ".join(ways)}) p(ref, student, guardian, relationship)
            left join (select sis_id, no from incoming.students) s on s.sis_id = p.student
            left join (select sis_id, no from incoming.guardians) g on g.sis_id = p.guardian""")
    _loose(staging)
    staging.execute("""create table incoming.guardianships as
        select student_no, guardian_no, any_value(relationship) as relationship, min(ref) as ref
        from incoming.named_pairs where fault is null group by student_no, guardian_no""")
    _limit(staging)
    _swapped(staging)
    # Of a row that is left out only one end may be known: the links of that end stay as they are.
    staging.execute("""create table incoming.unsure_guardianships as
        select s.no as student_no, null::bigint as guardian_no
        from incoming.people p join incoming.students s on s.sis_id = p.student_sis_id
        where p.kind = 'guardian' and not p.keep and p.sis_id not in (select sis_id from incoming.guardians)
        union
        select null, g.no from incoming.people p join incoming.guardians g on g.sis_id = p.sis_id
        where p.kind = 'guardian' and p.student_sis_id is null
          and exists (select 1 from incoming.people where kind = 'guardian' and student_sis_id is not null)""")


def _types(staging: Staging, tables: Sequence[MappedTable]) -> None:
    """Keep what sort of contact each guardian of a guardian file is to the student, where the source tells it."""
    told = "select count(*) from incoming.told where entity = 'guardians' and field = 'contact_type'"
    if relations := [t.relation for t in tables if t.target == "guardians"] if staging.one(told) else []:
        columns = f"select student_sis_id, {GUARDIAN_ID} as sis_id, contact_type"
        rows = " union all ".join(f"{columns} from {relation}" for relation in relations)
        staging.execute(f"create table incoming.contact_types as {rows}")


def _waiting(staging: Staging) -> None:
    """Leave out the contacts whose ID would be made of a student who is left out or not known: it would be another."""
    made = "kind = 'guardian' and starts_with(sis_id, 'made-')"
    if staging.one(f"select count(*) from incoming.people where keep and {made}"):
        nobody = "(student_sis_id is null or student_sis_id not in (select sis_id from incoming.students))"
        unknown = f"{made} and student_sis_id not in (select sis_id from incoming.people where sis_id is not null)"
        staging.execute(f"""insert into incoming.waiting_contacts
            select no, ref, student_sis_id, relationship from incoming.person where keep and {unknown}""")
        leave_out(staging, "contact-waits", "student_sis_id", "student_sis_id", f"{made} and {nobody}")


def _referred(staging: Staging, table: MappedTable, n: int) -> str:
    """The pairs of a table with their `ref`s."""
    if not table.row_preserving:
        return table.relation
    name = f"incoming.pairs_{n}"
    ref = f"({table.number}::bigint << {ROW_BITS}) + rowid + {table.first_row}"
    staging.execute(f"create table {name} as select * from {table.relation}")
    staging.execute(f"update {name} set ref = {ref}")
    return name


def _unproven(staging: Staging, rows: str) -> None:
    unprove(staging, f"select 'guardianships' from {rows} limit 1")


def _loose(staging: Staging) -> None:
    faulty = "incoming.loose_pairs"
    two = "fault = 'dangling-student' and contains(value, chr(31))"
    staging.execute(f"""create table {faulty} as select * replace (
            case when {two} then split_part(value, chr(31), 1) else value end as value),
            case when {two} then split_part(value, chr(31), 2) end as other_value
        from incoming.named_pairs where fault is not null and value is not null""")
    if not staging.one(f"select count(*) from {faulty}"):
        return
    for kind, code in (("guardian", "dangling-guardian"), ("student", "dangling-student")):
        known = f"select sis_id from incoming.people where keep and kind = '{kind}'"
        loose(staging, faulty, code, "agent_sis_ids", known, _unproven)
        # Who is left out or deleted is told of already.
        left_out = (
            f"(select sis_id from incoming.people where not keep and coalesce(kind, '{kind}') = '{kind}' "
            f"and sis_id is not null)"
        )
        others = f"(select sis_id from incoming.people where keep and kind <> '{kind}')"
        rows = f"select ref, 'agent_sis_ids', value from {faulty} where fault = '{code}' and value not in {left_out}"
        if kind == "guardian":
            report(staging, "not-a-guardian", f"{rows} and value in {others}")
            rows += f" and value not in {others}"
        report(staging, code, rows)
        ends = ("null", "student_no", "value") if kind == "guardian" else ("value", "null", "other_value")
        staging.execute(f"""insert into incoming.loose_guardianships
            select ref, fault, {", ".join(ends)}, guardian_no, relationship
            from {faulty} where (ref, value) in (select (ref, value) from ({rows}) q(ref, field, value))
              and fault = '{code}'""")


def _limit(staging: Staging) -> None:
    staging.execute(f"""create table incoming.crowded as
        select student_no, count(*) as n from incoming.guardianships group by student_no having n > {MOST_GUARDIANS}""")
    if report(
        staging,
        "too-many-guardians",
        "select p.ref, 'agent_sis_ids', m.n::varchar from incoming.crowded m join incoming.person p on p.no = "
        "m.student_no",
    ):
        staging.execute(f"""delete from incoming.guardianships where (student_no, guardian_no) in (
            select student_no, guardian_no from (
                select student_no, guardian_no,
                       row_number() over (partition by student_no order by ref, guardian_no) as nth
                from incoming.guardianships where student_no in (select student_no from incoming.crowded))
            where nth > {MOST_GUARDIANS})""")


def _swapped(staging: Staging) -> None:
    """Families share their family name, so that columns that were swapped show in a sample of them."""
    same, crossed, both = staging.rows(f"""
        select count(*) filter (lower(s.family_name) = lower(g.family_name)),
               count(*) filter (lower(s.given_name) = lower(g.family_name)
                                or lower(s.family_name) = lower(g.given_name)),
               count(*) filter (lower(s.given_name) = lower(g.given_name))
        from (select * from incoming.guardianships limit {_SAMPLE}) l
        join incoming.people s on s.rowid = l.student_no join incoming.people g on g.rowid = l.guardian_no
        where s.given_name <> s.family_name and g.given_name <> g.family_name""")[0]
    if max(crossed, both) >= _LEAST and max(crossed, both) > 3 * same:
        how = "in one of the tables" if crossed > both else "of students and guardians"
        report_table(staging, "swapped-names", None, f"Names {how}")


def attributes(staging: Staging) -> None:
    """Make `incoming.attributes` (student_no, name, value) of `incoming.all_attributes`."""
    every = "incoming.all_attributes"
    known = "select sis_id from incoming.people where kind = 'student' and sis_id is not null"
    report(
        staging,
        "dangling-attribute",
        f"select ref, 'student_sis_id', student_sis_id from {every} where student_sis_id not in ({known})",
    )
    staging.execute(f"""create table incoming.attributes as
        select s.no as student_no, a.name, case when min(a.value) = max(a.value) then min(a.value) end as value,
        min(a.ref) as ref,
               coalesce(min(a.value) <> max(a.value), false) as differ
        from {every} a join incoming.students s on s.sis_id = a.student_sis_id
        where a.name is not null group by s.no, a.name""")
    report(staging, "attribute-twice", "select ref, 'name', name from incoming.attributes where differ")
    staging.execute("alter table incoming.attributes drop column differ")
