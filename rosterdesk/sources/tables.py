"""Every table of a file that was found, whether text or spreadsheet, as the tolerant reader gives it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rosterdesk.errors import FileError
from rosterdesk.run import Run
from rosterdesk.sources.faults import RowFault
from rosterdesk.sources.folder import Skipped
from rosterdesk.sources.gather import FoundFile, Kind
from rosterdesk.sources.sheets import read_sheets
from rosterdesk.sources.text import TextTable, read_tables

FILE_SKIPPED = "file-skipped"


class FoundTable(NamedTuple):
    """A table and the name it should have; `notes` is what its sheet says beside what the table itself will tell."""

    name: str
    table: TextTable
    notes: tuple[RowFault, ...] = ()


def tables_of(file: FoundFile, run: Run, about_file: list[RowFault]) -> Iterator[FoundTable]:
    """The tables of one file, in order; each must be walked before the next is asked for.

    What concerns the file as a whole goes into `about_file`. Raises `FileError` when the file cannot be read.
    """
    try:
        if file.kind is Kind.TEXT:
            for table in read_tables(file.path):
                yield FoundTable(file.name, table)
            return
        for sheet in read_sheets(file.path, about_file, run, file.label):
            for table in read_tables(sheet.text):
                yield FoundTable(f"{file.name}.{sheet.name}", table, sheet.notes)
    except OSError as error:
        advice = "Look whether it is still there and may be opened."
        raise FileError(f"{file.label} cannot be read.", advice, str(error.strerror)) from error


def passed_over(skipped: Iterable[Skipped]) -> list[RowFault]:
    """The files that were passed over, as notes."""
    return [RowFault(FILE_SKIPPED, 0, 0, f"{one.label} is {one.reason}; it was not read.") for one in skipped]
