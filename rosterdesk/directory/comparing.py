"""What a merge of two records would do, before it is done: what stands against each other, what moves, what stays.

Nothing is written here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory.schema import RECORDS, metadata
from rosterdesk.model import FIELDS

# Which links move, and which of their ends names the record.
MOVING: Mapping[str, tuple[tuple[str, str], ...]] = {
    "students": (
        ("guardianships", "student"),
        ("enrollments", "person"),
        ("attributes", "student"),
        ("join_codes", "student"),
    ),
    "guardians": (("guardianships", "guardian"), ("grants", "person")),
    "staff": (("enrollments", "person"), ("other_schools", "person"), ("grants", "person")),
}
ACCOUNT = "account"
# The other end of a link: its column, and the records in which it is.
_OTHERS = {
    ("guardianships", "student"): ("guardian", "guardians", "guardian"),
    ("guardianships", "guardian"): ("student", "students", "child"),
    ("enrollments", "person"): ("classroom", "classrooms", "classroom"),
    ("other_schools", "person"): ("school", "schools", "school"),
}
# A grade and a place of last year are no news of a child: they are shown, and never filled in.
_NEVER_FILLED = {"grade", "role"}
_PLACES = {"school_sis_id", "other_school_sis_ids"}


class Side(StrEnum):
    """Whose value is taken: the record that survives, or the one that is absorbed."""

    SURVIVOR = "survivor"
    ABSORBED = "absorbed"


Choices = Mapping[str, Side]  # field, as conflicts name it -> the side whose value is taken


@dataclass(frozen=True, slots=True)
class Conflict:
    """One field of which both records have a value, and not the same. `field` is a column, `account`, or
    `attribute:NAME`; of `account` the values are "active" and "invitee". With `sis` the source may bring its own value
    back in its next run, and the plan will tell so."""

    field: str
    survivor: str
    absorbed: str
    chosen: Side
    sis: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that moves to the survivor. `kind` is guardian, child, classroom, school, attribute, join code or
    permission; `name` names it; with `there` the survivor has it already, so that only one of the two is left."""

    kind: str
    name: str
    there: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a merge would do. `filled` are the fields that the survivor lacks, with the value that it gets."""

    entity: str
    survivor: int
    absorbed: int
    conflicts: tuple[Conflict, ...]
    filled: Mapping[str, str]
    moves: tuple[Move, ...]
    archives: bool  # the absorbed record is active now

    @property
    def sentences(self) -> tuple[str, ...]:
        """What moves and what is kept, in words, one sentence a kind."""
        told = []
        for kind in dict.fromkeys(move.kind for move in self.moves):
            new = [move.name for move in self.moves if move.kind == kind and not move.there]
            both = [move.name for move in self.moves if move.kind == kind and move.there]
            if new:
                told.append(f"Moves {_counted(kind, len(new))}: {', '.join(new)}.")
            if both and kind == "join code":
                told.append("Both join codes go on working.")
            elif both:
                told.append(f"Keeps one of each {kind} that both have: {', '.join(both)}.")
        if self.filled:
            told.append(f"Fills in {', '.join(name.replace('_', ' ') for name in self.filled)}.")
        taken = [c.field for c in self.conflicts if c.chosen is Side.ABSORBED]
        if taken:
            told.append(f"Takes over {', '.join(name.replace('_', ' ') for name in taken)}.")
        if self.archives:
            told.append("Archives the record that is absorbed.")
        return tuple(told)


def write_choices(choices: Choices) -> str | None:
    """Choices as text, by field; None where nothing was chosen."""
    return json.dumps(dict(sorted(choices.items())), ensure_ascii=False) if choices else None


def read_choices(text: str) -> dict[str, Side]:
    """Choices from text. Raises `ValueError` for what `write_choices` has not written."""
    told = json.loads(text)
    if not isinstance(told, dict):
        raise ValueError(f"{text} is no object")
    return {field: Side(side) for field, side in told.items()}


def compare(
    conn: sa.Connection,
    district: int,
    entity: str,
    survivor: sa.Row[Any],
    absorbed: sa.Row[Any],
    choices: Choices | None = None,
    *,
    links: bool = True,
) -> Comparison:
    """Compare two rows of the same kind; `choices` are the sides that a person chose, by field.

    Without `links` only their own fields are compared: naming all that moves takes as long as moving it.
    """
    choices = choices or {}
    conflicts, filled = [], {}
    for field in (*(f for f in FIELDS[entity] if f not in _PLACES), "language"):
        ours, theirs = getattr(survivor, field), getattr(absorbed, field)
        if theirs is None or theirs == ours:
            continue
        if ours is None:
            if field not in _NEVER_FILLED and choices.get(field) is not Side.SURVIVOR:
                filled[field] = theirs
        else:
            sis = survivor.sis_id is not None and field != "language"
            conflicts.append(Conflict(field, ours, theirs, choices.get(field, Side.SURVIVOR), sis))
    if absorbed.account is not None and absorbed.account != survivor.account:
        states = _account_states(conn, district, survivor, absorbed)
        if survivor.account is None:
            filled[ACCOUNT] = states[1]
        else:
            better = Side.ABSORBED if states == ("invitee", "active") else Side.SURVIVOR
            conflicts.append(Conflict(ACCOUNT, *states, choices.get(ACCOUNT, better)))
    moves: list[Move] = []
    for link, end in MOVING[entity] if links else ():
        for row in links_of(conn, district, link, end, absorbed):
            key = counterpart_key(link, end, row, survivor.id)
            there = linked(conn, district, link, key)
            moves.append(Move(_kind(link, end), _named(conn, district, link, end, row), there is not None))
            if link == "attributes" and there is not None and there.value != row.value:
                field = f"attribute:{row.name}"
                chosen = choices.get(field, Side.SURVIVOR)
                conflicts.append(Conflict(field, there.value or "", row.value or "", chosen))
    return Comparison(
        entity, survivor.id, absorbed.id, tuple(conflicts), filled, tuple(moves), absorbed.status == "active"
    )


def links_of(conn: sa.Connection, district: int, link: str, end: str, row: sa.Row[Any]) -> list[sa.Row[Any]]:
    """The links of a record that a merge moves: all but the classrooms and schools into which a sync has put it."""
    table = metadata.tables[link]
    query = sa.select(table).where(table.c.district == district, table.c[end] == row.id)
    if link == "enrollments":
        query = query.where(table.c.synced == 0)
    if link == "other_schools" and row.sis_id is not None:  # these were the source's
        return []
    return list(conn.execute(query.order_by(*table.primary_key)))


def counterpart_key(link: str, end: str, row: sa.Row[Any], record: int) -> dict[str, Any]:
    """The key of the same link of another record."""
    key = {c.name: getattr(row, c.name) for c in metadata.tables[link].primary_key if c.name != "district"}
    return {**key, end: record} if end in key else key


def linked(conn: sa.Connection, district: int, link: str, key: Mapping[str, Any]) -> sa.Row[Any] | None:
    """The link of this key, or None. A permission is a person's own: it is never there already."""
    if link == "grants":
        return None
    table = metadata.tables[link]
    here = [table.c.district == district, *(table.c[name] == value for name, value in key.items())]
    return conn.execute(sa.select(table).where(*here)).first()


