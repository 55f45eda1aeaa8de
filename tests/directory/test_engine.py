"""What opening a directory and its transactions promise, on both engines; and what a server may refuse."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from rosterdesk.directory import bulk, schema
from rosterdesk.directory.engine import Directory, open_directory
from rosterdesk.errors import Cancelled, DirectoryError, UnreachableError, UsageError
from rosterdesk.run import Run
from tests.directory.conftest import Place
from tests.directory.filling import begin
from tests.servers.postgres import Postgres

ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"


def test_a_transaction_commits_at_its_end_and_never_before(directory: Directory) -> None:
    with directory.transaction() as conn:
        begin(directory, conn).create("students", sis_id="s")
        with directory.read() as other:
            assert other.execute(sa.select(schema.students.c.id)).all() == []
    with directory.read() as conn:
        assert len(conn.execute(sa.select(schema.students.c.id)).all()) == 1


def test_any_exception_rolls_back(directory: Directory) -> None:
    def fail() -> None:
        with directory.transaction() as conn:
            begin(directory, conn).create("students", sis_id="s")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with directory.read() as conn:
        assert conn.execute(sa.select(schema.students.c.id)).all() == []
    assert directory.generation == 0


def test_a_read_sees_one_state_and_cannot_write(directory: Directory) -> None:
    with directory.read() as conn:
        assert directory.generation_in(conn) == 0
        with directory.transaction() as other:
            directory.bump(other)
        assert directory.generation_in(conn) == 0
    assert directory.generation == 1


def test_ids_are_never_given_twice(directory: Directory) -> None:
    with directory.transaction() as conn:
        first = directory.take_ids(conn, 10)
        assert directory.take_ids(conn, 1) == first + 10


def test_bulk_rows_come_from_any_iterable(directory: Directory) -> None:
    columns = ("district", "classroom", "person", "role", "is_primary", "synced", "created_run")
    with directory.transaction() as conn:
        bulk.insert(conn, "enrollments", columns, ((1, n, 7, "student", 0, 1, 1) for n in range(3000)))
        cursor = directory.cursor(conn)
        cursor.execute("select count(*) from enrollments")
        assert cursor.fetchone()[0] == 3000


def test_cancelling_interrupts_a_statement(directory: Directory) -> None:
    run = Run()
    timer = threading.Timer(0.3, run.cancel)
    timer.start()

    def count() -> None:
        with directory.transaction("counting", run) as conn:
            directory.bump(conn)
            conn.exec_driver_sql(ENDLESS)

    with pytest.raises(Cancelled):
        count()
    timer.join()
    assert directory.generation == 0
    run.cancel()  # later, it must not touch a connection that serves another


def test_a_cancelled_run_does_not_commit(directory: Directory) -> None:
    run = Run()

    def write() -> None:
        with directory.transaction("writing", run) as conn:
            directory.bump(conn)
            run.cancel()

    with pytest.raises(Cancelled):
        write()
    assert directory.generation == 0


def test_what_does_not_exist_is_not_made_unasked(place: Place) -> None:
    with pytest.raises(DirectoryError, match="There is no directory"):
        place.open(create=False)


def test_districts_of_one_database_are_apart(place: Place) -> None:
    with place.open() as one, open_directory(place.where, place.key, district=2) as two:
        with two.transaction() as conn:
            begin(two, conn).create("students", sis_id="s")
        assert (one.district, one.generation, two.generation) == (1, 0, 1)
        with one.transaction() as conn:
            begin(one, conn).create("students", sis_id="s")


def test_a_server_that_cannot_be_reached_or_refuses_is_said(postgres: Postgres) -> None:
    for url in (
        "postgresql://rosterdesk:x@127.0.0.1:1/postgres",
        postgres.url().replace(postgres.password, "wrong"),
        postgres.url("no_such_database"),
    ):
        with pytest.raises(UnreachableError) as caught:
            open_directory(url)
        assert postgres.password not in str(caught.value)


def test_an_address_that_is_none_is_said() -> None:
    with pytest.raises(UsageError, match="no address of a database"):
        open_directory("postgresql://a:b:c:d")


def test_the_name_of_a_shared_directory_holds_no_password(shared_place: Place, postgres: Postgres) -> None:
    with shared_place.open() as directory:
        assert postgres.password not in directory.where
