"""The sheets of a workbook (XLSX, XLSM, XLS, ODS), each as UTF-8 CSV of RFC 4180 for the text reader, row for row.

Rows keep the numbers that the spreadsheet shows; empty columns on the left are left out. Zeros that only the number
format shows are put back, and errors keep their text; of ODS both are lost, which a note says.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from rosterdesk.run import Run
from rosterdesk.sources.archive import check_workbook
from rosterdesk.sources.faults import RowFault
from rosterdesk.sources.folder import unreadable
from rosterdesk.sources.inspection import damaged, opened
from rosterdesk.sources.kinds import PROTECTED
from rosterdesk.sources.marks import Marks
from rosterdesk.sources.oldexcel import OldWorkbook
from rosterdesk.sources.opendocument import hidden
from rosterdesk.sources.values import Value, rounded, texts
from rosterdesk.sources.workbook import Workbook, too_far_apart

NUMBER_ROUNDED = "number-rounded"
CELL_ERROR = "cell-error"
ZEROS_RESTORED = "zeros-restored"
ZEROS_HIDDEN = "zeros-hidden"
CELLS_MERGED = "cells-merged"
SHEET_HIDDEN = "sheet-hidden"
SHEET_EMPTY = "sheet-empty"

_MOST_NOTES = 10_000
_EVERY = 5_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with something in it. `notes` count rows as the spreadsheet does, and so does the text reader."""

    name: str
    text: bytes
    notes: tuple[RowFault, ...] = ()


def read_sheets(
    path: Path,
    notes: list[RowFault] | None = None,
    run: Run | None = None,
    label: str = "",
    *,
    asked: Collection[str] = (),
) -> Iterator[Sheet]:
    """The visible sheets that hold something, in their order, each read when it is asked for.

    Hidden sheets are not read: nobody who looks at the workbook knows of them, and they keep lists of choices and old
    copies; `asked` names those that a person wants nevertheless. These, empty ones, and what concerns the whole
    workbook go into `notes`. `label` is the file's name in errors. Raises `FileError`.
    """
    label = label or path.name
    notes = [] if notes is None else notes
    with ExitStack() as stack:
        parts: Workbook | OldWorkbook | None = None
        if _zipped(path, label):
            check_workbook(path, label)
            archive = stack.enter_context(opened(path, label))
            if any(name.lower().lstrip("/").startswith(("xl/", "xl\\")) for name in archive.namelist()):
                parts = Workbook(archive, label)
            elif "content.xml" in archive.namelist():
                notes.extend(_of_opendocument(archive))
        else:
            parts = OldWorkbook(path)
        with _foreign(label):
            book = stack.enter_context(CalamineWorkbook.from_path(path))
            listed = book.sheets_metadata
        for its in listed:
            if its.typ is not SheetTypeEnum.WorkSheet:
                continue
            if its.visible is not SheetVisibleEnum.Visible and its.name not in asked:
                notes.append(RowFault(SHEET_HIDDEN, 0, 0, f"The sheet “{its.name}” is hidden and is not read."))
                continue
            marks = parts.marks(its.name) if parts else Marks()
            with _foreign(label):
                sheet = book.get_sheet_by_name(its.name)
            text, found = _Writer(sheet, marks, run or Run()).written()
            if text:
                yield Sheet(its.name, text, tuple(found))
            else:
                notes.append(RowFault(SHEET_EMPTY, 0, 0, f"The sheet “{its.name}” is empty."))


def _of_opendocument(archive: zipfile.ZipFile) -> Iterator[RowFault]:
    errors, zeros = hidden(archive)
    if errors:
        yield RowFault(CELL_ERROR, 0, 0, f"{errors} cells of the workbook hold an error and are read as empty.")
    if zeros:
        message = "Zeros that the workbook shows in front of numbers are not read. Keep IDs as text, or save as .xlsx."
        yield RowFault(ZEROS_HIDDEN, 0, 0, message)


def _zipped(path: Path, label: str) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(2) == b"PK"
    except OSError as error:
        raise unreadable(label, error) from error


