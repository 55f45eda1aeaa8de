"""The pairs of an upload that may be one person, and what a person says of them. Knows no widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rosterdesk.directory.comparing import Choices, Conflict
from rosterdesk.directory.decisions import Proposed, decide
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.foreseen import foresee, has_candidates
from rosterdesk.gui.answers import Said
from rosterdesk.matching import Evidence
from rosterdesk.matching.proposals import Proposal, Proposals, evidence
from rosterdesk.model import Plan
from rosterdesk.planning import summary
from rosterdesk.run import Run
from rosterdesk.staging import Staging


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, what it does at each school, and how long its lists are."""

    plan: Plan
    schools: tuple[summary.SchoolSummary, ...]
    lists: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Looked:
    """What speaks for and against a pair, what its merge would move and keep in sentences, and the fields of which both
    have a value."""

    bars: tuple[Evidence, ...] = ()
    sentences: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


class Pairing:
    """`found` are the pairs as long as their evidence is in the staging database; `planned` is the plan that was made
    to find them, and is good until something is decided."""

    def __init__(self, directory: Callable[[Run], Directory]) -> None:
        self._directory = directory
        self.planned: Planned | None = None
        self.found: tuple[Proposals, ...] | None = None

    def forget(self) -> None:
        """What was found is no longer in the staging database."""
        self.planned = self.found = None

    def take(self) -> Planned | None:
        """The plan, once: who asks again wants it made anew."""
        planned, self.planned = self.planned, None
        return planned

    def may_match(self, run: Run) -> bool:
        """Whether anybody in the directory is archived or entered by hand, and may be somebody new."""
        return has_candidates(self._directory(run), run)

    def decide(self, said: Said, seen: Said, choices: Mapping[Proposed, Choices], run: Run) -> int:
        """Remember what a person said of pairs of which they had `seen` that, and the sides chosen; return how many."""
        self.planned = None  # what was called the same is merged by the push, so the plan is another one
        return decide(self._directory(run), said, seen=seen, choices=choices, run=run)

    def look(self, staging: Staging, proposal: Proposal, run: Run) -> Looked:
        """What speaks for and against a pair, and what its merge would do."""
        directory, pair = self._directory(run), proposal.key
        with directory.read(run) as connection:
            told = foresee(connection, directory.district, pair, proposal.incoming.fields, proposal.choices)
        bars = evidence(staging, proposal) if self.found is not None else ()
        return Looked(bars, told.sentences, told.conflicts)
