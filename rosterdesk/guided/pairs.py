"""What still waits among the matches of a switch: pairs that nobody has decided, and those called the same that are
still two. Who is in no pair has probably left, and keeps nothing waiting.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rosterdesk.directory.decisions import Decision
from rosterdesk.matching.proposals import Proposal, Proposals, propose
from rosterdesk.model import PEOPLE

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.onboarding import Step
    from rosterdesk.run import Run
    from rosterdesk.staging import Staging


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many pairs nobody has decided or somebody has put off, how many were called the same and are not merged, and
    the archived students (by number) who could be in no pair."""

    undecided: int
    same: int
    leavers: tuple[int, ...]


def look_for(directory: Directory, staging: Staging, run: Run) -> tuple[Proposals, ...]:
    """The people of the SIS who may be somebody archived or entered by hand, of each kind that has any.

    Students come last: the evidence of the latest is what the staging keeps.
    """
    found = [propose(directory, staging, run, kind) for kind in reversed(PEOPLE)]
    return tuple(each for each in found if each.incoming and each.candidates)


def waiting(found: Iterable[Proposals], unmerged: Sequence[int]) -> Waiting:
    """What waits among them; `unmerged` are the archived students whom no merge has absorbed."""
    pairs = [pair for kind in found for pair in kind.proposals]
    met = {one.key.candidate for pair in pairs for one in (pair, *pair.rivals)}
    return Waiting(
        sum(is_open(pair) for pair in pairs),
        sum(pair.decision is Decision.SAME for pair in pairs),
        tuple(number for number in unmerged if number not in met),
    )


def is_open(pair: Proposal) -> bool:
    """Whether nobody has said what the two are."""
    return pair.decision in (None, Decision.LATER)


def told(step: Step, waiting: Waiting, merged: int) -> Step:
    """The step of the matches, with what is known of the pairs."""
    left = waiting.undecided + waiting.same
    parts = [
        _counted(waiting.undecided, "match waits for a decision", "matches wait for a decision"),
        _counted(merged, "student is merged", "students are merged"),
    ]
    if waiting.same:
        one, many = "is called the same and waits to be merged", "are called the same and wait to be merged"
        parts.append(_counted(waiting.same, one, many))
    if waiting.leavers:
        one, many = "archived student is in no match", "archived students are in no match"
        parts.append(f"{_counted(len(waiting.leavers), one, many)[:-1]}: probably they have left.")
    return replace(step, done=left == 0, left=left, sentence=" ".join(parts))


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}."
