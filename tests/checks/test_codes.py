"""Every kind of problem: the rows that have it, and where it is told. The tests are named by the codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from rosterdesk.checks.entries import CATALOGUE, reading
from rosterdesk.sources import faults
from rosterdesk.staging import Staging
from tests.checks.tables import Tables, checked, enrolled, guardian, room, school, student, teacher


@dataclass
class Case:
    tables: Tables
    expected: Sequence[tuple[str, int | None, str | None, str | None]]
    manifest: Mapping[str, str] = field(default_factory=dict)
    columns: Sequence[str] = ("id",)


def users(*rows: object, **tables: object) -> Tables:
    return {"schools": [school()], "users": rows, **tables}  # type: ignore[dict-item]


def crowd(n: int, **fields: object) -> list[object]:
    return [guardian(f"G{i}", f"Given{i}", f"Family{i}", **fields) for i in range(n)]


FAMILY = [(f"S{i}", f"G{i}", f"Family{i}") for i in range(25)]
U = "users"
PEOPLE: dict[str, Case] = {
    "missing-id": Case(users(student(None)), [(U, 2, "sis_id", None)]),
    "duplicate-id": Case(users(student("S1"), student("S1", "Bob")), [(U, 2, "sis_id", "S1"), (U, 3, "sis_id", "S1")]),
    "repeated-row": Case(users(student("S1"), student("S1")), [(U, 3, "sis_id", "S1")]),
    "status-contradiction": Case(users(student("S1"), student("S1", status="tobedeleted")), [(U, 2, "status", "S1")]),
    "id-damaged": Case(
        users(student("1.23E+11"), student("12-Mar"), student("2026-03-12"), student("12E4"), student("a-1")),
        [(U, 2, "sis_id", "1.23E+11"), (U, 3, "sis_id", "12-Mar"), (U, 4, "sis_id", "2026-03-12")],
    ),
    "id-precision": Case(
        users(*(student(f"12345678901234{n}000") for n in range(3))),
        [(U, n + 2, "sis_id", f"12345678901234{n}000") for n in range(3)],
    ),
    "id-decimal": Case(users(student("123.0"), student("1.5")), [(U, 2, "sis_id", "123.0")]),
    "id-spaces": Case(
        users(student(" S1"), student("S 2"), student("S3\t")), [(U, 2, "sis_id", " S1"), (U, 4, "sis_id", "S3\t")]
    ),
    "id-invisible": Case(users(student("S\u200b1"), student("Sé")), [(U, 2, "sis_id", "S\u200b1")]),
    "id-look-alike": Case(users(student("АB1"), student("АБ1")), [(U, 2, "sis_id", "АB1")]),
    "id-short": Case(
        users(student("001"), student("002"), student("3"), student("400"), student("S5")), [(U, 4, "sis_id", "3")]
    ),
    "id-lost-zeros": Case(
        users(student("0012"), classrooms=[room("C")], enrollments=[enrolled("C", "12")]),
        [("enrollments", 2, "user_sis_id", "12")],
    ),
    "id-of-two-people": Case(
        users(teacher("1", "Emmy"), guardian("1", "Otto"), teacher("2"), guardian("2", "Emmy", "Noether")),
        [(U, 2, "sis_id", "1"), (U, 3, "sis_id", "1")],
    ),
    "twin-records": Case(
        users(
            student("S1", birth_date="2018-01-31"),
            student("S2", birth_date="2018-01-31"),
            student("S3", birth_date="2018-02-01"),
        ),
        [(U, 2, "birth_date", "S2"), (U, 3, "birth_date", "S1")],
    ),
    "shared-student-number": Case(
        users(student("S1", student_number="7"), student("S2", student_number="7"), student("S3", student_number="8")),
        [(U, 2, "student_number", "7"), (U, 3, "student_number", "7")],
    ),
    "shared-state-id": Case(
        users(student("S1", state_id="7"), student("S2", state_id="7")),
        [(U, 2, "state_id", "7"), (U, 3, "state_id", "7")],
    ),
    "unknown-role": Case(users(student("S1", role="wizard")), [(U, 2, "role", "wizard")]),
    "person-without-role": Case(users(student("S1", role=None)), [(U, 2, "role", "S1")]),
    "unknown-status": Case(users(student("S1", status="odd")), [(U, 2, "status", "odd")]),
    "missing-name": Case(users(student("S1", None, None)), [(U, 2, "family_name", None)]),
    "partial-name": Case(
        users(student("S1", None), student("S2", "Ada", None)),
        [(U, 2, "given_name", None), (U, 3, "family_name", None)],
    ),
    "swapped-names": Case(
        users(
            *(student(s, f, f"x{s}", agent_sis_ids=[g]) for s, g, f in FAMILY),
            *(guardian(g, f"y{s}", f) for s, g, f in FAMILY),
        ),
        [("", None, None, "Names in one of the tables")],
    ),
    "not-a-name": Case(users(student("S1", "ada@example.org")), [(U, 2, "given_name", "ada@example.org")]),
    "unknown-school": Case(users(student("S1", school_sis_ids=["B"])), [(U, 2, "school_sis_ids", "B")]),
    "unknown-other-school": Case(users(student("S1", school_sis_ids=["A", "B"])), [(U, 2, "school_sis_ids", "B")]),
    "student-without-school": Case(
        {"schools": [school(), school("B")], "users": [student("S1", school_sis_ids=None)]},
        [(U, 2, "school_sis_ids", None)],
    ),
    "district-guardian": Case(
        {"schools": [school(), school("D", type="district")], "users": [guardian("G1", school_sis_ids=["D"])]},
        [(U, 2, "school_sis_ids", "D")],
    ),
    "unknown-grade": Case(users(student("S1", grade="Sprout")), [(U, 2, "grade", "Sprout")]),
    "student-without-grade": Case(
        users(student("S1", grade=None), student("S2", grade="Sprout")), [(U, 2, "grade", None), (U, 3, "grade", None)]
    ),
    "bad-birth-date": Case(users(student("S1", birth_date="spring")), [(U, 2, "birth_date", "spring")]),
    "future-birth-date": Case(users(student("S1", birth_date="2999-01-01")), [(U, 2, "birth_date", "2999-01-01")]),
    "unlikely-age": Case(users(student("S1", birth_date="1950-01-01")), [(U, 2, "birth_date", "1950-01-01")]),
    "grade-and-age": Case(
        users(student("S1", grade="PK", birth_date="2008-01-01")), [(U, 2, "birth_date", "2008-01-01")]
    ),
    "demographics-differ": Case(
        users(student("S1"), demographics=[{"user_sis_id": "S1", "gender": "f"}, {"user_sis_id": "S1", "gender": "m"}]),
        [("demographics", 2, "user_sis_id", "S1"), ("demographics", 3, "user_sis_id", "S1")],
    ),
    "dangling-demographics": Case(
        users(student("S1"), demographics=[{"user_sis_id": "S9"}]), [("demographics", 2, "user_sis_id", "S9")]
    ),
    "dangling-role": Case(
        users(student("S1"), roles=[{"user_sis_id": "S9", "role": "student"}]), [("roles", 2, "user_sis_id", "S9")]
    ),
    "dangling-attribute": Case(
        users(student("S1"), attributes=[{"student_sis_id": "S9", "name": "a"}]),
        [("attributes", 2, "student_sis_id", "S9")],
    ),
    "attribute-twice": Case(
        users(student("S1"), attributes=[{"student_sis_id": "S1", "name": "bus", "value": v} for v in "12"]),
        [("attributes", 2, "name", "bus")],
    ),
}
CONTACTS: dict[str, Case] = {
    "no-contact": Case(users(guardian("G1", email=None)), [(U, 2, "email", None)]),
    "bad-email": Case(users(student("S1", email="ada")), [(U, 2, "email", "ada")]),
    "placeholder-email": Case(
        users(student("S1", email="NoEmail@school.example"), *crowd(21, email="office@school.example")),
        [(U, 2, "email", "NoEmail@school.example"), *((U, n, "email", "office@school.example") for n in range(3, 24))],
    ),
    "bad-mobile": Case(users(guardian("G1", sms="555-1234")), [(U, 2, "sms", "555-1234")]),
    "placeholder-mobile": Case(
        users(guardian("G1", sms="0000000000"), guardian("G2", sms="+12222222222"), guardian("G3", sms="123-456-7890")),
        [(U, 2, "sms", "0000000000"), (U, 3, "sms", "+12222222222"), (U, 4, "sms", "123-456-7890")],
    ),
    "landline-in-sms": Case(
        users(
            guardian("G1", sms="+442079460123"), guardian("G2", sms="+447911123456"), guardian("G3", sms="+12125551234")
        ),
        [(U, 2, "sms", "+442079460123")],
    ),
    "toll-free-mobile": Case(users(guardian("G1", sms="+18005551234")), [(U, 2, "sms", "+18005551234")]),
    "fictional-mobile": Case(
        users(
            guardian("G1", sms="+12125550123"), guardian("G2", sms="+12125561234"), guardian("G3", sms="+12125561235")
        ),
        [(U, 2, "sms", "+12125550123")],
    ),
    "contact-waits": Case(
        {
            "schools": [school()],
            "students": [{k: v for k, v in student("S1").items() if k != "role"}],
            "guardians": [
                {"given_name": "Ida", "family_name": "Byron", "email": "i@example.org", "student_sis_id": "S1"},
                {"given_name": "Otto", "family_name": "Hahn", "email": "o@example.org", "student_sis_id": "S9"},
            ],
        },
        [("guardians", 3, "student_sis_id", "S9")],
    ),
    "shared-contact": Case(
        users(
            guardian("G1", "Ida", "Byron", email="x@example.org"), guardian("G2", "Otto", "Hahn", email="X@example.org")
        ),
        [(U, 2, "email", "x@example.org"), (U, 3, "email", "X@example.org")],
    ),
    "shared-student-email": Case(
        users(student("S1", email="x@example.org"), student("S2", "Bob", email="x@example.org")),
        [(U, 2, "email", "x@example.org"), (U, 3, "email", "x@example.org")],
    ),
    "person-differs": Case(
        users(teacher("T1", email="e@example.org"), guardian("G1", "Emmy Amalie", "Noether", email="e@example.org")),
        [(U, 2, "email", "e@example.org"), (U, 3, "email", "e@example.org")],
    ),
    "quotation-marks": Case(users(student("S1", 'A "B"')), [(U, 2, "given_name", 'A "B"')]),
    "invisible-characters": Case(
        users(student("S1", "A\u200bda"), student("S2", "Zoë")), [(U, 2, "given_name", "A\u200bda")]
    ),
    "garbled-text": Case(
        users(student("S1", "ZoÃ«"), student("S2", "Ã‰lodie")),
        [(U, 2, "given_name", "ZoÃ«"), (U, 3, "given_name", "Ã‰lodie")],
    ),
    "header-look-alike": Case(
        users(student("S1")),
        [("schools", 1, "name\u200b", "name\u200b"), (U, 1, "name\u200b", "name\u200b")],
        columns=("name\u200b",),
    ),
}
C, E = "classrooms", "enrollments"
LINKS: dict[str, Case] = {
    "classroom-unknown-school": Case(users(classrooms=[room("C", school_sis_id="B")]), [(C, 2, "school_sis_id", "B")]),
    "classroom-without-school": Case(
        {"schools": [school(), school("B")], "classrooms": [room("C", school_sis_id=None)]},
        [(C, 2, "school_sis_id", "C")],
    ),
    "missing-title": Case(users(classrooms=[room("C", title=None)]), [(C, 2, "title", None)]),
    "school-from-id": Case({"users": [student("S1")]}, [("", None, "school_sis_ids", "A")]),
    "classroom-without-students": Case(
        users(student("S1"), classrooms=[room("C"), room("D")], enrollments=[enrolled("C", "S1")]),
        [(C, 3, "sis_id", "D")],
    ),
    "classroom-without-teacher": Case(
        users(student("S1"), classrooms=[room("C")], enrollments=[enrolled("C", "S1")]), [(C, 2, "sis_id", "C")]
    ),
    "school-without-students": Case(
        {"schools": [school(), school("B")], "users": [student("S1")]}, [("schools", 3, "sis_id", "School B")]
    ),
    "enrollment-without-id": Case(
        users(student("S1"), classrooms=[room("C")], enrollments=[enrolled("C", None), enrolled(None, "S1")]),
        [(E, 2, "user_sis_id", None), (E, 3, "class_sis_id", None)],
    ),
    "dangling-classroom": Case(
        users(student("S1"), enrollments=[enrolled("C9", "S1")]), [(E, 2, "class_sis_id", "C9")]
    ),
    "dangling-person": Case(
        users(classrooms=[room("C")], enrollments=[enrolled("C", "S9")]), [(E, 2, "user_sis_id", "S9")]
    ),
    "enrollment-role-contradiction": Case(
        users(student("S1"), classrooms=[room("C")], enrollments=[enrolled("C", "S1", "teacher")]),
        [(E, 2, "user_sis_id", "S1")],
    ),
    "left-out-with-person": Case(
        users(student("S1", None, None), classrooms=[room("C")], enrollments=[enrolled("C", "S1")]),
        [(E, 2, "user_sis_id", "S1")],
    ),
    "left-out-with-classroom": Case(
        users(student("S1"), classrooms=[room("C", school_sis_id="B")], enrollments=[enrolled("C", "S1")]),
        [(E, 2, "class_sis_id", "C")],
    ),
    "unknown-enrollment-role": Case(
        users(student("S1"), classrooms=[room("C")], enrollments=[enrolled("C", "S1", "pilot")]),
        [(E, 2, "role", "pilot")],
    ),
    "enrollment-ended": Case(
        users(
            student("S1"),
            classrooms=[room("C"), room("D")],
            enrollments=[
                enrolled("C", "S1", end_date="2001-06-30"),
                enrolled("D", "S1", begin_date="2999-01-01", end_date="2999-06-30"),
            ],
        ),
        [(E, 2, "end_date", "2001-06-30")],
    ),
    "student-without-classroom": Case(
        users(student("S1"), student("S2", "Bob"), classrooms=[room("C")], enrollments=[enrolled("C", "S1")]),
        [(U, 3, "sis_id", "S2")],
    ),
    "dangling-guardian": Case(users(student("S1", agent_sis_ids=["G9"])), [(U, 2, "agent_sis_ids", "G9")]),
    "dangling-student": Case(users(guardian("G1", agent_sis_ids=["S9"])), [(U, 2, "agent_sis_ids", "S9")]),
    "not-a-guardian": Case(users(student("S1", agent_sis_ids=["T1"]), teacher("T1")), [(U, 2, "agent_sis_ids", "T1")]),
    "guardian-without-student": Case(
        users(student("S1", agent_sis_ids=["G1"]), guardian("G1"), guardian("G2", "Otto", "Hahn")),
        [(U, 4, "sis_id", "G2")],
    ),
    "too-many-guardians": Case(
        users(student("S1", agent_sis_ids=[f"G{n}" for n in range(7)]), *crowd(7)), [(U, 2, "agent_sis_ids", "7")]
    ),
}
SIGNS: dict[str, Case] = {
    "page-multiple": Case(users(*(student(f"S{n}") for n in range(1000))), [(U, None, None, "1,000")]),
    "bulk-with-deletes": Case(
        users(student("S1", status="tobedeleted")), [(U, 2, "status", "S1")], {"file.users": "bulk"}
    ),
    "delta-without-dates": Case(users(student("S1")), [(U, None, None, None)], {"file.users": "delta"}),
    "manifest-file-missing": Case(users(student("S1")), [("orgs", None, None, "orgs.csv")], {"file.orgs": "bulk"}),
    "manifest-file-extra": Case(users(student("S1")), [(U, None, None, "users.csv")], {"file.users": "absent"}),
}
CASES = {**PEOPLE, **CONTACTS, **LINKS, **SIGNS}
# Those that need more than rows have tests of their own in the files beside this one.
ELSEWHERE = {
    "header-close",
    *(
        "spreadsheet-limit",
        "bulk-with-dates",
        "fewer-rows",
        "school-empty",
        "grade-empty",
        "ids-changed",
        "id-lost-zeros-directory",
        "contact-taken",
        "no-own-contact",
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_problem(code: str, staging: Staging) -> None:
    case = CASES[code]
    found = checked(staging, case.tables, case.manifest, case.columns)
    assert [(*p[1:],) for p in found if p[0] == code] == list(case.expected)


def test_every_code_has_a_test() -> None:
    assert CATALOGUE.keys() == CASES.keys() | ELSEWHERE | reading.ENTRIES.keys()


def test_every_fault_of_reading_is_in_the_catalogue() -> None:
    assert reading.ENTRIES.keys() == faults.CODES
    unsure = faults.UNSURE_ROW | faults.UNSURE_TABLE
    assert {code for code, entry in reading.ENTRIES.items() if entry.severity == "error"} == unsure


@pytest.mark.parametrize("code", CATALOGUE)
def test_sentences(code: str) -> None:
    entry = CATALOGUE[code]
    assert entry.sentence.endswith(".")
    assert not entry.title.endswith(".")
    words = f"{entry.title} {entry.sentence}".lower()
    assert not any(word in words for word in ("invalid", "illegal", "bad ", "failed"))


def test_a_clean_roster_has_no_problems(staging: Staging) -> None:
    tables = users(
        student("S1", agent_sis_ids=["G1"], birth_date=None),
        guardian("G1", sms="+12125561234"),
        teacher("T1"),
        classrooms=[room("C")],
        enrollments=[enrolled("C", "S1"), enrolled("C", "T1", "teacher")],
    )
    assert checked(staging, tables) == []
