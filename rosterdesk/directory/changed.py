"""How an undo reads what a run wrote down, and how it tells what it left alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

NAMED = 1000  # how many things that were left alone are named one by one
# The rows of `changes` that one statement is about: of this run, of one entity.
OF_RUN = "c.district = :district and c.run = :run"


@dataclass(frozen=True, slots=True)
class Left:
    """One thing that was left alone: a field of a record, a link (`field` None) or a record that others need."""

    entity: str
    record: int
    field: str | None


@dataclass(frozen=True, slots=True)
class AllLeft:
    """How many things were left alone, and the first of them."""

    count: int = 0
    named: tuple[Left, ...] = ()

    def __add__(self, other: AllLeft) -> AllLeft:
        return AllLeft(self.count + other.count, (self.named + other.named)[:NAMED])


@dataclass(frozen=True, slots=True)
class Json:
    """The JSON columns `before` and `after` of a change `c`, as this engine reads them. Names are the program's own."""

    sqlite: bool

    @classmethod
    def of(cls, conn: sa.Connection) -> Json:
        return cls(conn.dialect.name == "sqlite")

    def value(self, side: str, name: str, *, number: bool = False) -> str:
        """One field: a text, or a whole number. `side` is before or after."""
        document = f"c.{side}" if self.sqlite else f"c.{side}::jsonb"
        return f"cast({document} ->> '{name}' as {'bigint' if number else 'text'})"

    def column(self, side: str, column: sa.Column[object]) -> str:
        """One field with its column's type."""
        return self.value(side, column.name, number=isinstance(column.type, sa.Integer))

    def has(self, name: str) -> str:
        """Whether the field is among those that changed."""
        if self.sqlite:
            return f"json_type(c.after, '$.{name}') is not null"
        return f"jsonb_exists(c.after::jsonb, '{name}')"

    def fields(self, conn: sa.Connection, of: Mapping[str, int]) -> list[tuple[str, str]]:
        """Every entity and field of which the run changed at least one value."""
        keys = "json_each(c.after) j" if self.sqlite else "jsonb_object_keys(c.after::jsonb) j(key)"
        rows = conn.execute(
            sa.text(f"select distinct c.entity, j.key from changes c, {keys} where {OF_RUN} and c.action <> 'remove'"),
            of,
        )
        return sorted((entity, field) for entity, field in rows)


def left_alone(conn: sa.Connection, rows: str, entity: str, field: str | None, of: Mapping[str, int]) -> AllLeft:
    """Count the rows of a `from` clause, which has a column `record`, and name the first of them."""
    count = int(conn.execute(sa.text(f"select count(*) {rows}"), of).scalar_one())
    if not count:
        return AllLeft()
    named = conn.execute(sa.text(f"select record {rows} order by record limit {NAMED}"), of).scalars()
    return AllLeft(count, tuple(Left(entity, record, field) for record in named))
