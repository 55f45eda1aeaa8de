"""What planning needs to know of people's own doings: hand edits of synced records, and schools with settings of their
own.

Each of its tables is made in the staging only where there is anything to tell, so that a plan pays nothing for it else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa

from rosterdesk.directory.schema import hand_edits, schools
from rosterdesk.directory.settings import Settings, school_settings
from rosterdesk.staging import Staging

HAND_EDITS = "directory.hand_edits"  # id, field, created_run
DEVIATING = "directory.deviating"  # name, sis_id: schools in which a switch stands other than in the district
UNSYNCED = "directory.unsynced"  # sis_id: schools whose sync is off
THRESHOLDS = "directory.thresholds"  # sis_id, percent: schools with a deletion threshold of their own


def load(conn: sa.Connection, district: int, settings: Settings, staging: Staging) -> None:
    """Make those of the tables that have rows; `settings` are the district's."""
    edits = sa.select(hand_edits.c.subject, hand_edits.c.field, hand_edits.c.created_run)
    _table(staging, HAND_EDITS, "id bigint, field varchar, created_run integer",
           [tuple(row) for row in conn.execute(edits.where(hand_edits.c.district == district))])  # fmt: skip
    own = school_settings(conn, district)
    names = sa.select(schools.c.id, schools.c.sis_id).where(
        schools.c.district == district, schools.c.id.in_(own), schools.c.sis_id.is_not(None)
    )
    deviating, unsynced, thresholds = [], [], []
    for school, sis_id in conn.execute(names) if own else ():
        here = own[school]
        wide = asdict(settings)
        deviating += [
            (name, sis_id) for name, value in asdict(here).items() if isinstance(value, bool) and value != wide[name]
        ]
        if not here.sync:
            unsynced.append((sis_id,))
        if here.school_threshold_percent != settings.school_threshold_percent:
            thresholds.append((sis_id, here.school_threshold_percent))
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


def _table(staging: Staging, name: str, columns: str, rows: Sequence[tuple[object, ...]]) -> None:
    if not rows:
        return
    staging.execute(f"create table {name} ({columns})")
    marks = ", ".join("?" * len(rows[0]))
    staging.con.executemany(f"insert into {name} values ({marks})", rows)
