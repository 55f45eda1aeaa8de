"""Who may take a run back: those who manage the roster of the whole district, and of an edit also whoever made it, as
long as all of it is theirs to see. What was set or granted, only those who may set and grant it.
"""

from __future__ import annotations

import json

import sqlalchemy as sa

from rosterdesk.directory import permissions, sight
from rosterdesk.directory.history import Kind, PastRun
from rosterdesk.directory.permissions import LEADERS, ROSTERING, Permission, Person, could
from rosterdesk.directory.schema import LINKS, RECORDS, changes, grants, metadata, settings
from rosterdesk.directory.settings import DISTRICT
from rosterdesk.errors import NotAllowed

_BY_HAND = (Kind.EDIT, Kind.MERGE, Kind.UNMERGE)


def require(conn: sa.Connection, district: int, past: PastRun) -> Person:
    """The person at the keyboard, if they may take this run back. Raises `NotAllowed`."""
    person = permissions.present(conn, district)
    if person.owner:
        return person
    if not person.has(ROSTERING, ()):
        if past.kind not in _BY_HAND or past.who != person.who:
            raise NotAllowed(
                f"Run {past.number} is taken back by those who manage the roster of the whole district"
                + (", or by whoever made it." if past.kind in _BY_HAND else "."),
                could(ROSTERING, everywhere=True),
            )
        if not _sees_all(conn, district, past.number, person):
            raise NotAllowed(
                f"Run {past.number} is also about records that are not of your schools (any more).",
                could(ROSTERING, everywhere=True),
            )
    _require_to_govern(conn, district, past.number, person)
    return person


def _sees_all(conn: sa.Connection, district: int, run: int, person: Person) -> bool:
    """Whether whatever the run changed, made or linked is this person's to see."""
    changed = sa.select(changes.c.number).where(changes.c.district == district, changes.c.run == run)
    known = sa.select(changes.c.number).where(
        changes.c.district == district, changes.c.run == run, *sight.seen_changes(person, district)
    )
    governing = changes.c.entity.in_((settings.name, grants.name, "accounts"))  # asked on their own, or nobody's
    hidden = [changed.where(sa.not_(governing), changes.c.number.not_in(known))]
    for name in (*RECORDS, *LINKS):
        table = metadata.tables[name]
        key = table.c[next(iter(LINKS[name]))] if name in LINKS else table.c.id
        records = [
            sa.select(record.c.id).where(record.c.district == district, *sight.seen(person, district, record))
            for record in (RECORDS[end] for end in (next(iter(LINKS[name].values())) if name in LINKS else (name,)))
        ]
        made = sa.select(key).where(table.c.district == district, table.c.created_run == run)
        hidden += [made.where(sa.and_(*(key.not_in(record) for record in records)))]
    return all(conn.execute(query.limit(1)).first() is None for query in hidden)


def _require_to_govern(conn: sa.Connection, district: int, run: int, person: Person) -> None:
    """The same rules as in `governing`, for what the run set and granted."""
    of_run = (changes.c.district == district, changes.c.run == run)
    for place in conn.execute(sa.select(changes.c.record).where(*of_run, changes.c.entity == settings.name)).scalars():
        leaders = LEADERS[:1] if place == DISTRICT else LEADERS
        person.require("Settings are its leaders' to change, and to change back.", leaders, {place})
    given = sa.select(grants.c.permission, grants.c.school)
    found = [
        tuple(row) for row in conn.execute(given.where(grants.c.district == district, grants.c.created_run == run))
    ]
    taken = sa.select(changes.c.before).where(*of_run, changes.c.entity == grants.name, changes.c.before.is_not(None))
    found += [(row["permission"], row["school"]) for row in map(json.loads, conn.execute(taken).scalars())]
    for permission, place in found:
        person.require(
            "Permissions are changed, and changed back, by a Permissions Administrator.",
            (Permission.PERMISSIONS_ADMINISTRATOR,),
            {place},
        )
        if permission == Permission.DISTRICT_LEADER:
            person.require("A district leader is named by another one.", LEADERS[:1], ())
