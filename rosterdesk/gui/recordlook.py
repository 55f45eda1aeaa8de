"""All that is known of one record of the directory, looked up in the reader's thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rosterdesk.model import CONTACT_DETAILS
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.browse import Record
    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.history import PastChange, PastRun
    from rosterdesk.directory.offers import Offer

LINKS_SHOWN = 12  # of a kind


@dataclass(frozen=True, slots=True)
class Known:
    """A record with its history, the newest first, and with what a person may do to it.

    `parts` holds by kind and number what belongs to it and can or can't be parted from it; `since` is the latest run
    of the directory, `places` its active schools. `synced`: a sync owns the record now, but for the fields in `own`.
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
            tuple(record_history(connection, directory.district, entity, id_)),
            offers.of_record(trial, entity, id_, found.status),
            parts,
            latest[0].number if latest else 0,
            schools,
            tuple((number, name) for number, name, status in places if status == "active"),
            trial.synced(entity, row),
            frozenset(own),
        )
