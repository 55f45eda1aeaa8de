"""Whose turn it is to change an embedded directory: a lock that a crash releases, and a note that says who holds it."""

from __future__ import annotations

import getpass
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import filelock

from rosterdesk.errors import DirectoryBusy
from rosterdesk.run import Run

POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a directory, since when, and what for."""

    who: str
    host: str
    process: int
    since: str
    doing: str

    @classmethod
    def here(cls, doing: str) -> Holder:
        try:
            who = getpass.getuser()
        except (OSError, KeyError):  # a user without a name, as in some containers
            who = "somebody"
        return cls(who, socket.gethostname(), os.getpid(), datetime.now(UTC).isoformat(timespec="seconds"), doing)

    def __str__(self) -> str:
        return f"{self.who} on {self.host} (process {self.process}, since {self.since}: {self.doing})"


def wait_for(holder: Holder | None, run: Run, waited: float, patience: float) -> float:
    """Wait a moment for whoever holds the directory; return the seconds waited by now. Raises `DirectoryBusy`."""
    name = str(holder) if holder else "another process"
    if waited >= patience:
        raise DirectoryBusy(
            f"The directory is in use by {name}.", "Wait until that is done, or stop it there, and try again."
        )
    run.report(f"Waiting for {name}", int(waited), int(patience))
    run.wait(POLL_SECONDS)
    return waited + POLL_SECONDS


@contextmanager
def turn(path: Path, doing: str, run: Run, patience: float) -> Iterator[None]:
    """Hold the turn for the directory at `path`, after waiting for it. Raises `DirectoryBusy` and `Cancelled`."""
    lock = filelock.FileLock(f"{path}.lock", mode=0o600, thread_local=False)
    note = Path(f"{path}.holder")
    waited = 0.0
    while True:
        try:
            lock.acquire(timeout=0)
            break
        except filelock.Timeout:
            waited = wait_for(_read(note), run, waited, patience)
    try:
        _write(note, Holder.here(doing))
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def _write(note: Path, holder: Holder) -> None:
    draft = note.with_name(f"{note.name}.new")  # renamed into place, so that nobody reads half a note
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(holder), file)
    draft.replace(note)


def _read(note: Path) -> Holder | None:
    try:
        return Holder(**json.loads(note.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):  # just released, or written by another version: then nobody has a name
        return None
