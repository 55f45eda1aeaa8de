"""Jobs over the summer: dates of rest and of additions, and a first run with limits of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from rosterdesk.credentials import KeySource
from rosterdesk.directory.edit import editing
from rosterdesk.directory.engine import open_directory
from rosterdesk.directory.governing import change_settings
from rosterdesk.directory.history import get_run, list_runs
from rosterdesk.directory.schema import schools
from rosterdesk.errors import UsageError
from rosterdesk.jobs.approval import Part, approve_of_job
from rosterdesk.jobs.calendar import Period, period, schedule
from rosterdesk.jobs.file import FirstRun, Job, Notices, load, named, read, save
from rosterdesk.jobs.running import run_job
from rosterdesk.jobs.state import Ended
from rosterdesk.jobs.summer import next_summer, pause
from rosterdesk.run import Run
from tests.rosters import roster, student, written

ZONE = ZoneInfo("America/Chicago")
SUMMER = period("2027-06-15..2027-08-09")
FIRST = FirstRun(date(2027, 8, 16), 90, 90, 100)


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T02:01").replace(tzinfo=ZONE)


def students(numbers: range, given: str = "Ana") -> str:
    return "".join(student(f"s{n:03}", given=f"{given}{n}", family=f"Ng{n}") for n in numbers)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    made = Job(
        "nightly",
        (str(written(roster(students(range(400))), tmp_path)),),
        directory=str(tmp_path / "directory.db"),
        key_file=str(tmp_path / "key"),
        schedule=schedule("02:00"),
        notices=Notices(desktop=False),
    )
    save(made)
    return made


def of_the_new_year(job: Job, tmp_path: Path, numbers: range) -> Job:
    """The job with a source in which only these students are left, or new."""
    changed = replace(load(job.name), sources=(str(written(roster(students(numbers)), tmp_path)),))
    save(changed)
    return changed


def test_a_paused_job_rests_and_then_only_adds(job: Job, tmp_path: Path) -> None:
    run_job(job, Run(), now=at("2027-06-01"))
    (paused,) = pause(["nightly"], SUMMER, only_add=period("2027-08-10..2027-08-15"))
    assert load("nightly") == paused
    assert run_job(load("nightly"), Run(), now=at("2027-07-01")).ended is Ended.RESTED
    fewer = of_the_new_year(job, tmp_path, range(390))
    ran = run_job(fewer, Run(), now=at("2027-08-11"))
    assert (ran.ended, dict(ran.counts)) == (Ended.DONE, {})


def test_the_first_run_has_limits_of_its_own_and_only_once(job: Job, tmp_path: Path) -> None:
    run_job(job, Run(), now=at("2027-06-01"))
    key = KeySource(file=tmp_path / "key")
    with open_directory(tmp_path / "directory.db", key) as directory, editing(directory, "set", "test") as edit:
        school = edit.conn.execute(schools.select().where(schools.c.sis_id == "A")).one().id
        change_settings(edit, {"school_threshold_percent": "5"}, school)
    pause(["nightly"], SUMMER, first=FIRST)
    leavers = of_the_new_year(job, tmp_path, range(200, 700))  # half of them leave, and more come than were there
    assert run_job(leavers, Run(), now=at("2027-06-02")).ended is Ended.HELD
    ran = run_job(load("nightly"), Run(), now=at("2027-08-16"))
    assert (ran.ended, ran.counts["students"]) == (Ended.DONE, {"created": 300, "archived": 200})
    assert load("nightly").first_run is None
    again = of_the_new_year(job, tmp_path, range(450, 700))
    assert run_job(again, Run(), now=at("2027-08-17")).ended is Ended.HELD


def test_a_first_run_that_goes_over_its_own_limits_waits_and_keeps_them(job: Job, tmp_path: Path) -> None:
    run_job(job, Run(), now=at("2027-06-01"))
    pause(["nightly"], SUMMER, first=replace(FIRST, threshold_percent=40))
    leavers = of_the_new_year(job, tmp_path, range(200, 400))
    ran = run_job(leavers, Run(), now=at("2027-08-16"))
    assert ran.ended is Ended.HELD
    assert "200 of 400 students would be archived; at most 160 may be" in ran.title
    assert load("nightly").first_run == replace(FIRST, threshold_percent=40)


def test_a_first_run_that_a_person_let_through_was_the_first_run(job: Job, tmp_path: Path) -> None:
    run_job(job, Run(), now=at("2027-06-01"))
    today = datetime.now().astimezone().date()
    pause(["nightly"], None, first=FirstRun(today, 40, 40, 40))
    ran = run_job(of_the_new_year(job, tmp_path, range(200, 400)), Run())
    assert ran.ended is Ended.HELD
    with open_directory(tmp_path / "directory.db", KeySource(file=tmp_path / "key")) as directory:
        with directory.read() as conn:
            assert ran.run is not None
            past = get_run(conn, directory.district, ran.run)
        approve_of_job(directory, past, Part(additions_only=True), Run())
        assert load("nightly").first_run is not None  # only a part of it
        assert run_job(load("nightly"), Run()).ended is Ended.HELD
        with directory.read() as conn:
            past = list_runs(conn, directory.district, limit=1)[0]
        approve_of_job(directory, past, Part(), Run())
    assert load("nightly").first_run is None


def test_the_file_says_it_and_is_read_again(job: Job) -> None:
    pause(["nightly"], SUMMER, first=FIRST)
    text = named("nightly").read_text("utf-8")
    assert "[first_run]\nday = 2027-08-16\nthreshold_percent = 90" in text
    assert read(named("nightly")).first_run == FIRST
    pause(["nightly"], period("2027-12-20..2028-01-03"))
    assert load("nightly").blackouts == (SUMMER, period("2027-12-20..2028-01-03"))
    assert load("nightly").first_run == FIRST


@pytest.mark.parametrize(
    ("rest", "only_add", "first", "title"),
    [
        (None, None, None, "There are no dates to save."),
        (SUMMER, period("2027-08-01"), None, "A job can't rest and add on the same day."),
        (SUMMER, None, FirstRun(date(2027, 7, 1)), "The first run would be on a date of rest."),
        (SUMMER, None, replace(FIRST, threshold_percent=101), "A threshold is no percentage."),
    ],
)
def test_dates_that_contradict_each_other_are_refused(
    job: Job, rest: Period | None, only_add: Period | None, first: FirstRun | None, title: str
) -> None:
    with pytest.raises(UsageError) as caught:
        pause(["nightly"], rest, only_add=only_add, first=first)
    assert caught.value.title == title
    assert load("nightly") == job


def test_a_job_that_is_not_there_stops_all(job: Job) -> None:
    with pytest.raises(UsageError, match="no job named other"):
        pause(["nightly", "other"], SUMMER)
    assert load("nightly") == job


@pytest.mark.parametrize(
    ("today", "summer"),
    [(date(2027, 3, 1), SUMMER), (date(2027, 8, 9), SUMMER), (date(2026, 11, 24), SUMMER)],
)
def test_the_summer_that_comes(today: date, summer: Period) -> None:
    assert next_summer(today) == summer
