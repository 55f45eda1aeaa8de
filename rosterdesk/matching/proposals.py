"""Which people of the SIS are whom among the archived and manual records of the directory: pairs for people to decide.

Nothing is merged here. A pair that somebody said is not the same is never proposed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

import sqlalchemy as sa

from rosterdesk import matching
from rosterdesk.directory.comparing import Choices
from rosterdesk.directory.decisions import Decision, Proposed, chosen, decided, taken_apart
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.merging import Pair
from rosterdesk.matching import adults, directory
from rosterdesk.matching.directory import CANDIDATES, COMING
from rosterdesk.run import Run
from rosterdesk.staging import Staging

_APART = "They were one before, and a person has taken them apart."
LISTED = 1000  # so many of those without a pair are shown
_BY_HAND = "Somebody has said that they are one person; nothing was compared."


class Group(StrEnum):
    """How a pair is proposed: *ready* is safe to propose ticked, *likely* needs a look, *several* has rivals."""

    READY = "ready"
    LIKELY = "likely"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class Shown:
    """One of the two, for a side by side. `record` is None for who is not in the directory yet."""

    record: int | None
    sis_id: str | None
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pair that may be one person. `rivals` are the other pairs that one of the two could be in, the likeliest first
    (theirs are not told); `choices` the sides that a person chose where both have a value."""

    entity: str
    incoming: Shown
    candidate: Shown
    group: Group
    probability: float
    reason: str
    decision: Decision | None = None
    choices: Choices = field(default_factory=dict)
    rivals: tuple[Proposal, ...] = ()

    @property
    def key(self) -> Proposed:
        """The pair as decisions know it."""
        assert self.incoming.sis_id is not None
        assert self.candidate.record is not None
        return Proposed(self.entity, self.incoming.sis_id, self.candidate.record)


@dataclass(frozen=True, slots=True)
class Proposals:
    """All pairs of one kind of people, in each group the least certain first, and those put off at the end.

    `incoming` and `candidates` say how many there are on either side; `mistakes` how many of the pairs that are ready
    are expected to be wrong. Of those in no pair, `unmatched` are the first `LISTED` of the incoming by name, `absent`
    those of the candidates.
    """

    entity: str
    incoming: int = 0
    candidates: int = 0
    proposals: tuple[Proposal, ...] = ()
    mistakes: float = 0.0
    unmatched: tuple[Shown, ...] = ()
    absent: tuple[Shown, ...] = ()

    def group(self, group: Group) -> tuple[Proposal, ...]:
        """The pairs of one group."""
        return tuple(proposal for proposal in self.proposals if proposal.group is group)

    @property
    def counts(self) -> Mapping[Group, int]:
        """How many pairs each group has."""
        return {group: len(self.group(group)) for group in Group}


def propose(where: Directory, staging: Staging, run: Run, entity: str = "students") -> Proposals:
    """The active synced people of the directory against its archived and manual ones. Raises `Cancelled`."""
    with where.read(run) as conn:
        staging.execute("create schema if not exists matching")
        candidates = directory.load_candidates(conn, where.district, entity, staging, run)
        coming = directory.load_synced(conn, where.district, entity, staging, run) if candidates else 0
        return _proposals(conn, where.district, staging, run, entity, coming, candidates)


def incoming(
    conn: sa.Connection, district: int, staging: Staging, run: Run, entity: str = "students", *, shown: bool = True
) -> Proposals:
    """The people of a checked roster whom the directory does not know yet, against its archived and manual ones.

    Needs `incoming.*` and `directory.*`. What is `shown` to somebody is only what they may see.
    """
    coming = directory.load_coming(staging, entity)
    candidates = directory.load_candidates(conn, district, entity, staging, run, shown=shown) if coming else 0
    return _proposals(conn, district, staging, run, entity, coming, candidates)


def evidence(staging: Staging, proposal: Proposal) -> tuple[matching.Evidence, ...]:
    """What speaks for and against a pair of students, for the plot; of other people, what is said stands in the reason.

    Holds while the staging does, and until proposals are made anew in it.
    """
    if proposal.entity != "students":
        return ()
    return matching.evidence(staging, str(proposal.incoming.sis_id), str(proposal.candidate.record))


def pair_of(proposal: Proposal) -> Pair:
    """The pair to merge. The incoming one must be in the directory."""
    assert proposal.incoming.record is not None
    assert proposal.candidate.record is not None
    return Pair(proposal.entity, proposal.incoming.record, proposal.candidate.record, proposal.choices)


def ready(proposals: Proposals) -> tuple[Proposal, ...]:
    """The pairs that may be merged without a further look: those a person called the same, and the ready ones that
    nobody has put off."""
    return tuple(
        proposal
        for proposal in proposals.proposals
        if proposal.decision is Decision.SAME or (proposal.group is Group.READY and proposal.decision is None)
    )


