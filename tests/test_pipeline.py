"""The path from files to the directory and back, on both kinds of directory: literal CSV in, exported CSV out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rosterdesk import pipeline
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.settings import set_settings
from rosterdesk.directory.undo import undo
from rosterdesk.errors import DirectoryError
from rosterdesk.push import to_directory
from rosterdesk.run import Run
from tests.directory.conftest import (  # noqa: F401 - fixtures
    Place,
    embedded_place,
    place,
    postgres,
    shared_place,
)
from tests.rosters import (
    ORGS,
    USERS,
    adult,
    classroom,
    enrollment,
    exported,
    preview,
    problems,
    push,
    roster,
    rows,
    student,
    written,
)

FAMILY = roster(
    student("S1", given="Mei", family="Wu", guardians="G1,G2")
    + student("S2", given="Sean", family="O’Malley", guardians="G2")
    + adult("G1", "parent", email="g1@example.org")
    + adult("G2", "guardian", email="", sms="+12025550123")
    + adult("T1", "teacher"),
    classroom("C1", title="Homeroom 5"),
    enrollment("C1", "S1") + enrollment("C1", "S2") + enrollment("C1", "T1", "teacher"),
)


@pytest.fixture
def directory(place: Place) -> Iterator[Directory]:  # noqa: F811
    with place.open() as opened:
        yield opened


def many(count: int, school: str = "A", start: int = 0) -> str:
    return "".join(student(f"{school}{n:04}", school, given=f"N{n}") for n in range(start, start + count))


def test_first_push_creates_everything(directory: Directory, tmp_path: Path) -> None:
    _, plan = push(directory, written(FAMILY, tmp_path))
    assert plan.counts["students"]["created"] == 2
    found = exported(directory, tmp_path)
    assert rows(found["students.csv"], "sis_id", "given_name", "family_name", "grade", "status") == [
        ("S1", "Mei", "Wu", "05", "active"),
        ("S2", "Sean", "O’Malley", "05", "active"),
    ]
    assert len(rows(found["guardianships.csv"])) == 3
    assert len(rows(found["enrollments.csv"])) == 3


def test_a_second_push_changes_nothing(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(FAMILY, tmp_path))
    before = exported(directory, tmp_path)
    _, plan = push(directory, written(FAMILY, tmp_path))
    assert plan.empty
    assert exported(directory, tmp_path) == before


def test_only_the_changed_field_changes_and_undo_brings_it_back(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(roster(student("S1") + student("S2")), tmp_path))
    before = exported(directory, tmp_path)
    number, plan = push(directory, written(roster(student("S1", email="new@example.org") + student("S2")), tmp_path))
    assert plan.counts["students"] == {"created": 0, "updated": 1, "archived": 0, "restored": 0, "merged": 0}
    assert rows(exported(directory, tmp_path)["students.csv"], "sis_id", "email") == [
        ("S1", "new@example.org"),
        ("S2", ""),
    ]
    undo(directory, number)
    assert exported(directory, tmp_path) == before


def test_who_is_absent_is_archived_keeps_links_and_comes_back(directory: Directory, tmp_path: Path) -> None:
    everyone = many(20)
    guarded = student("S1", guardians="G1") + adult("G1", "parent")
    push(directory, written(roster(everyone + guarded), tmp_path))
    before = exported(directory, tmp_path)
    number, plan = push(directory, written(roster(everyone + adult("G1", "parent")), tmp_path))
    assert plan.counts["students"]["archived"] == 1
    assert not plan.tripped
    found = exported(directory, tmp_path)
    assert ("S1", "archived") in rows(found["students.csv"], "sis_id", "status")
    assert found["guardianships.csv"] == before["guardianships.csv"]
    undo(directory, number)
    assert exported(directory, tmp_path) == before
    push(directory, written(roster(everyone + adult("G1", "parent")), tmp_path))
    _, plan = push(directory, written(roster(everyone + guarded), tmp_path))
    assert plan.counts["students"]["restored"] == 1
    assert exported(directory, tmp_path) == before


@pytest.mark.parametrize(("kept", "tripped"), [(451, False), (450, True)])
def test_the_threshold_is_a_percentage_rounded_down(
    directory: Directory, tmp_path: Path, kept: int, tripped: bool
) -> None:
    push(directory, written(roster(many(501)), tmp_path))  # the reference's example: of 501 at 10 %, 50 may go
    plan = preview(directory, written(roster(many(kept)), tmp_path))
    assert plan.counts["students"]["archived"] == 501 - kept
    assert bool(plan.tripped) is tripped


def test_one_school_may_not_lose_much_either(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(roster(many(400) + many(20, "B")), tmp_path))
    plan = preview(directory, written(roster(many(400) + many(15, "B")), tmp_path))
    assert [(t.entity, t.school, t.removed, t.limit) for t in plan.tripped] == [("students", "Burr", 5, 4)]


def test_a_school_that_the_source_does_not_know_is_left_alone(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(roster(many(20) + many(20, "B")), tmp_path))
    only_a = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\nA,,,Adams,school,,\n"
    plan = preview(directory, written(roster(many(20), orgs=only_a), tmp_path))
    assert plan.empty


def test_nothing_is_removed_by_an_empty_table(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(FAMILY, tmp_path))
    plan = preview(directory, written(roster(""), tmp_path))
    assert plan.empty


def test_a_row_that_is_left_out_counts_as_present(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(roster(many(20)), tmp_path))
    damaged = many(19) + student("A0019", "NOWHERE", given="N19")
    folder = written(roster(damaged), tmp_path)
    assert ("unknown-school", "users", 21) in problems(folder)
    assert preview(directory, folder).empty


def test_a_row_without_an_id_shields_only_who_bears_its_name(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(roster(many(30)), tmp_path))
    fewer = many(28) + student("", given="N28")  # N28 lost its ID, N29 is gone
    _, plan = push(directory, written(roster(fewer), tmp_path))
    assert plan.counts["students"]["archived"] == 1
    states = dict(rows(exported(directory, tmp_path)["students.csv"], "sis_id", "status"))
    assert (states["A0028"], states["A0029"]) == ("active", "archived")


def test_an_enrollment_that_cannot_be_told_shields_its_classroom(directory: Directory, tmp_path: Path) -> None:
    both = classroom("C1") + classroom("C2")
    full = "".join(enrollment(c, s) for c in ("C1", "C2") for s in ("S1", "S2"))
    people = student("S1") + student("S2", given="Bo")
    push(directory, written(roster(people, both, full), tmp_path))
    damaged = enrollment("C1", "S1") + enrollment("C1", "1.2E+11") + enrollment("C2", "S1")
    _, plan = push(directory, written(roster(people, both, damaged), tmp_path))
    assert plan.counts["enrollments"] == {"created": 0, "removed": 1}


def test_a_link_that_the_source_names_twice_is_one(directory: Directory, tmp_path: Path) -> None:
    twice = enrollment("C1", "S1").replace("false", "true") + enrollment("C1", "S1")
    files = roster(student("S1"), classroom("C1"), twice)
    push(directory, written(files, tmp_path))
    assert rows(exported(directory, tmp_path)["enrollments.csv"], "user_sis_id", "is_primary") == [("S1", "1")]
    assert preview(directory, written(files, tmp_path)).empty
    once = roster(student("S1"), classroom("C1"), enrollment("C1", "S1"))
    _, plan = push(directory, written(once, tmp_path))
    assert plan.counts["enrollments"] == {"created": 1, "removed": 1}
    assert preview(directory, written(once, tmp_path)).empty


def test_what_the_source_deletes_goes_even_from_a_part(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(FAMILY, tmp_path))
    part = {
        "manifest.csv": "propertyName,value\noneroster.version,1.1\nfile.users,delta\nfile.enrollments,delta\n",
        "users.csv": USERS
        + student("S2", given="Sean", family="O’Malley").replace("S2,,", "S2,tobedeleted,2026-01-01", 1),
    }
    _, plan = push(directory, written(part, tmp_path))
    assert plan.counts["students"]["archived"] == 1
    assert plan.counts["guardians"]["archived"] == 0


def test_two_people_on_one_id_are_never_one(directory: Directory, tmp_path: Path) -> None:
    folder = written(roster(many(20) + student("X", given="Ana") + student("X", given="Ben")), tmp_path)
    assert [p for p in problems(folder) if p[0] == "duplicate-id"] == [
        ("duplicate-id", "users", 22),
        ("duplicate-id", "users", 23),
    ]
    _, plan = push(directory, folder)
    assert plan.counts["students"]["created"] == 20


def test_a_person_listed_once_a_school_is_one_person_of_both(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(roster(student("S1", "A") + student("S1", "B")), tmp_path))
    found = exported(directory, tmp_path)
    assert len(rows(found["students.csv"])) == 1
    assert len(rows(found["other_schools.csv"])) == 1
    assert preview(directory, written(roster(student("S1", '"A,B"')), tmp_path)).empty


def test_a_removed_enrollment_is_undone(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(FAMILY, tmp_path))
    before = exported(directory, tmp_path)
    fewer = dict(FAMILY)
    fewer["enrollments.csv"] = fewer["enrollments.csv"].replace(enrollment("C1", "S2"), "")
    number, plan = push(directory, written(fewer, tmp_path))
    assert plan.counts["enrollments"] == {"created": 0, "removed": 1}
    undo(directory, number)
    assert exported(directory, tmp_path) == before


def test_the_plan_is_refused_when_the_directory_has_changed(directory: Directory, tmp_path: Path) -> None:
    with pipeline.roster([written(FAMILY, tmp_path)], Run()) as made:
        plan = pipeline.preview(made, directory)
        push(directory, written(roster(student("Z")), tmp_path))
        before = exported(directory, tmp_path)
        with pytest.raises(DirectoryError, match="has changed since the preview"):
            pipeline.apply(made, plan, directory)
    assert exported(directory, tmp_path) == before


def test_additions_only_takes_nothing_away(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(roster(many(20)), tmp_path))
    _, plan = push(directory, written(roster(many(5) + student("NEW")), tmp_path), additions_only=True)
    assert plan.counts["students"] == {"created": 1, "updated": 0, "archived": 0, "restored": 0, "merged": 0}
    assert not plan.tripped


def test_guardians_stay_when_the_sync_may_not_manage_them(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(FAMILY, tmp_path))
    with directory.transaction() as connection:
        set_settings(connection, directory.district, {"manage_guardians": "off"})
    fewer = dict(FAMILY)
    fewer["users.csv"] = fewer["users.csv"].replace("g1@example.org", "other@example.org")
    assert preview(directory, written(fewer, tmp_path)).empty


def test_a_snapshot_made_anew_plans_the_same(directory: Directory, tmp_path: Path) -> None:
    number, _ = push(directory, written(FAMILY, tmp_path))
    push(directory, written(roster(student("S1", '"A,B"', "Mei", "Wu")), tmp_path), additions_only=True)
    last, _ = push(directory, written(roster(student("S9")), tmp_path), additions_only=True)
    undo(directory, last)  # deletes the snapshot
    again = preview(directory, written(FAMILY, tmp_path))
    assert again.counts["students"] == {"created": 0, "updated": 1, "archived": 0, "restored": 0, "merged": 0}
    assert again.counts["guardianships"] == {"created": 0, "removed": 0}
    assert number == 1


def test_a_wish_to_stop_comes_too_late_once_the_files_are_out(directory: Directory, tmp_path: Path) -> None:
    run = Run()
    folder = written(roster(student("s1")), tmp_path)
    with pipeline.roster([folder], run) as made:
        plan = pipeline.preview(made, directory)
        to_directory(directory, plan, made.staging, run, source="x", problems={}, deliver=run.cancel)
    assert rows(exported(directory, tmp_path)["students.csv"], "sis_id") == [("s1",)]


def test_a_cancelled_push_leaves_the_directory_as_it_was(directory: Directory, tmp_path: Path) -> None:
    from rosterdesk.errors import Cancelled
    from rosterdesk.run import Progress

    before = exported(directory, tmp_path)

    def stop_at_enrollments(step: Progress) -> None:
        if step.what == "Adding enrollments":
            run.cancel()

    run = Run(stop_at_enrollments)
    with pytest.raises(Cancelled), pipeline.roster([written(FAMILY, tmp_path)], run) as made:
        pipeline.apply(made, pipeline.preview(made, directory), directory)
    assert exported(directory, tmp_path) == before


def test_schools_are_known_by_ids_where_there_is_no_list_of_them(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(roster(many(3), orgs=""), tmp_path))
    assert rows(exported(directory, tmp_path)["schools.csv"], "sis_id", "name") == [("A", "A")]
    assert ORGS


OFFICE = (
    "Student ID,First Name,Last Name,Birth Date,Grade,School ID,"
    "Guardian 1 First Name,Guardian 1 Last Name,Guardian 1 Email\n"
)


def office(count: int = 30, **changed: str) -> dict[str, str]:
    """A school office's own list: one row a student, with one contact that has no ID. `changed` replaces rows by ID."""
    rows_of = {
        f"S{n:03}": f"S{n:03},Given{chr(65 + n % 26)},Family{chr(65 + n // 26)}x,2014-0{n % 9 + 1}-11,5,A,"
        f"Parent{chr(65 + n % 26)},Family{chr(65 + n // 26)}x,p{n}@example.org\n"
        for n in range(count)
    }
    return {"list.csv": OFFICE + "".join({**rows_of, **changed}.values())}


