"""The forms with which classrooms and schools are changed, and people are put into classrooms."""

from __future__ import annotations

from collections.abc import Callable

from rosterdesk.gui.forms import Field, Form
from rosterdesk.gui.handedits import Subject, each, pick_of
from rosterdesk.gui.titles import field_title
from rosterdesk.gui.words import tr


def _rename(of: Subject) -> Form:
    from rosterdesk.directory import classrooms

    return Form(
        tr("Rename {name}", name=of.record.name),
        tr("The name that you give stays through every upload."),
        tr("Rename"),
        "rename a classroom",
        lambda edit, answers: classrooms.rename(edit, of.record.id, answers.values["title"]),
        (Field("title", field_title("title"), of.record.fields.get("title", ""), required=True),),
    )


def _add_teacher(of: Subject) -> Form:
    from rosterdesk.directory import classrooms

    return Form(
        tr("Teachers of {name}", name=of.record.name),
        tr("Those whom you add teach it beside the others. Uploads leave them there."),
        tr("Add the teachers"),
        "add teachers to a classroom",
        each(lambda edit, number: classrooms.add_teacher(edit, of.record.id, number)),
        pick=pick_of(of, "staff", tr("Staff of the school")),
    )


def _assign_students(of: Subject) -> Form:
    from rosterdesk.directory import classrooms

    return Form(
        tr("Students of {name}", name=of.record.name),
        tr("Students of the school, synced or not, can be assigned to a manual classroom."),
        tr("Assign the students"),
        "assign students to a manual classroom",
        each(lambda edit, number: classrooms.add_student(edit, of.record.id, number)),
        pick=pick_of(of, "students", tr("Students of the school")),
    )


def _sync_off(of: Subject) -> Form:
    from rosterdesk.directory import governing

    return Form(
        tr("Switch the sync of {name} off", name=of.record.name),
        tr(
            "Every upload will skip the school. All of its records stay as they are and are edited by hand; they keep "
            "their SIS IDs, so that the sync can be switched on again."
        ),
        tr("Switch the sync off"),
        "switch a school's sync off",
        lambda edit, _: governing.switch_sync(edit, of.record.id, on=False),
    )


def _sync_on(of: Subject) -> Form:
    from rosterdesk.directory import governing

    return Form(
        tr("Switch the sync of {name} on", name=of.record.name),
        tr(
            "The next upload brings the school to what the source says again: who is not in it is archived. You see "
            "it all in the review before it happens."
        ),
        tr("Switch the sync on"),
        "switch a school's sync on again",
        lambda edit, _: governing.switch_sync(edit, of.record.id, on=True),
    )


def _connect_school(of: Subject) -> Form:
    from rosterdesk.directory import governing

    return Form(
        tr("Connect {name} with the SIS", name=of.record.name),
        tr("From the next upload on it is the school of this SIS ID, instead of a second one being made."),
        tr("Connect the school"),
        "connect a manual school with the school of an SIS ID",
        lambda edit, answers: governing.give_sis_id(edit, of.record.id, answers.values["sis_id"].strip()),
        (Field("sis_id", field_title("sis_id"), required=True),),
    )


FORMS: dict[str, Callable[[Subject], Form]] = {
    "rename": _rename,
    "add_teacher": _add_teacher,
    "assign_students": _assign_students,
    "sync_off": _sync_off,
    "sync_on": _sync_on,
    "connect_school": _connect_school,
}
