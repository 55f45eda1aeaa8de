"""What people have said of proposed pairs, remembered for ever: the same, not the same, or later.

A decision is no change of the directory's records: it makes no run and leaves every plan as it is.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from rosterdesk.directory import permissions
from rosterdesk.directory.comparing import Choices, read_choices, write_choices
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.history import Kind, now
from rosterdesk.directory.merging import RULE
from rosterdesk.directory.permissions import ROSTERING, Person
from rosterdesk.directory.schema import RECORDS, changes, decisions, merges, runs
from rosterdesk.errors import UsageError
from rosterdesk.run import Run

_PART = 500


class Decision(StrEnum):
    """What a person said of a pair. `different` is never proposed again; `same` is merged with the next merges."""

    SAME = "same"
    DIFFERENT = "different"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A pair as decisions know it: the SIS ID of the one, which may not be in the directory yet, and the number of the
    archived or manual record."""

    entity: str
    incoming: str
    candidate: int


def decide(
    directory: Directory,
    decided: Mapping[Proposed, Decision | None],
    *,
    choices: Mapping[Proposed, Choices] | None = None,
    seen: Mapping[Proposed, Decision | None] | None = None,
    acting_as: str | None = None,
    person: Person | None = None,
    run: Run | None = None,
) -> int:
    """Write down what a person said of pairs (None: forget what was said); return how many.

    Nobody is the same as two others: who is called the same as somebody else now is no longer the same as before.
    `choices` are the sides chosen where both have a value, for pairs that are the same; `seen` is what the person was
    shown as said so far. Raises `UsageError` for a record that is not there or not in their schools, for one that is
    called the same as two, and where somebody has said something else than what was seen; `NotAllowed`.
    """
    moment = now()
    _refuse_two([pair for pair, decision in decided.items() if decision is Decision.SAME])
    with directory.transaction("remembering decisions", run) as conn:
        whose = person or permissions.at_keyboard(directory, conn, acting_as)
        if seen is not None:
            _refuse_other(conn, directory.district, seen)
        gone = {*decided, *_displaced(conn, directory.district, decided)}
        for pair in decided:
            table = RECORDS[pair.entity]
            here = (table.c.district == directory.district, table.c.id == pair.candidate)
            row = conn.execute(sa.select(table).where(*here)).first()
            place = {row.school} - {None} if row is not None and "school" in table.c else set()
            if row is None or (pair.entity != "guardians" and not whose.sees(place)):
                raise UsageError(f"There is no record #{pair.candidate} in your schools.", "Make the proposals anew.")
            whose.require(RULE, ROSTERING, place or whose.schools or ())
        for pair in gone:
            this = (decisions.c.candidate == pair.candidate, decisions.c.incoming == pair.incoming)
            conn.execute(decisions.delete().where(decisions.c.district == directory.district, *this))
        for pair, decision in decided.items():
            if decision is not None:
                conn.execute(
                    decisions.insert().values(
                        district=directory.district,
                        candidate=pair.candidate,
                        incoming=pair.incoming,
                        entity=pair.entity,
                        decision=decision.value,
                        choices=write_choices((choices or {}).get(pair, {})) if decision is Decision.SAME else None,
                        decided=moment,
                        who=whose.who,
                        created_run=0,
                    )
                )
    return len(decided)


def decided(conn: sa.Connection, district: int, entity: str) -> dict[Proposed, Decision]:
    """Every decision about records of one kind. Two that were the same, and were taken apart since, are put off."""
    query = sa.select(decisions).where(decisions.c.district == district, decisions.c.entity == entity)
    rows = conn.execute(query.order_by(decisions.c.candidate, decisions.c.incoming)).all()
    found = {Proposed(entity, row.incoming, row.candidate): Decision(row.decision) for row in rows}
    apart = taken_apart(conn, district)
    for row in rows:
        if row.decision == Decision.SAME and is_void(row.decided, apart.get(row.candidate)):
            found[Proposed(entity, row.incoming, row.candidate)] = Decision.LATER
    return found


def taken_apart(conn: sa.Connection, district: int) -> dict[int, str]:
    """The records that were merged and taken apart again by a person, and when the last time (ISO 8601)."""
    query = (
        sa.select(changes.c.before, runs.c.started)
        .join(runs, sa.and_(runs.c.district == changes.c.district, runs.c.run == changes.c.run))
        .where(runs.c.district == district, runs.c.kind == Kind.UNMERGE.value, changes.c.entity == merges.name)
        .order_by(runs.c.run)
    )
    return {json.loads(before)["absorbed"]: started for before, started in conn.execute(query) if before}


def is_void(decided: str | None, apart: str | None) -> bool:
    """Whether a decision was made before its two were merged and taken apart again."""
    return apart is not None and (decided is None or decided <= apart)


def chosen(conn: sa.Connection, district: int, entity: str) -> dict[Proposed, Choices]:
    """The sides that were chosen for pairs of one kind that are the same; pairs without a choice are left out."""
    query = sa.select(decisions.c.incoming, decisions.c.candidate, decisions.c.choices).where(
        decisions.c.district == district, decisions.c.entity == entity, decisions.c.choices.is_not(None)
    )
    return {Proposed(entity, row.incoming, row.candidate): read_choices(row.choices) for row in conn.execute(query)}


def numbers(conn: sa.Connection, district: int, entity: str, sis_ids: Iterable[str]) -> dict[str, int]:
    """The numbers of the records with these SIS IDs."""
    table, wanted = RECORDS[entity], list(sis_ids)
    found: dict[str, int] = {}
    for at in range(0, len(wanted), _PART):
        query = sa.select(table.c.sis_id, table.c.id).where(
            table.c.district == district, table.c.sis_id.in_(wanted[at : at + _PART])
        )
        found.update(iter(conn.execute(query)))
    return found


def _refuse_other(conn: sa.Connection, district: int, seen: Mapping[Proposed, Decision | None]) -> None:
    """Raise `UsageError` when something else was said of a pair than a person has seen."""
    for entity in {pair.entity for pair in seen}:
        now = decided(conn, district, entity)
        other = [pair for pair, said in seen.items() if pair.entity == entity and now.get(pair) != said]
        if other:
            raise UsageError(
                f"Somebody else has decided {len(other):,} of these pairs meanwhile.",
                "Nothing was remembered. Look again, then decide what is left.",
            )


def _refuse_two(same: list[Proposed]) -> None:
    ends = Counter((pair.entity, end) for pair in same for end in (pair.incoming, pair.candidate))
    for (_, end), count in ends.items():
        if count > 1:
            raise UsageError(f"{end} is called the same as {count} others.", "Say it of one of them.")


def _displaced(conn: sa.Connection, district: int, decided: Mapping[Proposed, Decision | None]) -> set[Proposed]:
    """Other pairs of those who are called the same now that were called so before, and are not merged yet."""
    same = [pair for pair, decision in decided.items() if decision is Decision.SAME]
    if not same:
        return set()
    ends = {(pair.entity, end) for pair in same for end in (pair.incoming, pair.candidate)}
    merged = sa.select(merges.c.absorbed).where(merges.c.district == district)
    query = sa.select(decisions.c.entity, decisions.c.incoming, decisions.c.candidate).where(
        decisions.c.district == district,
        decisions.c.decision == Decision.SAME.value,
        decisions.c.candidate.not_in(merged),
    )
    before = [Proposed(*row) for row in conn.execute(query)]
    return {pair for pair in before if (pair.entity, pair.incoming) in ends or (pair.entity, pair.candidate) in ends}
