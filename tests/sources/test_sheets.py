"""Sheets of workbooks as CSV: what the cells show, under the row numbers of the spreadsheet."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from rosterdesk.errors import Cancelled, FileError
from rosterdesk.run import Run
from rosterdesk.sources import sheets as s
from rosterdesk.sources.faults import RowFault
from rosterdesk.sources.kinds import Nature, look
from rosterdesk.sources.sheets import Sheet, read_sheets
from rosterdesk.sources.text import read_text


def book(path: Path, *fills: Callable[[Worksheet, xlsxwriter.Workbook], object]) -> Path:
    with xlsxwriter.Workbook(path) as out:
        for number, fill in enumerate(fills, 1):
            fill(out.add_worksheet(f"S{number}"), out)
    return path


def rows(path: Path) -> list[str]:
    (sheet,) = read_sheets(path)
    return sheet.text.decode().split("\r\n")


def codes(sheet: Sheet) -> list[tuple[str, int]]:
    return [(note.code, note.row) for note in sheet.notes]


def refused(path: Path) -> FileError:
    with pytest.raises(FileError) as caught:
        list(read_sheets(path))
    assert caught.value.advice
    return caught.value


# --- Excel ------------------------------------------------------------------------------------------------------------


def test_cells_as_text(tmp_path: Path) -> None:
    def fill(sheet: Worksheet, out: xlsxwriter.Workbook) -> None:
        shape = {code: out.add_format({"num_format": code}) for code in ("yyyy-mm-dd", "d/m/yy h:mm", "h:mm", "[h]:mm")}
        sheet.write_row(0, 0, ["text", "number", "other"])
        sheet.write_string(1, 0, "02903")
        sheet.write_string(2, 0, ' a;"b"\nc\t,')
        sheet.write_string(3, 0, "NA")
        for row, number in enumerate((482, -7, 1.5, 0.1 + 0.2, 1e-9, 999_999_999_999_999), 1):
            sheet.write_number(row, 1, number)
        sheet.write_boolean(1, 2, True)
        sheet.write_datetime(2, 2, dt.date(2014, 3, 1), shape["yyyy-mm-dd"])
        sheet.write_datetime(3, 2, dt.datetime(2014, 3, 1, 5, 6, 7), shape["d/m/yy h:mm"])  # noqa: DTZ001
        sheet.write_datetime(4, 2, dt.time(8, 30), shape["h:mm"])
        sheet.write_number(5, 2, 1.5, shape["[h]:mm"])
        sheet.write_formula(6, 2, '="x"', None, "worked out")

    assert rows(book(tmp_path / "a.xlsx", fill)) == [
        '"text","number","other"',
        '"02903","482","TRUE"',
        '" a;""b""\nc\t,","-7","2014-03-01"',
        '"NA","1.5","2014-03-01T05:06:07"',
        '"","0.3","08:30:00"',
        '"","1e-09","36:00:00"',
        '"","999999999999999","worked out"',
        "",
    ]


def test_zeros_that_a_number_format_shows(tmp_path: Path) -> None:
    def fill(sheet: Worksheet, out: xlsxwriter.Workbook) -> None:
        six, three = out.add_format({"num_format": "000000"}), out.add_format({"num_format": "000;-000"})
        plain = out.add_format({"num_format": "0.00"})
        sheet.write_row(0, 0, ["id", "room", "plain"])
        sheet.write_number(1, 0, 482, six)
        sheet.write_number(1, 1, 7, three)
        sheet.write_number(1, 2, 5, plain)
        sheet.write_number(2, 0, 1234567, six)
        sheet.write_number(2, 1, 1.5, three)
        sheet.write_string(2, 2, "1", six)

    path = book(tmp_path / "a.xlsx", fill)
    assert rows(path)[1:3] == ['"000482","007","5"', '"1234567","1.5","1"']
    (sheet,) = read_sheets(path)
    assert sheet.notes == (
        RowFault(s.ZEROS_RESTORED, 2, 2, "2 numbers are shown with zeros in front, which are put back."),
    )


def test_numbers_that_were_rounded(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", lambda sheet, _: sheet.write_column(0, 0, ["id", 1, 12345678901234567890, -1e15]))
    (sheet,) = read_sheets(path)
    assert sheet.text.decode().split("\r\n")[1:4] == ['"1"', '"12345678901234570000"', '"-1000000000000000"']
    assert codes(sheet) == [(s.NUMBER_ROUNDED, 3), (s.NUMBER_ROUNDED, 4)]


def test_cells_with_errors(tmp_path: Path) -> None:
    def fill(sheet: Worksheet, _: object) -> None:
        sheet.write_row(1, 1, ["id", "name"])
        sheet.write_formula(2, 1, "=NA()", None, "#N/A")
        sheet.write_formula(3, 2, "=1/0", None, "#DIV/0!")

    (sheet,) = read_sheets(book(tmp_path / "a.xlsx", fill))
    assert sheet.text == b'\r\n"id","name"\r\n"#N/A",""\r\n"","#DIV/0!"\r\n'
    assert codes(sheet) == [(s.CELL_ERROR, 3), (s.CELL_ERROR, 4)]
    assert "#N/A" in sheet.notes[0].message


def test_merged_cells(tmp_path: Path) -> None:
    def fill(sheet: Worksheet, _: object) -> None:
        sheet.merge_range(0, 0, 0, 1, "title")
        sheet.merge_range(2, 0, 4, 0, "Lincoln")
        sheet.write_column(2, 1, ["a", "b", "c"])

    (sheet,) = read_sheets(book(tmp_path / "a.xlsx", fill))
    assert sheet.text == b'"title",""\r\n\r\n"Lincoln","a"\r\n"","b"\r\n"","c"\r\n'
    assert codes(sheet) == [(s.CELLS_MERGED, 3)]


def test_row_numbers_are_those_of_the_spreadsheet(tmp_path: Path) -> None:
    def fill(sheet: Worksheet, _: object) -> None:
        sheet.write_row(3, 2, ["SIS ID", "Name", "Grade"])
        sheet.write_row(4, 2, ["02903", "Ann\nMarie", "3"])
        sheet.write_row(6, 2, ["02904", "Bob", "4"])
        sheet.write_row(9, 2, ["", "", ""])

    (sheet,) = read_sheets(book(tmp_path / "a.xlsx", fill))
    table = read_text(sheet.text)
    found = list(table.numbered)
    assert table.header == ("SIS ID", "Name", "Grade")
    assert [(row.row, row.cells, row.sure) for row in found] == [
        (5, ("02903", "Ann\nMarie", "3"), True),
        (7, ("02904", "Bob", "4"), True),
    ]


def test_what_is_empty_at_the_end_is_left_out(tmp_path: Path) -> None:
    def fill(sheet: Worksheet, out: xlsxwriter.Workbook) -> None:
        sheet.write_row(0, 0, ["id", "name"])
        sheet.write_row(1, 0, ["1", "Ann"])
        for row in range(2, 50):
            sheet.write_formula(row, 5, '=""', None, "")
        sheet.write_blank(80, 9, None, out.add_format({"bold": True}))

    assert rows(book(tmp_path / "a.xlsx", fill)) == ['"id","name"', '"1","Ann"', ""]


def test_hidden_empty_and_chart_sheets(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as out:
        out.add_worksheet("Empty")
        hidden, very = out.add_worksheet("Lists"), out.add_worksheet("Old")
        hidden.write(0, 0, "x")
        hidden.hide()
        very.write(0, 0, "x")
        very.very_hidden()
        out.add_worksheet("Users & <more>").write(0, 0, "id")
        chart = out.add_chart({"type": "bar"})
        chart.add_series({"values": "=Orgs!$A$1:$A$2"})
        out.add_chartsheet("Chart").set_chart(chart)
        out.add_worksheet("Orgs").write(0, 0, "org")
    notes: list[RowFault] = []
    found = list(read_sheets(tmp_path / "a.xlsx", notes))
    assert [(sheet.name, sheet.text) for sheet in found] == [("Users & <more>", b'"id"\r\n'), ("Orgs", b'"org"\r\n')]
    assert [(note.code, note.message.split("”")[0].split("“")[1]) for note in notes] == [
        (s.SHEET_EMPTY, "Empty"),
        (s.SHEET_HIDDEN, "Lists"),
        (s.SHEET_HIDDEN, "Old"),
    ]


def rewritten(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """The workbook with one part changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


