"""What is usual for a job, from its own history: of late, and at this time of other years."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import Directory, open_directory
from rosterdesk.directory.history import Kind, PastRun, State, record_run
from rosterdesk.directory.usual import LEAST, record_schools, usual
from rosterdesk.planning import unusual

TODAY = date(2027, 8, 17)


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    with open_directory(tmp_path / "directory.db", KeySource(file=tmp_path / "key")) as made:
        yield made


def past(
    directory: Directory, number: int, day: date, updated: int, *, why: str = "", state: State = State.DONE
) -> None:
    """One run of the nightly job that updated so many students, all of school A."""
    counts = {"students": {"updated": updated}}
    started = f"{day}T08:00:00+00:00"
    run = PastRun(number, Kind.PUSH, state, started, None, "ann", "files", counts=counts, why=why, job="nightly")
    with directory.transaction() as conn:
        record_run(conn, 1, run)
        record_schools(conn, 1, number, {"A": counts})


@pytest.fixture
def known(directory: Directory) -> Directory:
    """A first run that brought everything, and nights that each changed three."""
    past(directory, 1, TODAY - timedelta(days=LEAST + 1), 5000)
    for n in range(LEAST):
        past(directory, n + 2, TODAY - timedelta(days=LEAST - n), 3)
    return directory


def test_a_few_runs_say_nothing(directory: Directory) -> None:
    for n in range(LEAST):
        past(directory, n + 1, TODAY - timedelta(days=LEAST - n), 3)
    with directory.read() as conn:
        assert usual(conn, 1, "nightly", TODAY) is None


def test_the_first_run_and_those_of_other_jobs_are_left_out(known: Directory) -> None:
    with known.read() as conn:
        found = usual(conn, 1, "nightly", TODAY)
        assert usual(conn, 1, "weekly", TODAY) is None
    assert found is not None
    assert (found.runs, found.seasons) == (LEAST, 0)
    assert found.recent == {("", "students", "updated"): 3, ("A", "students", "updated"): 3}


def test_what_a_person_let_through_is_not_usual_now_but_at_that_time_of_the_year(known: Directory) -> None:
    past(known, 40, TODAY - timedelta(days=1), 900, why="900 students would be updated.")
    past(known, 41, TODAY - timedelta(days=2), 800, state=State.UNDONE)
    with known.read() as conn:
        now = usual(conn, 1, "nightly", TODAY)
        winter = usual(conn, 1, "nightly", date(2028, 2, 1))
        summer = usual(conn, 1, "nightly", date(2028, 8, 20))
    assert now is not None
    assert winter is not None
    assert summer is not None
    assert now.recent["A", "students", "updated"] == 3
    assert winter.season == {}
    assert summer.season["A", "students", "updated"] == 900


def test_the_year_ends_within_a_season(directory: Directory) -> None:
    for n in range(LEAST + 1):
        past(directory, n + 1, date(2026, 12, 30), 7)
    with directory.read() as conn:
        found = usual(conn, 1, "nightly", date(2028, 1, 3))
    assert found is not None
    assert found.season["", "students", "updated"] == 7


def test_the_sentence_says_what_was_usual(known: Directory) -> None:
    with known.read() as conn:
        found = usual(conn, 1, "nightly", TODAY)
    assert found is not None
    (trip,) = unusual._unusual(found, ("A", "students", "updated"), "Adams", 41, 400)
    assert trip.message == (
        "At Adams, 41 of 400 students would be updated. In 20 runs of nightly it was 3 at most of late; "
        "over 10, a person looks first."
    )
    assert list(unusual._unusual(found, ("A", "students", "updated"), "Adams", 10, 400)) == []
    # The first records of a kind, and a part of a large school, are let through.
    assert list(unusual._unusual(found, ("A", "students", "updated"), "Adams", 41, 0)) == []
    assert list(unusual._unusual(found, ("A", "students", "updated"), "Adams", 41, 4000)) == []
