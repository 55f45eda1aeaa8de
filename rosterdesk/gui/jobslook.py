"""What the page of jobs shows of each, looked up in the reader's thread: the job, the system's word, the receipts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rosterdesk.gui.recurring import KnownJob, known_jobs
from rosterdesk.gui.wording import worded
from rosterdesk.gui.words import counted, tr, when
from rosterdesk.jobs.filling import place_name
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.jobs.schedulers import Reported

_RECEIPTS = 100  # of one job, the latest first
_OUTCOMES = {
    "done": "Done",
    "held": "Held",
    "failed": "Failed",
    "rested": "Rested",
    "tested": "Test",
    "test failed": "Test failed",
}


@dataclass(frozen=True, slots=True)
class JobLook:
    """A job with what the system reports of it (None: it can't be asked; `unasked` says why), and its receipts."""

    known: KnownJob
    reported: Reported | None
    unasked: str
    system: str  # the scheduler's name
    receipts: tuple[Mapping[str, Any], ...]

    @property
    def unknown(self) -> bool:
        """Whether it should be started by the system, and the system does not know of it."""
        return bool(self.known.job.schedule.times) and self.reported is not None and not self.reported.scheduled

    def sentences(self) -> tuple[tuple[str, str], ...]:
        """What is to be said of it, as a word and a sentence each."""
        job, state = self.known.job, self.known.state
        plan = str(job.schedule) if job.schedule.times else tr("only when you say so")
        told = [(tr("Runs"), tr("paused; else {plan}", plan=plan) if job.paused else plan)]
        if job.schedule.times and not job.paused:
            told.append((tr("Next"), self._next()))
        told.append((tr("Last"), _last(state.last, state.ended, state.title)))
        if self.known.missed:
            times = counted(len(self.known.missed), "{n} time", "{n} times")
            first = when(self.known.missed[0].isoformat())
            told.append((tr("Missed"), tr("{times}, first {when}. Was this computer off?", times=times, when=first)))
        told.append((tr("Reads"), "\n".join(job.sources)))
        told.append((tr("Writes"), job.outlet or tr("the directory only")))
        if job.directory:
            told.append((tr("Directory"), place_name(job.directory)))
        return tuple(told)

    def _next(self) -> str:
        if self.reported is None:
            return self.unasked
        if self.unknown:
            return tr("{system} does not know of this job, so nothing starts it.", system=self.system)
        due = self.reported.next or self.known.next
        parts = [tr("{when}, started by {system}", when=when(due.isoformat()) if due else "", system=self.system)]
        return ". ".join((*parts, *self.reported.said)).strip()


def _last(last: str, ended: str, why: str) -> str:
    if not last:
        return tr("It has not run yet.")
    ends = {
        "done": tr("went through"),
        "held": tr("waits for a person"),
        "failed": tr("could not finish"),
        "rested": tr("rested"),
        "discarded": tr("waited, and was discarded"),
    }
    said = f"{when(last)}, {ends.get(ended, ended)}"
    return f"{said}: {why}" if why else f"{said}."


@dataclass(frozen=True, slots=True)
class Looked:
    """All jobs, and title and text for each whose file is damaged."""

    jobs: tuple[JobLook, ...]
    damaged: tuple[tuple[str, str], ...]


def look_up(run: Run) -> Looked:
    """Ask the files, the system's scheduler and the receipts, in the reader's thread."""
    from rosterdesk.errors import RosterDeskError
    from rosterdesk.jobs.receipts import receipts
    from rosterdesk.jobs.schedulers import scheduler

    known, damaged = known_jobs(datetime.now().astimezone())
    by_job: dict[str, list[Mapping[str, Any]]] = {}
    for receipt in receipts():
        by_job.setdefault(str(receipt.get("job") or ""), []).append(receipt)
    found = []
    for one in known:
        run.check()
        reported: Reported | None = None
        unasked, name = "", ""
        if one.job.schedule.times:
            try:
                system = scheduler()
                name, reported = system.name, system.report(one.job.name)
            except RosterDeskError as error:
                unasked = str(error)
        latest = tuple(reversed(by_job.get(one.job.name, [])[-_RECEIPTS:]))
        found.append(JobLook(one, reported, unasked, name, latest))
    return Looked(tuple(found), damaged)


def receipt_line(receipt: Mapping[str, Any]) -> tuple[object, ...]:
    """A receipt as a line of a table: number, when, how it ended, run, changes, problems, why."""
    changes = receipt.get("changes") or {}
    total = sum(int(n) for of in changes.values() if isinstance(of, dict) for n in of.values())
    problems = receipt.get("problems") or {}
    return (
        receipt.get("number"),
        str(receipt.get("started", "")),
        tr(_OUTCOMES.get(str(receipt.get("outcome")), str(receipt.get("outcome", "")))),
        receipt.get("run"),
        total,
        int(problems.get("error", 0)),
        worded(str(receipt.get("why", ""))),
    )