def test_an_id_that_became_another_childs_is_held(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(office(), tmp_path))
    other = office(S003="S003,Zoe,Okafor,2012-09-29,8,A,,,\n")
    plan = preview(directory, written(other, tmp_path))
    assert [(t.entity, t.removed, t.limit) for t in plan.tripped] == [("students", 1, 0)]
    married = office(S003="S003,GivenD,Newname,2014-04-11,5,A,ParentD,FamilyAx,p3@example.org\n")
    assert not preview(directory, written(married, tmp_path)).tripped


def test_a_column_that_is_gone_erases_nothing(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(office(), tmp_path))
    before = exported(directory, tmp_path)
    fewer = {
        "list.csv": "\n".join(
            ",".join(c for k, c in enumerate(line.split(",")) if k not in (3, 4))
            for line in office()["list.csv"].splitlines()
        )
    }
    _, plan = push(directory, written(fewer, tmp_path))
    assert plan.empty
    assert exported(directory, tmp_path) == before


def test_a_value_that_is_left_out_for_a_fault_erases_nothing(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(roster(student("S1", email="ana@example.org")), tmp_path))
    assert preview(directory, written(roster(student("S1", email="ana.example.org", grade="Sprout")), tmp_path)).empty


def test_a_damaged_student_id_takes_no_guardian_away(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(office(), tmp_path))
    before = exported(directory, tmp_path)
    row = office()["list.csv"].splitlines()[6] + "\n"
    for damaged in ("1.2E+05", ""):
        _, plan = push(directory, written(office(S005=row.replace("S005", damaged)), tmp_path))
        assert plan.empty, damaged
    assert exported(directory, tmp_path) == before


