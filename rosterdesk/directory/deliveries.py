"""Which files the runs have brought to outlets, with their checksums."""

from __future__ import annotations

import json
from dataclasses import dataclass

import sqlalchemy as sa

from rosterdesk.directory.schema import deliveries

DELIVERED = "rosterdesk deliveries"  # under which a connection keeps what its transaction has written down, by run


@dataclass(frozen=True, slots=True)
class Delivered:
    """Files that an outlet (a folder, a ZIP, `connection:NAME`) got: of each its name, its rows, its SHA-256."""

    outlet: str
    layout: str
    zipped: bool
    files: tuple[tuple[str, int, str], ...]


def record(conn: sa.Connection, district: int, run: int, delivered: Delivered) -> None:
    """Write down what a run has delivered."""
    row = {
        "outlet": delivered.outlet,
        "layout": delivered.layout,
        "zipped": int(delivered.zipped),
        "files": json.dumps(delivered.files),
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
    files = tuple((str(name), int(rows), str(sha256)) for name, rows, sha256 in json.loads(row.files))
    return Delivered(row.outlet, row.layout, bool(row.zipped), files)
