"""What an XLSX file holds beside its values, which calamine does not tell: errors in cells, zeros that a number format
puts in front, and how far its cells lie apart. Layout: ECMA-376 part 1, sections 18.3 and 18.8.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from xml.parsers import expat

from rosterdesk.errors import FileError
from rosterdesk.sources.inspection import damaged
from rosterdesk.sources.marks import Marks, zeros

MOST_CELLS = 100_000_000
"""Cells of the rectangle from the first to the last filled cell, all of which are held in memory."""

_CHUNK = 1 << 20
_LONGEST_ROW = 1 << 26
_PLACE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,7})[\"']")
_PLAIN_ROW = re.compile(rb'<c r="[A-Z]{1,3}(\d{1,7})"')
_PLAIN_COLUMN = re.compile(rb'<c r="([A-Z]{1,3})')
_ROW = re.compile(rb"\br\s*=\s*[\"'](\d{1,7})[\"']")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ERROR = re.compile(rb"<(?:\w+:)?c\s([^<>]*\bt=[\"']e[\"'][^<>]*)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]{1,40})</")


class Workbook:
    """The parts of one XLSX file. `archive` stays open as long as this is used."""

    def __init__(self, archive: zipfile.ZipFile, label: str) -> None:
        self._archive, self._label = archive, label
        self._parts = {name.lower().lstrip("/").replace("\\", "/"): name for name in archive.namelist()}
        if len(self._parts) < len(archive.namelist()) or any(".." in name for name in self._parts):
            raise damaged(label, "parts of unclear names")
        self._sheets = self._places()
        self._widths = self._styles()

    def marks(self, sheet: str) -> Marks:
        """What is to be known of a sheet before it is read. Raises `FileError` when its cells lie too far apart."""
        part = self._parts.get(self._sheets.get(sheet, "").lower())
        if part is None:
            raise damaged(self._label, "a sheet has no part")
        marks, extent = Marks(), _Extent(self._label)
        styles = b"|".join(str(style).encode() for style in self._widths)
        padded = re.compile(rb"<(?:\w+:)?c\s([^<>]*?\bs=[\"'](" + styles + rb")[\"'][^<>]*)>") if styles else None
        for piece in self._rows(part):
            extent.add(piece)
            if b"'e'" in piece or b'"e"' in piece:
                for found in _ERROR.finditer(piece):
                    self._error(found, marks)
            if padded is not None:
                for found in padded.finditer(piece):
                    if place := _place(found[1]):
                        marks.show(*place, self._widths[int(found[2])])
        return marks

    def _error(self, found: re.Match[bytes], marks: Marks) -> None:
        value, place = _VALUE.search(found[2]), _place(found[1])
        if place is None:
            marks.unplaced += 1
        else:
            marks.errors[place] = value[1].decode("utf-8", "replace") if value else "#ERROR"

    def _rows(self, part: str) -> Iterator[bytes]:
        """The text of a sheet in pieces that end with a row."""
        rest = b""
        with self._archive.open(part) as file:
            while chunk := file.read(_CHUNK):
                rest += chunk
                cut = rest.rfind(b"row>") + 4
                if cut > 3:
                    yield rest[:cut]
                    rest = rest[cut:]
                elif len(rest) > _LONGEST_ROW:
                    raise damaged(self._label, "a row is too long")
        yield rest

    def _places(self) -> dict[str, str]:
        """The part of every sheet, by the sheet's name."""
        sheets: dict[str, str] = {}
        targets: dict[str, str] = {}

        def sheet(tag: str, attributes: dict[str, str]) -> None:
            if tag == "sheet":
                sheets[attributes.get("name", "")] = next((v for k, v in attributes.items() if k.endswith(":id")), "")

        def relation(tag: str, attributes: dict[str, str]) -> None:
            if tag == "Relationship":
                target = attributes.get("Target", "").replace("\\", "/")
                targets[attributes.get("Id", "")] = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")

        self._parse("xl/workbook.xml", sheet)
        self._parse("xl/_rels/workbook.xml.rels", relation)
        return {name: targets.get(link, "") for name, link in sheets.items()}

    def _styles(self) -> dict[int, int]:
        """For each cell style whose number format is nothing but zeros: how many."""
        formats: dict[str, int] = {}
        widths: dict[int, int] = {}
        within: list[str] = []

        def style(tag: str, attributes: dict[str, str]) -> None:
            if tag == "numFmt":
                formats[attributes.get("numFmtId", "")] = zeros(attributes.get("formatCode", ""))
            elif tag in ("cellXfs", "cellStyleXfs", "dxfs"):
                within[:] = [tag]
                count[0] = 0
            elif tag == "xf" and within == ["cellXfs"]:
                width = formats.get(attributes.get("numFmtId", ""))
                if width:
                    widths[count[0]] = width
                count[0] += 1

        count = [0]
        if "xl/styles.xml" in self._parts:
            self._parse("xl/styles.xml", style)
        return widths

    def _parse(self, part: str, started: Callable[[str, dict[str, str]], None]) -> None:
        """Call `started` for every element. A DTD is refused: no workbook needs one, and entities can blow up."""
        parser = expat.ParserCreate()
        parser.buffer_text = True

        def refuse(*_: object) -> None:
            raise damaged(self._label, f"a DTD in {part}")

        parser.StartDoctypeDeclHandler = refuse
        parser.StartElementHandler = lambda tag, attributes: started(tag.rpartition(":")[2], attributes)
        try:
            with self._archive.open(self._parts[part]) as file:
                parser.ParseFile(file)
        except (expat.ExpatError, KeyError) as error:
            raise damaged(self._label, f"{part}: {error}") from error