@contextmanager
def _foreign(label: str) -> Iterator[None]:
    """Turns what calamine raises into `FileError`."""
    try:
        yield
    except PasswordError as error:
        raise PROTECTED.error(label) from error
    except CalamineError as error:
        if "Cell limit" in str(error):
            raise too_far_apart(label, str(error)) from error
        raise damaged(label, str(error)) from error
    except OSError as error:
        raise unreadable(label, error) from error
    except BaseException as error:
        # A panic of the Rust library: it has no class that can be imported, and is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise damaged(label, "the library gave up") from error


class _Writer:
    """Writes one sheet as CSV and notes what a person should know of its cells."""

    def __init__(self, sheet: CalamineSheet, marks: Marks, run: Run) -> None:
        self._sheet, self._marks, self._run = sheet, marks, run
        self._notes: list[RowFault] = []
        self._counts = Counter[str]()
        # calamine leaves out empty columns on the left, and gives empty rows above.
        self._left = sheet.start[1] if sheet.start else 0
        self._restored = (0, 0)

    def written(self) -> tuple[bytes, list[RowFault]]:
        """The text, empty when no cell holds anything, and the notes."""
        width = self._sheet.width
        text, used = self._write(width)
        if 0 < used < width:
            # Formulas that give nothing make columns that hold nothing.
            self._notes, self._counts, self._restored = [], Counter(), (0, 0)
            text, used = self._write(used)
        self._note_merged()
        row, count = self._restored
        if count:
            self._note(ZEROS_RESTORED, row, f"{count} numbers are shown with zeros in front, which are put back.")
        if self._marks.unplaced:
            self._note(CELL_ERROR, 0, f"{self._marks.unplaced} cells hold an error and are read as empty.")
        return text, self._notes

    def _write(self, width: int) -> tuple[bytes, int]:
        raw = io.BytesIO()
        out = io.TextIOWrapper(raw, encoding="utf-8", newline="")
        # Every cell is quoted, so that nothing in a cell can be taken for a separator.
        writer = csv.writer(out, quoting=csv.QUOTE_ALL)
        blank = used = 0
        for place, values in enumerate(self._sheet.iter_rows()):
            if place % _EVERY == 0:
                self._run.check()
            cells = self._cells(place, values, width)
            filled = next((n for n in range(len(cells), 0, -1) if cells[n - 1]), 0)
            if not filled:
                blank += 1
                continue
            # Empty rows are written only when another follows.
            out.write("\r\n" * blank)
            blank = 0
            used = max(used, filled)
            writer.writerow(cells[:width])
        out.flush()
        return raw.getvalue(), used

    def _cells(self, place: int, values: Sequence[Value], width: int) -> list[str]:
        marks, left = self._marks, self._left
        cells = texts(values)
        cells += [""] * (width - len(cells))
        if rounded(values):
            self._note(NUMBER_ROUNDED, place + 1, "A number of 16 digits or more was rounded by the spreadsheet.")
        if marks.zeros:
            for column, value in enumerate(values):
                digits = marks.digits(place, column + left)
                if (
                    digits
                    and isinstance(value, int | float)
                    and cells[column].isdigit()
                    and len(cells[column]) < digits
                ):
                    cells[column] = cells[column].zfill(digits)
                    row, count = self._restored
                    self._restored = (row or place + 1, count + 1)
        if marks.errors:
            for column in range(width):
                if error := marks.errors.get((place, column + left)):
                    cells[column] = error
                    self._note(CELL_ERROR, place + 1, f"A cell holds the error {error}, not a value.")
        return cells

    def _note_merged(self) -> None:
        rows = [first[0] for first, last in self._sheet.merged_cell_ranges or () if first[0] != last[0]]
        if rows:
            message = f"{len(rows)} merged cells span several rows; only the first row of each has the value."
            self._note(CELLS_MERGED, min(rows) + 1, message)

    def _note(self, code: str, row: int, message: str) -> None:
        self._counts[code] += 1
        if self._counts[code] <= _MOST_NOTES:
            self._notes.append(RowFault(code, row, row, message))
