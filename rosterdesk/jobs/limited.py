"""Limits of a job that are on a school which its directory does not have: a school's ID was written wrong, or it is to
come later."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from rosterdesk.directory.limits import read
from rosterdesk.directory.schema import schools
from rosterdesk.jobs.file import Job
from rosterdesk.jobs.filling import open_filled
from rosterdesk.run import Run

_LIKE = 60  # of 100, from which on an ID or a name is told as one that may be meant
_TOLD = 3


def without_school(job: Job, run: Run) -> tuple[str, ...]:
    """A sentence for each school's ID in the job's limits that no school of its directory has. The directory is opened
    only where a limit is on a school. Raises what `open_directory` raises; it is not made.
    """
    meant = {limit.at for limit in map(read, job.limits) if limit.at}
    if not meant:
        return ()
    with open_filled(job, run, create=False) as directory, directory.read(run) as conn:
        query = sa.select(schools.c.sis_id, schools.c.name)
        mine = (schools.c.district == directory.district, schools.c.sis_id.is_not(None))
        names = {row.sis_id: row.name or "" for row in conn.execute(query.where(*mine))}
    return tuple(_sentence(at, names) for at in sorted(meant - set(names)))


def _sentence(at: str, names: Mapping[str, str]) -> str:
    told = f"No school of the directory has the ID {at}: the limit there holds only once there is one."
    near = ", ".join(f"{sis_id} ({names[sis_id]})" if names[sis_id] else sis_id for sis_id in _near(at, names))
    return f"{told} If you meant one of these, save the job again with its ID: {near}." if near else told


def _near(at: str, names: Mapping[str, str]) -> list[str]:
    """The IDs that are like it, or whose school's name is, the likest first."""
    from rapidfuzz import fuzz

    likeness = {
        sis_id: max(fuzz.ratio(at.casefold(), text.casefold()) for text in (sis_id, name))
        for sis_id, name in names.items()
    }
    near = [sis_id for sis_id in names if likeness[sis_id] >= _LIKE]
    return sorted(near, key=lambda sis_id: (-likeness[sis_id], sis_id))[:_TOLD]
