"""Links to records that are not in the source but in the directory, as parts of a roster and deltas have them.

The checks of the source alone can only call them dangling, and keep them aside by their SIS IDs; once the directory is
known, `resolve` takes those that it knows and withdraws their problems. Such a record has its id below zero as number.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from rosterdesk.checks.catalogue import report
from rosterdesk.directory import scope
from rosterdesk.staging import Staging

_LOOSE = ("loose_enrollments", "loose_guardianships", "waiting_contacts")
_TABLES = {
    "loose_enrollments": "ref bigint, code varchar, class_sis_id varchar, classroom_no bigint, user_sis_id varchar, "
    "person_no bigint, is_student boolean, is_primary boolean, gone boolean",
    "loose_guardianships": "ref bigint, code varchar, student_sis_id varchar, student_no bigint, "
    "guardian_sis_id varchar, guardian_no bigint, relationship varchar",
    "waiting_contacts": "no bigint, ref bigint, student_sis_id varchar, relationship varchar",
    "referred": "entity varchar, sis_id varchar, no bigint, id bigint",
    "referred_enrollments": "classroom_no bigint, person_no bigint, is_student boolean, is_primary boolean, "
    "gone boolean",
}
_WANTED = """create or replace table incoming.wanted as
    select 'classrooms' as entity, class_sis_id as sis_id from incoming.loose_enrollments where class_sis_id is not null
    union select 'students', user_sis_id from incoming.loose_enrollments
        where user_sis_id is not null and is_student is not false
    union select 'staff', user_sis_id from incoming.loose_enrollments
        where user_sis_id is not null and is_student is not true
    union select 'students', student_sis_id from incoming.loose_guardianships where student_sis_id is not null
    union select 'guardians', guardian_sis_id from incoming.loose_guardianships where guardian_sis_id is not null
    union select 'students', student_sis_id from incoming.waiting_contacts where student_sis_id is not null"""


def prepare(staging: Staging) -> None:
    """Make the tables, all of them empty."""
    for name, columns in _TABLES.items():
        staging.execute(f"create table incoming.{name} ({columns})")


def keep_deleted(staging: Staging, faulty: str) -> None:
    """Take those enrollments out of `faulty` that the source says are gone and of which an end is not in it."""
    staging.execute(f"""insert into incoming.loose_enrollments
        select null, 'gone', case when classroom_no is null then split_part(value, chr(31), 1) end, classroom_no,
               case when person_no is null then split_part(value, chr(31), 2) end, person_no, is_student, is_primary,
               true
        from {faulty} where fault = 'gone'""")
    staging.execute(f"delete from {faulty} where fault = 'gone'")


def resolve(staging: Staging, removable: AbstractSet[str]) -> None:
    """Take the links whose missing ends are active in `directory.*`. `removable` names the kinds of records that the
    source tells of in full: what it should have told of, and did not, is no end for a link.
    """
    if not any(staging.one(f"select count(*) from incoming.{name}") for name in _LOOSE):
        return
    scope.prepare(staging)
    staging.execute(_WANTED)
    _borrow(staging, "classrooms", "incoming.all_classrooms", removable)
    for entity in ("students", "staff", "guardians"):
        _borrow(staging, entity, "incoming.people", removable)
    _enrollments(staging)
    _contacts(staging)
    _guardianships(staging)
    if "enrollments" in removable:
        _mistyped_enrollments(staging)
    if "guardianships" in removable:
        _mistyped_guardianships(staging)


def _borrow(staging: Staging, entity: str, told: str, removable: AbstractSet[str]) -> None:
    """Note the records that are wanted and that the source does not mention in any way."""
    expected = f"and not ({scope.condition(entity)})" if entity in removable else ""
    if entity != "guardians" and staging.has(scope.UNSYNCED):  # what the source says of these schools is ignored
        expected += f" and coalesce(d.school_sis_id not in (select sis_id from {scope.UNSYNCED}), true)"
    staging.execute(f"""insert into incoming.referred
        select '{entity}', d.sis_id, -d.id, d.id from directory.{entity} d
        join incoming.wanted w on w.entity = '{entity}' and w.sis_id = d.sis_id
        where d.status = 'active'
          and d.sis_id not in (select sis_id from {told} where sis_id is not null) {expected}""")


def _of(entity: str) -> str:
    return f"(select sis_id, no from incoming.referred where entity = '{entity}')"


def _enrollments(staging: Staging) -> None:
    staging.execute(f"""create or replace table incoming.found as
        select l.ref, l.code, l.user_sis_id, coalesce(l.classroom_no, c.no) as classroom_no,
               coalesce(l.person_no, case when l.is_student then s.no when not l.is_student then t.no
                                          else coalesce(s.no, t.no) end) as person_no,
               l.is_student, l.is_primary, l.gone
        from incoming.loose_enrollments l left join {_of("classrooms")} c on c.sis_id = l.class_sis_id
        left join {_of("students")} s on s.sis_id = l.user_sis_id left join {_of("staff")} t on t.sis_id = l.user_sis_id
        """)
    staging.execute("""insert into incoming.referred_enrollments
        select classroom_no, person_no, is_student, is_primary, gone from incoming.found
        where classroom_no is not null and person_no is not null""")
    # The view has this second part only where there is one: it costs a large roster time.
    staging.execute("""create or replace view incoming.enrollments as select * from incoming.told_enrollments union all
        select classroom_no, person_no, is_student, is_primary from incoming.referred_enrollments where not gone""")
    staging.execute("""create or replace view incoming.deleted_enrollments as select * from incoming.told_deleted
        union all select classroom_no, person_no from incoming.referred_enrollments where gone""")
    # Where the directory knows the classroom but not the person, it is the person who is unknown.
    lost = "from incoming.found where code = 'dangling-classroom' and classroom_no is not null and person_no is null"
    report(staging, "dangling-person", f"select ref, 'user_sis_id', user_sis_id {lost} and user_sis_id is not null")
    report(staging, "enrollment-without-id", f"select ref, 'user_sis_id', null {lost} and user_sis_id is null")
    staging.execute("""delete from problems p using incoming.found f where p.ref = f.ref and p.code = f.code
        and (f.person_no is not null or f.code = 'dangling-classroom') and f.classroom_no is not null""")


def _contacts(staging: Staging) -> None:
    """Let in the contacts who waited only because their student is not in the source."""
    staging.execute(f"""create or replace table incoming.come as
        select w.no, w.ref, w.relationship, s.no as student_no from incoming.waiting_contacts w
        join {_of("students")} s on s.sis_id = w.student_sis_id""")
    staging.execute("update incoming.people set keep = true where rowid in (select no from incoming.come)")
    staging.execute("""delete from problems where code = 'contact-waits'
        and ref in (select ref from incoming.come)""")
    staging.execute("""insert into incoming.guardianships
        select c.student_no, min(c.no), any_value(c.relationship), min(c.ref) from incoming.come c
        join incoming.people p on p.rowid = c.no group by c.student_no, p.sis_id""")


def _guardianships(staging: Staging) -> None:
    staging.execute(f"""create or replace table incoming.found_pairs as
        select l.ref, l.code, l.student_sis_id, l.guardian_sis_id, l.relationship,
               coalesce(l.student_no, s.no) as student_no, coalesce(l.guardian_no, g.no) as guardian_no
        from incoming.loose_guardianships l left join {_of("students")} s on s.sis_id = l.student_sis_id
        left join {_of("guardians")} g on g.sis_id = l.guardian_sis_id""")
    staging.execute("""insert into incoming.guardianships
        select student_no, guardian_no, any_value(relationship), min(ref) from incoming.found_pairs
        where student_no is not null and guardian_no is not null group by student_no, guardian_no""")
    report(
        staging,
        "dangling-guardian",
        """select ref, 'agent_sis_ids', guardian_sis_id from incoming.found_pairs
           where code = 'dangling-student' and student_no is not null and guardian_no is null""",
    )
    # One row may name several guardians: the problem of each is known by the row and the ID.
    staging.execute("""delete from problems p using incoming.found_pairs f where p.ref = f.ref and p.code = f.code
        and p.value = case f.code when 'dangling-student' then f.student_sis_id else f.guardian_sis_id end
        and f.student_no is not null and (f.guardian_no is not null or f.code = 'dangling-student')""")


def _mistyped_enrollments(staging: Staging) -> None:
    """Keep the enrollment of which a row may be a misspelling: an end is unknown everywhere, and one sign away from
    the person (or classroom) whose enrollment in the same classroom (of the same person) would otherwise go.
    """
    people = """(select id, sis_id, true as is_student from directory.students union all
        select id, sis_id, false from directory.staff)"""
    _shield(
        staging,
        "enrollments",
        f"""select c.rowid, p.no, l.user_sis_id as written, d.sis_id as meant
            from incoming.loose_enrollments l join incoming.classrooms c on c.rowid = l.classroom_no
            join directory.classrooms k on k.sis_id = c.sis_id join directory.enrollments e on e.classroom = k.id
            join {people} d on d.id = e.person and d.is_student = l.is_student
            join incoming.person p on p.sis_id = d.sis_id and p.keep and (p.kind = 'student') = d.is_student
            where l.code = 'dangling-person' and e.is_student = l.is_student and p.kind <> 'guardian'
              and l.user_sis_id not in (select sis_id from {people})""",
    )
    _shield(
        staging,
        "enrollments",
        f"""select c.rowid, p.no, l.class_sis_id as written, k.sis_id as meant
            from incoming.loose_enrollments l join incoming.person p on p.no = l.person_no
            join {people} d on d.sis_id = p.sis_id and d.is_student = l.is_student
            join directory.enrollments e on e.person = d.id and e.is_student = l.is_student
            join directory.classrooms k on k.id = e.classroom join incoming.classrooms c on c.sis_id = k.sis_id
            where l.code = 'dangling-classroom'
              and l.class_sis_id not in (select sis_id from directory.classrooms)""",
    )


def _mistyped_guardianships(staging: Staging) -> None:
    """The same for family links."""
    for known, unknown in (("student", "guardian"), ("guardian", "student")):
        _shield(
            staging,
            "guardianships",
            f"""select {", ".join(f"{side}.no" for side in ("student", "guardian"))},
                       l.{unknown}_sis_id as written, theirs.sis_id as meant
                from incoming.loose_guardianships l join incoming.person {known} on {known}.no = l.{known}_no
                join directory.{known}s own on own.sis_id = {known}.sis_id
                join directory.guardianships e on e.{known} = own.id join directory.{unknown}s theirs
                    on theirs.id = e.{unknown}
                join incoming.{unknown}s {unknown} on {unknown}.sis_id = theirs.sis_id
                where l.code = 'dangling-{unknown}'
                  and l.{unknown}_sis_id not in (select sis_id from directory.{unknown}s)""",
        )


def _shield(staging: Staging, link: str, suspected: str) -> None:
    staging.execute(f"""insert into incoming.unsure_{link}
        select distinct a, b from ({suspected}) q(a, b, written, meant)
        where damerau_levenshtein(written, meant) <= 1 or lower(trim(written)) = lower(meant)""")
