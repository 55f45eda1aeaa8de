"""How old runs are. A clock that was set back for one run makes that run no older: a run's time counts as the latest of
all runs up to its number.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from rosterdesk.directory.history import Kind
from rosterdesk.directory.schema import runs


def of_before(district: int, edge: datetime) -> sa.ColumnElement[bool]:
    """The condition that a run, and each run before it, was started before that moment."""
    began = sa.select(sa.func.min(runs.c.run)).where(runs.c.district == district, runs.c.started >= as_recorded(edge))
    young = began.scalar_subquery()
    return sa.or_(young.is_(None), runs.c.run < young)


def newest(conn: sa.Connection, district: int, *, before: int | None = None) -> datetime | None:
    """When the newest run was started, or the newest of a lower number than `before`; None: there is none."""
    query = sa.select(runs.c.started).where(runs.c.district == district)
    if before is not None:
        query = query.where(runs.c.run < before)
    started = conn.execute(query.order_by(runs.c.run.desc()).limit(1)).scalar()
    return datetime.fromisoformat(started) if started else None


def latest_but_purges(conn: sa.Connection, district: int) -> int:
    """The number of the latest run that did more than to remove what was old; 0: there is none."""
    query = sa.select(sa.func.max(runs.c.run)).where(runs.c.district == district, runs.c.kind != Kind.PURGE.value)
    return conn.execute(query).scalar() or 0


def as_recorded(moment: datetime) -> str:
    """A moment as runs record it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
