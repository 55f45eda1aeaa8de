"""Where the window's directory is and how it is opened; what opens it is imported only when that happens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from rosterdesk import paths
from rosterdesk.log import log
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.jobs.file import Job


@dataclass(frozen=True, slots=True)
class Opening:
    """A directory's place, and its key if that is not in the keyring. Called, it gives the open directory.

    The place is a path, or the address of a database. Without `create` it must be there already.
    """

    where: Path | str
    key_file: Path | None = None
    passphrase: str | None = None
    create: bool = True

    @property
    def name(self) -> str:
        """What the directory is called, without the folders that it is in."""
        return PurePath(self.where).name

    @property
    def is_new(self) -> bool:
        """Whether opening makes the directory."""
        try:
            return isinstance(self.where, Path) and self.where.stat().st_size == 0
        except OSError:
            return True

    def with_key(self, *, key_file: Path | None = None, passphrase: str | None = None) -> Opening:
        """The same directory with another key."""
        return replace(self, key_file=key_file, passphrase=passphrase)

    def __call__(self, run: Run) -> Directory:
        """Open it, in the worker's thread. Raises what `open_directory` raises."""
        from rosterdesk.credentials import KeySource
        from rosterdesk.directory.engine import open_directory

        key = KeySource.chosen(file=self.key_file, passphrase=self.passphrase)
        return open_directory(self.where, key, create=self.create, run=run)


def opening_at(where: str) -> Opening | None:
    """How the directory at an address is opened, as it is named for people; a job that fills it knows more. None: the
    address held a password, which nobody here knows.
    """
    from rosterdesk.errors import RosterDeskError
    from rosterdesk.jobs import file
    from rosterdesk.jobs.filling import place, place_name

    for name in file.names():
        try:
            job = file.load(name)
        except RosterDeskError as error:  # Home says that its file is damaged
            log.warning("a job was passed over in looking for a directory: %s", type(error).__name__)
            continue
        if paths.address(place_name(place(job))) == where:
            return opening_of(job)
    if "://" not in where:
        return Opening(Path(where), create=False)
    return None if ":***@" in where else Opening(where, create=False)


def opening_of(job: Job) -> Opening:
    """How the directory is opened that a job fills. Its first run makes it, not we."""
    from rosterdesk.jobs.filling import place

    return Opening(place(job), key_file=Path(job.key_file) if job.key_file else None, create=False)
