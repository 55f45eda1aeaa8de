"""What cleaning up would remove, and what it has removed: in numbers, and in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rosterdesk.directory import forgetting
from rosterdesk.directory.deliveries import Delivered
from rosterdesk.directory.forgetting import Forgotten
from rosterdesk.directory.history import PastRun
from rosterdesk.directory.settings import Settings


@dataclass(frozen=True, slots=True)
class Lying:
    """Files of ours at an outlet to which nothing was delivered for long. `files` is None for a server, which is not
    asked before they are removed.
    """

    run: int
    delivered: Delivered
    files: int | None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What cleaning up at `today` would remove, as `settings` say."""

    settings: Settings
    today: datetime
    history: forgetting.Foreseen
    overdue: tuple[PastRun, ...] = ()
    staged: int = 0  # files of an unfinished upload
    lying: tuple[Lying, ...] = ()

    @property
    def others(self) -> int:
        """How many things beside the changes of the history: files, and runs that wait."""
        return len(self.overdue) + self.staged + sum(one.files or 1 for one in self.lying)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What would go, for people; none where nothing would."""
        said = []
        if self.history.runs:
            said.append(
                f"The history of {self.history.runs:,} runs of before {self.history.edge:%Y-%m-%d}: "
                f"{self.history.changes:,} changes. They can't be taken back any more."
            )
        said += [f"Run {past.number}, which waits since {past.started[:10]}: discarded." for past in self.overdue]
        if self.staged:
            said.append(f"The upload that was not finished: {self.staged:,} files.")
        for one in self.lying:
            files = "its files there" if one.files is None else f"{one.files:,} files"
            said.append(f"What run {one.run} delivered to {one.delivered.outlet}: {files}.")
        return tuple(said)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What was removed: of the history, the runs that waited too long, files of unfinished and killed work, and of each
    outlet the delivered files. `by` are the runs that did it; `faults` what could not be done, as sentences, and
    `unsent` who could not be told of a discarded run.
    """

    history: Forgotten
    discarded: tuple[int, ...] = ()
    staged: int = 0
    delivered: Mapping[str, int] = field(default_factory=dict)
    by: tuple[int, ...] = ()
    faults: tuple[str, ...] = ()
    unsent: tuple[str, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was done, for people; none where there was nothing to do."""
        said = []
        if self.history.run is not None:
            said.append(
                f"Forgotten as run {self.history.run}: {self.history.changes:,} changes of {self.history.runs:,} runs. "
                "Their numbers stay."
            )
        said += [f"Run {number} waited too long, and was discarded." for number in self.discarded]
        if self.staged:
            said.append(f"Left by unfinished or killed work, and removed: {self.staged:,}.")
        said += [f"Removed from {outlet}: {count:,} delivered files." for outlet, count in self.delivered.items()]
        return (*said, *self.faults, *self.unsent)
