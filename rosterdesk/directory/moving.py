"""The links of records that are merged or told apart again: what moves where, and which of two like links stands.

Every link is known by its row before any merge; where it is now follows from the merges that stand. So it does not
matter in which order they were made, or are taken back, nor that a family link may have moved at both its ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory.book import NAMING, Book, Place, place
from rosterdesk.directory.comparing import MOVING, Side, links_of
from rosterdesk.directory.ledger import Entry, Merge, Moved


def move(
    book: Book, entity: str, survivor: int, absorbed: sa.Row[Any], choices: Mapping[str, Side], moved: Moved
) -> None:
    """Give the survivor the links of the absorbed record. The merge itself is not in the book yet."""
    edit = book.edit
    for link, end in MOVING[entity]:
        for row in links_of(edit.conn, edit.district, link, end, absorbed):
            here = place(link, dict(row._mapping))
            there = place(link, {**row._mapping, end: survivor})
            carriers = [entry for entry in book.places.get(here, ()) if entry.made]
            at = book.places.pop(here, [])
            if carriers:
                carrier = carriers[0]
            else:
                carrier = Entry(link, _plain(row))
                moved.links.append(carrier)
                at.append(carrier)
            book.take(row, link)
            present = book.row(there)
            carrier.made = present is None or _gives_way(link, row, present, choices)
            if present is not None and carrier.made:
                others = [entry for entry in book.places.get(there, ()) if entry.made]
                if others:
                    others[0].made = False
                else:
                    at.append(Entry(link, _plain(present), hidden=True))
                    moved.links.append(at[-1])
                book.take(present, link)
            book.places.setdefault(there, []).extend(at)
            if carrier.made:
                book.put(link, {**_plain(row), end: survivor})


@dataclass
class Returned:
    """What a merge that is taken back gave back, and what was left alone, each as the link and the rest of its key."""

    back: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def give_back(book: Book, made: Merge) -> Returned:
    """Bring every link to where it is without this merge, and take the merge out of the book."""
    told = Returned()
    book.find_places()
    before = {id(entry): book.place(entry) for _, entry in book.entries()}
    orphans = made.moved.links if made.moved is not None else []
    every = [entry for _, entry in book.entries()]
    del book.merges[made.absorbed]
    leaving = [entry for entry in every if book.place(entry) != before[id(entry)]]
    gone = {id(entry) for entry in leaving}
    refused: set[int] = set()  # a person has taken these away since
    settled: set[int] = set()  # these need no entry any more
    for where in dict.fromkeys(before[id(entry)] for entry in leaving):
        together = book.places[where]
        carriers = [entry for entry in together if entry.made and id(entry) in gone]
        staying = [entry for entry in together if id(entry) not in gone]
        if carriers and not _vacate(book, where, staying, settled):
            refused.add(id(carriers[0]))
    # Who comes home comes first; a row that gave way to another still does.
    for entry in sorted(leaving, key=lambda e: (e.hidden, book.place(e) != book.home(e), not e.made)):
        name = _called(entry, made)
        if id(entry) in refused:
            told.left.append(name)
            settled.add(id(entry))
        elif not _settle(book, entry, told, name):
            settled.add(id(entry))
    for entry in orphans:
        if id(entry) not in settled:
            _adopt(book, entry)
    for other in book.merges.values():
        if other.moved is not None:
            other.moved.links[:] = [entry for entry in other.moved.links if id(entry) not in settled]
    book.find_places()
    return told


def _vacate(book: Book, where: Place, staying: list[Entry], settled: set[int]) -> bool:
    """Take away what stood somewhere for links that leave, or leave it to one that stays; False where a person has."""
    row = book.row(where)
    if row is None or not book.ours(row):
        return False
    book.take(row, where[0])
    for heir in sorted(staying, key=lambda entry: entry.hidden)[:1]:
        if book.home(heir) == where:
            book.put(heir.link, heir.row, synced=True)
            settled.add(id(heir))  # it is as it was before any merge
        else:
            heir.made = True
            book.put(heir.link, {**heir.row, **book.held(heir)})
    return True


def _settle(book: Book, entry: Entry, told: Returned, name: str) -> bool:
    """Put a link where it belongs now; whether it still needs its entry."""
    where = book.place(entry)
    home = book.home(entry) == where
    present = book.row(where)
    entry.made = False
    if present is not None:
        if home and not entry.hidden:
            told.left.append(name)
            return False
        return True
    if not book.can_return(entry):
        told.left.append(name)
        return False
    told.back.append(name)
    if home:
        book.put(entry.link, entry.row, synced=True)
        return False
    entry.made = True
    book.put(entry.link, {**entry.row, **book.held(entry)})
    return True


def _adopt(book: Book, entry: Entry) -> None:
    """Let another merge keep an entry: one that the link came through; of a row that gave way, one into its holder."""
    people = [entry.row[column] for column in NAMING[entry.link]]
    others = [book.merges[person] for person in people if person in book.merges]
    others += [other for person in people for other in book.into(person)]
    for other in others:
        if other.moved is not None:
            other.moved.links.append(entry)
            return


def _gives_way(link: str, row: sa.Row[Any], present: sa.Row[Any], choices: Mapping[str, Side]) -> bool:
    """Whether the survivor's own row is replaced by the absorbed record's."""
    if link != "attributes" or row.value == present.value:
        return False
    return choices.get(f"attribute:{row.name}") is Side.ABSORBED


def _called(entry: Entry, made: Merge) -> str:
    ends = dict(MOVING[made.entity])
    rest = [value for column, value in place(entry.link, entry.row)[1] if column != ends.get(entry.link)]
    return " ".join([entry.link, *(f"#{value}" if isinstance(value, int) else str(value) for value in rest)])


def _plain(row: sa.Row[Any]) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name != "district"}
