"""What is looked up in a directory, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rosterdesk.directory import browse, report
from rosterdesk.directory.browse import Linked, Which
from rosterdesk.directory.engine import Directory
from tests.rosters import adult, classroom, enrollment, push, roster, student, written

FIRST = roster(
    student("S1", guardians="G1")
    + student("S2", given="Ben", family="Zed", school="B", grade="01")
    + student("S3", given="Cem", family="O'Hara_%")
    + adult("G1", "guardian", given="Gia")
    + adult("T1", "teacher", given="Tom", family="Tell", email="tom@example.org"),
    classroom("C1"),
    enrollment("C1", "S1") + enrollment("C1", "T1", "teacher"),
)
SECOND = roster(
    student("S1", guardians="G1", email="ana@example.org")
    + student("S2", given="Ben", family="Zed", school="A", grade="01")
    + student("S4", given="Dee")
    + adult("G1", "guardian", given="Gia")
    + adult("T1", "teacher", given="Tom", family="Tell", email="tom@example.org"),
    classroom("C1"),
    enrollment("C1", "T1", "teacher"),
)


@pytest.fixture
def filled(directory: Directory, tmp_path: Path) -> Iterator[Directory]:
    """After two runs."""
    push(directory, written(FIRST, tmp_path))
    push(directory, written(SECOND, tmp_path))
    return directory


def names(directory: Directory, entity: str = "students", **look: object) -> list[str]:
    with directory.read() as conn:
        ids = browse.find(conn, directory.district, entity, **look)  # type: ignore[arg-type]
        return [row[1] for row in browse.rows(conn, directory.district, entity, ids)]


def test_people_are_in_the_order_of_their_names(filled: Directory) -> None:
    assert names(filled) == ["Ng, Ana", "Ng, Dee", "Zed, Ben"]
    assert names(filled, sort="grade") == ["Zed, Ben", "Ng, Ana", "Ng, Dee"]
    assert names(filled, sort="sis_id", descending=True) == ["Ng, Dee", "Zed, Ben", "Ng, Ana"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ng", ["Ng, Ana", "Ng, Dee"]),
        ("NG dee", ["Ng, Dee"]),
        ("s2", ["Zed, Ben"]),
        ("example.org", ["Ng, Ana"]),
        ("%", []),
    ],
)
def test_every_word_must_be_somewhere(filled: Directory, words: str, found: list[str]) -> None:
    assert names(filled, words=words) == found


def test_archived_ones_are_apart_and_signs_are_no_wildcards(filled: Directory) -> None:
    assert names(filled, which=Which.ARCHIVED) == ["O'Hara_%, Cem"]
    assert names(filled, which=Which.ARCHIVED, words="a_%") == ["O'Hara_%, Cem"]
    assert names(filled, which=Which.MANUAL) == []
    with filled.read() as conn:
        assert browse.count(conn, 1, "students") == {Which.ACTIVE: 3, Which.ARCHIVED: 1, Which.MANUAL: 0}


def test_a_school_has_its_own(filled: Directory) -> None:
    with filled.read() as conn:
        (adams, name, status), (burr, _, _) = browse.list_schools(conn, 1)
        assert (name, status) == ("Adams", "active")
        assert browse.count(conn, 1, "students", burr)[Which.ACTIVE] == 0
    assert names(filled, "classrooms", school=adams) == ["Room 1"]


@pytest.mark.parametrize("entity", browse.SHOWN)
def test_every_column_can_give_the_order(filled: Directory, entity: str) -> None:
    everything = sorted(names(filled, entity))
    for column in browse.SHOWN[entity]:
        assert sorted(names(filled, entity, sort=column, descending=True)) == everything


def test_a_record_has_what_belongs_to_it(filled: Directory) -> None:
    with filled.read() as conn:
        (ana, *_) = browse.find(conn, 1, "students", words="S1")
        found = browse.record(conn, 1, "students", ana)
        assert found is not None
        assert (found.name, found.status, found.synced) == ("Ng, Ana", "active", True)
        assert found.fields["school"] == "Adams"
        assert found.fields["email"] == "ana@example.org"
        assert [(link.entity, link.name) for link in found.linked] == [("guardians", "Roe, Gia")]
        (guardian, *_) = browse.find(conn, 1, "guardians")
        record = browse.record(conn, 1, "guardians", guardian)
        assert record is not None
        assert record.linked == (Linked("students", ana, "Ng, Ana", found.linked[0].what),)
        assert browse.record(conn, 1, "students", 10**9) is None


def told(directory: Directory, run: int, **look: str) -> list[tuple[str, ...]]:
    with directory.read() as conn:
        numbers = report.find(conn, 1, run, **look)  # type: ignore[arg-type]
        return [tuple(entry) for entry in report.entries(conn, 1, run, numbers)]


def test_a_run_is_told_the_gravest_first(filled: Directory) -> None:
    entries = told(filled, 2)
    assert entries[0] == ("archive", "students", "O'Hara_%, Cem", "S3", "Adams", "", "", "")
    assert entries[1] == ("remove", "enrollments", "Room 1", "C1", "Adams", "", "student", "")
    assert entries[-1] == ("create", "students", "Ng, Dee", "S4", "Adams", "", "", "")
    assert {entry[2:] for entry in entries[2:-1]} == {
        ("Ng, Ana", "S1", "Adams", "email", "–", "ana@example.org"),
        ("Zed, Ben", "S2", "Adams", "school_sis_id", "B", "A"),
    }
    with filled.read() as conn:
        assert report.count(conn, 1, 2) == {"archive": 1, "remove": 1, "update": 2, "create": 1}
        assert report.by_school(conn, 1, 2) == {"Adams": {"archive": 1, "update": 2, "create": 1}}


def test_a_run_can_be_searched(filled: Directory) -> None:
    assert [entry[2] for entry in told(filled, 2, words="ng")] == ["Ng, Ana", "Ng, Dee"]
    assert [entry[2] for entry in told(filled, 2, action="create")] == ["Ng, Dee"]
    assert told(filled, 2, school="Burr") == []
    assert len(told(filled, 1, school="Burr")) == 0
    assert [entry[2] for entry in told(filled, 1, words="room")] == ["Room 1"]
