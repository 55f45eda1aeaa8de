"""Lets a held run through: all of it, only what it adds and changes, or only some schools.

A held run keeps numbers and reasons, no data. So its source is read again, and only where that gives, to the last
value, the plan that was held is anything pushed: what a person approves is what was shown to them.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rosterdesk import paths, pipeline
from rosterdesk.errors import FileError, HeldError
from rosterdesk.jobs import file, positions
from rosterdesk.jobs.filling import fills
from rosterdesk.jobs.running import additions_only, first_run, lease
from rosterdesk.jobs.state import Ended, after, forget_held, remember, remembered
from rosterdesk.log import log
from rosterdesk.model import Mapping, Plan
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.history import PastRun


class OtherNow(HeldError):
    """The files or the directory are no longer as they were when the run was held."""


@dataclass(frozen=True, slots=True)
class Part:
    """What of a held run is let through: nothing said, all of it. `schools` are SIS IDs."""

    additions_only: bool = False
    schools: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        return not self.additions_only and not self.schools


@dataclass(frozen=True, slots=True)
class Way:
    """How the held roster is read again, and where it goes beside the directory."""

    sources: Sequence[str | Path]
    mapping: Mapping | None = None  # None: the one that is remembered for these headers, or suggested
    preset: str | None = None
    outlet: Path | None = None
    layout: str = "oneroster-1.1"
    zipped: bool = False
    job: str = ""
    additions_only: bool = False  # the held plan itself takes nothing away
    since: MappingABC[str, str] = field(default_factory=dict)  # how far its connections were read before


@dataclass(frozen=True, slots=True)
class Approved:
    """What was pushed: the run that did it, its plan, and how far the connections of the source were read for it."""

    run: int
    plan: Plan
    positions: MappingABC[str, str]


def approve(directory: Directory, past: PastRun, way: Way, part: Part, run: Run) -> Approved:
    """Push a held run, or the part of it; return what was pushed.

    Raises `OtherNow`, with nothing pushed, when reading the source again gives another plan, and what a push raises.
    """
    with _roster(way, run) as roster:
        plan = pipeline.preview(roster, directory, additions_only=way.additions_only)
        if plan.digest != past.digest:
            raise OtherNow(
                f"Run {past.number} is no longer what it was when it was held. Nothing was pushed.",
                "Its files, the mapping or the directory have changed since. Open it as an upload and look again.",
            )
        if part.whole:
            return Approved(_apply(roster, plan, directory, way), plan, roster.positions)
        generation = plan.generation
    # Planning changes the tables that the checks have made, so another plan needs them anew.
    with _roster(way, run) as roster:
        less = way.additions_only or part.additions_only
        plan = pipeline.preview(roster, directory, additions_only=less, schools=part.schools)
        if plan.generation != generation:
            raise OtherNow("Somebody changed the directory meanwhile. Nothing was pushed.", "Look at the run again.")
        # What was left aside must come again: the next run reads all.
        return Approved(_apply(roster, plan, directory, way), plan, {})


def of_job(past: PastRun) -> Way:
    """How the job that has made the run reads and delivers. Raises what loading a job raises."""
    job = file.load(past.job)
    return Way(
        job.sources,
        file.mapping_of(job),
        outlet=Path(job.outlet) if job.outlet else None,
        layout=job.layout,
        zipped=job.zipped,
        job=job.name,
        additions_only=additions_only(job, _day_of(past)),
        since=positions.kept(job),
    )


def approve_of_job(directory: Directory, past: PastRun, part: Part, run: Run) -> Approved:
    """Push a run that a job has held, and let the job know; return what `approve` does, and raise what it raises.

    Raises `HeldError` while the job runs, `OtherNow` when the job of that name fills another directory.
    """
    job = file.load(past.job)
    if not fills(job, directory):
        raise OtherNow(
            f"The job {job.name} of this computer fills another directory.",
            "Another computer's job has made this run, or it was changed since. Approve it there.",
        )
    with lease(job):
        done = approve(directory, past, of_job(past), part, run)
        positions.keep(job, done.positions)
        before = remembered(job.name)
        if part.whole and first_run(job, datetime.now().astimezone().date()):
            file.save(replace(file.load(job.name), first_run=None))  # the new year's first run has now been
        remember(job.name, after(job, before, datetime.now().astimezone(), Ended.DONE, run=done.run))
    return done


def discard_of_job(directory: Directory, past: PastRun, run: Run, *, why: str = "") -> PastRun:
    """Decide against a held run, and let its job know, if it is one of this computer; return and raise what
    `holds.discard` does.
    """
    from rosterdesk.directory.holds import discard

    decided = discard(directory, past.number, run, why=why)
    if past.job in file.names():
        try:
            job = file.load(past.job)
        except FileError as error:  # Home says that it is damaged; nothing is remembered by it meanwhile
            log.warning("a job was not told that its run is discarded: %s", type(error).__name__)
        else:
            if fills(job, directory):
                forget_held(job.name, past.number)
    return decided


def _day_of(past: PastRun) -> date:
    return datetime.fromisoformat(past.started).astimezone().date()


def _roster(way: Way, run: Run) -> AbstractContextManager[pipeline.Roster]:
    return pipeline.roster(
        way.sources,
        run,
        chosen=way.mapping,
        preset=way.preset,
        remembered=paths.home() / "mappings",
        since=way.since,
    )


def _apply(roster: pipeline.Roster, plan: Plan, directory: Directory, way: Way) -> int:
    return pipeline.apply(
        *(roster, plan, directory), outlet=way.outlet, layout=way.layout, zipped=way.zipped, job=way.job
    )
