"""Jobs as readable TOML files, one each, without secrets; beside each, as a file of its own, the mapping it uses."""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Mapping as MappingABC
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from rosterdesk import mapping as mappings
from rosterdesk import paths
from rosterdesk.directory.limits import read as read_limit
from rosterdesk.errors import FileError, UsageError
from rosterdesk.jobs.calendar import WEEKDAYS, Period, Schedule, period, schedule
from rosterdesk.model import Mapping

VERSION = 1
_NAME = re.compile(r"\w[\w.-]{0,59}")
_HEAD = """\
# A RosterDesk job: what is uploaded, where to, and when. Secrets are not in here but in the system keyring.
# After a change by hand, `rosterdesk jobs schedule NAME` tells the system's scheduler of new times.
"""


@dataclass(frozen=True, slots=True)
class Notices:
    """Who is told how a run went: mail addresses (through `smtp`), a web address that receives JSON, this desktop.

    `heartbeat` is a web address that is asked after each run that did its work, for a service that notices silence.
    """

    mail: tuple[str, ...] = ()
    smtp: str = ""  # host:port; the user name in `smtp_user`, its password in the keyring
    smtp_user: str = ""
    sender: str = ""
    webhook: str = ""
    heartbeat: str = ""
    desktop: bool = True
    digest: bool = False  # a summary every week
    every_run: bool = False  # else only what needs somebody, and the first success after it


@dataclass(frozen=True, slots=True)
class FirstRun:
    """The first run of a new school year: from this day on, and with limits of its own, in percent. They hold until a
    run has been pushed with them; what is unusual is not looked for in it.
    """

    day: date
    threshold_percent: int = 50
    school_threshold_percent: int = 60
    link_threshold_percent: int = 100

    def settings(self) -> dict[str, Any]:
        """What holds in place of the directory's settings."""
        names = ("threshold_percent", "school_threshold_percent", "link_threshold_percent")
        return {**{name: getattr(self, name) for name in names}, "limits": ()}


@dataclass(frozen=True, slots=True)
class Job:
    """A saved, recurring upload. Sources are as on the command line; `directory` empty: the user's own.

    `minutes` bounds a run. On the dates of `blackouts` it rests; on those of `additions_only_dates` it takes nothing
    away.
    """

    name: str
    sources: tuple[str, ...]
    directory: str = ""
    key_file: str = ""
    outlet: str = ""
    layout: str = "oneroster-1.1"
    zipped: bool = False
    additions_only: bool = False
    paused: bool = False
    minutes: int = 240
    limits: tuple[str, ...] = ()  # beside those of the directory's settings; see `directory.limits`
    learn: bool = True  # hold what is unusual for this job, too
    schedule: Schedule = field(default_factory=Schedule)
    blackouts: tuple[Period, ...] = ()
    additions_only_dates: tuple[Period, ...] = ()
    notices: Notices = field(default_factory=Notices)
    first_run: FirstRun | None = None


def folder() -> Path:
    """Where the jobs of this user are."""
    place = paths.home() / "jobs"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def named(name: str, suffix: str = ".toml") -> Path:
    """The file of a job, or one beside it. Raises `UsageError` for a name that cannot be."""
    if not _NAME.fullmatch(name) or name.endswith(".mapping"):  # that would be the mapping of another job
        raise UsageError(
            f"A job can't be named {name!r}.", "Use letters, digits, dots, hyphens and underscores; at most 60."
        )
    return folder() / f"{name}{suffix}"


def names() -> tuple[str, ...]:
    """The names of all jobs, in order."""
    return tuple(sorted(p.stem for p in folder().glob("*.toml") if not p.stem.endswith(".mapping")))


def save(job: Job, mapping: Mapping | None = None) -> None:
    """Keep a job, in place of an earlier one of its name, and the mapping it is to use if one is given."""
    if not job.sources:
        raise UsageError("A job needs a source.", "Name files, a folder, or connection:NAME.")
    path = named(job.name)
    if mapping is not None:
        mappings.save(mapping, mapping_file(job.name))
    written(path, text(job))


def written(path: Path, content: str) -> None:
    """Write a file whole or not at all, readable by its owner only. Raises `FileError`."""
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        raise FileError(
            f"{path.name} could not be written.", "Look whether the disk is full.", error.strerror or ""
        ) from error
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)


def load(name: str) -> Job:
    """The job of that name. Raises `UsageError` when there is none, `FileError` when its file is damaged."""
    path = named(name)
    if not path.exists():
        known = ", ".join(names()) or "none yet"
        raise UsageError(f"There is no job named {name}.", f"There are: {known}.")
    job = read(path)
    if job.name != name:  # the scheduler, the lock and the state go by the name: never by another's
        raise FileError(
            f"The file of the job {name} can't be understood.", f"Write the job's name in {path.name} as {name}."
        )
    return job


