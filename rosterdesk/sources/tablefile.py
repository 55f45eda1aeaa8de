"""Tables that a network source writes into the run's scratch folder, row by row as pages come, and what proves them
whole.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from rosterdesk.errors import FileError
from rosterdesk.staging import literal, quote


class TableFile:
    """A CSV file of text cells; with `add` at the end of one that is there. Raises `FileError` when the disk takes no
    more.
    """

    def __init__(self, folder: Path, name: str, columns: Sequence[str], *, add: bool = False) -> None:
        self.path = folder / f"{name}.csv"
        self.columns = tuple(columns)
        self.rows = 0
        # What is no letter (half of a surrogate pair) becomes a question mark.
        begun = add and self.path.exists()
        self._file = self.path.open("a" if begun else "w", encoding="utf-8", errors="replace", newline="")
        self._writer = csv.writer(self._file)
        if not begun:
            self._writer.writerow(self.columns)

    def add(self, rows: Iterable[Sequence[str]]) -> None:
        """Write rows."""
        rows = list(rows)
        try:
            self._writer.writerows(rows)
        except OSError as error:
            raise _full(error) from error
        self.rows += len(rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._file.close()
        except OSError as fault:
            raise _full(fault) from fault


def distinct(path: Path, columns: Sequence[str], key: str) -> int:
    """Drop the rows whose key an earlier row has too; return how many rows remain. Rows keep their order."""
    names = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in columns)
    table = f"""read_csv({literal(str(path))}, auto_detect = false, header = true, delim = ',', quote = '"',
        escape = '"', strict_mode = true, max_line_size = 64000000, columns = {{{names}}})"""
    spill = path.parent / ".spill"
    with duckdb.connect(":memory:", config={"memory_limit": "400MB", "temp_directory": str(spill)}) as con:
        row = con.execute(f"select count(*), count(distinct {quote(key)}) from {table}").fetchone()
        assert row is not None
        count, keys = int(row[0]), int(row[1])
        if keys < count:
            once = path.with_suffix(".once")
            con.execute(f"""copy (select * exclude (place) from (select *, row_number() over () as place from {table})
                qualify row_number() over (partition by {quote(key)} order by place) = 1 order by place)
                to {literal(str(once))} (format csv, header true, force_quote *)""")
            once.replace(path)
    return keys


def text(value: Any) -> str:
    """Any JSON value as a cell: text as it is, numbers as written, true and false as words, nothing as nothing."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int | float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def items(value: Any) -> list[Any]:
    """A JSON value as a list: what is none, null or empty is no item; what stands alone is one."""
    if isinstance(value, list):
        return [item for item in value if item is not None and item != ""]
    return [] if value is None or value == "" or value == {} else [value]


def _full(error: OSError) -> FileError:
    return FileError("The roster could not be kept on this disk.", "Free some space.", error.strerror or "")
