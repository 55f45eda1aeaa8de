"""Letters to families: for which students, in which language, with which join code. What they look like is
`directory.letterfile`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from rosterdesk.directory import joincodes
from rosterdesk.directory.edit import Edit
from rosterdesk.directory.schema import enrollments, guardians, guardianships, schools, students
from rosterdesk.errors import UsageError

AT_ONCE = 500  # as many numbers as a statement may name everywhere


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter: the student and the school by name, the student's code, and the family's language or ""."""

    student: str
    school: str
    code: str
    language: str
    sis_id: str = ""


def write(
    edit: Edit, *, classroom: int | None = None, school: int | None = None, without_guardian: bool = False
) -> tuple[Letter, ...]:
    """The letters for a classroom, a school, or the whole district, in the order of schools and names.

    Students who have no code get one, which is what makes this an edit. Archived students get no letter. Raises
    `NotAllowed`, and `UsageError` when there is nobody to write to.
    """
    found = _students(edit, classroom, school)
    if without_guardian:
        lone = set(joincodes.without_guardian(edit, school))
        found = [student for student in found if student in lone]
    if not found:
        raise UsageError(
            "There is nobody to write a letter to.",
            "Every student here has a guardian." if without_guardian else "Choose a classroom or school with students.",
        )
    codes = joincodes.give(edit, found)
    languages = _languages(edit, found)
    named = {row.id: row for some in _some(found) for row in edit.conn.execute(_names(edit, some))}
    return tuple(
        Letter(
            " ".join(filter(None, (named[n].preferred_name or named[n].given_name, named[n].family_name))),
            named[n].school_name or "",
            codes[n],
            languages.get(n) or named[n].language or "",
            named[n].sis_id or "",
        )
        for n in found
    )


def _students(edit: Edit, classroom: int | None, school: int | None) -> list[int]:
    """The active students, by school and name; of somebody's own schools where no place is named."""
    query = (
        sa.select(students.c.id)
        .join(
            schools,
            (schools.c.district == students.c.district) & (schools.c.id == students.c.school),
            isouter=True,
        )
        .where(students.c.district == edit.district, students.c.status == "active")
        .order_by(
            schools.c.name,
            sa.func.lower(students.c.family_name),
            sa.func.lower(students.c.given_name),
            students.c.id,
        )
    )
    if classroom is not None:
        edit.get("classrooms", classroom)
        taught = sa.select(enrollments.c.person).where(
            enrollments.c.district == edit.district,
            enrollments.c.classroom == classroom,
            enrollments.c.role == "student",
        )
        query = query.where(students.c.id.in_(taught))
    if school is not None:
        edit.get("schools", school)
        query = query.where(students.c.school == school)
    if classroom is None and school is None and edit.person.schools is not None:
        query = query.where(students.c.school.in_(edit.person.schools))
    return list(edit.conn.execute(query).scalars())


def _languages(edit: Edit, found: Sequence[int]) -> dict[int, str]:
    """The language of each student's family: that of the first guardian who has one."""
    languages: dict[int, str] = {}
    for some in _some(found):
        query = (
            sa.select(guardianships.c.student, guardians.c.language)
            .join(
                guardians,
                (guardians.c.district == guardianships.c.district) & (guardians.c.id == guardianships.c.guardian),
            )
            .where(
                guardianships.c.district == edit.district,
                guardianships.c.student.in_(some),
                guardians.c.status == "active",
                guardians.c.language.is_not(None),
            )
            .order_by(guardianships.c.student, guardians.c.id)
        )
        for student, language in edit.conn.execute(query):
            languages.setdefault(student, language)
    return languages


def _names(edit: Edit, some: Sequence[int]) -> sa.Select[tuple[object, ...]]:
    name = (
        sa.select(schools.c.name)
        .where(schools.c.district == students.c.district, schools.c.id == students.c.school)
        .scalar_subquery()
    )
    columns = [students.c[n] for n in ("id", "sis_id", "given_name", "preferred_name", "family_name", "language")]
    return sa.select(*columns, name.label("school_name")).where(
        students.c.district == edit.district, students.c.id.in_(some)
    )


def _some(found: Sequence[int]) -> list[Sequence[int]]:
    return [found[at : at + AT_ONCE] for at in range(0, len(found), AT_ONCE)]
