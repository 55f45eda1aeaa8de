"""Clever's events between full reads, over a real socket: what is read, and when they are not enough."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rosterdesk.connections import Fetched, Kind, load
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from rosterdesk.jobs.file import Job, Notices
from rosterdesk.jobs.file import save as save_job
from rosterdesk.jobs.running import run_job
from rosterdesk.jobs.state import Ended
from rosterdesk.run import Run
from rosterdesk.sources.clever import CleverSource
from rosterdesk.sources.clever.events import MOST, Position
from tests.rosters import exported
from tests.servers.districts import clever, user
from tests.servers.roster_http import RosterServer
from tests.sources.connecting import Servers, connected, servers

__all__ = ["servers"]

HERON = "5b0000000000000000000001"
_TABLES = {f"{name}.csv" for name in ("students", "staff", "guardians", "classrooms", "enrollments", "guardianships")}
_NUMBERS = itertools.count(1)


def district(servers: Servers, **options: str) -> RosterServer:
    server = servers.start(records={**clever(), "events": []})
    happened(server, "districts.updated", {"id": "d1"})
    connected(server, kind=Kind.CLEVER, events="yes", **options)
    return server


def happened(server: RosterServer, what: str, record: Mapping[str, Any]) -> None:
    """An event that holds as little as real ones may."""
    number = f"9f{next(_NUMBERS):022}"
    server.behaviour.records["events"].append({"id": number, "type": what, "data": {"object": {"id": record["id"]}}})


def one(server: RosterServer, start: str, number: int = 0) -> dict[str, Any]:
    """A record of the server by the beginning of its ID."""
    name = "sections" if start == "7a" else "users"
    found: dict[str, Any] = [r for r in server.behaviour.records[name] if r["id"].startswith(start)][number]
    return found


def changes(server: RosterServer) -> None:
    """A student gets another name, a new one comes into a room, a contact another address, a room another name."""
    records = server.behaviour.records
    student = one(server, "6b", 2)
    student["name"] = {**student["name"], "first": "Kimberly"}
    pupil = {"school": HERON, "schools": [HERON], "sis_id": "P99", "student_number": "99", "grade": "3"}
    new = user("6b9999999999999999999999", "", {"student": pupil}, "Ida", "New")
    records["users"].append(new)
    contact = one(server, "6c", 4)
    contact["email"] = "other@home.example"
    room = one(server, "7a", 0)
    room["name"], room["students"] = "Room Seven", [*room["students"], new["id"]]
    for what, record in (("users.updated", student), ("users.created", new), ("users.updated", contact)):
        happened(server, what, record)
    happened(server, "sections.updated", room)


def since(folder: Path, position: str) -> tuple[Fetched, Mapping[str, list[str]]]:
    folder.mkdir()
    got = CleverSource(load("it")).fetch_since(Run(), folder, position)
    return got, {path.stem: path.read_text("utf-8").splitlines()[1:] for path in got.files}


def test_only_what_events_tell_of_is_read(servers: Servers, tmp_path: Path) -> None:
    server = district(servers)
    first, tables = since(tmp_path / "first", "")
    assert (len(tables["students"]), first.unproven) == (12, {})
    changes(server)
    server.asked.clear()
    second, tables = since(tmp_path / "second", first.position)
    assert "manifest" in tables
    assert {path.stem for path in second.unproven} == set(tables) - {"manifest"}
    assert "by 4 events" in second.notes[0]
    assert any("Kimberly" in row for row in tables["students"])
    assert len(tables["sections"]) == 1
    assert len(tables["guardians"]) == 1
    # All of the room's people came, one by one, and no list of users or sections.
    assert len(tables["enrollments"]) == 7
    assert not any(path.split("?")[0].endswith(("/users", "/sections")) for path in server.asked)
    # Nothing more has happened: nothing is asked for.
    third, tables = since(tmp_path / "third", second.position)
    assert all(not tables[name] for name in ("students", "sections", "enrollments", "guardians"))
    assert "by 0 events" in third.notes[0]


def lost(server: RosterServer, position: Position) -> Position:
    del server.behaviour.records["events"][0]
    return position


def expired(server: RosterServer, position: Position) -> Position:
    return replace(position, read=position.read - timedelta(days=30))


def deleted(server: RosterServer, position: Position) -> Position:
    gone = one(server, "6b", 5)
    server.behaviour.records["users"].remove(gone)
    happened(server, "users.deleted", gone)
    return position


def vanished(server: RosterServer, position: Position) -> Position:
    happened(server, "users.updated", {"id": "6b0000000000000000009999"})
    return position


def unknown(server: RosterServer, position: Position) -> Position:
    happened(server, "users.renumbered", {"id": "6b0000000000000000000001"})
    return position


def many(server: RosterServer, position: Position) -> Position:
    for number in range(MOST + 1):
        happened(server, "users.updated", {"id": f"6b{number:022}"})
    return position


@pytest.mark.parametrize(
    ("how", "why"),
    [
        (lost, "Clever does not know the last event any more that was seen"),
        (expired, "The last event that was seen is older than the events that Clever keeps"),
        (deleted, "Clever tells that records have gone"),
        (vanished, "A record that events tell of is not there any more"),
        (unknown, "Clever tells of a change in a way that is not known here"),
        (many, "More has changed than can be asked for one by one"),
    ],
)
def test_what_events_cannot_tell_means_everything(
    servers: Servers, tmp_path: Path, how: Callable[[RosterServer, Position], Position], why: str
) -> None:
    server = district(servers, full_every="2000")
    first, _ = since(tmp_path / "first", "")
    position = Position.of(first.position)
    assert position is not None
    got, tables = since(tmp_path / "second", str(how(server, position)))
    assert got.notes[-1] == f"{why}, so everything was read."
    assert got.unproven == {}
    assert "manifest" not in tables
    assert len(tables["students"]) == (11 if how is deleted else 12)
    # From here on events do again.
    assert "manifest" in since(tmp_path / "third", got.position)[1]


def test_a_table_of_schools_needs_everything(servers: Servers, tmp_path: Path) -> None:
    """Which school a split sends somebody to, is decided by all of their classrooms: every day, events or not."""
    table = tmp_path / "schools.csv"
    table.write_text(f"from,grade,to,name\n{HERON},03,upper,Upper Heron\n")
    district(servers, schools_table=str(table))
    first, tables = since(tmp_path / "first", "")
    assert any("Upper Heron" in row for row in tables["schools"])
    got, again = since(tmp_path / "second", first.position)
    assert again == tables
    assert got.unproven == {}
    assert got.notes[-1] == "A table of schools looks at all students and classrooms, so everything was read."


def test_a_district_without_events_yet(servers: Servers, tmp_path: Path) -> None:
    server = district(servers)
    server.behaviour.records["events"].clear()
    first, _ = since(tmp_path / "first", "")
    changes(server)
    got, _ = since(tmp_path / "second", first.position)
    assert "by 4 events" in got.notes[0]


@pytest.mark.parametrize(("ends", "asked"), [("known", 2), ("ignored", 31), ("refused", 32)])
def test_the_latest_event_is_asked_for_at_the_end_of_the_list(
    servers: Servers, tmp_path: Path, ends: str, asked: int
) -> None:
    """A server that does not know the end of a list is walked from its beginning, one page after the other."""
    server = district(servers, page_size="1000")
    for _ in range(30):
        happened(server, "districts.updated", {"id": "d1"})
    server.behaviour.ends, server.behaviour.largest = ends, 1
    got, _ = since(tmp_path / "first", "")
    position = Position.of(got.position)
    assert position is not None
    assert position.event == server.behaviour.records["events"][-1]["id"]
    assert sum("/events" in path for path in server.asked) == asked


def test_the_full_read_that_checks_comes_at_its_interval(servers: Servers, tmp_path: Path) -> None:
    district(servers, full_every="6")
    now = datetime.now(UTC)
    event = Position.of(since(tmp_path / "first", "")[0].position)
    assert event is not None
    young, old = (str(Position(now - timedelta(hours=h), now, event.event)) for h in (4.5, 5.5))
    assert "manifest" in since(tmp_path / "young", young)[1]
    assert "manifest" not in since(tmp_path / "old", old)[1]
    assert "manifest" not in since(tmp_path / "odd", "nonsense")[1]


# --- a job, run after run ---------------------------------------------------------------------------------------------


def job(tmp_path: Path, name: str) -> Job:
    (tmp_path / name).mkdir()
    where = {"directory": str(tmp_path / name / "d.db"), "key_file": str(tmp_path / name / "key")}
    made = Job(name, ("connection:it",), **where, notices=Notices(desktop=False))
    save_job(made)
    return made


def state(made: Job, folder: Path) -> dict[str, list[str]]:
    with open_directory(made.directory, KeySource(file=Path(made.key_file)), create=False) as directory:
        found = exported(directory, folder)
    return {name: sorted(text.splitlines()) for name, text in found.items() if name in _TABLES}


def ran(made: Job) -> str:
    result = run_job(made, Run())
    assert result.ended is Ended.DONE, result
    return "full" if any(result.whole.values()) else "events"


def test_events_end_where_a_full_read_would(servers: Servers, tmp_path: Path) -> None:
    server = district(servers)
    nightly = job(tmp_path, "nightly")
    assert ran(nightly) == "full"
    changes(server)
    assert ran(nightly) == "events"
    other = job(tmp_path, "other")
    assert ran(other) == "full"
    assert state(nightly, tmp_path) == state(other, tmp_path)


def test_a_run_that_failed_sees_the_events_again(servers: Servers, tmp_path: Path) -> None:
    server = district(servers)
    nightly = job(tmp_path, "nightly")
    ran(nightly)
    changes(server)
    server.behaviour.always = "500"
    assert run_job(nightly, Run()).ended is Ended.FAILED
    server.behaviour.always = ""
    assert ran(nightly) == "events"
    assert any("Kimberly" in line for line in state(nightly, tmp_path)["students.csv"])


@pytest.mark.parametrize("rule", ["split", "together"])
def test_schools_are_split_or_put_together_every_day(servers: Servers, tmp_path: Path, rule: str) -> None:
    """A kindergarten is a school of its own, or two schools are one; a pupil who moves up changes school."""
    table, wren = tmp_path / "schools.csv", "5b0000000000000000000002"
    lines = {"split": f"{HERON},KG,lower,Little Heron", "together": f"{HERON},,all,Heron and Wren\n{wren},,all,"}
    table.write_text(f"from,grade,to,name\n{lines[rule]}\n")
    server = district(servers, schools_table=str(table))
    nightly = job(tmp_path, "nightly")
    assert ran(nightly) == "full"
    schools = [line.rsplit(",", 3)[1] for line in state(nightly, tmp_path)["students.csv"]]
    first = {school: schools.count(school) for school in set(schools)}
    wanted = {"split": {"lower": 3, HERON: 3, wren: 6}, "together": {"all": 12}}[rule]
    assert {name: first[name] for name in wanted} == wanted
    assert run_job(nightly, Run()).counts == {}
    pupil = one(server, "6b", 0)
    pupil["roles"]["student"]["grade"] = "1"
    happened(server, "users.updated", pupil)
    assert ran(nightly) == "full"
    now = [line.rsplit(",", 3)[1] for line in state(nightly, tmp_path)["students.csv"]]
    assert now.count("lower") == (2 if rule == "split" else 0)
    assert len(now) == len(schools)
