"""What is usual for a job, and at which schools, looked up in the job's own directory: the one that is open, or another
that is opened for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.usual import Usual
    from rosterdesk.jobs.file import Job


@dataclass(frozen=True, slots=True)
class School:
    """A synced school: its SIS ID, and what it is called."""

    sis_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is usual for a job these days (None while it has too few runs to say), and the schools of its directory."""

    usual: Usual | None
    schools: tuple[School, ...]


def look_up(opened: Directory | None, job: Job, run: Run) -> Known:
    """Ask the job's directory, in the reader's thread. Raises what opening it raises: it may have a key of its own."""
    import sqlalchemy as sa

    from rosterdesk.directory import sight
    from rosterdesk.directory.schema import schools
    from rosterdesk.directory.usual import usual

    with _directory(opened, job, run) as directory, directory.read(run) as connection:
        district = directory.district
        query = (
            sa.select(schools.c.sis_id, schools.c.name)
            .where(schools.c.district == district, schools.c.sis_id.is_not(None), schools.c.status == "active")
            .where(*sight.of(connection, district, schools))
            .order_by(sa.func.lower(schools.c.name), schools.c.sis_id)
        )
        found = tuple(School(sis_id, name or sis_id) for sis_id, name in connection.execute(query))
        return Known(usual(connection, district, job.name, datetime.now(UTC).date()), found)


@contextmanager
def _directory(opened: Directory | None, job: Job, run: Run) -> Iterator[Directory]:
    from rosterdesk.jobs.filling import fills, open_filled

    if opened is not None and fills(job, opened):
        yield opened
        return
    with open_filled(job, run, create=False) as directory:
        yield directory
