"""What nights may remove unasked: what somebody has set, by a clock that can be trusted, in the time of the job."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rosterdesk import paths
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.history import State, list_changes, list_runs
from rosterdesk.jobs import retention, running
from rosterdesk.jobs.file import Job
from rosterdesk.jobs.notices import Notice
from rosterdesk.jobs.retention import clean_up, foresee
from rosterdesk.jobs.running import Ran, bounded, run_job
from rosterdesk.jobs.state import Ended
from rosterdesk.jobs.state import State as Remembered
from rosterdesk.push import withdrawal
from rosterdesk.run import Run
from tests.jobs.test_retention import DAY, NOW, deliver, directory, files, hold, job, keep, of, told
from tests.rosters import written

__all__ = ["directory", "job", "told"]


def started(directory: Directory, number: int, at: datetime) -> None:
    moment = at.isoformat(timespec="seconds")
    with directory.transaction() as conn:
        conn.exec_driver_sql(f"update runs set started = '{moment}', finished = '{moment}' where run = {number}")


def upload(at: datetime) -> Path:
    """An upload that nobody finished."""
    draft = paths.unfinished() / "draft.json"
    draft.parent.mkdir(exist_ok=True)
    draft.write_text("{}")
    os.utime(draft, (at.timestamp(), at.timestamp()))
    return draft


# --- what is set, and what is usual -----------------------------------------------------------------------------------


def test_at_night_only_times_that_somebody_has_set_count(job: Job, tmp_path: Path) -> None:
    run_job(job, Run())
    fewer = replace(job, sources=(str(written(files(4), tmp_path)),))
    assert run_job(fewer, Run()).ended is Ended.HELD
    draft = upload(NOW - 1100 * DAY)
    with of(job) as directory:
        started(directory, 1, NOW - 1200 * DAY)
        started(directory, 2, NOW - 1200 * DAY)
    cleaned = retention.after_run(job, Run(), today=NOW - 1150 * DAY)
    assert cleaned is not None
    assert (cleaned.history.runs, cleaned.staged, cleaned.discarded, cleaned.faults) == (0, 0, (2,), ())
    with of(job) as directory:
        started(directory, 1, NOW - 2400 * DAY)
        started(directory, 2, NOW - 2400 * DAY)
        night = {"today": NOW, "unattended": True}
        assert clean_up(directory, Run(), **night).sentences == ()  # type: ignore[arg-type]
        assert draft.exists()
        seen = foresee(directory, Run(), today=NOW)  # by hand, the usual times hold
        assert (seen.history.runs, seen.staged) == (2, 1)
        keep(directory, history_months=36, staged_days=7)
        done = clean_up(directory, Run(), **night)  # type: ignore[arg-type]
        assert (done.history.runs, done.staged) == (2, 1)


# --- clocks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("away", "why"), [(-1, "is yet to come"), (61, "more than 60 days ago"), (59, "")])
def test_a_night_with_a_clock_that_may_be_wrong_removes_nothing_and_tells(
    job: Job, told: list[Notice], away: int, why: str
) -> None:
    run_job(job, Run())
    draft = upload(NOW - 100 * DAY)
    with of(job) as directory:
        keep(directory, staged_days=7)
        started(directory, 1, NOW - away * DAY)
    ran = run_job(job, Run())  # which writes down a run of its own, by that clock
    assert (ran.ended, ran.run) == (Ended.DONE, 2)
    assert ran.cleaned is not None
    assert draft.exists() == bool(why)
    assert ran.cleaned.staged == (0 if why else 1)
    if why:
        assert why in ran.cleaned.faults[0]
        assert told[-1].sentences == ran.cleaned.faults
        assert run_job(job, Run()).cleaned == replace(ran.cleaned, staged=1, by=(4,), faults=())
    else:
        assert ran.cleaned.faults == ()


def test_a_plan_that_is_held_night_by_night_is_no_clock_that_jumped(job: Job, tmp_path: Path) -> None:
    """Its run is the same all the time, so the run before it gets older and older."""
    run_job(job, Run())
    fewer = replace(job, sources=(str(written(files(4), tmp_path)),))
    assert run_job(fewer, Run()).run == 2
    with of(job) as directory:
        started(directory, 1, NOW - 90 * DAY)
    ran = run_job(fewer, Run())
    assert (ran.run, ran.ended) == (2, Ended.HELD)
    assert ran.cleaned is not None
    assert ran.cleaned.faults == ()


def test_one_run_by_a_clock_that_was_set_back_is_not_taken_for_old(directory: Directory, tmp_path: Path) -> None:
    out = tmp_path / "out"
    deliver(directory, None, tmp_path)
    second = deliver(directory, out, tmp_path, "Zornella")
    held = hold(directory, tmp_path)
    for number in (second, held):
        started(directory, number, datetime(2020, 1, 1, tzinfo=UTC))
    for path in out.iterdir():
        os.utime(path, (1577836800, 1577836800))
    keep(directory, history_months=36, held_days=10, delivered_days=7)
    assert foresee(directory, Run()).sentences == ()
    assert clean_up(directory, Run()).sentences == ()
    with directory.read() as conn:
        assert list_changes(conn, 1, second) != []
    later = clean_up(directory, Run(), today=NOW + 1200 * DAY)  # as old as the run before them
    assert (later.history.runs, later.discarded, later.delivered) == (2, (held,), {str(out): 4})


# --- time, and the directory meanwhile --------------------------------------------------------------------------------


@pytest.fixture
def far(job: Job, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Run], int | None]], None]:
    """The job's delivery is old and to be removed; what removing it takes and gives is said by the test."""
    run_job(job, Run())
    out = Path(job.outlet)
    for path in out.iterdir():
        os.utime(path, ((NOW - 20 * DAY).timestamp(),) * 2)
    with of(job) as directory:
        keep(directory, delivered_days=7)
        started(directory, 1, NOW - 20 * DAY)

    def does(work: Callable[[Run], int | None]) -> None:
        monkeypatch.setattr(withdrawal, "withdraw", lambda past, edge, run: work(run))

    return does


