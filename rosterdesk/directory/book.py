"""The ledger while merges are made or taken back: every merge that stands, and where each link is that they moved.

Each entry is written at most once a run, at the end, so that the run can be taken back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory import ledger
from rosterdesk.directory.edit import Edit
from rosterdesk.directory.history import Kind
from rosterdesk.directory.ledger import Entry, Merge
from rosterdesk.directory.schema import LINKS, RECORDS, changes, merges, metadata, runs

# The columns of each link that name people: any of these may have been absorbed.
NAMING: Mapping[str, tuple[str, ...]] = {
    "guardianships": ("student", "guardian"),
    "enrollments": ("person",),
    "other_schools": ("person",),
    "attributes": ("student",),
    "join_codes": ("student",),
    "grants": ("person",),
}
Place = tuple[str, tuple[tuple[str, Any], ...]]  # a link's name, and its key with the people who hold it


class Book:
    """Every merge that stands, by the absorbed record's number."""

    def __init__(self, edit: Edit) -> None:
        self.edit = edit
        self.merges = {made.absorbed: made for made in ledger.list_merges(edit.conn, edit.district)}
        self._written = {number: made.moved.text() for number, made in self.merges.items() if made.moved is not None}
        self._kinds: dict[int, bool] = {}
        self.places: dict[Place, list[Entry]] = {}
        self.find_places()

    def holder(self, record: int) -> int:
        """The record that stands for this one now."""
        while record in self.merges:
            record = self.merges[record].survivor
        return record

    def home(self, entry: Entry) -> Place:
        """Where a link was before any merge."""
        return place(entry.link, entry.row)

    def place(self, entry: Entry) -> Place:
        """Where a link is now."""
        return place(entry.link, {**entry.row, **self.held(entry)})

    def held(self, entry: Entry) -> dict[str, int]:
        """The people who hold a link now, by column."""
        return {column: self.holder(entry.row[column]) for column in NAMING[entry.link]}

    def entries(self) -> Iterator[tuple[int, Entry]]:
        """Every entry, with the absorbed record in whose merge it stands."""
        for number, made in self.merges.items():
            for entry in made.moved.links if made.moved is not None else ():
                yield number, entry

    def find_places(self) -> None:
        """Find anew where all links are."""
        self.places = {}
        for _, entry in self.entries():
            self.places.setdefault(self.place(entry), []).append(entry)

    def into(self, survivor: int) -> list[Merge]:
        """The merges into a record, in the order in which they were made."""
        found = [made for made in self.merges.values() if made.survivor == survivor]
        return sorted(found, key=lambda made: made.moved.order if made.moved is not None else 0)

    def row(self, where: Place) -> sa.Row[Any] | None:
        """The row that stands at a place now."""
        return self.edit.linked(where[0], **dict(where[1]))

    def ours(self, row: sa.Row[Any]) -> bool:
        """Whether merging, or taking a merge back, has put a row where it is."""
        run = int(row.created_run)
        if run not in self._kinds:
            kind = sa.select(runs.c.kind).where(runs.c.district == self.edit.district, runs.c.run == run)
            found = self.edit.conn.execute(kind).scalar()
            self._kinds[run] = run == self.edit.run or found in (Kind.MERGE, Kind.UNMERGE)
        return self._kinds[run]

    def put(self, link: str, row: Mapping[str, Any], *, synced: bool = False) -> None:
        """Put a row where it belongs; the sync owns it only where it did before."""
        values = {name: value for name, value in row.items() if name not in ("created_run", "synced")}
        if "synced" in row:
            values["synced"] = row["synced"] if synced else 0
        self.edit.link(link, **values)
        if values.get("synced"):
            self.edit.stale.add(link)
        if link == "other_schools":
            self.edit.stale.add("staff")

    def take(self, row: sa.Row[Any], link: str) -> None:
        """Take a row away."""
        self.edit.unlink(link, row)
        if link == "other_schools":
            self.edit.stale.add("staff")

    def can_return(self, entry: Entry) -> bool:
        """Whether all that a link names is still there, and its join code is nobody else's."""
        if entry.link == "join_codes" and self.edit.linked("join_codes", code=entry.row["code"]) is not None:
            return False
        return all(
            any(self._exists(table, entry.row[name]) for table in tables)
            for name, tables in LINKS.get(entry.link, {}).items()
        )

    def change(self, entity: str, record: int, **values: Any) -> None:
        """Set fields of a record, whose second change in one run is told as one with the first."""
        edit, table = self.edit, RECORDS[entity]
        row = edit.conn.execute(sa.select(table).where(table.c.district == edit.district, table.c.id == record)).one()
        earlier = sa.select(changes).where(
            changes.c.district == edit.district, changes.c.run == edit.run, changes.c.entity == entity
        )
        for note in edit.conn.execute(earlier.where(changes.c.record == record, changes.c.action == "update")).all():
            after = json.loads(note.after)
            again = {name: value for name, value in values.items() if name in after}
            if again:
                here = (table.c.district == edit.district, table.c.id == record)
                edit.conn.execute(table.update().where(*here).values(again))
                told = changes.update().where(
                    changes.c.district == edit.district, changes.c.run == edit.run, changes.c.number == note.number
                )
                edit.conn.execute(told.values(after=json.dumps({**after, **again}, ensure_ascii=False)))
                values = {name: value for name, value in values.items() if name not in again}
        if values:
            edit.change(entity, row, **values)

    def flush(self) -> None:
        """Write the entries that have changed, each with its change in the history."""
        for number, made in self.merges.items():
            text = made.moved.text() if made.moved is not None else None
            if text is None or self._written.get(number) == text:
                continue
            row = self.edit.linked(merges.name, absorbed=number)
            if row is None:
                self.edit.link(merges.name, absorbed=number, survivor=made.survivor, entity=made.entity, moved=text)
            else:
                before = {name: value for name, value in row._mapping.items() if name != "district"}
                here = (merges.c.district == self.edit.district, merges.c.absorbed == number)
                self.edit.conn.execute(merges.update().where(*here).values(moved=text))
                self.edit.note(merges.name, number, "update", before, {**before, "moved": text})
            self._written[number] = text

    def _exists(self, entity: str, record: int) -> bool:
        table = RECORDS[entity]
        query = sa.select(table.c.id).where(table.c.district == self.edit.district, table.c.id == record)
        return self.edit.conn.execute(query).first() is not None


@contextmanager
def opened(edit: Edit, book: Book | None) -> Iterator[Book]:
    """The book that several merges of one run share, or one for this merge alone, written at the end."""
    own = book or Book(edit)
    yield own
    if book is None:
        own.flush()


def place(link: str, row: Mapping[str, Any]) -> Place:
    """Where a row is."""
    return link, tuple([(column, row[column]) for column in _COLUMNS[link]])


_COLUMNS = {
    link: tuple(
        dict.fromkeys(c for c in (*(k.name for k in metadata.tables[link].primary_key), *people) if c != "district")
    )
    for link, people in NAMING.items()
}
