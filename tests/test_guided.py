"""The guided way to a SIS without a window: schools by like names, what is kept from day to day, what waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from rosterdesk import paths
from rosterdesk.guided import Answers, Stage, kept
from rosterdesk.guided.schools import suggest

THEIRS = {
    "10": "LINCOLN ELEMENTARY SCHOOL",
    "20": "Washington High School",
    "30": "St Mary's",
    "40": "Lincoln High School",
    "50": "",
}


def first(name: str, *others: str) -> tuple[str, bool, bool]:
    """The ID that is suggested first for a school of this name, whether it is likely, and whether exact."""
    found = suggest(dict(enumerate((name, *others))), THEIRS)[0][0]
    return found.sis_id, found.likely, found.exact


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Lincoln Elementary School", ("10", True, True)),
        ("Saint Mary's School", ("30", True, False)),
        ("St. Mary’s", ("30", True, True)),
        ("Washington HS", ("20", True, False)),
        ("Lincoln", ("40", True, False)),
    ],
)
def test_schools_are_suggested_by_like_names(name: str, found: tuple[str, bool, bool]) -> None:
    assert first(name) == found


def test_a_name_that_is_like_none_is_not_suggested() -> None:
    assert first("Bookmobile")[1:] == (False, False)
    assert first("")[1:] == (False, False)
    assert suggest({1: "Adams"}, {}) == {1: ()}
    assert suggest({}, THEIRS) == {}


def test_every_school_of_the_sis_can_be_chosen() -> None:
    assert {one.sis_id for one in suggest({1: "Adams"}, THEIRS)[1]} == set(THEIRS)


def test_a_name_that_two_schools_have_is_exact_for_neither() -> None:
    assert first("Washington High School", "washington high school") == ("20", True, False)
    twice = suggest({1: "Adams"}, {"1": "Adams", "2": "ADAMS"})[1]
    assert [(one.likely, one.exact) for one in twice] == [(True, False), (True, False)]


def test_a_school_of_the_sis_is_likely_for_the_nearest_alone() -> None:
    found = suggest({1: "Washington High", 2: "Washington"}, {"20": "Washington High School"})
    assert [found[number][0].likely for number in (1, 2)] == [True, False]


def test_answers_are_kept_by_directory_and_forgotten(tmp_path: Path) -> None:
    answers = Answers(
        sources=(tmp_path / "x", Path("connection:clever")),
        passed=frozenset({Stage.SCHOOLS, Stage.CLASSROOMS}),
        ids={3: "0101", 4: ""},
        rooms="adopt",
        adopted={7: False},
        keep_titles=True,
        archived={0: True},
    )
    kept.keep("one.db", answers, Stage.STUDENTS)
    kept.keep("other.db", Answers(), Stage.IMPORT)
    assert kept.kept("one.db") == answers
    assert (kept.at("one.db"), kept.at("other.db"), kept.at("third.db")) == (Stage.STUDENTS, Stage.IMPORT, None)
    assert kept.missing(answers) == (tmp_path / "x",)
    kept.mute("one.db")
    kept.mute("third.db")
    assert (kept.kept("one.db"), kept.at("one.db"), kept.at("third.db")) == (answers, None, None)
    kept.forget("one.db")
    assert (kept.kept("one.db"), kept.at("one.db")) == (Answers(), None)
    assert kept.at("other.db") is Stage.IMPORT


@pytest.mark.parametrize("text", ["", "[]", '{"one.db": []}', '{"one.db": {"at": "nowhere"}}'])
def test_what_was_kept_and_is_damaged_is_a_new_start(text: str) -> None:
    (paths.home() / "switch.json").write_text(text)
    assert (kept.kept("one.db"), kept.at("one.db")) == (Answers(), None)
    kept.keep("one.db", Answers(rooms="adopt"), Stage.MATCHES)
    assert (kept.kept("one.db").rooms, kept.at("one.db")) == ("adopt", Stage.MATCHES)


def test_what_can_not_be_kept_stops_nothing() -> None:
    (paths.home() / "switch.json.part").mkdir()  # where it would be written
    kept.keep("one.db", Answers(), Stage.MATCHES)
    assert kept.at("one.db") is None
