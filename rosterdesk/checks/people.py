"""Checks of students, staff and guardians, and the table of those that may go on.

`incoming.people` holds every person row once, in source order; `keep` turns false where a problem leaves the record out.
`incoming.person` is the same with `no` (the row's number in the run) and `ref` (its place in the source).
"""

from __future__ import annotations

from collections.abc import Sequence

from rosterdesk.checks.catalogue import report
from rosterdesk.model import TARGETS, MappedTable
from rosterdesk.staging import ROW_BITS, Staging, fingerprint

PEOPLE = ("users", "students", "staff", "guardians")
GRADES = ("IT", "PR", "PK", "TK", "KG", *(f"{n:02}" for n in range(1, 14)), "PS", "UG", "Other")
GONE = ("tobedeleted", "inactive")

_FINGERPRINT = f"""case kind when 'student' then {fingerprint("students")} when 'staff' then {fingerprint("staff")}
    else {fingerprint("guardians")} end"""

_KIND = """case role when 'student' then 'student' when 'guardian' then 'guardian'
    when 'teacher' then 'staff' when 'aide' then 'staff' when 'administrator' then 'staff' when 'staff' then 'staff' end"""

_COLUMNS = """
select {sis_id} as sis_id, {kind} as kind, {role} as role, status, given_name, family_name, middle_name, preferred_name, email, sms, phone,
       language, grade, student_number, state_id, birth_date, gender,
       school_sis_ids[1] as school_sis_id,
       case when len(school_sis_ids) > 1 then
           array_to_string(list_sort(list_distinct(list_filter(school_sis_ids[2:], lambda s: s <> school_sis_ids[1]))), chr(31))
       end as other_school_sis_ids,
       agent_sis_ids, {student} as student_sis_id, {relationship} as relationship, {ref} as stored_ref, true as keep, 0::ubigint as fingerprint
from {relation}
"""

# Where a source has no ID for a contact, one is made of what does not change: the student and the name.
_GUARDIAN_ID = "coalesce(sis_id, 'made-' || left(md5(concat_ws(chr(31), student_sis_id, lower(given_name), lower(family_name))), 16))"


def store(staging: Staging, tables: Sequence[MappedTable]) -> None:
    """Make `incoming.people` and `incoming.person` of the mapped people."""
    places: list[str] = []
    start = 0
    for table in (t for t in tables if t.target in PEOPLE):
        sql = _select(table)
        staging.execute(f"insert into incoming.people {sql}" if places else f"create table incoming.people as {sql}")
        end = int(staging.one("select count(*) from incoming.people"))
        ref = f"({table.number}::bigint << {ROW_BITS}) + rowid + {table.first_row - start}" if table.row_preserving else "stored_ref"
        places.append(f"when rowid < {end} then {ref}")
        start = end
    if not places:
        nothing = MappedTable("users", "(select {})".format(", ".join(_null("users", f) for f in TARGETS["users"])), False, 0, 0)
        staging.execute(f"create table incoming.people as select * from ({_select(nothing, ref='null::bigint')}) limit 0")
        places.append("when true then stored_ref")
    staging.execute(
        f"create view incoming.person as select rowid as no, case {' '.join(places)} end as ref, * exclude (stored_ref) from incoming.people"
    )


def _null(target: str, field: str) -> str:
    return f"null::{'varchar[]' if TARGETS[target][field].many else 'varchar'} as {field}"


def _select(table: MappedTable, ref: str = "ref") -> str:
    missing = [_null("users", f) for f in TARGETS["users"] if f not in TARGETS[table.target]]
    relation = f"(select *, {', '.join(missing)} from {table.relation})" if missing else table.relation
    fixed = {"students": "'student'", "guardians": "'guardian'", "staff": "'staff'"}.get(table.target)
    pairs = table.target == "guardians"
    return _COLUMNS.format(
        sis_id=_GUARDIAN_ID if pairs else "sis_id",
        kind=fixed or _KIND,
        role="coalesce(role, 'staff')" if table.target == "staff" else fixed or "role",
        student="student_sis_id" if pairs else "null::varchar",
        relationship="relationship" if pairs else "null::varchar",
        ref="null::bigint" if table.row_preserving else ref,
        relation=relation,
    )


def check(staging: Staging) -> None:
    """Find what is wrong with each person, leave out whom it must, and take their fingerprints."""
    _identity(staging)
    _schools(staging)
    _fields(staging)
    staging.execute(f"update incoming.people set fingerprint = {_FINGERPRINT}")
    staging.execute("create view incoming.students as select * from incoming.person where keep and kind = 'student'")
    staging.execute("create view incoming.staff as select * from incoming.person where keep and kind = 'staff'")
    staging.execute("create view incoming.guardians as select * from incoming.person where keep and kind = 'guardian'")


def leave_out(staging: Staging, code: str, column: str, value: str, where: str) -> int:
    """Report `code` for every kept person for whom `where` holds, and leave them out."""
    found = report(staging, code, f"select ref, '{column}', {value} from incoming.person where keep and ({where})")
    if found:
        staging.execute(f"update incoming.people set keep = false where keep and ({where})")
    return found


