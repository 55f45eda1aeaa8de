"""The rows of an exported directory's files, read strictly: who changed one by hand learns which line is at fault."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rosterdesk.directory.layout import FILES
from rosterdesk.errors import FileError

_BATCH = 20_000
_LARGEST_CELL = 2**31 - 1  # the reader's own limit of 128 KiB would refuse a long attribute


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the file's name, the line on which the row ends, and its cells; an empty cell is None."""

    file: str
    line: int
    cells: dict[str, str | None]

    def needed(self, column: str) -> str:
        """A cell that must not be empty. Raises `FileError`."""
        value = self.cells[column]
        if value is None:
            raise self.fault(f"{column} is empty")
        return value

    def one_of(self, column: str, *allowed: str) -> str:
        """A cell that holds one of a few words. Raises `FileError`."""
        value = self.needed(column)
        if value not in allowed:
            raise self.fault(f"{column} is none of {', '.join(allowed)}")
        return value

    def number(self, column: str) -> int | None:
        """The number of a manual record, written as # and digits; None when the cell is empty. Raises `FileError`."""
        value = self.cells[column]
        if value is None:
            return None
        digits = value.removeprefix("#")
        if not (value.startswith("#") and digits.isascii() and digits.isdigit() and 0 < int(digits) < 2**62):
            raise self.fault(f"{column} is not # and a number")
        return int(digits)

    def named(self, sis_id: str, number: str) -> tuple[str | None, int | None]:
        """The two cells that name a record, of which exactly one is filled. Raises `FileError`."""
        name = (self.cells[sis_id], self.number(number))
        if (name[0] is None) == (name[1] is None):
            raise self.fault(f"exactly one of {sis_id} and {number} must be filled")
        return name

    def fault(self, what: str) -> FileError:
        """What is wrong with this row."""
        return FileError(f"{self.file}.csv, line {self.line}: {what}.", "Mend the file, or export the directory again.")


def read(folder: Path, name: str, report: Callable[[int], None]) -> Iterator[Row]:
    """The rows of one file, in its order; `report` learns now and then how many. Raises `FileError`."""
    path = folder / f"{name}.csv"
    columns = FILES[name]
    try:
        csv.field_size_limit(_LARGEST_CELL)
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            if tuple(next(reader, ())) != columns:
                raise FileError(
                    f"{path.name} does not begin with the columns {','.join(columns)}.", "Export the directory again."
                )
            for count, cells in enumerate(reader, 1):
                if len(cells) != len(columns):
                    raise FileError(
                        f"{path.name}, line {reader.line_num}: {len(cells)} cells instead of {len(columns)}.",
                        "Mend the file.",
                    )
                if count % 10_000 == 0:
                    report(count)
                yield Row(name, reader.line_num, {c: v or None for c, v in zip(columns, cells, strict=True)})
    except FileNotFoundError as error:
        raise FileError(f"There is no {path.name} in {folder}.", "Name the folder of a whole export.") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise FileError(
            f"{path.name} is no CSV file in UTF-8.", "Export the directory again.", str(error)[:80]
        ) from error
    except OSError as error:
        raise FileError(f"{path} cannot be read.", "Check that you may read it.", error.strerror or "") from error


def batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """The rows in lists that fit in memory."""
    while batch := list(itertools.islice(rows, _BATCH)):
        yield batch
