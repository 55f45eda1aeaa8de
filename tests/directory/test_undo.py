"""Undo: the state before a run returns, and what others changed since is left alone."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import sqlalchemy as sa

from rosterdesk.directory import schema
from rosterdesk.directory.changed import Left
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.history import Kind, State, get_run, list_runs
from rosterdesk.directory.undo import undo
from rosterdesk.errors import Cancelled, UsageError
from rosterdesk.run import Run
from tests.directory.filling import begin, exported, random_run


@pytest.mark.parametrize("seed", range(3))
def test_undoing_the_latest_runs_one_by_one_gives_every_earlier_export(
    directory: Directory, tmp_path: Path, seed: int
) -> None:
    rnd = random.Random(seed)
    runs, exports = [], [exported(directory, tmp_path)]
    for _ in range(4):
        runs.append(random_run(directory, rnd))
        exports.append(exported(directory, tmp_path))
    assert len({str(e) for e in exports}) == 5
    for number in reversed(runs):
        assert exported(directory, tmp_path) == exports[number]
        result = undo(directory, number)
        assert (result.left, result.left_count) == ((), 0)
        assert exported(directory, tmp_path) == exports[number - 1]
    with directory.read() as conn:
        for name in (*schema.RECORDS, *schema.LINKS, "accounts"):
            assert conn.execute(sa.select(sa.func.count()).select_from(schema.metadata.tables[name])).scalar() == 0
        assert [r.kind for r in list_runs(conn, 1)] == [Kind.UNDO] * 4 + [Kind.PUSH] * 4
        assert [r.undoes for r in list_runs(conn, 1, limit=4)] == [1, 2, 3, 4]
        assert get_run(conn, 1, 2).state is State.UNDONE
    assert directory.generation == 8


def test_what_was_changed_again_is_left_alone(directory: Directory) -> None:
    with directory.transaction() as conn:
        first = begin(directory, conn)
        one = first.create("students", sis_id="1", email="old", grade="01")
        two = first.create("students", sis_id="2", email="old", grade="01")
    with directory.transaction() as conn:
        second = begin(directory, conn)
        for student in (one, two):
            second.change("students", student, email="new", grade="02")
    with directory.transaction() as conn:
        begin(directory, conn).change("students", two, email="newest")
    result = undo(directory, 2)
    assert result.counts == {"students": {"reverted": 3}}
    assert result.left == (Left("students", two, "email"),)
    with directory.read() as conn:
        rows = conn.execute(sa.text("select email, grade from students order by id")).all()
    assert [tuple(row) for row in rows] == [("old", "01"), ("newest", "01")]


def test_what_others_gave_to_what_a_run_created_keeps_it(directory: Directory, tmp_path: Path) -> None:
    with directory.transaction() as conn:
        first = begin(directory, conn)
        old_room = first.create("classrooms", sis_id="old")
    before = exported(directory, tmp_path)
    with directory.transaction() as conn:
        second = begin(directory, conn)
        room, student = second.create("classrooms", sis_id="new"), second.create("students", sis_id="s")
    with directory.transaction() as conn:
        third = begin(directory, conn)
        third.link("enrollments", classroom=old_room, person=student, role="student")
        guardian = third.create("guardians", sis_id="g")
        third.link("guardianships", student=student, guardian=guardian, relationship=None)
        third.link("enrollments", classroom=room, person=third.create("staff"), role="teacher")
    after = exported(directory, tmp_path)
    with pytest.raises(UsageError, match=r"Run 2 can't be taken back yet: run 3 changed or used .* \(2\)"):
        undo(directory, 2)
    assert exported(directory, tmp_path) == after
    undo(directory, 3)
    undo(directory, 2)
    assert exported(directory, tmp_path) == before


@pytest.mark.parametrize("touch", ["change", "unlink", "relink"])
def test_a_run_waits_for_later_runs_that_touched_what_it_created(
    directory: Directory, tmp_path: Path, touch: str
) -> None:
    with directory.transaction() as conn:
        first = begin(directory, conn)
        room, old = first.create("classrooms", sis_id="r"), first.create("students", sis_id="o")
    exports = [exported(directory, tmp_path)]
    link = {"classroom": room, "role": "student"}
    with directory.transaction() as conn:
        second = begin(directory, conn)
        student = second.create("students", sis_id="s")
        second.link("enrollments", person=student, **link)
        second.link("enrollments", person=old, **link)
    exports.append(exported(directory, tmp_path))
    with directory.transaction() as conn:
        third = begin(directory, conn)
        if touch == "change":
            third.change("students", student, email="x")
        elif touch == "unlink":
            third.unlink("enrollments", person=student, **link)
        else:
            third.relink("enrollments", {"person": old, **link}, is_primary=1)
    with directory.transaction() as conn:
        begin(directory, conn).change("students", old, email="y")
    with pytest.raises(UsageError, match="run 3 changed or used"):
        undo(directory, 2)
    undo(directory, 4)
    undo(directory, 3)
    assert exported(directory, tmp_path) == exports[1]
    undo(directory, 2)
    assert exported(directory, tmp_path) == exports[0]


def test_a_run_that_changed_nothing_is_not_taken_back(directory: Directory) -> None:
    with directory.transaction() as conn:
        begin(directory, conn)
    with pytest.raises(UsageError, match="Run 1 changed nothing"):
        undo(directory, 1)
    with directory.read() as conn:
        assert [r.kind for r in list_runs(conn, 1)] == [Kind.PUSH]


def test_a_school_stays_while_later_records_are_in_it(directory: Directory) -> None:
    with directory.transaction() as conn:
        first = begin(directory, conn)
        used, unused = first.create("schools", sis_id="u"), first.create("schools", sis_id="v")
        first.create("students", sis_id="mine", school=unused)
    with directory.transaction() as conn:
        begin(directory, conn).create("students", sis_id="s", school=used)
    result = undo(directory, 1)
    assert result.left == (Left("schools", used, None),)
    with directory.read() as conn:
        assert conn.execute(sa.select(schema.schools.c.sis_id)).scalars().all() == ["u"]


def test_an_archive_written_without_values_is_taken_back(directory: Directory) -> None:
    with directory.transaction() as conn:
        student = begin(directory, conn).create("students", sis_id="s")
    with directory.transaction() as conn:
        second = begin(directory, conn)
        conn.execute(schema.students.update().values(status="archived"))
        second.note("students", student, "archive", None, None)
    assert undo(directory, 2).counts == {"students": {"reverted": 1}}
    with directory.read() as conn:
        assert conn.execute(sa.select(schema.students.c.status)).scalar() == "active"


def test_what_a_push_writes_is_taken_back(directory: Directory, tmp_path: Path) -> None:
    """It says by SIS IDs where people belong, and by the action alone that a record was archived or restored."""
    with directory.transaction() as conn:
        first = begin(directory, conn)
        a, b, c, d = (first.create("schools", sis_id=name) for name in "abcd")
        club = first.create("schools", name="manual")
        student = first.create("students", sis_id="s", school=a)
        gone, back = first.create("students", sis_id="g"), first.create("students", sis_id="h", status="archived")
        moved = first.create("staff", sis_id="t")
        for school in (b, c, club):
            first.link("other_schools", person=student, school=school)
    before = exported(directory, tmp_path)
    with directory.transaction() as conn:
        second = begin(directory, conn)
        conn.execute(schema.students.update().where(schema.students.c.id == student).values(school=None))
        conn.execute(schema.students.update().where(schema.students.c.id == gone).values(status="archived"))
        conn.execute(schema.students.update().where(schema.students.c.id == back).values(status="active", email="x"))
        conn.execute(schema.staff.update().values(school=b))
        conn.execute(schema.other_schools.delete().where(schema.other_schools.c.school.in_([b, c])))
        second.link("other_schools", person=student, school=d)
        second.link("other_schools", person=moved, school=a)
        places = {"school_sis_id": "a", "other_school_sis_ids": "b\x1fc"}
        second.note("students", student, "update", places, {"school_sis_id": None, "other_school_sis_ids": "d"})
        second.note("students", gone, "archive", {}, {})
        second.note("students", back, "restore", {"email": None}, {"email": "x"})
        nowhere = {"school_sis_id": None, "other_school_sis_ids": None}
        second.note("staff", moved, "update", nowhere, {"school_sis_id": "b", "other_school_sis_ids": "a"})
    after = exported(directory, tmp_path)
    assert after != before
    with directory.transaction() as conn:
        third = begin(directory, conn)
        conn.execute(schema.students.update().where(schema.students.c.id == student).values(school=d))
        third.note("students", student, "update", {"school_sis_id": None}, {"school_sis_id": "d"})
        third.link("other_schools", person=moved, school=c)
        third.note("staff", moved, "update", {"other_school_sis_ids": "a"}, {"other_school_sis_ids": "a\x1fc"})
    undo(directory, 3)
    assert exported(directory, tmp_path) == after
    result = undo(directory, 2)
    assert exported(directory, tmp_path) == before
    assert result.counts == {"students": {"reverted": 5}, "staff": {"reverted": 2}}
    assert result.left == ()


def test_places_changed_again_are_left_alone(directory: Directory) -> None:
    with directory.transaction() as conn:
        first = begin(directory, conn)
        a, b = first.create("schools", sis_id="a"), first.create("schools", sis_id="b")
        student = first.create("students", sis_id="s", school=a)
        first.link("other_schools", person=student, school=b)
        lists = {"school_sis_id": "a", "other_school_sis_ids": None}
        begin(directory, conn).note(
            "students", student, "update", lists, {"school_sis_id": "b", "other_school_sis_ids": "a"}
        )
    result = undo(directory, 2)
    assert result.left == (Left("students", student, "other_school_sis_ids"), Left("students", student, "school"))
    assert result.counts == {}


def test_undo_forgets_the_snapshot(directory: Directory) -> None:
    with directory.transaction() as conn:
        begin(directory, conn).create("students", sis_id="s")
        conn.execute(schema.snapshot.insert().values(district=1, name="x", part=0, generation=1, content=b"x"))
    undo(directory, 1)
    with directory.read() as conn:
        assert not conn.execute(sa.select(schema.snapshot.c.name)).all()


def test_what_cannot_be_taken_back_is_said(directory: Directory) -> None:
    with directory.transaction() as conn:
        begin(directory, conn).create("students", sis_id="s")
        begin(directory, conn, State.HELD)
        begin(directory, conn, State.HELD).create("students", sis_id="t")
    with pytest.raises(UsageError, match="There is no run 9"):
        undo(directory, 9)
    with pytest.raises(UsageError, match="held and changed nothing"):
        undo(directory, 2)
    assert undo(directory, 3).counts == {"students": {"deleted": 1}}
    undo(directory, 1)
    with pytest.raises(UsageError, match="already taken back"):
        undo(directory, 1)
    with pytest.raises(UsageError, match="is an undo"):
        undo(directory, 4)


def test_a_cancelled_undo_changes_nothing(directory: Directory, tmp_path: Path) -> None:
    number = random_run(directory, random.Random(1))
    before, generation = exported(directory, tmp_path), directory.generation
    run = Run(lambda progress: run.cancel() if progress.done == 1 else None)
    with pytest.raises(Cancelled):
        undo(directory, number, run)
    assert (exported(directory, tmp_path), directory.generation) == (before, generation)
