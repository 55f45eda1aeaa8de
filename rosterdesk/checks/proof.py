"""Of which kinds of records a source proves that what it does not have is gone."""

from __future__ import annotations

from collections.abc import Sequence

from rosterdesk.model import MappedTable, Reading
from rosterdesk.staging import Staging

# Which target tables tell of which records: a record's absence is proven only if all of them were read whole.
_TELLS = {
    "classrooms": ("classrooms",),
    "students": ("users", "students", "roles"),
    "staff": ("users", "staff", "roles"),
    "guardians": ("users", "guardians", "roles"),
    "enrollments": ("enrollments", "classrooms", "users", "students", "staff"),
    "guardianships": ("users", "students", "guardians", "guardianships"),
}


def proven(staging: Staging, reading: Reading, tables: Sequence[MappedTable]) -> frozenset[str]:
    """The kinds of records whose absence is proven: all tables that tell of them were read whole and hold some, and no
    row of them was left out that may be anybody's.
    """
    complete = {table.number: table.complete for table in reading.tables}
    found = set()
    for name, targets in _TELLS.items():
        telling = [table.number for table in tables if table.target in targets]
        whole = telling and all(complete.get(number, False) for number in telling)
        if whole and staging.one(f"select count(*) from incoming.{name}"):
            found.add(name)
    return frozenset(found) - unproven(staging)


def unproven(staging: Staging) -> frozenset[str]:
    """The entities of which rows were left out that nobody can tell whose they are: absence proves nothing then."""
    return frozenset(
        entity for (entity,) in staging.rows("select distinct entity from incoming.unproven where entity is not null")
    )
