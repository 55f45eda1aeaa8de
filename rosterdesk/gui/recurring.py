"""What Home shows of jobs: each with when it runs and how it last went, and what of them needs a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from rosterdesk.gui.words import counted, tr, when

if TYPE_CHECKING:
    from rosterdesk.jobs.file import Job
    from rosterdesk.jobs.state import State


@dataclass(frozen=True, slots=True)
class KnownJob:
    """A job with what is remembered of it: `missed` are the times at which it should have run and did not."""

    job: Job
    state: State
    next: datetime | None
    missed: tuple[datetime, ...]

    @property
    def line(self) -> tuple[str, str]:
        """Its name, and a sentence."""
        ended = {
            "done": tr("last run went through, {when}", when=when(self.state.last)),
            "held": tr("last run waits for a person, {when}", when=when(self.state.last)),
            "failed": tr("last run could not finish, {when}", when=when(self.state.last)),
            "rested": tr("rested, {when}", when=when(self.state.last)),
            "discarded": tr("last run was discarded, {when}", when=when(self.state.last)),
        }
        due = tr("paused") if self.job.paused else str(self.job.schedule)
        parts = [due]
        if self.next is not None and not self.job.paused:
            parts.append(tr("next {when}", when=when(self.next.isoformat())))
        parts.append(ended.get(self.state.ended, tr("has not run yet")))
        return self.job.name, "; ".join(parts)


def known_jobs(now: datetime) -> tuple[tuple[KnownJob, ...], tuple[tuple[str, str], ...]]:
    """The jobs of this user, and title and text for each whose file is damaged."""
    from rosterdesk.errors import RosterDeskError
    from rosterdesk.jobs.file import load, names
    from rosterdesk.jobs.state import missed, remembered

    found, damaged = [], []
    for name in names():
        try:
            job = load(name)
        except RosterDeskError as error:
            damaged.append((error.title, error.advice))
            continue
        state = remembered(name)
        found.append(KnownJob(job, state, job.schedule.next(now), missed(job, state, now)))
    return tuple(found), tuple(damaged)


def trouble(known: KnownJob) -> tuple[str, str, str] | None:
    """Kind (failed or missed), title and text of what a job asks of a person; None when all is well with it."""
    if known.missed:
        times = counted(len(known.missed), "{n} time", "{n} times")
        text = tr(
            "It should have run on {when}. The directory is as the run before left it. Was this computer off?",
            when=when(known.missed[0].isoformat()),
        )
        return "missed", tr("{job} did not run, {times}", job=known.job.name, times=times), text
    if known.state.ended == "failed":
        text = tr(
            "{when}: {why} The directory is as the run before left it.",
            when=when(known.state.last),
            why=known.state.title,
        )
        return "failed", tr("{job} could not finish", job=known.job.name), text
    return None
