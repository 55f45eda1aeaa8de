"""One run of a job, from its lease to its receipt; the same whether a scheduler or a person has started it."""

from __future__ import annotations

import getpass
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock

from rosterdesk import paths, pipeline
from rosterdesk.credentials import KeySource
from rosterdesk.errors import Cancelled, DirectoryChanged, FileError, HeldError, RosterDeskError
from rosterdesk.jobs import digest, notices, positions, receipts
from rosterdesk.jobs.calendar import within
from rosterdesk.jobs.file import FirstRun, Job, load, mapping_of, named, save
from rosterdesk.jobs.receipts import Beside
from rosterdesk.jobs.state import Ended, State, after, missed, remember, remembered
from rosterdesk.jobs.telling import notice_of
from rosterdesk.log import log
from rosterdesk.model import Plan
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.jobs.removals import Cleaned
    from rosterdesk.pipeline import Roster


FAULT = "RosterDesk has a fault of its own."
REPORT = "The log of that computer says where; it holds no student data."
_TRIES = 3  # to push before somebody else has changed the directory again


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run of a job went. `title` and `advice` say what stopped or holds it; `unsent` who could not be told."""

    job: str
    ended: Ended
    run: int | None = None
    plan: str = ""
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    problems: Mapping[str, int] = field(default_factory=dict)
    whole: Mapping[str, bool] = field(default_factory=dict)  # of each table read: whether it is proven whole
    title: str = ""
    advice: str = ""
    missed: tuple[datetime, ...] = ()
    unsent: tuple[str, ...] = ()
    unkept: str = ""  # what the disk did not take of what a run leaves behind, as sentences
    cleaned: Cleaned | None = None  # what was removed at its end, as the directory's settings say
    exit_code: int = 0


def run_job(job: Job, run: Run, *, now: datetime | None = None) -> Ran:
    """Run the job once: read, plan, push or hold, then the receipt, the state and the notices; at last, clean up.

    What goes wrong in the roster's way ends the run as failed, and is told; so is a fault of our own, which then goes
    on up. Raises `HeldError` when the job is running already.
    """
    moment = now or datetime.now().astimezone()
    with lease(job):
        begun = time.monotonic()
        before = remembered(job.name)
        late = missed(job, before, moment)
        with receipts.beside(**_facts(job, moment, late)) as told:
            try:
                ran = replace(_once(job, run, moment), missed=late)
            except Exception:  # whatever it is, nobody watches this run: it is told first
                fault = Ran(job.name, Ended.FAILED, title=FAULT, advice=REPORT, missed=late, exit_code=1)
                _ended(job, fault, before, moment, now, told)
                raise
            ran = _ended(job, ran, before, moment, now, told)
        if ran.ended is Ended.RESTED:
            return ran
        return replace(ran, cleaned=_cleaned(job, run, ran, before, begun))


def _ended(job: Job, ran: Ran, before: State, moment: datetime, now: datetime | None, told: Beside) -> Ran:
    """Leave the receipt and the state of a run, and tell of it. A disk that takes neither is told, and stops nothing:
    the next run writes the receipt that is missing.
    """
    ended = now or datetime.now().astimezone()
    week = digest.begun(before.digested, ended.date()) if job.notices.digest else ""
    try:
        if told.unwritten:
            raise FileError("The receipt of this run could not be written.", "Look whether the disk is full.")
        if not told.written:  # the run came to no transaction of the directory, which leaves the receipt of what it did
            receipts.append(_receipt(job, ran, moment))
        remember(job.name, after(job, before, ended, ran.ended, title=ran.title, run=ran.run, digested=week))
    except FileError as error:
        advice = f"{error.advice} The next run goes on from here, and writes what is missing."
        ran = replace(ran, unkept=f"{error.title} {advice}", exit_code=ran.exit_code or error.exit_code)
    telling = Run()  # the run itself may have been stopped
    unsent = notices.heartbeat(job.notices, telling) if ran.ended is Ended.DONE else ()
    if (notice := notice_of(job, ran, before)) is not None:
        unsent += notices.send(notice, job.notices, telling)
    if job.notices.digest and digest.due(before.digested, ended.date()):
        unsent += notices.send(digest.digest(job, ended), job.notices, telling)
    return replace(ran, unsent=unsent)


def _cleaned(job: Job, run: Run, ran: Ran, before: State, begun: float) -> Cleaned | None:
    """Clean up in the time that is left to the job. What has pushed can't be stopped any more, but this can."""
    from rosterdesk.jobs import retention  # what it stands on was loaded while the files were read

    if run.cancelled:
        return None
    cleaning = Run(lambda at: run.report(at.what, at.done, at.total))
    run.on_cancel(cleaning.cancel)
    again = before.run is not None and before.run == ran.run  # the run waits already, and was written down anew
    last = datetime.fromisoformat(before.last) if again and before.last else None
    with bounded(job, cleaning, begun):
        return retention.after_run(job, cleaning, quiet=ran.ended is Ended.FAILED, number=ran.run, last=last)


def _once(job: Job, run: Run, moment: datetime) -> Ran:
    if job.paused:
        return Ran(job.name, Ended.RESTED, title="The job is paused.")
    if within(moment.date(), job.blackouts):
        return Ran(job.name, Ended.RESTED, title="This is a date of rest.")
    try:
        with bounded(job, run):
            return _pushed(job, run, moment.date())
    except Cancelled as error:
        out_of_time = f"The run took more than its {job.minutes} minutes." if run.cancelled else error.title
        advice = "Nothing was changed. Look at the source, or give the job more time."
        return Ran(job.name, Ended.FAILED, title=out_of_time, advice=advice, exit_code=error.exit_code)
    except RosterDeskError as error:
        log.warning("a job failed: %s, exit %d", type(error).__name__, error.exit_code)
        return Ran(job.name, Ended.FAILED, title=error.title, advice=error.advice, exit_code=error.exit_code)


