"""Writes what was read as clean UTF-8 CSV, one file a table; thousands of files in one call, each by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rosterdesk.errors import FileError
from rosterdesk.formats import recognise
from rosterdesk.paths import scratch
from rosterdesk.run import Run
from rosterdesk.sources.clean import write_clean
from rosterdesk.sources.faults import UNSURE_ROW, UNSURE_TABLE, RowFault
from rosterdesk.sources.folder import Skipped
from rosterdesk.sources.gather import FoundFile, gather
from rosterdesk.sources.remote import SOURCE_NOTE, bring
from rosterdesk.sources.tables import FoundTable, passed_over, tables_of


@dataclass
class Rewritten:
    """What was written: `tables` and `problems` in the shapes of `rosterdesk read --json`; `unreadable` counts files
    left out.
    """

    tables: list[dict[str, Any]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    unreadable: int = 0
    names: set[str] = field(default_factory=set)


def rewrite(sources: Sequence[str | Path], folder: Path, run: Run) -> Rewritten:
    """Write every table of the sources into a folder: x.csv as x.csv, a sheet of book.xlsx as book.SHEET.csv.

    A file that cannot be read becomes a problem and does not stop the others. Raises `FileError` when it is the only
    one, or when
    the folder cannot be written.
    """
    result = Rewritten()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for done, source in enumerate(sources):
            run.report("Reading", done, len(sources))
            with scratch() as temporary:
                _source(source, folder, temporary, run, result, alone=len(sources) == 1)
    except OSError as error:
        raise FileError(
            f"{folder} cannot be written.", "Choose another folder, or free some space.", str(error.strerror)
        ) from error
    return result


def _source(source: str | Path, folder: Path, temporary: Path, run: Run, result: Rewritten, *, alone: bool) -> None:
    try:
        skipped: list[Skipped] = []
        brought = bring([source], temporary, run)
        for file in gather(brought.sources, temporary, run, skipped):
            about_file: list[RowFault] = []
            for found in tables_of(file, run, about_file):
                _table(file, found, folder, result)
            _tell(about_file, file.name, result)
        notes = [RowFault(SOURCE_NOTE, 0, 0, note) for note in brought.notes]
        _tell([*passed_over(skipped), *notes], "", result)
    except FileError as error:
        if alone:
            raise
        result.unreadable += 1
        name = Path(source).name
        result.problems.append(
            {
                "code": "file-unreadable",
                "severity": "error",
                "table": name,
                "row": None,
                "column": None,
                "message": str(error),
            }
        )


def _table(file: FoundFile, found: FoundTable, folder: Path, result: Rewritten) -> None:
    safe = found.name.replace("/", "_").replace("\\", "_").replace("\0", "")
    names = (safe, *(f"{safe}.{i}" for i in range(2, len(result.names) + 3)))
    name = next(n for n in names if n.casefold() not in result.names)
    result.names.add(name.casefold())
    table = found.table
    rows = write_clean(table, folder / f"{name}.csv")
    match = recognise(table.header)
    result.tables.append(
        {
            "name": name,
            "file": file.label,
            "format": match.format.name if match else None,
            "encoding": table.dialect.encoding,
            "delimiter": table.dialect.delimiter,
            "rows": rows,
            "columns": list(table.header),
        }
    )
    _tell([*table.faults, *found.notes], name, result)


def _tell(faults: Iterable[RowFault], table: str, result: Rewritten) -> None:
    for fault in faults:
        severity = "error" if fault.code in UNSURE_ROW | UNSURE_TABLE else "notice"
        place = {"table": table, "row": fault.row or None, "column": None}
        result.problems.append({"code": fault.code, "severity": severity, **place, "message": fault.message})
