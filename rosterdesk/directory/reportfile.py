"""A run's report as a file to keep or to send on: XLSX, CSV, or one HTML page that needs nothing else."""

from __future__ import annotations

import csv
import html
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory import report
from rosterdesk.directory.history import PastRun
from rosterdesk.errors import FileError
from rosterdesk.run import Run

# What people call what happened, and to what.
ACTIONS = {"create": "New", "update": "Changed", "archive": "Archived", "restore": "Back", "remove": "Removed"}
RECORDS = {
    "schools": "School",
    "classrooms": "Classroom",
    "students": "Student",
    "staff": "Staff",
    "guardians": "Guardian",
    "enrollments": "Enrollment",
    "guardianships": "Family link",
    "other_schools": "Further school",
    "attributes": "Attribute",
    "join_codes": "Join code",
    "grants": "Permission",
    "merges": "Merge",
}
HEADER = ("Action", "Record", "Name", "SIS ID", "School", "Field", "Before", "After")
_SHEET_ROWS = 1_048_575  # of an Excel sheet, without its header
_PAGE_ROWS = 20_000  # a browser shows so many without effort
_TELL_EVERY = 2_000
_KINDS = {"push": "Upload", "undo": "Undo", "import": "Import", "edit": "Edit", "merge": "Merge", "unmerge": "Unmerge"}
_STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #8884; vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
code { font-family: ui-monospace, monospace; }
"""


def write(conn: sa.Connection, district: int, past: PastRun, path: Path, run: Run) -> int:
    """Write the report of a run, in the kind that the file's ending names; return how many entries it lists.

    Raises `FileError` when it cannot be written, `Cancelled`. A file that was begun is removed again.
    """
    numbers = report.find(conn, district, past.number)
    rows = _told(report.entries(conn, district, past.number, numbers), len(numbers), run)
    schools = report.by_school(conn, district, past.number)
    try:
        match path.suffix.lower():
            case ".xlsx":
                _workbook(path, rows, schools)
            case ".html":
                _page(path, past, schools, rows, len(numbers))
            case _:
                with path.open("w", encoding="utf-8-sig", newline="") as file:  # Excel knows UTF-8 by the mark
                    writer = csv.writer(file)
                    writer.writerow(HEADER)
                    writer.writerows(rows)
    except OSError as error:
        _remove(path)
        raise FileError(
            f"The report cannot be written to {path}.",
            "Choose another folder, free some space, or close the file if it is open elsewhere.",
            str(error.strerror),
        ) from error
    except BaseException:  # whatever it is, Ctrl-C too: half a report must not look like a whole one
        _remove(path)
        raise
    return len(numbers)


def _remove(path: Path) -> None:
    with suppress(OSError):  # what could not be written may not be there, or may not be ours
        path.unlink()


def _told(entries: Iterable[report.Entry], total: int, run: Run) -> Iterator[report.Entry]:
    for done, entry in enumerate(entries):
        if done % _TELL_EVERY == 0:
            run.report("Writing the report", done, total)
        action, record = ACTIONS.get(entry.action, entry.action), RECORDS.get(entry.entity, entry.entity)
        yield entry._replace(action=action, entity=record)


def _by_school(schools: Mapping[str, Mapping[str, int]]) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """The header and the rows of the counts by school."""
    actions = [action for action in ACTIONS if any(action in counts for counts in schools.values())]
    rows: list[tuple[object, ...]] = [(name, *(c.get(a, 0) for a in actions)) for name, c in schools.items()]
    return ("School", *(ACTIONS[action] for action in actions)), rows


def _workbook(path: Path, rows: Iterable[Sequence[str]], schools: Mapping[str, Mapping[str, int]]) -> None:
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(path), options)
    bold = book.add_format({"bold": True})
    sheet: Any = None
    used = _SHEET_ROWS
    for row in rows:
        if sheet is None or used == _SHEET_ROWS:
            sheet, used = _sheet(book, bold, HEADER), 0
        used += 1
        for place, value in enumerate(row):
            sheet.write_string(used, place, value)
    if sheet is None:
        _sheet(book, bold, HEADER)
    if schools:
        header, lines = _by_school(schools)
        sheet = _sheet(book, bold, header, "By school")
        for at, line in enumerate(lines, start=1):
            sheet.write_row(at, 0, line)
    try:
        book.close()
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(None, str(error)) from error


def _sheet(book: Any, bold: Any, header: Sequence[str], name: str | None = None) -> Any:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(header) - 1, 20)
    sheet.write_row(0, 0, header, bold)
    return sheet


def _page(
    path: Path, past: PastRun, schools: Mapping[str, Mapping[str, int]], rows: Iterable[Sequence[str]], total: int
) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        title = f"Run {past.number}: {past.source}"
        file.write(f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>\n')
        file.write(f"<style>{_STYLE}</style>\n<h1>{html.escape(title)}</h1>\n")
        started = past.started[:16].replace("T", " ")
        told = f"{_KINDS.get(past.kind.value, past.kind.value)}, {started} UTC, by {past.who}."
        file.write(f"<p>{html.escape(told)}</p>\n")
        if schools:
            file.write("<h2>By school</h2>\n")
            _table(file.write, *_by_school(schools))
        file.write(f"<h2>{total:,} {'record' if total == 1 else 'records'}</h2>\n")
        if total > _PAGE_ROWS:
            file.write(f"<p>The first {_PAGE_ROWS:,} are listed here; the XLSX and CSV reports hold all.</p>\n")
        _table(file.write, HEADER, (row for _, row in zip(range(_PAGE_ROWS), rows, strict=False)))
        file.write("</html>\n")


def _table(write: Callable[[str], object], header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    write("<table><thead><tr>" + "".join(f"<th>{html.escape(h)}</th>" for h in header) + "</tr></thead>\n")
    for row in rows:
        cells = (
            f'<td class="n">{cell:,}</td>' if isinstance(cell, int) else f"<td>{html.escape(str(cell))}</td>"
            for cell in row
        )
        write("<tr>" + "".join(cells) + "</tr>\n")
    write("</table>\n")
