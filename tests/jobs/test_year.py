"""A school year of nights, with everything that goes wrong in one: after each, the directory is as it should be.

What it should be is worked out here by itself, from the invented district alone: the roster of the last night that was
good, every record that ever was with the state it had when it was last seen.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import Directory, open_directory
from rosterdesk.directory.holds import find
from rosterdesk.directory.usual import LEAST
from rosterdesk.jobs import receipts, running
from rosterdesk.jobs.approval import Part, approve_of_job
from rosterdesk.jobs.calendar import schedule
from rosterdesk.jobs.file import Job, Notices, save
from rosterdesk.jobs.notices import Notice
from rosterdesk.jobs.running import Ran, run_job
from rosterdesk.jobs.state import Ended
from rosterdesk.run import Run
from tests.rosters import USERS, classroom, enrollment, exported, roster, rows, student, written

# 200 is a school year; the suite's share of it takes half a minute.
NIGHTS = int(os.environ.get("ROSTERDESK_NIGHTS", "45"))
SEED = 20261124
ZONE = ZoneInfo("America/Chicago")
FIRST = datetime(2026, 8, 17, 2, 0, tzinfo=ZONE)


@dataclass
class District:
    """The truth: who is in it (SIS ID to school, first name, grade), and everybody who ever was."""

    dice: random.Random
    present: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    gone: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    count: int = 0

    def come(self, many: int) -> None:
        for _ in range(many):
            self.count += 1
            self.present[f"{self.count:06}"] = ("AB"[self.count % 2], f"Ana{self.count}", self.dice.randint(1, 11))

    def leave(self, many: int) -> None:
        for sis_id in self.dice.sample(sorted(self.present), many):
            self.gone[sis_id] = self.present.pop(sis_id)

    def live(self) -> None:
        """An ordinary day: some come, some leave, some return, some move or are renamed."""
        self.come(self.dice.randint(0, 2))
        self.leave(self.dice.randint(0, 2))
        if self.gone and self.dice.random() < 0.3:
            sis_id = self.dice.choice(sorted(self.gone))
            self.present[sis_id] = self.gone.pop(sis_id)
        for sis_id in self.dice.sample(sorted(self.present), 2):
            _, name, grade = self.present[sis_id]
            self.present[sis_id] = (self.dice.choice("AB"), f"{name.split('-')[0]}-{self.dice.randint(1, 99)}", grade)

    def files(self) -> dict[str, str]:
        people = sorted(self.present.items())
        users = "".join(student(i, school=s, given=n, family=f"Ng{i}", grade=f"{g:02}") for i, (s, n, g) in people)
        rooms = "".join(classroom(f"{s}{g:02}", school=s) for s in "AB" for g in range(1, 13))
        seats = "".join(enrollment(f"{s}{g:02}", i, school=s) for i, (s, _, g) in people)
        return roster(users, rooms, seats)


def expected(district: District) -> dict[str, tuple[str, str, str]]:
    """Every student by SIS ID: first name, grade, status."""
    active = {i: (n, f"{g:02}", "active") for i, (_, n, g) in district.present.items()}
    return active | {i: (n, f"{g:02}", "archived") for i, (_, n, g) in district.gone.items()}


def cut(files: dict[str, str]) -> dict[str, str]:
    half = len(files["users.csv"]) // 2
    return files | {"users.csv": files["users.csv"][:half]}


def rekeyed(files: dict[str, str]) -> dict[str, str]:
    head, *lines = files["users.csv"].splitlines(keepends=True)
    seats = files["enrollments.csv"].splitlines(keepends=True)
    new = [f"9{line}".replace(f",student,{line[:6]},", f",student,9{line[:6]},") for line in lines]
    moved = [seats[0], *(s.replace(f",{s.split(',')[5]},", f",9{s.split(',')[5]},") for s in seats[1:])]
    return files | {"users.csv": "".join([head, *new]), "enrollments.csv": "".join(moved)}


def without_half_of_a_school(files: dict[str, str]) -> dict[str, str]:
    head, *lines = files["users.csv"].splitlines(keepends=True)
    left = [line for n, line in enumerate(lines) if ",true,A," not in line or n % 2]
    kept = {line[:6] for line in left}
    seats = files["enrollments.csv"].splitlines(keepends=True)
    seated = [seats[0], *(s for s in seats[1:] if s.split(",")[5] in kept)]
    return files | {"users.csv": "".join([head, *left]), "enrollments.csv": "".join(seated)}


def renamed(files: dict[str, str]) -> dict[str, str]:
    """Everybody of school A is called otherwise: a column that slipped, say. No fixed limit sees it."""
    lines = files["users.csv"].splitlines(keepends=True)
    return files | {
        "users.csv": "".join(line.replace(",Ana", ",Eva") if ",true,A," in line else line for line in lines)
    }


def empty(files: dict[str, str]) -> dict[str, str]:
    return files | {"users.csv": USERS}


class Stopped(Run):
    """A run that is stopped at its n-th step."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.steps = steps

    def report(self, what: str, done: int = 0, total: int = 0) -> None:
        self.steps -= 1
        if self.steps == 0:
            self.cancel()
        super().report(what, done, total)


