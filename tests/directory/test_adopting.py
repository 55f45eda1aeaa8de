"""Manual classrooms that are a class of the SIS: which is proposed, what the next run then does, and undo."""

from __future__ import annotations

from pathlib import Path

import pytest

from rosterdesk import pipeline
from rosterdesk.directory.adopting import adopt_all
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.undo import undo
from rosterdesk.errors import UsageError
from rosterdesk.matching.classrooms import Adoption
from rosterdesk.matching.proposals import Group
from rosterdesk.run import Run
from tests.directory.filling import begin, exported
from tests.directory.synced import District
from tests.rosters import adult, classroom, enrollment, preview, push, roster, student, written

NAMES = ("Ada", "Bea", "Cleo", "Dora", "Edda", "Fay", "Gwen", "Hope")


def people() -> str:
    return "".join(student(f"S{n}", given=name, family="Ng") for n, name in enumerate(NAMES)) + adult(
        "T1", "teacher", given="Tom", family="Lee"
    )


def source(folder: Path) -> Path:
    """Two classes of one name, the first with the children 0 to 5 and the second with 6 and 7, and an art class."""
    links = "".join(enrollment("C1", f"S{n}") for n in range(6)) + enrollment("C1", "T1", "teacher")
    links += "".join(enrollment("C2", f"S{n}") for n in (6, 7)) + enrollment("C3", "S0")
    classes = classroom("C1", title="Math") + classroom("C2", title="Math") + classroom("C3", title="Art")
    return written(roster(people(), classes, links), folder)


@pytest.fixture
def district(directory: Directory, tmp_path: Path) -> District:
    push(directory, written(roster(people()), tmp_path))
    return District(directory)


def rooms(district: District) -> dict[str, int]:
    """What the office has made: Tom's maths with the children 1 to 6 and one whom no SIS knows, and an empty room."""
    school, made = district.id("schools", "A"), {}
    with district.directory.transaction() as conn:
        run = begin(district.directory, conn)
        made["math"] = run.create("classrooms", title="Tom's math", school=school)
        made["empty"] = run.create("classrooms", title="Chess", school=school)
        guest = run.create("students", given_name="Una", family_name="Guest", school=school)
        for person in (guest, *(district.id("students", f"S{n}") for n in range(1, 7))):
            run.link("enrollments", classroom=made["math"], person=person, role="student", synced=0)
        run.link("enrollments", classroom=made["math"], person=district.id("staff", "T1"), role="teacher", synced=0)
    return made


def adoptions(district: District, folder: Path) -> tuple[Adoption, ...]:
    with pipeline.roster([folder], Run()) as told:
        pipeline.preview(told, district.directory)
        return pipeline.adoptions(told, district.directory)


def members(district: District, room: int) -> set[tuple[int, str, int]]:
    return {(link["person"], link["role"], link["synced"]) for link in district.links("enrollments", classroom=room)}


def test_the_class_with_the_same_children_is_proposed(district: District, tmp_path: Path) -> None:
    made = rooms(district)
    (found,) = adoptions(district, source(tmp_path))
    assert (found.classroom, found.sis_id, found.group, found.others) == (made["math"], "C1", Group.READY, 0)
    assert (found.adds, found.removes, found.keeps) == (("Ada Ng",), ("Gwen Ng",), ("Una Guest",))
    assert found.reason == "71 % of the students in common, same teacher"


def test_an_adopted_classroom_is_the_syncs_from_the_next_run_on(district: District, tmp_path: Path) -> None:
    room = rooms(district)["math"]
    before = exported(district.directory, tmp_path / "x")
    run = adopt_all(district.directory, {room: "C1"}, "the first week")
    assert run is not None
    _, plan = push(district.directory, source(tmp_path))
    assert (plan.counts["classrooms"]["created"], plan.counts["classrooms"]["updated"]) == (2, 1)
    guest = next(person for person, _, synced in members(district, room) if not synced and person > room)
    assert members(district, room) == {
        *((district.id("students", f"S{n}"), "student", 1) for n in range(6)),
        (guest, "student", 0),
        (district.id("staff", "T1"), "teacher", 0),
    }
    assert district.row("classrooms", room)["title"] == "Math"
    undo(district.directory, run + 1)
    undo(district.directory, run)
    assert exported(district.directory, tmp_path / "x") == before


def test_a_name_that_people_gave_can_stay(district: District, tmp_path: Path) -> None:
    room = rooms(district)["math"]
    adopt_all(district.directory, {room: "C1"}, "the first week", keep_titles=True)
    push(district.directory, source(tmp_path))
    assert district.row("classrooms", room)["title"] == "Tom's math"


def test_one_wrong_id_changes_nothing(district: District, tmp_path: Path) -> None:
    made = rooms(district)
    push(district.directory, source(tmp_path))
    before = exported(district.directory, tmp_path / "x")
    with pytest.raises(UsageError, match="Another classroom has this SIS ID"):
        adopt_all(district.directory, {made["empty"]: "C9", made["math"]: "C1"}, "a try")
    assert exported(district.directory, tmp_path / "x") == before
    assert preview(district.directory, source(tmp_path)).empty


def test_two_classes_as_near_are_left_to_a_person(district: District, tmp_path: Path) -> None:
    school = district.id("schools", "A")
    with district.directory.transaction() as conn:
        run = begin(district.directory, conn)
        room = run.create("classrooms", title="Math", school=school, grade="05")
        run.link("enrollments", classroom=room, person=district.id("staff", "T1"), role="teacher", synced=0)
    classes = classroom("C1", title="Math") + classroom("C2", title="Math")
    links = enrollment("C1", "T1", "teacher") + enrollment("C2", "T1", "teacher")
    (found,) = adoptions(district, written(roster(people(), classes, links), tmp_path))
    assert (found.group, found.others) == (Group.SEVERAL, 1)
