"""The commands of `rosterdesk directory edit`, one for each kind of edit. What is allowed is the directory's say."""

from __future__ import annotations

from typing import Annotated

import typer

from rosterdesk.cli.editing import command, group, number, pairs
from rosterdesk.directory import accounts, classrooms, contacts, families, governing, joincodes, people
from rosterdesk.directory.edit import Edit
from rosterdesk.directory.permissions import Permission
from rosterdesk.directory.settings import DISTRICT
from rosterdesk.errors import UsageError

_ID = "SIS ID, or # and a number"
School = Annotated[str, typer.Argument(metavar="SCHOOL", help=_ID, show_default=False)]
Classroom = Annotated[str, typer.Argument(metavar="CLASSROOM", help=_ID, show_default=False)]
Student = Annotated[str, typer.Argument(metavar="STUDENT", help=_ID, show_default=False)]
Guardian = Annotated[str, typer.Argument(metavar="GUARDIAN", help=_ID, show_default=False)]
Staff = Annotated[str, typer.Argument(metavar="STAFF", help=_ID, show_default=False)]
Fields = Annotated[list[str], typer.Argument(metavar="FIELD=VALUE...", help="FIELD= empties it.", show_default=False)]
Kind = Annotated[str, typer.Argument(metavar="KIND", help="students, staff or guardians", show_default=False)]
Who = Annotated[str, typer.Argument(metavar="NAME", help="The name they sign in with.", show_default=False)]
At = Annotated[str | None, typer.Option("--school", help="In this school only.", show_default=False)]


@command
def create_classroom(edit: Edit, school: School, title: str, grade: str | None = None) -> int:
    """Create a classroom. It is manual: the sync leaves it alone."""
    return classrooms.create(edit, number(edit, "schools", school), title, grade=grade)


@command
def rename_classroom(edit: Edit, classroom: Classroom, title: str) -> None:
    """Rename a classroom, also a synced one, which keeps the name."""
    classrooms.rename(edit, number(edit, "classrooms", classroom), title)


@command
def archive_classroom(edit: Edit, classroom: Classroom) -> None:
    """Archive a classroom."""
    classrooms.archive(edit, number(edit, "classrooms", classroom))


@command
def restore_classroom(edit: Edit, classroom: Classroom) -> None:
    """Restore an archived classroom."""
    classrooms.restore(edit, number(edit, "classrooms", classroom))


@command
def adopt_classroom(edit: Edit, classroom: Classroom, sis_id: str) -> None:
    """Give a manual classroom its SIS ID. The next run finds it by that."""
    classrooms.adopt(edit, number(edit, "classrooms", classroom), sis_id)


@command
def add_teacher(edit: Edit, classroom: Classroom, staff: Staff) -> None:
    """Add a teacher to a classroom, or a co-teacher to a synced one."""
    classrooms.add_teacher(edit, number(edit, "classrooms", classroom), number(edit, "staff", staff))


@command
def assign_student(edit: Edit, classroom: Classroom, student: Student) -> None:
    """Assign a student to a manual classroom."""
    classrooms.add_student(edit, number(edit, "classrooms", classroom), number(edit, "students", student))


@command
def unassign(edit: Edit, classroom: Classroom, kind: Kind, person: Student) -> None:
    """Take a student or a member of staff out of a classroom."""
    classrooms.remove_person(edit, number(edit, "classrooms", classroom), number(edit, _kind(kind), person))


@command
def add_guardian(edit: Edit, student: Student, fields: Fields, relationship: str | None = None) -> int:
    """Add a guardian to a student, also a synced one."""
    return families.add_guardian(edit, number(edit, "students", student), pairs(fields), relationship)


@command
def link_guardian(edit: Edit, student: Student, guardian: Guardian, relationship: str | None = None) -> None:
    """Make a guardian also that of another student."""
    families.link_guardian(edit, number(edit, "students", student), number(edit, "guardians", guardian), relationship)


@command
def remove_guardian(edit: Edit, student: Student, guardian: Guardian) -> None:
    """Remove a guardian from a student."""
    families.remove_guardian(edit, number(edit, "students", student), number(edit, "guardians", guardian))


@command
def redeem_code(edit: Edit, code: str, fields: Fields, relationship: str | None = None) -> int:
    """Make whoever has a student's join code a guardian."""
    return joincodes.redeem(edit, code, pairs(fields), relationship)


