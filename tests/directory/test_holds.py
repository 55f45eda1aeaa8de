"""Runs that wait, and the decision against one; what is archived of every kind; both on both engines."""

from __future__ import annotations

from pathlib import Path

import pytest

from rosterdesk import pipeline
from rosterdesk.directory import archived
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.history import Kind, PastRun, State, list_runs
from rosterdesk.directory.holds import discard, waiting
from rosterdesk.errors import UsageError
from rosterdesk.run import Run
from tests.rosters import adult, classroom, enrollment, push, roster, student, written

FULL = roster(
    student("S1", guardians="G1") + student("S2", given="Ben", school="B") + adult("G1", "guardian", family="Roe"),
    classroom("C1"),
    enrollment("C1", "S1"),
)
HALF = roster(student("S1", guardians="G2") + adult("G2", "guardian"), classroom("C1"), enrollment("C1", "S1"))


def run(number: int, state: State, kind: Kind = Kind.PUSH) -> PastRun:
    return PastRun(number, kind, state, "2026-05-14T03:00:00+00:00", None, "root", "day")


def test_an_upload_that_went_through_has_answered_those_before_it() -> None:
    runs = [run(5, State.DONE, Kind.UNDO), run(4, State.HELD), run(3, State.DISCARDED), run(2, State.DONE)]
    assert waiting([*runs, run(1, State.HELD)]) == (run(4, State.HELD),)


def test_a_held_run_keeps_why_and_is_discarded_once(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(FULL, tmp_path))
    with pipeline.roster([written(HALF, tmp_path)], Run()) as made:
        number = pipeline.hold(made, pipeline.preview(made, directory), directory)
    generation = directory.generation
    with directory.read() as conn:
        (held,) = waiting(list_runs(conn, directory.district))
    assert held.number == number
    assert "would be archived" in held.why
    assert discard(directory, number, Run()).state is State.DISCARDED
    assert directory.generation == generation
    with pytest.raises(UsageError, match="does not wait"):
        discard(directory, number, Run())


def test_what_is_archived_of_every_kind(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(FULL, tmp_path))
    push(directory, written(HALF, tmp_path))

    def found(**look: object) -> list[tuple[str, str, str]]:
        with directory.read() as conn:
            ids = archived.find(conn, directory.district, **look)  # type: ignore[arg-type]
            return [row[1:4] for row in archived.rows(conn, directory.district, ids)]

    ben, gia = ("students", "Ng, Ben", "S2"), ("guardians", "Roe, Pat", "G1")
    assert found() == [ben, gia]
    assert found(sort="name", descending=True) == [gia, ben]
    assert found(entity="guardians") == [gia]
    assert found(words="ben") == [ben]
    assert found(limit=1) == [ben]
