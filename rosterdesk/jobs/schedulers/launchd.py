"""macOS: an agent of the user (launchd.plist(5))."""

from __future__ import annotations

import os
import plistlib
from pathlib import Path
from typing import Any

from rosterdesk.jobs.file import Job, written
from rosterdesk.jobs.schedulers import Command, Reported, ask


class Launchd:
    """Agents of this user."""

    name = "launchd"

    def put(self, job: Job, command: Command) -> tuple[str, ...]:
        path = _path(job.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.take(job.name)
        written(path, agent(job, command))
        ask(["launchctl", "bootstrap", _domain(), str(path)])
        notes = ["It runs while you are signed in, also with the screen locked."]
        if job.schedule.wake:
            notes.append("To wake this Mac for it, an administrator can use: pmset repeat wakeorpoweron")
        return tuple(notes)

    def take(self, name: str) -> None:
        path = _path(name)
        if path.exists():
            ask(["launchctl", "bootout", _domain(), str(path)], ends=(0, 3, 5, 113))  # not loaded: as well
            path.unlink()

    def report(self, name: str) -> Reported:
        if not _path(name).exists():
            return Reported(False)
        return Reported(bool(ask(["launchctl", "print", f"{_domain()}/{_label(name)}"], ends=(0, 113)).strip()))

    def start(self, job: Job, command: Command) -> None:
        path = _path(_once(job))
        path.parent.mkdir(parents=True, exist_ok=True)
        self.take(_once(job))
        written(path, agent(job, command, once=True))
        ask(["launchctl", "bootstrap", _domain(), str(path)])

    def forget_start(self, job: Job) -> None:
        self.take(_once(job))


def agent(job: Job, command: Command, *, once: bool = False) -> str:
    """The property list. A time that passed while the Mac slept is made up for when it wakes. With `once` it starts as
    soon as it is loaded, and never again.
    """
    times: list[dict[str, int]] = []
    for at in job.schedule.times:
        moment = {"Hour": at.hour, "Minute": at.minute}
        every_day = len(job.schedule.weekdays) == 7
        times += [moment] if every_day else [{**moment, "Weekday": (n + 1) % 7} for n in job.schedule.weekdays]
    facts: dict[str, Any] = {
        "Label": _label(_once(job) if once else job.name),
        "ProgramArguments": [command.program, *command.arguments],
        **({"RunAtLoad": True} if once else {"StartCalendarInterval": times}),
        "ProcessType": "Background",
        "Umask": 0o077,
    }
    if command.environment:
        facts["EnvironmentVariables"] = dict(command.environment)
    return plistlib.dumps(facts).decode()


def _once(job: Job) -> str:
    return f"{job.name} test"  # no job has a space in its name


def _label(name: str) -> str:
    return f"org.rosterdesk.job.{name}"


def _path(name: str) -> Path:
    return Path.home() / "Library" / "LaunchAgents" / f"{_label(name)}.plist"


def _domain() -> str:
    return f"gui/{os.getuid()}"
