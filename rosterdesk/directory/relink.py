"""The links and accounts of an import, by way of a temporary table in which the database finds whom they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
import sqlalchemy.exc

from rosterdesk.directory import bulk
from rosterdesk.directory.comparing import read_choices
from rosterdesk.directory.exported import Row, batches
from rosterdesk.directory.layout import FILES
from rosterdesk.directory.schema import LINKS, accounts, metadata

# How the files call the records that a link names, in the order of the link's own columns.
_NAMES: Mapping[str, Sequence[tuple[str, str]]] = {
    "other_schools": (("user_sis_id", "user_id"), ("school_sis_id", "school_id")),
    "enrollments": (("class_sis_id", "class_id"), ("user_sis_id", "user_id")),
    "guardianships": (("student_sis_id", "student_id"), ("guardian_sis_id", "guardian_id")),
    "attributes": (("student_sis_id", "student_id"),),
    "join_codes": (("student_sis_id", "student_id"),),
    "hand_edits": (("sis_id", "id"),),
    "merges": (("sis_id", "id"), ("survivor_sis_id", "survivor_id")),
    "decisions": (("sis_id", "id"),),
}
_ALLOWED = {
    "role": ("student", "teacher"),
    "is_primary": ("0", "1"),
    "synced": ("0", "1"),
    "decision": ("same", "different", "later"),
}
_NEEDED = {"name", "code", "field", "incoming"}
# Two records, a and b: the table each is in, its two names, and its number once found; and up to three values of the
# link.
_TABLE = "incoming_links"
_COLUMNS = ("line", "a_table", "a_sis_id", "a_id", "b_table", "b_sis_id", "b_id", "b", "value0", "value1", "value2")
_CREATE = f"""create temporary table {_TABLE} (line bigint, a_table text, a_sis_id text, a_id bigint, a bigint,
    b_table text, b_sis_id text, b_id bigint, b bigint, value0 text, value1 text, value2 text)"""
_NOBODY = (None, None, None)
_HOLDERS = ("guardians", "staff", "students")  # who can have an account


def load_links(conn: sa.Connection, district: int, run: int, link: str, rows: Iterator[Row]) -> int:
    """Insert the links of a file; return how many. Raises `FileError` for one that names a missing record."""
    ends = LINKS[link]
    own = [c for c in metadata.tables[link].c if c.name in FILES[link] and c.name not in ends]
    sides = "ab"[: len(ends)]
    values = [
        f"cast(value{place} as smallint)" if isinstance(column.type, sa.Integer) else f"value{place}"
        for place, column in enumerate(own)
    ]
    insert = sa.text(
        f"insert into {link} ({', '.join(['district', *ends, *(column.name for column in own), 'created_run'])}) "
        f"select {', '.join([':district', *sides, *values, ':run'])} from {_TABLE} order by a, b"
    )
    count = 0
    with _table(conn):
        for batch in batches(rows):
            bulk.insert(conn, _TABLE, _COLUMNS, [_incoming(row, link, own) for row in batch])
            for side, tables in zip(sides, ends.values(), strict=True):
                _find(conn, district, batch, side, tables)
            try:
                conn.execute(insert, {"district": district, "run": run})
            except sqlalchemy.exc.IntegrityError as error:
                raise batch[-1].fault(f"one of the {len(batch)} rows up to here stands twice in the file") from error
            count += len(batch)
            _clear(conn)
    return count


def load_accounts(conn: sa.Connection, district: int, run: int, rows: Iterator[Row], free: Iterator[int]) -> int:
    """Make the accounts of a file and give them their people; return how many accounts."""
    count, last, account, state = 0, 0, 0, ""
    with _table(conn):
        for batch in batches(rows):
            made: list[tuple[Any, ...]] = []
            members: list[tuple[Any, ...]] = []
            for row in batch:
                number, same = row.cells["account"], row.one_of("state", "invitee", "active")
                if number is None or number == str(last + 1):
                    account, state, count = next(free), same, count + 1
                    last += number is not None
                    made.append((district, account, state, run))
                elif number != str(last) or state != same:
                    raise row.fault("the accounts are not counted 1, 2, 3, each with one state")
                if number is not None:
                    entity = row.one_of("entity", *_HOLDERS)
                    found = (entity, *row.named("sis_id", "id"))
                    members.append((row.line, *found, *_NOBODY, account, None, None, None))
            bulk.insert(conn, accounts.name, ("district", "id", "state", "created_run"), made)
            bulk.insert(conn, _TABLE, _COLUMNS, members)
            _find(conn, district, batch, "a", _HOLDERS)
            for entity in _HOLDERS:
                conn.execute(
                    sa.text(
                        f"update {entity} as p set account = t.b from {_TABLE} t "
                        f"where t.a_table = '{entity}' and p.district = :district and p.id = t.a"
                    ),
                    {"district": district},
                )
            _clear(conn)
    return count


@contextmanager
def _table(conn: sa.Connection) -> Iterator[None]:
    conn.exec_driver_sql(_CREATE)
    yield  # after an exception the transaction is rolled back, and the table goes with it
    conn.exec_driver_sql(f"drop table {_TABLE}")


def _clear(conn: sa.Connection) -> None:
    conn.exec_driver_sql(f"{'delete from' if conn.dialect.name == 'sqlite' else 'truncate'} {_TABLE}")


def _incoming(row: Row, link: str, own: Sequence[sa.Column[Any]]) -> tuple[Any, ...]:
    sides: list[Any] = []
    for names, tables in zip(_NAMES[link], LINKS[link].values(), strict=True):
        sides += [row.one_of("entity", *tables) if len(tables) > 1 else tables[0], *row.named(*names)]
    if len(sides) == len(_NOBODY):
        sides += _NOBODY
    values: list[str | None] = []
    for column in own:
        allowed = _ALLOWED.get(column.name)
        needed = row.needed(column.name) if column.name in _NEEDED else row.cells[column.name]
        if column.name == "choices" and needed is not None:
            _check_choices(row, needed)
        values.append(row.one_of(column.name, *allowed) if allowed else needed)
    return (row.line, *sides, None, *values, *[None] * (3 - len(values)))


def _check_choices(row: Row, text: str) -> None:
    try:
        read_choices(text)
    except ValueError as error:
        raise row.fault(f"{text} does not say which side was chosen for which field") from error


def _find(conn: sa.Connection, district: int, batch: list[Row], side: str, tables: Sequence[str]) -> None:
    """Find the numbers of the records that one side names. Raises `FileError` for the first line that finds none."""
    for table in tables:
        conn.execute(
            sa.text(
                f"update {_TABLE} set {side} = coalesce("
                f"(select r.id from {table} r where r.district = :district and r.sis_id = {side}_sis_id), "
                f"(select r.id from {table} r where r.district = :district and r.id = {side}_id and r.sis_id is null)) "
                f"where {side}_table = '{table}'"
            ),
            {"district": district},
        )
    lost = conn.exec_driver_sql(
        f"select min(line) from {_TABLE} where {side}_table is not null and {side} is null"
    ).scalar()
    if lost is not None:
        row = next(row for row in batch if row.line == lost)
        raise row.fault("it names a record that is in none of the files")
