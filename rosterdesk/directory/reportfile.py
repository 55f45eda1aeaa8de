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

HEADER = ("Action", "Record", "Name", "SIS ID", "School", "Field", "Before", "After")
_SHEET_ROWS = 1_048_575  # of an Excel sheet, without its header
_PAGE_ROWS = 20_000  # a browser shows so many without effort
_TELL_EVERY = 2_000
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
    try:
        match path.suffix.lower():
            case ".xlsx":
                _workbook(path, rows)
            case ".html":
                _page(path, past, report.by_school(conn, district, past.number), rows, len(numbers))
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
        yield entry


def _workbook(path: Path, rows: Iterable[Sequence[str]]) -> None:
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(path), options)
    bold = book.add_format({"bold": True})
    sheet: Any = None
    used = _SHEET_ROWS
    for row in rows:
        if sheet is None or used == _SHEET_ROWS:
            sheet, used = _sheet(book, bold), 0
        used += 1
        for place, value in enumerate(row):
            sheet.write_string(used, place, value)
    if sheet is None:
        _sheet(book, bold)
    try:
        book.close()
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(None, str(error)) from error


def _sheet(book: Any, bold: Any) -> Any:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(HEADER) - 1, 20)
    sheet.write_row(0, 0, HEADER, bold)
    return sheet


def _page(
    path: Path, past: PastRun, schools: Mapping[str, Mapping[str, int]], rows: Iterable[Sequence[str]], total: int
) -> None:
    actions = [a for a in ("create", "update", "archive", "restore", "remove") if any(a in c for c in schools.values())]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        title = f"Run {past.number}: {past.source}"
        file.write(f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>\n')
        file.write(f"<style>{_STYLE}</style>\n<h1>{html.escape(title)}</h1>\n")
        file.write(f"<p>{html.escape(f'{past.kind.value}, {past.state.value}, {past.started} by {past.who}')}</p>\n")
        if schools:
            file.write("<h2>By school</h2>\n")
            _table(file.write, ("School", *actions), ((s, *(c.get(a, 0) for a in actions)) for s, c in schools.items()))
        file.write(f"<h2>{total:,} records</h2>\n")
        if total > _PAGE_ROWS:
            file.write(f"<p>The first {_PAGE_ROWS:,} are listed here; the XLSX and CSV reports hold all.</p>\n")
        _table(file.write, HEADER, (row for _, row in zip(range(_PAGE_ROWS), rows, strict=False)))
        file.write("</html>\n")


def _table(write: Callable[[str], object], header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    write("<table><thead><tr>" + "".join(f"<th>{html.escape(h.capitalize())}</th>" for h in header) + "</tr></thead>\n")
    for row in rows:
        cells = (
            f'<td class="n">{cell:,}</td>' if isinstance(cell, int) else f"<td>{html.escape(str(cell))}</td>"
            for cell in row
        )
        write("<tr>" + "".join(cells) + "</tr>\n")
    write("</table>\n")
