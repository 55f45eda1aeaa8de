"""`directory rollover` as people type it: the preview first, then one step, and the jobs' dates with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rosterdesk.jobs.calendar import period
from rosterdesk.jobs.file import Job, load, save
from tests.cli.test_cli import at, call, signals  # noqa: F401 - fixtures
from tests.directory.synced import source

SUMMER = "2027-06-15..2027-08-09"


@pytest.fixture
def rollover(capsys: pytest.CaptureFixture[str], tmp_path: Path, at: list[str]) -> object:  # noqa: F811
    """A way to call `directory rollover` on a directory that holds the source, beside a job."""
    assert call(capsys, "push", source(tmp_path), "--yes", *at)[0] == 0
    save(Job("nightly", (str(tmp_path),)))
    return lambda *arguments: call(capsys, "directory", "rollover", *arguments, *at)


def test_without_yes_nothing_happens(rollover, capsys: pytest.CaptureFixture[str], at: list[str]) -> None:  # type: ignore[no-untyped-def]  # noqa: F811
    code, told, said = rollover("--students", "all", "--rest", SUMMER)
    assert code == 0
    assert told["schools"][0] == {
        "name": "Adams",
        "classrooms": 1,
        "of_classrooms": 1,
        "students": 2,
        "of_students": 2,
    }
    assert (told["run"], told["jobs"]) == (None, [])
    assert "2 classrooms and 3 students would be archived" in said
    assert load("nightly").blackouts == ()
    assert len(call(capsys, "history", *at)[1]["runs"]) == 1


def test_with_yes_it_is_one_run_and_the_jobs_rest(
    rollover,  # type: ignore[no-untyped-def]
    capsys: pytest.CaptureFixture[str],
    at: list[str],  # noqa: F811
) -> None:
    code, told, _ = rollover("--students", "all", "--rest", SUMMER, "--first-run", "2027-08-16", "--yes")
    assert (code, told["run"], told["jobs"]) == (0, 2, ["nightly"])
    job = load("nightly")
    assert job.blackouts == (period(SUMMER),)
    assert job.first_run is not None
    assert str(job.first_run.day) == "2027-08-16"
    latest = call(capsys, "history", *at)[1]["runs"][0]
    assert (latest["source"], latest["why"]) == ("end the school year", "end of the school year")
    assert latest["counts"]["students"] == {"archived": 3}
    assert call(capsys, "undo", "2", *at)[0] == 0


def test_dates_that_cannot_be_stop_both(rollover, capsys: pytest.CaptureFixture[str], at: list[str]) -> None:  # type: ignore[no-untyped-def]  # noqa: F811
    code, told, _ = rollover("--rest", SUMMER, "--first-run", "2027-07-01", "--yes")
    assert (code, told["error"]["title"]) == (2, "The first run would be on a date of rest.")
    assert len(call(capsys, "history", *at)[1]["runs"]) == 1
    assert load("nightly").blackouts == ()


def test_one_school_without_its_classrooms(rollover) -> None:  # type: ignore[no-untyped-def]
    code, told, _ = rollover("--school", "B", "--no-classrooms", "--students", "grades", "--grades", "05", "--yes")
    assert (code, [s["name"] for s in told["schools"]]) == (0, ["Burr"])
    assert (told["schools"][0]["classrooms"], told["schools"][0]["students"]) == (0, 1)
