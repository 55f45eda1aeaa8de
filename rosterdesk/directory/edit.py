"""One hand edit of the directory: who makes it and why, one transaction, one run in the history that can be taken back.

What may be edited, and by whom, is the business of the modules by subject; all of them write through this one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory import ledger, permissions
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.history import Kind, PastRun, State, next_run, now, record_run
from rosterdesk.directory.permissions import Person
from rosterdesk.directory.schema import (
    LINKS,
    RECORDS,
    accounts,
    changes,
    guardianships,
    hand_edits,
    metadata,
    other_schools,
    runs,
    snapshot,
)
from rosterdesk.directory.settings import DISTRICT, Settings, get_settings
from rosterdesk.errors import DirectoryChanged, UsageError
from rosterdesk.run import Run

SINGULAR = {
    "schools": "school",
    "classrooms": "classroom",
    "students": "student",
    "staff": "member of staff",
    "guardians": "guardian",
}
_PAST = {"update": "updated", "archive": "archived", "restore": "restored", "remove": "removed"}


@dataclass
class Edit:
    """An edit that is being made: its person, its connection, and what has been written so far."""

    directory: Directory
    conn: sa.Connection
    person: Person
    run: int
    since: int | None
    stale: set[str] = field(default_factory=set)  # the parts of the snapshot that are no longer so
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    _changes: int = 0

    @property
    def district(self) -> int:
        return self.directory.district

    def get(self, entity: str, record: int) -> sa.Row[Any]:
        """A record's row. Raises `UsageError` when there is none, or none that this person may see."""
        row = self.known(entity, record)
        if row is None or not (record in self.person.records or self.person.sees(self.schools(entity, row))):
            raise UsageError(
                f"There is no {SINGULAR[entity]} #{record} in your schools.", "Look it up in the directory again."
            )
        if row.status == "archived" and (merged := ledger.find(self.conn, self.district, record)) is not None:
            raise UsageError(
                f"#{record} was merged into #{merged.survivor}.", f"Use #{merged.survivor}, or unmerge #{record} first."
            )
        return row

    def known(self, entity: str, record: int) -> sa.Row[Any] | None:
        """A record's row, whoever may see it: for what the rules themselves must look up, never to be shown."""
        table = RECORDS[entity]
        query = sa.select(table).where(table.c.district == self.district, table.c.id == record)
        return self.conn.execute(query).first()

    def schools(self, entity: str, row: sa.Row[Any]) -> set[int]:
        """The schools that a record belongs to; a guardian's are those of the children."""
        if entity == "schools":
            return {row.id}
        if entity == "classrooms":
            return {row.school} - {None}
        if entity != "guardians":
            return {row.school, *self._others([row.id])} - {None}
        students = RECORDS["students"]
        children = sa.select(students.c.id, students.c.school).join(
            guardianships,
            (guardianships.c.district == students.c.district) & (guardianships.c.student == students.c.id),
        )
        found = self.conn.execute(
            children.where(students.c.district == self.district, guardianships.c.guardian == row.id)
        ).all()
        return {child.school for child in found if child.school} | self._others([child.id for child in found])

    def settings(self, school: int = DISTRICT) -> Settings:
        """The settings that hold in a school."""
        return get_settings(self.conn, self.district, school)

    def synced(self, entity: str, row: sa.Row[Any]) -> bool:
        """Whether the sync owns this record now: it has an SIS ID, and a school of it is still synced."""
        if row.sis_id is None:
            return False
        return any(self.settings(school).sync for school in self.schools(entity, row) or {DISTRICT})

    def active(self, row: sa.Row[Any]) -> bool:
        """Whether the person has an account that was signed in to."""
        if row.account is None:
            return False
        account = sa.select(accounts.c.state).where(accounts.c.district == self.district, accounts.c.id == row.account)
        return self.conn.execute(account).scalar() == "active"

    def create(self, entity: str, **values: Any) -> int:
        """Make a manual record, or an account; return its number."""
        table = metadata.tables[entity]
        record = self.directory.take_ids(self.conn, 1)
        state = {"status": "active"} if entity in RECORDS else {}
        row = {"district": self.district, "id": record, "created_run": self.run, **state, **values}
        self.conn.execute(table.insert().values(row))
        self._count(entity, "created")
        return record

    def change(self, entity: str, row: sa.Row[Any], action: str = "update", **values: Any) -> bool:
        """Set fields of a record that was got; say whether any was another before. Raises `DirectoryChanged`."""
        self._refuse_if_changed(entity, row.id)
        before = {name: getattr(row, name) for name, value in values.items() if getattr(row, name) != value}
        if not before:
            return False
        after = {name: values[name] for name in before}
        table = RECORDS[entity]
        self.conn.execute(table.update().where(table.c.district == self.district, table.c.id == row.id).values(after))
        shown = ({}, {}) if action in ("archive", "restore") else (before, after)
        self.note(entity, row.id, action, *shown)
        if row.sis_id is not None or "sis_id" in after:
            self.stale.add(entity)
        return True

    def link(self, link: str, **values: Any) -> None:
        """Add a link that the sync does not own."""
        table = metadata.tables[link]
        own = {"synced": 0} if "synced" in table.c else {}
        self.conn.execute(table.insert().values({"district": self.district, "created_run": self.run, **own, **values}))
        self.stale.add(f"manual_{link}")
        self._count(link, "created")

    def linked(self, link: str, **key: Any) -> sa.Row[Any] | None:
        """A link's row, or None."""
        return self.conn.execute(sa.select(metadata.tables[link]).where(*self._key(link, key))).first()

    def unlink(self, link: str, row: sa.Row[Any]) -> None:
        """Remove a link, or another row that says by which run it was created."""
        table = metadata.tables[link]
        values = {name: value for name, value in row._mapping.items() if name != "district"}
        key = {c.name: values[c.name] for c in table.primary_key if c.name != "district"}
        self.conn.execute(table.delete().where(*self._key(link, key)))
        record = values[next(iter(LINKS[link]))] if link in LINKS else 0
        self.note(link, record, "remove", values, None)
        self.stale.add(link if values.get("synced") else f"manual_{link}")

    def own(self, record: int, *fields: str) -> None:
        """Remember that a person has set these fields of a synced record: from now on the sync keeps them, or tells."""
        for name in fields:
            self.disown(record, name)  # the mark is always that of the latest edit, so that each can be taken back
            self.link("hand_edits", subject=record, field=name)

    def disown(self, record: int, name: str) -> None:
        """Leave a field of a record to the sync again."""
        if (marked := self.linked("hand_edits", subject=record, field=name)) is not None:
            self.unlink("hand_edits", marked)

    def note(self, entity: str, record: int, action: str, before: object, after: object) -> None:
        """Write one change into the history."""
        self._changes += 1
        texts = [None if value is None else json.dumps(value, ensure_ascii=False) for value in (before, after)]
        self.conn.execute(
            changes.insert().values(
                district=self.district,
                run=self.run,
                number=self._changes,
                entity=entity,
                record=record,
                action=action,
                before=texts[0],
                after=texts[1],
            )
        )
        self._count(entity, _PAST[action])

    def reserve(self, entity: str, what: str, count: int) -> int:
        """Numbers for many changes that the caller writes at once; return the first."""
        first = self._changes + 1
        self._changes += count
        self.counts.setdefault(entity, Counter())[what] += count
        return first

    def _refuse_if_changed(self, entity: str, record: int) -> None:
        if self.since is None:
            return
        query = (
            sa.select(runs.c.run, runs.c.who, runs.c.finished)
            .join(changes, (changes.c.district == runs.c.district) & (changes.c.run == runs.c.run))
            .where(runs.c.district == self.district, runs.c.run > self.since, runs.c.run != self.run)
            .where(changes.c.entity == entity, changes.c.record == record)
            .order_by(runs.c.run.desc())
        )
        if (latest := self.conn.execute(query).first()) is not None:
            raise DirectoryChanged(
                f"{latest.who} has changed this {SINGULAR[entity]} meanwhile (run {latest.run}, {latest.finished}).",
                "Look at it again, and decide whether you still want your change: nothing of yours was written.",
            )

    def _others(self, people: list[int]) -> set[int]:
        query = sa.select(other_schools.c.school).where(other_schools.c.district == self.district)
        return set(self.conn.execute(query.where(other_schools.c.person.in_(people))).scalars())

    def _key(self, link: str, key: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
        table = metadata.tables[link]
        return [table.c.district == self.district, *(table.c[name] == value for name, value in key.items())]

    def _count(self, entity: str, what: str) -> None:
        if entity != hand_edits.name:
            self.counts.setdefault(entity, Counter())[what] += 1


@contextmanager
def editing(
    directory: Directory,
    what: str,
    why: str,
    *,
    acting_as: str | None = None,
    person: Person | None = None,
    since: int | None = None,
    run: Run | None = None,
    kind: Kind = Kind.EDIT,
) -> Iterator[Edit]:
    """An edit, written wholly at the end of the block or, on any exception, not at all. It waits for a run in progress.

    `what` and `why` stand in the history; `person` is the one at the keyboard unless given; `since` is the latest run
    that they have seen: of what another run has changed after it, nothing is overwritten. Raises `NotAllowed`,
    `DirectoryChanged`, `DirectoryBusy`, `UsageError`.
    """
    if not why.strip():
        raise UsageError("An edit needs a reason.", "Say why in a few words: it stands in the history.")
    started = now()
    with directory.transaction(what, run) as conn:
        whose = person or permissions.at_keyboard(directory, conn, acting_as)
        edit = Edit(directory, conn, whose, next_run(conn, directory.district), since)
        yield edit
        if edit.counts or edit._changes:
            _finish(edit, PastRun(edit.run, kind, State.DONE, started, now(), whose.who, what, why=why.strip()))


def _finish(edit: Edit, past: PastRun) -> None:
    conn, district = edit.conn, edit.district
    counts = {entity: dict(numbers) for entity, numbers in edit.counts.items()}
    record_run(conn, district, PastRun(**{**{f: getattr(past, f) for f in past.__slots__}, "counts": counts}))
    # The snapshot holds only what is synced; what an edit left alone in it is as true as before.
    before, table = edit.directory.generation_in(conn), snapshot
    after = edit.directory.bump(conn)
    conn.execute(
        table.delete().where(
            table.c.district == district, (table.c.generation != before) | table.c.name.in_(sorted(edit.stale))
        )
    )
    conn.execute(table.update().where(table.c.district == district).values(generation=after))
