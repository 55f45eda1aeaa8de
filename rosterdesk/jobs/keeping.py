"""What people do with saved jobs beside running them: schedule, pause, copy, remove, bring to another computer."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from rosterdesk.errors import FileError, UsageError
from rosterdesk.jobs import file
from rosterdesk.jobs.file import Job
from rosterdesk.jobs.schedulers import Scheduler, command, scheduler


def system() -> Scheduler | None:
    """The scheduler of this system, or None where there is none that we know."""
    try:
        return scheduler()
    except UsageError:
        return None


def kept(job: Job) -> tuple[str, ...]:
    """Save a job in place of the one of its name, its mapping as it is, and have the system start it at its times.

    Returns what a person should know. Raises `UsageError` when the scheduler refuses, `FileError`.
    """
    file.save(job)
    return scheduled(job)


def scheduled(job: Job) -> tuple[str, ...]:
    """Tell the system's scheduler of the job's times; return what a person should know of this system."""
    found = system()
    if not job.schedule.times:
        if found is not None:
            found.take(job.name)
        return ()
    if found is None:
        return ("There is no scheduler here that RosterDesk knows, so nothing starts this job.",)
    return found.put(job, command(job.name))


def paused(name: str, *, rests: bool) -> Job:
    """Let a job rest, or run again at its times."""
    job = replace(file.load(name), paused=rests)
    file.save(job)
    return job


def copied(name: str, new: str) -> Job:
    """A second job like this one, paused and not scheduled, so that it can be changed first."""
    _free(new)
    job = file.load(name)
    made = replace(job, name=new, paused=True)
    file.save(made, file.mapping_of(job))
    return made


def exported(name: str, folder: Path) -> tuple[Path, ...]:
    """Write a job's files into a folder, without secrets. Raises `UsageError` when they are there, `FileError`."""
    job = file.load(name)
    target = folder / f"{name}.toml"
    if target.exists():
        raise UsageError(f"{target} is there already.", "Choose another folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target.write_text(file.text(job), "utf-8")
        files = [target]
        if (mapping := file.mapping_file(name)).exists():
            files.append(folder / f"{name}.mapping.toml")
            shutil.copyfile(mapping, files[-1])
    except OSError as error:
        raise FileError(
            f"The job could not be written to {folder}.", "Choose another folder, or free some space.", str(error)
        ) from error
    return tuple(files)


def imported(path: Path) -> Job:
    """A job of another computer, paused and not scheduled. Raises `UsageError` when there is one of its name."""
    from rosterdesk.mapping import load as load_mapping

    job = file.read(path)
    _free(job.name)
    beside = path.with_suffix(".mapping.toml")
    made = replace(job, paused=True)
    file.save(made, load_mapping(beside) if beside.exists() else None)
    return made


def removed(name: str) -> None:
    """Forget a job; the system starts it no more, and what its runs did stays."""
    file.load(name)
    if (found := system()) is not None:
        found.take(name)
    file.remove(name)


def _free(name: str) -> None:
    file.named(name)  # raises for a name that cannot be
    if name in file.names():
        raise UsageError(f"There is a job named {name}.", "Choose another name, or remove it first.")