def _identity(staging: Staging) -> None:
    leave_out(staging, "missing-id", "sis_id", "null", "sis_id is null")
    leave_out(staging, "unknown-role", "role", "role", "kind is null")
    report(
        staging,
        "unknown-status",
        f"select ref, 'status', status from incoming.person where keep and status not in ('active', {_list(GONE)})",
    )
    staging.execute(
        f"create table incoming.deleted as select kind as entity, sis_id from incoming.people where keep and status in ({_list(GONE)})"
    )
    staging.execute(f"update incoming.people set keep = false where keep and status in ({_list(GONE)})")
    _duplicates(staging)
    leave_out(staging, "missing-name", "family_name", "null", "given_name is null and family_name is null")


def _list(values: Sequence[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _duplicates(staging: Staging) -> None:
    staging.execute("""create table incoming.twice as
        select kind, sis_id from incoming.people where keep group by kind, sis_id having count(*) > 1""")
    if not staging.one("select count(*) from incoming.twice"):
        return
    staging.execute("""create table incoming.repeated as
        select no, ref, kind, sis_id, student_sis_id, row_number() over (partition by kind, sis_id order by no) as nth,
               min(what) over (partition by kind, sis_id) = max(what) over (partition by kind, sis_id) as same,
               list_distinct(list_filter(list_concat([school_sis_id], string_split(other_school_sis_ids, chr(31))), lambda s: s is not null)) as schools
        from (select *, hash(given_name, family_name, middle_name, preferred_name, email, sms, phone, language, grade, student_number,
                             state_id, birth_date, gender, role) as what
              from incoming.person join incoming.twice using (kind, sis_id) where keep)""")
    report(staging, "duplicate-id", "select ref, 'sis_id', sis_id from incoming.repeated where not same")
    # A file with one row a student and guardian, or a student and school, repeats people by design: nothing to report there.
    report(
        staging,
        "repeated-row",
        "select ref, 'sis_id', sis_id from incoming.repeated where same and nth > 1 and student_sis_id is null and len(schools) < 2",
    )
    staging.execute("update incoming.people set keep = false where rowid in (select no from incoming.repeated where not same or nth > 1)")
    staging.execute("""update incoming.people p set school_sis_id = m.schools[1],
            other_school_sis_ids = case when len(m.schools) > 1 then array_to_string(list_sort(m.schools[2:]), chr(31)) end
        from (select kind, sis_id, list_distinct(flatten(list(schools order by no))) as schools, arg_min(schools[1], no) as first
              from incoming.repeated where same group by kind, sis_id) m
        where p.keep and p.kind = m.kind and p.sis_id = m.sis_id""")


def _schools(staging: Staging) -> None:
    known = "select sis_id from incoming.schools"
    elsewhere = "select sis_id from incoming.other_orgs"
    report(
        staging,
        "district-guardian",
        f"select ref, 'school_sis_ids', school_sis_id from incoming.person where keep and kind = 'guardian' and school_sis_id in ({elsewhere})",
    )
    # Staff of the district belong to no school; a student must, and the only school of a source is meant where none is named.
    staging.execute(f"""update incoming.people set school_sis_id = null where keep and school_sis_id in ({elsewhere})""")
    if staging.one("select count(*) from incoming.schools") == 1:
        staging.execute(f"update incoming.people set school_sis_id = ({known}) where keep and kind = 'student' and school_sis_id is null")
    leave_out(staging, "student-without-school", "school_sis_ids", "null", "kind = 'student' and school_sis_id is null")
    leave_out(
        staging,
        "unknown-school",
        "school_sis_ids",
        "school_sis_id",
        f"kind <> 'guardian' and school_sis_id is not null and school_sis_id not in ({known})",
    )
    some = "other_school_sis_ids is not null and kind <> 'guardian'"
    if staging.one(f"select count(*) from incoming.people where keep and {some}"):
        report(
            staging,
            "unknown-other-school",
            f"""select ref, 'school_sis_ids', s from (select ref, unnest(string_split(other_school_sis_ids, chr(31))) as s
                from incoming.person where keep and {some}) where s not in ({known}) and s not in ({elsewhere})""",
        )
        staging.execute(f"""update incoming.people set other_school_sis_ids = nullif(array_to_string(list_sort(list_intersect(
            string_split(other_school_sis_ids, chr(31)), (select list(sis_id) from incoming.schools))), chr(31)), '') where keep and {some}""")


def _fields(staging: Staging) -> None:
    grade = f"kind = 'student' and grade is not null and grade not in ({_list(GRADES)})"
    if report(staging, "unknown-grade", f"select ref, 'grade', grade from incoming.person where keep and {grade}"):
        staging.execute(f"update incoming.people set grade = null where keep and {grade}")
    report(staging, "student-without-grade", "select ref, 'grade', null from incoming.person where keep and kind = 'student' and grade is null")
    half = "(given_name is null) <> (family_name is null)"
    report(
        staging,
        "partial-name",
        f"select ref, case when given_name is null then 'given_name' else 'family_name' end, null from incoming.person where keep and {half}",
    )
    bad = "email is not null and (email not like '%_@_%._%' or contains(email, ' '))"
    if report(staging, "bad-email", f"select ref, 'email', email from incoming.person where keep and {bad}"):
        staging.execute(f"update incoming.people set email = null where keep and {bad}")
    leave_out(staging, "no-contact", "email", "null", "kind = 'guardian' and email is null and sms is null")
