"""What a workbook of Excel 97 to 2003 holds beside its values, which calamine does not tell: errors, zeros in front.

Layout: [MS-XLS], Excel Binary File Format, sections 2.4 and 2.5.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from rosterdesk.sources.compound import Compound
from rosterdesk.sources.marks import Marks, zeros

_BOF, _EOF, _BOUND_SHEET, _FORMAT, _XF = 0x809, 0x0A, 0x85, 0x41E, 0xE0
_FORMULA, _NUMBER, _RK, _MUL_RK, _BOOL_ERR = 0x06, 0x203, 0x27E, 0xBD, 0x205
_BIFF8 = 0x600
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}


class OldWorkbook:
    """The records of one XLS file. An older or a broken file gives no marks: whether it can be read is for others."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            compound = Compound(file)
            self._book = compound.stream("Workbook")
        self._sheets: dict[str, int] = {}
        self._digits: dict[int, int] = {}
        try:
            self._read_globals()
        except struct.error:
            self._sheets.clear()

    def marks(self, sheet: str) -> Marks:
        """What is to be known of a sheet before it is read."""
        marks = Marks()
        if sheet in self._sheets:
            try:
                for kind, data in self._records(self._sheets[sheet]):
                    self._mark(kind, data, marks)
            except struct.error:
                pass  # a record was cut; what stands before it counts
        return marks

    def _records(self, at: int) -> Iterator[tuple[int, bytes]]:
        """The records of a part of the book; those of charts inside it are left out."""
        book, depth = self._book, 0
        while at + 4 <= len(book):
            kind, length = struct.unpack_from("<HH", book, at)
            if kind == _BOF:
                depth += 1
            elif kind == _EOF:
                depth -= 1
                if depth <= 0:
                    return
            if depth == 1:
                yield kind, book[at + 4 : at + 4 + length]
            at += 4 + length

    def _read_globals(self) -> None:
        formats: dict[int, int] = {}
        style = 0
        for kind, data in self._records(0):
            if kind == _BOF and struct.unpack_from("<H", data)[0] != _BIFF8:
                return
            if kind == _FORMAT:
                number, count, wide = struct.unpack_from("<HHB", data)
                formats[number] = zeros(_text(data[5:], count, wide))
            elif kind == _XF:
                if digits := formats.get(struct.unpack_from("<H", data, 2)[0]):
                    self._digits[style] = digits
                style += 1
            elif kind == _BOUND_SHEET:
                place, _, count, wide = struct.unpack_from("<IHBB", data)
                self._sheets[_text(data[8:], count, wide)] = place

    def _mark(self, kind: int, data: bytes, marks: Marks) -> None:
        if kind in (_NUMBER, _RK, _FORMULA, _BOOL_ERR):
            row, column, style = struct.unpack_from("<HHH", data)
            error = None
            if kind == _BOOL_ERR and data[7:8] == b"\1":
                error = data[6]
            elif kind == _FORMULA and data[12:14] == b"\xff\xff" and data[6] == 2:
                error = data[8]
            if error is not None:
                marks.errors[row, column] = _ERRORS.get(error, "#ERROR")
            elif digits := self._digits.get(style):
                marks.show(row, column, digits)
        elif kind == _MUL_RK:
            row, column = struct.unpack_from("<HH", data)
            for number, (style,) in enumerate(struct.iter_unpack("<H4x", data[4 : 4 + (len(data) - 6) // 6 * 6])):
                if digits := self._digits.get(style):
                    marks.show(row, column + number, digits)


def _text(data: bytes, count: int, wide: int) -> str:
    return data[: count * 2].decode("utf-16-le", "replace") if wide & 1 else data[:count].decode("latin-1")
