"""Small districts as servers hold them: in OneRoster 1.1 and 1.2, and in Clever's shape. Made up, always the same."""

from __future__ import annotations

from typing import Any

from tests.servers.roster_http import Records

_WHEN = "2026-08-01T06:00:00.000Z"


def reference(kind: str, sourced_id: str) -> dict[str, str]:
    return {"href": f"https://sis.example/{kind}s/{sourced_id}", "sourcedId": sourced_id, "type": kind}


def base(sourced_id: str, **fields: Any) -> dict[str, Any]:
    return {"sourcedId": sourced_id, "status": "active", "dateLastModified": _WHEN, **fields}


def oneroster(students: int = 12, version: str = "1.1") -> Records:
    """Two schools of one district; every student has a guardian, every third a second one."""
    orgs = [
        base("d1", name="Kestrel Valley", type="district", identifier=None, children=None),
        base("s1", name="Heron School", type="school", identifier="01", parent=reference("org", "d1")),
        base("s2", name="Wren School", type="school", identifier="02", parent={"sourcedId": "d1"}),
    ]
    classes = [
        base(
            f"c{n}",
            title=f"Room {n}",
            classCode=f"{n}",
            classType="homeroom",
            location="",
            grades=["03"],
            subjects=[],
            course=None,
            school=reference("org", f"s{n}"),
            terms=[reference("academicSession", "t1")],
            periods=["1"],
        )
        for n in (1, 2)
    ]
    terms = [
        base("t1", title="Year", type="schoolYear", startDate="2026-08-01", endDate="2027-06-30", schoolYear="2027")
    ]
    users, enrollments, births = [], [], []
    for n in (1, 2):
        users.append(
            _person(version, f"t-{n}", "teacher", f"s{n}", "Ada", f"Teacher{n}", email=f"t{n}@kestrel.example")
        )
        enrollments.append(_enrolled(f"e-t{n}", f"c{n}", f"s{n}", f"t-{n}", "teacher", primary="true"))
    for n in range(students):
        school = n % 2 + 1
        agents = [f"g-{n}", *([f"h-{n}"] if n % 3 == 0 else [])]
        ties = [reference("user", agent) for agent in agents]
        own = {"agents": ties, "grades": ["03"], "identifier": f"{n:05}"}
        users.append(_person(version, f"p-{n}", "student", f"s{school}", f"Kim{n}", f"Oak{n}", **own))
        for agent in agents:
            mail = f"{agent}@home.example"
            users.append(_person(version, agent, "guardian", f"s{school}", f"Pat{agent}", f"Oak{n}", email=mail))
        enrollments.append(_enrolled(f"e-{n}", f"c{school}", f"s{school}", f"p-{n}", "student"))
        births.append(base(f"p-{n}", birthDate=f"2018-0{n % 9 + 1}-11", sex="female"))
    return {
        "orgs": orgs,
        "academicSessions": terms,
        "classes": classes,
        "users": users,
        "enrollments": enrollments,
        "demographics": births,
    }


def _person(version: str, own: str, role: str, school: str, given: str, family: str, **fields: Any) -> dict[str, Any]:
    person = base(own, username=own, enabledUser="true", givenName=given, familyName=family, middleName=None, **fields)
    if version == "1.1":
        return {**person, "role": role, "orgs": [reference("org", school)]}
    roles = [{"roleType": "primary", "role": role, "org": reference("org", school)}]
    return {**person, "roles": roles, "primaryOrg": reference("org", school)}


def _enrolled(own: str, room: str, school: str, user: str, role: str, **fields: Any) -> dict[str, Any]:
    ties = {"class": reference("class", room), "school": reference("org", school), "user": reference("user", user)}
    return base(own, role=role, beginDate="2026-08-15", endDate=None, **ties, **fields)


def clever(students: int = 12) -> Records:
    """The same at Clever: two schools, teachers, contacts of whom some have an ID, sections and their students."""
    schools = [
        {
            "id": f"5b000000000000000000000{n}",
            "district": "d1",
            "name": name,
            "school_number": f"0{n}",
            "sis_id": f"{n}",
        }
        for n, name in ((1, "Heron School"), (2, "Wren School"))
    ]
    ids = [school["id"] for school in schools]
    users = [
        user(
            f"6a{n:022}",
            "",
            {"teacher": {"sis_id": f"T{n}", "school": ids[n - 1], "schools": [ids[n - 1]]}},
            "Ada",
            f"T{n}",
        )
        for n in (1, 2)
    ]
    for n in range(students):
        pupil = {
            "school": ids[n % 2],
            "schools": [ids[n % 2]],
            "sis_id": f"P{n}",
            "student_number": f"{n:05}",
            "grade": "3" if n % 4 else "Kindergarten",
            "dob": f"2/{n % 9 + 1}/2018",
            "gender": "X",
            "ext": {"bus": "7"} if n == 0 else {},
            "ell_status": "",
        }
        users.append(user(f"6b{n:022}", f"p{n}@kestrel.example", {"student": pupil}, f"Kim{n}", f"Oak{n}"))
    for n in range(students):
        tie = {"student": f"6b{n:022}", "relationship": "Parent", "type": "Parent/Guardian"}
        contact = {
            "phone": f"555-201-{n:04}",
            "phone_type": "Cell",
            "sis_id": "" if n % 2 else f"G{n}",
            "student_relationships": [tie],
        }
        users.append(user(f"6c{n:022}", f"g{n}@home.example", {"contact": contact}, "", f"Pat Oak{n}"))
    sections = [
        {
            "id": f"7a{n:022}",
            "district": "d1",
            "school": ids[n - 1],
            "name": f"Room {n}",
            "section_number": f"{n}",
            "sis_id": f"S{n}",
            "subject": "homeroom/advisory" if n == 1 else "math",
            "grade": "3",
            "course": "8a01",
            "term_id": None,
            "teacher": f"6a{n:022}",
            "teachers": [f"6a{n:022}"],
            "students": [f"6b{k:022}" for k in range(students) if k % 2 == n - 1],
        }
        for n in (1, 2)
    ]
    district = {"id": "d1", "name": "Kestrel Valley", "state": "success", "last_sync": None}
    return {
        "districts": [district],
        "schools": schools,
        "courses": [{"id": "8a01", "district": "d1", "name": "Third", "number": "301"}],
        "terms": [],
        "sections": sections,
        "users": users,
    }


def user(own: str, email: str, roles: dict[str, Any], first: str, last: str) -> dict[str, Any]:
    name = {"first": first, "middle": "", "last": last}
    return {"id": own, "district": "d1", "email": email, "name": name, "roles": roles, "created": _WHEN}
