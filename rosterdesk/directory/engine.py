"""Opens a directory and gives transactions on it. What is in them is the business of the other modules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import sqlalchemy as sa

from rosterdesk.credentials import KeySource
from rosterdesk.directory import migrate, receipts
from rosterdesk.directory.deliveries import DELIVERED, Delivered
from rosterdesk.directory.faults import shown_to_people
from rosterdesk.directory.history import RECORDED, PastRun, list_runs, machine
from rosterdesk.directory.schema import districts
from rosterdesk.errors import DirectoryError
from rosterdesk.run import Run

PATIENCE_SECONDS = 300.0  # how long to wait for another writer: the first push of a large district takes a minute


class Store(Protocol):
    """What the two kinds of directory have in common."""

    dialect: str
    where: str
    engine: sa.Engine

    def exists(self) -> bool: ...
    def unlock(self) -> None: ...
    def make(self) -> None: ...
    def make_folder(self) -> None: ...
    def turn(self, doing: str, run: Run, patience: float) -> Any: ...
    def turn_within(self, conn: sa.Connection, doing: str, run: Run, patience: float) -> Any: ...
    def interruptible(self, conn: sa.Connection) -> Any: ...


class Directory:
    """An open directory of one district. Safe to use from several threads, each with its own transaction.

    `where` names it for people and holds no password; `dialect` is "sqlite" or "postgresql".
    """

    def __init__(self, store: Store, district: int, patience: float, acting_as: str | None = None) -> None:
        self._store = store
        self._patience = patience
        self._acting_as = acting_as
        self.district = district
        self.dialect = store.dialect
        self.where = store.where
        assert store.engine.dialect.dbapi is not None
        self.driver: type[Exception] = store.engine.dialect.dbapi.Error  # the base of the errors that `cursor` raises

    @contextmanager
    def transaction(self, doing: str = "writing", run: Run | None = None) -> Iterator[sa.Connection]:
        """A connection in the district's only write transaction: committed at the end, rolled back on any exception.

        Waits for another writer, reporting who it is and what it does (`doing`). Raises `DirectoryBusy` when that takes
        too long, `Cancelled`, and `DirectoryError` for whatever the disk or the server refuses.
        """
        run = run or Run()
        with (
            shown_to_people(run, self.driver),
            self._store.turn(doing, run, self._patience),
            self._connection(run, writing=True) as conn,
        ):
            recorded: list[PastRun] = []
            delivered: dict[int, Delivered] = {}
            missing: list[PastRun] = []
            conn.info[RECORDED], conn.info[DELIVERED] = recorded, delivered
            with self._store.turn_within(conn, doing, run, self._patience):
                yield conn
            run.check()
            if recorded:
                missing = self._without_receipt(conn, recorded[0].number)
        if recorded:
            receipts.leave(self.where, recorded, delivered, missing)

    def _without_receipt(self, conn: sa.Connection, number: int) -> list[PastRun]:
        """The runs before this one, and after the last with a receipt, whose receipts the disk did not take.

        A shared directory has runs of other computers too, which have their receipts there.
        """
        last = receipts.last_run(self.where)
        if last is None or last >= number - 1:
            return []
        here = None if self.dialect == "sqlite" else machine()
        found = list_runs(conn, self.district, before=number, limit=number - last - 1, at=here)
        return [past for past in reversed(found) if past.number > last]

    @contextmanager
    def read(self, run: Run | None = None) -> Iterator[sa.Connection]:
        """A connection that sees one state of the directory throughout, and never waits for a writer."""
        run = run or Run()
        with shown_to_people(run, self.driver), self._connection(run, writing=False) as conn:
            yield conn

    @property
    def generation(self) -> int:
        """Grows with every change of the district's records."""
        with self.read() as conn:
            return self.generation_in(conn)

    def generation_in(self, conn: sa.Connection) -> int:
        """The generation as this transaction sees it."""
        return int(
            conn.execute(sa.select(districts.c.generation).where(districts.c.district == self.district)).scalar_one()
        )

    def bump(self, conn: sa.Connection) -> int:
        """Count one more generation; return it."""
        conn.execute(
            districts.update()
            .where(districts.c.district == self.district)
            .values(generation=districts.c.generation + 1)
        )
        return self.generation_in(conn)

    def take_ids(self, conn: sa.Connection, count: int) -> int:
        """Set `count` numbers aside for new records; return the first of them."""
        row = districts.c.district == self.district
        first = int(conn.execute(sa.select(districts.c.next_id).where(row)).scalar_one())
        conn.execute(districts.update().where(row).values(next_id=first + count))
        return first

    def cursor(self, conn: sa.Connection) -> Any:
        """The driver's own cursor within the transaction: sqlcipher3 (`?`) or psycopg (`%s`, `copy`)."""
        return conn.connection.cursor()

    def close(self) -> None:
        """Close every connection; an embedded directory is one file again."""
        self._store.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _connection(self, run: Run, *, writing: bool) -> Iterator[sa.Connection]:
        with self._store.engine.connect() as plain:
            conn = plain.execution_options(writing=writing, acting_as=self._acting_as)
            with self._store.interruptible(conn) as interrupt:
                now = [
                    interrupt
                ]  # emptied at the end: the run may be cancelled later, when the connection serves another
                run.on_cancel(lambda: [stop() for stop in now])
                try:
                    with conn.begin():
                        yield conn
                finally:
                    now.clear()


