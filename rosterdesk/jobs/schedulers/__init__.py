"""The system's own schedulers: what each must be told so that it starts `rosterdesk run JOB`, and what it reports.

One module a system. Each says its entry as text, which tests compare with the system's documented form, and hands it
over with the system's own program.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from rosterdesk.errors import UsageError
from rosterdesk.jobs.file import Job


@dataclass(frozen=True, slots=True)
class Command:
    """What the scheduler starts: the program with its arguments, and the environment that it needs."""

    program: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reported:
    """What the system says of a job: whether it will start it, when next (if it tells), and sentences for a person."""

    scheduled: bool
    next: datetime | None = None
    said: tuple[str, ...] = ()


class Scheduler(Protocol):
    """What each system's module has."""

    name: str

    def put(self, job: Job, command: Command) -> tuple[str, ...]:
        """Have the job started at its times from now on; return what a person should know of this system."""
        ...

    def take(self, name: str) -> None:
        """Have the job started no more. Nothing happens when it is not scheduled."""
        ...

    def report(self, name: str) -> Reported:
        """What the system knows of the job."""
        ...

    def start(self, job: Job, command: Command) -> None:
        """Start the command once, now or in a minute, just as the job is started at its times."""
        ...

    def forget_start(self, job: Job) -> None:
        """Remove what `start` has left with the system."""
        ...


def command(name: str, *, test: bool = False) -> Command:
    """How this very program is started to run the job `name`, or to test it."""
    passed = {key: os.environ[key] for key in ("ROSTERDESK_HOME", "PYTHON_KEYRING_BACKEND") if key in os.environ}
    arguments = ("run", name, *(("--test",) if test else ()))
    if getattr(sys, "frozen", False):
        return Command(sys.executable, arguments, passed)
    return Command(sys.executable, ("-m", "rosterdesk", *arguments), passed)


def scheduler() -> Scheduler:
    """The scheduler of this system. Raises `UsageError` where there is none that we know."""
    from rosterdesk.jobs.schedulers import cron, launchd, systemd, windows

    if sys.platform == "win32":
        return windows.TaskScheduler()
    if sys.platform == "darwin":
        return launchd.Launchd()
    if systemd.usable():
        return systemd.Systemd()
    if shutil.which("crontab"):
        return cron.Cron()
    raise UsageError(
        "There is no scheduler here that RosterDesk knows.",
        "Install cron, or have `rosterdesk run` started in another way.",
    )


def ask(arguments: Sequence[str], given: str | None = None, *, ends: Sequence[int] = (0,)) -> str:
    """Run one of the system's programs; return what it wrote. Raises `UsageError` with what it said when it refuses."""
    done = subprocess.run(arguments, input=given, capture_output=True, text=True, check=False)
    if done.returncode not in ends:
        said = (done.stderr or done.stdout).strip()
        raise UsageError("The system's scheduler refused.", "Nothing was scheduled.", f"{arguments[0]}: {said}")
    return done.stdout
