"""What can be done about a run that waits for a person; each is a function for the worker's thread.

How a run is let through is the business of `jobs.approval`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from rosterdesk.errors import RosterDeskError
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.history import PastRun


class Choice(StrEnum):
    """What a person can do about a held run."""

    APPROVE = "approve"
    ADDITIONS = "additions"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True)
class Line:
    """What a run would do to one kind of record: its place in the history's counts, in numbers."""

    entity: str
    created: int
    updated: int
    archived: int
    removed: int
    restored: int


@dataclass(frozen=True, slots=True)
class HeldSchool:
    """A school at which a held run would do so many things, and archive so many records among them."""

    sis_id: str
    name: str
    archived: int
    all: int


def planned(past: PastRun) -> tuple[Line, ...]:
    """What the run would do to each kind of record to which it would do anything."""
    names = ("created", "updated", "archived", "removed", "restored")
    lines = (
        Line(entity, *(int(counts.get(name, 0)) for name in names))
        for entity, counts in past.counts.items()
        if isinstance(counts, dict)
    )
    return tuple(line for line in lines if any(getattr(line, name) for name in names))


def to_type(past: PastRun) -> int:
    """The number that approves the run: how many records it would archive; without any, links that it would remove;
    without those, records that it would change, make or bring back.
    """
    lines = planned(past)
    sums = (
        sum(getattr(line, name) for line in lines) for name in ("archived", "removed", "updated", "created", "restored")
    )
    return next((count for count in sums if count), 0)


def sources_of(past: PastRun, directory: Directory) -> tuple[Path, ...]:
    """The files of the run, if its job is here and fills this directory, or if this computer read them lately."""
    if past.job:
        from rosterdesk.jobs.file import load
        from rosterdesk.jobs.filling import fills

        try:
            job = load(past.job)
        except RosterDeskError:  # the job is gone, or its file is damaged, which Home tells
            return ()
        return tuple(map(Path, job.sources)) if fills(job, directory) else ()
    from rosterdesk.gui.recent import recent  # loads what reads files, which the window's start must not wait for

    known = (one.sources for one in recent())
    named = ((source, ", ".join(path.name for path in source)) for source in known)
    return next((source for source, name in named if name == past.source), ())


def schools_of(directory: Directory, past: PastRun, run: Run) -> tuple[HeldSchool, ...]:
    """The schools at which the run would do anything, by name; none where nothing is known of them."""
    import sqlalchemy as sa

    from rosterdesk.directory import usual
    from rosterdesk.directory.schema import schools

    with directory.read(run) as connection:
        counts = usual.schools_of(connection, directory.district, past.number)
        named = sa.select(schools.c.sis_id, schools.c.name).where(
            schools.c.district == directory.district, schools.c.sis_id.is_not(None)
        )
        names = {sis_id: name or sis_id for sis_id, name in connection.execute(named)} if counts else {}
    found = (
        HeldSchool(
            sis_id,
            names.get(sis_id, sis_id),
            sum(of.get("archived", 0) for of in counts[sis_id].values()),
            sum(sum(of.values()) for of in counts[sis_id].values()),
        )
        for sis_id in counts
    )
    return tuple(sorted(found, key=lambda school: (school.name, school.sis_id)))


def let_through(
    directory: Directory,
    past: PastRun,
    sources: Sequence[Path],
    additions_only: bool,
    run: Run,
    schools: tuple[str, ...] = (),
) -> int:
    """Push a held run, all of it or only what it adds and changes or concerns some schools (SIS IDs); return the number
    of the run that did it.

    Raises `OtherNow`, with nothing pushed, when reading its files again gives another plan, and what a push raises.
    """
    from rosterdesk.jobs.approval import Part, Way, approve, approve_of_job

    part = Part(additions_only, schools)
    if past.job:
        return approve_of_job(directory, past, part, run).run
    return approve(directory, past, Way(list(sources)), part, run).run