def open_directory(
    where: str | Path,
    key: KeySource | None = None,
    *,
    create: bool = True,
    run: Run | None = None,
    district: int = 1,
    patience: float = PATIENCE_SECONDS,
    acting_as: str | None = None,
) -> Directory:
    """Open the directory at a path (embedded) or a `postgresql://` address (shared), made or upgraded as needed.

    `key` (the system keyring by default) is for an embedded one; `acting_as` is whom its owner acts as. Raises
    `SecretError` for a missing or wrong key, `DirectoryError` for what is no directory, of a newer version, or may not
    be used, `UnreachableError` for a server.
    """
    run = run or Run()
    store = _store(where, key or KeySource.chosen(), district)
    directory = Directory(store, district, patience, acting_as)
    try:
        with shown_to_people(run, directory.driver):
            _prepare(store, directory, run, patience, create=create)
    except BaseException:  # whatever it is, Ctrl-C too: nobody else can close what was not returned
        directory.close()
        raise
    return directory


def _store(where: str | Path, key: KeySource, district: int) -> Store:
    # Each driver is imported only where it is used.
    if isinstance(where, str) and where.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
        from rosterdesk.directory.shared import Shared

        return Shared(where.replace("postgres://", "postgresql://", 1), district)
    from rosterdesk.directory.embedded import Embedded

    return Embedded(Path(where), key)


def _prepare(store: Store, directory: Directory, run: Run, patience: float, *, create: bool) -> None:
    if not store.exists():
        if not create:
            raise DirectoryError(
                f"There is no directory at {store.where}.", "Check the name, or push a roster to make it."
            )
        store.make_folder()
        with store.turn("making the directory", run, patience):
            if not store.exists():  # another process may have made it while we waited
                store.make()
    store.unlock()
    with directory.read(run) as conn:
        ready = migrate.version(conn) == migrate.VERSION and _has(conn, directory.district)
    if ready:
        return
    with directory.transaction("upgrading the directory", run) as conn:
        if not migrate.tables_exist(conn):
            migrate.make(conn)
        elif migrate.version(conn) != migrate.VERSION:
            migrate.upgrade(conn)
        migrate.add_district(conn, directory.district)


def _has(conn: sa.Connection, district: int) -> bool:
    return conn.execute(sa.select(districts.c.district).where(districts.c.district == district)).first() is not None
