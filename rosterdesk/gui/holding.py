"""What can be done about a run that waits for a person; each is a function for the worker's thread.

A held run keeps numbers and reasons, no data. So its files are read again, and only a plan that is to the last value
the one that was held is pushed: what a person approves is what was shown to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from rosterdesk.errors import HeldError
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.history import PastRun


class Choice(StrEnum):
    """What a person can do about a held run."""

    APPROVE = "approve"
    ADDITIONS = "additions"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True)
class Line:
    """What a run would do to one kind of record: its place in the history's counts, in numbers."""

    entity: str
    created: int
    updated: int
    archived: int
    removed: int
    restored: int


class OtherNow(HeldError):
    """The files or the directory are no longer as they were when the run was held."""


def planned(past: PastRun) -> tuple[Line, ...]:
    """What the run would do to each kind of record to which it would do anything."""
    names = ("created", "updated", "archived", "removed", "restored")
    lines = (
        Line(entity, *(int(counts.get(name, 0)) for name in names))
        for entity, counts in past.counts.items()
        if isinstance(counts, dict)
    )
    return tuple(line for line in lines if any(getattr(line, name) for name in names))


def to_type(past: PastRun) -> int:
    """The number that approves the run: how many records it would archive; without any, links that it would remove;
    without those, records that it would change.
    """
    lines = planned(past)
    sums = (sum(getattr(line, name) for line in lines) for name in ("archived", "removed", "updated"))
    return next((count for count in sums if count), 0)


def sources_of(past: PastRun) -> tuple[Path, ...]:
    """The files of the run, if this computer read them lately and they are still there; else none."""
    from rosterdesk.gui.recent import recent  # loads what reads files, which the window's start must not wait for

    known = (one.sources for one in recent())
    named = ((source, ", ".join(path.name for path in source)) for source in known)
    return next((source for source, name in named if name == past.source), ())


def let_through(directory: Directory, past: PastRun, sources: Sequence[Path], additions_only: bool, run: Run) -> int:
    """Push a held run, all of it or only what it adds and changes; return the number of the run that did it.

    Raises `OtherNow`, with nothing pushed, when reading its files again gives another plan, and what a push raises.
    """
    from rosterdesk import pipeline
    from rosterdesk.gui.upload import mappings_folder

    with pipeline.roster(list(sources), run, remembered=mappings_folder()) as roster:
        plan = pipeline.preview(roster, directory)
        if plan.digest != past.digest:
            raise OtherNow(
                f"Run {past.number} is no longer what it was when it was held. Nothing was pushed.",
                "Its files, the mapping or the directory have changed since. Open it as an upload and look again.",
            )
        if not additions_only:
            return pipeline.apply(roster, plan, directory)
    # Planning changes the tables that the checks have made, so another plan needs them anew.
    with pipeline.roster(list(sources), run, remembered=mappings_folder()) as roster:
        plan = pipeline.preview(roster, directory, additions_only=True)
        return pipeline.apply(roster, plan, directory)
