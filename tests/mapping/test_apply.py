"""From a mapping and literal rows to mapped tables: views where rows keep their place, else stored rows with a ref."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from rosterdesk import mapping
from rosterdesk.errors import UsageError
from rosterdesk.model import FieldMap, Reading, RowFilter, TableMap, Transform
from rosterdesk.model import Mapping as RosterMapping
from rosterdesk.run import Run
from rosterdesk.staging import Staging
from rosterdesk.targets import TARGETS

Mapped = Callable[[RosterMapping, Reading], Mapping[str, list[dict[str, Any]]]]
USERS = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,givenName,familyName,email,sms,"
    "agentSourcedIds,grades"
)


def test_one_roster_users(read: Callable[..., Reading], staging: Staging, mapped: Mapped) -> None:
    reading = read(
        users=f'{USERS}\n001,,,true,"10,11",student,b.ray,Ben,Ray,b@example.org,,"g1, g2",5\n'
        "g1,active,,true,10,parent,s.ray,Sue,Ray,,201-555-0123,,\nx,,,true,10,wizard,,,,,,,14"
    )
    assert mapped(mapping.suggest(reading, staging), reading) == {
        "users": [
            {
                "row": 2,
                "sis_id": "001",
                "given_name": "Ben",
                "family_name": "Ray",
                "email": "b@example.org",
                "role": "student",
                "school_sis_ids": ["10", "11"],
                "grade": "05",
                "username": "b.ray",
                "agent_sis_ids": ["g1", "g2"],
            },
            {
                "row": 3,
                "sis_id": "g1",
                "given_name": "Sue",
                "family_name": "Ray",
                "sms": "+12015550123",
                "status": "active",
                "role": "guardian",
                "school_sis_ids": ["10"],
                "username": "s.ray",
            },
            {"row": 4, "sis_id": "x", "role": "wizard", "school_sis_ids": ["10"], "grade": "14"},
        ]
    }


def test_a_plain_map_is_a_view_with_every_field_and_the_target_is_their_union(
    read: Callable[..., Reading], staging: Staging, run: Run
) -> None:
    reading = read(a=f"{USERS}\n1,,,,,student,,A,B,,,,\n", b=f"{USERS}\n2,,,,,student,,C,D,,,,\n")
    tables = mapping.apply(mapping.suggest(reading, staging), reading, staging, run)
    assert [(t.relation, t.row_preserving, t.number, t.first_row) for t in tables] == [
        ('mapped."users_1"', True, 1, 2),
        ('mapped."users_2"', True, 2, 2),
    ]
    kinds = dict(
        staging.rows("select table_name, table_type from information_schema.tables where table_schema = 'mapped'")
    )
    assert kinds == {"users_1": "VIEW", "users_2": "VIEW", "users": "VIEW"}
    described = {row[0]: row[1] for row in staging.rows("describe mapped.users")}
    assert described == {n: "VARCHAR[]" if f.many else "VARCHAR" for n, f in TARGETS["users"].items()} | {
        "ref": "BIGINT"
    }
    assert staging.rows("select sis_id from mapped.users order by 1") == [("1",), ("2",)]


def test_the_order_of_the_rows_is_that_of_the_file(
    read: Callable[..., Reading], staging: Staging, mapped: Mapped
) -> None:
    rows = "\n".join(f"{n},,,,,student,,A,B,,,,K" for n in range(5000, 0, -1))
    reading = read(users=f"{USERS}\n{rows}")
    found = mapped(mapping.suggest(reading, staging), reading)["users"]
    assert [r["sis_id"] for r in found] == [str(n) for n in range(5000, 0, -1)]
    assert {r["grade"] for r in found} == {"KG"}


def test_contacts_of_a_wide_row(read: Callable[..., Reading], mapped: Mapped) -> None:
    reading = read(
        s="id,first,last,m1,e1,m2,e2\n1,Ben,Ray,Sue,s@example.org,,\n2,Ana,Lopez,,,Leo,l@example.org\n3,Eva,Ito,,,,"
    )

    def contact(n: int) -> TableMap:
        fields = {
            "student_sis_id": FieldMap(("id",)),
            "given_name": FieldMap((f"m{n}",)),
            "email": FieldMap((f"e{n}",)),
        }
        said = FieldMap((), (Transform("constant", {"value": "Mother"}),))
        return TableMap("s", "guardians", {**fields, "relationship": said})

    people = {"sis_id": FieldMap(("id",)), "given_name": FieldMap(("first",)), "family_name": FieldMap(("last",))}
    found = mapped(RosterMapping((TableMap("s", "students", people), contact(1), contact(2))), reading)
    assert [r["sis_id"] for r in found["students"]] == ["1", "2", "3"]
    assert found["guardians"] == [
        {"row": 2, "student_sis_id": "1", "given_name": "Sue", "email": "s@example.org", "relationship": "Mother"},
        {"row": 3, "student_sis_id": "2", "given_name": "Leo", "email": "l@example.org", "relationship": "Mother"},
    ]


def test_a_row_for_each_contact_gives_the_student_once(
    read: Callable[..., Reading], staging: Staging, mapped: Mapped
) -> None:
    head = "School_id,Student_id,Last_name,First_name,Grade,Contact_name,Contact_email,Contact_relationship"
    reading = read(
        s=f'{head}\n9,1,Ray,Ben,3,"Ray, Sue",s@example.org,Parent\n9,1,Ray,Ben,3,Tom Ray,t@example.org,Parent\n'
        "9,2,Ito,Eva,K,,,"
    )
    found = mapped(mapping.suggest(reading, staging), reading)
    assert [(r["row"], r["sis_id"], r["grade"]) for r in found["students"]] == [(2, "1", "03"), (4, "2", "KG")]
    assert [(r["row"], r["student_sis_id"], r["given_name"], r["family_name"]) for r in found["guardians"]] == [
        (2, "1", "Sue", "Ray"),
        (3, "1", "Tom", "Ray"),
    ]


def test_classrooms_listed_in_a_cell_become_enrollments(
    read: Callable[..., Reading], staging: Staging, mapped: Mapped
) -> None:
    reading = read(
        s="Student ID,First name,Last name,Grade,School ID,Classrooms\n1,Ben,Ray,3,9,c1; c2\n2,Eva,Ito,K,9,\n"
    )
    found = mapped(mapping.suggest(reading, staging), reading)
    assert found["enrollments"] == [
        {"row": 2, "class_sis_id": "c1", "user_sis_id": "1", "role": "student"},
        {"row": 2, "class_sis_id": "c2", "user_sis_id": "1", "role": "student"},
    ]
    assert [r["sis_id"] for r in found["students"]] == ["1", "2"]


def test_co_teachers_of_a_section(read: Callable[..., Reading], staging: Staging, mapped: Mapped) -> None:
    head = "School_id,Section_id,Teacher_id,Teacher_2_id,Teacher_10_id,Name,Section_number,Subject"
    reading = read(s=f"{head}\n9,c1,t1,t2,t3,Math,1,math\n9,c2,t1,,,,2,homeroom/advisory")
    found = mapped(mapping.suggest(reading, staging), reading)
    assert [(r["user_sis_id"], r["primary"]) for r in found["enrollments"]] == [
        ("t1", "true"),
        ("t1", "true"),
        ("t2", "false"),
        ("t3", "false"),
    ]
    assert [(r["title"], r["class_type"]) for r in found["classrooms"]] == [("Math", "scheduled"), ("2", "homeroom")]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (RowFilter("grades", ("KG", " 5 ")), ["1", "3", "4"]),
        (RowFilter("grades", ("KG",), keep=False), ["1", "2", "4"]),
        (RowFilter("orgSourcedIds", ("B",)), ["2", "4"]),
        (RowFilter("role", ("STUDENT",)), ["1", "2", "3", "4"]),
        (RowFilter("email", ("",), keep=False), []),
    ],
)
def test_filters(
    read: Callable[..., Reading], staging: Staging, mapped: Mapped, rows: RowFilter, expected: list[str]
) -> None:
    cells = (
        '1,,,,a,student,,A,B,,,,5\n2,,,,b,student,,A,B,,,,6\n3,,,,c,student,,A,B,,,,K\n4,,,,"a, b",student,,A,B,,,,05'
    )
    reading = read(users=f"{USERS}\n{cells}")
    spec = mapping.suggest(reading, staging).tables[0]
    found = mapped(RosterMapping((TableMap("users", "users", spec.fields, (rows,)),)), reading)
    assert [r["sis_id"] for r in found.get("users", [])] == expected
    assert [r["row"] for r in found.get("users", [])] == [int(n) + 1 for n in expected]


def test_homerooms_only_and_the_like(read: Callable[..., Reading], staging: Staging, mapped: Mapped) -> None:
    reading = read(
        classes='sourcedId,title,classType,schoolSourcedId,termSourcedIds,courseSourcedId\nc1,A,homeroom,9,"t1,t2",k\nc2,B,Scheduled,9,t1,k'
    )
    suggested = mapping.suggest(reading, staging)
    assert [r["sis_id"] for r in mapped(mapping.homerooms_only(suggested), reading)["classrooms"]] == ["c1"]
    by_term = mapping.only(suggested, "classrooms", "term_sis_ids", ["T2"])
    assert [r["sis_id"] for r in mapped(by_term, reading)["classrooms"]] == ["c1"]


@pytest.mark.parametrize(
    "spec",
    [
        TableMap("nowhere", "users", {"sis_id": FieldMap(("id",))}),
        TableMap("users", "aliens", {"sis_id": FieldMap(("id",))}),
        TableMap("users", "users", {"sis_id": FieldMap(("missing",))}),
        TableMap("users", "users", {"tail": FieldMap(("sourcedId",))}),
    ],
)
def test_a_mapping_that_does_not_fit(read: Callable[..., Reading], mapped: Mapped, spec: TableMap) -> None:
    reading = read(users=f"{USERS}\n")
    with pytest.raises(UsageError):
        mapped(RosterMapping((spec,)), reading)
