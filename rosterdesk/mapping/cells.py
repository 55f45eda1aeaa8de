"""SQL expressions in the making: what a cell is so far, while transforms are put around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import duckdb

from rosterdesk.staging import literal

# Blanks that people can't see, and that a spreadsheet or a web page leaves around a value.
BLANKS = " \t\r\n\u00a0\u2007\u202f\u3000\ufeff\u200b\u200c\u200d\u2060"
_KNOWN: WeakKeyDictionary[duckdb.DuckDBPyConnection, set[str]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Cell:
    """An expression over one raw table. `many`: a list of texts; `blank`: an empty text may still stand for nothing."""

    sql: str
    many: bool = False
    blank: bool = False

    @property
    def text(self) -> str:
        """The expression with nothing as NULL."""
        return f"nullif({self.sql}, '')" if self.blank else self.sql


def trimmed(sql: str) -> str:
    """The text without outer blanks."""
    return f"trim({sql}, {literal(BLANKS)})"


def each(cell: Cell, change: Callable[[str], str]) -> Cell:
    """What `change` makes of an expression, done to the text or to each item of the list."""
    if cell.many:
        return Cell(f"list_transform({cell.sql}, lambda x: {change('x')})", many=True)
    return Cell(change(cell.text))


def choose(sql: str, exact: Mapping[str, str], other: str, *, blank: bool) -> str:
    """The value that `exact` gives for the text, else the expression `other`.

    A CASE works on whole vectors and asks its ELSE only for the rows that are left, so `other` costs nothing on clean
    data.
    """
    whens = " ".join(f"when {literal(a)} then {literal(b)}" for a, b in exact.items())
    empty = "when '' then null " if blank else ""
    return f"case {sql} {whens} {empty}else {other} end"


def call(con: duckdb.DuckDBPyConnection, function: Callable[..., str], *arguments: str) -> str:
    """A call of a cached Python function on texts, made known to the connection when first used; NULL gives NULL.

    Only for cells that no plain expression turns: a value seen before costs 0.4 microseconds, where the same rules as
    SQL cost four times as much, and worse, are drawn out of their CASE by the optimizer as common expressions and
    worked out for every row. It is declared to have side effects so that this doesn't happen to the call itself.
    """
    name = f"rosterdesk_{function.__name__}"
    known = _KNOWN.setdefault(con, set())
    if name not in known:
        con.execute("select 1").fetchall()  # a function can't be made while a result is still open
        texts: list[object] = ["VARCHAR"] * len(arguments)
        with suppress(duckdb.NotImplementedException):  # made through another cursor of this database
            con.create_function(name, function, texts, "VARCHAR", side_effects=True)  # type: ignore[arg-type]
        known.add(name)
    return f"{name}({', '.join(arguments)})"
