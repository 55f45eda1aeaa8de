"""Looks things up for a person: lists of records, searched and in order, and one record with all that belongs to it.

A list is first only the numbers of its records (a million are 8 MB); the rows that are in sight are fetched by number,
which costs the same wherever in the list they are.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory import sight
from rosterdesk.directory.schema import RECORDS, accounts, enrollments, guardianships, merges, schools

# A list longer than this is in the order of an index unless a person asks for another: sorting takes seconds there.
SORTED_UNASKED = 100_000
_AT_ONCE = 20_000
_LINKED = 200  # how many people of a classroom are named

# What is shown of each kind of record, beside its number: columns of its table, or the made ones below.
SHOWN: dict[str, tuple[str, ...]] = {
    "students": ("name", "sis_id", "grade", "school", "email", "student_number", "state_id", "birth_date", "status"),
    "staff": ("name", "sis_id", "role", "school", "email", "sms", "phone", "account", "status"),
    "guardians": ("name", "sis_id", "email", "sms", "phone", "language", "account", "status"),
    "classrooms": ("name", "sis_id", "grade", "school", "location", "period", "status"),
    "schools": ("name", "sis_id", "type", "identifier", "status"),
}
_SEARCHED = (
    *("given_name", "family_name", "preferred_name", "title", "name", "sis_id", "email", "sms", "phone"),
    *("student_number", "state_id", "identifier", "location"),
)


class Which(StrEnum):
    """Which records of a kind."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    MANUAL = "manual"  # without an SIS ID, active or archived
    APART = "apart"  # archived or manual, and merged into nobody: who can be merged into somebody


@dataclass(frozen=True, slots=True)
class Linked:
    """Something that belongs to a record: a guardian of a student, a classroom of a teacher."""

    entity: str
    id: int
    name: str
    what: str


@dataclass(frozen=True, slots=True)
class Record:
    """One record with its fields in the table's order, and what belongs to it."""

    entity: str
    id: int
    name: str
    fields: Mapping[str, str]
    status: str
    synced: bool
    linked: tuple[Linked, ...]


def list_schools(conn: sa.Connection, district: int) -> list[tuple[int, str, str]]:
    """Every school that this person sees, by name: number, name, status."""
    query = (
        sa.select(schools.c.id, schools.c.name, schools.c.status)
        .where(schools.c.district == district, *sight.of(conn, district, schools))
        .order_by(sa.func.lower(schools.c.name), schools.c.id)
    )
    return [(row.id, row.name or "", row.status) for row in conn.execute(query)]


def count(
    conn: sa.Connection, district: int, entity: str, school: int | None = None, words: str = ""
) -> dict[Which, int]:
    """How many records of a kind there are, in a school or in all, that hold every one of the words."""
    table = RECORDS[entity]
    query = (
        sa.select(table.c.status, table.c.sis_id.is_(None), sa.func.count())
        .where(table.c.district == district, *sight.of(conn, district, table))
        .where(*in_school(table, school), *holding(table, words))
        .group_by(table.c.status, table.c.sis_id.is_(None))
    )
    found = dict.fromkeys((Which.ACTIVE, Which.ARCHIVED, Which.MANUAL), 0)
    for status, manual, number in conn.execute(query):
        found[Which(status)] += number
        if manual:
            found[Which.MANUAL] += number
    return found


def find(
    conn: sa.Connection,
    district: int,
    entity: str,
    *,
    which: Which = Which.ACTIVE,
    school: int | None = None,
    words: str = "",
    sort: str = "",
    descending: bool = False,
    limit: int | None = None,
) -> array[int]:
    """The numbers of the records that hold every one of the words somewhere in a name, an ID, an address, in order.

    Without `sort` (one of `SHOWN`) they are in the order of names, or of SIS IDs where there are very many; then the
    first `limit` of them are found at once.
    """
    table = RECORDS[entity]
    where = [table.c.district == district, *sight.of(conn, district, table), *_which(table, which)]
    where += [*in_school(table, school), *holding(table, words)]
    if not sort:
        beyond = sa.select(table.c.id).where(*where).offset(SORTED_UNASKED).limit(1)
        sort = "name" if conn.execute(beyond).first() is None else "sis_id"
    order = [by.desc() if descending else by.asc() for by in _order(table, sort)]
    query = sa.select(table.c.id).where(*where).order_by(*order).limit(limit)
    return numbers(conn, query)


def numbers(conn: sa.Connection, query: sa.Select[Any]) -> array[int]:
    """The numbers that a query of one column finds, a million of them without more than their own 8 MB."""
    return array("q", conn.execute(query.execution_options(yield_per=_AT_ONCE)).scalars())


