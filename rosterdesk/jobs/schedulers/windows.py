"""Windows: a task of the Task Scheduler, in its XML form (Task Scheduler schema 1.2, MS-TSCH section 2.5)."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

from rosterdesk.jobs.calendar import Schedule
from rosterdesk.jobs.file import Job
from rosterdesk.jobs.schedulers import Command, Reported, ask

NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class TaskScheduler:
    """Tasks of this user, in a folder of their own."""

    name = "Task Scheduler"

    def put(self, job: Job, command: Command) -> tuple[str, ...]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "task.xml"
            file.write_text(task(job, command, date.today()), encoding="utf-16")  # noqa: DTZ011 - the local day is meant
            ask(["schtasks", "/Create", "/F", "/TN", _path(job.name), "/XML", str(file)])
        notes = ["It runs while you are signed in, also with the screen locked."]
        if command.environment:
            notes.append("Set the same environment variables for your account: a task has none of its own.")
        return tuple(notes)

    def take(self, name: str) -> None:
        if self.report(name).scheduled:
            ask(["schtasks", "/Delete", "/F", "/TN", _path(name)])

    def report(self, name: str) -> Reported:
        asked = ["schtasks", "/Query", "/TN", _path(name)]
        return Reported(subprocess.run(asked, capture_output=True, check=False).returncode == 0)

    def start(self, job: Job, command: Command) -> None:
        once = replace(job, schedule=Schedule())
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "task.xml"
            file.write_text(task(once, command, date.today()), encoding="utf-16")  # noqa: DTZ011 - the local day is meant
            ask(["schtasks", "/Create", "/F", "/TN", _path(_once(job)), "/XML", str(file)])
        ask(["schtasks", "/Run", "/TN", _path(_once(job))])

    def forget_start(self, job: Job) -> None:
        self.take(_once(job))


def task(job: Job, command: Command, start: date) -> str:
    """The task's XML, with times from the day `start` on."""
    root = ET.Element("Task", {"version": "1.2", "xmlns": NAMESPACE})
    info = ET.SubElement(root, "RegistrationInfo")
    ET.SubElement(info, "Description").text = f"RosterDesk upload {job.name}: {job.schedule}"
    triggers = ET.SubElement(root, "Triggers")
    for at in job.schedule.times:
        trigger = ET.SubElement(triggers, "CalendarTrigger")
        ET.SubElement(trigger, "StartBoundary").text = f"{start}T{at:%H:%M}:00"
        ET.SubElement(trigger, "Enabled").text = "true"
        if len(job.schedule.weekdays) == 7:
            every = ET.SubElement(trigger, "ScheduleByDay")
            ET.SubElement(every, "DaysInterval").text = "1"
        else:
            weekly = ET.SubElement(trigger, "ScheduleByWeek")
            ET.SubElement(weekly, "WeeksInterval").text = "1"
            days = ET.SubElement(weekly, "DaysOfWeek")
            for n in job.schedule.weekdays:
                ET.SubElement(days, _DAYS[n])
    principals = ET.SubElement(root, "Principals")
    principal = ET.SubElement(principals, "Principal", {"id": "Author"})
    ET.SubElement(principal, "LogonType").text = "InteractiveToken"
    ET.SubElement(principal, "RunLevel").text = "LeastPrivilege"
    settings = ET.SubElement(root, "Settings")
    for name, value in (
        ("MultipleInstancesPolicy", "IgnoreNew"),
        ("DisallowStartIfOnBatteries", "false"),
        ("StopIfGoingOnBatteries", "false"),
        ("StartWhenAvailable", "true" if job.schedule.catch_up else "false"),
        ("RunOnlyIfNetworkAvailable", "false"),
        ("Enabled", "true"),
        ("WakeToRun", "true" if job.schedule.wake else "false"),
        ("ExecutionTimeLimit", f"PT{job.minutes + 10}M"),
    ):
        ET.SubElement(settings, name).text = value
    actions = ET.SubElement(root, "Actions", {"Context": "Author"})
    execute = ET.SubElement(actions, "Exec")
    ET.SubElement(execute, "Command").text = command.program
    ET.SubElement(execute, "Arguments").text = subprocess.list2cmdline(command.arguments)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-16"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _once(job: Job) -> str:
    return f"{job.name} test"  # no job has a space in its name


def _path(name: str) -> str:
    return f"\\RosterDesk\\{name}"
