"""The embedded directory: one SQLCipher file, for one writer at a time and any number of readers.

The write-ahead log (encrypted like the file) lets people read while a push writes, and a process that dies at any
moment leaves the state before or after. `synchronous=FULL` costs one flush a run, and what a person was told is done
survives a power cut. SQLCipher 4's own settings stay as they are, so that every SQLCipher tool opens the file; pages of
8 and 16 KiB were within 10 %.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy.pool import QueuePool

from rosterdesk.credentials import KeySource, directory_key
from rosterdesk.directory.turn import turn
from rosterdesk.errors import DirectoryError, SecretError
from rosterdesk.run import Run

_SALT = 16
_PAGE = 4096
_PLAIN = b"SQLite format 3\0"
_APPLICATION = 0x526F7374  # "Rost": SQLite's place for saying whose file it is
# Memory for pages: holds the inner pages of every index of a million students; used only as far as needed.
_CACHE_KIB = 128 * 1024
# Sorts and other temporary tables stay in memory: on disk they would be plain text.
_PRAGMAS = (
    "busy_timeout = 10000",
    "temp_store = memory",
    f"cache_size = -{_CACHE_KIB}",
    "synchronous = full",
    "trusted_schema = off",
)


class Embedded:
    """An embedded directory's file and the connections to it."""

    dialect = "sqlite"

    def __init__(self, path: Path, key: KeySource) -> None:
        self.where = str(path)
        self._path = path
        self._source = key
        self._key = ""
        self.engine = sa.create_engine(
            "sqlite://", module=sqlcipher, creator=self._connect, hide_parameters=True, poolclass=QueuePool, pool_size=2
        )
        sa.event.listen(self.engine, "begin", _begin)

    def exists(self) -> bool:
        """Whether the file is there and holds anything: one that was just being made when its maker died is empty."""
        try:
            return self._path.stat().st_size > 0
        except (FileNotFoundError, NotADirectoryError):
            return False

    def unlock(self) -> None:
        """Find the key and try it. Raises `SecretError`, `DirectoryError`."""
        with self._path.open("rb") as file:
            first = file.read(_PAGE)
        plain = first.startswith(_PLAIN)
        if plain and not self._source.unencrypted:
            raise SecretError("This directory is not encrypted.", "Open it with --unencrypted, if that is meant.")
        if self._source.unencrypted and not plain:
            raise SecretError("This directory is encrypted.", "Open it without --unencrypted.")
        self._derive(first[:_SALT], create=False)
        try:
            with self.engine.connect() as conn:
                application = conn.exec_driver_sql("pragma application_id").scalar()
        except sa.exc.DatabaseError as error:
            # A wrong key and a file of another kind fail alike; a file that is text, or no whole pages, is no
            # directory.
            if plain or self._path.stat().st_size % _PAGE or _readable(first):
                raise self._foreign() from error
            raise
        if application != _APPLICATION:
            raise self._foreign()

    def make(self) -> None:
        """Make the file, empty and owner-only; its key is kept before anything is written. The turn must be held."""
        salt = secrets.token_bytes(_SALT)
        self._derive(salt, create=True)
        os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600))
        with self.engine.connect() as conn:
            raw: Any = conn.connection.dbapi_connection
            raw.execute(f"pragma application_id = {_APPLICATION}")
            raw.execute(
                "pragma journal_mode = wal"
            )  # where a network drive cannot have one, SQLite stays with its journal: as safe

    def make_folder(self) -> None:
        """Make the folder, owner-only, when only that is missing. Raises `DirectoryError`."""
        folder = self._path.parent
        if folder.is_dir():
            return
        if not folder.parent.is_dir():
            raise DirectoryError(f"There is no folder {folder}.", "Make it first, or name another one.")
        folder.mkdir(mode=0o700, exist_ok=True)

    def turn(self, doing: str, run: Run, patience: float) -> AbstractContextManager[None]:
        """Hold the right to write."""
        return turn(self._path, doing, run, patience)

    def turn_within(self, conn: sa.Connection, doing: str, run: Run, patience: float) -> AbstractContextManager[None]:
        """Nothing: the right to write is held around the transaction."""
        return nullcontext()

    @contextmanager
    def interruptible(self, conn: sa.Connection) -> Iterator[Any]:
        """A call, for another thread, that stops the statement which runs now; harmless once this has ended."""
        raw: Any = conn.connection.dbapi_connection
        yield raw.interrupt

    def _derive(self, salt: bytes, *, create: bool) -> None:
        key = directory_key(self._source, salt, create=create)
        self._key = "" if key is None else f"{key.hex()}{salt.hex()}"

    def _connect(self) -> Any:
        raw = sqlcipher.connect(self.where, isolation_level=None, check_same_thread=False, cached_statements=256)
        raw.execute("pragma cipher_log_level = none")  # it would write to standard error; its results say the same
        if self._key:
            raw.execute(f"pragma key = \"x'{self._key}'\"")
        for pragma in _PRAGMAS:
            raw.execute(f"pragma {pragma}")
        return raw

    def _foreign(self) -> DirectoryError:
        return DirectoryError(
            f"{self.where} is not a RosterDesk directory.", "Name the file of a directory, or a new one."
        )


def _begin(conn: sa.Connection) -> None:
    # The driver's own transactions begin at the first write, too late to wait for a turn; so they are begun here.
    conn.exec_driver_sql("begin immediate" if conn.get_execution_options().get("writing") else "begin")


def _readable(page: bytes) -> bool:
    """Whether this is text rather than an encrypted page."""
    try:
        page.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(page) - 4 and len(page) == _PAGE  # only the last character was cut
    return True
