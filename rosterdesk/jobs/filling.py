"""Which directory a job fills: whether it is one that is open, what it is called, and how it is opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rosterdesk import paths
from rosterdesk.credentials import KeySource
from rosterdesk.jobs.file import Job
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory


def place(job: Job) -> str | Path:
    """Where the job's directory is: a path, or the address of a database."""
    address = "://" in job.directory
    return job.directory if address else Path(job.directory) if job.directory else paths.default_directory()


def place_name(where: str | Path) -> str:
    """A directory's place for people: an address without its password."""
    text = str(where)
    if "://" not in text:
        return text
    from sqlalchemy import make_url

    return make_url(text.replace("postgres://", "postgresql://", 1)).render_as_string(hide_password=True)


def fills(job: Job, directory: Directory) -> bool:
    """Whether this is the directory that the job fills."""
    where = place(job)
    if isinstance(where, str):
        return place_name(where) == directory.where
    return "://" not in directory.where and where.resolve() == Path(directory.where).resolve()


def open_filled(job: Job, run: Run, *, create: bool = True) -> Directory:
    """Open the job's directory with its key. Raises what `open_directory` raises."""
    from rosterdesk.directory.engine import open_directory

    key = KeySource.chosen(file=Path(job.key_file) if job.key_file else None)
    return open_directory(place(job), key, create=create, run=run)
