"""Carries out how long things are kept: history with personal data, runs that wait, uploads that nobody finished, what
killed runs have left, and delivered files. By hand, and at the end of each run of a job.

A roster is kept nowhere else: a held run keeps numbers and reasons, an undo is made of the directory's history, and of
what was delivered only names and checksums stay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rosterdesk import paths
from rosterdesk.directory import deliveries, forgetting, holds
from rosterdesk.directory.deliveries import Delivered
from rosterdesk.directory.forgetting import Forgotten
from rosterdesk.directory.history import Kind, PastRun
from rosterdesk.directory.settings import DISTRICT, Settings, get_settings, own_settings
from rosterdesk.errors import Cancelled, DirectoryChanged, FileError, NotAllowed, RosterDeskError, UsageError
from rosterdesk.jobs import clock, file, notices
from rosterdesk.jobs.file import Job, Notices
from rosterdesk.jobs.filling import fills, open_filled, place
from rosterdesk.jobs.notices import Notice
from rosterdesk.jobs.removals import Cleaned, Foreseen, Lying
from rosterdesk.log import log
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory

# Whose defaults hold only where numbers are shown first; by night, what somebody has set. A run that waits is told of.
_ASKED_FIRST = ("history_months", "staged_days", "delivered_days")


def foresee(directory: Directory, run: Run, *, months: int | None = None, today: datetime | None = None) -> Foreseen:
    """What `clean_up` at this moment would remove; nothing changes. Raises `NotAllowed` as it does, `FileError`."""
    moment = today or datetime.now(UTC)
    history = forgetting.count(directory, run, months=months, today=moment)
    settings, overdue, lying = _due(directory, moment, run)
    edge = _edge(moment, settings.staged_days)
    staged = len(paths.left_unfinished(edge, directory.where)) if settings.staged_days else 0
    return Foreseen(settings, moment, history, overdue, staged, lying)


def clean_up(
    directory: Directory,
    run: Run,
    *,
    months: int | None = None,
    today: datetime | None = None,
    history_today: datetime | None = None,
    told: Notices | None = None,
    unattended: bool = False,
    agreed: Foreseen | None = None,
) -> Cleaned:
    """Remove what is older than the directory's settings (or, of the history, `months`) say, with a receipt of each run
    that does so. `history_today` stands for today where only the history is meant. `unattended`, only times that
    somebody has set count, and no defaults, but for runs that wait.

    Whom a discarded run's job tells is told; `told` are told of those whose job is not here. What can't be removed
    stays, and is a fault. Raises `NotAllowed` for who does not manage the roster of the whole district, `Cancelled`,
    and `DirectoryError`; what was removed before that is gone. Raises `DirectoryChanged`, with nothing removed, when it
    would be anything else than was `agreed`, which tells the moment too.
    """
    moment = agreed.today if agreed is not None else today or datetime.now(UTC)
    if agreed is not None and foresee(directory, run, months=months, today=moment) != agreed:
        raise DirectoryChanged("What would be removed has changed since you looked.", "Look at the numbers again.")
    settings, overdue, lying = _due(directory, moment, run, unattended=unattended)
    if agreed is not None:
        settings, overdue, lying = agreed.settings, agreed.overdue, agreed.lying
    faults: list[str] = []
    kept = settings.history_months if months is None else months
    counted = agreed.history if agreed is not None else None
    history = forgetting.purge(directory, run, months=kept, today=history_today or moment, agreed=counted)
    runs = [history.run] if history.run is not None else []
    staged = _attempt(lambda: _tidied(directory, run), faults) + paths.remove_leftovers()
    if settings.staged_days:
        staged += _attempt(lambda: _unfinished(_edge(moment, settings.staged_days), directory.where), faults)
    if staged:
        runs.append(_noted(directory, run, {"files": {"removed": staged}}))
    delivered: dict[str, int] = {}
    for one in lying:
        run.check()
        outlet = one.delivered.outlet
        edge = _edge(moment, settings.delivered_days)
        if count := _attempt(partial(_withdrawn, directory, one, edge, run, runs), faults):
            delivered[outlet] = count
    discarded: list[int] = []
    unsent: list[str] = []
    for past in overdue:
        if (said := _discarded(directory, past, settings.held_days, run, told)) is not None:
            discarded.append(past.number)
            unsent += said
    return Cleaned(history, tuple(discarded), staged, delivered, tuple(runs), tuple(faults), tuple(unsent))


def after_run(
    job: Job,
    run: Run,
    *,
    today: datetime | None = None,
    quiet: bool = False,
    number: int | None = None,
    last: datetime | None = None,
) -> Cleaned | None:
    """Clean up at the end of a run of a job; None where nothing could be done. It never fails the run: whom the job
    tells is told of what could not be removed, unless they should be left in peace (`quiet`).

    Nothing goes where the clock may be wrong (see `clock.doubt`): `number` is the run that has just been written down,
    and `last` when the job ran before, if that is known. What takes until `run` is cancelled is left to the next run.

    The history of a month goes at once, when the month is over: else each night would be a run that forgets one night.
    """
    where = place(job)
    if run.cancelled or (isinstance(where, Path) and not where.exists()):
        return None
    try:
        with open_filled(job, run, create=False) as directory:
            moment = today or datetime.now(UTC)
            if doubt := clock.doubt(directory, moment, number, last, run):
                log.warning("nothing was cleaned up: the clock may be wrong")
                cleaned = Cleaned(Forgotten(None), faults=(doubt,))
            else:
                begun = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
                cleaned = clean_up(
                    *(directory, run), today=moment, history_today=begun, told=job.notices, unattended=True
                )
    except Cancelled:
        log.warning("cleaning up was stopped before its end")
        left = "Cleaning up took more time than the job has. The next run goes on with it."
        cleaned = Cleaned(Forgotten(None), faults=(left,))
    except RosterDeskError as error:
        log.warning("nothing was cleaned up: %s", type(error).__name__)
        cleaned = Cleaned(Forgotten(None), faults=(f"Nothing was cleaned up. {error}",))
    if not cleaned.faults or quiet:
        return cleaned
    facts: dict[str, object] = {"job": job.name, "outcome": "not cleaned up"}
    notice = Notice(f"RosterDesk: {job.name} could not clean up", cleaned.faults, facts)
    return replace(cleaned, unsent=cleaned.unsent + notices.send(notice, job.notices, Run()))


def _due(
    directory: Directory, moment: datetime, run: Run, *, unattended: bool = False
) -> tuple[Settings, tuple[PastRun, ...], tuple[Lying, ...]]:
    from rosterdesk.push import withdrawal

    with directory.read(run) as conn:
        forgetting.allowed(conn, directory.district)
        settings = get_settings(conn, directory.district)
        if unattended:
            set_here = own_settings(conn, directory.district).get(DISTRICT, {})
            unset = {name: 0 for name in _ASKED_FIRST if name not in set_here}
            settings = replace(settings, **unset)  # type: ignore[arg-type]
        held, lain = settings.held_days, settings.delivered_days
        overdue = holds.overdue(conn, directory.district, moment - timedelta(days=held)) if held else ()
        latest = deliveries.lying(conn, directory.district, moment - timedelta(days=lain)) if lain else ()
    if unattended and any(not withdrawal.whole(one.outlet) for _, one in latest):
        # It would be told night by night, and nobody could end that. Who cleans up by hand is told.
        log.warning("delivered files were passed over in cleaning up: their folder is not known any more")
        latest = tuple((number, one) for number, one in latest if withdrawal.whole(one.outlet))
    found = (Lying(number, one, _files(one, _edge(moment, lain), run)) for number, one in latest)
    return settings, overdue, tuple(one for one in found if one.files != 0)


def _files(one: Delivered, edge: float, run: Run) -> int | None:
    """How many files of ours lie there; None: that is known only when they are removed, or can't be."""
    from rosterdesk.push import withdrawal

    try:
        return withdrawal.lying(one, edge, run)
    except FileError:
        return None


