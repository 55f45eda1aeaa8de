"""Checks of students, staff and guardians, and the table of those that may go on.

`incoming.people` holds every person row once, in source order; `keep` turns false where a problem leaves the record
out.
`incoming.person` is the same with `no` (the row's number in the run) and `ref` (its place in the source).
"""

from __future__ import annotations

from collections.abc import Sequence

from rosterdesk.checks import ages, characters, contacts, duplicates, ids, mobiles, roles
from rosterdesk.checks.catalogue import empty_field, found, report, unidentified
from rosterdesk.model import MappedTable
from rosterdesk.staging import ROW_BITS, Staging, fingerprint
from rosterdesk.targets import TARGETS

PEOPLE = ("users", "students", "staff", "guardians")
GRADES = ("IT", "PR", "PK", "TK", "KG", *(f"{n:02}" for n in range(1, 14)), "PS", "UG", "Other")
GONE = ("tobedeleted", "inactive")
NAME = "lower(concat_ws(' ', given_name, family_name))"
ENTITY = "case kind when 'student' then 'students' when 'guardian' then 'guardians' when 'staff' then 'staff' end"

_FINGERPRINT = f"""case kind when 'student' then {fingerprint("students")} when 'staff' then {fingerprint("staff")}
    else {fingerprint("guardians")} end"""

_COLUMNS = """
select {sis_id} as sis_id, {kind} as kind, {role} as role, status, given_name, family_name, middle_name,
preferred_name, email, sms, phone,
       language, grade, student_number, state_id, birth_date, gender,
       school_sis_ids[1] as school_sis_id,
       case when len(school_sis_ids) > 1 then
           array_to_string(list_sort(list_distinct(
               list_filter(school_sis_ids[2:], lambda s: s <> school_sis_ids[1]))), chr(31))
       end as other_school_sis_ids,
       agent_sis_ids, {student} as student_sis_id, {relationship} as relationship, {ref} as stored_ref, true as keep,
       0::ubigint as fingerprint
from {relation}
"""

# Where a source has no ID for a contact, one is made of what does not change: the student and the name.
GUARDIAN_ID = (
    "coalesce(sis_id, 'made-' || left(md5(concat_ws(chr(31), student_sis_id, lower(given_name), "
    "lower(family_name))), 16))"
)


def store(staging: Staging, tables: Sequence[MappedTable]) -> None:
    """Make `incoming.people` and `incoming.person` of the mapped people, their roles and their demographics."""
    with_roles = roles.gather(staging, tables)
    places: list[str] = []
    start = 0
    for table in (t for t in tables if t.target in PEOPLE):
        joined = with_roles and table.target == "users"
        sql = _select(table, joined=joined)
        staging.execute(f"insert into incoming.people {sql}" if places else f"create table incoming.people as {sql}")
        end = int(staging.one("select count(*) from incoming.people"))
        numbered = table.row_preserving and not joined
        ref = (
            f"({table.number}::bigint << {ROW_BITS}) + rowid + {table.first_row - start}" if numbered else "stored_ref"
        )
        places.append(f"when rowid < {end} then {ref}")
        if numbered:
            staging.execute("insert into incoming.row_counts values (?, ?)", [table.number, end - start])
        start = end
    if not places:
        nothing = MappedTable(
            "users", "(select {})".format(", ".join(_null("users", f) for f in TARGETS["users"])), False, 0, 0
        )
        staging.execute(
            f"create table incoming.people as select * from ({_select(nothing, ref='null::bigint')}) limit 0"
        )
        places.append("when true then stored_ref")
    staging.execute(
        f"create view incoming.person as select rowid as no, case {' '.join(places)} end as ref, * exclude "
        f"(stored_ref) from incoming.people"
    )
    roles.demographics(staging, tables)
    if with_roles:
        roles.dangling(staging)


def _null(target: str, field: str) -> str:
    return f"null::{'varchar[]' if TARGETS[target][field].many else 'varchar'} as {field}"


