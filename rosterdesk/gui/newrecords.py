"""The forms with which records are made by hand: schools, classrooms, students, staff, and guardians of a student."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rosterdesk.gui.forms import Answers, Field, Form, Pick
from rosterdesk.gui.handedits import CONTACT, STUDENT, Subject, fields
from rosterdesk.gui.titles import field_title
from rosterdesk.gui.words import tr

if TYPE_CHECKING:
    from rosterdesk.directory.edit import Edit

_NAMES = {"given_name": "A", "family_name": "A"}
_PLACE = "school"


def new_words(entity: str) -> str:
    """What making a record of a kind is called."""
    return {
        "schools": tr("New school"),
        "classrooms": tr("New classroom"),
        "students": tr("New student"),
        "staff": tr("New member of staff"),
        "guardians": tr("New guardian"),
    }[entity]


def new(entity: str, places: Sequence[tuple[int, str]], school: int = 0) -> Form:
    """The form of a new record. `places` are the active schools, `school` the one that is shown (0: all)."""
    return _NEW[entity](places, school)


def _school(places: Sequence[tuple[int, str]], school: int) -> Form:
    from rosterdesk.directory import governing

    return Form(
        tr("New school"),
        tr("It is manual: uploads leave it alone until it is connected with the SIS."),
        tr("Make the school"),
        "add a school",
        lambda edit, answers: governing.add_school(edit, answers.values["name"]),
        (Field("name", field_title("name"), required=True),),
        sample={"name": "A"},
        opens="schools",
    )


def _classroom(places: Sequence[tuple[int, str]], school: int) -> Form:
    from rosterdesk.directory import classrooms

    def perform(edit: Edit, answers: Answers) -> int:
        details = answers.some("grade", "location", "period")
        return classrooms.create(edit, _at(answers), answers.values["title"], **details)

    return Form(
        tr("New classroom"),
        tr("It is manual: uploads leave it alone, and students, also synced ones, are assigned to it by hand."),
        tr("Make the classroom"),
        "create a classroom",
        perform,
        (_place(places, school), *fields(("title", "grade", "location", "period"))),
        sample={"title": "A"},
        opens="classrooms",
    )


def _student(places: Sequence[tuple[int, str]], school: int) -> Form:
    from rosterdesk.directory import people

    return Form(
        tr("New student"),
        tr("For schools that are not synced. Students of a synced school come from the SIS."),
        tr("Add the student"),
        "add a student to a school that is not synced",
        lambda edit, answers: people.add_student(edit, _at(answers), answers.some(*STUDENT)),
        (_place(places, school), *fields(STUDENT)),
        sample=_NAMES,
        opens="students",
    )


def _staff(places: Sequence[tuple[int, str]], school: int) -> Form:
    from rosterdesk.directory import people

    names = (*CONTACT["staff"], "language")

    def perform(edit: Edit, answers: Answers) -> int:
        role = answers.values["role"].strip() or "teacher"
        return people.add_staff(edit, _at(answers), answers.some(*names), role)

    return Form(
        tr("New member of staff"),
        tr("They are manual: uploads leave them alone, also in a synced school."),
        tr("Add the member of staff"),
        "add a member of staff to a school",
        perform,
        (_place(places, school), *fields(names), Field("role", field_title("role"), "teacher", required=True)),
        sample=_NAMES,
        opens="staff",
    )


def _guardian(places: Sequence[tuple[int, str]], school: int) -> Form:
    from rosterdesk.directory import families

    names = (*CONTACT["guardians"], "language")

    def perform(edit: Edit, answers: Answers) -> int:
        related = answers.values["relationship"].strip() or None
        first, *others = answers.picked
        guardian = families.add_guardian(edit, first, answers.some(*names), related)
        for student in others:
            families.link_guardian(edit, student, guardian, related)
        return guardian

    return Form(
        tr("New guardian"),
        tr("A guardian needs a student, and an e-mail or a mobile number, to sign in and to be reached with."),
        tr("Add the guardian"),
        "add a guardian to students",
        perform,
        (*fields(names), Field("relationship", field_title("relationship"), hint=tr("Such as mother, father, aunt"))),
        Pick("students", tr("Students"), many=True, schools=(school,) if school else ()),
        opens="guardians",
    )


def _place(places: Sequence[tuple[int, str]], school: int) -> Field:
    choices = tuple((str(id_), name) for id_, name in places)
    return Field(_PLACE, field_title("school"), str(school or ""), choices=choices, required=True)


def _at(answers: Answers) -> int:
    return int(answers.values[_PLACE] or 0)


_NEW: dict[str, Callable[[Sequence[tuple[int, str]], int], Form]] = {
    "schools": _school,
    "classrooms": _classroom,
    "students": _student,
    "staff": _staff,
    "guardians": _guardian,
}
FORMS: dict[str, Callable[[Subject], Form]] = {
    f"new_{entity}": lambda of, entity=entity: new(entity, of.places, of.record.id)  # type: ignore[misc]
    for entity in ("classrooms", "staff", "students")
}
