"""One job on two computers with one shared directory: the whole program, twice, under two host names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from rosterdesk.directory.engine import open_directory
from rosterdesk.jobs import receipts
from rosterdesk.jobs.file import Job, Notices, save
from tests.directory.conftest import Place, postgres, shared_place
from tests.rosters import exported, roster, student, written

__all__ = ["postgres", "shared_place"]

ROOT = Path(__file__).resolve().parent.parent.parent
_NAMED = 'hostname "$1" && shift && exec "$@"'


@dataclass
class Computer:
    """A computer by its name, with a user's folder of its own."""

    name: str
    home: Path

    def __post_init__(self) -> None:
        self.home.mkdir()
        tried = subprocess.run(self._here("true"), capture_output=True, text=True, check=False)
        if tried.returncode:
            pytest.skip(f"this system gives no process a host name of its own: {tried.stderr.strip()}")

    def begin(self) -> subprocess.Popen[str]:
        """Start the job as its scheduler does."""
        command = self._here(sys.executable, "-m", "rosterdesk", "run", "nightly", "--json")
        own = {**os.environ, "ROSTERDESK_HOME": str(self.home), "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=own)

    def receipts(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
        """Its receipts: host, run, outcome, and whether it came late. Their chain is whole."""
        with monkeypatch.context() as patch:
            patch.setenv("ROSTERDESK_HOME", str(self.home))
            found = [(r["host"], r["run"], r["outcome"], "late" in r) for r in receipts.receipts()]
            assert receipts.verify() == (len(found), [])
        return found

    def _here(self, *command: str) -> list[str]:
        own = ["--user", "--map-root-user"] if os.geteuid() else []
        return ["unshare", *own, "--uts", "sh", "-c", _NAMED, "sh", self.name, *command]


def ended(process: subprocess.Popen[str]) -> tuple[int, dict[str, object]]:
    out, said = process.communicate()
    assert "Traceback" not in said, said
    return process.returncode, json.loads(out)


@pytest.fixture
def north(tmp_path: Path) -> Computer:
    return Computer("north", tmp_path / "north")


@pytest.fixture
def south(tmp_path: Path) -> Computer:
    return Computer("south", tmp_path / "south")


def give(job: Job, students: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *to: Computer) -> None:
    users = "".join(student(f"S{n:03}", given=f"Ana{n}", family=f"Ng{n}") for n in range(students))
    source = str(written(roster(users), tmp_path))
    for computer in to:
        with monkeypatch.context() as patch:
            patch.setenv("ROSTERDESK_HOME", str(computer.home))
            save(replace(job, sources=(source,)))


def test_a_receipt_that_one_of_them_lacks_comes_with_its_next_run(
    shared_place: Place, north: Computer, south: Computer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Job("nightly", ("later",), directory=str(shared_place.where), notices=Notices(desktop=False))
    give(job, 20, tmp_path, monkeypatch, north, south)
    assert ended(north.begin())[0] == 0
    # A folder in its place refuses the file as a full disk does: with an error of the system.
    (north.home / "receipts.jsonl").rename(tmp_path / "kept")
    (north.home / "receipts.jsonl").mkdir()
    give(job, 21, tmp_path, monkeypatch, north, south)
    assert ended(north.begin())[0] == 5
    (north.home / "receipts.jsonl").rmdir()
    (tmp_path / "kept").rename(north.home / "receipts.jsonl")
    give(job, 22, tmp_path, monkeypatch, north, south)
    assert [ended(computer.begin())[0] for computer in (south, north)] == [0, 0]
    assert north.receipts(monkeypatch) == [
        ("north", 1, "done", False),
        ("north", 2, "done", True),
        ("north", 4, "done", False),
    ]
    assert south.receipts(monkeypatch) == [("south", 3, "done", False)]


def test_both_at_once_end_in_a_state_from_which_each_goes_on(
    shared_place: Place, north: Computer, south: Computer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Job("nightly", ("later",), directory=str(shared_place.where), notices=Notices(desktop=False))
    give(job, 200, tmp_path, monkeypatch, north, south)
    assert ended(north.begin())[0] == 0
    give(job, 210, tmp_path, monkeypatch, north, south)
    both = [ended(process) for process in [computer.begin() for computer in (north, south)]]
    done = [said["changes"] for code, said in both if code == 0]
    assert done.count({"students": {"created": 10}}) == 1
    # The other came after it, to nothing left to do, or in between: then it was refused, and planned again.
    assert done.count({}) == 1
    for computer in (south, north):
        code, said = ended(computer.begin())
        assert (code, said["changes"]) == (0, {})
    with open_directory(shared_place.where, create=False) as directory:
        assert exported(directory, tmp_path)["students.csv"].count("\n") == 211
    told = [*north.receipts(monkeypatch), *south.receipts(monkeypatch)]
    assert sorted((run, outcome) for _, run, outcome, _ in told) == [(run, "done") for run in range(1, 6)]
