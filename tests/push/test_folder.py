"""Files for an outlet: what is in them, that they are the same bytes for the same roster, and that they are written
wholly or not.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import filelock
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rosterdesk import checks, formats, planning
from rosterdesk.directory import snapshot
from rosterdesk.directory.settings import Settings
from rosterdesk.errors import Cancelled, FileError, UsageError
from rosterdesk.model import MappedTable, Reading
from rosterdesk.model import Mapping as Mapped
from rosterdesk.push import folder
from rosterdesk.push.directory import _after
from rosterdesk.push.folder import LAYOUTS, write, write_mapped
from rosterdesk.run import Run
from rosterdesk.staging import Staging, quote
from rosterdesk.targets import TARGETS

ROOT = Path(__file__).parents[2]
Rows = Sequence[Mapping[str, Any]]
ONEROSTER = ("oneroster-1.1", "oneroster-1.2")

SCHOOLS = (
    {"sis_id": "0102", "name": "Harbor, North", "identifier": "N7"},
    {"sis_id": "0101", "name": "Alder Creek"},
    {"sis_id": "D1", "name": "Fernhollow", "type": "district"},
)
CLASSROOMS = (
    {
        "sis_id": "c2",
        "title": 'Room "Two"',
        "grade": "01",
        "location": "Room 2",
        "period": "1,2",
        "school_sis_id": "0101",
    },
    {"sis_id": "c1", "title": "One", "school_sis_id": "0102"},
)
USERS = (
    {
        "sis_id": "00012",
        "role": "student",
        "given_name": 'Ana "Nan"',
        "family_name": "Żak",
        "grade": "KG",
        "birth_date": "2019-02-28",
        "gender": "F",
        "school_sis_ids": ["0101", "0102"],
        "agent_sis_ids": ["g2", "g1"],
        "preferred_name": "Nan",
        "student_number": "77",
        "state_id": "S-1",
    },
    {
        "sis_id": "00002",
        "role": "student",
        "given_name": "Li",
        "school_sis_ids": ["0102"],
        "middle_name": "two\r\nlines",
    },
    {
        "sis_id": "t1",
        "role": "teacher",
        "given_name": "Tom",
        "family_name": "O’Hara",
        "email": "t1@example.org",
        "school_sis_ids": ["0101"],
        "language": "pt-BR",
    },
    {"sis_id": "t2", "role": "administrator", "given_name": "Una", "family_name": "Dee", "school_sis_ids": ["D1"]},
    {"sis_id": "t3", "role": "staff", "given_name": "Vi", "family_name": "Oh", "school_sis_ids": ["0102"]},
    {
        "sis_id": "g1",
        "role": "guardian",
        "given_name": "Gus",
        "family_name": "#1",
        "email": "g1@example.org",
        "agent_sis_ids": ["00002"],
    },
    {
        "sis_id": "g2",
        "role": "guardian",
        "given_name": "Gia",
        "family_name": "Żak",
        "sms": "+12065550101",
        "phone": "+12065550102",
    },
    {
        "sis_id": "t1",
        "role": "guardian",
        "given_name": "Tom",
        "family_name": "O’Hara",
        "email": "t1@example.org",
        "agent_sis_ids": ["00012"],
    },
)
ENROLLMENTS = (
    {"class_sis_id": "c2", "user_sis_id": "00012", "role": "student"},
    {"class_sis_id": "c1", "user_sis_id": "00012", "role": "student"},
    {"class_sis_id": "c1", "user_sis_id": "00002", "role": "student"},
    {"class_sis_id": "c2", "user_sis_id": "t1", "role": "teacher", "primary": "true"},
    {"class_sis_id": "c2", "user_sis_id": "t3", "role": "aide"},
)
DISTRICT = {"schools": SCHOOLS, "classrooms": CLASSROOMS, "users": USERS, "enrollments": ENROLLMENTS}


def incoming(staging: Staging, run: Run, tables: Mapping[str, Rows]) -> None:
    """Let hand-made mapped tables through the checks."""
    mapped = []
    for number, (target, rows) in enumerate(tables.items(), start=1):
        fields = {name: "varchar[]" if field.many else "varchar" for name, field in TARGETS[target].items()}
        columns = ", ".join(f"{quote(name)} {kind}" for name, kind in fields.items())
        staging.execute(f"create table mapped.{target} ({columns}, ref bigint)")
        for n, row in enumerate(rows):
            values = [row.get(name) for name in fields]
            staging.execute(
                f"insert into mapped.{target} values ({', '.join('?' * (len(values) + 1))})",
                [*values, number << 40 | n + 2],
            )
        mapped.append(MappedTable(target, f"mapped.{target}", False, number, 2))
    checks.check(Mapped(()), Reading("here", ()), mapped, staging, run)


def planned(staging: Staging, run: Run, tables: Mapping[str, Rows]) -> None:
    """The same, as it will stand in a directory that was empty."""
    incoming(staging, run, tables)
    for name in snapshot.NAMES:
        columns = ", ".join(f"{column} {kind}" for column, kind in snapshot.columns(name).items())
        staging.execute(f"create table directory.{name} ({columns})")
    planning.plan(staging, Settings(), 1, 1, frozenset(), run)
    _after(staging, 1, None)


def rows(path: Path) -> list[dict[str, str | None]]:
    """A file as another program reads it."""
    dialect = "header = true, delim = ',', quote = '\"', escape = '\"', auto_detect = false"
    found = duckdb.sql(f"select * from read_csv('{path}', {dialect}, columns = {_columns(path)})")
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def _columns(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return dict.fromkeys(next(csv.reader(file)), "VARCHAR")


def by_id(path: Path, key: str = "sourcedId") -> dict[str | None, dict[str, str | None]]:
    listed = rows(path)
    found = {row[key]: row for row in listed}
    assert len(found) == len(listed), f"{path.name} repeats an ID"
    return found


def content(target: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(target.iterdir())}


@pytest.fixture
def district(staging: Staging, run: Run) -> Staging:
    planned(staging, run, DISTRICT)
    return staging


# --- what is in the files ---------------------------------------------------------------------------------------------


def test_classtag(district: Staging, run: Run, tmp_path: Path) -> None:
    written = write(district, tmp_path / "out", run, layout="classtag")
    assert {
        name: text.decode().replace("\r\n", "\n")
        for name, text in content(tmp_path / "out").items()
        if name != ".rosterdesk"
    } == {
        "classes.csv": """\