def read(path: Path) -> Job:
    """The job in a file. Raises `FileError` that names what is wrong in it."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
        if document.get("rosterdesk_job") != VERSION:
            raise UsageError("It is no job that this version knows.")
        return _job(document)
    except OSError as error:
        raise FileError(f"The job {path.stem} can't be read.", "", error.strerror or "") from error
    except (
        tomllib.TOMLDecodeError,
        UnicodeDecodeError,
        UsageError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
    ) as error:
        what = error.args[0] if error.args else ""
        raise FileError(
            f"The file of the job {path.stem} can't be understood.",
            f"Mend {path.name} in {path.parent}, or save the job anew.",
            f"{what}",
        ) from error


def remove(name: str) -> None:
    """Forget a job, its mapping and its state; what its runs did stays. Raises `UsageError` when there is none."""
    load_path = named(name)
    if not load_path.exists():
        load(name)
    for suffix in (".toml", ".mapping.toml", ".state.json", ".positions.json"):
        named(name, suffix).unlink(missing_ok=True)


def mapping_file(name: str) -> Path:
    """Where the job's mapping is, if it has one of its own."""
    return named(name, ".mapping.toml")


def mapping_of(job: Job) -> Mapping | None:
    """The job's own mapping; None: the one that is remembered for the source's headers, or suggested."""
    path = mapping_file(job.name)
    return mappings.load(path) if path.exists() else None


def text(job: Job) -> str:
    """The job as its file says it."""
    import tomli_w

    times = job.schedule
    document: dict[str, Any] = {
        "rosterdesk_job": VERSION,
        "name": job.name,
        "sources": list(job.sources),
        **{
            name: getattr(job, name)
            for name in ("directory", "key_file", "outlet", "layout", "zipped", "additions_only", "paused", "minutes")
        },
        "limits": list(job.limits),
        "learn": job.learn,
        "blackouts": [str(p) for p in job.blackouts],
        "additions_only_dates": [str(p) for p in job.additions_only_dates],
        **({"first_run": asdict(job.first_run)} if job.first_run else {}),
        "schedule": {
            "times": [f"{at:%H:%M}" for at in times.times],
            "weekdays": [WEEKDAYS[n] for n in times.weekdays],
            "catch_up": times.catch_up,
            "wake": times.wake,
        },
        "notices": {
            f.name: list(value) if isinstance(value := getattr(job.notices, f.name), tuple) else value
            for f in fields(Notices)
        },
    }
    return f"{_HEAD}\n{tomli_w.dumps(document)}"


def _job(document: MappingABC[str, Any]) -> Job:
    when = document.get("schedule", {})
    told = dict(document.get("notices", {}))
    if isinstance(told.get("mail", ()), str):
        raise UsageError("mail is no list of addresses.")
    told["mail"] = tuple(told.get("mail", ()))
    texts: dict[str, Any] = {
        name: str(document.get(name, getattr(_DEFAULTS, name)))
        for name in ("directory", "key_file", "outlet", "layout")
    }
    flags = ("zipped", "additions_only", "paused", "learn")
    for name in flags:
        if not isinstance(document.get(name, False), bool):
            raise UsageError(f"{name} is neither true nor false.")
    minutes = document.get("minutes", 240)
    if not isinstance(minutes, int) or not 1 <= minutes <= 24 * 60:
        raise UsageError("minutes is no number from 1 to 1440.")
    sources = document["sources"]
    if not isinstance(sources, list) or not sources:
        raise UsageError("sources names nothing.")
    return Job(
        name=str(document["name"]),
        sources=tuple(str(s) for s in sources),
        **texts,
        **{name: document.get(name, getattr(_DEFAULTS, name)) for name in flags},
        minutes=minutes,
        limits=_limits(document.get("limits", [])),
        schedule=schedule(
            ",".join(when.get("times", ())),
            ",".join(when.get("weekdays", ())),
            catch_up=bool(when.get("catch_up", True)),
            wake=bool(when.get("wake", False)),
        ),
        blackouts=tuple(period(str(p)) for p in document.get("blackouts", ())),
        additions_only_dates=tuple(period(str(p)) for p in document.get("additions_only_dates", ())),
        notices=Notices(**told),
        first_run=FirstRun(**document["first_run"]) if "first_run" in document else None,
    )


def _limits(found: object) -> tuple[str, ...]:
    if not isinstance(found, list):
        raise UsageError("limits is no list.")
    return tuple(str(read_limit(str(one))) for one in found)


_DEFAULTS = Job("", ())
