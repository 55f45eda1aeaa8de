"""Other Unix systems: lines of the user's crontab (crontab(5)), each after a comment that says whose it is."""

from __future__ import annotations

import os
import shlex
import subprocess

from rosterdesk.errors import UsageError
from rosterdesk.jobs.file import Job
from rosterdesk.jobs.schedulers import Command, Reported, ask

_MARK = "# RosterDesk job "
_ONCE = "# RosterDesk test of "


class Cron:
    """The crontab of this user."""

    name = "cron"

    def put(self, job: Job, command: Command) -> tuple[str, ...]:
        others = without(_crontab(), job.name)
        ask(["crontab", "-"], "".join(f"{line}\n" for line in (*others, *lines(job, command))))
        notes = []
        if job.schedule.catch_up:
            notes.append("cron does not make up for a time at which this computer was off.")
        if job.schedule.wake:
            notes.append("cron cannot wake this computer: let it stay awake at that time.")
        return tuple(notes)

    def take(self, name: str) -> None:
        now = _crontab()
        if (left := without(now, name)) != now:
            ask(["crontab", "-"], "".join(f"{line}\n" for line in left))

    def report(self, name: str) -> Reported:
        return Reported(f"{_MARK}{name}" in _crontab())

    def start(self, job: Job, command: Command) -> None:
        others = without(_crontab(), job.name, _ONCE)
        once = [f"{_ONCE}{job.name}", f"* * * * * {_start(command)} >/dev/null 2>&1"]
        ask(["crontab", "-"], "".join(f"{line}\n" for line in (*others, *once)))

    def forget_start(self, job: Job) -> None:
        now = _crontab()
        if (left := without(now, job.name, _ONCE)) != now:
            ask(["crontab", "-"], "".join(f"{line}\n" for line in left))


def lines(job: Job, command: Command) -> list[str]:
    """The job's lines."""
    start = _start(command)
    days = "*" if len(job.schedule.weekdays) == 7 else ",".join(str((n + 1) % 7) for n in job.schedule.weekdays)
    found = []
    for at in job.schedule.times:
        found += [f"{_MARK}{job.name}", f"{at.minute} {at.hour} * * {days} {start} >/dev/null 2>&1"]
    return found


def _start(command: Command) -> str:
    given = [f"{key}={value}" for key, value in command.environment.items()]
    words = [*(["env", *given] if given else []), command.program, *command.arguments]
    return shlex.join(words).replace("%", "\\%")  # cron takes a bare % for the end of a line


def without(crontab: list[str], name: str, mark: str = _MARK) -> list[str]:
    """A crontab without the lines of one job."""
    kept, skip = [], False
    for line in crontab:
        if skip:
            skip = False
        elif line == f"{mark}{name}":
            skip = True
        else:
            kept.append(line)
    return kept


def _crontab() -> list[str]:
    """The lines as they are. Raises `UsageError` when they can't be read: what is written then would replace them."""
    speaking = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(["crontab", "-l"], capture_output=True, text=True, check=False, env=speaking)
    if done.returncode == 0:
        return done.stdout.splitlines()
    # A user who has no crontab yet gets exit 1 and a sentence (busybox: that the file is not there).
    if any(said in done.stderr.lower() for said in ("no crontab", "no such file")):
        return []
    raise UsageError("The crontab can't be read.", "Nothing was scheduled.", f"crontab: {done.stderr.strip()}")
