"""The archived records of every kind in one list, searched and in order; `browse` holds the lists of one kind."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory import sight
from rosterdesk.directory.browse import holding, in_school, made, numbers
from rosterdesk.directory.schema import RECORDS

SHOWN = ("entity", "name", "sis_id", "school")


def find(
    conn: sa.Connection,
    district: int,
    *,
    entity: str = "",
    school: int | None = None,
    words: str = "",
    sort: str = "",
    descending: bool = False,
    limit: int | None = None,
) -> array[int]:
    """The numbers of the archived records, of one kind or of all, that hold every one of the words.

    Without `sort` (one of `SHOWN`) they are in the order of kinds and names.
    """
    parts = []
    for at, (kind, table) in enumerate(RECORDS.items()):
        if entity in ("", kind):
            shown = (sa.literal(kind), sa.func.lower(made(table, "name")), table.c.sis_id, _school(table))
            query = sa.select(table.c.id, sa.literal(at).label("place"), *_labelled(shown))
            where = [table.c.status == "archived", *in_school(table, school), *holding(table, words)]
            where += sight.of(conn, district, table)
            parts.append(query.where(table.c.district == district, *where))
    every = sa.union_all(*parts).subquery()
    by = [every.c[sort]] if sort else [every.c.place, every.c.name]
    order = [column.desc() if descending else column.asc() for column in by]
    found = sa.select(every.c.id).order_by(*(column.is_(None) for column in by), *order, every.c.id).limit(limit)
    return numbers(conn, found)


def rows(conn: sa.Connection, district: int, ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """The records of these numbers, in this order: the number, then the columns of `SHOWN`."""
    found: dict[int, tuple[Any, ...]] = {}
    for kind, table in RECORDS.items():
        shown = _labelled((sa.literal(kind), made(table, "name"), table.c.sis_id, _school(table)))
        here = (table.c.district == district, *sight.of(conn, district, table))
        query = sa.select(table.c.id, *shown).where(*here, table.c.id.in_(ids))
        found.update((row[0], tuple(row)) for row in conn.execute(query))
    return [found[number] for number in ids if number in found]


def _labelled(shown: Sequence[sa.ColumnElement[Any]]) -> list[sa.Label[Any]]:
    return [column.label(name) for column, name in zip(shown, SHOWN, strict=True)]


def _school(table: sa.Table) -> sa.ColumnElement[Any]:
    return made(table, "school") if "school" in table.c else sa.cast(sa.null(), sa.Text)