SHEET = "xl/worksheets/sheet1.xml"
HUGE = (
    b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    b"<row r='1'><c\tr = 'A1'><v>1</v></c></row><row r='2'><c r='XFD1048576'><v>1</v></c></row>",
    b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">' + b"<c><v>1</v></c>" * 16384 + b"</row>",
    b'<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="xfd1048576"><v>1</v></c></row>',
)


@pytest.mark.parametrize("cells", HUGE)
def test_cells_that_lie_too_far_apart(tmp_path: Path, cells: bytes) -> None:
    path = book(tmp_path / "a.xlsx", lambda sheet, _: sheet.write(0, 0, 1))
    rewritten(path, SHEET, lambda xml: xml[: xml.index(b"<row")] + cells + xml[xml.index(b"</sheetData>") :])
    assert "too far apart" in refused(path).title


def test_a_workbook_written_in_another_way(tmp_path: Path) -> None:
    def fill(sheet: Worksheet, out: xlsxwriter.Workbook) -> None:
        sheet.write_number(0, 0, 482, out.add_format({"num_format": "00000"}))
        sheet.write_formula(0, 1, "=NA()", None, "#N/A")

    def prefixed(xml: bytes) -> bytes:
        xml = xml.replace(b"</", b"</x:").replace(b"<", b"<x:").replace(b"<x:/x:", b"</x:").replace(b"<x:?", b"<?")
        return xml.replace(b' xmlns="', b' xmlns:x="').replace(b'"', b"'")

    path = rewritten(book(tmp_path / "a.xlsx", fill), SHEET, prefixed)
    assert rows(path) == ['"00482","#N/A"', ""]


