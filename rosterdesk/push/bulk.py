"""Many rows from a DuckDB query into a table of the directory, at the speed of the driver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory import schema
from rosterdesk.directory.engine import Directory
from rosterdesk.run import Run
from rosterdesk.staging import Staging, literal

_BATCH = 50_000
_LISTS = 2_000  # lists that are written at once; most are a classroom's students


class Writer:
    """Writes rows of staging queries within one transaction of the directory."""

    def __init__(self, directory: Directory, connection: sa.Connection, staging: Staging, run: Run) -> None:
        self.directory = directory
        self.connection = connection
        self.staging = staging
        self.run = run
        self._cursor = directory.cursor(connection)
        self._mark = "?" if directory.dialect == "sqlite" else "%s"

    def insert(
        self,
        table: str,
        columns: tuple[str, ...],
        sql: str,
        constants: Mapping[str, int | str],
        what: str = "",
        total: int = 0,
        *,
        listed: bool = False,
    ) -> int:
        """Insert every row of the query `sql` (the columns in order); return how many.

        `constants` are the columns that are the same in every row, beside the district: they need not travel with it.
        With `listed` the last column, a number, differs in most rows and the others are few: they travel as lists.
        """
        same = {"district": self.directory.district, **constants}
        names = ", ".join((*columns, *same))
        fixed = ", ".join(literal(value) if isinstance(value, str) else str(value) for value in same.values())
        if self.directory.dialect == "postgresql":
            return self._copy(table, names, f"select q.*, {fixed} from ({sql}) q", what, total)
        if listed:
            with self._filling(table):
                return self._lists(table, names, fixed, columns, sql, what, total)
        kept, rows, marks = self._without_null(columns, sql)
        names = ", ".join((*kept, *same))
        with self._filling(table):
            return self._each(f"insert into {table} ({names}) values ({', '.join((*marks, fixed))})", rows, what, total)

    def update(self, table: str, columns: tuple[str, ...], sql: str) -> int:
        """Set the columns of records by id; the query gives the columns in order, then the id."""
        sets = ", ".join(f"{column} = {self._mark}" for column in columns)
        statement = f"update {table} set {sets} where district = {self.directory.district} and id = {self._mark}"
        return self._each(statement, sql)

    def delete(self, table: str, columns: tuple[str, ...], sql: str) -> int:
        """Delete the rows whose columns equal those that the query gives."""
        where = " and ".join(f"{column} = {self._mark}" for column in columns)
        return self._each(f"delete from {table} where district = {self.directory.district} and {where}", sql)

    @contextmanager
    def _filling(self, table: str) -> Iterator[None]:
        """An empty table is filled without its indexes, which are made when its rows are there: sorted, that takes half
        the time. Only in an embedded directory, where nobody else writes meanwhile.
        """
        empty = self.connection.exec_driver_sql(f"select 1 from {table} limit 1").first() is None
        late = sorted(schema.metadata.tables[table].indexes, key=lambda index: str(index.name)) if empty else []
        for index in late:
            index.drop(self.connection)
        yield
        for index in late:
            index.create(self.connection)

    def _without_null(self, columns: tuple[str, ...], sql: str) -> tuple[list[str], str, list[str]]:
        """The columns that have any value, the query for them with '' for a missing text, and the marks that turn it
        back: sqlcipher3 binds None ten times slower than a text.

        No text of a roster is '': the mapping has made those missing.
        """
        found = self.staging.execute(f"select * from ({sql}) limit 0").description or []
        asked = [f"c{n}" for n in range(len(columns))]
        counts = ", ".join(f"count({name})" for name in asked)
        count, *filled = self.staging.rows(f"select count(*), {counts} from ({sql}) as q({', '.join(asked)})")[0]
        chosen, kept, marks = [], [], []
        for name, column, described, full in zip(asked, columns, found, filled, strict=True):
            if not full and count:
                continue
            gaps = full < count and str(described[1]) == "VARCHAR"
            kept.append(column)
            chosen.append(f"coalesce({name}, '')" if gaps else name)
            marks.append("nullif(?, '')" if gaps else "?")
        return kept, f"select {', '.join(chosen)} from ({sql}) as q({', '.join(asked)})", marks

    def _each(self, statement: str, sql: str, what: str = "", total: int = 0) -> int:
        done = 0
        for batch in self._batches(sql):
            self._cursor.executemany(statement, batch)
            done += len(batch)
            if what:
                self.run.report(what, done, total)
        return done

    def _lists(
        self, table: str, names: str, fixed: str, columns: tuple[str, ...], sql: str, what: str, total: int
    ) -> int:
        """Insert the rows by lists of their last column, which SQLite takes apart itself: half the time of single rows,
        since Python makes an object for each cell of those.
        """
        *same, last = columns
        marks = ", ".join("?" for _ in same)
        statement = f"insert into {table} ({names}) select {marks}, value, {fixed} from json_each(?)"
        lists = f"""select {", ".join(same)}, to_json(list({last} order by {last}))::varchar, count(*)
            from ({sql}) as q({", ".join(columns)}) group by all order by all"""
        done = 0
        for batch in self._batches(lists, _LISTS):
            self._cursor.executemany(statement, [row[:-1] for row in batch])
            done += sum(row[-1] for row in batch)
            self.run.report(what, done, total)
        return done

    def _copy(self, table: str, names: str, sql: str, what: str, total: int) -> int:
        done = 0
        with self._cursor.copy(f"copy {table} ({names}) from stdin") as copy:
            for batch in self._batches(sql):
                for row in batch:
                    copy.write_row(row)
                done += len(batch)
                if what:
                    self.run.report(what, done, total)
        return done

    def _batches(self, sql: str, size: int = _BATCH) -> Iterator[list[tuple[Any, ...]]]:
        rows = self.staging.execute(sql)
        while batch := rows.fetchmany(size):
            self.run.check()
            yield batch
