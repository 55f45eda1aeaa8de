"""Lists of the directory's records as lines of a table, found in one thread and fetched in another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rosterdesk.gui.frames import Look
from rosterdesk.run import Run

if TYPE_CHECKING:
    from array import array

    from rosterdesk.directory.engine import Directory

# Kind, its tab, and what one and many of it are called.
TABS = (
    ("students", "Students", ("{n} student", "{n} students")),
    ("staff", "Staff", ("{n} member of staff", "{n} members of staff")),
    ("guardians", "Guardians", ("{n} guardian", "{n} guardians")),
    ("classrooms", "Classrooms", ("{n} classroom", "{n} classrooms")),
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
        from rosterdesk.directory import browse

        with self.directory.read() as connection:
            return browse.rows(connection, self.directory.district, self.entity, self.ids[offset : offset + limit])


def find(directory: Directory, entity: str, look: Look, school: int, run: Run, *, limit: int | None = None) -> Listed:
    """The records as they are looked at, or the first of them, in the searcher's thread."""
    from rosterdesk.directory import browse

    with directory.read(run) as connection:
        ids = browse.find(
            connection,
            directory.district,
            entity,
            which=browse.Which(look.chip or browse.Which.ACTIVE),
            school=school or None,
            words=look.words,
            sort=look.sort,
            descending=look.descending,
            limit=limit,
        )
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
            found = browse.count(connection, directory.district, entity, school or None, words)
            counts[entity] = {which.value: number for which, number in found.items()}
        return Counted(browse.list_schools(connection, directory.district), counts)
