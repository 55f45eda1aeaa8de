"""Linux with systemd: a timer and a service of the user (systemd.timer(5), systemd.service(5), systemd.time(7))."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from rosterdesk.jobs.calendar import WEEKDAYS, Schedule
from rosterdesk.jobs.file import Job, written
from rosterdesk.jobs.schedulers import Command, Reported, ask

_MOMENT = "%a %Y-%m-%d %H:%M:%S UTC"


class Systemd:
    """Timers of this user's own systemd."""

    name = "systemd"

    def put(self, job: Job, command: Command) -> tuple[str, ...]:
        folder = units()
        folder.mkdir(parents=True, exist_ok=True)
        written(folder / f"{_unit(job.name)}.service", service(job, command))
        written(folder / f"{_unit(job.name)}.timer", timer(job))
        ask(["systemctl", "--user", "daemon-reload"])
        ask(["systemctl", "--user", "enable", "--now", f"{_unit(job.name)}.timer"])
        ask(["systemctl", "--user", "restart", f"{_unit(job.name)}.timer"])
        notes = []
        if not _lingers():
            notes.append(
                "Without lingering, it runs only while you are signed in. An administrator can allow it: "
                "loginctl enable-linger"
            )
        if job.schedule.wake:
            notes.append("A timer of a user cannot wake this computer: let it stay awake at that time.")
        return tuple(notes)

    def take(self, name: str) -> None:
        files = [units() / f"{_unit(name)}{end}" for end in (".timer", ".service")]
        if any(file.exists() for file in files):
            ask(["systemctl", "--user", "disable", "--now", f"{_unit(name)}.timer"])
            for file in files:
                file.unlink(missing_ok=True)
            ask(["systemctl", "--user", "daemon-reload"])

    def report(self, name: str) -> Reported:
        if not (units() / f"{_unit(name)}.timer").exists():
            return Reported(False)
        # Asked for in no other way, the moments are told in the system's zone and language.
        plain = ["env", "TZ=UTC", "LC_ALL=C"]
        wanted = "ActiveState,NextElapseUSecRealtime"
        shown = ask([*plain, "systemctl", "--user", "show", f"{_unit(name)}.timer", f"--property={wanted}"])
        facts = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
        due = facts.get("NextElapseUSecRealtime", "")
        moment = datetime.strptime(due, _MOMENT).replace(tzinfo=UTC) if due.endswith("UTC") else None  # else: never
        return Reported(facts.get("ActiveState") == "active", moment)

    def start(self, job: Job, command: Command) -> None:
        ask(once(job.name, command))

    def forget_start(self, job: Job) -> None:
        ask(["systemctl", "--user", "stop", f"{_unit(job.name)}-test.service"], ends=(0, 5))  # 5: it is over already


def once(name: str, command: Command) -> list[str]:
    """The command that has the user's systemd start something now, with the surroundings of a unit (systemd-run(1))."""
    given = [f"--setenv={key}={value}" for key, value in command.environment.items()]
    unit = [f"--unit={_unit(name)}-test", "--collect", "--no-block", "--property=UMask=0077"]
    return ["systemd-run", "--user", *unit, *given, "--", command.program, *command.arguments]


def usable() -> bool:
    """Whether this user has a systemd of their own that answers."""
    if not shutil.which("systemctl"):
        return False
    asked = ["systemctl", "--user", "is-system-running"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return said in ("running", "degraded", "starting")


def units() -> Path:
    """The folder of the user's units."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"


def service(job: Job, command: Command) -> str:
    """The service unit."""
    environment = "".join(f"Environment={_quoted(f'{key}={value}')}\n" for key, value in command.environment.items())
    start = " ".join(_quoted(part) for part in (command.program, *command.arguments))
    return (
        f"[Unit]\nDescription=RosterDesk upload {job.name}\n\n"
        f"[Service]\nType=oneshot\n{environment}ExecStart={start}\n"
        f"TimeoutStartSec={job.minutes + 10}min\nUMask=0077\nSuccessExitStatus=3\n"
    )


def timer(job: Job) -> str:
    """The timer unit."""
    times = "".join(f"OnCalendar={line}\n" for line in calendars(job.schedule))
    return (
        f"[Unit]\nDescription=RosterDesk upload {job.name}: {job.schedule}\n\n"
        f"[Timer]\n{times}Persistent={'true' if job.schedule.catch_up else 'false'}\nAccuracySec=1min\n\n"
        "[Install]\nWantedBy=timers.target\n"
    )


def calendars(schedule: Schedule) -> list[str]:
    """The schedule as calendar events."""
    days = "" if len(schedule.weekdays) == 7 else ",".join(WEEKDAYS[n].capitalize() for n in schedule.weekdays) + " "
    return [f"{days}*-*-* {at:%H:%M}:00" for at in schedule.times]


def _unit(name: str) -> str:
    return f"rosterdesk-{name}"


def _quoted(text: str) -> str:
    """Text as a word of a unit file, where % stands for specifiers and $ for variables."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def _lingers() -> bool:
    said = subprocess.run(
        ["loginctl", "show-user", str(os.getuid()), "--property=Linger"], capture_output=True, text=True, check=False
    )
    return said.stdout.strip() == "Linger=yes"
