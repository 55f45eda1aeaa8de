"""Hand edits of what a member of staff or a guardian is called and reached with, and of their language.

The rule (ClassTag help, articles 24593571837332 and 8286498): an invitee's details always follow the source; those of
somebody who has signed in only where a setting says so, and then nobody else may change them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory import accounts
from rosterdesk.directory.edit import SINGULAR, Edit
from rosterdesk.directory.permissions import ROSTERING, Permission
from rosterdesk.directory.schema import RECORDS
from rosterdesk.directory.settings import DISTRICT, PhoneColumn, Settings
from rosterdesk.errors import NotAllowed, UsageError

FIELDS: dict[str, tuple[str, ...]] = {
    "staff": ("given_name", "family_name", "middle_name", "email", "sms", "phone", "language"),
    "guardians": ("given_name", "family_name", "email", "sms", "phone", "language"),
}


def change(edit: Edit, entity: str, record: int, details: Mapping[str, str | None]) -> None:
    """Change contact details and the language of a member of staff or a guardian. Raises `NotAllowed`."""
    row = edit.get(entity, record)
    values = cleaned(entity, details)
    if not values:
        raise UsageError("There is nothing to change.", f"Details: {', '.join(FIELDS[entity])}.")
    schools = edit.schools(entity, row)
    settings = [edit.settings(school) for school in sorted(schools) or [DISTRICT]]
    synced = edit.synced(entity, row) and (entity != "guardians" or any(s.manage_guardians for s in settings))
    if synced:
        _refuse_what_the_sync_owns(edit, entity, row, settings, values)
    if record not in edit.person.records:
        others = (Permission.USERS_MANAGER, Permission.PERSON)
        edit.person.require(
            f"The details of this {SINGULAR[entity]} are changed by themselves and by a Users Manager.",
            others if synced else (*ROSTERING, *others[:1]),
            schools,
        )
    after = {name: values.get(name, getattr(row, name)) for name in FIELDS[entity]}
    if entity == "guardians" and not usable(after, settings[0].phone_column):
        raise NotAllowed(
            "A guardian needs an e-mail or a mobile number, to sign in and to be reached with.",
            "Enter the new one before the old one goes.",
        )
    different = [name for name in values if getattr(row, name) != values[name]]
    refuse_taken(edit, {name: value for name, value in after.items() if name in different}, after, record)
    if edit.change(entity, row, "update", **values):
        if row.sis_id is not None:
            edit.own(record, *different)
        accounts.sort_out(edit, entity, record)


def cleaned(entity: str, details: Mapping[str, str | None]) -> dict[str, str | None]:
    """The details without outer spaces, empty ones missing. Raises `UsageError` for what is no detail."""
    for name in details:
        if name not in FIELDS[entity]:
            raise UsageError(f"{name} is no contact detail.", f"Details: {', '.join(FIELDS[entity])}.")
    return {name: (value or "").strip() or None for name, value in details.items()}


def usable(values: Mapping[str, str | None], phone_column: PhoneColumn) -> bool:
    """Whether somebody can sign in and be reached: an e-mail or the number of the credential column."""
    return bool(values.get("email") or values.get(phone_column.value))


def refuse_taken(
    edit: Edit, values: Mapping[str, str | None], person: Mapping[str, str | None], record: int | None = None
) -> None:
    """Where it is not allowed to share them: refuse an e-mail or number of `values` that is somebody else's.

    `person` is how they are called and reached afterwards: who is exactly the same is nobody else.
    """
    settings = edit.settings()
    if settings.shared_contacts:
        return
    for name, word in (("email", "e-mail"), (settings.phone_column.value, "mobile number")):
        if not values.get(name):
            continue
        for entity in accounts.SHARING:
            table = RECORDS[entity]
            same = [table.c[field].is_not_distinct_from(person.get(field)) for field in accounts.SAME]
            others = (table.c.district == edit.district, table.c.status == "active", table.c.id != (record or 0))
            has = sa.func.lower(table.c[name]) == str(values[name]).lower()
            if edit.conn.execute(sa.select(table.c.id).where(*others, has, sa.not_(sa.and_(*same))).limit(1)).first():
                raise NotAllowed(
                    f"Somebody else has this {word} already, and in this district it is one person's only.",
                    "Enter another one. A district leader can let people share them with the setting shared_contacts.",
                )


def _refuse_what_the_sync_owns(
    edit: Edit, entity: str, row: sa.Row[Any], settings: list[Settings], values: Mapping[str, str | None]
) -> None:
    if set(values) == {"language"}:
        if any(s.update_language for s in settings):
            raise NotAllowed(
                "The sync sets this person's language: a change by hand would not last.",
                "Change it in the SIS, or switch off the setting update_language.",
            )
        return
    if not edit.active(row):
        raise NotAllowed(
            "This person has not signed in yet: an invitee's contact details always follow the SIS.",
            "Change them in the SIS. Once they have signed in, they and a Users Manager can change them here.",
        )
    if any(s.update_active_users for s in settings):
        raise NotAllowed(
            "Only the sync changes contact details here: a change by hand would not last.",
            "Change them in the SIS, or switch off the setting update_active_users.",
        )
