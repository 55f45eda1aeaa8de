"""Merging two records that are one person: the SIS record survives with its ID, and what the other one had moves to it.

The absorbed record stays archived, with its own fields, and stands in the ledger with all that moved; `unmerging` takes
it back. Who is merged with whom is decided by people: `rosterdesk.matching` only proposes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory import ledger, sight
from rosterdesk.directory.book import Book, opened
from rosterdesk.directory.comparing import ACCOUNT, Comparison, Side, compare
from rosterdesk.directory.edit import SINGULAR, Edit, editing
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.history import Kind
from rosterdesk.directory.ledger import Merge, Moved
from rosterdesk.directory.moving import move
from rosterdesk.directory.permissions import ROSTERING, Person
from rosterdesk.directory.schema import PEOPLE, RECORDS
from rosterdesk.errors import NotAllowed, UsageError
from rosterdesk.run import Run

RULE = "Records are merged, and taken apart again, by those who manage the roster of the school."


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that a person (or a rule that is certain) says are one: numbers of records of `entity`.

    `choices` are the sides chosen where both have a value, by field; what is not named stays as the survivor has it.
    """

    entity: str
    survivor: int
    absorbed: int
    choices: Mapping[str, Side] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """A pair that was not merged, and why, as a sentence."""

    pair: Pair
    why: str


@dataclass(frozen=True, slots=True)
class Merged:
    """What merging several pairs did. `run` can be taken back as a whole; None when nothing was merged."""

    run: int | None
    merged: tuple[Pair, ...]
    refused: tuple[Refused, ...]


def preview(conn: sa.Connection, district: int, pair: Pair) -> Comparison:
    """What merging a pair would do, with its conflicts field by field; reads only.

    Raises `UsageError` when one of the two is not there, or when they can't be merged.
    """
    survivor, absorbed = (_row(conn, district, pair.entity, number) for number in (pair.survivor, pair.absorbed))
    _refuse(conn, district, pair.entity, survivor, absorbed)
    return compare(conn, district, pair.entity, survivor, absorbed, pair.choices)


def merge_all(
    directory: Directory,
    pairs: Iterable[Pair],
    why: str,
    *,
    acting_as: str | None = None,
    person: Person | None = None,
    run: Run | None = None,
) -> Merged:
    """Merge pairs in one transaction and one run; those that can't be merged are left out and told.

    Raises what `editing` raises; then nothing is merged.
    """
    run, todo = run or Run(), list(pairs)
    merged, refused = [], []
    with editing(directory, _called(todo), why, acting_as=acting_as, person=person, run=run, kind=Kind.MERGE) as edit:
        book = Book(edit)
        for done, pair in enumerate(todo):
            run.check()
            run.report("Merging", done, len(todo))
            try:
                merge(edit, pair, book)
            except UsageError as error:  # it is raised before anything of the pair is written
                refused.append(Refused(pair, str(error)))
            else:
                merged.append(pair)
        book.flush()
    return Merged(edit.run if merged else None, tuple(merged), tuple(refused))


