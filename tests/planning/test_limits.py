"""Limits that people set on what a run may do, in numbers and percentages, in all and in one school."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rosterdesk import pipeline
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import Directory, open_directory
from rosterdesk.directory.limits import Limit, read
from rosterdesk.directory.settings import get_settings, set_settings
from rosterdesk.errors import UsageError
from rosterdesk.run import Run
from tests.rosters import adult, push, roster, student, written


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    with open_directory(tmp_path / "directory.db", KeySource(file=tmp_path / "key")) as made:
        yield made


def people(count: int, school: str = "A", *, grade: str = "05", first: int = 0) -> str:
    numbers = range(first, first + count)
    return "".join(student(f"{school}{n:03}", school, f"Ana{n}", f"Ng{n}", grade=grade) for n in numbers)


def tripped(directory: Directory, users: str, tmp_path: Path, *limits: str) -> list[str]:
    with pipeline.roster([written(roster(users), tmp_path)], Run()) as made:
        return [trip.message for trip in pipeline.preview(made, directory, limits=limits).tripped]


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("students created 200", Limit("students", "created", 200)),
        ("School  Students updated 30%", Limit("students", "updated", 30, percent=True, school=True)),
        ("guardianships removed 5%", Limit("guardianships", "removed", 5, percent=True)),
        ("Students created 40  at L 01", Limit("students", "created", 40, school=True, at="L 01")),
        ("school staff updated 5% AT at x", Limit("staff", "updated", 5, percent=True, school=True, at="at x")),
    ],
)
def test_a_limit_is_read_and_written(text: str, limit: Limit) -> None:
    assert read(text) == limit
    assert read(str(limit)) == limit


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("students created", "is no limit"),
        ("pupils created 5", "no limit on pupils"),
        ("school guardians created 5", "no limit on guardians of a school"),
        ("guardians created 5 at B", "no limit on guardians of a school"),
        ("students created 5 at ", "is no limit"),
        ("students removed 5", "can't be limited in 'removed'"),
        ("guardianships archived 5", "can't be limited in 'archived'"),
        ("students created -5", "no number"),
        ("students created ²", "no number"),
    ],
)
def test_what_is_no_limit_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read(text)


def test_the_first_roster_of_all_goes_over_no_percentage(directory: Directory, tmp_path: Path) -> None:
    assert tripped(directory, people(300), tmp_path, "students created 50%") == []


def test_a_percentage_is_of_those_who_are_there(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(roster(people(300)), tmp_path))
    assert tripped(directory, people(450), tmp_path, "students created 50%") == []
    assert tripped(directory, people(451), tmp_path, "students created 50%") == [
        "151 students would be created; there are 300, and over 150 a person looks first."
    ]


def test_limits_of_every_action_hold(directory: Directory, tmp_path: Path) -> None:
    family = "".join(
        student(f"F{n}", guardians=f"G{n}") + adult(f"G{n}", "guardian", given=f"Gil{n}", email=f"gil{n}@example.org")
        for n in range(30)
    )
    push(directory, written(roster(people(60) + family), tmp_path))
    changed = people(60, grade="06") + family
    assert tripped(directory, changed, tmp_path, "students updated 59", "students updated 60") == [
        "60 students would be updated; there are 90, and over 59 a person looks first."
    ]
    alone = people(60) + family.replace(",G1,", ",,").replace(",G2,", ",,")
    assert tripped(directory, alone, tmp_path, "guardianships removed 1") == [
        "2 family links would be removed; there are 30, and over 1 a person looks first."
    ]
    assert tripped(directory, people(55) + family, tmp_path, "students archived 4") == [
        "5 students would be archived; there are 90, and over 4 a person looks first."
    ]
    push(directory, written(roster(people(55) + family), tmp_path))
    assert tripped(directory, people(60) + family, tmp_path, "students restored 4") == [
        "5 students would be restored; there are 85, and over 4 a person looks first."
    ]


def test_a_limit_of_schools_looks_at_each(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(roster(people(100) + people(40, "B")), tmp_path))
    more = people(110) + people(65, "B")
    assert tripped(directory, more, tmp_path, "school students created 30%") == [
        "25 students of Burr would be created; there are 40, and over 20 a person looks first."
    ]


def test_a_school_may_have_limits_of_its_own(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(roster(people(100) + people(40, "B")), tmp_path))
    with directory.transaction() as conn:
        burr = conn.exec_driver_sql("select id from schools where sis_id = 'B'").scalar_one()
        set_settings(conn, 1, {"limits": "students created 3"}, burr)
        set_settings(conn, 1, {"limits": "students created 500"})
        assert get_settings(conn, 1, burr).limits == ("students created 3",)
    more = people(110) + people(44, "B")
    assert tripped(directory, more, tmp_path) == [
        "4 students of Burr would be created; there are 40, and over 3 a person looks first."
    ]


def test_a_job_may_have_a_limit_at_one_school(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(roster(people(40) + people(40, "B")), tmp_path))
    more = people(46) + people(46, "B")
    assert tripped(directory, more, tmp_path, "students created 5 at B") == [
        "6 students of Burr would be created; there are 40, and over 5 a person looks first."
    ]
    # It holds there in place of the job's own limit of every school, whichever is the stricter ...
    assert tripped(directory, more, tmp_path, "school students created 5", "students created 6 at B") == [
        "6 students of Adams would be created; there are 40, and over 5 a person looks first."
    ]
    # ... but a percentage and a number are two limits.
    assert len(tripped(directory, more, tmp_path, "school students created 5", "students created 100% at B")) == 2


def test_a_limit_of_a_job_holds_beside_what_a_school_has_set(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(roster(people(40) + people(40, "B")), tmp_path))
    with directory.transaction() as conn:
        burr = conn.exec_driver_sql("select id from schools where sis_id = 'B'").scalar_one()
        set_settings(conn, 1, {"limits": "students created 500"}, burr)
        set_settings(conn, 1, {"limits": "school students created 5"})
    more = people(40) + people(46, "B")
    assert tripped(directory, more, tmp_path) == []
    for limit in ("school students created 5", "students created 5 at B"):
        assert len(tripped(directory, more, tmp_path, limit)) == 1


def test_a_setting_names_no_school(directory: Directory) -> None:
    with directory.transaction() as conn, pytest.raises(UsageError, match="a setting of that school"):
        set_settings(conn, 1, {"limits": "students created 5 at B"})
