"""Which records the person at the keyboard may see, as SQL conditions: the one door of all that looks things up.

Whoever belongs to the whole district sees everything, and costs no condition. Whoever belongs to schools sees these,
with their classrooms, people and families, and beside them their own records.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from rosterdesk.directory import permissions
from rosterdesk.directory.permissions import ROSTERING, Permission, Person, could
from rosterdesk.directory.schema import (
    RECORDS,
    changes,
    classrooms,
    guardians,
    guardianships,
    other_schools,
    runs,
    schools,
    settings,
    students,
)
from rosterdesk.errors import NotAllowed

Conditions = list[sa.ColumnElement[bool]]


def viewer(conn: sa.Connection, district: int) -> Person:
    """The person at the keyboard, who may look around. Raises `NotAllowed` when nobody has given them a permission."""
    person = permissions.present(conn, district)
    if not person.granted:
        raise NotAllowed(
            f"Nobody has given {person.who} a permission in this directory.",
            could((Permission.PERMISSIONS_ADMINISTRATOR, Permission.DISTRICT_LEADER)),
        )
    return person


def of(conn: sa.Connection, district: int, table: sa.Table) -> Conditions:
    """The conditions on the records of a table. Raises `NotAllowed`."""
    return seen(viewer(conn, district), district, table)


def seen(person: Person, district: int, table: sa.Table) -> Conditions:
    """The conditions on the records of a table that this person may see."""
    if person.schools is None:
        return []
    here = _in_schools(table, district, sorted(person.schools))
    return [sa.or_(here, table.c.id.in_(sorted(person.records))) if person.records else here]


def seen_runs(person: Person, district: int) -> Conditions:
    """The conditions on `runs`: those that this person made, or that did something to a record that they may see."""
    if person.schools is None:
        return []
    changed = sa.exists().where(
        changes.c.district == district, changes.c.run == runs.c.run, *seen_changes(person, district)
    )
    created = [
        sa.exists().where(
            table.c.district == district, table.c.created_run == runs.c.run, *seen(person, district, table)
        )
        for table in RECORDS.values()
    ]
    return [sa.or_(runs.c.who == person.who, changed, *created)]


def seen_changes(person: Person, district: int) -> Conditions:
    """The conditions on `changes`: those of a record that this person may see, or of a link that begins at one."""
    if person.schools is None:
        return []
    records = sa.union_all(
        *(
            sa.select(table.c.id).where(table.c.district == district, *seen(person, district, table))
            for table in RECORDS.values()
        )
    )
    place = changes.c.record.in_(sorted(person.schools))
    of_settings = changes.c.entity == settings.name
    return [sa.or_(sa.and_(of_settings, place), sa.and_(sa.not_(of_settings), changes.c.record.in_(records)))]


def require_district(conn: sa.Connection, district: int, rule: str, allowed: Iterable[Permission]) -> Person:
    """Raise `NotAllowed` with the rule unless the person at the keyboard has a permission in the whole district."""
    person = permissions.present(conn, district)
    titles = tuple(allowed)
    if not person.has(titles, ()):
        raise NotAllowed(rule, could(titles, everywhere=True))
    return person


def require_to_sync(conn: sa.Connection, district: int) -> Person:
    """The person at the keyboard, if they may bring rosters in. Raises `NotAllowed`."""
    rule = "Rosters are previewed, pushed and discarded by those who manage the roster of the whole district."
    return require_district(conn, district, rule, ROSTERING)


def _in_schools(table: sa.Table, district: int, places: Sequence[int]) -> sa.ColumnElement[bool]:
    if table is schools:
        return table.c.id.in_(places)
    if table is classrooms:
        return table.c.school.in_(places)
    if table is guardians:
        children = sa.select(guardianships.c.guardian).join(
            students, (students.c.district == guardianships.c.district) & (students.c.id == guardianships.c.student)
        )
        theirs = _in_schools(students, district, places)
        return table.c.id.in_(children.where(guardianships.c.district == district, theirs))
    others = sa.select(other_schools.c.person).where(
        other_schools.c.district == district, other_schools.c.school.in_(places)
    )
    return sa.or_(table.c.school.in_(places), table.c.id.in_(others))