def _edge(moment: datetime, days: int) -> float:
    return (moment - timedelta(days=days)).timestamp()


def _attempt(work: Callable[[], int], faults: list[str]) -> int:
    """The number that the work gives; where it can't be done, 0 and a sentence more."""
    try:
        return work()
    except Cancelled:
        raise
    except RosterDeskError as error:
        log.warning("something was not cleaned up: %s", type(error).__name__)
        faults.append(str(error))
        return 0


def _tidied(directory: Directory, run: Run) -> int:
    """Put right what killed deliveries have left beside the outlets that are known here."""
    from rosterdesk.push import withdrawal

    with directory.read(run) as conn:
        known = {one.outlet for _, one in deliveries.lying(conn, directory.district, datetime.max.replace(tzinfo=UTC))}
    known |= {job.outlet for job in _jobs() if job.outlet and fills(job, directory)}
    return sum(withdrawal.tidy(Path(outlet)) for outlet in sorted(known))


def _unfinished(edge: float, where: str) -> int:
    try:
        return paths.remove_unfinished(edge, where)
    except OSError as error:
        raise FileError(
            "The upload that was not finished could not be removed.",
            f"Remove the folder {paths.unfinished()}.",
            error.strerror or "",
        ) from error


def _noted(directory: Directory, run: Run, counts: Mapping[str, Mapping[str, int]]) -> int:
    with directory.transaction("cleaning up", run) as conn:
        who = forgetting.allowed(conn, directory.district)
        return forgetting.note(conn, directory.district, who, Kind.PURGE, counts)


