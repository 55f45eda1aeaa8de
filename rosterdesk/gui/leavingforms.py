"""The forms with which records are archived and restored. What they do is said before they do it."""

from __future__ import annotations

from collections.abc import Callable

from rosterdesk.gui.forms import Form
from rosterdesk.gui.handedits import Subject
from rosterdesk.gui.words import tr


def _archive(of: Subject) -> Form:
    from rosterdesk.directory import classrooms, people

    record = of.record
    if record.entity == "classrooms":
        return Form(
            tr("Archive {name}", name=record.name),
            tr("Nobody sees the classroom any more, and it stays archived when it is in the source. You can undo this.")
            if record.synced
            else tr("Nobody sees the classroom any more. You can restore it at any time."),
            tr("Archive the classroom"),
            "archive a classroom",
            lambda edit, _: classrooms.archive(edit, record.id),
        )
    return Form(
        tr("Archive {name}", name=record.name),
        tr("They no longer see anything, and nobody sees them. You can restore them at any time."),
        tr("Archive"),
        "archive people",
        lambda edit, _: people.archive(edit, record.entity, [record.id]),
    )


def _restore(of: Subject) -> Form:
    from rosterdesk.directory import classrooms, people

    record = of.record
    if record.entity == "classrooms":
        return Form(
            tr("Restore {name}", name=record.name),
            tr("The classroom becomes active again, with everybody who was in it."),
            tr("Restore the classroom"),
            "restore an archived classroom",
            lambda edit, _: classrooms.restore(edit, record.id),
        )
    return Form(
        tr("Restore {name}", name=record.name),
        tr("They become active again, with their classrooms and family."),
        tr("Restore"),
        "restore an archived person",
        lambda edit, _: people.restore(edit, record.entity, record.id),
    )


def _remove_from_school(of: Subject) -> Form:
    from rosterdesk.directory import people

    return Form(
        tr("Remove {name} from the school", name=of.record.name),
        tr("The student leaves all classrooms, and the family no longer sees the school. You can undo this."),
        tr("Remove from the school"),
        "remove an archived student from the school",
        lambda edit, _: people.remove_from_school(edit, of.record.id),
    )


FORMS: dict[str, Callable[[Subject], Form]] = {
    "archive": _archive,
    "restore": _restore,
    "remove_from_school": _remove_from_school,
}
