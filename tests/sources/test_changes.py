"""Reading only what has changed at a OneRoster server, by jobs, between full reads; over a real socket."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rosterdesk.connections import Fetched, load, save
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from rosterdesk.jobs.file import Job, Notices
from rosterdesk.jobs.file import save as save_job
from rosterdesk.jobs.running import run_job
from rosterdesk.jobs.state import Ended
from rosterdesk.run import Run
from rosterdesk.sources.oneroster import OneRosterSource
from rosterdesk.sources.oneroster.changes import Position
from tests.rosters import exported
from tests.servers.districts import base, oneroster
from tests.servers.roster_http import RosterServer
from tests.sources.connecting import Servers, connected, fetched, servers

__all__ = ["servers"]

# The server's clock is ours, so what changes later must be later than that, by more than the overlap.
_TABLES = {f"{name}.csv" for name in ("students", "staff", "guardians", "enrollments", "guardianships")}
LATER = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def district(servers: Servers, **behaviour: Any) -> RosterServer:
    server = servers.start(**behaviour)
    connected(server, "/ims/oneroster/v1p1", delta="yes")
    return server


def since(folder: Path, position: str) -> tuple[Fetched, Mapping[str, list[str]]]:
    folder.mkdir()
    got = OneRosterSource(load("it")).fetch_since(Run(), folder, position)
    return got, {path.stem: path.read_text("utf-8").splitlines()[1:] for path in got.files}


def a_new_student(server: RosterServer) -> None:
    """One comes, one gets another name, one enrollment ends."""
    records = server.behaviour.records
    new = {**records["users"][2], "sourcedId": "p-new", "agents": [], "identifier": "99", "dateLastModified": LATER}
    records["users"][2] = {**records["users"][2], "givenName": "Kimberly", "dateLastModified": LATER}
    records["users"].append(new)
    ties = {key: records["enrollments"][2][key] for key in ("class", "school", "role")}
    tie = base("e-new", **ties, user={"sourcedId": "p-new"}, beginDate=None, endDate=None)
    records["enrollments"].append({**tie, "dateLastModified": LATER})
    records["enrollments"][2] = {**records["enrollments"][2], "status": "tobedeleted", "dateLastModified": LATER}


def test_only_what_has_changed_is_read(servers: Servers, tmp_path: Path) -> None:
    server = district(servers)
    first, tables = since(tmp_path / "first", "")
    assert len(tables["users"]) == len(oneroster()["users"])
    assert first.unproven == {}
    a_new_student(server)
    server.asked.clear()
    second, tables = since(tmp_path / "second", first.position)
    assert {name: len(rows) for name, rows in tables.items()} == {
        "orgs": 3,
        "academicSessions": 0,
        "classes": 0,
        "users": 2,
        "enrollments": 2,
        "demographics": 1,
        "manifest": 8,
    }
    assert {path.stem for path in second.unproven} == set(tables) - {"manifest"}
    assert "4 records" in second.notes[0]
    whole = [path for path in server.asked if "limit=5000&offset=0" in path and "filter" not in path]
    assert [path.split("?")[0].rsplit("/", 1)[-1] for path in whole] == ["orgs"]
    assert Position.of(second.position) is not None
    third, tables = since(tmp_path / "third", second.position)  # with the overlap they may come once more
    assert third.position
    assert set(tables) >= {"users", "manifest"}


@pytest.mark.parametrize("how", ["ignored", "refused"])
def test_a_filter_that_is_not_kept_to_means_everything(servers: Servers, tmp_path: Path, how: str) -> None:
    server = district(servers, filters=how)
    first, _ = since(tmp_path / "first", "")
    a_new_student(server)
    got, tables = since(tmp_path / "second", first.position)
    assert len(tables["users"]) == len(oneroster()["users"]) + 1
    assert got.unproven == {}
    assert "manifest" not in tables
    assert got.notes[-1] == "The server does not keep to a filter by date for terms, so everything was read."


def test_records_without_a_date_mean_everything(servers: Servers, tmp_path: Path) -> None:
    server = district(servers)
    first, _ = since(tmp_path / "first", "")
    del server.behaviour.records["users"][3]["dateLastModified"]
    got, tables = since(tmp_path / "second", first.position)
    assert len(tables["users"]) == len(oneroster()["users"])
    assert got.notes[-1] == "The server does not keep to a filter by date for people, so everything was read."


def test_a_server_without_totals_can_prove_nothing(servers: Servers, tmp_path: Path) -> None:
    district(servers, totals=False)
    first, _ = since(tmp_path / "first", "")
    got, _ = since(tmp_path / "second", first.position)
    assert "so everything was read" in got.notes[-1]


@pytest.mark.parametrize(
    "position",
    ["", "nonsense", "2026-01-01 2026-01-01", "2020-01-01T00:00:00+00:00 2020-01-01T00:00:00+00:00"],
    ids=["none", "nonsense", "no-zone", "old"],
)
def test_without_a_good_position_everything_is_read(servers: Servers, tmp_path: Path, position: str) -> None:
    district(servers)
    got, tables = since(tmp_path / "x", position)
    assert (got.unproven, "manifest" in tables) == ({}, False)
    assert Position.of(got.position) is not None


def test_a_full_read_comes_at_its_interval(servers: Servers, tmp_path: Path) -> None:
    server = servers.start()
    connected(server, "/ims/oneroster/v1p1", delta="yes", full_every="6")
    now = datetime.now(UTC)
    young, old = (str(Position(now - timedelta(hours=hours), now)) for hours in (4.5, 5.5))
    assert "manifest" in since(tmp_path / "young", young)[1]
    assert "manifest" not in since(tmp_path / "old", old)[1]
    server.behaviour.clock = -7200.0  # a server whose clock has gone back
    assert "manifest" not in since(tmp_path / "back", young)[1]


def test_a_server_with_no_list_of_all_people(servers: Servers, tmp_path: Path) -> None:
    records = oneroster()
    users = records.pop("users")
    for name, role in (("students", "student"), ("teachers", "teacher")):
        chosen = [dict(user) for user in users if user["role"] == role]
        for user in chosen:
            del user["role"]
        records[name] = chosen
    got, tables = fetched(connected(servers.start(records=records), "/ims/oneroster/v1p1"), tmp_path / "x")
    assert {row["role"] for row in tables["users"]} == {"student", "teacher"}
    assert len(tables["users"]) == 14
    assert {path.stem for path in got.unproven} == {"users"}
    assert got.notes[0].startswith("The server has no list of all people")


# --- a job, day after day ---------------------------------------------------------------------------------------------


@pytest.fixture
def job(tmp_path: Path) -> Job:
    where = {"directory": str(tmp_path / "directory.db"), "key_file": str(tmp_path / "key")}
    made = Job("nightly", ("connection:it",), **where, notices=Notices(desktop=False))
    save_job(made)
    return made


def state(job: Job, folder: Path) -> dict[str, str]:
    with open_directory(job.directory, KeySource(file=Path(job.key_file)), create=False) as directory:
        found = exported(directory, folder)
    return {name.removesuffix(".csv"): text for name, text in found.items() if name in _TABLES}


def ran(job: Job) -> str:
    """How the run went: what it read, by whether any request had a filter."""
    result = run_job(job, Run())
    assert result.ended is Ended.DONE, result
    return "delta" if not any(result.whole.values()) else "full"


def test_a_job_reads_changes_and_ends_where_full_reads_would(servers: Servers, tmp_path: Path, job: Job) -> None:
    server = district(servers)
    assert ran(job) == "full"
    a_new_student(server)
    assert ran(job) == "delta"
    after = state(job, tmp_path)
    assert "Kimberly" in after["students"]
    assert "p-new" in after["students"]
    # A run by hand reads everything, and finds nothing more to do.
    (tmp_path / "other").mkdir()
    other = Job(**{**_fields(job), "name": "other", "directory": str(tmp_path / "other" / "d.db")})
    save_job(other)
    assert ran(other) == "full"
    assert state(other, tmp_path / "other") == after


def test_one_change_after_the_other_ends_where_a_full_read_would(servers: Servers, tmp_path: Path, job: Job) -> None:
    """A record of each kind changes alone, so that what it leans on is not in the delta."""
    server = district(servers)
    assert ran(job) == "full"
    people = {user["sourcedId"]: user for user in server.behaviour.records["users"]}
    records = server.behaviour.records
    everywhere = [
        (records["orgs"][1], {"name": "Egret School"}),
        (records["classes"][0], {"title": "Room 7", "location": "East"}),
        (people["t-1"], {"familyName": "Lovelace", "email": "ada@kestrel.example"}),
        (people["g-0"], {"email": "new@home.example", "orgs": [{"sourcedId": "d1"}]}),
        (people["p-2"], {"givenName": "Kimberly"}),
        (people["p-3"], {"agents": [*people["p-3"]["agents"], {"sourcedId": "g-4"}]}),
        (records["demographics"][5], {"birthDate": "2017-12-31"}),
        (records["enrollments"][0], {"primary": "false"}),
    ]
    for number, (record, changed) in enumerate(everywhere, 1):
        moment = datetime.now(UTC) + timedelta(hours=number)
        record |= {**changed, "dateLastModified": moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")}
        assert ran(job) == "delta"
    (tmp_path / "other").mkdir()
    other = Job(**{**_fields(job), "name": "other", "directory": str(tmp_path / "other" / "d.db")})
    save_job(other)
    assert ran(other) == "full"
    now, wanted = state(job, tmp_path), state(other, tmp_path / "other")
    for name in sorted(wanted, reverse=True):
        assert sorted(now[name].splitlines()) == sorted(wanted[name].splitlines()), name


def test_a_delta_takes_nobody_away_and_the_next_full_read_does(servers: Servers, tmp_path: Path, job: Job) -> None:
    server = district(servers)
    ran(job)
    before = state(job, tmp_path)
    gone = server.behaviour.records["users"].pop(2)  # deleted without a trace
    server.behaviour.records["enrollments"] = [
        e for e in server.behaviour.records["enrollments"] if e["user"]["sourcedId"] != gone["sourcedId"]
    ]
    assert ran(job) == "delta"
    assert state(job, tmp_path) == before
    kept = load("it")
    save(type(kept)(kept.name, kept.kind, kept.address, {**kept.options, "full-every": "0.5"}))
    assert ran(job) == "full"
    assert state(job, tmp_path) != before


def test_a_run_that_failed_moves_the_position_by_nothing(servers: Servers, tmp_path: Path, job: Job) -> None:
    server = district(servers)
    ran(job)
    a_new_student(server)
    server.behaviour.always = "500"
    assert run_job(job, Run()).ended is Ended.FAILED
    server.behaviour.always = ""
    assert ran(job) == "delta"
    assert "p-new" in state(job, tmp_path)["students"]


def _fields(job: Job) -> dict[str, Any]:
    return {name: getattr(job, name) for name in ("sources", "key_file", "notices")}