class _Extent:
    """The rectangle that the cells of a sheet span, counted wide rather than narrow."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._columns: set[bytes] = set()
        self._least, self._most, self._width = 1 << 30, 0, 0

    def add(self, piece: bytes) -> None:
        """Take the next piece. Raises `FileError` as soon as there is too much."""
        if b"\0" in piece:
            raise damaged(self._label, "a sheet is not UTF-8")
        plain = piece.count(b'<c r="')
        if plain and plain == piece.count(b"<c") == len(found := _PLAIN_ROW.findall(piece)) and b":c" not in piece:
            self._rows(found)
            self._columns.update(_PLAIN_COLUMN.findall(piece))
        else:
            self._slowly(piece)
        columns = [_column(letters) for letters in self._columns]
        width = max(self._width, max(columns) - min(columns) + 1 if columns else 0)
        if width * (self._most - self._least + 1) > MOST_CELLS:
            raise too_far_apart(self._label, f"{width} columns, {self._most - self._least + 1} rows")

    def _rows(self, numbers: Iterable[bytes]) -> None:
        rows = [int(number) for number in set(numbers)]
        if rows:
            self._least, self._most = min(self._least, *rows), max(self._most, *rows)

    def _slowly(self, piece: bytes) -> None:
        """Take a piece that is not written as Excel does it."""
        places = _PLACE.findall(piece)
        self._columns.update(column for column, _ in places)
        self._rows(row for _, row in places)
        # Rows may say where they are, and cells may leave it out: these are then counted.
        self._rows(_ROW.findall(piece))
        if len(places) < len(_CELL.findall(piece)):
            self._width = max(self._width, *(len(_CELL.findall(row)) for row in piece.split(b"row>")))


def too_far_apart(label: str, detail: str) -> FileError:
    """The error for a sheet whose rectangle of cells is too large."""
    return FileError(
        f"{label} has cells that lie too far apart.",
        "Delete what stands far below or far to the right of the table, and save it.",
        detail,
    )


def _place(attributes: bytes) -> tuple[int, int] | None:
    found = _PLACE.search(attributes)
    return (int(found[2]) - 1, _column(found[1]) - 1) if found else None


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
