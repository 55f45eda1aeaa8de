"""Join codes: with a student's code a family joins by itself, beside the sync. Printing letters is not done here."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from rosterdesk.directory import ledger, sight
from rosterdesk.directory.accounts import SAME, sort_out
from rosterdesk.directory.contacts import FIELDS, cleaned, refuse_taken, usable
from rosterdesk.directory.edit import Edit
from rosterdesk.directory.permissions import ROSTERING, Permission
from rosterdesk.directory.schema import guardians, guardianships, join_codes, students
from rosterdesk.directory.settings import DISTRICT
from rosterdesk.errors import NotAllowed, UsageError

_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that look alike on paper
_LENGTH = 8  # of 31 letters: in a district of a million students, one guess in 850,000 is somebody's
_WHO = (*ROSTERING, Permission.STAFF, Permission.FAMILY_ACCESS)


def give(edit: Edit, records: Iterable[int], *, anew: bool = False) -> dict[int, str]:
    """Each student's code, made where there is none, or `anew` where the old one got into wrong hands."""
    found = {}
    for student in records:
        row = edit.get("students", student)
        edit.person.require("Join codes are given out by the school's staff.", _WHO, edit.schools("students", row))
        known = edit.linked(join_codes.name, student=student)
        if known is not None and not anew:
            found[student] = str(known.code)
            continue
        if known is not None:
            edit.unlink(join_codes.name, known)
        found[student] = _unused(edit)
        edit.link(join_codes.name, student=student, code=found[student])
    return found


def redeem(edit: Edit, code: str, details: Mapping[str, str | None], relationship: str | None = None) -> int:
    """Make whoever has the code a manual guardian of its student; return the guardian's number.

    Somebody with exactly these details who is a guardian already gets one more child.
    """
    wanted = code.replace("-", "").replace(" ", "").upper()
    query = (
        sa.select(join_codes.c.student)
        .join(students, (students.c.district == join_codes.c.district) & (students.c.id == join_codes.c.student))
        .where(join_codes.c.district == edit.district, join_codes.c.code == wanted)
    )
    student = edit.conn.execute(query).scalar() or ledger.of_code(edit.conn, edit.district, wanted)
    if student is not None:  # a letter from before a merge leads to who is one with that student now
        student = ledger.holder(edit.conn, edit.district, student)
    active = (students.c.district == edit.district, students.c.id == student, students.c.status == "active")
    if student is None or edit.conn.execute(sa.select(students.c.id).where(*active)).first() is None:
        raise UsageError("There is no such code.", "Type it as it is on the letter, or ask the school for a new one.")
    row = edit.known("students", student)
    assert row is not None
    if Permission.PERSON not in {permission for permission, _ in edit.person.granted}:  # to a family the code opens it
        who = (*_WHO, Permission.PERSON)
        edit.person.require(
            "Codes are redeemed by the family, or for them by staff of the student's school.",
            who,
            edit.schools("students", row),
        )
    values = cleaned("guardians", details)
    if not usable(values, edit.settings(row.school or DISTRICT).phone_column):
        raise NotAllowed("A guardian needs an e-mail or a mobile number, to sign in and to be reached with.",
                         "Enter one of them.")  # fmt: skip
    same = [guardians.c[name].is_not_distinct_from(values.get(name)) for name in SAME]
    here = (guardians.c.district == edit.district, guardians.c.status == "active")
    guardian = edit.conn.execute(sa.select(guardians.c.id).where(*here, *same).order_by("id")).scalar()
    if guardian is None:
        refuse_taken(edit, values, values)
        guardian = edit.create("guardians", **{name: values.get(name) for name in FIELDS["guardians"]})
    if edit.linked(guardianships.name, student=student, guardian=guardian) is not None:
        raise UsageError("They are this student's guardian already.", "Nothing was changed.")
    edit.link(guardianships.name, student=student, guardian=guardian, relationship=relationship)
    sort_out(edit, "guardians", int(guardian))
    return int(guardian)


def without_guardian(edit: Edit, school: int | None = None) -> list[int]:
    """The active students (of a school) who have no guardian, by name."""
    linked = sa.select(guardianships.c.student).where(guardianships.c.district == edit.district)
    query = sa.select(students.c.id).where(
        students.c.district == edit.district, students.c.status == "active", students.c.id.not_in(linked)
    )
    if school is not None:
        edit.get("schools", school)
        query = query.where(students.c.school == school)
    else:
        query = query.where(*sight.seen(edit.person, edit.district, students))
    return list(
        edit.conn.execute(query.order_by(students.c.family_name, students.c.given_name, students.c.id)).scalars()
    )


def _unused(edit: Edit) -> str:
    while True:
        code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        if edit.linked(join_codes.name, code=code) is None:
            return code
