"""How far a school that was entered by hand has come on its way to its SIS.

All of it is read from the directory itself, so that the way can be interrupted for days and gone on with anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from rosterdesk.directory import classrooms, people, sight
from rosterdesk.directory.edit import Edit
from rosterdesk.directory.schema import RECORDS, merges


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way: how many records it still waits for, what that means, and the command that does it."""

    name: str
    done: bool
    left: int
    sentence: str
    command: str


def steps(conn: sa.Connection, district: int) -> tuple[Step, ...]:
    """Every step in order, as the person at the keyboard sees the directory; the first that is not done comes next."""
    schools = _count(conn, district, "schools", synced=False)
    rooms = _count(conn, district, "classrooms", synced=False)
    by_hand = _count(conn, district, "students", synced=False)
    synced = _count(conn, district, "students", synced=True)
    waiting = _waiting(conn, district)
    merged = sa.select(sa.func.count()).select_from(merges)
    count = int(conn.execute(merged.where(merges.c.district == district, merges.c.entity == "students")).scalar_one())
    anything = schools + rooms + by_hand + synced + waiting + count > 0
    return (
        Step(
            "import", anything, 0, "What there is must be in the directory first: an export of it, or our templates.",
            "rosterdesk directory import FOLDER",
        ),
        Step(
            "schools", anything and not schools, schools,
            f"{schools:,} schools have no SIS ID: nothing of the SIS finds them.",
            "rosterdesk directory edit connect-school SCHOOL SIS-ID --why WHY",
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
            "rosterdesk matches, rosterdesk decide, rosterdesk merge --ready",
        ),
    )  # fmt: skip


def archive(edit: Edit, entity: str, school: int | None = None) -> int:
    """Archive every student, or every classroom, that was entered by hand, in one school or in all; return how many."""
    found = _by_hand(edit, entity, school)
    if entity == "students":
        return people.archive(edit, entity, found)[0]
    for room in found:
        classrooms.archive(edit, room)
    return len(found)


def _by_hand(edit: Edit, entity: str, school: int | None) -> list[int]:
    table = RECORDS[entity]
    query = sa.select(table.c.id).where(
        table.c.district == edit.district,
        table.c.status == "active",
        table.c.sis_id.is_(None),
        *sight.seen(edit.person, edit.district, table),
    )
    if school is not None:
        edit.get("schools", school)
        query = query.where(table.c.school == school)
    return list(edit.conn.execute(query.order_by(table.c.id)).scalars())


def _count(conn: sa.Connection, district: int, entity: str, *, synced: bool) -> int:
    table = RECORDS[entity]
    named = table.c.sis_id.is_not(None) if synced else table.c.sis_id.is_(None)
    mine = (table.c.district == district, table.c.status == "active", named, *sight.of(conn, district, table))
    return int(conn.execute(sa.select(sa.func.count()).select_from(table).where(*mine)).scalar_one())


def _waiting(conn: sa.Connection, district: int) -> int:
    """The archived students whom no merge has absorbed."""
    table = RECORDS["students"]
    absorbed = sa.select(merges.c.absorbed).where(merges.c.district == district)
    mine = (table.c.district == district, table.c.status == "archived", *sight.of(conn, district, table))
    query = sa.select(sa.func.count()).select_from(table).where(*mine, table.c.id.not_in(absorbed))
    return int(conn.execute(query).scalar_one())
