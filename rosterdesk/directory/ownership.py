"""What planning needs to know of people's own doings: hand edits of synced records, and schools with settings of their
own.

Each of its tables is made in the staging only where there is anything to tell, so that a plan pays nothing for it else.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict

import sqlalchemy as sa

from rosterdesk.directory import scope
from rosterdesk.directory.schema import guardians, hand_edits, schools, staff
from rosterdesk.directory.settings import Settings, school_settings
from rosterdesk.staging import Staging

HAND_EDITS = "directory.hand_edits"  # id, field, created_run
DEVIATING = "directory.deviating"  # name, sis_id: schools in which a switch stands other than in the district
UNSYNCED = scope.UNSYNCED
MANUAL_PEOPLE = "directory.manual_people"  # kind, given_name ... phone: who has no SIS ID; where contacts aren't shared
THRESHOLDS = "directory.thresholds"  # sis_id, percent: schools with a deletion threshold of their own
CONTACTS = "directory.contacts"  # name, sis_id, word: schools with contact settings of their own; '' is everybody
LIMITS = "directory.limits"  # sis_id, limit: schools with further limits of their own
ONLY = "directory.only"  # sis_id: the schools for which alone this run is, if it is not for all


def load(
    conn: sa.Connection, district: int, settings: Settings, staging: Staging, *, own_thresholds: bool = True
) -> None:
    """Make those of the tables that have rows; `settings` are the district's. Without `own_thresholds` those, and the
    limits, of single schools don't hold.
    """
    edits = sa.select(hand_edits.c.subject, hand_edits.c.field, hand_edits.c.created_run)
    _table(staging, HAND_EDITS, "id bigint, field varchar, created_run integer",
           [tuple(row) for row in conn.execute(edits.where(hand_edits.c.district == district))])  # fmt: skip
    own = school_settings(conn, district)
    names = sa.select(schools.c.id, schools.c.sis_id).where(
        schools.c.district == district, schools.c.id.in_(own), schools.c.sis_id.is_not(None)
    )
    deviating, unsynced, thresholds, limits = [], [], [], []
    contacts: list[tuple[str, str, str]] = []
    for school, sis_id in conn.execute(names) if own else ():
        here = own[school]
        wide = asdict(settings)
        deviating += [
            (name, sis_id) for name, value in asdict(here).items() if isinstance(value, bool) and value != wide[name]
        ]
        if not here.sync:
            unsynced.append((sis_id,))
        if own_thresholds and here.school_threshold_percent != settings.school_threshold_percent:
            thresholds.append((sis_id, here.school_threshold_percent))
        for name in ("contact_relationships", "contact_types"):
            if (words := getattr(here, name)) != wide[name]:
                contacts += [(name, sis_id, word) for word in words or ("",)]
        if own_thresholds and here.limits != settings.limits:
            limits += [(sis_id, limit) for limit in here.limits]
    if not settings.sync:
        on = {sis_id for name, sis_id in deviating if name == "sync"}
        every = sa.select(schools.c.sis_id).where(schools.c.district == district, schools.c.sis_id.is_not(None))
        known = {
            *conn.execute(every).scalars(),
            *(sis_id for (sis_id,) in staging.rows("select sis_id from incoming.schools")),
        }
        unsynced = [(sis_id,) for sis_id in sorted(known - on)]
    _table(staging, DEVIATING, "name varchar, sis_id varchar", deviating)
    _table(staging, UNSYNCED, "sis_id varchar", unsynced)
    _table(staging, THRESHOLDS, "sis_id varchar, percent integer", thresholds)
    _table(staging, LIMITS, "sis_id varchar, text varchar", limits)
    _table(staging, CONTACTS, "name varchar, sis_id varchar, word varchar", contacts)
    if not settings.shared_contacts:
        _manual_people(conn, district, staging)


def _manual_people(conn: sa.Connection, district: int, staging: Staging) -> None:
    """Make `MANUAL_PEOPLE`, with or without rows."""
    columns = ("given_name", "family_name", "email", "sms", "phone")
    rows: list[tuple[object, ...]] = []
    for kind, table in (("staff", staff), ("guardian", guardians)):
        query = sa.select(sa.literal(kind), *(table.c[name] for name in columns), sa.null()).where(
            table.c.district == district, table.c.sis_id.is_(None), table.c.status == "active"
        )
        rows += [tuple(row) for row in conn.execute(query)]
    texts = ", ".join(f"{name} varchar" for name in ("kind", *columns, "sis_id"))
    staging.execute(f"create table if not exists {MANUAL_PEOPLE} ({texts})")
    _fill(staging, MANUAL_PEOPLE, rows)


def only(staging: Staging, schools: Collection[str]) -> None:
    """Let the run be for these schools alone, named by SIS ID: to all others it does nothing, as if their sync were
    off, and nothing to records that belong to no school. To be called after `load`.
    """
    _table(staging, ONLY, "sis_id varchar", [(sis_id,) for sis_id in sorted(schools)])
    staging.execute(f"create table if not exists {UNSYNCED} (sis_id varchar)")
    staging.execute(f"""insert into {UNSYNCED} select sis_id from (
            select sis_id from directory.schools union select sis_id from incoming.schools)
        where sis_id not in (select sis_id from {ONLY}) and sis_id not in (select sis_id from {UNSYNCED})""")


def _table(staging: Staging, name: str, columns: str, rows: Sequence[tuple[object, ...]]) -> None:
    if not rows:
        return
    staging.execute(f"create table {name} ({columns})")
    _fill(staging, name, rows)


def _fill(staging: Staging, name: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        staging.con.executemany(f"insert into {name} values ({marks})", rows)
