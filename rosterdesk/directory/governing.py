"""Edits of how a district is run: its settings, a school's sync, and who may do what."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from rosterdesk.directory.edit import Edit
from rosterdesk.directory.permissions import (
    LEADERS,
    ROSTERING,
    Permission,
    Person,
    granted,
    needs_district,
)
from rosterdesk.directory.schema import RECORDS, grants, runs
from rosterdesk.directory.schema import changes as history
from rosterdesk.directory.schema import settings as table
from rosterdesk.directory.settings import DISTRICT, Settings, canonical, get_settings, set_settings
from rosterdesk.errors import DirectoryChanged, NotAllowed, UsageError


def change_settings(edit: Edit, changes: Mapping[str, str | None], school: int = DISTRICT) -> Settings:
    """Set some settings of the district or of a school; return those that hold there now."""
    if school == DISTRICT:
        edit.person.require("Settings of the district are its leaders' to change.", LEADERS[:1], ())
    else:
        edit.get("schools", school)
        edit.person.require("Settings of a school are its leaders' to change, and the district's.", LEADERS, {school})
    _refuse_if_changed(edit, school, changes)
    here = (table.c.district == edit.district, table.c.school == school)
    own = dict(edit.conn.execute(sa.select(table.c.name, table.c.value).where(*here)).all())
    changed = {}
    for name, value in changes.items():
        after = None if value is None else canonical(name, value)
        if own.get(name) != after:
            changed[name] = after
            before = {"name": name, "value": own.get(name)}
            edit.note(table.name, school, "update", before, {"name": name, "value": after})
    return (
        set_settings(edit.conn, edit.district, changed, school)
        if changed
        else get_settings(edit.conn, edit.district, school)
    )


def switch_sync(edit: Edit, school: int, *, on: bool) -> None:
    """Switch a school's sync off, which keeps all of it as manual records, or on again."""
    row = edit.get("schools", school)
    if row.sis_id is None:
        raise UsageError("This school has no SIS ID and was never synced.", "Give it one first.")
    if edit.settings(school).sync == on:
        raise UsageError(f"The school's sync is {'on' if on else 'off'} already.", "Nothing was changed.")
    change_settings(edit, {"sync": "on" if on else "off"}, school)


def give_sis_id(edit: Edit, school: int, sis_id: str) -> None:
    """Connect a manual school with the school of this SIS ID in the source."""
    row = edit.get("schools", school)
    edit.person.require("Schools are connected by those who manage their roster.", ROSTERING, {school})
    schools = RECORDS["schools"]
    taken = sa.select(schools.c.id).where(schools.c.district == edit.district, schools.c.sis_id == sis_id)
    if row.sis_id is not None or not sis_id or edit.conn.execute(taken).first() is not None:
        raise UsageError("The school has an SIS ID already, or another school has this one.", "Nothing was changed.")
    edit.change("schools", row, sis_id=sis_id)
    edit.stale |= {"classrooms", "students", "staff"}  # they are told by the school's SIS ID


def add_school(edit: Edit, name: str, kind: str | None = None) -> int:
    """Make a manual school; return its number."""
    edit.person.require("Schools are added by a leader of the district.", LEADERS[:1], ())
    if not name.strip():
        raise UsageError("A school needs a name.", "Nothing was changed.")
    return edit.create("schools", name=name.strip(), type=kind)


def grant(edit: Edit, who: str, permission: Permission, school: int = DISTRICT, person: int | None = None) -> None:
    """Let somebody do something, in a school or everywhere. `person` is their own record, if they have one."""
    _may_govern(edit, permission, school)
    if permission is Permission.OWNER:
        raise NotAllowed("Who owns the directory is decided where it is kept, not in it.", "Grant district_leader.")
    if needs_district(permission) and school != DISTRICT:
        raise UsageError(f"{permission} is for the whole district.", "Grant it without naming a school.")
    if school != DISTRICT:
        edit.get("schools", school)
    if person is not None:  # their own record opens itself to them, so whoever grants must see it
        kinds = [kind for kind in ("staff", "guardians") if edit.known(kind, person) is not None]
        edit.get(kinds[0] if kinds else "staff", person)
    if edit.linked(grants.name, who=who, permission=permission.value, school=school) is not None:
        raise UsageError(f"{who} has this permission already.", "Nothing was changed.")
    edit.link(grants.name, who=who, permission=permission.value, school=school, person=person)


def revoke(edit: Edit, who: str, permission: Permission, school: int = DISTRICT) -> None:
    """Take a permission away again."""
    _may_govern(edit, permission, school)
    row = edit.linked(grants.name, who=who, permission=permission.value, school=school)
    if row is None:
        raise UsageError(f"{who} does not have this permission.", "`directory permissions` lists them.")
    edit.unlink(grants.name, row)


def somebody(edit: Edit, who: str) -> Person:
    """What somebody may do now."""
    return granted(edit.conn, edit.district, who)


def _refuse_if_changed(edit: Edit, school: int, names: Iterable[str]) -> None:
    """Raise `DirectoryChanged` when somebody else has set one of these since this person looked."""
    if edit.since is None:
        return
    of_place = (history.c.entity == table.name, history.c.record == school, history.c.run > edit.since)
    query = (
        sa.select(history.c.after, runs.c.who, runs.c.run, runs.c.finished)
        .join(runs, (runs.c.district == history.c.district) & (runs.c.run == history.c.run))
        .where(history.c.district == edit.district, history.c.run != edit.run, *of_place)
        .order_by(history.c.run.desc(), history.c.number.desc())
    )
    wanted = set(names)
    for row in edit.conn.execute(query):
        if (name := json.loads(row.after)["name"]) in wanted:
            raise DirectoryChanged(
                f"{row.who} has changed the setting {name} meanwhile (run {row.run}, {row.finished}).",
                "Look at it again, and decide whether you still want your change: nothing of yours was written.",
            )


def _may_govern(edit: Edit, permission: Permission, school: int) -> None:
    places = () if school == DISTRICT else (school,)
    edit.person.require(
        "Permissions are changed by a Permissions Administrator.", (Permission.PERMISSIONS_ADMINISTRATOR,), places
    )
    # Nobody makes somebody greater than themselves.
    if permission is Permission.DISTRICT_LEADER:
        edit.person.require("A district leader is named by another one.", LEADERS[:1], ())