def test_entities_are_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", lambda sheet, _: sheet.write(0, 0, 1))
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    assert "damaged" in refused(rewritten(path, "xl/styles.xml", lambda _: laughs)).title


def test_a_bomb_in_a_workbook(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", lambda sheet, _: sheet.write(0, 0, 1))
    rewritten(path, SHEET, lambda xml: xml + b" " * 20_000_000)
    assert "compressed more than 100 times" in refused(path).title


def test_a_protected_workbook(tmp_path: Path) -> None:
    from msoffcrypto.format.ooxml import OOXMLFile

    plain = book(tmp_path / "a.xlsx", lambda sheet, _: sheet.write(0, 0, 1))
    with plain.open("rb") as file, (tmp_path / "b.xlsx").open("wb") as out:
        OOXMLFile(file).encrypt("secret", out)
    assert refused(tmp_path / "b.xlsx").title == "b.xlsx is protected by a password."


def test_damage_is_an_error_and_no_crash(tmp_path: Path) -> None:
    whole = book(tmp_path / "a.xlsx", lambda sheet, _: sheet.write_row(0, 0, ["id", "name"])).read_bytes()
    path = tmp_path / "b.xlsx"
    for place in range(0, len(whole), 41):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            list(read_sheets(path))
        except FileError:
            continue
    path.write_bytes(whole[:-100])
    assert "damaged" in refused(path).title
    path.write_bytes(b"")
    assert "damaged" in refused(path).title
    path.unlink()
    assert "is not there" in refused(path).title


def test_a_name_without_an_ending(tmp_path: Path) -> None:
    book(tmp_path / "a.xlsx", lambda sheet, _: sheet.write(0, 0, "id")).rename(tmp_path / "00001")
    assert rows(tmp_path / "00001") == ['"id"', ""]


def test_stopping(tmp_path: Path, run: Run) -> None:
    path = book(tmp_path / "a.xlsx", lambda sheet, _: sheet.write(0, 0, "id"))
    run.cancel()
    with pytest.raises(Cancelled):
        list(read_sheets(path, run=run))


# --- OpenDocument -----------------------------------------------------------------------------------------------------

SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{urn}:1.0"'
    for name, urn in {
        "office": "office",
        "table": "table",
        "text": "text",
        "number": "datastyle",
        "style": "style",
    }.items()
)


MANIFEST = (
    '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" manifest:media-type="{}"/></manifest:manifest>'
)


def open_document(path: Path, rows: str, before: str = "") -> Path:
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("META-INF/manifest.xml", MANIFEST.format(kind))
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {SPACES} '
            f'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">{before}'
            f'<office:body><office:spreadsheet><table:table table:name="Users">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def cell(kind: str, value: str = "", shown: str = "x") -> str:
    return f'<table:table-cell office:value-type="{kind}" {value}><text:p>{shown}</text:p></table:table-cell>'


def test_an_open_document(tmp_path: Path) -> None:
    row = (
        "<table:table-cell/>"
        + cell("string", shown="02903")
        + cell("float", 'office:value="482"')
        + cell("date", 'office:date-value="2014-03-01"')
        + cell("date", 'office:date-value="2014-03-01T05:06:07"')
        + cell("time", 'office:time-value="PT08H30M00S"')
        + cell("boolean", 'office:boolean-value="true"')
    )
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    path = open_document(
        tmp_path / "a.ods",
        f'<table:table-row table:number-rows-repeated="3">{empty}</table:table-row><table:table-row>{row}'
        f'</table:table-row><table:table-row table:number-rows-repeated="1048572">{empty}</table:table-row>',
    )
    assert rows(path) == ["", "", "", '"02903","482","2014-03-01","2014-03-01T05:06:07","08:30:00","TRUE"', ""]


def test_what_an_open_document_hides_is_said(tmp_path: Path) -> None:
    errors = cell("string", 'office:string-value="" calcext:value-type="error"', "#N/A") * 3
    style = '<number:number number:decimal-places="0" number:min-integer-digits="6"/>'
    style = f"<number:number-style>{style}</number:number-style>"
    content = f"<table:table-row>{cell('string', shown='id')}{errors}</table:table-row>"
    path = open_document(tmp_path / "a.ods", content, f"<office:automatic-styles>{style}</office:automatic-styles>")
    notes: list[RowFault] = []
    assert [sheet.text for sheet in read_sheets(path, notes)] == [b'"id"\r\n']
    assert [note.code for note in notes] == [s.CELL_ERROR, s.ZEROS_HIDDEN]
    assert notes[0].message.startswith("3 cells")