def merge(edit: Edit, pair: Pair, book: Book | None = None) -> None:
    """Merge one pair within an edit. Raises `UsageError` or `NotAllowed`, and writes nothing.

    Several merges within one edit share a `book`, which the caller writes at the end.
    """
    entity = pair.entity
    if entity not in PEOPLE:
        raise UsageError(f"{entity.capitalize()} can't be merged.", f"Only {', '.join(PEOPLE)} can.")
    if book is not None:
        for number in (pair.survivor, pair.absorbed):
            _refuse_absorbed(number, book.merges.get(number))
    survivor, absorbed = edit.get(entity, pair.survivor), edit.get(entity, pair.absorbed)
    for row in (survivor, absorbed):
        edit.person.require(RULE, ROSTERING, edit.schools(entity, row))
    _refuse(edit.conn, edit.district, entity, survivor, absorbed)
    if edit.synced(entity, absorbed) and absorbed.status == "active":
        raise NotAllowed(
            f"Both are in the SIS now: only there can one {SINGULAR[entity]} be made of them.",
            "Mend it in the SIS; the record that is gone there is archived by the sync, and can be merged then.",
        )
    made = compare(edit.conn, edit.district, entity, survivor, absorbed, pair.choices, links=False)
    moved = Moved(archived=absorbed.status == "active")
    with opened(edit, book) as shared:
        moved.order += max((o.moved.order for o in shared.into(survivor.id) if o.moved is not None), default=0)
        nested = any(known.survivor == absorbed.id for known in shared.merges.values())
        move(shared, entity, survivor.id, absorbed, pair.choices, moved)
        _fill(shared, entity, survivor, absorbed, made, moved)
        if any(entry.link == "other_schools" for entry in moved.links):
            _own(edit, survivor.id, "other_school_sis_ids", moved)
        if moved.archived:
            edit.change(entity, absorbed, "archive", status="archived")
        shared.merges[absorbed.id] = Merge(entity, absorbed.id, survivor.id, edit.run, moved)
        if nested:
            shared.find_places()


def _row(conn: sa.Connection, district: int, entity: str, number: int) -> sa.Row[Any]:
    table = RECORDS[entity]
    here = (table.c.district == district, table.c.id == number, *sight.of(conn, district, table))
    row = conn.execute(sa.select(table).where(*here)).first()
    if row is None:
        raise UsageError(
            f"There is no {SINGULAR[entity]} #{number} in your schools.", "Look them up in the directory again."
        )
    return row


def _refuse(conn: sa.Connection, district: int, entity: str, survivor: sa.Row[Any], absorbed: sa.Row[Any]) -> None:
    """Raise `UsageError` for two records that can't become one in this way."""
    if survivor.id == absorbed.id:
        raise UsageError("A record can't be merged with itself.", "Nothing was changed.")
    for row in (survivor, absorbed):
        _refuse_absorbed(row.id, ledger.find(conn, district, row.id))
    if absorbed.sis_id is not None and survivor.sis_id is None:
        raise UsageError(
            "The record of the SIS is the one that survives.", f"Merge #{survivor.id} into #{absorbed.id} instead."
        )
    if survivor.status != "active":
        raise UsageError(
            f"The {SINGULAR[entity]} that shall survive is archived.", "Restore them first, or merge the other way."
        )


def _refuse_absorbed(number: int, known: Merge | None) -> None:
    if known is not None:
        raise UsageError(
            f"#{number} was merged into #{known.survivor} already.", f"Use #{known.survivor}, or unmerge it first."
        )


def _fill(
    book: Book, entity: str, survivor: sa.Row[Any], absorbed: sa.Row[Any], made: Comparison, moved: Moved
) -> None:
    taken = [*made.filled, *(c.field for c in made.conflicts if c.chosen is Side.ABSORBED and ":" not in c.field)]
    values = {name: getattr(absorbed, name) for name in taken}
    if not values:
        return
    moved.fields = {name: [getattr(survivor, name), value] for name, value in values.items()}
    book.change(entity, survivor.id, **values)
    if survivor.sis_id is not None:
        for name in values:
            if name != ACCOUNT:
                _own(book.edit, survivor.id, name, moved)


def _own(edit: Edit, record: int, name: str, moved: Moved) -> None:
    """Mark a field of a synced record as set by hand; a mark that is there already stays that of its own edit."""
    if edit.linked("hand_edits", subject=record, field=name) is None:
        edit.own(record, name)
        moved.owned.append(name)


def _called(pairs: list[Pair]) -> str:
    kinds = {pair.entity for pair in pairs}
    if len(pairs) == 1:
        return f"merging a {SINGULAR[pairs[0].entity]}"
    return f"merging {len(pairs):,} {kinds.pop() if len(kinds) == 1 else 'people'}"
