"""Hand edits of students and staff: adding, changing, archiving and restoring them, and where staff belong.

What a sync owns of a student stays the sync's: only a manual classroom and an account can be given by hand (seed text,
"Can we edit synced students?").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from rosterdesk.directory import accounts
from rosterdesk.directory.contacts import FIELDS, cleaned, refuse_taken
from rosterdesk.directory.edit import SINGULAR, Edit
from rosterdesk.directory.permissions import ROSTERING
from rosterdesk.directory.schema import enrollments, guardianships, other_schools
from rosterdesk.errors import NotAllowed, UsageError

STUDENT_FIELDS = (
    *("given_name", "family_name", "middle_name", "preferred_name", "email", "grade", "student_number", "state_id"),
    *("birth_date", "gender", "language"),
)
_ROSTER = "This is done by those who manage the roster of the school."
_IN_SIS = (
    "Change it in the SIS; by hand the student can be assigned to manual classrooms, and their account be enabled."
)


def add_student(edit: Edit, school: int, fields: Mapping[str, str | None]) -> int:
    """Enroll a new student in a school that is not synced; return the student's number."""
    row = edit.get("schools", school)
    if edit.synced("schools", row):
        raise NotAllowed(
            "While the sync is on, no student can be added to a synced school by hand.",
            "Add the student in the SIS. A leader can switch the school's sync off.",
        )
    edit.person.require(_ROSTER, ROSTERING, {school})
    return edit.create("students", school=school, **_named(STUDENT_FIELDS, fields))


def change_student(edit: Edit, student: int, fields: Mapping[str, str | None]) -> None:
    """Change a student whom no sync owns."""
    row = edit.get("students", student)
    if edit.synced("students", row):
        raise NotAllowed("A synced student's details follow the SIS.", _IN_SIS)
    edit.person.require(_ROSTER, ROSTERING, edit.schools("students", row))
    values = _named(STUDENT_FIELDS, {"given_name": row.given_name, "family_name": row.family_name, **fields})
    different = [name for name in values if values[name] != getattr(row, name)]
    if edit.change("students", row, "update", **values) and row.sis_id is not None:
        edit.own(student, *different)


def add_staff(edit: Edit, school: int, details: Mapping[str, str | None], role: str = "teacher") -> int:
    """Add a manual member of staff to a school, synced or not; return their number."""
    edit.get("schools", school)
    edit.person.require(_ROSTER, ROSTERING, {school})
    values = cleaned("staff", _named(FIELDS["staff"], details))
    refuse_taken(edit, values, values)
    staff = edit.create("staff", school=school, role=role, **values)
    accounts.sort_out(edit, "staff", staff)
    return staff


def add_to_school(edit: Edit, staff: int, school: int) -> None:
    """Add a member of staff, synced or not, to one more school."""
    row = edit.get("staff", staff)
    edit.get("schools", school)
    edit.person.require(_ROSTER, ROSTERING, {school})
    if school in edit.schools("staff", row):
        raise UsageError("This member of staff is in the school already.", "Nothing was changed.")
    edit.link("other_schools", person=staff, school=school)
    if row.sis_id is not None:
        edit.stale.add("staff")
        edit.own(staff, "other_school_sis_ids")


def set_role(edit: Edit, staff: int, role: str) -> None:
    """Change a member of staff's job, also a synced one's, who keeps it in every later run."""
    row = edit.get("staff", staff)
    edit.person.require("Jobs are set by those who manage the roster.", ROSTERING, edit.schools("staff", row))
    if not role.strip():
        raise UsageError("A job needs a name.", "Nothing was changed.")
    if edit.change("staff", row, role=role.strip()) and row.sis_id is not None:
        edit.own(staff, "role")


def archive(edit: Edit, entity: str, records: Iterable[int]) -> tuple[int, int]:
    """Archive people; of several at once the synced are left alone. Return how many were, and how many were left.

    Raises `NotAllowed` when the only one, or every one, is synced.
    """
    done, left, asked = 0, 0, list(records)
    for record in asked:
        row = edit.get(entity, record)
        edit.person.require(_ROSTER, ROSTERING, edit.schools(entity, row))
        if edit.synced(entity, row):
            left += 1
        elif edit.change(entity, row, "archive", status="archived"):
            done += 1
    if left == len(asked) and asked:
        raise NotAllowed(
            f"A synced {SINGULAR[entity]} can't be archived by hand: the next run would bring them back.",
            "Remove them in the SIS; the sync archives who is gone there.",
        )
    return done, left


def restore(edit: Edit, entity: str, record: int) -> None:
    """Make an archived manual person active again, with their classrooms and family."""
    row = edit.get(entity, record)
    edit.person.require(_ROSTER, ROSTERING, edit.schools(entity, row))
    settings = [edit.settings(school) for school in sorted(edit.schools(entity, row))]
    if edit.synced(entity, row) and (entity != "students" or all(s.restore_students for s in settings)):
        raise NotAllowed(
            f"A synced {SINGULAR[entity]} is restored by the sync, once they are in the SIS again.",
            "Add them in the SIS. Where students who reappear are not restored, people may restore them.",
        )
    if not edit.change(entity, row, "restore", status="active"):
        raise UsageError(f"This {SINGULAR[entity]} is active already.", "Nothing was changed.")


def remove_from_school(edit: Edit, student: int) -> None:
    """Take an archived manual student out of the school and its classrooms, which ends the family's access."""
    row = edit.get("students", student)
    schools = edit.schools("students", row)
    edit.person.require(_ROSTER, ROSTERING, schools)
    if row.status != "archived" or edit.synced("students", row):
        raise NotAllowed("Only an archived student whom no sync owns can be removed from the school.",
                         "Archive the student first; a synced one is archived by the sync.")  # fmt: skip
    for table, key in ((enrollments, "person"), (guardianships, "student"), (other_schools, "person")):
        here = sa.select(table).where(table.c.district == edit.district, table.c[key] == student)
        for link in edit.conn.execute(here).all():
            edit.unlink(table.name, link)
    edit.change("students", row, school=None)


def _named(known: Iterable[str], fields: Mapping[str, str | None]) -> dict[str, str | None]:
    values = {name: (value or "").strip() or None for name, value in fields.items()}
    for name in values:
        if name not in known:
            raise UsageError(f"There is no field {name}.", f"Fields: {', '.join(known)}.")
    if not values.get("given_name") or not values.get("family_name"):
        raise UsageError("A person needs a first and a last name.", "Nothing was changed.")
    return values
