"""Reads an exported directory (layout: `layout`) back into an empty one, as one run that can be taken back."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory import bulk, sight
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.exported import Row, batches, read
from rosterdesk.directory.history import Kind, PastRun, State, next_run, now, record_run
from rosterdesk.directory.layout import FILES, fields, has_school
from rosterdesk.directory.permissions import LEADERS, Permission
from rosterdesk.directory.relink import load_accounts, load_links
from rosterdesk.directory.schema import (
    LINKS,
    RECORDS,
    accounts,
    changes,
    districts,
    grants,
    metadata,
    schools,
    settings,
    snapshot,
)
from rosterdesk.directory.settings import DISTRICT, set_settings
from rosterdesk.errors import DirectoryError, UsageError
from rosterdesk.run import Run


def import_(directory: Directory, folder: Path, run: Run | None = None, *, who: str | None = None) -> int:
    """Read every file of an export into the directory, which must be empty; return the number of the run this made.

    Afterwards the directory's export is the same files, byte for byte. Memory stays bounded whatever their size. Raises
    `FileError` naming the line of the first fault, `NotAllowed`; then nothing was changed.
    """
    run = run or Run()
    with directory.transaction("importing", run) as conn:
        district, started = directory.district, now()
        person = sight.require_district(conn, district, "A directory is imported by its owner or a district leader.",
                                        LEADERS[:1])  # fmt: skip
        _refuse_unless_empty(conn, district)
        number = next_run(conn, district)
        # Manual records keep their numbers; synced ones are numbered anew, above all of these.
        highest = max((row.number("id") or 0 for name in RECORDS for row in _rows(folder, name, run)), default=0)
        known = conn.execute(sa.select(districts.c.next_id).where(districts.c.district == district)).scalar_one()
        free = itertools.count(max(highest + 1, known))
        counts: dict[str, dict[str, int]] = {}
        places: dict[tuple[str | None, int | None], int] = {}
        for name in FILES:
            rows = _rows(folder, name, run)
            if name in RECORDS:
                count = _load_records(conn, district, number, name, rows, free, places)
            elif name in LINKS:
                count = load_links(conn, district, number, name, rows)
            elif name == accounts.name:
                count = load_accounts(conn, district, number, rows, free)
            elif name == grants.name:
                count = _load_grants(conn, district, number, rows, places)
            else:
                count = _load_settings(conn, district, number, rows, places)
            counts[name] = {"created": count}
        conn.execute(districts.update().where(districts.c.district == district).values(next_id=next(free)))
        conn.execute(snapshot.delete().where(snapshot.c.district == district))
        record_run(
            conn,
            district,
            PastRun(number, Kind.IMPORT, State.DONE, started, now(), who or person.who, folder.name, counts=counts),
        )
        directory.bump(conn)
    return number


def _rows(folder: Path, name: str, run: Run) -> Iterator[Row]:
    return read(folder, name, lambda count: run.report(f"Reading {name}", count))


def _refuse_unless_empty(conn: sa.Connection, district: int) -> None:
    for name in (*RECORDS, *LINKS, accounts.name, grants.name, settings.name):
        table = metadata.tables[name]
        if conn.execute(sa.select(sa.literal(1)).where(table.c.district == district).limit(1)).first() is not None:
            raise DirectoryError("The directory is not empty.", "Import into a new one, or take back its runs first.")


def _load_records(
    conn: sa.Connection,
    district: int,
    run: int,
    entity: str,
    rows: Iterator[Row],
    free: Iterator[int],
    places: dict[tuple[str | None, int | None], int],
) -> int:
    """Insert the records; schools are few, and are remembered in `places` by their names."""
    own = fields(entity)
    school = ("school",) if has_school(entity) else ()
    columns = ("district", "id", "sis_id", *own, *school, "status", "created_run")
    count = 0

    def made(row: Row) -> tuple[Any, ...]:
        name = row.named("sis_id", "id")
        record = next(free) if name[1] is None else name[1]
        if entity == schools.name:
            places[name] = record
        place = [_place(row, places)] if school else []
        values = (row.cells[field] for field in own)
        return (district, record, name[0], *values, *place, row.one_of("status", "active", "archived"), run)

    for batch in batches(rows):
        count += len(batch)
        try:
            bulk.insert(conn, entity, columns, [made(row) for row in batch])
        except _unique(conn) as error:
            fault = batch[-1].fault(f"a record of the {len(batch)} lines up to here stands twice in the file")
            raise fault from error
    return count


def _place(row: Row, places: dict[tuple[str | None, int | None], int]) -> int | None:
    if row.cells["school_sis_id"] is None and row.cells["school_id"] is None:
        return None
    place = places.get(row.named("school_sis_id", "school_id"))
    if place is None:
        raise row.fault("its school is not in schools.csv")
    return place


def _load_settings(
    conn: sa.Connection,
    district: int,
    run: int,
    rows: Iterator[Row],
    places: dict[tuple[str | None, int | None], int],
) -> int:
    count = 0
    for count, row in enumerate(rows, 1):
        school = _place(row, places) or DISTRICT
        name, value = row.needed("name"), row.needed("value")
        try:
            set_settings(conn, district, {name: value}, school)
        except UsageError as error:
            raise row.fault(str(error)) from error
        # Settings don't say which run made them, so the change does.
        change = {"entity": settings.name, "record": school, "action": "update"}
        texts = {
            "before": json.dumps({"name": name, "value": None}),
            "after": json.dumps({"name": name, "value": value}),
        }
        conn.execute(changes.insert().values(district=district, run=run, number=count, **change, **texts))
    return count


def _load_grants(
    conn: sa.Connection,
    district: int,
    run: int,
    rows: Iterator[Row],
    places: dict[tuple[str | None, int | None], int],
) -> int:
    """What people at the keyboard may do: few rows, one at a time."""
    count = 0
    for row in rows:
        count += 1
        person = None
        if row.cells["entity"] is not None:
            table = RECORDS[row.one_of("entity", "staff", "guardians")]
            sis_id, record = row.named("person_sis_id", "person_id")
            named = table.c.sis_id == sis_id if sis_id is not None else table.c.id == record
            person = conn.execute(sa.select(table.c.id).where(table.c.district == district, named)).scalar()
            if person is None:
                raise row.fault("it names a record that is in none of the files")
        values = {"who": row.needed("who"), "permission": row.one_of("permission", *Permission)}
        school = _place(row, places) or DISTRICT
        try:
            conn.execute(
                grants.insert().values(district=district, school=school, person=person, created_run=run, **values)
            )
        except sa.exc.IntegrityError as error:
            raise row.fault("this permission stands twice in the file") from error
    return count


def _unique(conn: sa.Connection) -> type[Exception]:
    """The driver's error for a key that is there already."""
    dbapi: Any = conn.dialect.dbapi
    error: type[Exception] = dbapi.IntegrityError
    return error