@pytest.mark.parametrize("faulty", ["1.2E+05,S1,Pat,Ng,pat@example.org", "G1,,Pat,Ng,pat@example.org"])
def test_a_faulty_pair_removes_no_family_link(directory: Directory, tmp_path: Path, faulty: str) -> None:
    students = "Student ID,First Name,Last Name,School ID,Grade\nS1,Ana,Ng,A,5\nS2,Bo,Ng,A,6\nS3,Cy,Xu,A,7\n"
    head = "Guardian ID,Student ID,First Name,Last Name,Email\n"
    head += "G1,S2,Pat,Ng,pat@example.org\nG3,S3,Lee,Xu,lee@example.org\n"
    push(
        directory,
        written({"students.csv": students, "guardians.csv": head + "G1,S1,Pat,Ng,pat@example.org\n"}, tmp_path),
    )
    assert len(rows(exported(directory, tmp_path)["guardianships.csv"])) == 3
    plan = preview(directory, written({"students.csv": students, "guardians.csv": head + faulty + "\n"}, tmp_path))
    assert plan.counts["guardianships"]["removed"] == 0
    assert plan.counts["guardians"]["archived"] == 0


def test_an_enrollment_in_the_wrong_role_removes_nothing(directory: Directory, tmp_path: Path) -> None:
    people = student("S1") + student("S2", given="Bo")
    full = enrollment("C1", "S1") + enrollment("C1", "S2")
    push(directory, written(roster(people, classroom("C1"), full), tmp_path))
    wrong = enrollment("C1", "S1") + enrollment("C1", "S2", "teacher")
    assert preview(directory, written(roster(people, classroom("C1"), wrong), tmp_path)).empty