def rows(conn: sa.Connection, district: int, entity: str, ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """The records of these numbers, in this order: the number, then the columns of `SHOWN`."""
    table = RECORDS[entity]
    columns = [made(table, name).label(name) for name in SHOWN[entity]]
    here = (table.c.district == district, *sight.of(conn, district, table))
    query = sa.select(table.c.id, *columns).where(*here, table.c.id.in_(ids))
    found = {row[0]: tuple(row) for row in conn.execute(query)}
    return [found[number] for number in ids if number in found]


def record(conn: sa.Connection, district: int, entity: str, number: int) -> Record | None:
    """One record, or None when it is gone, or none that this person sees."""
    table = RECORDS[entity]
    names = [c for c in table.c if c.name not in ("district", "id", "school", "account", "created_run")]
    also = [made(table, name).label(f"made_{name}") for name in ("school", "account") if name in table.c]
    query = sa.select(*names, *also, made(table, "name").label("made_name"))
    here = (table.c.district == district, *sight.of(conn, district, table))
    row = conn.execute(query.where(*here, table.c.id == number)).first()
    if row is None:
        return None
    values = {key.removeprefix("made_"): value for key, value in row._mapping.items() if key != "made_name"}
    status = str(values.pop("status"))
    linked = tuple(_linked(conn, district, entity, number))
    fields = {key: str(value) for key, value in values.items() if value is not None}
    return Record(entity, number, str(row.made_name or ""), fields, status, values["sis_id"] is not None, linked)


def holding(table: sa.Table, words: str) -> list[sa.ColumnElement[bool]]:
    """The condition that a record holds every word."""
    searched = [table.c[name] for name in _SEARCHED if name in table.c]
    return [sa.or_(*(c.icontains(word, autoescape=True) for c in searched)) for word in words.split()]


def name_of(table: sa.Table) -> sa.ColumnElement[str]:
    """What a record is called: of a person the last name first."""
    if "family_name" not in table.c:
        return table.c["title" if "title" in table.c else "name"]
    family, given = (sa.func.coalesce(table.c[name], "") for name in ("family_name", "given_name"))
    comma = sa.case((sa.and_(family != "", given != ""), ", "), else_="")
    return family.concat(comma).concat(given)


def made(table: sa.Table, name: str) -> sa.ColumnElement[Any]:
    """A column of `SHOWN`: of its table, or made of others."""
    if name == "name":
        return name_of(table)
    if name == "school":
        other = schools.alias()
        return (
            sa.select(other.c.name)
            .where(other.c.district == table.c.district, other.c.id == table.c.school)
            .scalar_subquery()
        )
    if name == "account":
        account = (accounts.c.district == table.c.district) & (accounts.c.id == table.c.account)
        return sa.func.coalesce(sa.select(accounts.c.state).where(account).scalar_subquery(), "invitee")
    return table.c[name]


def _order(table: sa.Table, sort: str) -> list[sa.ColumnElement[Any]]:
    if sort == "sis_id":
        return [table.c.sis_id, table.c.id]
    if sort == "name" and "family_name" in table.c:
        return [sa.func.lower(table.c.family_name), sa.func.lower(table.c.given_name), table.c.id]
    value = made(table, sort)
    return [value.is_(None), sa.func.lower(value), table.c.id]


def _which(table: sa.Table, which: Which) -> list[sa.ColumnElement[bool]]:
    if which is Which.MANUAL:
        return [table.c.sis_id.is_(None)]
    if which is Which.APART:
        absorbed = sa.select(merges.c.absorbed).where(merges.c.district == table.c.district)
        return [sa.or_(table.c.status == "archived", table.c.sis_id.is_(None)), table.c.id.not_in(absorbed)]
    return [table.c.status == which.value]


def in_school(table: sa.Table, school: int | None) -> list[sa.ColumnElement[bool]]:
    """The condition that a record is of a school, or that school itself; of what has none (guardians), none."""
    if school is None or table is RECORDS["guardians"]:
        return []
    return [(table.c.id if table is schools else table.c.school) == school]


def _linked(conn: sa.Connection, district: int, entity: str, number: int) -> list[Linked]:
    """Families and classrooms of a record; of a classroom its people, the teachers first."""
    e, g = enrollments.c, guardianships.c
    match entity:
        case "students":
            family = _joined(conn, district, "guardians", g.guardian, g.student == number, g.relationship)
            return family + _joined(conn, district, "classrooms", e.classroom, e.person == number, e.role)
        case "guardians":
            return _joined(conn, district, "students", g.student, g.guardian == number, g.relationship)
        case "staff":
            return _joined(conn, district, "classrooms", e.classroom, e.person == number, e.role)
        case "classrooms":
            of = e.classroom == number
            return [
                *_joined(conn, district, "staff", e.person, of, e.role),
                *_joined(conn, district, "students", e.person, of, e.role),
            ]
        case _:
            return []


def _joined(
    conn: sa.Connection,
    district: int,
    entity: str,
    key: sa.Column[Any],
    where: sa.ColumnElement[bool],
    what: sa.Column[Any],
) -> list[Linked]:
    table, link = RECORDS[entity], key.table
    name = name_of(table).label("name")
    query = (
        sa.select(table.c.id, name, what)
        .join_from(link, table, (table.c.district == link.c.district) & (table.c.id == key))
        .where(link.c.district == district, where, *sight.of(conn, district, table))
        .order_by(sa.func.lower(name), table.c.id)
        .limit(_LINKED)
    )
    return [Linked(entity, row[0], row[1] or "", row[2] or "") for row in conn.execute(query)]
