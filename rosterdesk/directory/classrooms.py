"""Hand edits of classrooms: create, rename, who teaches and who is taught, archive and restore, adopt."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from rosterdesk.directory.edit import Edit
from rosterdesk.directory.permissions import ROSTERING, Permission, could
from rosterdesk.directory.schema import classrooms, enrollments
from rosterdesk.errors import NotAllowed, UsageError

_NO_STUDENTS = "Students can't be assigned by hand to a synced classroom: the sync owns its roster."


def create(
    edit: Edit,
    school: int,
    title: str,
    *,
    grade: str | None = None,
    location: str | None = None,
    period: str | None = None,
) -> int:
    """Make a manual classroom in a school, synced or not; return its number."""
    edit.get("schools", school)
    edit.person.require("Classrooms are created by those who manage the roster of the school.", ROSTERING, {school})
    values = {"title": _titled(title), "grade": grade, "location": location, "period": period}
    return edit.create("classrooms", school=school, **values)


def rename(edit: Edit, classroom: int, title: str) -> None:
    """Give a classroom another name, also a synced one, which keeps it in every later run."""
    row = _managed(edit, classroom, "A classroom is renamed by its teachers and those who manage the school's roster.")
    if edit.change("classrooms", row, title=_titled(title)) and row.sis_id is not None:
        edit.own(classroom, "title")


def add_teacher(edit: Edit, classroom: int, teacher: int) -> None:
    """Add a teacher, or to a synced classroom a co-teacher; the sync leaves them there."""
    row = _managed(edit, classroom, "Teachers are added by a teacher of the classroom and by those who manage rosters.")
    _add(edit, row, "staff", teacher, "teacher")


def add_student(edit: Edit, classroom: int, student: int) -> None:
    """Assign a student, synced or not, to a manual classroom."""
    row = edit.get("classrooms", classroom)
    if edit.synced("classrooms", row):
        raise NotAllowed(_NO_STUDENTS, "Change it in the SIS, or make a manual classroom beside it.")
    row = _managed(edit, classroom, "Students are assigned by a teacher of the classroom and those who manage rosters.")
    _add(edit, row, "students", student, "student")


def remove_person(edit: Edit, classroom: int, person: int) -> None:
    """Take somebody out of a classroom whom a person has put there."""
    _managed(edit, classroom, "People are removed by a teacher of the classroom and by those who manage rosters.")
    found = [edit.linked("enrollments", classroom=classroom, person=person, role=r) for r in ("student", "teacher")]
    links = [link for link in found if link is not None]
    if not links:
        raise UsageError(f"#{person} is not in this classroom.", "Look at the classroom again.")
    for link in links:
        if link.synced and edit.synced("classrooms", edit.get("classrooms", classroom)):
            raise NotAllowed("The sync put this person into the classroom, and only the sync can take them out.",
                             "Change it in the SIS.")  # fmt: skip
        edit.unlink("enrollments", link)


def archive(edit: Edit, classroom: int) -> None:
    """Archive a classroom, also a synced one: it stays so unless classrooms that reappear are unarchived."""
    row = _managed(edit, classroom, "A classroom is archived by its teachers, those who manage rosters, and leaders.")
    if row.status == "archived":
        raise UsageError("This classroom is archived already.", "Nothing was changed.")
    edit.change("classrooms", row, "archive", status="archived")
    if row.sis_id is not None:
        edit.own(classroom, "status")


def restore(edit: Edit, classroom: int) -> None:
    """Make an archived classroom active again, with everybody who was in it."""
    row = _managed(edit, classroom, "A classroom is restored by its teachers, those who manage rosters, and leaders.")
    if row.status == "active":
        raise UsageError("This classroom is active already.", "Nothing was changed.")
    edit.change("classrooms", row, "restore", status="active")
    edit.disown(classroom, "status")


def adopt(edit: Edit, classroom: int, sis_id: str) -> None:
    """Give a manual classroom its SIS ID, so that the next run finds it instead of making a second one."""
    row = edit.get("classrooms", classroom)
    edit.person.require("SIS IDs are given by those who manage the roster of the school.", ROSTERING, {row.school})
    if row.sis_id is not None:
        raise UsageError("This classroom is synced already.", "Nothing was changed.")
    taken = sa.select(classrooms.c.id).where(classrooms.c.district == edit.district, classrooms.c.sis_id == sis_id)
    if not sis_id or edit.conn.execute(taken).first() is not None:
        raise UsageError("Another classroom has this SIS ID, or it is empty.", "Name the one in the source.")
    edit.change("classrooms", row, sis_id=sis_id)


def teaches(edit: Edit, classroom: int) -> bool:
    """Whether the person at the keyboard is one of its teachers."""
    query = sa.select(enrollments.c.person).where(
        enrollments.c.district == edit.district, enrollments.c.classroom == classroom, enrollments.c.role == "teacher"
    )
    return not edit.person.records.isdisjoint(edit.conn.execute(query).scalars())


def _managed(edit: Edit, classroom: int, rule: str) -> sa.Row[Any]:
    row = edit.get("classrooms", classroom)
    if not edit.person.has(ROSTERING, {row.school}) and not teaches(edit, classroom):
        raise NotAllowed(rule, could((*ROSTERING, Permission.STAFF)).replace("staff", "staff who teaches it"))
    return row


def _add(edit: Edit, classroom: sa.Row[Any], entity: str, person: int, role: str) -> None:
    row = edit.get(entity, person)
    if classroom.school not in edit.schools(entity, row):
        raise UsageError("This person is not in the classroom's school.", "Add them to the school first.")
    if "archived" in (row.status, classroom.status):
        raise UsageError("An archived person or classroom can't be joined.", "Restore it first.")
    if edit.linked("enrollments", classroom=classroom.id, person=person, role=role) is not None:
        raise UsageError("This person is in the classroom already.", "Nothing was changed.")
    edit.link("enrollments", classroom=classroom.id, person=person, role=role, is_primary=0)


def _titled(title: str) -> str:
    if not title.strip():
        raise UsageError("A classroom needs a name.", "Nothing was changed.")
    return title.strip()
