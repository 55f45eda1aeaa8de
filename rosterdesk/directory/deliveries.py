"""Which files the runs have brought to outlets, with their checksums."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory import ages
from rosterdesk.directory.history import machine
from rosterdesk.directory.schema import deliveries, runs

DELIVERED = "rosterdesk deliveries"  # under which a connection keeps what its transaction has written down, by run
_DELTA = "delta"


@dataclass(frozen=True, slots=True)
class Delivered:
    """Files that an outlet (a folder, a ZIP, `connection:NAME`) got: of each its name, its rows, its SHA-256. No files:
    those of earlier runs were removed there. `delta` names those whose rows are what the receiver is to delete.
    `untold`, which is not written down, are the other outlets that got files since the run which this takes back.
    """

    outlet: str
    layout: str
    zipped: bool
    files: tuple[tuple[str, int, str], ...]
    delta: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()

    @property
    def marked(self) -> int:
        """How many rows say of something that it is to be deleted."""
        return sum(rows for name, rows, _ in self.files if name in self.delta)


def record(conn: sa.Connection, district: int, run: int, delivered: Delivered) -> None:
    """Write down what a run has delivered."""
    row = {
        "outlet": delivered.outlet,
        "layout": delivered.layout,
        "zipped": int(delivered.zipped),
        "files": json.dumps([[*file, *([_DELTA] if file[0] in delivered.delta else [])] for file in delivered.files]),
    }
    conn.execute(deliveries.delete().where(deliveries.c.district == district, deliveries.c.run == run))
    conn.execute(deliveries.insert().values(district=district, run=run, **row))
    conn.info.get(DELIVERED, {})[run] = delivered


def delivered_by(conn: sa.Connection, district: int, run: int) -> Delivered | None:
    """What a run has delivered; None: nothing."""
    query = sa.select(deliveries).where(deliveries.c.district == district, deliveries.c.run == run)
    row = conn.execute(query).first()
    if row is None:
        return None
    return _delivered(row)


def newest_at(conn: sa.Connection, district: int, outlet: str) -> tuple[int, Delivered]:
    """The run that has brought files to an outlet last, and these, also if they were removed since; there is one."""
    here = (deliveries.c.district == district, deliveries.c.outlet == outlet, deliveries.c.files != "[]")
    row = conn.execute(sa.select(deliveries).where(*here).order_by(deliveries.c.run.desc()).limit(1)).one()
    return row.run, _delivered(row)


def outlets_since(conn: sa.Connection, district: int, run: int) -> tuple[str, ...]:
    """The outlets to which later runs have delivered, in order."""
    later = (deliveries.c.district == district, deliveries.c.run > run, deliveries.c.files != "[]")
    query = sa.select(deliveries.c.outlet).where(*later).distinct().order_by(deliveries.c.outlet)
    return tuple(conn.execute(query).scalars())


def lying(conn: sa.Connection, district: int, edge: datetime) -> tuple[tuple[int, Delivered], ...]:
    """The last delivery to each outlet, with its run, where it was made here (by this user, on this computer), before
    that moment, and its files were not removed since.
    """
    of_district = deliveries.c.district == district
    latest = sa.select(sa.func.max(deliveries.c.run)).where(of_district).group_by(deliveries.c.outlet)
    query = (
        sa.select(deliveries)
        .join(runs, (runs.c.district == deliveries.c.district) & (runs.c.run == deliveries.c.run))
        .where(of_district, deliveries.c.run.in_(latest), runs.c.machine == machine())
        .where(runs.c.finished < ages.as_recorded(edge), ages.of_before(district, edge))
    )
    found = ((row.run, _delivered(row)) for row in conn.execute(query.order_by(deliveries.c.run)))
    return tuple((run, one) for run, one in found if one.files)


def latest_of(conn: sa.Connection, district: int, outlet: str) -> int | None:
    """The run that delivered to an outlet last, or removed what was delivered there; None: none did."""
    of_outlet = (deliveries.c.district == district, deliveries.c.outlet == outlet)
    return conn.execute(sa.select(sa.func.max(deliveries.c.run)).where(*of_outlet)).scalar()


def forget(conn: sa.Connection, district: int, numbers: Sequence[int]) -> int:
    """Forget which files these runs have delivered, but for what was last delivered to an outlet; return how many."""
    latest = sa.select(sa.func.max(deliveries.c.run)).where(deliveries.c.district == district)
    last = conn.execute(latest.group_by(deliveries.c.outlet)).scalars().all()
    gone = set(numbers) - set(last)
    here = (deliveries.c.district == district, deliveries.c.run.in_(gone))
    return conn.execute(deliveries.delete().where(*here)).rowcount if gone else 0


def _delivered(row: sa.Row[Any]) -> Delivered:
    listed = json.loads(row.files)
    files = tuple((str(name), int(rows), str(sha256)) for name, rows, sha256, *_ in listed)
    delta = tuple(str(name) for name, _, _, *modes in listed if _DELTA in modes)
    return Delivered(row.outlet, row.layout, bool(row.zipped), files, delta)
