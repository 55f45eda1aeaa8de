"""How far a school that was entered by hand has come on its way to its SIS.

All of it is read from the directory itself, so that the way can be interrupted for days and gone on with anywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory import classrooms, governing, people, sight
from rosterdesk.directory.edit import Edit
from rosterdesk.directory.schema import RECORDS, decisions, merges, runs


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way: how many records it still waits for, what that means, and the command that does it."""

    name: str
    done: bool
    left: int
    sentence: str
    command: str


@dataclass(frozen=True, slots=True)
class Place:
    """An active school and what of it is active: classrooms and students entered by hand, and those of the SIS.
    `archived` are the students whom no merge has absorbed yet; `classrooms` those of the SIS."""

    number: int
    name: str
    sis_id: str | None
    rooms_by_hand: int
    by_hand: int
    synced: int
    archived: int
    classrooms: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a directory stands on the way: its steps by name, its schools, and how many students were merged.

    `said` are the pairs that a person called the same and that are still two records, `unplaced` the active students
    entered by hand who are in none of the schools. `mark` is the directory's own, see there.
    """

    steps: Mapping[str, Step]
    places: tuple[Place, ...]
    synced: int
    merged: int
    said: int
    unplaced: int = 0
    mark: str = ""


def mark(conn: sa.Connection, district: int) -> str:
    """What tells this directory from any other, also from one that is made in its place later; empty before its first
    run.

    It is made of the salt of its file, which only an encrypted one has, and of its first run: when, and whose.
    """
    of_district = runs.c.district == district
    first = conn.execute(sa.select(runs).where(of_district).order_by(runs.c.run).limit(1)).first()
    if first is None:
        return ""
    salt = None
    if conn.dialect.name == "sqlite":
        found = conn.exec_driver_sql("pragma cipher_salt")
        salt = found.scalar() if found.returns_rows else None
    told = f"{salt or ''}\n{district}\n{first.run}\n{first.started}\n{first.who}"
    return hashlib.sha256(told.encode()).hexdigest()


def standing(conn: sa.Connection, district: int) -> Standing:
    """How it stands, as the person at the keyboard sees the directory."""
    found = {step.name: step for step in steps(conn, district)}
    counts = {
        name: _by_school(conn, district, entity, status, synced)
        for name, entity, status, synced in (
            ("rooms_by_hand", "classrooms", "active", False),
            ("by_hand", "students", "active", False),
            ("synced", "students", "active", True),
            ("archived", "students", "archived", None),
            ("classrooms", "classrooms", "active", True),
        )
    }
    table = RECORDS["schools"]
    mine = (table.c.district == district, table.c.status == "active", *sight.of(conn, district, table))
    query = sa.select(table.c.id, table.c.name, table.c.sis_id).where(*mine)
    places = tuple(
        Place(row.id, row.name or "", row.sis_id, **{name: count.get(row.id, 0) for name, count in counts.items()})
        for row in conn.execute(query.order_by(sa.func.lower(table.c.name), table.c.id))
    )
    absorbed = sa.select(merges.c.absorbed).where(merges.c.district == district)
    said = sa.select(sa.func.count()).select_from(decisions)
    same = (decisions.c.district == district, decisions.c.decision == "same", decisions.c.candidate.not_in(absorbed))
    return Standing(
        found,
        places,
        _count(conn, district, "students", synced=True),
        int(conn.execute(_merged(district)).scalar_one()),
        int(conn.execute(said.where(*same)).scalar_one()),
        sum(counts["by_hand"].values()) - sum(place.by_hand for place in places),
        mark(conn, district),
    )


def steps(conn: sa.Connection, district: int) -> tuple[Step, ...]:
    """Every step in order, as the person at the keyboard sees the directory; the first that is not done comes next."""
    schools = _count(conn, district, "schools", synced=False)
    rooms = _count(conn, district, "classrooms", synced=False)
    by_hand = _count(conn, district, "students", synced=False)
    synced = _count(conn, district, "students", synced=True)
    waiting = _waiting(conn, district)
    count = int(conn.execute(_merged(district)).scalar_one())
    anything = schools + rooms + by_hand + synced + waiting + count > 0
    return (
        Step(
            "import", anything, 0, "What there is must be in the directory first: an export of it, or our templates.",
            "rosterdesk directory import FOLDER",
        ),
        Step(
            "schools", anything and not schools, schools,
            f"{schools:,} schools have no SIS ID: nothing of the SIS finds them.",
            "rosterdesk onboard schools SOURCE, or rosterdesk directory edit connect-school SCHOOL SIS-ID --why WHY",
        ),
        Step(
            "classrooms", anything and not rooms, rooms,
            f"{rooms:,} classrooms are manual: adopt them, archive them, or leave them beside those of the SIS.",
            "rosterdesk adopt SOURCE, or rosterdesk onboard archive classrooms",
        ),
        Step(
            "archive", anything and not by_hand, by_hand,
            f"{by_hand:,} students were entered by hand and are active: archive them before the first run.",
            "rosterdesk onboard archive students",
        ),
        Step("first run", synced > 0, 0, f"{synced:,} students come from the SIS.", "rosterdesk push SOURCE"),
        Step(
            "match", synced > 0 and not waiting, waiting,
            f"{waiting:,} archived students are not merged; {count:,} are.",
            "rosterdesk matches, rosterdesk decide, rosterdesk merge --ready; guardians and staff with --kind",
        ),
    )  # fmt: skip


def connect(edit: Edit, sis_ids: Mapping[int, str]) -> None:
    """Give schools (by number) their SIS IDs. Raises `UsageError` for one that has an ID, or an ID that is taken."""
    for school, sis_id in sis_ids.items():
        governing.give_sis_id(edit, school, sis_id)


def archive(edit: Edit, entity: str, schools: Collection[int] | None = None, *, unplaced: bool = False) -> int:
    """Archive every student, or every classroom, that was entered by hand: everywhere (None), or in some schools and,
    if `unplaced`, in no active school. Return how many.
    """
    found = _by_hand(edit, entity, schools, unplaced=unplaced)
    if entity == "students":
        return people.archive(edit, entity, found)[0]
    for room in found:
        classrooms.archive(edit, room)
    return len(found)


def only_by_hand(conn: sa.Connection, district: int) -> bool:
    """Whether there are active students, and the person sees none who comes from a SIS."""
    table = RECORDS["students"]
    mine = (table.c.district == district, table.c.status == "active", *sight.of(conn, district, table))

    def any_is(condition: sa.ColumnElement[bool]) -> bool:
        return conn.execute(sa.select(table.c.id).where(*mine, condition).limit(1)).first() is not None

    # In this order one of the first rows answers, however many there are.
    return not any_is(table.c.sis_id.is_not(None)) and any_is(table.c.sis_id.is_(None))


def unmerged(conn: sa.Connection, district: int) -> list[int]:
    """The numbers of the archived students whom no merge has absorbed, by name."""
    table = RECORDS["students"]
    query = sa.select(table.c.id).where(*_unmerged(conn, district))
    return list(conn.execute(query.order_by(table.c.family_name, table.c.given_name, table.c.id)).scalars())


def _by_hand(edit: Edit, entity: str, places: Collection[int] | None, *, unplaced: bool) -> list[int]:
    table = RECORDS[entity]
    query = sa.select(table.c.id).where(
        table.c.district == edit.district,
        table.c.status == "active",
        table.c.sis_id.is_(None),
        *sight.seen(edit.person, edit.district, table),
    )
    if places is not None:
        for school in places:
            edit.get("schools", school)
        where = [table.c.school.in_(places)]
        if unplaced:
            schools = RECORDS["schools"]
            active = sa.select(schools.c.id).where(schools.c.district == edit.district, schools.c.status == "active")
            where += [table.c.school.is_(None), table.c.school.not_in(active)]
        query = query.where(sa.or_(*where))
    return list(edit.conn.execute(query.order_by(table.c.id)).scalars())


def _by_school(
    conn: sa.Connection, district: int, entity: str, status: str, synced: bool | None
) -> dict[int | None, int]:
    """How many records of a status each school has: those of the SIS, those by hand, or both without the absorbed."""
    table = RECORDS[entity]
    where = [table.c.district == district, table.c.status == status, *sight.of(conn, district, table)]
    if synced is None:
        where.append(table.c.id.not_in(sa.select(merges.c.absorbed).where(merges.c.district == district)))
    else:
        where.append(table.c.sis_id.is_not(None) if synced else table.c.sis_id.is_(None))
    query = sa.select(table.c.school, sa.func.count()).where(*where).group_by(table.c.school)
    return {school: int(count) for school, count in conn.execute(query)}


def _merged(district: int) -> sa.Select[Any]:
    made = sa.select(sa.func.count()).select_from(merges)
    return made.where(merges.c.district == district, merges.c.entity == "students")


def _count(conn: sa.Connection, district: int, entity: str, *, synced: bool) -> int:
    table = RECORDS[entity]
    named = table.c.sis_id.is_not(None) if synced else table.c.sis_id.is_(None)
    mine = (table.c.district == district, table.c.status == "active", named, *sight.of(conn, district, table))
    return int(conn.execute(sa.select(sa.func.count()).select_from(table).where(*mine)).scalar_one())


def _waiting(conn: sa.Connection, district: int) -> int:
    query = sa.select(sa.func.count()).select_from(RECORDS["students"])
    return int(conn.execute(query.where(*_unmerged(conn, district))).scalar_one())


def _unmerged(conn: sa.Connection, district: int) -> list[sa.ColumnElement[bool]]:
    table = RECORDS["students"]
    absorbed = sa.select(merges.c.absorbed).where(merges.c.district == district)
    mine = (table.c.district == district, table.c.status == "archived", *sight.of(conn, district, table))
    return [*mine, table.c.id.not_in(absorbed)]