TROUBLE: dict[str, Callable[[dict[str, str]], dict[str, str]]] = {
    "cut": cut,
    "re-keyed": rekeyed,
    "half a school": without_half_of_a_school,
    "empty": empty,
    "renamed": renamed,
}
EVENTS = ("cut", "re-keyed", "half a school", "killed", "gone", "stopped", "renamed", "empty")


def killed(job: Job, seconds: float) -> None:
    """Run the job as the scheduler does, and kill it as a computer does that loses its power."""
    save(job)
    process = subprocess.Popen([sys.executable, "-m", "rosterdesk", "run", job.name], stderr=subprocess.DEVNULL)
    with contextlib.suppress(subprocess.TimeoutExpired):  # it is through already: a night like others
        process.wait(seconds)
    process.kill()
    process.wait()


def event_of(night: int, done: int) -> str:
    """What happens in a night, `done` of those before went through."""
    event = EVENTS[night // 5 % len(EVENTS)] if night % 5 == 2 else "good"
    # Before the job is known well enough, nobody can tell that something is unusual for it.
    return "good" if event == "renamed" and done <= LEAST else event


def rollover(district: District, job: Job, directory: Directory, now: datetime, folder: Path) -> None:
    """Everybody a grade on, and the oldest leave. It goes over the limits, and a person lets it through."""
    for sis_id, (school, name, grade) in sorted(district.present.items()):
        if grade == 11:
            district.gone[sis_id] = district.present.pop(sis_id)
        else:
            district.present[sis_id] = (school, name, grade + 1)
    over = replace(job, sources=(str(written(district.files(), folder)),))
    save(over)
    ran = run_job(over, Run(), now=now)
    assert ran.ended is Ended.HELD, ran
    with directory.read() as conn:
        past = find(conn, 1, ran.plan)
    approve_of_job(directory, past, Part(), Run())


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Notice]:
    sent: list[Notice] = []

    def keep(notice: Notice, to: Notices, run: Run) -> tuple[str, ...]:
        sent.append(notice)
        return ()

    monkeypatch.setattr(running.notices, "send", keep)
    return sent


@pytest.mark.timeout(3600)
def test_a_school_year(tmp_path: Path, told: list[Notice]) -> None:
    began = time.process_time()
    print(f"seed {SEED}, {NIGHTS} nights")
    district = District(random.Random(SEED))
    district.come(60)
    job = Job(
        "nightly",
        ("",),
        directory=str(tmp_path / "directory.db"),
        key_file=str(tmp_path / "key"),
        schedule=schedule("02:00"),
        notices=Notices(desktop=False),
    )
    key = KeySource(file=tmp_path / "key")
    truth = expected(district)
    troubles = kills = done = 0
    rolled = False
    for night in range(NIGHTS):
        now = FIRST + night * timedelta(days=1)
        files, run, event = district.files(), Run(), event_of(night, done)
        before = len(told)
        place = tmp_path / "no such folder" if event == "gone" else written(TROUBLE.get(event, dict)(files), tmp_path)
        if event == "stopped":
            run = Stopped(district.dice.randint(5, 40))
        tonight = replace(job, sources=(str(place),))
        if event == "killed":
            kills += 1
            killed(tonight, district.dice.uniform(0.3, 4))
        ran = Ran(job.name, Ended.DONE) if event == "killed" else run_job(tonight, run, now=now)
        done += ran.ended is Ended.DONE and event != "killed"
        if event == "good":
            assert ran.ended is Ended.DONE, (night, ran)
            truth = expected(district)
        elif ran.ended is Ended.DONE:
            # Stopped after its last step, or a part of the roster: what is in it is taken, and nothing goes.
            assert event in ("stopped", "killed", "empty", "cut"), (night, event, ran)
            assert "archived" not in ran.counts.get("students", {}) or event == "stopped", (night, event)
        else:
            troubles += 1
            assert len(told) == before + 1, (night, event, "somebody is told")
        with open_directory(job.directory, key, create=False) as directory:
            table = exported(directory, tmp_path)["students.csv"]
            found = {i: (n, g, s) for i, n, g, s in rows(table, "sis_id", "given_name", "grade", "status")}
            if event != "good" and ran.ended is Ended.DONE:
                news = expected(district)
                assert all(found.get(i) in (old, news.get(i)) for i, old in truth.items()), (night, event)
                assert found.keys() <= truth.keys() | news.keys()
                truth = found
            assert found == truth, (night, event)
            if event == "good" and not rolled and night >= NIGHTS // 2:
                rolled = True
                rollover(district, job, directory, now + timedelta(hours=12), tmp_path)
                assert told[-1].subject == "RosterDesk: nightly waits for you"
                truth = expected(district)
        if event == "good":
            district.live()
    assert troubles >= NIGHTS // 10
    assert rolled
    count, faults = receipts.verify()
    assert faults == []
    # Every night has one, but for some that were killed; the rollover has two.
    assert NIGHTS + 2 - kills <= count <= NIGHTS + 2
    print(f"{time.process_time() - began:.0f} s of the processor, {peak()} MiB at the peak, {kills} killed")