def _proposals(
    conn: sa.Connection, district: int, staging: Staging, run: Run, entity: str, coming: int, candidates: int
) -> Proposals:
    if not coming or not candidates:
        return Proposals(entity, coming, candidates)
    directory.load_decisions(conn, district, entity, staging)
    if entity == "students":
        matching.match(staging, COMING, CANDIDATES, run, apart="matching.apart")
    else:
        adults.match(staging, entity)
    said, choices = decided(conn, district, entity), chosen(conn, district, entity)
    own = directory.fields(entity)
    sides = ", ".join(f"{side}.{name}" for side in "ic" for name in ("record", "sis_id", *own, "schools"))
    # What a person has called the same comes first, whatever is thought of it; then what was matched, then the rest.
    rows = staging.rows(f"""with offered as (
            select incoming_id, candidate_id, band, probability, reason, 1 as turn from matching.pairs
            union all select incoming_id, candidate_id, 'review', probability, reason, 2 from matching.rivals)
        select coalesce(o.band, 'review'), coalesce(o.probability, 1), coalesce(o.reason, '{_BY_HAND}'), {sides}
        from offered o full join matching.same s using (incoming_id, candidate_id)
        join {COMING} i on i.id = incoming_id join {CANDIDATES} c on c.id = candidate_id
        order by s.incoming_id is null, turn, probability * (case turn when 1 then 1 else -1 end), incoming_id""")
    width, places, apart = len(own) + 3, directory.school_names(conn, district, staging), taken_apart(conn, district)
    offered = []
    for band, probability, reason, *rest in rows:
        one, other = (_shown(part, own, places) for part in (rest[:width], rest[width:]))
        group = Group.READY if band == "auto" else Group.LIKELY
        proposal = Proposal(entity, one, other, group, float(probability), reason)
        key = proposal.key
        if key.candidate in apart and said.get(key) is not Decision.SAME:
            proposal = replace(proposal, group=Group.LIKELY, reason=f"{reason} {_APART}")
        offered.append(replace(proposal, decision=said.get(key), choices=choices.get(key, {})))
    proposals = _one_to_one(offered)
    mistakes = sum(1 - proposal.probability for proposal in proposals if proposal.group is Group.READY)
    proposals.sort(key=lambda proposal: (list(Group).index(proposal.group), proposal.decision is Decision.LATER))
    pairs = "matching.pairs"
    if Decision.SAME in said.values():  # then others may be paired than matching has chosen
        pairs = directory.load_pairs(staging, [proposal.key for proposal in proposals])
    unmatched = _alone(staging, COMING, pairs, "incoming_id", own, places)
    absent = _alone(staging, CANDIDATES, pairs, "candidate_id", own, places)
    return Proposals(entity, coming, candidates, tuple(proposals), mistakes, unmatched, absent)


def _one_to_one(offered: Iterable[Proposal]) -> list[Proposal]:
    """Take each pair whose two are still free, in the given order; the others become rivals of those."""
    by_incoming: dict[str, Proposal] = {}
    by_candidate: dict[int, Proposal] = {}
    taken, rest = [], []
    for proposal in offered:
        key = proposal.key
        if key.incoming in by_incoming or key.candidate in by_candidate:
            rest.append(proposal)
            continue
        by_incoming[key.incoming] = by_candidate[key.candidate] = proposal
        taken.append(proposal)
    rivals: dict[Proposed, list[Proposal]] = {}
    for proposal in sorted(rest, key=lambda rival: -rival.probability):
        key = proposal.key
        for rivalled in (by_incoming.get(key.incoming), by_candidate.get(key.candidate)):
            if rivalled is not None:
                rivals.setdefault(rivalled.key, []).append(proposal)
    return [_with(proposal, tuple(rivals.get(proposal.key, ()))) for proposal in taken]


def _with(proposal: Proposal, rivals: tuple[Proposal, ...]) -> Proposal:
    group = Group.SEVERAL if rivals and proposal.group is Group.LIKELY else proposal.group
    return replace(proposal, group=group, rivals=rivals)


def _alone(
    staging: Staging, relation: str, pairs: str, side: str, own: tuple[str, ...], places: Mapping[str, str]
) -> tuple[Shown, ...]:
    """The first of one side who are in no pair, by name."""
    rows = staging.rows(f"""select {", ".join(("record", "sis_id", *own, "schools"))} from {relation} r
        where not exists (select 1 from {pairs} p where p.{side} = r.id)
        order by family_name, given_name, id limit {LISTED}""")
    return tuple(_shown(row, own, places) for row in rows)


def _shown(cells: Iterable[object], own: tuple[str, ...], places: Mapping[str, str]) -> Shown:
    record, sis_id, *values = cells
    fields = {name: str(value) for name, value in zip((*own, "schools"), values, strict=True) if value is not None}
    if "schools" in fields:
        fields["schools"] = places.get(fields["schools"], fields["schools"])
    return Shown(int(str(record)) if record is not None else None, str(sis_id) if sis_id is not None else None, fields)