def additions_only(job: Job, day: date) -> bool:
    """Whether the job takes nothing away on that day."""
    return job.additions_only or within(day, job.additions_only_dates)


def first_run(job: Job, day: date) -> FirstRun | None:
    """The limits of the new year's first run, if that is due."""
    return job.first_run if job.first_run is not None and day >= job.first_run.day else None


def _pushed(job: Job, run: Run, day: date) -> Ran:
    """Push what the source says. Where somebody else has changed the directory between the plan and the push, nothing
    was pushed: then the source is read and all is planned once more, with every limit looked at anew. What was read
    before may be older than what the other has brought, so that is not used again.

    No person has seen such a plan. What somebody has approved is another's business, and never planned anew.
    """
    for tried in range(1, _TRIES):
        try:
            return _push(job, run, day)
        except DirectoryChanged:
            log.info("somebody else came first; planning again, try %d of %d", tried + 1, _TRIES)
            run.report("Somebody else came first: reading and planning again")
    try:
        return _push(job, run, day)
    except DirectoryChanged as error:
        advice = f"It was planned {_TRIES} times, and each time somebody else came first. Nothing was pushed."
        raise DirectoryChanged(error.title, f"{advice} The next run begins anew.") from error


def _push(job: Job, run: Run, day: date) -> Ran:
    from rosterdesk.directory.engine import open_directory

    pipeline.load_ahead()
    first = first_run(job, day)
    remembered_mappings = paths.home() / "mappings"
    key = KeySource.chosen(file=Path(job.key_file) if job.key_file else None)
    with (
        pipeline.roster(
            job.sources, run, chosen=mapping_of(job), remembered=remembered_mappings, since=positions.kept(job)
        ) as roster,
        open_directory(job.directory or paths.default_directory(), key, run=run) as directory,
    ):
        plan = pipeline.preview(
            *(roster, directory),
            additions_only=additions_only(job, day),
            limits=() if first else job.limits,
            learn_from=job.name if job.learn and not first else "",
            today=day,
            thresholds=first.settings() if first else None,
        )
        if plan.tripped:
            number = pipeline.hold(roster, plan, directory, job=job.name)
            title = plan.tripped[0].message
            advice = (
                f"A person must look, in the window or with `rosterdesk history`. `rosterdesk push --approve "
                f"{plan.digest}` then pushes it; with --additions-only or --only-school, a part of it."
            )
            return _ran(job, Ended.HELD, number, roster, plan, title, advice, HeldError.exit_code)
        outlet = Path(job.outlet) if job.outlet else None
        number = pipeline.apply(
            roster, plan, directory, outlet=outlet, layout=job.layout, zipped=job.zipped, job=job.name
        )
        positions.keep(job, roster.positions)
        if first:
            save(replace(load(job.name), first_run=None))  # once only, and without losing what was saved meanwhile
        return _ran(job, Ended.DONE, number, roster, plan)


def _ran(
    job: Job,
    ended: Ended,
    number: int,
    roster: Roster,
    plan: Plan,
    title: str = "",
    advice: str = "",
    exit_code: int = 0,
) -> Ran:
    counts = {name: {what: n for what, n in of.items() if n} for name, of in plan.counts.items()}
    return Ran(
        job.name,
        ended,
        number,
        plan.digest,
        {name: of for name, of in counts.items() if of},
        roster.problems(),
        {table.name: table.complete for table in roster.reading.tables},
        title,
        advice,
        exit_code=exit_code,
    )


@contextmanager
def lease(job: Job) -> Iterator[None]:
    """Let no second run of the job begin; a crash gives the lease back. Raises `HeldError`."""
    lock = filelock.FileLock(named(job.name, ".lock"), mode=0o600)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise HeldError(f"The job {job.name} is running already.", "Wait until that run has ended.") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def bounded(job: Job, run: Run, begun: float | None = None) -> Iterator[None]:
    """Cancel the run when the job's minutes are over, from now or since `begun` (of the monotonic clock)."""
    spent = 0.0 if begun is None else time.monotonic() - begun
    clock = threading.Timer(max(job.minutes * 60 - spent, 0.0), run.cancel)
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()


def _facts(job: Job, started: datetime, late: tuple[datetime, ...]) -> dict[str, Any]:
    """What the receipt of every run of a job tells of the job."""
    return {
        "job": job.name,
        "started": started.isoformat(timespec="seconds"),
        "sources": [Path(s).name if not s.startswith("connection:") else s for s in job.sources],
        "outlet": job.outlet,
        "missed": [at.isoformat(timespec="minutes") for at in late],
    }


def _receipt(job: Job, ran: Ran, started: datetime) -> dict[str, Any]:
    return {
        **_facts(job, started, ran.missed),
        "who": _who(),
        "host": socket.gethostname(),
        "finished": datetime.now().astimezone().isoformat(timespec="seconds"),
        "whole": dict(ran.whole),
        "outcome": ran.ended.value,
        "run": ran.run,
        "plan": ran.plan,
        "changes": {name: dict(of) for name, of in ran.counts.items()},
        "problems": dict(ran.problems),
        "why": ran.title,
    }


def receipt_of_test(job: Job, started: datetime, *, good: bool, why: str) -> dict[str, Any]:
    """The receipt of a test run, which pushed nothing."""
    ran = Ran(job.name, Ended.DONE if good else Ended.FAILED, title=why)
    return {**_receipt(job, ran, started), "outcome": "tested" if good else "test failed"}


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"
