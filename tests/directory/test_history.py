"""History: runs, what they changed, and what happened to one record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rosterdesk.directory.engine import Directory
from rosterdesk.directory.history import (
    Kind,
    PastChange,
    PastRun,
    State,
    get_run,
    list_changes,
    list_created,
    list_runs,
    next_run,
    record_history,
    record_run,
)
from rosterdesk.directory.undo import undo
from rosterdesk.errors import UsageError
from tests.directory.filling import begin

RUN = PastRun(
    *(1, Kind.PUSH, State.HELD, "2026-01-02T03:04:05+00:00", None, "who", "süd.zip", "digest"),
    {"students": {"created": 1}},
    {"error": 2},
)


def test_a_run_is_remembered_and_can_be_written_anew(directory: Directory) -> None:
    with directory.transaction() as conn:
        assert next_run(conn, 1) == 1
        record_run(conn, 1, RUN)
        assert next_run(conn, 1) == 2
        assert get_run(conn, 1, 1) == RUN
        record_run(conn, 1, replace(RUN, state=State.DONE, finished="2026-01-02T03:05:05+00:00"))
        assert [run.state for run in list_runs(conn, 1)] == [State.DONE]
        with pytest.raises(UsageError, match="There is no run 2"):
            get_run(conn, 1, 2)


def test_runs_come_by_pages_the_newest_first(directory: Directory) -> None:
    with directory.transaction() as conn:
        for number in range(1, 8):
            record_run(conn, 1, replace(RUN, number=number))
        assert [run.number for run in list_runs(conn, 1, limit=3)] == [7, 6, 5]
        assert [run.number for run in list_runs(conn, 1, limit=3, before=5)] == [4, 3, 2]


def test_changes_of_a_run_and_of_a_record(directory: Directory) -> None:
    with directory.transaction() as conn:
        first = begin(directory, conn)
        student, guardian = first.create("students", sis_id="s", email="a"), first.create("guardians", sis_id="g")
        first.link("guardianships", student=student, guardian=guardian, relationship="aunt")
        second = begin(directory, conn)
        second.change("students", student, email=None, grade="03")
        second.unlink("guardianships", student=student, guardian=guardian)
    link = {"student": student, "guardian": guardian, "relationship": "aunt", "synced": 1, "created_run": 1}
    update = PastChange(2, "students", student, "update", {"email": "a", "grade": None}, {"email": None, "grade": "03"})
    remove = PastChange(2, "guardianships", student, "remove", link, None)
    with directory.read() as conn:
        assert list_changes(conn, 1, 2) == [(1, update), (2, remove)]
        assert list_changes(conn, 1, 2, after=1) == [(2, remove)]
        assert list_changes(conn, 1, 2, limit=1) == [(1, update)]
        assert [(c.entity, c.record) for c in list_created(conn, 1, 1)] == [
            ("students", student),
            ("guardians", guardian),
        ]
        history = record_history(conn, 1, "students", student)
        assert [(run.number, change.action) for run, change in history] == [(2, "remove"), (2, "update"), (1, "create")]
    undo(directory, 2)
    with directory.read() as conn:
        assert [run.state for run, _ in record_history(conn, 1, "students", student)] == [
            State.UNDONE,
            State.UNDONE,
            State.DONE,
        ]
