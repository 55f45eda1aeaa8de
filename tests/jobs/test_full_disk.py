"""Nightly runs of the whole program on a disk that is really full, where each of the things lies that a run writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rosterdesk.jobs import receipts
from rosterdesk.jobs.file import Job, Notices, save
from rosterdesk.jobs.state import remembered
from tests.rosters import roster, student, written
from tests.servers.disk import Disk
from tests.servers.mail import Post

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    (tmp_path / "disk").mkdir()
    with Disk(tmp_path / "disk", 8192) as made:
        yield made


@pytest.fixture
def post() -> Iterator[Post]:
    with Post() as server:
        yield server


@pytest.fixture
def job(post: Post, tmp_path: Path) -> Job:
    return Job(
        "nightly",
        directory=str(tmp_path / "directory.db"),
        key_file=str(tmp_path / "key"),
        sources=("later",),
        notices=Notices(desktop=False, mail=("it@example.org",), smtp=post.address),
    )


def given(job: Job, students: int, tmp_path: Path) -> None:
    """Save the job with a source of so many students."""
    users = "".join(student(f"S{n:05}", given=f"Ana{n}", family=f"Ng{n}") for n in range(students))
    save(replace(job, sources=(str(written(roster(users), tmp_path)),)))


def ran(disk: Disk) -> tuple[int, str]:
    """Run the program as a scheduler does: its exit code and what it says. A trace of the program fails the test."""
    done = subprocess.run(
        disk.inside(sys.executable, "-m", "rosterdesk", "run", "nightly", "--json"),
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    assert set(json.loads(done.stdout)) >= {"job", "outcome"}
    return done.returncode, done.stderr


def exported_by(job: Job, disk: Disk, tmp_path: Path) -> dict[str, str]:
    """What the directory holds, as the program tells it."""
    out = Path(tempfile.mkdtemp(dir=tmp_path))
    where = ["--directory", job.directory, "--key-file", job.key_file]
    command = disk.inside(sys.executable, "-m", "rosterdesk", "directory", "export", str(out), *where)
    subprocess.run(command, capture_output=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    return {path.name: path.read_text("utf-8") for path in out.iterdir()}


def told(post: Post) -> list[tuple[str, str]]:
    """The mail that has come since, its lines as one."""
    found = [(str(mail["Subject"]), " ".join(mail.get_content().split())) for mail in post.received]
    post.received.clear()
    return found


def to_the_end_of_its_page(path: Path, leave: int) -> int:
    """How many bytes must be added to a file so that only `leave` more find room on a full disk."""
    return (-path.stat().st_size - leave) % os.sysconf("SC_PAGE_SIZE")


def test_a_receipt_that_finds_no_room_comes_with_the_next_run(
    job: Job, disk: Disk, post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = disk.folder / "home"
    home.mkdir()
    monkeypatch.setenv("ROSTERDESK_HOME", str(home))
    given(job, 20, tmp_path)
    assert ran(disk)[0] == 0
    # One receipt more, so long that of the next only a part would find room; the log finds none at all.
    receipts.append({"job": "other", "note": ""})
    receipts.append({"job": "other", "note": "x" * (to_the_end_of_its_page(receipts.file(), 300) - 200)})
    log = home / "logs" / "rosterdesk.log"
    with log.open("ab") as file:
        file.write(b"x" * to_the_end_of_its_page(log, 0))
    given(job, 21, tmp_path)
    disk.fill()
    code, said = ran(disk)
    assert code == 5
    assert "The receipt of this run could not be written. Look whether the disk is full." in said
    assert "The log could not be written: No space left on device." in said
    ((subject, body),) = told(post)
    assert subject == "RosterDesk: nightly ran"
    assert "1 changes were made as run 2." in body
    assert "The receipt of this run could not be written. Look whether the disk is full." in body
    assert receipts.verify() == (3, [])
    assert exported_by(job, disk, tmp_path)["students.csv"].count("\n") == 22
    disk.free()
    given(job, 22, tmp_path)
    assert ran(disk)[0] == 0
    found = [(receipt["run"], "late" in receipt) for receipt in receipts.receipts() if receipt["job"] == "nightly"]
    assert found == [(1, False), (2, True), (3, False)]
    assert receipts.verify() == (5, [])
    assert remembered("nightly").run == 3


def test_a_directory_that_finds_no_room_stays_as_it_was(job: Job, disk: Disk, post: Post, tmp_path: Path) -> None:
    job = replace(job, directory=str(disk.at / "directory.db"))
    given(job, 20, tmp_path)
    assert ran(disk)[0] == 0
    before = exported_by(job, disk, tmp_path)
    given(job, 5000, tmp_path)
    disk.fill(leave=65536)
    code, said = ran(disk)
    assert code == 7
    assert "The disk is full. Free some space, or move the directory to another disk. Nothing was changed." in said
    ((subject, body),) = told(post)
    assert subject == "RosterDesk: nightly did not run through"
    assert body.startswith("The disk is full. Free some space")
    assert [receipt["outcome"] for receipt in receipts.receipts()] == ["done", "failed"]
    disk.free()
    assert exported_by(job, disk, tmp_path) == before
    assert ran(disk)[0] == 0
    assert exported_by(job, disk, tmp_path)["students.csv"].count("\n") == 5001
    assert [subject for subject, _ in told(post)] == ["RosterDesk: nightly is well again"]
    assert receipts.verify() == (3, [])


def test_a_delivery_that_finds_no_room_leaves_the_receiver_and_the_directory_as_they_were(
    job: Job, disk: Disk, post: Post, tmp_path: Path
) -> None:
    out = disk.folder / "out"
    job = replace(job, outlet=str(disk.at / "out"))
    given(job, 20, tmp_path)
    assert ran(disk)[0] == 0
    before, files = exported_by(job, disk, tmp_path), {path.name: path.read_bytes() for path in out.iterdir()}
    given(job, 5000, tmp_path)
    disk.fill(leave=65536)
    code, said = ran(disk)
    assert code == 5
    assert "The disk is full." in said
    ((subject, body),) = told(post)
    assert subject == "RosterDesk: nightly did not run through"
    assert "The disk is full." in body
    assert exported_by(job, disk, tmp_path) == before
    assert {path.name: path.read_bytes() for path in out.iterdir()} == files
    disk.free()
    assert ran(disk)[0] == 0
    assert (out / "users.csv").read_text("utf-8").count("\n") == 5001
    assert [subject for subject, _ in told(post)] == ["RosterDesk: nightly is well again"]
    assert receipts.verify() == (3, [])
