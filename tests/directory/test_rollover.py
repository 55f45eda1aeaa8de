"""The end of a school year: what would be archived, that it is one step, who may, and what the next sync does."""

from __future__ import annotations

from pathlib import Path

import pytest

from rosterdesk.directory import classrooms, governing, people, rollover
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.offers import Trial
from rosterdesk.directory.permissions import Permission, owner
from rosterdesk.directory.rollover import Leaving, SchoolEnd, YearEnd
from rosterdesk.directory.undo import undo
from rosterdesk.errors import NotAllowed, UsageError
from tests.directory.synced import District, somebody, synced
from tests.rosters import exported


@pytest.fixture
def district(directory: Directory) -> District:
    made = synced(directory)
    with made.edit() as edit:
        school = governing.add_school(edit, "Chess school")
        for grade in ("12", "11"):
            people.add_student(edit, school, {"given_name": "Zoe", "family_name": grade, "grade": grade})
        classrooms.create(edit, school, "Endgames")
    return made


def previewed(district: District, end: YearEnd) -> tuple[SchoolEnd, ...]:
    with district.directory.read() as conn:
        return rollover.preview(Trial(district.directory, conn, owner("me"), 0, None), end)


def active(district: District, entity: str) -> set[str]:
    return {
        str(row.get("sis_id") or row.get("title") or row.get("family_name"))
        for row in district.links(entity, status="active")
    }


def test_the_preview_counts_school_by_school_what_archiving_then_does(district: District) -> None:
    end = YearEnd(leaving=Leaving.GRADES, grades=("12",))
    assert previewed(district, end) == (
        SchoolEnd("A", 1, 1, 0, 2),
        SchoolEnd("B", 1, 1, 0, 1),
        SchoolEnd("Chess school", 1, 1, 1, 2),
    )
    with district.edit() as edit:
        assert rollover.archive(edit, end) == {"classrooms": 3, "students": 1}
    assert active(district, "classrooms") == set()
    assert active(district, "students") == {"S1", "S2", "S3", "11"}


def test_all_of_one_school_or_only_classrooms(district: District) -> None:
    school = district.id("schools", "A")
    with district.edit() as edit:
        assert rollover.archive(edit, YearEnd(school, leaving=Leaving.ALL)) == {"classrooms": 1, "students": 2}
    assert active(district, "students") == {"S3", "11", "12"}
    with district.edit() as edit:
        assert rollover.archive(edit, YearEnd(leaving=Leaving.NOBODY)) == {"classrooms": 2, "students": 0}
    with district.edit() as edit, pytest.raises(UsageError, match="nothing to archive"):
        rollover.archive(edit, YearEnd(leaving=Leaving.NOBODY))


def test_the_year_is_one_step_that_can_be_taken_back(district: District, tmp_path: Path) -> None:
    before = exported(district.directory, tmp_path)
    with district.edit() as edit:
        rollover.archive(edit, YearEnd(leaving=Leaving.ALL))
    assert exported(district.directory, tmp_path) != before
    undo(district.directory, edit.run)
    assert exported(district.directory, tmp_path) == before


def test_who_may_end_the_year(district: District) -> None:
    school = district.id("schools", "A")
    leader = somebody(Permission.SCHOOL_LEADER, school)
    with district.edit(leader) as edit:
        with pytest.raises(NotAllowed, match="The year is ended by those who manage the roster"):
            rollover.archive(edit, YearEnd())
        with pytest.raises(UsageError, match="no school"):
            rollover.archive(edit, YearEnd(district.id("schools", "B")))
        assert rollover.archive(edit, YearEnd(school))["classrooms"] == 1
    with pytest.raises(NotAllowed), district.edit(somebody(Permission.STAFF, school)) as edit:
        rollover.preview(edit, YearEnd(school))


def test_students_of_the_new_years_source_come_back_and_old_classrooms_do_not(
    directory: Directory, tmp_path: Path
) -> None:
    district = District(directory)
    district.sync(tmp_path)
    with district.edit() as edit:
        rollover.archive(edit, YearEnd(leaving=Leaving.ALL))
    plan = district.sync(tmp_path)
    assert plan.counts["students"]["restored"] == 3
    assert plan.counts["classrooms"]["restored"] == 0
    with district.edit() as edit:
        governing.change_settings(edit, {"unarchive_classrooms": "on"})
    assert district.sync(tmp_path).counts["classrooms"]["restored"] == 2