sourcedId,title,grades,location,schoolSourcedId,periods
c1,One,UG,,0102,
c2,Room “Two”,01,Room 2,0101,"1,2"
""",
        "enrollments.csv": """\
classSourcedId,schoolSourcedID,userSourcedId,role
c1,0102,00002,student
c1,0102,00012,student
c2,0101,00012,student
c2,0101,t1,teacher
c2,0101,t3,teacher
""",
        "guardians.csv": """\
studentSourcedId,sourcedId,givenName,familyName,email,sms,phone,language
00002,g1,Gus,#1,g1@example.org,,,
00012,g1,Gus,#1,g1@example.org,,,
00012,g2,Gia,Żak,,+12065550101,+12065550102,
00012,t1:guardian,Tom,O’Hara,t1@example.org,,,
""",
        "users.csv": """\
sourcedId,orgSourcedIds,role,givenName,familyName,email,sms,phone,agentSourcedIds,grades,language
00002,0102,student,Li,-,,,,g1,,
00012,"0101,0102",student,Ana “Nan”,Żak,,,,"g1,g2,t1:guardian",KG,
t1,0101,teacher,Tom,O’Hara,t1@example.org,,,,,pt-BR
t2,,administrator,Una,Dee,,,,,,
t3,0102,aide,Vi,Oh,,,,,,
""",
    }
    assert [(f.name, f.rows, f.mended) for f in written] == [
        ("users.csv", 5, 2),  # a name in quotation marks, and a middle name of two lines
        ("classes.csv", 2, 1),
        ("enrollments.csv", 5, 0),
        ("guardians.csv", 4, 0),
    ]


def test_classtag_may_head_the_ids_of_users_as_its_help_does(district: Staging, run: Run, tmp_path: Path) -> None:
    write(district, tmp_path / "out", run, layout="classtag", id_header="sourceId")
    assert (tmp_path / "out" / "users.csv").read_bytes().startswith(b"sourceId,orgSourcedIds,")


def test_oneroster_1_1(district: Staging, run: Run, tmp_path: Path) -> None:
    written = write(district, tmp_path / "out", run, system_name="Fernhollow SIS", school_year=2027)
    out = tmp_path / "out"
    assert [file.name for file in written] == [
        *(
            "academicSessions.csv",
            "orgs.csv",
            "courses.csv",
            "classes.csv",
            "users.csv",
            "demographics.csv",
            "enrollments.csv",
        ),
        "manifest.csv",
    ]
    assert (out / "manifest.csv").read_bytes().decode().split("\r\n") == [
        "propertyName,value",
        "manifest.version,1.0",
        "oneroster.version,1.1",
        "file.academicSessions,bulk",
        "file.categories,absent",
        "file.classes,bulk",
        "file.classResources,absent",
        "file.courses,bulk",
        "file.courseResources,absent",
        "file.demographics,bulk",
        "file.enrollments,bulk",
        "file.lineItems,absent",
        "file.orgs,bulk",
        "file.resources,absent",
        "file.results,absent",
        "file.users,bulk",
        "source.systemName,Fernhollow SIS",
        "source.systemCode,fernhollow-sis",
        "",
    ]
    assert (
        (out / "orgs.csv").read_bytes().decode().replace("\r\n", "\n")
        == """\
sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId
0101,,,Alder Creek,school,,district
0102,,,"Harbor, North",school,N7,district
district,,,District,district,,
"""
    )
    assert (out / "academicSessions.csv").read_bytes().decode().split("\r\n")[1] == (
        "school-year,,,2026-2027,schoolYear,2026-08-01,2027-07-31,,2027"
    )
    users = by_id(out / "users.csv")
    assert list(users) == ["00002", "00012", "g1", "g2", "t1", "t1:guardian", "t2", "t3"]
    ana = {key: value for key, value in users["00012"].items() if value is not None}
    assert ana == {
        "sourcedId": "00012",
        "enabledUser": "true",
        "orgSourcedIds": "0101,0102",
        "role": "student",
        "username": "00012",
        "userIds": "{stateID:S-1}",
        "givenName": 'Ana "Nan"',
        "familyName": "Żak",
        "identifier": "77",
        "grades": "KG",
        "agentSourcedIds": "g1,g2,t1:guardian",
        "metadata.preferredGivenName": "Nan",
    }
    assert users["00002"]["middleName"] == "two lines"
    assert (users["g1"]["agentSourcedIds"], users["g1"]["orgSourcedIds"]) == ("00002,00012", "0101,0102")
    assert (users["t1:guardian"]["username"], users["t1:guardian"]["role"]) == ("t1", "guardian")
    assert (users["t2"]["orgSourcedIds"], users["t2"]["role"]) == ("district", "administrator")
    assert [(r["sourcedId"], r["birthDate"], r["sex"]) for r in rows(out / "demographics.csv")] == [
        ("00012", "2019-02-28", "female")
    ]
    assert [
        (r["userSourcedId"], r["role"], r["primary"])
        for r in rows(out / "enrollments.csv")
        if r["classSourcedId"] == "c2"
    ] == [
        ("00012", "student", "false"),
        ("t1", "teacher", "true"),
        ("t3", "teacher", "false"),
    ]


def test_oneroster_1_2_has_one_user_with_several_roles(district: Staging, run: Run, tmp_path: Path) -> None:
    write(district, tmp_path / "out", run, layout="oneroster-1.2")
    users = by_id(tmp_path / "out" / "users.csv")
    assert list(users) == ["00002", "00012", "g1", "g2", "t1", "t2", "t3"]
    assert users["t1"]["agentSourcedIds"] == "00012"
    assert users["00012"]["agentSourcedIds"] == "g1,g2,t1"
    roles = list(by_id(tmp_path / "out" / "roles.csv").values())
    assert [
        (r["userSourcedId"], r["orgSourcedId"], r["role"], r["roleType"])
        for r in roles
        if r["userSourcedId"] in {"t1", "t2"}
    ] == [
        ("t1", "0101", "guardian", "secondary"),
        ("t1", "0101", "teacher", "primary"),
        ("t1", "0102", "guardian", "primary"),
        ("t2", "district", "districtAdministrator", "primary"),
    ]


def test_the_columns_of_1_2_stand_in_the_order_of_the_standard(district: Staging, run: Run, tmp_path: Path) -> None:
    write(district, tmp_path / "out", run, layout="oneroster-1.2")
    assert (tmp_path / "out" / "users.csv").read_text().split("\n")[0] == (
        "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,"
        "sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,preferredMiddleName,"
        "preferredFamilyName,primaryOrgSourcedId,pronouns,metadata.language"
    )
    assert (tmp_path / "out" / "roles.csv").read_text().split("\n")[0] == (
        "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId"
    )


REFERENCES = {
    "orgs": {"parentSourcedId": "orgs"},
    "courses": {"schoolYearSourcedId": "academicSessions", "orgSourcedId": "orgs"},
    "classes": {"courseSourcedId": "courses", "schoolSourcedId": "orgs", "termSourcedIds": "academicSessions"},
    "users": {"orgSourcedIds": "orgs", "agentSourcedIds": "users", "primaryOrgSourcedId": "orgs"},
    "roles": {"userSourcedId": "users", "orgSourcedId": "orgs"},
    "enrollments": {"classSourcedId": "classes", "schoolSourcedId": "orgs", "userSourcedId": "users"},
    "demographics": {"sourcedId": "users"},
}


def assert_valid(out: Path, layout: str) -> None:
    """Every column in its place, what is required filled, every reference closed, and IDs sorted as bytes."""
    known = formats.named(layout).tables
    files = {path.stem: path for path in out.glob("*.csv") if path.stem != "manifest"}
    ids = {name: set(by_id(path)) for name, path in files.items()}
    for name, path in files.items():
        columns = list(_columns(path))
        assert {c for c in columns if not c.startswith("metadata.")} <= {
            column.name for column in known[name].columns
        }, name
        required = {column.name for column in known[name].columns if column.required}
        assert required <= set(columns), name
        listed = rows(path)
        assert listed, f"{name} has no rows"
        for row in listed:
            assert not {column for column in required if not row[column]}, (name, row)
            assert row["status"] is None
            for column, target in REFERENCES.get(name, {}).items():
                cell = row.get(column) or ""
                for value in cell.split(",") if column.endswith("Ids") else [cell]:
                    assert not value or value in ids[target], (name, column, value)
    for name in ("orgs", "classes", "users"):
        listed_ids = [str(row["sourcedId"]).encode() for row in rows(files[name])] if name in files else []
        assert listed_ids == sorted(listed_ids)


@pytest.mark.parametrize("layout", ONEROSTER)
def test_oneroster_is_valid(district: Staging, run: Run, tmp_path: Path, layout: str) -> None:
    write(district, tmp_path / "out", run, layout=layout)
    assert_valid(tmp_path / "out", layout)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_source_and_the_directory_give_the_same_files(
    district: Staging, run: Run, tmp_path: Path, layout: str
) -> None:
    planned_files = write(district, tmp_path / "a", run, layout=layout)
    assert write_mapped(district, tmp_path / "b", run, layout=layout) == planned_files
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_what_is_archived_or_left_out_is_not_written(staging: Staging, run: Run, tmp_path: Path) -> None:
    bad = [
        {"sis_id": 's"1', "role": "student", "given_name": "Q", "family_name": "Q", "school_sis_ids": ["0101"]},
        {
            "sis_id": "s,2",
            "role": "student",
            "given_name": "C",
            "family_name": "C",
            "school_sis_ids": ["0101"],
            "agent_sis_ids": ["g1"],
        },
    ]
    more = [{"class_sis_id": "c2", "user_sis_id": user["sis_id"], "role": "student"} for user in bad]
    planned(staging, run, {**DISTRICT, "users": (*USERS, *bad), "enrollments": (*ENROLLMENTS, *more)})
    staging.execute(
        "create table gone as select * replace ('archived' as status) from plan.after_students where sis_id = '00012'"
    )
    staging.execute("create table rest as select * from plan.after_students where sis_id <> '00012'")
    staging.execute("create or replace view plan.after_students as select * from gone union all select * from rest")
    users = write(staging, tmp_path / "out", run, layout="classtag")[0]
    assert users.left_out == 1
    assert list(by_id(tmp_path / "out" / "users.csv")) == ["00002", "s,2", "t1", "t2", "t3"]
    assert [(r["studentSourcedId"], r["sourcedId"]) for r in rows(tmp_path / "out" / "guardians.csv")] == [
        ("00002", "g1"),
        ("s,2", "g1"),
    ]
    assert [r["userSourcedId"] for r in rows(tmp_path / "out" / "enrollments.csv")] == ["00002", "s,2", "t1", "t3"]
    write(staging, tmp_path / "or", run)
    listed = by_id(tmp_path / "or" / "users.csv")
    # An ID with a comma would be read as two in a list: only the other side lists.
    assert (listed["s,2"]["agentSourcedIds"], listed["g1"]["agentSourcedIds"]) == ("g1", "00002")
    assert 's"1' in listed
    assert_valid(tmp_path / "or", "oneroster-1.1")


def test_a_school_that_no_list_can_hold_is_refused(staging: Staging, run: Run, tmp_path: Path) -> None:
    incoming(staging, run, {"schools": [{"sis_id": "a,b", "name": "A"}]})
    with pytest.raises(FileError, match="holds a comma"):
        write_mapped(staging, tmp_path / "out", run)
    assert list(tmp_path.iterdir()) == []


def test_a_roster_without_people(staging: Staging, run: Run, tmp_path: Path) -> None:
    planned(staging, run, {"schools": [{"sis_id": "district", "name": "A school of that ID"}]})
    with pytest.raises(FileError, match="nobody"):
        write(staging, tmp_path / "out", run)
    assert [f.name for f in write_mapped(staging, tmp_path / "out", run)] == [
        "academicSessions.csv",
        "orgs.csv",
        "manifest.csv",
    ]
    assert list(by_id(tmp_path / "out" / "orgs.csv")) == ["district", "district-1"]


# --- any roster -------------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00\x1f"), min_size=1, max_size=8)
NAME = st.one_of(
    TEXT, st.sampled_from(['"', ",", "#", "'", "\n", "\r", "=1+1", "NULL", "﻿x", " x ", ";", "\t", "\\", '""'])
)
ID = st.text(st.sampled_from("0aA-#: é'"), min_size=1, max_size=3)


@st.composite
def rosters(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    schools = draw(st.lists(ID, min_size=1, max_size=3, unique=True))
    classes = draw(st.lists(ID, max_size=3, unique=True))
    people = draw(
        st.lists(st.tuples(st.sampled_from(["student", "teacher", "staff", "guardian"]), ID), max_size=8, unique=True)
    )
    kinds: dict[tuple[bool, str], str] = {}
    for role, person in people:  # one record a kind and ID
        kinds.setdefault((role in {"teacher", "staff"}, person if role != "guardian" else f"{person}/g"), role)
    users = [
        {
            "sis_id": person,
            "role": role,
            "given_name": draw(NAME),
            "family_name": draw(NAME),
            "email": "a@example.org",
            "school_sis_ids": draw(st.lists(st.sampled_from(schools), min_size=1, max_size=2, unique=True)),
            "language": draw(NAME),
            "agent_sis_ids": draw(st.lists(st.sampled_from([p for _, p in people]), max_size=3, unique=True)),
        }
        for role, person in people
        if role != "staff" or ("teacher", person) not in people
    ]
    pairs = [
        (c, u["sis_id"], "student" if u["role"] == "student" else "teacher")
        for c in classes
        for u in users
        if u["role"] != "guardian"
    ]
    links = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return {
        "schools": [{"sis_id": s, "name": draw(NAME)} for s in schools],
        "classrooms": [
            {"sis_id": c, "title": draw(NAME), "school_sis_id": draw(st.sampled_from([*schools, None]))}
            for c in classes
        ],
        "users": users,
        "enrollments": [{"class_sis_id": c, "user_sis_id": u, "role": r} for c, u, r in links],
    }


def flat(text: str | None) -> str | None:
    """A text as OneRoster holds it: on one line."""
    return None if text is None else re.sub(r"[\r\n]+", " ", text)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(roster=rosters())
def test_what_is_written_is_the_roster(roster: dict[str, list[dict[str, Any]]], tmp_path: Path) -> None:
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    run = Run()
    with Staging(run, tmp_path) as staging:
        incoming(staging, run, roster)
        for layout in LAYOUTS:
            write_mapped(staging, tmp_path / layout, run, layout=layout)
        people = staging.rows(
            "select sis_id, kind, given_name, family_name, school_sis_id from incoming.person where keep order by 1, 2"
        )
        links = staging.rows("""select c.sis_id, p.sis_id, case when e.is_student then 'student' else 'teacher' end
            from incoming.enrollments e join incoming.classrooms c on c.rowid = e.classroom_no
            join incoming.person p on p.no = e.person_no
            group by all order by 1, 2, 3""")
        families = staging.rows("""select s.sis_id, g.sis_id from incoming.guardianships f
            join incoming.person s on s.no = f.student_no
            join incoming.person g on g.no = f.guardian_no order by 1, 2""")
    for layout in ONEROSTER:
        assert_valid(tmp_path / layout, layout)
    out = tmp_path / "oneroster-1.1"
    users = rows(out / "users.csv") if (out / "users.csv").exists() else []
    kind = {"student": "student", "guardian": "guardian"}
    expected = sorted((p[0], p[1], flat(p[2]), flat(p[3])) for p in people)
    assert (
        sorted((u["username"], kind.get(str(u["role"]), "staff"), u["givenName"], u["familyName"]) for u in users)
        == expected
    )
    name = {u["sourcedId"]: u["username"] for u in users}
    enrolled = rows(out / "enrollments.csv") if (out / "enrollments.csv").exists() else []
    assert sorted((e["classSourcedId"], name[e["userSourcedId"]], e["role"]) for e in enrolled) == sorted(links)
    pairs = [
        (u["username"], name[a])
        for u in users
        if u["role"] == "student"
        for a in (u["agentSourcedIds"] or "").split(",")
        if a
    ]
    assert sorted(pairs) == sorted(families)
    for path in (tmp_path / "classtag").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            assert not [cell for row in csv.reader(file) for cell in row if '"' in cell or "\n" in cell or "\r" in cell]


# --- bytes ------------------------------------------------------------------------------------------------------------


def test_bytes_are_plain(district: Staging, run: Run, tmp_path: Path) -> None:
    for file in write(district, tmp_path / "out", run):
        text = (tmp_path / "out" / file.name).read_bytes()
        assert hashlib.sha256(text).hexdigest() == file.sha256
        assert not text.startswith(b"\xef\xbb\xbf")
        assert text.endswith(b"\r\n")
        assert text.count(b"\n") == text.count(b"\r\n") == file.rows + 1
        plain = io.StringIO(newline="")
        csv.writer(plain, lineterminator="\r\n").writerows(csv.reader(io.StringIO(text.decode(), newline="")))
        assert plain.getvalue().encode() == text, "quoted where it need not be"


def test_bytes_do_not_depend_on_the_order_of_the_source(run: Run, tmp_path: Path) -> None:
    for name, turned in (("a", False), ("b", True)):
        (tmp_path / name).mkdir()
        with Staging(run, tmp_path / name, threads=1 + turned) as staging:
            tables = {target: list(reversed(listed)) if turned else listed for target, listed in DISTRICT.items()}
            incoming(staging, run, tables)
            write_mapped(staging, tmp_path / name / "out", run, layout="oneroster-1.2")
    assert content(tmp_path / "a" / "out") == content(tmp_path / "b" / "out")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_zip(district: Staging, run: Run, tmp_path: Path, layout: str) -> None:
    plain = write(district, tmp_path / "out", run, layout=layout)
    *inside, whole = write(district, tmp_path / "a.zip", run, layout=layout, zipped=True)
    assert tuple(inside) == plain
    assert (whole.name, whole.rows) == ("a.zip", sum(file.rows for file in plain))
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [file.name for file in plain]
        assert {name: archive.read(name) for name in archive.namelist()} == {
            name: text for name, text in content(tmp_path / "out").items() if name != ".rosterdesk"
        }
    write(district, tmp_path / "a.zip", run, layout=layout)
    assert hashlib.sha256((tmp_path / "a.zip").read_bytes()).hexdigest() == whole.sha256
    in_folder = write(district, tmp_path / "out", run, layout=layout, zipped=True)[-1]
    assert (in_folder.name, in_folder.sha256) == ("roster.zip", whole.sha256)
    assert [path.name for path in sorted((tmp_path / "out").iterdir())] == [".rosterdesk", "roster.zip"]


# --- wholly or not at all ---------------------------------------------------------------------------------------------


@pytest.fixture
def before(district: Staging, run: Run, tmp_path: Path) -> Iterator[dict[str, bytes]]:
    """A folder that an earlier run wrote, which must be as it was after a test."""
    place = tmp_path / "there"
    place.mkdir()
    write(district, place / "out", run)
    (place / "out" / "users.csv").write_bytes(b"of yesterday\r\n")
    was = content(place / "out")
    yield was
    assert content(place / "out") == was
    assert [path.name for path in place.iterdir()] == ["out"], "something was left lying about"


def test_an_unknown_layout(district: Staging, run: Run, before: object, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no layout"):
        write(district, tmp_path / "there" / "out", run, layout="oneroster-9")


def test_a_stopped_run(district: Staging, before: object, tmp_path: Path) -> None:
    stopped = Run(lambda progress: stopped.cancel() if progress.what == "Writing users.csv" else None)
    with pytest.raises(Cancelled):
        write(district, tmp_path / "there" / "out", stopped)


def test_a_second_writer(district: Staging, run: Run, before: object, tmp_path: Path) -> None:
    place = tmp_path / "there" / ".out.rosterdesk"
    place.mkdir()
    with filelock.FileLock(place / "lock"), pytest.raises(FileError, match="Another run is writing"):
        write(district, tmp_path / "there" / "out", run)
    shutil.rmtree(place)


def test_a_disk_that_fails(
    district: Staging, run: Run, before: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute = Staging.execute

    def full(self: Staging, sql: str, parameters: object = None) -> duckdb.DuckDBPyConnection:
        return execute(
            self, sql.replace(f"{tmp_path}/there/.out.rosterdesk/new/enrollments.csv", "/dev/full"), parameters
        )

    if not Path("/dev/full").exists():
        pytest.skip("no device here is always full")
    monkeypatch.setattr(Staging, "execute", full)
    with pytest.raises(FileError, match="The disk is full"):
        write(district, tmp_path / "there" / "out", run)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_a_disk_that_takes_no_more(district: Staging, run: Run, tmp_path: Path, name: str) -> None:
    import resource

    (tmp_path / "place").mkdir()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600, limits[1]))
    try:
        with pytest.raises(FileError, match=r"can't be written|disk is full"):
            write(district, tmp_path / "place" / name, run)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list((tmp_path / "place").iterdir()) == []


@pytest.mark.parametrize(
    "put",
    [
        lambda out: (out / "users.csv").write_text("the SIS wrote this"),
        lambda out: (out / "grades").mkdir(),
    ],
)
def test_a_folder_of_others_is_refused(district: Staging, run: Run, tmp_path: Path, put: Any) -> None:
    out = tmp_path / "place" / "out"
    out.mkdir(parents=True)
    put(out)
    was = sorted(path.name for path in out.iterdir())
    for zipped in (False, True):
        with pytest.raises(FileError, match="holds other files"):
            write(district, out, run, zipped=zipped)
    assert sorted(path.name for path in out.iterdir()) == was
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_a_file_that_was_put_into_our_folder_is_kept(district: Staging, run: Run, tmp_path: Path) -> None:
    write(district, tmp_path / "out", run)
    (tmp_path / "out" / "notes.csv").write_text("mine")
    with pytest.raises(FileError, match="holds other files"):
        write(district, tmp_path / "out", run)
    (tmp_path / "out" / "notes.csv").rename(tmp_path / "out" / ".DS_Store")
    write(district, tmp_path / "out", run)


def test_a_file_in_the_place_of_a_folder_or_zip(district: Staging, run: Run, tmp_path: Path) -> None:
    for name in ("out", "out.zip"):
        (tmp_path / name).write_text("mine")
        with pytest.raises(FileError, match=r"is a file|is there already"):
            write(district, tmp_path / name, run)
        assert (tmp_path / name).read_text() == "mine"
    with zipfile.ZipFile(tmp_path / "theirs.zip", "w") as archive:
        archive.writestr("users.csv", "theirs")
    with pytest.raises(FileError, match="is there already"):
        write(district, tmp_path / "theirs.zip", run)


def test_an_empty_folder_and_a_link_are_taken(district: Staging, run: Run, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(district, tmp_path / "link", run)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "manifest.csv").exists()


def test_a_folder_that_a_dead_writer_moved_away_comes_back(district: Staging, run: Run, tmp_path: Path) -> None:
    write(district, tmp_path / "place" / "out", run)
    was = content(tmp_path / "place" / "out")
    space = tmp_path / "place" / ".out.rosterdesk"
    (space / "new").mkdir(parents=True)
    (space / "new" / "users.csv").write_text("half")
    (tmp_path / "place" / "out").rename(space / "old")
    with pytest.raises(FileError, match="no rows today"), folder.replacement.folder(tmp_path / "place" / "out"):
        raise FileError("no rows today")
    assert content(tmp_path / "place" / "out") == was
    assert [path.name for path in (tmp_path / "place").iterdir()] == ["out"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_only_the_owner_reads(district: Staging, run: Run, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write(district, tmp_path / "out", run)
        write(district, tmp_path / "out.zip", run)
    finally:
        os.umask(before)
    modes = {
        path.name: path.stat().st_mode & 0o777
        for path in (*(tmp_path / "out").iterdir(), tmp_path / "out.zip", tmp_path / "out")
    }
    assert set(modes.values()) == {0o600, 0o700}
    assert modes["out"] == 0o700


_CHILD = """
import os, sys
from pathlib import Path
from rosterdesk.errors import FileError
from rosterdesk.push import replacement
os.setuid(65534)
try:
    with replacement.folder(Path(sys.argv[1])) as new:
        (new / "users.csv").touch()
except FileError as error:
    print(error.title)
"""


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become somebody without rights")
def test_without_rights_it_is_said() -> None:
    import tempfile

    place = Path(tempfile.mkdtemp(dir="/tmp"))  # the test's own folder lies where the other user can't go
    try:
        place.chmod(0o755)
        done = subprocess.run(
            [sys.executable, "-c", _CHILD, str(place / "out")], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.stdout.strip() == f"{place}/out may not be written by you.", done.stderr
        assert list(place.iterdir()) == []
    finally:
        shutil.rmtree(place)
