"""Runs of jobs on real rosters and directories: what they do, leave behind, and tell."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import filelock
import pytest

from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from rosterdesk.errors import HeldError
from rosterdesk.jobs import receipts, running
from rosterdesk.jobs.calendar import period, schedule
from rosterdesk.jobs.file import Job, Notices, named, save
from rosterdesk.jobs.notices import Notice
from rosterdesk.jobs.running import run_job
from rosterdesk.jobs.state import Ended, State, missed, remembered
from rosterdesk.run import Run
from tests.rosters import exported, push, roster, student, written

ZONE = ZoneInfo("America/Chicago")
NIGHT = datetime(2026, 11, 24, 2, 1, tzinfo=ZONE)
DAY = timedelta(days=1)


def students(count: int) -> str:
    return "".join(student(f"s{n:03}", given=f"Ana{n}", family=f"Ng{n}") for n in range(count))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Notice]:
    """The notices that were sent; how they travel is tested by itself."""
    sent: list[Notice] = []

    def keep(notice: Notice, to: Notices, run: Run) -> tuple[str, ...]:
        sent.append(notice)
        return ()

    monkeypatch.setattr(running.notices, "send", keep)
    return sent


@pytest.fixture
def job(tmp_path: Path) -> Job:
    made = Job(
        "nightly",
        (str(written(roster(students(40)), tmp_path)),),
        directory=str(tmp_path / "directory.db"),
        key_file=str(tmp_path / "key"),
        schedule=schedule("02:00"),
        notices=Notices(desktop=False),
    )
    save(made)
    return made


def with_students(job: Job, count: int, tmp_path: Path) -> Job:
    return replace(job, sources=(str(written(roster(students(count)), tmp_path)),))


def export_of(job: Job, tmp_path: Path) -> dict[str, str]:
    with open_directory(job.directory, KeySource(file=Path(job.key_file)), create=False) as directory:
        return exported(directory, tmp_path)


def test_a_run_pushes_and_leaves_a_receipt_and_the_next_time(job: Job, told: list[Notice]) -> None:
    ran = run_job(job, Run(), now=NIGHT)
    assert (ran.ended, ran.run, ran.counts["students"]) == (Ended.DONE, 1, {"created": 40})
    state = remembered("nightly")
    assert (state.ended, state.expected, state.failures) == ("done", "2026-11-25T02:00-06:00", 0)
    (receipt,) = receipts.receipts()
    assert (receipt["job"], receipt["outcome"], receipt["run"], receipt["plan"]) == ("nightly", "done", 1, ran.plan)
    assert receipt["whole"] == {"orgs": True, "users": True}
    assert told == []


def test_the_receipt_and_the_notice_hold_no_personal_data(job: Job, told: list[Notice], tmp_path: Path) -> None:
    run_job(job, Run(), now=NIGHT)
    run_job(with_students(job, 20, tmp_path), Run(), now=NIGHT + DAY)
    said = receipts.file().read_text("utf-8") + json.dumps([(n.subject, n.sentences, n.facts) for n in told])
    assert "Ana1" not in said
    assert "Ng1" not in said
    assert "s001" not in said


def test_a_second_run_changes_nothing(job: Job, told: list[Notice]) -> None:
    run_job(job, Run(), now=NIGHT)
    ran = run_job(job, Run(), now=NIGHT + DAY)
    assert (ran.ended, dict(ran.counts)) == (Ended.DONE, {})


def test_a_run_that_goes_over_a_limit_waits_and_is_told(job: Job, told: list[Notice], tmp_path: Path) -> None:
    run_job(job, Run(), now=NIGHT)
    before = export_of(job, tmp_path)
    ran = run_job(with_students(job, 20, tmp_path), Run(), now=NIGHT + DAY)
    assert (ran.ended, ran.exit_code) == (Ended.HELD, 3)
    assert [n.subject for n in told] == ["RosterDesk: nightly waits for you"]
    assert f"--approve {ran.plan}" in " ".join(told[0].sentences)
    assert export_of(job, tmp_path)["students.csv"] == before["students.csv"]
    # The source is whole again: that is told too, once.
    for day in (2, 3):
        run_job(job, Run(), now=NIGHT + day * DAY)
    assert [n.subject for n in told][1:] == ["RosterDesk: nightly is well again"]


def test_a_source_that_is_gone_ends_in_a_failure_that_is_told(job: Job, told: list[Notice], tmp_path: Path) -> None:
    run_job(job, Run(), now=NIGHT)
    before = export_of(job, tmp_path)
    ran = run_job(replace(job, sources=(str(tmp_path / "moved"),)), Run(), now=NIGHT + DAY)
    assert (ran.ended, ran.exit_code) == (Ended.FAILED, 5)
    assert [n.subject for n in told] == ["RosterDesk: nightly did not run through"]
    assert remembered("nightly").failures == 1
    assert [r["outcome"] for r in receipts.receipts()] == ["done", "failed"]
    assert export_of(job, tmp_path) == before


def test_a_missed_night_is_told_by_the_next_run(job: Job, told: list[Notice]) -> None:
    run_job(job, Run(), now=NIGHT)
    ran = run_job(job, Run(), now=NIGHT + 3 * DAY)
    assert [at.isoformat() for at in ran.missed] == ["2026-11-25T02:00:00-06:00", "2026-11-26T02:00:00-06:00"]
    assert "It did not run at 2026-11-25 02:00, 2026-11-26 02:00." in told[0].sentences


def test_what_is_missed_shows_before_any_run(job: Job) -> None:
    state = State(expected="2026-11-24T02:00-06:00")
    assert missed(job, state, NIGHT) == ()  # a minute late is no miss
    assert len(missed(job, state, NIGHT + timedelta(hours=8))) == 1
    assert missed(replace(job, paused=True), state, NIGHT + DAY) == ()
    assert missed(job, state, NIGHT - 30 * DAY) == ()  # the clock was set back
    assert len(missed(job, State(expected="2020-01-01T02:00-06:00"), NIGHT)) == 50


def test_on_dates_of_rest_and_in_a_pause_nothing_happens(job: Job, told: list[Notice], tmp_path: Path) -> None:
    resting = replace(job, blackouts=(period("2026-11-24..2026-11-25"),))
    assert run_job(resting, Run(), now=NIGHT).ended is Ended.RESTED
    assert remembered("nightly").expected == "2026-11-26T02:00-06:00"
    assert run_job(replace(job, paused=True), Run(), now=NIGHT).ended is Ended.RESTED
    assert remembered("nightly").expected == ""
    assert not (tmp_path / "directory.db").exists()
    assert told == []


def test_on_additions_only_dates_nobody_is_archived(job: Job, told: list[Notice], tmp_path: Path) -> None:
    run_job(job, Run(), now=NIGHT)
    careful = replace(with_students(job, 38, tmp_path), additions_only_dates=(period("2026-11-25"),))
    assert "archived" not in run_job(careful, Run(), now=NIGHT + DAY).counts.get("students", {})
    assert run_job(careful, Run(), now=NIGHT + 2 * DAY).counts["students"] == {"archived": 2}


def test_a_job_runs_once_at_a_time(job: Job) -> None:
    with filelock.FileLock(named("nightly", ".lock")), pytest.raises(HeldError, match="is running already"):
        run_job(job, Run(), now=NIGHT)


def test_a_run_that_takes_too_long_is_stopped(job: Job, told: list[Notice]) -> None:
    run = Run()
    run.cancel()  # as the clock does when the minutes are over
    ran = run_job(job, run, now=NIGHT)
    assert (ran.ended, ran.title) == (Ended.FAILED, "The run took more than its 240 minutes.")


def test_a_fault_of_our_own_is_told_before_it_goes_on_up(
    job: Job, told: list[Notice], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(running.pipeline, "preview", broken)
    with pytest.raises(ZeroDivisionError):
        run_job(job, Run(), now=NIGHT)
    assert [r["why"] for r in receipts.receipts()] == ["RosterDesk has a fault of its own."]
    assert len(told) == 1
    assert remembered("nightly").failures == 1


def test_a_damaged_state_is_no_reason_not_to_run(job: Job, told: list[Notice]) -> None:
    named("nightly", ".state.json").write_text("{", "utf-8")
    assert run_job(job, Run(), now=NIGHT).ended is Ended.DONE
    assert remembered("nightly").ended == "done"


def test_a_disk_that_takes_no_receipt_stops_nothing_and_is_told(job: Job, told: list[Notice], tmp_path: Path) -> None:
    """A folder in its place refuses the file as a full disk does: with an error of the system."""
    run_job(job, Run(), now=NIGHT)
    receipts.file().rename(tmp_path / "kept")
    receipts.file().mkdir()
    ran = run_job(with_students(job, 41, tmp_path), Run(), now=NIGHT + DAY)
    assert (ran.ended, ran.run, ran.exit_code) == (Ended.DONE, 2, 5)
    assert "students.csv" in export_of(job, tmp_path)
    assert "The receipt of this run could not be written" in " ".join(told[-1].sentences)
    failed = run_job(replace(job, sources=(str(tmp_path / "moved"),)), Run(), now=NIGHT + 2 * DAY)
    assert (failed.ended, failed.exit_code) == (Ended.FAILED, 5)
    receipts.file().rmdir()
    (tmp_path / "kept").rename(receipts.file())
    third = run_job(with_students(job, 42, tmp_path), Run(), now=NIGHT + 3 * DAY)
    assert (third.ended, third.run, third.exit_code) == (Ended.DONE, 3, 0)
    assert [(r["run"], "late" in r) for r in receipts.receipts()] == [(1, False), (2, True), (3, False)]
    assert receipts.verify() == (3, [])


class ComesFirst(Run):
    """A run during whose planning somebody else brings in another roster, so many times; `give` tells which."""

    def __init__(self, job: Job, times: int, give: Callable[[int], Path]) -> None:
        super().__init__()
        self._job, self._left, self._give = job, times, give
        self.planned = 0

    def report(self, what: str, done: int = 0, total: int = 0) -> None:
        super().report(what, done, total)
        if what == "Comparing with the directory":
            self.planned += 1
            if self._left:
                self._left -= 1
                with open_directory(self._job.directory, KeySource(file=Path(self._job.key_file))) as directory:
                    push(directory, self._give(self.planned))


def test_whoever_comes_second_plans_again(job: Job, told: list[Notice], tmp_path: Path) -> None:
    run_job(job, Run(), now=NIGHT)
    run = ComesFirst(job, 2, lambda n: written(roster(students(40 + n)), tmp_path))
    ran = run_job(with_students(job, 44, tmp_path), run, now=NIGHT + DAY)
    assert (ran.ended, run.planned, ran.counts["students"]) == (Ended.DONE, 3, {"created": 2})
    assert export_of(job, tmp_path)["students.csv"].count("\n") == 45
    assert (ran.run, list(receipts.receipts())[-1]["plan"], remembered("nightly").run) == (4, ran.plan, 4)
    assert told == []


def test_a_new_plan_keeps_to_every_limit(job: Job, told: list[Notice], tmp_path: Path) -> None:
    """The other takes twenty students away; to bring them back is more than this job may do without a look."""
    job = replace(job, limits=("students restored 5",))
    run_job(job, Run(), now=NIGHT)
    run = ComesFirst(job, 1, lambda _: written(roster(students(20)), tmp_path))
    ran = run_job(with_students(job, 42, tmp_path), run, now=NIGHT + DAY)
    assert (ran.ended, ran.title) == (
        Ended.HELD,
        "20 students would be restored; there are 20, and over 5 a person looks first.",
    )
    assert export_of(job, tmp_path)["students.csv"].count(",archived") == 20


def test_whoever_always_comes_second_fails_and_is_told(job: Job, told: list[Notice], tmp_path: Path) -> None:
    run_job(job, Run(), now=NIGHT)
    run = ComesFirst(job, 9, lambda n: written(roster(students(40 + n)), tmp_path))
    ran = run_job(with_students(job, 50, tmp_path), run, now=NIGHT + DAY)
    assert (ran.ended, ran.exit_code, run.planned) == (Ended.FAILED, 7, 3)
    assert "planned 3 times, and each time somebody else came first. Nothing was pushed." in ran.advice
    assert len(told) == 1
    assert export_of(job, tmp_path)["students.csv"].count("\n") == 44


def test_a_week_is_summed_up_once(job: Job, told: list[Notice], tmp_path: Path) -> None:
    job = replace(job, notices=Notices(desktop=False, digest=True))
    for night in range(6):
        run_job(with_students(job, 40 + night, tmp_path), Run(), now=NIGHT + night * DAY)
    run_job(replace(job, sources=(str(tmp_path / "moved"),)), Run(), now=NIGHT + 6 * DAY)
    assert [n.subject for n in told] == ["RosterDesk: nightly did not run through"]
    told.clear()
    for night in (7, 8):
        run_job(with_students(job, 46, tmp_path), Run(), now=NIGHT + night * DAY)
    assert [n.subject for n in told] == ["RosterDesk: nightly is well again", "RosterDesk: the week of nightly"]
    assert told[1].sentences == (
        "In the last 7 days it ran 7 times; 6 of them went through.",
        "0 were held for a person, 1 could not finish, 0 were missed.",
        "Records and links: 6 new.",
    )
    assert remembered("nightly").digested == "2026-12-01"
