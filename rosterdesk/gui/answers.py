"""What a person has said of pairs, and what follows for the other pairs of the same people. Knows no widget."""

from __future__ import annotations

from collections import Counter
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
        self._said: dict[Proposed, Decision | None] = {}
        self._same: dict[tuple[str, str | int], Proposed] = {}  # whoever is in a pair that is the same -> that pair
        self.say({pair.key: pair.decision for pair in pairs})
        self._choices: dict[Proposed, Choices] = {pair.key: pair.choices for pair in pairs if pair.choices}

    @property
    def said(self) -> Said:
        """What was said of each pair."""
        return self._said

    def say(self, said: Said) -> None:
        """Remember what was said of pairs, the last word of each."""
        for key in said:
            if self._said.get(key) is Decision.SAME:
                for end in _ends(key):
                    del self._same[end]
        self._said.update(said)
        self._same |= {end: key for key, decision in said.items() if decision is Decision.SAME for end in _ends(key)}

    def of(self, proposal: Proposal) -> Decision | None:
        """The answer to the question whether the new person of a proposal is anybody: the same as one of the
        candidates, none of them, later, or (None) not decided."""
        states = []
        for pair in options(proposal):
            key = pair.key
            if key.incoming == proposal.key.incoming:
                whose = self._same.get((key.entity, key.candidate), key)
                states.append(self._said[key] if whose == key else Decision.DIFFERENT)
        return next(answer for answer in (Decision.SAME, Decision.LATER, None, Decision.DIFFERENT) if answer in states)

    @property
    def all(self) -> Mapping[Decision | None, int]:
        """How many proposals have which answer."""
        return Counter(map(self.of, self.proposals))

    def best(self, proposal: Proposal) -> int:
        """Which of the options to look at: the one that is the same, else the first that is not decided."""
        states = [self._said[pair.key] for pair in options(proposal)]
        for state in (Decision.SAME, None, Decision.LATER):
            if state in states:
                return states.index(state)
        return 0

    def now(self, pair: Proposal) -> Proposal:
        """The pair with what was said of it."""
        return replace(pair, decision=self._said[pair.key], choices=self._choices.get(pair.key, {}))

    def following(self, said: Said) -> dict[Proposed, Decision | None]:
        """What is said, and that others are the same no more: nobody is the same as two."""
        ends = [end for key, decision in said.items() if decision is Decision.SAME for end in _ends(key)]
        return {**{self._same[end]: None for end in ends if end in self._same}, **said}

    def choices(self, said: Iterable[Proposed]) -> dict[Proposed, Choices]:
        """The sides that were chosen for these pairs."""
        return {key: self._choices[key] for key in said if key in self._choices}

    def choose(self, key: Proposed, field: str, side: Side) -> None:
        """Take the value of this side where both have one."""
        self._choices[key] = {**self._choices.get(key, {}), field: side}


def _ends(key: Proposed) -> tuple[tuple[str, str | int], tuple[str, str | int]]:
    return (key.entity, key.incoming), (key.entity, key.candidate)


def options(proposal: Proposal) -> Sequence[Proposal]:
    """The proposed pair, and the other pairs that its two could be in."""
    return (proposal, *proposal.rivals)
