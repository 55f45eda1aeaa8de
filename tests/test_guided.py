"""The guided way to a SIS without a window: schools by like names, what is kept from day to day, what waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from rosterdesk import paths
from rosterdesk.credentials import KeySource
from rosterdesk.directory import onboarding
from rosterdesk.directory.edit import editing
from rosterdesk.directory.engine import open_directory
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
    kept.keep("one.db", "a", answers, Stage.STUDENTS)
    kept.keep("other.db", "b", Answers(), Stage.IMPORT)
    assert kept.kept("one.db", "a") == answers
    stops = (kept.at("one.db", "a"), kept.at("other.db", "b"), kept.at("third.db", "c"))
    assert stops == (Stage.STUDENTS, Stage.IMPORT, None)
    assert kept.missing(answers) == (tmp_path / "x",)
    kept.mute("one.db")
    kept.mute("third.db")
    assert (kept.kept("one.db", "a"), kept.at("one.db", "a"), kept.at("third.db", "c")) == (answers, None, None)
    kept.forget("one.db")
    assert (kept.kept("one.db", "a"), kept.at("one.db", "a")) == (Answers(), None)
    assert kept.at("other.db", "b") is Stage.IMPORT


def made(path: Path, key: KeySource) -> tuple[str, str, str]:
    """The marks of a directory with one school that is made anew at the path: before its first run, after it, and
    after a second."""
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    marks = []
    with open_directory(path, key) as directory:
        for name in ("Fir Elementary", "Oak High", ""):
            with directory.read() as conn:
                marks.append(onboarding.mark(conn, directory.district))
            if name:
                with editing(directory, "entering", "by hand") as edit:
                    edit.create("schools", name=name)
    return marks[0], marks[1], marks[2]


@pytest.mark.parametrize("encrypted", [True, False])
def test_another_directory_at_the_same_place_finds_no_answers(
    tmp_path: Path, encrypted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, key = tmp_path / "one.db", KeySource(file=tmp_path / "key", unencrypted=not encrypted)
    none, mark, later = made(where, key)
    assert none == ""
    assert mark == later
    answers = Answers(ids={1: "0099"}, passed=frozenset({Stage.SCHOOLS}))
    kept.keep(str(where), mark, answers, Stage.STUDENTS)
    assert (kept.kept(str(where), mark), kept.at(str(where), mark)) == (answers, Stage.STUDENTS)
    monkeypatch.setattr("rosterdesk.directory.edit.now", lambda: "2026-05-14T03:00:00+00:00")
    for other in made(where, key)[:2]:
        assert (kept.kept(str(where), other), kept.at(str(where), other)) == (Answers(), None)
    kept.keep(str(where), none, answers, Stage.IMPORT)
    assert (kept.kept(str(where), none), kept.at(str(where), mark)) == (Answers(), None)


@pytest.mark.parametrize("text", ["", "[]", '{"one.db": []}', '{"one.db": {"mark": "a", "at": "nowhere"}}'])
def test_what_was_kept_and_is_damaged_is_a_new_start(text: str) -> None:
    (paths.home() / "switch.json").write_text(text)
    assert (kept.kept("one.db", "a"), kept.at("one.db", "a")) == (Answers(), None)
    kept.keep("one.db", "a", Answers(rooms="adopt"), Stage.MATCHES)
    assert (kept.kept("one.db", "a").rooms, kept.at("one.db", "a")) == ("adopt", Stage.MATCHES)


def test_what_can_not_be_kept_stops_nothing() -> None:
    (paths.home() / "switch.json.part").mkdir()  # where it would be written
    kept.keep("one.db", "a", Answers(), Stage.MATCHES)
    assert kept.at("one.db", "a") is None
