"""Hand edits of families: guardians who are added to a student, linked with one, or taken away."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from rosterdesk.directory import accounts
from rosterdesk.directory.contacts import FIELDS, cleaned, refuse_taken, usable
from rosterdesk.directory.edit import Edit
from rosterdesk.directory.permissions import LEADERS, Permission
from rosterdesk.directory.settings import DISTRICT, Guardianship, Settings
from rosterdesk.errors import NotAllowed, UsageError


def add_guardian(edit: Edit, student: int, details: Mapping[str, str | None], relationship: str | None = None) -> int:
    """Make a manual guardian of a student, synced or not; return the guardian's number."""
    settings = _managed(edit, student)
    values = cleaned("guardians", details)
    if not usable(values, settings.phone_column):
        raise NotAllowed(
            "A guardian needs an e-mail or a mobile number, to sign in and to be reached with.",
            "Ask the family for one; a home phone alone is not enough.",
        )
    refuse_taken(edit, values, values)
    guardian = edit.create("guardians", **{name: values.get(name) for name in FIELDS["guardians"]})
    edit.link("guardianships", student=student, guardian=guardian, relationship=relationship)
    accounts.sort_out(edit, "guardians", guardian)
    return guardian


def link_guardian(edit: Edit, student: int, guardian: int, relationship: str | None = None) -> None:
    """Make somebody who is a guardian already the guardian of another student, too."""
    _managed(edit, student)
    edit.get("guardians", guardian)
    if edit.linked("guardianships", student=student, guardian=guardian) is not None:
        raise UsageError("This guardian is the student's already.", "Nothing was changed.")
    edit.link("guardianships", student=student, guardian=guardian, relationship=relationship)


def remove_guardian(edit: Edit, student: int, guardian: int) -> None:
    """End a guardianship; one that the sync made only where the sync does not manage guardians."""
    settings = _managed(edit, student)
    found = edit.linked("guardianships", student=student, guardian=guardian)
    if found is None:
        raise UsageError("This guardian is not the student's.", "Look at the student again.")
    row = edit.get("students", student)
    if found.synced and settings.manage_guardians and edit.synced("students", row):
        raise NotAllowed(
            "The sync manages this guardian, and would bring the family link back.",
            "Change it in the SIS, or switch off the setting that the sync manages guardians.",
        )
    edit.unlink("guardianships", found)


def _managed(edit: Edit, student: int) -> Settings:
    """The settings of the student's school, if this person may manage guardians there."""
    row = edit.get("students", student)
    schools = edit.schools("students", row)
    settings = edit.settings(row.school or DISTRICT)
    match settings.guardians_by_hand:
        case Guardianship.NOBODY:
            raise NotAllowed(
                "In this school nobody manages guardians by hand.",
                "A school or district leader can change the setting guardians_by_hand.",
            )
        case Guardianship.LEADERS:
            edit.person.require(
                "In this school guardians are managed by its leaders and the district's.",
                (*LEADERS, Permission.ROSTERING_ADMINISTRATOR),
                schools,
            )
        case Guardianship.STAFF:
            edit.person.require(
                "Guardians are managed by the staff of the student's school.",
                (*LEADERS, Permission.ROSTERING_ADMINISTRATOR, Permission.STAFF, Permission.FAMILY_ACCESS),
                schools,
            )
    return settings


def children(edit: Edit, guardian: int) -> list[int]:
    """The students of a guardian."""
    table = sa.table("guardianships", sa.column("district"), sa.column("student"), sa.column("guardian"))
    query = sa.select(table.c.student).where(table.c.district == edit.district, table.c.guardian == guardian)
    return list(edit.conn.execute(query.order_by("student")).scalars())