def _withdrawn(directory: Directory, one: Lying, edge: float, run: Run, runs: list[int]) -> int:
    """Remove the files of one delivery, and write that down; return how many went. A slow server holds nobody up: the
    directory is free meanwhile.
    """
    from rosterdesk.push import withdrawal

    past, district = one.delivered, directory.district
    with directory.read(run) as conn:
        forgetting.allowed(conn, district)
        if deliveries.latest_of(conn, district, past.outlet) != one.run:
            return 0  # a delivery came meanwhile, and has its own time
    count = withdrawal.withdraw(past, edge, run)
    if count is None:
        return 0
    with directory.transaction("removing delivered files", Run()) as conn:  # what is gone is told, whoever stops it now
        latest = deliveries.latest_of(conn, district, past.outlet)
        if count or latest == one.run:
            who = forgetting.allowed(conn, district)
            runs.append(forgetting.note(conn, district, who, Kind.PURGE, {"delivered files": {"removed": count}}))
        if latest == one.run:
            deliveries.record(conn, district, runs[-1], Delivered(past.outlet, past.layout, past.zipped, ()))
    return count


def _discarded(
    directory: Directory, past: PastRun, days: int, run: Run, told: Notices | None
) -> tuple[str, ...] | None:
    """Discard a run that waited too long, and tell of it; who could not be told. None: somebody has decided since."""
    from rosterdesk.jobs.approval import discard_of_job  # which knows of jobs' runs, and they of us

    why = f"Nobody decided within {days} days, so it was discarded."
    try:
        discard_of_job(directory, past, run, why=why)
    except NotAllowed:
        raise
    except UsageError:
        return None
    mine = next((job.notices for job in _jobs() if job.name == past.job and fills(job, directory)), told)
    if mine is None:
        return ()
    of = past.job or "An upload"
    sentences = (
        f"Run {past.number} waited for a person since {past.started[:10]}. {why}",
        "Nothing was changed in the directory. The next upload brings what is still to be done.",
    )
    facts: dict[str, object] = {"job": past.job, "outcome": "discarded", "run": past.number, "plan": past.digest}
    return notices.send(Notice(f"RosterDesk: {of} waited too long", sentences, facts), mine, Run())


def _jobs() -> list[Job]:
    found = []
    for name in file.names():
        try:
            found.append(file.load(name))
        except RosterDeskError as error:  # Home says that its file is damaged
            log.warning("a job was passed over in cleaning up: %s", type(error).__name__)
    return found
