"""Takes merges back, one at a time, in any order, and also after later syncs and edits.

What moved returns to the absorbed record; a value that was changed since stays as it is, and is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory.book import Book, opened
from rosterdesk.directory.edit import SINGULAR, Edit, editing
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.history import Kind
from rosterdesk.directory.ledger import Merge, Moved
from rosterdesk.directory.merging import RULE
from rosterdesk.directory.moving import give_back
from rosterdesk.directory.permissions import ROSTERING, Person
from rosterdesk.directory.schema import RECORDS, merges
from rosterdesk.errors import UsageError
from rosterdesk.run import Run


@dataclass(frozen=True, slots=True)
class Unmerged:
    """What an unmerge did: the two records, and what returned and what was left alone, by name.

    A name is a field of the survivor, or a link as `guardianships #12`; `known` is False where an import has brought
    the merge and it isn't known what moved: then the two are only told apart again.
    """

    entity: str
    survivor: int
    absorbed: int
    returned: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    known: bool = True


@dataclass(frozen=True, slots=True)
class AllUnmerged:
    """What taking several merges back did, in one run that can itself be taken back."""

    run: int
    unmerged: tuple[Unmerged, ...] = field(default=())


def unmerge_all(
    directory: Directory,
    absorbed: Iterable[int],
    why: str,
    *,
    leave: Collection[str] = (),
    acting_as: str | None = None,
    person: Person | None = None,
    run: Run | None = None,
) -> AllUnmerged:
    """Take back the merges by which these records were absorbed, in one transaction and one run.

    `leave` names fields of the survivor that keep their present values all the same. Raises `UsageError` for a record
    that was not merged; then nothing is changed.
    """
    with editing(
        directory, "taking merges back", why, acting_as=acting_as, person=person, run=run, kind=Kind.UNMERGE
    ) as edit:
        book = Book(edit)
        done = tuple(unmerge(edit, number, book, leave=leave) for number in absorbed)
        book.flush()
    return AllUnmerged(edit.run, done)


def unmerge(edit: Edit, absorbed: int, book: Book | None = None, *, leave: Collection[str] = ()) -> Unmerged:
    """Take back one merge within an edit; return what was done. Raises `UsageError`, `NotAllowed`.

    Several within one edit share a `book`, which the caller writes at the end.
    """
    with opened(edit, book) as shared:
        made = shared.merges.get(absorbed)
        if made is None:
            raise UsageError(f"#{absorbed} was not merged into anything.", "`rosterdesk merges` lists the merges.")
        survivor, record = _rows(edit, made)
        if not edit.person.sees(edit.schools(made.entity, survivor)):
            raise UsageError(f"There is no {SINGULAR[made.entity]} #{absorbed} in your schools.", "Look them up again.")
        edit.person.require(RULE, ROSTERING, edit.schools(made.entity, survivor))
        standing = edit.linked(merges.name, absorbed=absorbed)
        assert standing is not None
        links = give_back(shared, made)
        edit.unlink(merges.name, standing)
        told = Unmerged(
            made.entity, survivor.id, absorbed, tuple(links.back), tuple(links.left), made.moved is not None
        )
        if made.moved is None:
            return told
        work = _Fields(shared, made, made.moved, leave)
        work.give_back(survivor)
        if made.moved.archived and record.status == "archived":
            edit.change(made.entity, record, "restore", status="active")
    return replace(told, returned=(*told.returned, *work.back), left=(*told.left, *work.left))


def _rows(edit: Edit, made: Merge) -> tuple[sa.Row[Any], sa.Row[Any]]:
    table = RECORDS[made.entity]
    both = (table.c.district == edit.district, table.c.id.in_((made.survivor, made.absorbed)))
    rows = {row.id: row for row in edit.conn.execute(sa.select(table).where(*both))}
    return rows[made.survivor], rows[made.absorbed]


class _Fields:
    """The way back of the survivor's fields. The merge itself is out of the book already."""

    def __init__(self, book: Book, made: Merge, moved: Moved, leave: Collection[str]) -> None:
        self.book, self.made, self.moved, self.leave = book, made, moved, leave
        self.others = book.into(made.survivor)
        self.back: list[str] = []
        self.left: list[str] = []

    def give_back(self, survivor: sa.Row[Any]) -> None:
        """Give the survivor its own values again, where they still are those of the merge."""
        values: dict[str, Any] = {}
        for name, (before, after) in self.moved.fields.items():
            heir = self._heir(name, after)
            if name in self.leave:
                self.left.append(name)
            elif heir is not None:  # a later merge set it once more: it will return to what was there before this one
                heir.fields[name][0] = before
                self.back.append(name)
            elif getattr(survivor, name) != after:
                self.left.append(name)
            else:
                values[name] = before
                self.back.append(name)
        if values:
            self.book.change(self.made.entity, survivor.id, **values)
        self._follow({name: (self.moved.fields[name][1], before) for name, before in values.items()})
        self._marks(survivor.id)

    def _heir(self, name: str, after: Any) -> Moved | None:
        for later in (other.moved for other in self.others if other.moved is not None):
            if later.order > self.moved.order and name in later.fields and later.fields[name][0] == after:
                return later
        return None

    def _follow(self, values: dict[str, tuple[Any, Any]]) -> None:
        """Where the survivor was absorbed itself, what was filled in there from it was this merge's too."""
        record = self.made.survivor
        while values and record in self.book.merges:
            higher = self.book.merges[record]
            if higher.moved is None:
                return
            table = RECORDS[self.made.entity]
            here = (table.c.district == self.book.edit.district, table.c.id == higher.survivor)
            row = self.book.edit.conn.execute(sa.select(table).where(*here)).one()
            further = {}
            for name, (taken, before) in values.items():
                entry = higher.moved.fields.get(name)
                if entry is None or entry[1] != taken or getattr(row, name) != taken:
                    continue
                further[name] = (taken, entry[0] if before is None else before)
                if before is not None:
                    entry[1] = before
                    continue
                del higher.moved.fields[name]
                if name in higher.moved.owned:
                    higher.moved.owned.remove(name)
                    self.book.edit.disown(higher.survivor, name)
            if further:
                now = {name: value for name, (_, value) in further.items()}
                self.book.change(self.made.entity, higher.survivor, **now)
            record, values = higher.survivor, further

    def _marks(self, survivor: int) -> None:
        """Take the marks of hand edits away that this merge made, unless another merge stands on them."""
        for name in self.moved.owned:
            heirs = [o.moved for o in self.others if o.moved is not None and _stands_on(o.moved, name)]
            if heirs:
                heirs[0].owned.append(name)
            elif name not in self.left:
                self.book.edit.disown(survivor, name)


def _stands_on(moved: Moved, name: str) -> bool:
    if name == "other_school_sis_ids":
        return any(entry.link == "other_schools" for entry in moved.links)
    return name in moved.fields
