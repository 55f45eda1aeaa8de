"""What goes on, what is left out, and what counts as present all the same."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rosterdesk import checks
from rosterdesk.model import Mapping
from rosterdesk.run import Run
from rosterdesk.staging import Staging
from tests.checks.tables import checked, enrolled, guardian, ids, problems, room, school, source, student, teacher

_CELLS = st.sampled_from([None, "1", "01", "1.0", "2 ", "12-Mar", "G1", "S1", "S2", "x@y.z", "a"])
_USERS = st.fixed_dictionaries(
    {
        "sis_id": _CELLS,
        "role": st.sampled_from([None, "student", "guardian", "teacher", "pilot"]),
        "status": st.sampled_from([None, "active", "tobedeleted", "odd"]),
        "given_name": _CELLS,
        "email": _CELLS,
        "sms": _CELLS,
        "grade": st.sampled_from([None, "01", "x"]),
        "birth_date": st.sampled_from([None, "2016-05-05", "x"]),
        "school_sis_ids": st.sampled_from([None, ["A"], ["B"], ["A", "B"]]),
        "agent_sis_ids": st.sampled_from([None, ["G1"], ["G1", "S1"]]),
    }
)
_ENROLLMENTS = st.fixed_dictionaries(
    {
        "class_sis_id": st.sampled_from([None, "C", "D"]),
        "user_sis_id": _CELLS,
        "role": st.sampled_from([None, "student", "teacher", "pilot"]),
        "status": st.sampled_from([None, "tobedeleted"]),
        "end_date": st.sampled_from([None, "2001-01-01", "2999-01-01", "x"]),
    }
)
# Problems that do not leave the row out, whatever their severity says of the record.
_ROW_CODES = ("duplicate-id", "repeated-row")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(users=st.lists(_USERS, max_size=8), enrollments=st.lists(_ENROLLMENTS, max_size=6))
def test_rows_kept_and_rows_left_out_are_the_rows_in(
    tmp_path_factory: Any, users: list[Any], enrollments: list[Any]
) -> None:
    with Staging(Run(), tmp_path_factory.mktemp("s")) as staging:
        tables = {
            "schools": [school(), school("B")],
            "users": users,
            "classrooms": [room("C")],
            "enrollments": enrollments,
        }
        checked(staging, tables)
        kept = staging.one("select count(*) from incoming.people where keep")
        out = staging.one("select count(*) from incoming.people where not keep")
        assert kept + out == len(users)
        # Nobody is left out in silence: the row has an error, was deleted, or repeats another.
        silent = staging.rows("""select ref from incoming.person
            where not keep and coalesce(status, '') <> 'tobedeleted'
            and ref not in (select ref from problems where severity = 'error' and ref is not null)
            and (kind, sis_id) not in (select (kind, sis_id) from incoming.people where keep)""")
        assert silent == []
        # Whoever is left out by an error counts as present: by the SIS ID, else by the name, else nothing of the kind
        # may be archived.
        name = "lower(concat_ws(' ', p.given_name, p.family_name))"
        unseen = staging.one(f"""select count(*) from incoming.people p where not keep and sis_id is null
            and not exists (select 1 from incoming.unidentified u where u.name = {name})""")
        assert not unseen or checks.unproven(staging)
        seen = "select 1 from incoming.seen s where s.sis_id = p.sis_id and s.entity in (p.kind, 'any')"
        deleted = "select 1 from incoming.deleted d where d.sis_id = p.sis_id and d.entity = p.kind"
        assert not staging.one(f"""select count(*) from incoming.people p
            where not keep and sis_id is not null and not exists ({seen}) and not exists ({deleted})""")
        taken = staging.one("select count(*) from incoming.enrollments")
        gone = staging.one("select count(*) from incoming.resolved_1 where fault = 'gone'")
        told = staging.one(
            "select count(distinct ref) from problems where table_name = 'enrollments' and code <> 'unknown-status'"
        )
        waiting = staging.one("""select count(*) from incoming.resolved_1 r where fault = 'dangling-person'
            and value in (select sis_id from incoming.deleted)""")
        assert taken + gone + told + waiting >= len(enrollments)
        assert taken + gone <= len(enrollments)


def test_rows_are_counted_in_each_table(staging: Staging) -> None:
    tables = {
        "schools": [school()],
        "students": [student("S1"), student("S2", None, None)],
        "staff": [teacher("T1"), {**teacher("T2"), "given_name": None, "family_name": None}],
        "guardians": [
            {"student_sis_id": "S1", "given_name": "Ida", "email": "i@example.org"},
            {"student_sis_id": "S1"},
        ],
    }
    found = [p for p in checked(staging, tables) if p[0] in ("missing-name", "no-contact", "partial-name")]
    assert found == [
        ("missing-name", "students", 3, "family_name", None),
        ("missing-name", "staff", 3, "family_name", None),
        ("partial-name", "guardians", 2, "family_name", None),
        ("missing-name", "guardians", 3, "family_name", None),
    ]


def test_rows_that_could_not_be_read_are_counted_all_the_same(staging: Staging) -> None:
    reading, mapped = source(staging, {"schools": [school()], "users": [student("S1"), student(None), student(None)]})
    staging.execute("create table row_shifts (number bigint, from_row bigint, shift bigint)")
    staging.execute("insert into row_shifts values (2, 3, 5), (2, 4, 7)")
    checks.check(Mapping(()), reading, mapped, staging, Run())
    assert [p[2] for p in problems(staging) if p[0] == "missing-id"] == [8, 11]


def test_a_person_of_several_rows_keeps_the_first_school_first_and_every_guardian(staging: Staging) -> None:
    schools = [school("C"), school("B"), school("A")]
    rows = [
        student("S1", school_sis_ids=["C"], agent_sis_ids=["G1"], email=None),
        student("S1", school_sis_ids=["B"], agent_sis_ids=["G2"], email="a@example.org"),
        student("S1", school_sis_ids=["A", "C"], agent_sis_ids=None, email=None),
        guardian("G1"),
        guardian("G2", "Otto", "Hahn"),
    ]
    found = checked(staging, {"schools": schools, "users": rows})
    assert [p for p in found if p[0] in ("duplicate-id", "repeated-row")] == []
    select = "select school_sis_id, other_school_sis_ids, email from incoming.students"
    assert staging.rows(select) == [("C", "A\x1fB", "a@example.org")]
    assert staging.one("select count(*) from incoming.guardianships") == 2


def test_a_teacher_who_is_an_administrator_elsewhere_is_one_person(staging: Staging) -> None:
    rows = [teacher("T1"), teacher("T1", role="administrator", school_sis_ids=["B"])]
    checked(staging, {"schools": [school(), school("B")], "users": rows})
    assert staging.rows("select role, school_sis_id, other_school_sis_ids from incoming.staff") == [
        ("administrator", "A", "B")
    ]


def test_someone_of_the_district_belongs_to_the_next_school(staging: Staging) -> None:
    tables = {
        "schools": [school(), school("B"), school("D", type="district")],
        "users": [student("S1", school_sis_ids=["D", "B", "A"])],
    }
    checked(staging, tables)
    assert staging.rows("select school_sis_id, other_school_sis_ids from incoming.students") == [("A", "B")]


def test_a_row_without_a_role_is_seen_whatever_else_is_deleted(staging: Staging) -> None:
    # Compared as pairs, NULL would make the answer NULL, and the row would be gone.
    checked(
        staging, {"schools": [school()], "users": [student("S1", role="pilot"), student("S1", status="tobedeleted")]}
    )
    assert staging.rows("select entity, sis_id from incoming.seen") == [("any", "S1")]
    assert staging.rows("select entity, sis_id from incoming.deleted") == [("student", "S1")]


def test_what_has_no_id_or_a_damaged_one_is_known_by_its_name(staging: Staging) -> None:
    tables = {
        "schools": [school()],
        "users": [student(None), guardian("1.5E+9")],
        "classrooms": [room("C "), room("D")],
        "enrollments": [enrolled("D", None)],
    }
    checked(staging, tables)
    assert checks.unproven(staging) == frozenset()
    assert staging.rows("select entity, name from incoming.unidentified order by all") == [
        ("classrooms", "room c "),
        ("guardians", "ida byron"),
        ("students", "ada byron"),
    ]
    # The student of that enrollment may be any: nobody leaves the classroom.
    assert staging.rows("select classroom_no, person_no from incoming.unsure_enrollments") == [(0, None)]


def test_what_has_neither_id_nor_name_proves_nothing(staging: Staging) -> None:
    checked(staging, {"schools": [school()], "users": [student(None, None, family_name=None), student("S1")]})
    assert checks.unproven(staging) == {"students"}


def test_a_clean_source_proves_everything(staging: Staging) -> None:
    checked(staging, {"schools": [school()], "users": [student("S1")]})
    assert checks.unproven(staging) == frozenset()


def test_references_that_were_changed_on_the_way(staging: Staging) -> None:
    tables = {
        "schools": [school()],
        "users": [student("01", agent_sis_ids=["1.5E+9"]), student("S2", "Bob")],
        "classrooms": [room("C")],
        "enrollments": [enrolled("C", "1"), enrolled("C", "S2 "), enrolled("1-Jan", "S2")],
    }
    found = [p for p in checked(staging, tables) if p[0].startswith(("id-", "dangling"))]
    assert found == [
        ("id-damaged", "users", 2, "agent_sis_ids", "1.5E+9"),
        ("id-lost-zeros", "enrollments", 2, "user_sis_id", "1"),
        ("id-spaces", "enrollments", 3, "user_sis_id", "S2 "),
        ("id-damaged", "enrollments", 4, "class_sis_id", "1-Jan"),
    ]
    assert checks.unproven(staging) == {"guardianships"}
    shielded = staging.rows("select classroom_no, person_no from incoming.unsure_enrollments order by all nulls first")
    assert shielded == [(None, 1), (0, None), (0, None)]


def test_links_that_an_error_leaves_out_are_known(staging: Staging) -> None:
    tables = {
        "schools": [school()],
        "users": [student("S1"), student("S2", "Bob")],
        "classrooms": [room("C")],
        "enrollments": [enrolled("C", "S1", "pilot"), enrolled("C", "S2", status="tobedeleted")],
    }
    checked(staging, tables)
    assert staging.rows("select * from incoming.unsure_enrollments") == [(0, 0)]
    assert staging.rows("select * from incoming.deleted_enrollments") == [(0, 1)]


def test_roles_of_a_table_of_their_own(staging: Staging) -> None:
    people = [
        {**student("1"), "role": None, "school_sis_ids": None, "grade": None},
        {**teacher("2", sms=None), "role": None, "email": "e@x.org"},
    ]
    roles = [
        {"user_sis_id": "1", "role": "student", "school_sis_id": "B", "grade": "04"},
        {"user_sis_id": "1", "role": "student", "school_sis_id": "A", "primary": "true"},
        {"user_sis_id": "2", "role": "aide", "school_sis_id": "A"},
        {"user_sis_id": "2", "role": "administrator", "school_sis_id": "B"},
        {"user_sis_id": "2", "role": "guardian"},
    ]
    checked(staging, {"schools": [school(), school("B")], "users": people, "roles": roles})
    assert staging.rows("select school_sis_id, other_school_sis_ids, grade from incoming.students") == [
        ("A", "B", "04")
    ]
    assert staging.rows("select role, school_sis_id, other_school_sis_ids from incoming.staff") == [
        ("administrator", "A", "B")
    ]
    assert staging.rows("select sis_id, ref & 255 from incoming.guardians") == [("2", 3)]


def test_a_role_that_was_deleted_is_gone_and_one_nobody_knows_is_not(staging: Staging) -> None:
    people = [{**student(n), "role": None} for n in "12"]
    roles = [
        {"user_sis_id": "1", "role": "student", "status": "tobedeleted"},
        {"user_sis_id": "2", "role": "pilot"},
    ]
    checked(staging, {"schools": [school()], "users": people, "roles": roles})
    assert staging.rows("select entity, sis_id from incoming.deleted") == [("student", "1")]
    assert staging.rows("select entity, sis_id from incoming.seen") == [("any", "2")]


def test_demographics_and_attributes_reach_the_student(staging: Staging) -> None:
    tables = {
        "schools": [school()],
        "users": [student("S1", grade=None), teacher("T1")],
        "demographics": [
            {"user_sis_id": "S1", "birth_date": "2016-01-31", "gender": "female"},
            {"user_sis_id": "T1", "birth_date": "1980-01-01"},
        ],
        "attributes": [{"student_sis_id": "S1", "name": "bus", "value": "4"}],
    }
    checked(staging, tables)
    assert staging.rows("select birth_date, gender from incoming.students") == [("2016-01-31", "female")]
    assert staging.rows("select birth_date from incoming.staff") == [(None,)]
    assert staging.rows("select student_no, name, value from incoming.attributes") == [(0, "bus", "4")]


def test_fields_that_a_warning_empties(staging: Staging) -> None:
    rows = [
        guardian("G1", email="ida", sms="+442079460123"),
        guardian("G2", "Otto", "Hahn", sms="0000000000", phone="+12125550100"),
        student("S1", grade="Sprout", birth_date="2999-01-01", student_number="7"),
        student("S2", "Bob", student_number="7"),
    ]
    checked(staging, {"schools": [school()], "users": rows})
    # With neither address nor mobile number there is no guardian; the landline alone is no way to be reached.
    assert staging.rows("select sis_id, sms, phone from incoming.guardians") == [("G2", None, "+12125550100")]
    assert staging.rows("select phone from incoming.people where sis_id = 'G1'") == [("+442079460123",)]
    assert staging.rows("select grade, birth_date, student_number from incoming.students order by sis_id") == [
        (None, None, None),
        ("03", None, None),
    ]


def test_seven_guardians_leave_the_first_six(staging: Staging) -> None:
    rows = [
        student("S1", agent_sis_ids=[f"G{n}" for n in range(7)]),
        *(guardian(f"G{n}", f"X{n}", f"Y{n}") for n in range(7)),
    ]
    found = checked(staging, {"schools": [school()], "users": rows})
    assert staging.one("select max(guardian_no) from incoming.guardianships") == 6
    assert "guardian-without-student" not in {p[0] for p in found}


def test_guardians_of_a_table_of_pairs(staging: Staging) -> None:
    tables = {
        "schools": [school()],
        "users": [student("S1"), student("S2", "Bob"), guardian("G1")],
        "guardianships": [
            {"student_sis_id": "S1", "guardian_sis_id": "G1", "relationship": "mother"},
            {"student_sis_id": "S9", "guardian_sis_id": "G1"},
        ],
    }
    found = checked(staging, tables)
    assert staging.rows("select student_no, guardian_no, relationship from incoming.guardianships") == [
        (0, 2, "mother")
    ]
    assert ("dangling-student", "guardianships", 3, "agent_sis_ids", "S9") in found


def test_ids_of_the_records_that_go_on(staging: Staging) -> None:
    checked(staging, {"schools": [school()], "users": [student("S2"), student("S1", "Bob")], "classrooms": [room("C")]})
    assert (ids(staging, "students"), ids(staging, "classrooms"), ids(staging, "schools")) == (
        ["S1", "S2"],
        ["C"],
        ["A"],
    )
