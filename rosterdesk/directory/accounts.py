"""Accounts: enabling one, and who shares one.

One person in several roles has one account when name, e-mail and phones are exactly the same in every record, else one
each (ClassTag help, articles 6369316 and 24410354160532).
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from rosterdesk.directory.edit import Edit
from rosterdesk.directory.permissions import ROSTERING, Permission
from rosterdesk.directory.schema import RECORDS, accounts
from rosterdesk.directory.settings import DISTRICT
from rosterdesk.errors import NotAllowed, UsageError

SAME = ("given_name", "family_name", "email", "sms", "phone")
SHARING = ("staff", "guardians")


def enable(edit: Edit, entity: str, record: int) -> int:
    """Make somebody's account active, also a synced student's; return the account's number."""
    row = edit.get(entity, record)
    edit.person.require(
        "Accounts are enabled by those who manage the roster, and by Users Managers.",
        (*ROSTERING, Permission.USERS_MANAGER),
        edit.schools(entity, row),
    )
    if row.status == "archived":
        raise UsageError("An archived person has no use for an account.", "Restore them first.")
    if edit.active(row):
        raise UsageError("This account is enabled already.", "Nothing was changed.")
    if entity == "students":
        can = bool(row.email or row.student_number or row.sis_id)
    else:
        column = edit.settings(row.school or DISTRICT if entity == "staff" else DISTRICT).phone_column
        can = bool(row.email or getattr(row, column.value))
    if not can:
        raise NotAllowed(
            "Nobody can sign in without an e-mail or a mobile number; a home phone is none.", "Enter one first."
        )
    account = row.account or _of_same(edit, entity, row) or edit.create("accounts", state="invitee")
    _activate(edit, account)
    for other, same in [(entity, row), *_same(edit, entity, row)]:
        _join(edit, other, same, account)
    return account


def sort_out(edit: Edit, entity: str, record: int) -> None:
    """After somebody came or their details changed: leave an account that is no longer theirs to share, join one that
    is.
    """
    row = edit.known(entity, record)
    if row is None:
        return
    if (shared := _of_same(edit, entity, row)) is not None:
        _join(edit, entity, row, shared)
    elif row.account is not None and any(
        _key(other) != _key(row) for _, other in _members(edit, row.account) if other.id != row.id
    ):
        state = "active" if edit.active(row) else "invitee"
        _join(edit, entity, row, edit.create("accounts", state=state))


def _key(row: sa.Row[Any]) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in SAME)


def _same(edit: Edit, entity: str, row: sa.Row[Any]) -> list[tuple[str, sa.Row[Any]]]:
    """The other records of what is certainly the same person."""
    if entity not in SHARING or not (row.email or row.sms):
        return []
    found = []
    for other in SHARING:
        table = RECORDS[other]
        same = [table.c[name].is_not_distinct_from(getattr(row, name)) for name in SAME]
        here = (table.c.district == edit.district, table.c.status == "active", table.c.id != row.id)
        found += [(other, match) for match in edit.conn.execute(sa.select(table).where(*here, *same))]
    return found


def _of_same(edit: Edit, entity: str, row: sa.Row[Any]) -> int | None:
    return next((int(other.account) for _, other in _same(edit, entity, row) if other.account is not None), None)


def _members(edit: Edit, account: int) -> list[tuple[str, sa.Row[Any]]]:
    return [
        (entity, row)
        for entity in SHARING
        for row in edit.conn.execute(
            sa.select(RECORDS[entity]).where(
                RECORDS[entity].c.district == edit.district, RECORDS[entity].c.account == account
            )
        )
    ]


def _join(edit: Edit, entity: str, row: sa.Row[Any], account: int) -> None:
    if row.account != account:
        edit.change(entity, row, account=account)


def _activate(edit: Edit, account: int) -> None:
    here = (accounts.c.district == edit.district, accounts.c.id == account)
    row = edit.conn.execute(sa.select(accounts).where(*here)).one()
    if row.state == "active":
        return
    if row.created_run != edit.run:  # what this run created goes as a whole
        edit.note(
            "accounts", account, "update", {"id": account, "state": row.state}, {"id": account, "state": "active"}
        )
    edit.conn.execute(accounts.update().where(*here).values(state="active"))
    edit.stale |= set(SHARING)
