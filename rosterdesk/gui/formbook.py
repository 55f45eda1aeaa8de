"""Every form of a hand edit, by the name under which `directory.offers` knows the edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rosterdesk.gui import leavingforms, mergeforms, newrecords, peopleforms, roomforms
from rosterdesk.gui.forms import Form
from rosterdesk.gui.handedits import Subject
from rosterdesk.gui.words import tr

if TYPE_CHECKING:
    from rosterdesk.directory.browse import Linked

_BOOK = {**peopleforms.FORMS, **mergeforms.FORMS, **roomforms.FORMS, **leavingforms.FORMS, **newrecords.FORMS}


def form(name: str, of: Subject) -> Form:
    """The form of an edit of a record."""
    return _BOOK[name](of)


def parting(of: Subject, linked: Linked) -> Form:
    """The form that takes somebody out of a classroom, or ends a guardianship."""
    from rosterdesk.directory import classrooms, families

    record, other = of.record, linked
    names = {"name": record.name, "other": other.name}
    if {record.entity, other.entity} == {"students", "guardians"}:
        student, guardian = (record.id, other.id) if record.entity == "students" else (other.id, record.id)
        return Form(
            tr("Remove the guardian"),
            tr("{name} and {other} will no longer be linked. Both stay in the directory.", **names),
            tr("Remove the guardian"),
            "remove a guardian from a student",
            lambda edit, _: families.remove_guardian(edit, student, guardian),
        )
    room, person = (record.id, other.id) if record.entity == "classrooms" else (other.id, record.id)
    return Form(
        tr("Take out of the classroom"),
        tr("{name} and {other} will no longer be linked. Both stay in the directory.", **names),
        tr("Take out"),
        "take somebody out of a classroom",
        lambda edit, _: classrooms.remove_person(edit, room, person),
    )
