"""Formats are told by their headers: spelling, invisible characters, and which siblings decide between look-alikes."""

from __future__ import annotations

import pytest

from rosterdesk.formats import recognise, recognise_source
from rosterdesk.formats.headers import clean, normal, strip_suffix, words

USERS_11 = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,email"
)
USERS_12 = "sourcedId,status,dateLastModified,enabledUser,username,givenName,familyName,userMasterIdentifier"
ROLES_12 = "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId"
ORGS = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId"
ENROLLED = "classSourcedId,userSourcedId,role"
SDS_USERS = "sourcedId,username,givenName,familyName,password,activeDirectoryMatchId,email,phone,sms"
SDS_ROLES = "userSourcedId,orgSourcedId,role,sessionSourcedId,grade,isPrimary,roleStartDate,roleEndDate"


def source(version: str | None = None, **tables: str) -> dict[str, str]:
    """What each table is recognised as: "format table"."""
    found = recognise_source({n: c.split(",") for n, c in tables.items()}, version)
    return {n: f"{m.format.name} {m.table.name}" for n, m in found.tables.items()}


def test_file_names_tell_nothing() -> None:
    assert source(students=ORGS, x=USERS_11) == {"students": "oneroster-1.1 orgs", "x": "oneroster-1.1 users"}


@pytest.mark.parametrize(
    ("users", "others", "expected"),
    [
        (USERS_11, {"orgs": ORGS}, "oneroster-1.1"),
        (USERS_11.replace("userIds", "userId") + ",agents", {"orgs": ORGS}, "oneroster-1.0"),
        (USERS_12, {"orgs": ORGS, "roles": ROLES_12}, "oneroster-1.2"),
        (USERS_12, {"orgs": ORGS}, "oneroster-1.2"),
        ("sourceId,orgSourcedIds,role,givenName,familyName,email,sms,phone,agentSourcedIds,grades", {}, "classtag"),
        (SDS_USERS, {"roles": SDS_ROLES, "enrolled": ENROLLED}, "sds-v2.1"),
        ("sourcedId,orgSourcedIds,givenName,familyName,username,password,role,grade", {"enrolled": ENROLLED}, "sds-v2"),
    ],
)
def test_look_alikes(users: str, others: dict[str, str], expected: str) -> None:
    assert {name.split()[0] for name in source(users=users, **others).values()} == {expected}


def test_orgs_alone_are_of_the_first_version_and_a_manifest_decides_between_equals() -> None:
    assert source(orgs=ORGS) == {"orgs": "oneroster-1.1 orgs"}
    assert source("1.2", orgs=ORGS) == {"orgs": "oneroster-1.2 orgs"}
    assert source("1.2", users=USERS_11) == {"users": "oneroster-1.1 users"}


def test_a_guest_of_another_format_is_known_beside_the_set() -> None:
    guardians = "studentSourcedId,sourcedId,givenName,familyName,email,sms,phone,language"
    assert source(users=USERS_11, orgs=ORGS, g=guardians)["g"] == "classtag guardians"


@pytest.mark.parametrize(
    "columns",
    [
        ["\ufeffsourcedId", *USERS_11.split(",")[1:]],
        [c.upper() for c in USERS_11.split(",")],
        [f" {c}\u200b" for c in USERS_11.split(",")],
        [*USERS_11.split(","), "", "", ""],
        [*USERS_11.split(","), "metadata.homeroom", "ext_vendor_x", "ext_vendor_y"],
        ["sourceId", "Status", "dataLastModified", *USERS_11.replace("orgSourcedIds", "ordSourcedIds").split(",")[3:]],
    ],
)
def test_spelling_case_and_invisible_characters(columns: list[str]) -> None:
    match = recognise(columns)
    assert match is not None
    assert (match.format.name, match.table.name) == ("oneroster-1.1", "users")
    assert match.columns["sourcedId"] == (columns[0],)


def test_exact_and_alias_are_told_apart() -> None:
    match = recognise(["sourcedId", "title", "type", "startDate", "endDate", "parentSourceId", "datLastModified"])
    assert match is not None
    assert "title" in match.exact
    assert not {"parentSourcedId", "dateLastModified"} & match.exact
    assert match.columns["parentSourcedId"] == ("parentSourceId",)


@pytest.mark.parametrize(
    "columns",
    [
        "sourcedId,targetId",
        "Done,Method,Endpoint,Type,Description",
        "Student Number,First Name,Last Name,Grade",
        "a,b,c",
        "",
    ],
)
def test_what_is_of_no_format(columns: str) -> None:
    assert recognise(columns.split(",")) is None


def test_a_preset_needs_headers_of_its_own() -> None:
    everybody = "Student_Number,First_Name,Last_Name,SchoolID,Grade_Level"
    assert recognise(everybody.split(",")) is None
    match = recognise([f"[1]{c}" for c in f"{everybody},Enroll_Status".split(",")])
    assert match is not None
    assert match.format.name == "powerschool"


def test_numbered_columns() -> None:
    match = recognise(
        ["person_id", "first_name", "last_name", "grade_level", *(f"location_id{n}" for n in ("", "_2", "_10"))]
    )
    assert match is not None
    assert match.columns["location_id_#"] == ("location_id_2", "location_id_10")


def test_headers_in_words() -> None:
    assert clean("\ufeff Student\u200b\u3000Name\u00a0") == "Student Name"
    assert normal("[13]First_Name") == normal("FIRST NAME") == "firstname"
    assert words("Parent1_EMail") == ("parent", "1", "e", "mail")
    assert strip_suffix(["classId_cl", "status_cl", "orgId_cl"]) == {
        "classId_cl": "classId",
        "status_cl": "status",
        "orgId_cl": "orgId",
    }
    assert strip_suffix(["School_id", "Section_id", "Student_id"])["School_id"] == "School_id"
