"""Which class of a roster a room made by hand is: titles, teachers and pupils as offices and teachers write them."""

from __future__ import annotations

from tests.matching.invented_classrooms import Rooms, measure, proposed, rooms

TEACHER = ("T1", "Ada", "Vance")
PUPILS = [(f"P{n}", f"Bea{n}", "Quillmoor") for n in range(20)]


def school(*classes: tuple[str, str | None]) -> Rooms:
    """Classes of one teacher by title and period, the first with all pupils."""
    made = Rooms()
    for number, (title, period) in enumerate(classes):
        made.classes.append((number, f"C{number}", title, "09", None, period, "s"))
        made.class_members.append((f"C{number}", "teacher", *TEACHER))
    made.class_members += [("C0", "student", *pupil) for pupil in PUPILS]
    return made


def room(made: Rooms, title: str, pupils: int, *, teacher: bool = True) -> Rooms:
    made.rooms.append((1, title, None, None, None, "s"))
    made.room_members += [(1, "teacher", *TEACHER)] if teacher else []
    made.room_members += [(1, "student", *pupil) for pupil in PUPILS[:pupils]]
    return made


def test_a_room_of_a_few_of_the_class_is_the_class_when_its_title_is() -> None:
    assert proposed(room(school(("Algebra 1", "3")), "ALGEBRA I (per. 3)", 5)) == {(1, "C0"): "auto"}


def test_a_group_of_a_class_is_left_to_a_person() -> None:
    assert proposed(room(school(("Algebra 1", "3")), "Reading group", 5)) == {(1, "C0"): "review"}


def test_two_periods_of_one_course_are_left_to_a_person() -> None:
    made = room(school(("Algebra 1", "3"), ("Algebra 1", "5")), "Algebra 1", 0)
    assert set(proposed(made).values()) == {"review"}


def test_the_period_may_stand_in_the_title() -> None:
    made = room(school(("Algebra 1", "3"), ("Algebra 1", "5")), "Period 5 Algebra 1", 0)
    assert proposed(made) == {(1, "C1"): "auto"}


def test_one_title_of_two_teachers_is_told_apart_by_the_pupils() -> None:
    made = school(("Biology", None))
    made.classes.append((9, "C9", "Biology", "09", None, None, "s"))
    made.class_members.append(("C9", "teacher", "T2", "Sam", "Moor"))
    assert proposed(room(made, "Biology", 18, teacher=False)) == {(1, "C0"): "auto"}


def test_invented_classrooms() -> None:
    found = measure(rooms(73, 8))
    assert found.wrong == []
    assert found.recall >= 0.75
    assert found.found >= 0.88
