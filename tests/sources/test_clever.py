"""Clever, read over a real socket: signed in, paged by links, split, filtered, and made into a roster."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rosterdesk import pipeline
from rosterdesk.connections import Connection, Kind, Part, Verdict, save
from rosterdesk.errors import UnreachableError, UsageError
from rosterdesk.run import Run
from rosterdesk.sources.clever.rows import split
from rosterdesk.sources.remote import open_source
from tests.servers.districts import clever, user
from tests.servers.roster_http import RosterServer
from tests.sources.connecting import QUICK, Servers, connected, fetched, servers

__all__ = ["servers"]

HERON, WREN = "5b0000000000000000000001", "5b0000000000000000000002"


def at(server: RosterServer, **options: str) -> Connection:
    return connected(server, kind=Kind.CLEVER, **options)


@pytest.mark.parametrize("page", ["1", "5", "10000"])
@pytest.mark.parametrize("totals", [True, False])
def test_every_page_becomes_files(servers: Servers, tmp_path: Path, page: str, totals: bool) -> None:
    got, tables = fetched(at(servers.start(records=clever(), totals=totals), page_size=page), tmp_path / "x")
    assert not got.unproven
    assert {name: len(rows) for name, rows in tables.items()} == {
        "schools": 2,
        "students": 12,
        "teachers": 2,
        "staff": 0,
        "sections": 2,
        "enrollments": 12,
        "guardians": 12,
        "student_attributes": 1,
    }
    first = tables["students"][0]
    assert (
        first
        | {
            "School_id": HERON,
            "Student_id": "P0",
            "Student_number": "00000",
            "First_name": "Kim0",
            "Last_name": "Oak0",
            "Grade": "KG",
            "DOB": "2018-02-01",
        }
        == first
    )
    room = next(row for row in tables["sections"] if row["Name"] == "Room 1")
    assert room | {"School_id": HERON, "Teacher_id": "T1", "Course_name": "Third", "Grade": "03"} == room
    guardian = next(row for row in tables["guardians"] if row["studentSourcedId"] == "P0")
    assert guardian | {"sourcedId": "G0", "givenName": "Pat", "familyName": "Oak0", "sms": "555-201-0000"} == guardian


def test_the_whole_path_from_the_socket_to_a_roster(servers: Servers) -> None:
    at(servers.start(records=clever()))
    with pipeline.roster(["connection:it"], Run()) as roster:
        names = ("schools", "classrooms", "students", "staff", "guardians", "enrollments", "guardianships")
        counts = {name: roster.staging.one(f"select count(*) from incoming.{name}") for name in names}
        assert counts == dict(zip(names, (2, 2, 12, 2, 12, 14, 12), strict=True))
        assert roster.removable() >= {"students", "guardians", "enrollments", "classrooms", "guardianships"}
        rooms = roster.staging.rows("select title from incoming.classrooms order by title")
        assert rooms == [("Room 1",), ("Room 2",)]


def test_a_guardian_file_beside_the_connection(servers: Servers, tmp_path: Path) -> None:
    at(servers.start(records=clever()), guardians="no")
    file = tmp_path / "guardians.csv"
    file.write_text("studentSourcedId,sourcedId,givenName,familyName,email\nP1,X1,Ann,Oak1,ann@home.example\n")
    with pipeline.roster(["connection:it", file], Run()) as roster:
        assert roster.staging.rows("select sis_id, given_name from incoming.guardians") == [("X1", "Ann")]
        assert roster.staging.one("select count(*) from incoming.guardianships") == 1


def test_the_client_lists_districts_and_a_person_chooses(servers: Servers, tmp_path: Path) -> None:
    server = servers.start(records=clever(), client=("us", "s:/+ x"), tokens={"d1": "good", "d2": "other"})
    options = {**QUICK, "client-id": "us", "token-url": f"{server.address}/oauth/tokens"}
    several = Connection("it", Kind.CLEVER, server.address, options)
    save(several, {Part.SECRET: "s:/+ x"})
    with pytest.raises(UsageError, match="several districts") as told:
        open_source(several).test(Run())
    assert "d1, d2" in told.value.advice
    chosen = Connection("it", Kind.CLEVER, server.address, {**options, "district": "d1"})
    tested = open_source(chosen).test(Run())
    assert tested.good
    assert [(d.id, d.name) for d in tested.districts] == [("d1", "Kestrel Valley")]
    assert tested.counts == {"schools": 2, "students": 12, "teachers": 2, "contacts": 12, "classrooms": 2, "staff": 0}
    save(chosen, {Part.SECRET: "wrong"})
    with pytest.raises(UnreachableError, match="does not accept our secret"):
        open_source(chosen).test(Run())


def test_what_the_scopes_do_not_allow_is_told(servers: Servers) -> None:
    server = servers.start(records=clever(), forbidden=frozenset({"users?contact"}))
    tested = open_source(at(server)).test(Run())
    assert tested.good
    assert "The scopes do not allow contacts." in [s.sentence for s in tested.said if s.verdict is Verdict.LIMITED]


@pytest.mark.parametrize(
    ("state", "sentence", "proven"),
    [
        ("success", "", True),
        ("paused", "Kestrel Valley: its sync to Clever is paused until 2026-12-01.", True),
        ("error", "Kestrel Valley: its sync to Clever has failed.", False),
        ("pending", "Kestrel Valley: its data is not all at Clever yet.", False),
    ],
)
def test_the_state_of_the_district(servers: Servers, tmp_path: Path, state: str, sentence: str, proven: bool) -> None:
    records = clever()
    records["districts"][0] |= {"state": state, "pause_end": "2026-12-01T00:00:00Z"}
    got, _ = fetched(at(servers.start(records=records)), tmp_path / "x")
    assert bool(got.unproven) is not proven
    if sentence:
        assert sentence in got.notes


def test_a_sync_at_clever_while_we_read_is_read_again_and_then_given_up(servers: Servers, tmp_path: Path) -> None:
    server = servers.start(records=clever())

    def sync(number: int) -> None:
        if "/sections?" in server.asked[number]:
            server.behaviour.records["districts"][0]["last_sync"] = f"2026-11-24T0{number % 10}:00:00.000Z"

    server.behaviour.before = sync
    with pytest.raises(UnreachableError, match="new data while we read"):
        fetched(at(server), tmp_path / "x")


def test_fewer_records_than_clever_counts_are_no_roster(servers: Servers, tmp_path: Path) -> None:
    server = servers.start(records=clever())

    def lose(number: int) -> None:
        if "starting_after" in server.asked[number]:
            server.behaviour.records["users"] = server.behaviour.records["users"][:-1]

    server.behaviour.before = lose
    with pytest.raises(UnreachableError, match="Clever gave 25 people of 26"):
        fetched(at(server, page_size="25"), tmp_path / "x")


def test_the_rate_limit_is_waited_out_by_its_headers(servers: Servers, tmp_path: Path) -> None:
    server = servers.start(records=clever(), headers={"X-Ratelimit-Remaining": "0", "X-Ratelimit-Reset": "1"})
    _, tables = fetched(at(server), tmp_path / "x")
    assert len(tables["students"]) == 12
    server.behaviour.headers = {}
    server.behaviour.faults = {len(server.asked) + 1: "429", len(server.asked) + 2: "429"}
    _, tables = fetched(at(server), tmp_path / "y")
    assert len(tables["students"]) == 12


def test_made_up_ids_hold_when_an_address_or_a_number_or_clevers_own_id_changes(
    servers: Servers, tmp_path: Path
) -> None:
    server = servers.start(records=clever())
    _, before = fetched(at(server), tmp_path / "x")
    for person in server.behaviour.records["users"]:
        if contact := person["roles"].get("contact"):
            person |= {"id": f"9{person['id'][1:]}", "email": f"new-{person['email']}"}
            contact["phone"] = ""
    _, after = fetched(at(server), tmp_path / "y")
    ids = [[row["sourcedId"] for row in tables["guardians"]] for tables in (before, after)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 12
    assert sum(own.startswith("c-") for own in ids[0]) == 6


def test_made_up_ids_hold_when_the_first_sibling_leaves_and_another_comes(servers: Servers, tmp_path: Path) -> None:
    records = clever(3)
    records["users"] = [p for p in records["users"] if "contact" not in p["roles"]]
    family = contact("6d1", ("0", "Parent", ""), ("1", "Parent", ""))
    server = servers.start(records={**records, "users": [*records["users"], family]})
    _, before = fetched(at(server), tmp_path / "x")
    left = contact("6d9", ("1", "Parent", ""), ("2", "Parent", ""))
    server.behaviour.records["users"] = [p for p in records["users"] if p["id"] != f"6b{0:022}"] + [left]
    _, after = fetched(at(server), tmp_path / "y")
    assert [row["studentSourcedId"] for row in after["guardians"]] == ["P1", "P2"]
    assert {row["sourcedId"] for row in after["guardians"]} == {row["sourcedId"] for row in before["guardians"]}


def test_courses_and_terms_may_be_kept_from_us(servers: Servers, tmp_path: Path) -> None:
    server = servers.start(records=clever(), forbidden=frozenset({"courses", "terms"}))
    got, tables = fetched(at(server), tmp_path / "x")
    assert [note for note in got.notes if "let us" in note] == [
        "Clever does not let us read courses.",
        "Clever does not let us read terms.",
    ]
    assert {row["Course_name"] for row in tables["sections"]} == {""}
    assert not got.unproven
    server.behaviour.forbidden = frozenset({"sections"})
    with pytest.raises(UnreachableError, match="has nothing at this address"):
        fetched(at(server), tmp_path / "y")


def contact(own: str, *ties: tuple[str, str, str], last: str = "Lee Moss") -> dict[str, Any]:
    relations = [{"student": f"6b{int(s):022}", "relationship": r, "type": t} for s, r, t in ties]
    return user(own, "x@home.example", {"contact": {"student_relationships": relations, "phone": "1"}}, "", last)


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({}, {"6d1", "6d3"}),
        ({"leave_out_types": ""}, {"6d1", "6d2", "6d3"}),
        ({"relationships": "parent"}, {"6d1"}),
        ({"contact_types": "Emergency"}, {"6d2"}),
        ({"contact_types": "Parent/Guardian;Family"}, {"6d1", "6d3"}),
    ],
)
def test_contacts_are_filtered(servers: Servers, tmp_path: Path, options: dict[str, str], kept: set[str]) -> None:
    records = clever(2)
    records["users"] = [p for p in records["users"] if "contact" not in p["roles"]] + [
        contact("6d1", ("0", "Parent", "Parent/Guardian"), last="Moss One"),
        contact("6d2", ("0", "Other", "Emergency"), last="Moss Two"),
        contact("6d3", ("1", "Grandparent", "Family"), last="Moss Three"),
        contact("6d4", ("1", "Self", "Family"), last="Moss Four"),
        contact("6d5", ("99", "Parent", "Family"), last="Moss Five"),
    ]
    _, tables = fetched(at(servers.start(records=records), **options), tmp_path / "x")
    names = {"One": "6d1", "Two": "6d2", "Three": "6d3", "Four": "6d4", "Five": "6d5"}
    assert {names[row["familyName"]] for row in tables["guardians"]} == kept


def test_one_contact_of_two_students_is_one_guardian(servers: Servers, tmp_path: Path) -> None:
    records = clever(2)
    records["users"] = [p for p in records["users"] if "contact" not in p["roles"]]
    records["users"].append(contact("6d1", ("0", "Parent", ""), ("1", "Parent", "")))
    _, tables = fetched(at(servers.start(records=records)), tmp_path / "x")
    assert [row["studentSourcedId"] for row in tables["guardians"]] == ["P0", "P1"]
    assert len({row["sourcedId"] for row in tables["guardians"]}) == 1


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ana Oak", ("Ana", "", "Oak")),
        ("Ana María de la Cruz", ("Ana", "María", "de la Cruz")),
        ("Oak, Ana", ("Ana", "", "Oak")),
        ("Dr. Ana Oak", ("Ana", "", "Oak")),
        ("Sam Oak Jr.", ("Sam", "", "Oak Jr.")),
        ("Cher", ("Cher", "", "Cher")),
        ("", ("", "", "")),
    ],
)
def test_whole_names_are_split(name: str, parts: tuple[str, str, str]) -> None:
    assert split(name) == parts


@pytest.mark.parametrize(
    ("ids", "student", "teacher"),
    [("sis", "P1", "T1"), ("number", "00001", "T1"), ("clever", f"6b{1:022}", f"6a{1:022}")],
)
def test_people_go_by_the_id_that_is_chosen(
    servers: Servers, tmp_path: Path, ids: str, student: str, teacher: str
) -> None:
    _, tables = fetched(at(servers.start(records=clever(2)), people_ids=ids), tmp_path / "x")
    assert student in {row["Student_id"] for row in tables["students"]} & {
        r["Student_id"] for r in tables["enrollments"]
    }
    assert student in {row["studentSourcedId"] for row in tables["guardians"]}
    assert teacher in {row["Teacher_id"] for row in tables["teachers"]} & {r["Teacher_id"] for r in tables["sections"]}


def test_a_person_without_an_id_goes_by_clevers(servers: Servers, tmp_path: Path) -> None:
    records = clever(2)
    records["users"][2]["roles"]["student"]["sis_id"] = None
    got, tables = fetched(at(servers.start(records=records)), tmp_path / "x")
    assert {row["Student_id"] for row in tables["students"]} == {f"6b{0:022}", "P1"}
    assert "1 people have no ID of the district's at Clever; they go by Clever's own." in got.notes


@pytest.mark.parametrize(("schools", "where"), [("all", [HERON, WREN]), ("primary", [WREN])])
def test_all_schools_of_a_student_or_the_primary_one(
    servers: Servers, tmp_path: Path, schools: str, where: list[str]
) -> None:
    records = clever(1)
    records["users"][2]["roles"]["student"] |= {"school": WREN, "schools": [HERON, WREN]}
    at(servers.start(records=records), schools=schools)
    _, tables = fetched(at(servers.start(records=records), schools=schools), tmp_path / "x")
    assert [row["School_id"] for row in tables["students"]] == where
    with pipeline.roster(["connection:it"], Run()) as roster:
        assert roster.staging.one("select count(*) from incoming.students") == 1
        assert roster.problems()["error"] == 0


def test_staff_who_also_teach_are_one_person_and_district_staff_may_stay_out(servers: Servers, tmp_path: Path) -> None:
    records = clever(1)
    records["users"][0]["roles"]["staff"] = {"staff_id": "ST9", "schools": [HERON]}
    records["users"] += [
        user(
            "6e1",
            "o@kestrel.example",
            {"staff": {"staff_id": "ST1", "schools": [HERON], "title": "Clerk"}},
            "Oda",
            "Fir",
        ),
        user("6e2", "l@kestrel.example", {"district_admin": {"title": "Leader"}}, "Lou", "Elm"),
    ]
    _, tables = fetched(at(servers.start(records=records)), tmp_path / "x")
    assert {row["Staff_id"] for row in tables["staff"]} == {"ST1", "6e2"}
    assert {row["Teacher_id"] for row in tables["teachers"]} == {"T1", "T2"}
    _, tables = fetched(at(servers.start(records=records), district_staff="no"), tmp_path / "y")
    assert {row["Staff_id"] for row in tables["staff"]} == {"ST1"}


@pytest.mark.parametrize(
    ("options", "rooms"),
    [({"sections": "homeroom"}, ["Room 1"]), ({"subjects": "Math"}, ["Room 2"]), ({"subjects": "science"}, [])],
)
def test_sections_are_filtered(servers: Servers, tmp_path: Path, options: dict[str, str], rooms: list[str]) -> None:
    _, tables = fetched(at(servers.start(records=clever(4)), **options), tmp_path / "x")
    assert [row["Name"] for row in tables["sections"]] == rooms
    assert len(tables["students"]) == 4
    assert len(tables["enrollments"]) == 2 * len(rooms)


def test_co_teachers_come_with_the_classroom(servers: Servers, tmp_path: Path) -> None:
    records = clever(2)
    records["sections"][0]["teachers"] = [f"6a{2:022}", f"6a{1:022}", "nobody"]
    at(servers.start(records=records))
    with pipeline.roster(["connection:it"], Run()) as roster:
        assert roster.staging.one("select count(*) from incoming.enrollments") == 2 + 3


RULES = """from,grade,section,student,to,name
HERON,KG,,,east-k,Heron Little
HERON,,Room 9,,west,Heron West
HERON,,,P6,west,Heron West
"""


def test_one_school_is_split_by_grade_by_section_and_by_a_table(servers: Servers, tmp_path: Path) -> None:
    records = clever(12)  # Heron has P0 to P10 by twos; P0, P4 and P8 are in kindergarten
    records["sections"].append({**records["sections"][0], "id": "7b1", "name": "Room 9", "students": [f"6b{10:022}"]})
    rules = tmp_path / "schools.csv"
    rules.write_text(RULES.replace("HERON", HERON))
    _, tables = fetched(at(servers.start(records=records), schools_table=str(rules)), tmp_path / "x")
    where = {row["Student_id"]: row["School_id"] for row in tables["students"] if int(row["Student_id"][1:]) % 2 == 0}
    assert where == {"P0": "east-k", "P2": HERON, "P4": "east-k", "P6": "west", "P8": "east-k", "P10": "west"}
    assert {(r["School_id"], r["School_name"]) for r in tables["schools"]} == {
        ("east-k", "Heron Little"),
        ("west", "Heron West"),
        (HERON, "Heron School"),
        (WREN, "Wren School"),
    }
    assert {r["Name"]: r["School_id"] for r in tables["sections"]} == {
        "Room 1": "east-k",
        "Room 9": "west",
        "Room 2": WREN,
    }
    assert {r["School_id"] for r in tables["teachers"] if r["Teacher_id"] == "T1"} == {"east-k", "west"}


def test_several_schools_become_one(servers: Servers, tmp_path: Path) -> None:
    rules = tmp_path / "schools.csv"
    rules.write_text(f"from,to,name\n{HERON},all,Campus\n{WREN},all,Campus\n")
    _, tables = fetched(at(servers.start(records=clever()), schools_table=str(rules)), tmp_path / "x")
    assert [(r["School_id"], r["School_name"]) for r in tables["schools"]] == [("all", "Campus")]
    assert {r["School_id"] for name in ("students", "teachers", "sections", "enrollments") for r in tables[name]} == {
        "all"
    }
    assert len(tables["students"]) == 12


def test_real_recorded_students_fit_the_program(servers: Servers, tmp_path: Path, fixtures: Path) -> None:
    """700 students as Clever 2.1 sent them, put under the role they have in 3.x."""
    text = (fixtures / "vossenv-clever-cassette" / "cassettes" / "test_simple.yaml").read_text("utf-8")
    start = text.index('string: "') + len("string: ")
    recorded = text[start : text.index("\n    headers:\n      Access-Control", start)]
    body = json.loads(json.loads(" ".join(line.strip() for line in recorded.split("\n")).replace("\\x", "\\u00")))
    assert len(body["data"]) == 700
    people = []
    for item in body["data"]:
        student = item["data"]
        person = {k: student.pop(k) for k in ("id", "email", "name", "created", "district", "last_modified")}
        people.append({**person, "roles": {"student": student}})
    people.sort(key=lambda person: person["id"])
    schools = sorted({p["roles"]["student"]["school"] for p in people})
    records = {
        **clever(0),
        "users": people,
        "sections": [],
        "schools": [{"id": s, "name": f"School {n}", "district": "d"} for n, s in enumerate(schools)],
    }
    at(servers.start(records=records), page_size="300")
    with pipeline.roster(["connection:it"], Run()) as roster:
        assert roster.staging.one("select count(*) from incoming.students") == 700
        assert roster.staging.one("select count(birth_date) from incoming.students") == 699  # one has none
        assert roster.staging.one("select count(distinct grade) from incoming.students") == 11
        assert "students" in roster.removable()
