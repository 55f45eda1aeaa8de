"""The end of a school year in the directory: what would be archived, and archiving it as one edit.

The rule (ClassTag help, articles 4317049 and 5362687): classrooms first, then students, just before the source shows
the new year. It is the one time when synced students may be archived by hand: who is in the new year's source comes
back, with their family.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from rosterdesk.directory.edit import Edit
from rosterdesk.directory.permissions import ROSTERING
from rosterdesk.directory.schema import RECORDS, classrooms, schools, students
from rosterdesk.directory.settings import DISTRICT
from rosterdesk.errors import UsageError
from rosterdesk.run import Run

_RULE = "The year is ended by those who manage the roster of the school, or of the whole district."
_AT_ONCE = 500


class Leaving(StrEnum):
    """Which students are archived."""

    NOBODY = "nobody"
    GRADES = "grades"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class YearEnd:
    """What is to be archived: in a school (0: everywhere), classrooms or not, and which students."""

    school: int = DISTRICT
    classrooms: bool = True
    leaving: Leaving = Leaving.GRADES
    grades: tuple[str, ...] = ("12",)


@dataclass(frozen=True, slots=True)
class SchoolEnd:
    """What would be archived in a school, of how many there are."""

    name: str
    classrooms: int
    of_classrooms: int
    students: int
    of_students: int


def preview(edit: Edit, end: YearEnd) -> tuple[SchoolEnd, ...]:
    """What `archive` would do, school by school. Raises `NotAllowed` for who may not. Nothing is written."""
    _require(edit, end)
    archived = {entity: _counted(edit, entity, end, chosen=True) for entity in ("classrooms", "students")}
    there = {entity: _counted(edit, entity, end, chosen=False) for entity in ("classrooms", "students")}
    query = sa.select(schools.c.id, schools.c.name).where(schools.c.district == edit.district).order_by(schools.c.name)
    return tuple(
        SchoolEnd(
            name or "",
            archived["classrooms"].get(school, 0),
            there["classrooms"].get(school, 0),
            archived["students"].get(school, 0),
            there["students"].get(school, 0),
        )
        for school, name in edit.conn.execute(query)
        if school in there["classrooms"] or school in there["students"]
    )


def archive(edit: Edit, end: YearEnd, run: Run | None = None) -> dict[str, int]:
    """Archive classrooms, then students; return how many of each. Raises `NotAllowed`, and `UsageError` for nobody.

    A synced classroom stays archived though the source still has it, unless the setting unarchive_classrooms is on.
    """
    _require(edit, end)
    run = run or Run()
    done = {}
    for entity in ("classrooms", "students"):
        found = [(row.id, row.sis_id) for row in edit.conn.execute(_chosen(entity, edit.district, end))]
        done[entity] = len(found)
        for at in range(0, len(found), _AT_ONCE):
            run.report(f"Archiving {entity}", at, len(found))
            _archive(edit, entity, found[at : at + _AT_ONCE])
    if not any(done.values()):
        raise UsageError("There is nothing to archive.", "Choose classrooms or students, or look at another school.")
    return done


def _archive(edit: Edit, entity: str, some: list[tuple[int, str | None]]) -> None:
    table = RECORDS[entity]
    here = (table.c.district == edit.district, table.c.id.in_([record for record, _ in some]))
    edit.conn.execute(table.update().where(*here).values(status="archived"))
    for record, sis_id in some:
        edit.note(entity, record, "archive", {}, {})
        if sis_id is not None:
            edit.stale.add(entity)
            if entity == "classrooms":
                edit.own(record, "status")


def _require(edit: Edit, end: YearEnd) -> None:
    if end.school != DISTRICT:
        edit.get("schools", end.school)
    edit.person.require(_RULE, ROSTERING, () if end.school == DISTRICT else {end.school})


def _counted(edit: Edit, entity: str, end: YearEnd, *, chosen: bool) -> dict[int, int]:
    """How many active records each school has, or how many of them are chosen."""
    everybody = YearEnd(end.school, classrooms=True, leaving=Leaving.ALL)
    some = _chosen(entity, edit.district, end if chosen else everybody).subquery()
    query = sa.select(some.c.school, sa.func.count()).group_by(some.c.school)
    return {school: count for school, count in edit.conn.execute(query)}  # noqa: C416 - rows are no pairs to a type checker


def _chosen(entity: str, district: int, end: YearEnd) -> sa.Select[tuple[int, str, int]]:
    table = classrooms if entity == "classrooms" else students
    query = sa.select(table.c.id, table.c.sis_id, table.c.school).where(
        table.c.district == district, table.c.status == "active"
    )
    if end.school != DISTRICT:
        query = query.where(table.c.school == end.school)
    if entity == "classrooms":
        return query if end.classrooms else query.where(sa.false())
    match end.leaving:
        case Leaving.NOBODY:
            return query.where(sa.false())
        case Leaving.GRADES:
            return query.where(table.c.grade.in_(end.grades))
        case Leaving.ALL:
            return query
