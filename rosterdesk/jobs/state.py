"""What is remembered of a job between its runs: how the last one went, and when the next one is expected."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import takewhile
from typing import Any

from rosterdesk.jobs.calendar import within
from rosterdesk.jobs.file import Job, named, written
from rosterdesk.log import log

# A scheduler starts a job some minutes late, and a computer takes its time to wake.
_LATE = timedelta(minutes=45)
_MOST = 50  # missed times that are told one by one


DISCARDED = "discarded"  # in the place of held, once a person has decided against the run


class Ended(StrEnum):
    """How a run of a job ended."""

    DONE = "done"
    HELD = "held"
    FAILED = "failed"
    RESTED = "rested"  # paused, or a date of rest


@dataclass(frozen=True, slots=True)
class State:
    """The last run (times in ISO 8601 with their zone), and the time for which the next is booked."""

    last: str = ""
    ended: str = ""
    title: str = ""  # of the error, or of what holds it
    run: int | None = None
    expected: str = ""
    failures: int = 0  # in a row
    succeeded: str = ""
    digested: str = ""  # the day of the last weekly summary, or from which the first counts


def remembered(name: str) -> State:
    """What is remembered of the job. A damaged file counts as nothing remembered, and the log says so."""
    path = named(name, ".state.json")
    if not path.exists():
        return State()
    try:
        found = json.loads(path.read_text("utf-8"))
        return State(**found)
    except (json.JSONDecodeError, UnicodeDecodeError, TypeError) as error:
        log.warning("the state of a job could not be read: %s", type(error).__name__)
        return State()


def remember(name: str, state: State) -> None:
    """Keep it. Raises `FileError`."""
    written(named(name, ".state.json"), json.dumps(asdict(state), indent=1) + "\n")


def forget_held(name: str, run: int) -> None:
    """Remember that a person has decided against the run, if it is the job's last one and waits. Raises `FileError`."""
    state = remembered(name)
    if state.ended == Ended.HELD.value and state.run == run:
        remember(name, replace(state, ended=DISCARDED, title=""))


def missed(job: Job, state: State, now: datetime) -> tuple[datetime, ...]:
    """The times at which the job should have run and did not, up to a little before `now`; at most the first fifty.

    A time within a pause or on a date of rest is none. A clock that was set back makes no run missed.
    """
    if job.paused or not state.expected:
        return ()
    first = _moment(state.expected)
    if first is None or first > now:
        return ()
    due = takewhile(
        lambda at: at < now - _LATE, job.schedule.after(first.astimezone(now.tzinfo) - timedelta(minutes=1))
    )
    found = []
    for at in due:
        if not within(at.date(), job.blackouts):
            found.append(at)
        if len(found) == _MOST:
            break
    return tuple(found)


def booked(job: Job, state: State, now: datetime) -> State:
    """The state with the next expected run: the first after `now` that is on no date of rest."""
    if job.paused:
        return replace(state, expected="")
    horizon = now + timedelta(days=400)
    for at in takewhile(lambda moment: moment < horizon, job.schedule.after(now)):
        if not within(at.date(), job.blackouts):
            return replace(state, expected=at.isoformat(timespec="minutes"))
    return replace(state, expected="")


def after(job: Job, state: State, now: datetime, ended: Ended, **facts: Any) -> State:
    """The state after a run that ended now."""
    moment = now.isoformat(timespec="seconds")
    new = replace(state, last=moment, ended=ended.value, title="", run=None)
    new = replace(new, **facts)
    if ended is Ended.DONE:
        new = replace(new, failures=0, succeeded=moment)
    elif ended is not Ended.RESTED:
        new = replace(new, failures=state.failures + 1)
    return booked(job, new, now)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
