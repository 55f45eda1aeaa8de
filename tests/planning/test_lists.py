"""The lists of a plan: what goes away first, families by name, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rosterdesk import pipeline
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import Directory, open_directory
from rosterdesk.planning import lists
from rosterdesk.planning.summary import HEADER
from rosterdesk.run import Run
from rosterdesk.staging import Staging
from tests.rosters import adult, push, roster, student, written

BEFORE = roster(
    student("S1", guardians="G1", given="Ana")
    + student("S2", "B", given="Ben")
    + adult("G1", "guardian", given="Gia")
    + adult("G2", "guardian", given="Hal", email="hal@example.org")
)
AFTER = roster(
    student("S1", guardians="G2", given="Anna")
    + student("S3", "NOWHERE", given="100%")
    + student("S4", given="Dee")
    + adult("G1", "guardian", given="Gia")
    + adult("G2", "guardian", given="Hal", email="hal@example.org")
)


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    with open_directory(tmp_path / "directory.db", KeySource(unencrypted=True)) as made:
        push(made, written(BEFORE, tmp_path))
        yield made


@contextmanager
def planned(directory: Directory, tmp_path: Path) -> Iterator[Staging]:
    with pipeline.roster([written(AFTER, tmp_path)], Run()) as made:
        pipeline.preview(made, directory)
        yield made.staging


def listed(staging: Staging, name: str, *columns: str, **look: object) -> list[tuple[object, ...]]:
    places = [HEADER.index(column) for column in columns]
    rows = staging.rows(lists.listed(name, **look))  # type: ignore[arg-type]
    return [tuple(row[place] for place in places) for row in rows]


def test_each_list_is_as_long_as_it_says(directory: Directory, tmp_path: Path) -> None:
    with planned(directory, tmp_path) as staging:
        counts = lists.prepare(staging)
        assert {name: len(staging.rows(lists.listed(name))) for name in lists.LISTS} == counts
        assert (counts["archived"], counts["new"], counts["left out"]) == (1, 1, 1)


def test_families_are_told_by_name(directory: Directory, tmp_path: Path) -> None:
    with planned(directory, tmp_path) as staging:
        lists.prepare(staging)
        assert listed(staging, "families", "action", "name", "school", "after") == [
            ("remove", "Ana Ng", "Adams", "Gia Roe"),
            ("add", "Ana Ng", "Adams", "Hal Roe"),
        ]


def test_what_goes_away_comes_first(directory: Directory, tmp_path: Path) -> None:
    with planned(directory, tmp_path) as staging:
        lists.prepare(staging)
        actions = [action for (action,) in listed(staging, "all", "action")]
        assert actions[:2] == ["archive", "remove"]


@pytest.mark.parametrize(
    ("look", "found"),
    [
        ({"words": "dee"}, ["S4"]),
        ({"words": "adams dee"}, ["S4"]),
        ({"words": "%"}, []),
        ({"school": "Adams"}, ["S4"]),
        ({"school": "Burr"}, []),
        ({"sort": "name", "descending": True}, ["S4"]),
    ],
)
def test_a_list_is_narrowed(directory: Directory, tmp_path: Path, look: dict[str, object], found: list[str]) -> None:
    with planned(directory, tmp_path) as staging:
        lists.prepare(staging)
        assert [sis_id for (sis_id,) in listed(staging, "new", "sis_id", **look)] == found


def test_what_was_left_out_has_its_row_and_reason(directory: Directory, tmp_path: Path) -> None:
    with planned(directory, tmp_path) as staging:
        lists.prepare(staging)
        (found,) = listed(staging, "left out", "record", "sis_id", "name", "after")
        assert found[:3] == ("users", "3", "NOWHERE")
        assert "NOWHERE" in str(found[3])


@pytest.mark.parametrize("most", [0, lists.SORTED_UNASKED])
def test_a_list_that_is_laid_out_is_the_list(
    directory: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(lists, "SORTED_UNASKED", most)  # 0: every list is a long one
    with planned(directory, tmp_path) as staging:
        counts = lists.prepare(staging)
        for name in lists.LISTS:
            assert lists.lay_out(staging, name) == counts[name]
            rows = staging.rows(lists.page(0, 1000))
            wanted = staging.rows(lists.listed(name))
            assert (rows == wanted) if most else (sorted(map(str, rows)) == sorted(map(str, wanted)))
        assert lists.lay_out(staging, "all", words="ana", sort="name") == len(
            staging.rows(lists.listed("all", words="ana"))
        )


def test_a_long_list_begins_with_what_is_taken_away(
    directory: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "SORTED_UNASKED", 0)
    with planned(directory, tmp_path) as staging:
        lists.prepare(staging)
        count = lists.lay_out(staging, "all")
        actions = [row[HEADER.index("action")] for row in staging.rows(lists.page(0, count))]
        gone = [at for at, action in enumerate(actions) if action in ("archive", "remove")]
        assert gone == list(range(len(gone)))
        assert gone
        # A page from the middle is what stands there.
        assert [row[HEADER.index("action")] for row in staging.rows(lists.page(2, 3))] == actions[2:5]


def test_a_long_list_is_sorted_when_that_is_asked_for(
    directory: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "SORTED_UNASKED", 0)
    with planned(directory, tmp_path) as staging:
        lists.prepare(staging)
        count = lists.lay_out(staging, "all", sort="sis_id", descending=True)
        rows = staging.rows(lists.page(0, count))
        assert rows == staging.rows(lists.listed("all", sort="sis_id", descending=True))