def test_an_open_document_that_repeats_a_cell_endlessly(tmp_path: Path) -> None:
    many = 'table:number-columns-repeated="16384"'
    path = open_document(
        tmp_path / "a.ods",
        f'<table:table-row table:number-rows-repeated="1048576">{cell("string", many)}</table:table-row>',
    )
    assert "too far apart" in refused(path).title


# --- Excel 97-2003 ----------------------------------------------------------------------------------------------------


def record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def old_excel(path: Path, cells: list[list[str | float | bytes]]) -> Path:
    """The least that is a workbook of Excel 97: [MS-XLS] records in an [MS-CFB] file of 512-byte sectors.

    Numbers are shown with six digits; bytes are a whole record after the place of the cell, its kind in front.
    """

    def begin(kind: int) -> bytes:
        return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0x0DBB, 0x07CC, 0, 6))

    end = record(0x0A, b"")
    sheet = begin(0x10)
    for row, values in enumerate(cells):
        for column, value in enumerate(values):
            place = struct.pack("<HHH", row, column, 1 if isinstance(value, float) else 0)
            if isinstance(value, str):
                sheet += record(0x204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
            elif isinstance(value, bytes):
                sheet += record(int.from_bytes(value[:2], "little"), place + value[2:])
            else:
                sheet += record(0x203, place + struct.pack("<d", value))
    sheet += end
    name = b"Users"
    head = begin(5) + record(0x41E, struct.pack("<HHB", 164, 6, 0) + b"000000")
    head += record(0xE0, struct.pack("<HH16x", 0, 0)) + record(0xE0, struct.pack("<HH16x", 0, 164))
    bound = len(head) + 4 + 8 + len(name) + len(end)
    book = head + record(0x85, struct.pack("<IBBBB", bound, 0, 0, len(name), 0) + name) + end + sheet
    book += bytes(max(4096, -(-len(book) // 512) * 512) - len(book))
    free, last = 0xFFFFFFFF, 0xFFFFFFFE
    sectors = len(book) // 512
    table = [0xFFFFFFFD, last, *range(3, sectors + 2), last]
    header = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, last, 0, last, 0, 0)
    header += struct.pack("<108I", *[free] * 108)

    def listed(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = name.encode("utf-16-le")
        return struct.pack(
            "<64sHBBIII36xIQ", text, len(text) + 2 if text else 0, kind, 1, free, free, child, start, size
        )

    entries = (
        listed("Root Entry", 5, 1, last, 0) + listed("Workbook", 2, free, 2, len(book)) + listed("", 0, free, 0, 0) * 2
    )
    path.write_bytes(header + struct.pack("<128I", *table, *[free] * (128 - len(table))) + entries + book)
    return path


ERROR = b"\x05\x02" + bytes([0x2A, 1])
FORMULA = b"\x06\0" + bytes([2, 0, 0x07, 0, 0, 0, 0xFF, 0xFF]) + bytes(8) + b"\x03\0\x1e\1\0"


def test_old_excel(tmp_path: Path) -> None:
    path = old_excel(
        tmp_path / "users.csv", [["id", "größe"], ["02903", 482.0], ["x", 1.5], ["y", ERROR], ["z", FORMULA]]
    )
    assert look(path, "users.csv").nature is Nature.SPREADSHEET
    assert rows(path) == ['"id","größe"', '"02903","000482"', '"x","1.5"', '"y","#N/A"', '"z","#DIV/0!"', ""]
    (sheet,) = read_sheets(path)
    assert codes(sheet) == [(s.CELL_ERROR, 4), (s.CELL_ERROR, 5), (s.ZEROS_RESTORED, 2)]


def test_damaged_old_excel(tmp_path: Path) -> None:
    whole = old_excel(tmp_path / "a.xls", [["id", "name"], ["02903", 482.0]]).read_bytes()
    path = tmp_path / "b.xls"
    for place in range(0, 2048, 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        look(path, "b.xls")
        try:
            list(read_sheets(path))
        except FileError:
            continue
    for length in range(8, len(whole), 97):
        path.write_bytes(whole[:length])
        look(path, "b.xls")


def test_a_large_sheet_comes_out_whole(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx", {"constant_memory": True}) as out:
        sheet = out.add_worksheet("Users")
        for row in range(60_000):
            sheet.write_row(row, 0, (row, f"v{row}"))
    (found,) = read_sheets(tmp_path / "a.xlsx")
    assert found.text == b"".join(b'"%d","v%d"\r\n' % (row, row) for row in range(60_000))
    assert io.BytesIO(found.text).read(3) == b'"0"'
