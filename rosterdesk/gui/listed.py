"""Lists of the directory's records as lines of a table, found in one thread and fetched in another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rosterdesk.gui.frames import Look
from rosterdesk.run import Run

if TYPE_CHECKING:
    from array import array

    from rosterdesk.directory.engine import Directory

ARCHIVED = "archived"  # the list of what is archived of every kind

# Kind, its tab, and what one and many of it are called.
TABS = (
    ("students", "Students", ("{n} student", "{n} students")),
    ("staff", "Staff", ("{n} member of staff", "{n} members of staff")),
    ("guardians", "Guardians", ("{n} guardian", "{n} guardians")),
    ("classrooms", "Classrooms", ("{n} classroom", "{n} classrooms")),
    ("schools", "Schools", ("{n} school", "{n} schools")),
    (ARCHIVED, "Archived", ("{n} archived record", "{n} archived records")),
)


@dataclass(frozen=True, slots=True)
class Listed:
    """The records of a kind as they are looked at, as lines of a table: the number, then the columns."""

    directory: Directory
    entity: str
    ids: array[int]

    @property
    def count(self) -> int:
        return len(self.ids)

    def page(self, offset: int, limit: int) -> list[tuple[Any, ...]]:
        from rosterdesk.directory import archived, browse

        ids = self.ids[offset : offset + limit]
        with self.directory.read() as connection:
            if self.entity == ARCHIVED:
                return archived.rows(connection, self.directory.district, ids)
            return browse.rows(connection, self.directory.district, self.entity, ids)


def find(directory: Directory, entity: str, look: Look, school: int, run: Run, *, limit: int | None = None) -> Listed:
    """The records as they are looked at, or the first of them, in the searcher's thread."""
    from rosterdesk.directory import archived, browse

    at, district = school or None, directory.district
    order: dict[str, Any] = {"words": look.words, "sort": look.sort, "descending": look.descending, "limit": limit}
    with directory.read(run) as connection:
        if entity == ARCHIVED:
            ids = archived.find(connection, district, entity=look.chip, school=at, **order)
        else:
            which = browse.Which(look.chip or browse.Which.ACTIVE)
            ids = browse.find(connection, district, entity, which=which, school=at, **order)
    return Listed(directory, entity, ids)


@dataclass(frozen=True, slots=True)
class Counted:
    """The schools (number, name, status), and how many records of each kind are active, archived, manual."""

    schools: list[tuple[int, str, str]]
    counts: dict[str, dict[str, int]]


def count(directory: Directory, school: int, words: str, run: Run) -> Counted:
    """Count what is in a school, or in all, and holds the words, in the searcher's thread."""
    from rosterdesk.directory import browse

    counts = {}
    with directory.read(run) as connection:
        for entity, _, _ in TABS:
            if entity != ARCHIVED:
                found = browse.count(connection, directory.district, entity, school or None, words)
                counts[entity] = {which.value: number for which, number in found.items()}
        return Counted(browse.list_schools(connection, directory.district), counts)
