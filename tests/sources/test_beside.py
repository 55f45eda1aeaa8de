"""A guardian file beside a connection in one job: students and classrooms from the one, guardians from the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rosterdesk import pipeline
from rosterdesk.connections import Kind, save
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from rosterdesk.draft import Draft
from rosterdesk.gui.upload import Upload
from rosterdesk.jobs.file import Job, Notices
from rosterdesk.jobs.file import save as save_job
from rosterdesk.jobs.running import run_job
from rosterdesk.jobs.state import Ended
from rosterdesk.run import Run
from rosterdesk.sources.read import LARGE
from tests.rosters import exported, rows
from tests.servers.districts import clever, oneroster
from tests.servers.openssh import OpenSSH
from tests.servers.roster_http import RosterServer
from tests.sources.connecting import Servers, connected, servers

__all__ = ["servers"]

HEADER = "studentSourcedId,sourcedId,givenName,familyName,email,sms,phone,language\n"
KINDS = [Kind.CLEVER, Kind.CLASSLINK, Kind.CLASSLINK_PROXY]


def start(servers: Servers, kind: Kind) -> RosterServer:
    """A server of this kind, whose guardians are not to be had."""
    if kind is Kind.CLEVER:
        server = servers.start(records=clever())
        connected(server, kind=kind, guardians="no")
        return server
    records = oneroster()
    records["users"] = [{**u, "agents": []} for u in records["users"] if u["role"] != "guardian"]
    direct = kind is Kind.CLASSLINK
    application = {"oneroster_application_id": "MoYP%3D", "name": "RosterDesk", "tenant_name": "Kestrel"}
    base = "/ims/oneroster/v1p1" if direct else "/MoYP%3D/ims/oneroster/v1p1"
    server = servers.start(records=records, bases=(base,), applications={"status": 1, "applications": [application]})
    connected(server, base if direct else "", kind=kind, **({"auth": "bearer"} if direct else {}))
    return server


def student(kind: Kind, number: int) -> str:
    return f"P{number}" if kind is Kind.CLEVER else f"p-{number}"


def guardians(kind: Kind, count: int) -> str:
    lines = (f"{student(kind, n)},x-{n},Ann{n},Oak{n},x{n}@home.example,+1 555 201 {n:04},,es\n" for n in range(count))
    return HEADER + "".join(lines)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    where = {"directory": str(tmp_path / "directory.db"), "key_file": str(tmp_path / "key")}
    made = Job("nightly", ("connection:it", str(tmp_path / "guardians.csv")), **where, notices=Notices(desktop=False))
    save_job(made)
    return made


def state(job: Job, folder: Path) -> dict[str, str]:
    with open_directory(job.directory, KeySource(file=Path(job.key_file)), create=False) as directory:
        return exported(directory, folder)


@pytest.mark.parametrize("kind", KINDS)
def test_it_goes_the_whole_way_night_after_night(servers: Servers, tmp_path: Path, job: Job, kind: Kind) -> None:
    start(servers, kind)
    file = tmp_path / "guardians.csv"
    file.write_text(guardians(kind, 12))
    assert run_job(job, Run()).ended is Ended.DONE
    first = state(job, tmp_path)
    assert len(rows(first["students.csv"], "sis_id")) == 12
    assert rows(first["guardianships.csv"], "student_sis_id", "guardian_sis_id") == sorted(
        (student(kind, n), f"x-{n}") for n in range(12)
    )
    assert set(rows(first["guardians.csv"], "language")) == {("es",)}
    # The same again changes nothing; a new name is a change; a guardian who has gone from the whole file goes.
    assert run_job(job, Run()).counts == {}
    file.write_text(guardians(kind, 11).replace("Ann0", "Bea"))
    assert run_job(job, Run()).ended is Ended.DONE
    second = state(job, tmp_path)
    names = dict(rows(second["guardians.csv"], "sis_id", "given_name"))
    assert names["x-0"] == "Bea"
    assert ("x-11", "archived") in rows(second["guardians.csv"], "sis_id", "status")
    assert rows(second["students.csv"], "sis_id", "status") == rows(first["students.csv"], "sis_id", "status")


@pytest.mark.parametrize("kind", KINDS)
def test_without_the_one_the_other_takes_nothing_away(servers: Servers, tmp_path: Path, job: Job, kind: Kind) -> None:
    server = start(servers, kind)
    file = tmp_path / "guardians.csv"
    file.write_text(guardians(kind, 8))
    run_job(job, Run())
    before = state(job, tmp_path)
    file.write_text(HEADER)  # an export that went wrong
    run_job(job, Run())
    assert state(job, tmp_path)["guardians.csv"] == before["guardians.csv"]
    file.unlink()
    assert run_job(job, Run()).ended is Ended.FAILED
    file.write_text(guardians(kind, 8))
    server.behaviour.always = "500"
    assert run_job(job, Run()).ended is Ended.FAILED
    assert state(job, tmp_path) == before


def test_a_guardian_file_over_sftp(servers: Servers, openssh: OpenSSH, tmp_path: Path, job: Job) -> None:
    """As districts do it: the roster of Clever, and the guardians that the SIS puts onto an SFTP server."""
    start(servers, Kind.CLEVER)
    folder = openssh.new_folder()
    openssh.put(f"{folder.name}/guardians.csv", guardians(Kind.CLEVER, 8).encode())
    save(openssh.connection(folder))
    both = Job(**{**_fields(job), "sources": ("connection:it", "connection:far")})
    save_job(both)
    assert run_job(both, Run()).ended is Ended.DONE
    assert len(rows(state(both, tmp_path)["guardianships.csv"], "student_sis_id")) == 8


def test_one_who_is_a_teacher_and_a_guardian(servers: Servers, tmp_path: Path, job: Job) -> None:
    """One SIS ID in two roles: both are there."""
    start(servers, Kind.CLEVER)
    (tmp_path / "guardians.csv").write_text(HEADER + "P1,T1,Ada,T1,ada@home.example,,,\n")
    assert run_job(job, Run()).ended is Ended.DONE
    found = state(job, tmp_path)
    assert rows(found["guardianships.csv"], "student_sis_id", "guardian_sis_id") == [("P1", "T1")]
    assert ("T1",) in rows(found["staff.csv"], "sis_id")


# --- a large file that is not clean -----------------------------------------------------------------------------------


def large(kind: Kind) -> str:
    """A guardian file that looks plain at its beginning and has a torn row far behind."""
    lines = [f"{student(kind, n % 12)},x-{n},Ann{n},Oak{n},x{n}@home.example,,,\n" for n in range(LARGE // 40)]
    return HEADER + "".join(lines) + 'P1,x-last,"Ann,Oak\nP1,x-end,Ann,Oak,end@home.example,,,\n'


def asked(server: RosterServer) -> int:
    return sum("/users?" in path and "count=true" in path for path in server.asked)


def test_a_large_unclean_file_beside_a_connection_is_no_second_fetch(servers: Servers, tmp_path: Path) -> None:
    server = start(servers, Kind.CLEVER)
    file = tmp_path / "guardians.csv"
    file.write_text(large(Kind.CLEVER))
    assert file.stat().st_size > LARGE
    with pipeline.roster(["connection:it", file], Run()) as roster:
        assert roster.problems()["error"] > 0
        assert roster.staging.one("select count(*) from incoming.students") == 12
    assert asked(server) == 1


def test_nor_in_the_window(servers: Servers, tmp_path: Path) -> None:
    server = start(servers, Kind.CLEVER)
    file = tmp_path / "guardians.csv"
    file.write_text(large(Kind.CLEVER))
    with open_directory(tmp_path / "d.db", KeySource(unencrypted=True), create=True, run=Run()) as directory:
        upload = Upload(lambda run: directory)
        try:
            sources: dict[str, Any] = {"sources": (Path("connection:it"), file)}
            draft = Draft(**sources)
            found = upload.read(draft, Run())
            upload.check(Draft(**sources, reading=found.reading, mapping=found.mapping), Run())
            assert asked(server) == 1
            upload.read(draft, Run())  # a person who reads it again wants what is there now
            assert asked(server) == 2
        finally:
            upload.close()


def _fields(job: Job) -> dict[str, Any]:
    return {name: getattr(job, name) for name in ("name", "directory", "key_file", "notices")}
