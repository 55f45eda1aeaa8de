"""One DuckDB database a run: every table of the run lives there, and pages of it come out as pandas frames.

Schemas, in the order in which the path fills them:

    raw.*         as read: one table or view a source table, every cell text
    mapped.*      as mapped: the target tables of `model.TARGETS`, still with everything that is wrong with them
    problems      one row a fault (see `Problem`)
    incoming.*    as checked: what may reach the directory, with numbers instead of SIS IDs in the links
    directory.*   the directory as it is now (from its snapshot)
    plan.*        what will change

`ref` in the mapped tables is `source number << 40 | row`, the row counted as people count it (header = 1).
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import duckdb

from rosterdesk.model import FIELDS
from rosterdesk.run import Run

if TYPE_CHECKING:
    import pandas as pd

ROW_BITS = 40
SCHEMAS = ("raw", "mapped", "incoming", "directory", "plan")
_PROBLEMS = """
create table problems (
    code varchar not null, severity varchar not null, table_name varchar not null, ref bigint,
    row bigint, column_name varchar, value varchar, message varchar not null, fix varchar)
"""


class Staging:
    """The database of one run. `folder` (owner-only, the run's scratch folder) receives what does not fit in memory."""

    def __init__(self, run: Run, folder: Path, *, memory: str = "1000MB", threads: int | None = None) -> None:
        config: dict[str, Any] = {"memory_limit": memory, "temp_directory": str(folder / "spill")}
        if threads is not None:
            config["threads"] = threads
        self.folder = folder
        self.run = run
        # Never a file of its own: writing all tables there, and not just what does not fit, takes a quarter longer.
        self.con = duckdb.connect(":memory:", config=config)
        # Nothing of a run may reach out: no extension is ever fetched, and files are read only where a stage names
        # them.
        self.con.execute("set autoinstall_known_extensions = false; set autoload_known_extensions = false")
        self.con.execute("set enable_progress_bar = false")  # it would write among what the command line writes
        for schema in SCHEMAS:
            self.con.execute(f"create schema {schema}")
        self.con.execute(_PROBLEMS)
        run.on_cancel(self.con.interrupt)

    def execute(self, sql: str, parameters: object = None) -> duckdb.DuckDBPyConnection:
        """Run one statement. Raises `Cancelled` when the person stopped it, else DuckDB's own error."""
        self.run.check()
        try:
            return self.con.execute(sql, parameters)
        except duckdb.InterruptException:
            self.run.check()
            raise

    def one(self, sql: str, parameters: object = None) -> Any:
        """The first value of the first row, or None."""
        row = self.execute(sql, parameters).fetchone()
        return row[0] if row else None

    def rows(self, sql: str, parameters: object = None) -> list[tuple[Any, ...]]:
        return self.execute(sql, parameters).fetchall()

    def page(self, sql: str, offset: int = 0, limit: int = 1000) -> pd.DataFrame:
        """One page of a query as a frame of text columns; missing cells are empty strings."""
        frame: pd.DataFrame = self.execute(f"select * from ({sql}) limit {limit} offset {offset}").df()
        return frame.astype("string").fillna("")

    def has(self, table: str) -> bool:
        """Whether a table or view `schema.name` exists."""
        try:
            self.execute(f"select 1 from {table} limit 0")
        except duckdb.CatalogException:  # asking the catalogue's own tables takes several times as long
            return False
        return True

    def close(self) -> None:
        self.con.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def fingerprint(entity: str) -> str:
    """The SQL that makes one number of a record's fields, so that two states of it are compared at once.

    The function is DuckDB's own and may change with its version: equal numbers are equal records only within one
    version.
    """
    return f"hash({', '.join(FIELDS[entity])})"


def quote(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