def _kind(link: str, end: str) -> str:
    if (link, end) in _OTHERS:
        return _OTHERS[link, end][2]
    return {"attributes": "attribute", "join_codes": "join code", "grants": "permission"}[link]


def _named(conn: sa.Connection, district: int, link: str, end: str, row: sa.Row[Any]) -> str:
    if (link, end) not in _OTHERS:
        return str(row.code if link == "join_codes" else row.permission if link == "grants" else row.name)
    column, entity, _ = _OTHERS[link, end]
    table = RECORDS[entity]
    shown = {"classrooms": ("title",), "schools": ("name",)}.get(entity, ("given_name", "family_name"))
    query = sa.select(*(table.c[name] for name in shown))
    found = conn.execute(query.where(table.c.district == district, table.c.id == getattr(row, column))).first()
    return " ".join(part for part in found or () if part) or f"#{getattr(row, column)}"


def _account_states(conn: sa.Connection, district: int, *rows: sa.Row[Any]) -> tuple[str, str]:
    table = metadata.tables["accounts"]
    states = dict(
        conn.execute(
            sa.select(table.c.id, table.c.state).where(
                table.c.district == district, table.c.id.in_([row.account for row in rows if row.account is not None])
            )
        ).all()
    )
    first, second = (states.get(row.account, "") for row in rows)
    return first, second


_PLURALS = {"child": "children", "join code": "join codes"}


def _counted(kind: str, count: int) -> str:
    return f"{count} {kind if count == 1 else _PLURALS.get(kind, kind + 's')}"