@command
def join_codes(edit: Edit, students: Annotated[list[str], typer.Argument(metavar="STUDENT...")]) -> dict[str, str]:
    """Give each student a join code, or tell the one that they have."""
    numbers = {number(edit, "students", student): student for student in students}
    return {numbers[student]: code for student, code in joincodes.give(edit, numbers).items()}


@command
def add_student(edit: Edit, school: School, fields: Fields) -> int:
    """Add a student to a school that is not synced."""
    return people.add_student(edit, number(edit, "schools", school), pairs(fields))


@command
def change_student(edit: Edit, student: Student, fields: Fields) -> None:
    """Change a student whom no sync owns."""
    people.change_student(edit, number(edit, "students", student), pairs(fields))


@command
def add_staff(edit: Edit, school: School, fields: Fields, role: str = "teacher") -> int:
    """Add a member of staff to a school."""
    return people.add_staff(edit, number(edit, "schools", school), pairs(fields), role)


@command
def add_to_school(edit: Edit, staff: Staff, school: School) -> None:
    """Add a member of staff to one more school."""
    people.add_to_school(edit, number(edit, "staff", staff), number(edit, "schools", school))


@command
def set_role(edit: Edit, staff: Staff, role: str) -> None:
    """Set a member of staff's job."""
    people.set_role(edit, number(edit, "staff", staff), role)


@command
def contact(edit: Edit, kind: Kind, person: Staff, fields: Fields) -> None:
    """Change contact details or the language of a member of staff or a guardian."""
    if kind == "students":
        raise UsageError("A student's details are changed with change-student.", "Name staff or guardians.")
    contacts.change(edit, _kind(kind), number(edit, kind, person), pairs(fields))


@command
def enable_account(edit: Edit, kind: Kind, person: Student) -> None:
    """Enable somebody's account, also a synced student's."""
    accounts.enable(edit, _kind(kind), number(edit, kind, person))


@command
def archive(edit: Edit, kind: Kind, persons: Annotated[list[str], typer.Argument(metavar="PERSON...")]) -> None:
    """Archive people. Of several, the synced are left alone."""
    people.archive(edit, _kind(kind), [number(edit, kind, person) for person in persons])


@command
def restore(edit: Edit, kind: Kind, person: Student) -> None:
    """Restore an archived person."""
    people.restore(edit, _kind(kind), number(edit, kind, person))


@command
def remove_from_school(edit: Edit, student: Student) -> None:
    """Remove an archived student from the school, which ends the family's access."""
    people.remove_from_school(edit, number(edit, "students", student))


@command
def add_school(edit: Edit, name: str) -> int:
    """Add a school. It is manual until it gets an SIS ID."""
    return governing.add_school(edit, name)


@command
def connect_school(edit: Edit, school: School, sis_id: str) -> None:
    """Connect a manual school with the school of this SIS ID in the source."""
    governing.give_sis_id(edit, number(edit, "schools", school), sis_id)


@command
def sync_off(edit: Edit, school: School) -> None:
    """Switch a school's sync off. All of it stays and is edited by hand."""
    governing.switch_sync(edit, number(edit, "schools", school), on=False)


@command
def sync_on(edit: Edit, school: School) -> None:
    """Switch a school's sync on again."""
    governing.switch_sync(edit, number(edit, "schools", school), on=True)


@command
def settings(edit: Edit, changes: Fields, school: At = None) -> None:
    """Change settings of the district, or of one school."""
    governing.change_settings(edit, pairs(changes), _place(edit, school))


@command
def grant(edit: Edit, who: Who, permission: Permission, school: At = None, staff: str | None = None) -> None:
    """Let somebody do something. A member of staff is linked with their own record."""
    person = None if staff is None else number(edit, "staff", staff)
    governing.grant(edit, who, permission, _place(edit, school), person)


@command
def revoke(edit: Edit, who: Who, permission: Permission, school: At = None) -> None:
    """Take a permission away."""
    governing.revoke(edit, who, permission, _place(edit, school))


def _place(edit: Edit, school: str | None) -> int:
    return DISTRICT if school is None else number(edit, "schools", school)


def _kind(kind: str) -> str:
    if kind not in ("students", "staff", "guardians"):
        raise UsageError(f"{kind} is no kind of person.", "Write students, staff or guardians.")
    return kind


__all__ = ["group"]
