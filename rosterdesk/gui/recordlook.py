"""All that is known of one record of the directory, looked up in the reader's thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rosterdesk.model import CONTACT_DETAILS, PEOPLE
from rosterdesk.run import Run

if TYPE_CHECKING:
    import sqlalchemy as sa

    from rosterdesk.directory.browse import Record
    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.history import PastChange, PastRun
    from rosterdesk.directory.ledger import Moved
    from rosterdesk.directory.offers import Offer

LINKS_SHOWN = 12  # of a kind
_ACCOUNT = "account"  # returns with the person, whatever is chosen for the fields


@dataclass(frozen=True, slots=True)
class Absorbed:
    """A record that was merged into another one; `fields` are those of the other that the merge has changed, with their
    values before and now."""

    id: int
    name: str
    fields: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Known:
    """A record with its history, the newest first, and with what a person may do to it.

    `parts` holds by kind and number what belongs to it and can or can't be parted from it; `since` is the latest run
    of the directory, `places` its active schools. `synced`: a sync owns the record now, but for the fields in `own`.
    `merged` was merged into it, which `unmerge` takes back; it was merged itself `into` a record: its number, and
    its name where this person sees it.
    """

    record: Record
    history: tuple[tuple[PastRun, PastChange], ...]
    offers: tuple[Offer, ...] = ()
    parts: Mapping[tuple[str, int], Offer] = field(default_factory=dict)
    since: int = 0
    schools: tuple[int, ...] = ()
    places: tuple[tuple[int, str], ...] = ()
    synced: bool = False
    own: frozenset[str] = frozenset()
    merged: tuple[Absorbed, ...] = ()
    unmerge: Offer | None = None
    into: tuple[int, str] | None = None


def look_up(directory: Directory, entity: str, id_: int, run: Run) -> Known | None:
    """What is known of a record; None when it is gone. Raises `UsageError` for one that this person may not see."""
    import sqlalchemy as sa

    from rosterdesk.directory import browse, offers
    from rosterdesk.directory.history import list_runs, record_history
    from rosterdesk.directory.schema import hand_edits
    from rosterdesk.directory.settings import DISTRICT

    with directory.read(run) as connection:
        found = browse.record(connection, directory.district, entity, id_)
        if found is None:
            return None
        past = tuple(record_history(connection, directory.district, entity, id_))
        merged, into = _merges(connection, directory.district, found)
        if into is not None:  # nothing is done to it but by way of the other record
            return Known(found, past, into=into)
        trial = offers.trial(directory, connection)
        row = trial.get(entity, id_)
        parts: dict[tuple[str, int], Offer] = {}
        shown: dict[str, int] = {}
        for linked in found.linked:
            shown[linked.entity] = shown.get(linked.entity, 0) + 1
            offer = (
                offers.of_link(trial, entity, id_, linked.entity, linked.id)
                if shown[linked.entity] <= LINKS_SHOWN
                else None
            )
            if offer is not None:
                parts[linked.entity, linked.id] = offer
        latest = list_runs(connection, directory.district, limit=1)
        places = browse.list_schools(connection, directory.district)
        schools = tuple(sorted(trial.schools(entity, row)))
        marked = sa.select(hand_edits.c.field).where(
            hand_edits.c.district == directory.district, hand_edits.c.subject == id_
        )
        own = set(connection.execute(marked).scalars())
        if found.fields.get("account") == "active" and not any(
            trial.settings(school).update_active_users for school in schools or (DISTRICT,)
        ):
            own.update(CONTACT_DETAILS)
        return Known(
            found,
            past,
            offers.of_record(trial, entity, id_, found.status),
            parts,
            latest[0].number if latest else 0,
            schools,
            tuple((number, name) for number, name, status in places if status == "active"),
            trial.synced(entity, row),
            frozenset(own),
            merged,
            offers.unmerge(trial, entity, id_) if merged else None,
        )


def _merges(
    connection: sa.Connection, district: int, record: Record
) -> tuple[tuple[Absorbed, ...], tuple[int, str] | None]:
    from rosterdesk.directory import ledger

    if record.entity not in PEOPLE:
        return (), None
    made, by = ledger.absorbed_by(connection, district, record.id), ledger.find(connection, district, record.id)
    numbers = [merge.absorbed for merge in made] + ([by.survivor] if by is not None else [])
    names = ledger.names(connection, district, record.entity, numbers) if numbers else {}
    seen = [merge for merge in made if merge.absorbed in names]
    merged = tuple(Absorbed(merge.absorbed, names[merge.absorbed], _changed(merge.moved)) for merge in seen)
    return merged, (by.survivor, names.get(by.survivor, "")) if by is not None else None


def _changed(moved: Moved | None) -> dict[str, tuple[str, str]]:
    fields = moved.fields if moved is not None else {}
    return {name: (str(before or ""), str(after or "")) for name, (before, after) in fields.items() if name != _ACCOUNT}
