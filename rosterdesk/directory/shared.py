"""The shared directory: a PostgreSQL database, for several people and machines.

One writer a district at a time, by an advisory lock that ends with its transaction; who holds it stands in the server's
list of activities, where every connection of RosterDesk names its process, its computer and what it does.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory.migrate import tables_exist
from rosterdesk.directory.turn import Holder, wait_for
from rosterdesk.errors import UsageError
from rosterdesk.run import Run

_LOCK = 0x526F7374  # "Rost", the first half of the advisory lock's number; the second is the district
_CONNECT_SECONDS = 10
_WHO = sa.text(
    "select usename, client_addr::text, pid, xact_start, application_name from pg_stat_activity "
    "where pid = (select pid from pg_locks where locktype = 'advisory' and classid = :lock and objid = :district "
    "and granted limit 1)"
)


class Shared:
    """A PostgreSQL database and the connections to it."""

    dialect = "postgresql"

    def __init__(self, url: str, district: int) -> None:
        try:
            parsed = sa.make_url(url)
        except (sa.exc.ArgumentError, ValueError) as error:
            raise UsageError("This is no address of a database.", "Write postgresql://user@host/database.") from error
        self.where = parsed.render_as_string(hide_password=True)
        self._district = district
        self._name = f"RosterDesk {os.getpid()} {socket.gethostname()}"
        self.engine = sa.create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            connect_args={"application_name": self._name[:63], "connect_timeout": _CONNECT_SECONDS},
            pool_size=2,
            hide_parameters=True,
        )
        sa.event.listen(self.engine, "begin", _begin)

    def exists(self) -> bool:
        """Whether the database holds a directory."""
        with self.engine.connect() as conn:
            return tables_exist(conn)

    def unlock(self) -> None:
        """Nothing: the server asks for a password itself."""

    def make(self) -> None:
        """Nothing: the migrations make the tables in a database that exists."""

    def make_folder(self) -> None:
        """Nothing: a server has none."""

    def turn(self, doing: str, run: Run, patience: float) -> AbstractContextManager[None]:
        """Nothing: the right to write comes within the transaction."""
        return nullcontext()

    @contextmanager
    def turn_within(self, conn: sa.Connection, doing: str, run: Run, patience: float) -> Iterator[None]:
        """Wait for the right to write, which ends with the transaction. Raises `DirectoryBusy`, `Cancelled`."""
        waited = 0.0
        # The name is set for this transaction only, and the server cuts it at 63 bytes.
        conn.execute(sa.text("select set_config('application_name', :name, true)"), {"name": f"{self._name}: {doing}"})
        take = sa.text("select pg_try_advisory_xact_lock(:lock, :district)")
        while not conn.execute(take, {"lock": _LOCK, "district": self._district}).scalar():
            waited = wait_for(self._holder(conn), run, waited, patience)
        yield

    @contextmanager
    def interruptible(self, conn: sa.Connection) -> Iterator[Any]:
        """A call, for another thread, that stops the statement which runs now; harmless once this has ended."""
        raw: Any = conn.connection.dbapi_connection
        yield raw.cancel_safe

    def _holder(self, conn: sa.Connection) -> Holder | None:
        row = conn.execute(_WHO, {"lock": _LOCK, "district": self._district}).first()
        if row is None:
            return None
        user, address, process, since, name = row
        # Our own connections carry process, computer and work in their name; of another program the server knows only
        # so much.
        words = name.removeprefix("RosterDesk ").split(" ", 2) if name.startswith("RosterDesk ") else []
        if len(words) == 3 and words[0].isdigit():
            process, address, doing = int(words[0]), words[1].rstrip(":"), words[2]
        else:
            doing = name or "unknown work"
        return Holder(
            user, address or "the server", process, since.isoformat(timespec="seconds") if since else "?", doing
        )


def _begin(conn: sa.Connection) -> None:
    if not conn.get_execution_options().get("writing"):
        conn.exec_driver_sql("set transaction isolation level repeatable read, read only")
