"""What a person has said of pairs, and what follows for the other pairs of the same people. Knows no widget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rosterdesk.directory.comparing import Choices, Side
from rosterdesk.directory.decisions import Decision, Proposed
from rosterdesk.matching.proposals import Proposal, Proposals

Said = Mapping[Proposed, Decision | None]


class Answers:
    """What was said of each pair and of its rivals."""

    def __init__(self, found: Iterable[Proposals] = ()) -> None:
        self.proposals = tuple(proposal for kind in found for proposal in kind.proposals)
        pairs = [pair for proposal in self.proposals for pair in options(proposal)]
        self.said: dict[Proposed, Decision | None] = {pair.key: pair.decision for pair in pairs}
        self._choices: dict[Proposed, Choices] = {pair.key: pair.choices for pair in pairs if pair.choices}

    def of(self, proposal: Proposal) -> Decision | None:
        """The answer to the question whether the new person of a proposal is anybody: the same as one of the
        candidates, none of them, later, or (None) not decided."""
        taken = {(key.entity, key.candidate): key for key, said in self.said.items() if said is Decision.SAME}
        states = []
        for pair in options(proposal):
            key = pair.key
            if key.incoming == proposal.key.incoming:
                whose = taken.get((key.entity, key.candidate), key)
                states.append(self.said[key] if whose == key else Decision.DIFFERENT)
        return next(answer for answer in (Decision.SAME, Decision.LATER, None, Decision.DIFFERENT) if answer in states)

    @property
    def all(self) -> Mapping[Decision | None, int]:
        """How many proposals have which answer."""
        counts: dict[Decision | None, int] = {}
        for proposal in self.proposals:
            answer = self.of(proposal)
            counts[answer] = counts.get(answer, 0) + 1
        return counts

    def best(self, proposal: Proposal) -> int:
        """Which of the options to look at: the one that is the same, else the first that is not decided."""
        states = [self.said[pair.key] for pair in options(proposal)]
        for state in (Decision.SAME, None, Decision.LATER):
            if state in states:
                return states.index(state)
        return 0

    def now(self, pair: Proposal) -> Proposal:
        """The pair with what was said of it."""
        return replace(pair, decision=self.said[pair.key], choices=self._choices.get(pair.key, {}))

    def following(self, said: Said) -> dict[Proposed, Decision | None]:
        """What is said, and that others are the same no more: nobody is the same as two."""
        whole = dict(said)
        same = [key for key, decision in said.items() if decision is Decision.SAME]
        ends = {(key.entity, end) for key in same for end in (key.incoming, key.candidate)}
        for key, decision in self.said.items():
            either = (key.entity, key.incoming) in ends or (key.entity, key.candidate) in ends
            if decision is Decision.SAME and either and key not in said:
                whole[key] = None
        return whole

    def choices(self, said: Iterable[Proposed]) -> dict[Proposed, Choices]:
        """The sides that were chosen for these pairs."""
        return {key: self._choices[key] for key in said if key in self._choices}

    def choose(self, key: Proposed, field: str, side: Side) -> None:
        """Take the value of this side where both have one."""
        self._choices[key] = {**self._choices.get(key, {}), field: side}


def options(proposal: Proposal) -> Sequence[Proposal]:
    """The proposed pair, and the other pairs that its two could be in."""
    return (proposal, *proposal.rivals)
