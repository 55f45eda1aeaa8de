"""Rows that stand for the same person: the same content is taken once, different content not at all; and other
double numbers."""

from __future__ import annotations

from rosterdesk.checks.catalogue import empty_field, found, report
from rosterdesk.staging import Staging

# A teacher who is also an administrator elsewhere is one person: the role that may do most counts.
ROLES = ("administrator", "teacher", "aide", "staff")
RANK = "list_position([{}], role)".format(", ".join(f"'{role}'" for role in ROLES))

_FIELDS = (
    *("given_name", "family_name", "middle_name", "preferred_name", "sms", "phone", "language", "grade"),
    *("student_number", "state_id", "birth_date", "gender"),
)
_DIFFER = " or ".join(f"min({f}) <> max({f})" for f in (*_FIELDS, "lower(email)"))
_GAPS = " or ".join(f"count({f}) not in (0, count(*))" for f in (*_FIELDS, "email"))
_FILLED = ", ".join(f"any_value({f} order by no) as {f}" for f in (*_FIELDS, "email"))


def check(staging: Staging) -> None:
    """Make one record of the rows of each person (`kind` and `sis_id`) that agree; a cell that one row lacks
    contradicts no other."""
    staging.execute("""create table incoming.twice as
        select hash(sis_id) as key from incoming.people where keep group by key having count(*) > 1""")
    if not staging.one("select count(*) from incoming.twice"):
        return
    staging.execute("""create table incoming.repeated as
        select no, ref, kind, sis_id, student_sis_id, agent_sis_ids, lower(given_name || ' ' || family_name) as name,
               list_filter(
                   list_concat([school_sis_id], string_split(other_school_sis_ids, chr(31))),
                   lambda s: s is not null) as schools,
               row_number() over (partition by kind, sis_id order by no) as nth,
               count(*) over (partition by kind, sis_id) as times
        from incoming.person where keep and hash(sis_id) in (select key from incoming.twice)""")
    _two_people(staging)
    staging.execute("delete from incoming.repeated where times = 1")
    if not staging.one("select count(*) from incoming.repeated"):
        return
    staging.execute(f"""create table incoming.merged as
        select min(no) as no, kind, sis_id, coalesce({_DIFFER}, false) as differ, {_GAPS} as gaps, {_FILLED},
               arg_min(role, {RANK}) as role, coalesce(min({RANK}) <> max({RANK}), false) as several_roles
        from incoming.person where no in (select no from incoming.repeated) group by kind, sis_id""")
    differ = "join incoming.merged m using (kind, sis_id) where m.differ"
    report(staging, "duplicate-id", f"select r.ref, 'sis_id', r.sis_id from incoming.repeated r {differ}")
    # A file with one row a student and guardian, or a student and school, repeats people by design.
    report(
        staging,
        "repeated-row",
        """select r.ref, 'sis_id', r.sis_id from incoming.repeated r
           join incoming.repeated f on f.kind = r.kind and f.sis_id = r.sis_id and f.nth = 1
           join incoming.merged m on m.kind = r.kind and m.sis_id = r.sis_id
           where r.nth > 1 and not m.differ and not m.several_roles and r.student_sis_id is null
             and r.schools = f.schools and r.agent_sis_ids is not distinct from f.agent_sis_ids""",
    )
    _merge(staging)


def _merge(staging: Staging) -> None:
    staging.execute("""update incoming.people set keep = false where rowid in (
        select r.no from incoming.repeated r join incoming.merged m using (kind, sis_id)
        where m.differ or r.nth > 1)""")
    filled = ", ".join(f"{f} = m.{f}" for f in (*_FIELDS, "email", "role"))
    staging.execute(f"""update incoming.people p set {filled} from incoming.merged m
        where p.rowid = m.no and not m.differ and (m.gaps or m.several_roles)""")
    # The first school of the first row stays the first one.
    staging.execute("""update incoming.people p set school_sis_id = s.schools[1],
            other_school_sis_ids = nullif(array_to_string(list_sort(list_distinct(
                list_filter(s.schools[2:], lambda x: x <> s.schools[1]))), chr(31)), '')
        from (select min(no) as no, flatten(list(schools order by no)) as schools from incoming.repeated
              group by kind, sis_id having min(schools) <> max(schools)) s
        where p.rowid = s.no and p.keep""")
    staging.execute("""update incoming.people p set agent_sis_ids = list_sort(list_distinct(a.agents))
        from (select min(no) as no, flatten(list(agent_sis_ids) filter (agent_sis_ids is not null)) as agents
              from incoming.repeated group by kind, sis_id having count(agent_sis_ids) > 0) a
        where p.rowid = a.no and p.keep""")


def _two_people(staging: Staging) -> None:
    report(
        staging,
        "id-of-two-people",
        """select ref, 'sis_id', sis_id from incoming.repeated join (
               select sis_id from incoming.repeated group by sis_id
               having min(kind) <> max(kind) and min(name) <> max(name)) using (sis_id)""",
    )


def numbers(staging: Staging) -> None:
    """Empty the student numbers and state IDs that several students have."""
    students = "incoming.people where keep and kind = 'student'"
    seen = found(staging, students, {column: f"{column} is not null" for column in ("student_number", "state_id")})
    for column, code in (("student_number", "shared-student-number"), ("state_id", "shared-state-id")):
        if column not in seen:
            continue
        staging.execute(f"""create or replace table incoming.shared as
            select hash({column}) as key from {students} and {column} is not null group by key having count(*) > 1""")
        if not staging.one("select count(*) from incoming.shared"):
            continue
        shared = f"hash({column}) in (select key from incoming.shared)"
        where = f"keep and kind = 'student' and {column} is not null and {shared}"
        report(staging, code, f"select ref, '{column}', {column} from incoming.person where {where}")
        empty_field(staging, column, where)