def _select(table: MappedTable, ref: str = "ref", *, joined: bool = False) -> str:
    missing = [_null("users", f) for f in TARGETS["users"] if f not in TARGETS[table.target]]
    relation = f"(select *, {', '.join(missing)} from {table.relation})" if missing else table.relation
    if joined:
        relation = roles.joined(table, relation)
    fixed = {"students": "'student'", "guardians": "'guardian'", "staff": "'staff'"}.get(table.target)
    pairs = table.target == "guardians"
    return _COLUMNS.format(
        sis_id=GUARDIAN_ID if pairs else "sis_id",
        kind=fixed or roles.KIND,
        role="coalesce(role, 'staff')" if table.target == "staff" else fixed or "role",
        student="student_sis_id" if pairs else "null::varchar",
        relationship="relationship" if pairs else "null::varchar",
        ref="null::bigint" if table.row_preserving and not joined else ref,
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
    count = report(staging, code, f"select ref, '{column}', {value} from incoming.person where keep and ({where})")
    if count:
        staging.execute(f"update incoming.people set keep = false where keep and ({where})")
    return count


def empty(staging: Staging, code: str, column: str, where: str) -> int:
    """Report `code` for every kept person for whom `where` holds, and empty that one field."""
    count = report(staging, code, f"select ref, '{column}', {column} from incoming.person where keep and ({where})")
    if count:
        empty_field(staging, column, f"keep and ({where})")
    return count


def listed(values: Sequence[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _identity(staging: Staging) -> None:
    tests = {
        "id": "sis_id is null",
        "kind": "kind is null",
        "status": f"status not in ('active', {listed(GONE)})",
        "gone": f"status in ({listed(GONE)})",
    }
    seen = found(staging, "incoming.people", tests)
    if "id" in seen:
        any_of_them = f"unnest(case when kind is null then ['students', 'staff', 'guardians'] else [{ENTITY}] end)"
        unidentified(staging, any_of_them, NAME, "incoming.people where keep and sis_id is null")
        leave_out(staging, "missing-id", "sis_id", "null", "sis_id is null")
    if "kind" in seen:
        leave_out(staging, "unknown-role", "role", "role", "kind is null and role is not null")
        leave_out(staging, "person-without-role", "role", "sis_id", "kind is null")
    if "status" in seen:
        report(
            staging,
            "unknown-status",
            f"select ref, 'status', status from incoming.person where keep and {tests['status']}",
        )
    staging.execute(
        f"create table incoming.deleted as select distinct kind as entity, sis_id from incoming.people where "
        f"keep and {tests['gone']}"
    )
    if "gone" in seen:
        staging.execute(f"update incoming.people set keep = false where keep and {tests['gone']}")
        report(
            staging,
            "status-contradiction",
            """select p.ref, 'status', p.sis_id from incoming.person p
               join incoming.deleted d on d.entity = p.kind and d.sis_id = p.sis_id where p.keep""",
        )
        staging.execute("""delete from incoming.deleted d using incoming.people p
            where p.keep and p.kind = d.entity and p.sis_id = d.sis_id""")
    ids.check(staging, "incoming.person", "incoming.people", ENTITY, NAME)
    duplicates.check(staging)


def _schools(staging: Staging) -> None:
    known = "select sis_id from incoming.schools"
    elsewhere = "select sis_id from incoming.other_orgs"
    if staging.one("select count(*) from incoming.other_orgs"):
        _districts(staging, elsewhere)
    # A student must belong to a school; the only school of a source is meant where none is named.
    if staging.one("select count(*) from incoming.schools") == 1:
        staging.execute(
            f"update incoming.people set school_sis_id = ({known}) where keep and kind = 'student' and "
            f"school_sis_id is null"
        )
    tests = {
        "none": "kind = 'student' and school_sis_id is null",
        "unknown": f"kind <> 'guardian' and school_sis_id is not null and school_sis_id not in ({known})",
        "others": "other_school_sis_ids is not null and kind <> 'guardian'",
    }
    seen = found(staging, "incoming.people where keep", tests)
    if "none" in seen:
        leave_out(staging, "student-without-school", "school_sis_ids", "null", tests["none"])
    if "unknown" in seen:
        _unknown_schools(staging, tests["unknown"])
    if "others" in seen:
        report(
            staging,
            "unknown-other-school",
            f"""select ref, 'school_sis_ids', s from (
                    select ref, unnest(string_split(other_school_sis_ids, chr(31))) as s
                    from incoming.person where keep and {tests["others"]})
                where s not in ({known}) and s not in ({elsewhere})""",
        )
        staging.execute(f"""insert into incoming.emptied select rowid, 'other_school_sis_ids' from incoming.people
            where keep and {tests["others"]} and not list_has_all(
                (select list(sis_id) from (
                    select sis_id from incoming.schools union select sis_id from incoming.other_orgs)),
                string_split(other_school_sis_ids, chr(31)))""")
        staging.execute(f"""update incoming.people set other_school_sis_ids =
            nullif(array_to_string(list_sort(list_intersect(
                string_split(other_school_sis_ids, chr(31)),
                (select list(sis_id) from incoming.schools))), chr(31)), '')
            where keep and {tests["others"]}""")


def _districts(staging: Staging, elsewhere: str) -> None:
    """People of the district belong to no school, or to the next school that they name."""
    report(
        staging,
        "district-guardian",
        f"select ref, 'school_sis_ids', school_sis_id from incoming.person where keep and kind = 'guardian' and "
        f"school_sis_id in ({elsewhere})",
    )
    rest = "list_filter(string_split(other_school_sis_ids, chr(31)), lambda s: not list_contains(o.ids, s))"
    staging.execute(f"""update incoming.people set school_sis_id = {rest}[1],
            other_school_sis_ids = nullif(array_to_string({rest}[2:], chr(31)), '')
        from (select list(sis_id) as ids from incoming.other_orgs) o where keep and school_sis_id in ({elsewhere})""")


def _unknown_schools(staging: Staging, where: str) -> None:
    ids.bare_of(staging, "incoming.bare_schools", "select sis_id from incoming.schools")
    leave_out(
        staging,
        "id-lost-zeros",
        "school_sis_ids",
        "school_sis_id",
        f"{where} and school_sis_id in (select bare from incoming.bare_schools)",
    )
    leave_out(staging, "unknown-school", "school_sis_ids", "school_sis_id", where)


def _fields(staging: Staging) -> None:
    bad_email = "email is not null and (email not like '%_@_%._%' or contains(email, ' '))"
    tests = {
        "name": "given_name is null and family_name is null",
        "half": "(given_name is null) <> (family_name is null)",
        "grade": f"kind = 'student' and grade is not null and grade not in ({listed(GRADES)})",
        "no grade": "kind = 'student' and grade is null",
        "email": bad_email,
        "no name": "contains(given_name, '@') or contains(family_name, '@')",
        "birth": "birth_date is not null",
    }
    seen = found(staging, "incoming.people where keep", tests)
    if "name" in seen:
        leave_out(staging, "missing-name", "family_name", "null", tests["name"])
    if "half" in seen:
        which = "case when given_name is null then 'given_name' else 'family_name' end"
        report(
            staging, "partial-name", f"select ref, {which}, null from incoming.person where keep and {tests['half']}"
        )
    if "no name" in seen:
        for column in ("given_name", "family_name"):
            report(
                staging,
                "not-a-name",
                f"select ref, '{column}', {column} from incoming.person where keep and contains({column}, '@')",
            )
    if "grade" in seen:
        empty(staging, "unknown-grade", "grade", tests["grade"])
        seen |= {"no grade"}
    if "no grade" in seen:
        report(
            staging,
            "student-without-grade",
            f"select ref, 'grade', null from incoming.person where keep and {tests['no grade']}",
        )
    if "email" in seen:
        empty(staging, "bad-email", "email", bad_email)
    if "birth" in seen:
        ages.check(staging)
    duplicates.numbers(staging)
    characters.check(staging, "incoming.person", ("given_name", "family_name", "middle_name", "email"), "keep")
    mobiles.check(staging)
    contacts.check(staging)
    leave_out(staging, "no-contact", "email", "null", "kind = 'guardian' and email is null and sms is null")