def test_a_slow_server_keeps_nobody_from_the_directory_and_ends_with_the_time_of_the_job(
    job: Job, far: Callable[[Callable[[Run], int | None]], None], told: list[Notice]
) -> None:
    written_meanwhile = []

    def slow(run: Run) -> int:
        with of(job) as other, other.transaction("meanwhile") as conn:
            conn.exec_driver_sql("update runs set why = 'seen' where run = 1")
            written_meanwhile.append(1)
        run.wait(30)
        raise AssertionError("it was not stopped")

    far(slow)
    run, began = Run(), time.monotonic()
    with bounded(job, run, began - job.minutes * 60 + 2):
        cleaned = retention.after_run(job, run)
    assert time.monotonic() - began < 20
    assert written_meanwhile == [1]
    assert cleaned is not None
    assert cleaned.faults == ("Cleaning up took more time than the job has. The next run goes on with it.",)
    assert told[-1].sentences == cleaned.faults


def test_after_a_push_which_nobody_can_stop_any_more_the_clean_up_still_ends_with_the_time_of_the_job(
    job: Job, far: Callable[[Callable[[Run], int | None]], None], told: list[Notice]
) -> None:
    far(lambda run: run.wait(30))  # type: ignore[func-returns-value]
    run, began = Run(), time.monotonic()
    run.decide()
    done = Ran(job.name, Ended.DONE, 1)
    cleaned = running._cleaned(job, run, done, Remembered(), began - job.minutes * 60 + 2)
    assert time.monotonic() - began < 20
    assert cleaned is not None
    assert cleaned.faults[0].startswith("Cleaning up took more time than the job has.")


def test_a_delivery_that_came_meanwhile_is_not_written_off(
    directory: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    deliver(directory, out, tmp_path)
    keep(directory, delivered_days=30)
    real = withdrawal.withdraw

    def overtaken(past: withdrawal.Delivered, edge: float, run: Run) -> int | None:
        gone = real(past, edge, run)
        deliver(directory, out, tmp_path, "Zornella")
        return gone

    monkeypatch.setattr(withdrawal, "withdraw", overtaken)
    done = clean_up(directory, Run(), today=NOW + 31 * DAY)
    assert (done.delivered, done.by) == ({str(out): 4}, (3,))
    monkeypatch.setattr(withdrawal, "withdraw", real)
    (one,) = foresee(directory, Run(), today=NOW + 62 * DAY).lying
    assert (one.run, one.files) == (2, 4)


def test_a_held_plan_is_known_again_after_a_clean_up(directory: Directory, tmp_path: Path) -> None:
    deliver(directory, None, tmp_path)
    held = hold(directory, tmp_path)
    upload(NOW - 30 * DAY)
    (purge,) = clean_up(directory, Run()).by
    assert purge == held + 1
    assert hold(directory, tmp_path) == held
    with directory.read() as conn:
        assert [past.number for past in list_runs(conn, 1) if past.state is State.HELD] == [held]
