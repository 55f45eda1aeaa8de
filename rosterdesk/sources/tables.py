"""Every table of a file that was found, whether text or spreadsheet, as the tolerant reader gives it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from rosterdesk.errors import FileError
from rosterdesk.run import Run
from rosterdesk.sources.faults import RowFault
from rosterdesk.sources.folder import Skipped
from rosterdesk.sources.gather import FoundFile, Kind
from rosterdesk.sources.sheets import SHEET_HIDDEN, read_sheets
from rosterdesk.sources.text import TextTable, read_tables, read_text
from rosterdesk.staging import Staging, literal

FILE_SKIPPED = "file-skipped"


@dataclass(frozen=True, slots=True)
class Told:
    """What a person says of how a table is written; what is empty or 0 is found out as ever.

    `header_row` is the row of the headings, as people count it. `use` is False for a table that is left out, True for
    a hidden sheet that is read none the less.
    """

    encoding: str = ""
    delimiter: str = ""
    header_row: int = 0
    use: bool | None = None

    @property
    def written(self) -> bool:
        """Whether anything is said of how the table is written."""
        return bool(self.encoding or self.delimiter or self.header_row)


class FoundTable(NamedTuple):
    """A table and the name it should have; `notes` is what its sheet says beside what the table itself will tell."""

    name: str
    table: TextTable
    notes: tuple[RowFault, ...] = ()


def tables_of(
    file: FoundFile, run: Run, about_file: list[RowFault], told: Mapping[str, Told] | None = None
) -> Iterator[FoundTable]:
    """The tables of one file, in order; each must be walked before the next is asked for.

    What concerns the file as a whole goes into `about_file`; `told` is what a person says, by the table's name. Raises
    `FileError` when the file cannot be read.
    """
    told = told or {}
    try:
        if file.kind is Kind.TEXT:
            if _left_out(told, file.name):
                return
            for table in _tables(file.path, told.get(file.name)):
                yield FoundTable(file.name, table)
            return
        asked = frozenset(name.removeprefix(f"{file.name}.") for name, said in told.items() if said.use)
        for sheet in read_sheets(file.path, about_file, run, file.label, asked=asked):
            name = f"{file.name}.{sheet.name}"
            if _left_out(told, name):
                continue
            for table in _tables(sheet.text, told.get(name)):
                yield FoundTable(name, table, sheet.notes)
    except OSError as error:
        advice = "Look whether it is still there and may be opened."
        raise FileError(f"{file.label} cannot be read.", advice, str(error.strerror)) from error


def _left_out(told: Mapping[str, Told], name: str) -> bool:
    return name in told and told[name].use is False


def _tables(source: Path | bytes, told: Told | None) -> Iterator[TextTable]:
    """The tables of a text; where a person has said how it is written it is one table, written so."""
    if told is None or not told.written:
        yield from read_tables(source)
        return
    with read_text(source) as found:
        dialect = found.dialect
    if told.encoding:
        dialect = replace(dialect, encoding=told.encoding)
    if told.delimiter:
        dialect = replace(dialect, delimiter=told.delimiter, columns=0)
    if told.header_row:
        dialect = replace(dialect, preamble_rows=told.header_row - 1, header_rows=1, columns=0)
    yield read_text(source, dialect)


def passed_over(skipped: Iterable[Skipped]) -> list[RowFault]:
    """The files that were passed over, as notes."""
    return [RowFault(FILE_SKIPPED, 0, 0, f"{one.label} is {one.reason}; it was not read.") for one in skipped]


def hidden_sheets(staging: Staging) -> list[str]:
    """The names that the tables of sheets would have that were not read because they are hidden."""
    rows = staging.rows(f"select table_name, message from problems where code = {literal(SHEET_HIDDEN)} order by rowid")
    return [f"{table}.{message.split('“', 1)[1].split('”', 1)[0]}" for table, message in rows]
