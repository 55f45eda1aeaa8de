"""Literal CSV in, literal rows and faults out."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rosterdesk.sources import faults as f
from rosterdesk.sources.clean import write_clean
from rosterdesk.sources.dialect import Dialect
from rosterdesk.sources.rows import MOST_FAULTS
from rosterdesk.sources.text import IN_MEMORY, TextTable, read_tables, read_text


def read(data: str | bytes, overrides: Dialect | None = None) -> tuple[TextTable, list[tuple[str, ...]]]:
    table = read_text(data.encode() if isinstance(data, str) else data, overrides)
    return table, list(table.rows)


def codes(table: TextTable) -> list[tuple[str, int, int]]:
    return [(fault.code, fault.row, fault.line) for fault in table.faults]


def test_cells_stay_as_they_are() -> None:
    table, rows = read("id,first,last\r\n007,NA,null\r\n 8 ,None, - \r\n1e5,Ｌｉ,TRUE\r\n")
    assert table.header == ("id", "first", "last")
    assert rows == [("007", "NA", "null"), (" 8 ", "None", " - "), ("1e5", "Ｌｉ", "TRUE")]
    assert codes(table) == []


def test_rows_and_lines_are_numbered_as_people_count() -> None:
    table = read_text(b'Lincoln School,,\n\nid,note,last\n1,"one\ntwo",Lee\n\n2,x,Ng\n')
    assert [(row.row, row.line, row.cells[0]) for row in table.numbered] == [(4, 4, "1"), (6, 7, "2")]
    assert codes(table) == [(f.PREAMBLE_SKIPPED, 1, 1), (f.BLANK_ROWS, 5, 6)]


def test_short_and_long_rows_keep_what_they_have() -> None:
    table = read_text(b"id,first,last\n1,Anna\n2,Bob,Ng\n3,Cy,Oh,extra\n4,,Dee,Po\n")
    assert [(row.cells, row.sure) for row in table.numbered] == [
        (("1", "Anna", ""), False),
        (("2", "Bob", "Ng"), True),
        (("3", "Cy", "Oh", "extra"), False),
        (("4", "", "Dee", "Po"), False),
    ]
    assert codes(table) == [(f.ROW_TOO_SHORT, 2, 2), (f.ROW_TOO_LONG, 4, 4), (f.ROW_TOO_LONG, 5, 5)]


def test_a_quote_that_never_closes_costs_its_own_row() -> None:
    lines = ["id,first,last", '1,"Anna,Lee', *(f"{n},Bob,Ng" for n in range(2, 2000))]
    table, rows = read("\n".join(lines) + "\n")
    assert rows[:2] == [("1", '"Anna', "Lee"), ("2", "Bob", "Ng")]
    assert len(rows) == 1999
    assert codes(table) == [(f.STRAY_QUOTE, 2, 2)]


def test_a_quote_that_closes_many_rows_later_costs_its_own_row() -> None:
    middle = "".join(f"{n},Bob,Ng\n" for n in range(2, 500))
    table, rows = read(f'id,first,last\n1,Anna,"Lee\n{middle}500,Cy,Oh"\n501,"Dee","Po"\n')
    assert rows[0] == ("1", "Anna", '"Lee')
    assert rows[-2:] == [("500", "Cy", 'Oh"'), ("501", "Dee", "Po")]
    assert len(rows) == 501
    assert codes(table) == [(f.STRAY_QUOTE, 2, 2), (f.STRAY_QUOTE, 501, 501)]


def test_an_open_quote_in_a_torn_row_is_not_sure() -> None:
    table = read_text(b'id,first,last\n1,"Anna\n2,Bob,Ng\n3,Cy,Oh\n')
    assert [(row.cells, row.sure) for row in table.numbered] == [
        (("1", '"Anna', ""), False),
        (("2", "Bob", "Ng"), True),
        (("3", "Cy", "Oh"), True),
    ]
    assert codes(table) == [(f.QUOTE_UNCLOSED, 2, 2), (f.ROW_TOO_SHORT, 2, 2)]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('1,William "Bill",Lee', ("1", 'William "Bill"', "Lee")),
        ('1,"William "Bill"",Lee', ("1", 'William "Bill"', "Lee")),
        ('1,"Bill, "the man" X",Lee', ("1", 'Bill, "the man" X', "Lee")),
        ('1,"Bill" William,Lee', ("1", '"Bill" William', "Lee")),
        ('1,""Bill, X",Lee', ("1", '"Bill, X', "Lee")),
        ('1,Bill,Lee"', ("1", "Bill", 'Lee"')),
        ('"1,"Bill, X",Lee', ('"1', "Bill, X", "Lee")),
        ('1,"table, 48"",Lee', ("1", 'table, 48"', "Lee")),
        ('1,"a "b" c, "d" e "f"",Lee', ("1", 'a "b" c, "d" e "f"', "Lee")),
    ],
)
def test_stray_quotes_are_kept_in_their_cells(line: str, cells: tuple[str, ...]) -> None:
    table = read_text(f'id,first,last\n0,"A, B",C\n{line}\n2,"Bob, Jr.",Ng\n3,Cy,Oh\n'.encode())
    rows = list(table.numbered)
    assert rows[1].cells == cells
    assert rows[1].sure
    assert [row.cells for row in rows[2:]] == [("2", "Bob, Jr.", "Ng"), ("3", "Cy", "Oh")]
    assert codes(table) == [(f.STRAY_QUOTE, 3, 3)]


def test_a_separator_missing_beside_a_quote_is_mended_but_not_trusted() -> None:
    table = read_text(b'id,first,last\n1,Anna"Lee, Jr."\n2,"Bob, Jr."Ng\n3,Cy,Oh\n')
    assert [(row.cells, row.sure) for row in table.numbered] == [
        (("1", "Anna", "Lee, Jr."), False),
        (("2", "Bob, Jr.", "Ng"), False),
        (("3", "Cy", "Oh"), True),
    ]
    assert codes(table) == [(f.SEPARATOR_MISSING, 2, 2), (f.SEPARATOR_MISSING, 3, 3)]


def test_a_row_with_another_separator_is_read_but_not_trusted() -> None:
    table = read_text(b"id,first,last\n1,Anna,Lee\n2;Bob;Ng\n3,Cy,Oh\n")
    rows = list(table.numbered)
    assert (rows[1].cells, rows[1].sure) == (("2", "Bob", "Ng"), False)
    assert codes(table) == [(f.OTHER_SEPARATOR, 3, 3)]


def test_line_breaks_inside_cells_are_no_mixture() -> None:
    table, rows = read('id,note,last\r\n1,"one\ntwo",Lee\r\n2,"a\r\n\r\nb",Ng\r\n')
    assert rows == [("1", "one\ntwo", "Lee"), ("2", "a\r\n\r\nb", "Ng")]
    assert codes(table) == []


def test_stray_quotes_in_a_cell_of_several_lines() -> None:
    table, rows = read('id,note,last\n1,"one\ntwo "x" y\nthree",Lee\n2,x,Ng\n')
    assert rows == [("1", 'one\ntwo "x" y\nthree', "Lee"), ("2", "x", "Ng")]
    assert codes(table) == [(f.STRAY_QUOTE, 2, 2)]


def test_mixed_line_ends() -> None:
    table, rows = read("id,first\r\n1,Anna\n2,Bob\r\n3,Cy\r4,Dee")
    assert [row[0] for row in rows] == ["1", "2", "3", "4"]
    assert codes(table) == [(f.MIXED_LINE_ENDS, 0, 0)]


def test_nul_bytes() -> None:
    table, rows = read(b"id,name\n1,An\0na\n2,Bob\n3,\0Cy\0\n")
    assert rows == [("1", "Anna"), ("2", "Bob"), ("3", "Cy")]
    assert codes(table) == [(f.NUL_BYTES, 0, 2)]


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac_roman"])
def test_encodings(codec: str) -> None:
    table, rows = read("id,name\r\n1,José O’Malley\r\n".encode(codec))
    assert table.header == ("id", "name")
    assert rows == [("1", "José O’Malley")]
    assert {code for code, _, _ in codes(table)} <= {f.ENCODING_GUESSED}


def test_strange_bytes_in_utf8_are_kept_and_told() -> None:
    table, rows = read("1,José\n2,Muñoz\n".encode() + b"3,O\x92Malley\n")
    assert rows[2] == ("3", "O’Malley")
    assert [fault for fault in codes(table) if fault[0] == f.MIXED_ENCODING] == [(f.MIXED_ENCODING, 0, 3)]


@pytest.mark.parametrize("data", [b"1,Jos\xc3\xa9\n2,O\x92Malley\n", b"1,An\0na\n2,Bob\n"])
def test_dirt_anywhere_is_told_before_the_rows_are_read(data: bytes) -> None:
    with read_text(b"id,name\n" + b"0,Anna\n" * 100_000 + data) as table:
        assert {fault.code for fault in table.faults} <= {f.MIXED_ENCODING, f.NUL_BYTES}
        assert table.faults


def test_headers_are_made_unique_and_nameable() -> None:
    table, _ = read("id,Phone,phone,, Name\u3000 of  x \n1,2,3,4,5\n")
    assert table.header == ("id", "Phone", "phone (2)", "column 4", "Name of x")
    assert table.original == ("id", "Phone", "phone", "", " Name\u3000 of  x ")
    assert codes(table) == [(f.HEADER_DUPLICATE, 1, 1), (f.HEADER_BLANK, 1, 1)]


@pytest.mark.parametrize("header", ["id,name", "id,name,", "id,name,,", "id,name,,,"])
@pytest.mark.parametrize("end", [",", ",,,"])
def test_separators_at_the_end_of_every_row_make_no_column(header: str, end: str) -> None:
    table, rows = read(f"{header}\n1,Anna{end}\n2,Bob{end}\n3,{end}\n")
    assert table.header == ("id", "name")
    assert rows == [("1", "Anna"), ("2", "Bob"), ("3", "")]
    assert codes(table) == [(f.TRAILING_SEPARATOR, 1, 1)]


def test_a_blank_name_over_something_is_a_column() -> None:
    table, rows = read("id,name,\n1,Anna,\n2,Bob,x\n")
    assert table.header == ("id", "name", "column 3")
    assert rows == [("1", "Anna", ""), ("2", "Bob", "x")]
    assert codes(table) == [(f.HEADER_BLANK, 1, 1)]


def test_rows_wider_than_the_header_are_not_shifted() -> None:
    table, rows = read("id,name\n1,Anna,x\n2,Bob,y\n")
    assert table.header == ("id", "name", "column 3")
    assert rows == [("1", "Anna", "x"), ("2", "Bob", "y")]
    assert (f.HEADER_TOO_SHORT, 1, 1) in codes(table)


def test_an_empty_name_too_many_in_the_header() -> None:
    table, rows = read("id,,first,last\n1,Anna,Lee\n2,Bob,Ng\n")
    assert table.header == ("id", "first", "last")
    assert rows[0] == ("1", "Anna", "Lee")
    assert codes(table) == [(f.HEADER_TOO_LONG, 1, 1)]


def test_no_header() -> None:
    table, rows = read("1,Anna,2020-01-01\n2,Bob,2020-01-02\n")
    assert (table.header, table.original) == (("column 1", "column 2", "column 3"), ())
    assert len(rows) == 2
    assert codes(table) == [(f.HEADER_MISSING, 1, 1)]


def test_several_header_rows_are_joined() -> None:
    table, rows = read("Student,,Guardian\nID,Born,Phone\n1,2010-01-02,555-123-4567\n2,2011-01-02,555-123-4568\n")
    assert table.header == ("Student ID", "Born", "Guardian Phone")
    assert len(rows) == 2
    assert codes(table) == [(f.HEADER_JOINED, 1, 1)]


def test_a_repeated_header_is_no_row() -> None:
    table, rows = read("id,name\n1,Anna\nid,name\n2,Bob\n")
    assert rows == [("1", "Anna"), ("2", "Bob")]
    assert codes(table) == [(f.HEADER_REPEATED, 3, 3)]


def test_footnotes_are_no_rows() -> None:
    table, rows = read("id,name,grade\n1,Anna,3\n2,Bob,4\n\nTotal: 2 students\n")
    assert rows == [("1", "Anna", "3"), ("2", "Bob", "4")]
    assert codes(table) == [(f.FOOTNOTE_SKIPPED, 5, 5)]


@pytest.mark.parametrize("end", ["2,Bo", '2,"Bob', "2"])
def test_a_file_that_stops_in_a_row(end: str) -> None:
    table, rows = read(f"id,name,grade\n1,Anna,3\n{end}")
    assert len(rows) == 2
    assert (f.FILE_CUT, 3, 3) in codes(table)


def test_two_tables() -> None:
    data = b"id,name,grade\n1,Anna,3\n2,Bob,4\n\nid,class,teacher,room\n7,Math,Lee,12\n8,Art,Po,14\n"
    tables = [(table.header, [row.row for row in table.numbered], codes(table)) for table in read_tables(data)]
    assert tables == [
        (("id", "name", "grade"), [2, 3], [(f.SECOND_TABLE, 5, 5)]),
        (("id", "class", "teacher", "room"), [6, 7], []),
    ]


@pytest.mark.parametrize("data", [b"", b"\n\r\n", b"\xef\xbb\xbf"])
def test_nothing(data: bytes) -> None:
    table, rows = read(data)
    assert (table.header, rows, codes(table)) == ((), [], [(f.FILE_EMPTY, 0, 0)])


def test_header_only() -> None:
    table, rows = read("sourcedId,status,givenName\r\n")
    assert (table.header, rows, codes(table)) == (("sourcedId", "status", "givenName"), [], [])


def test_a_cell_of_ten_megabytes() -> None:
    large = 'x, "y"\n' * 1_500_000
    data = io.StringIO()
    csv.writer(data).writerows([["id", "note", "last"], ["1", large, "Lee"], ["2", "", "Ng"]])
    _, rows = read(data.getvalue())
    assert rows == [("1", large, "Lee"), ("2", "", "Ng")]


def test_what_people_corrected_is_believed() -> None:
    _, rows = read("1;Anna,Lee\n2;Bob,Ng\n", Dialect(delimiter=";", header_rows=0))
    assert rows == [("1", "Anna,Lee"), ("2", "Bob,Ng")]


def test_faults_are_bounded_but_no_row_is_trusted() -> None:
    count = MOST_FAULTS + 5
    table = read_text(b"id,first,last\n" + b"1,Anna,Lee\n" * 2 * count + b"2,Bob\n" * count)
    assert sum(not row.sure for row in table.numbered) == count
    assert len(table.faults) == MOST_FAULTS + 1
    assert table.faults[-1].message.startswith("5 more rows")


def test_a_large_file_is_read_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    line = b"00001,Anna,Lee,2014-03-01\r\n"
    count = IN_MEMORY // len(line) + 1
    path.write_bytes(b"id,first,last,born\r\n" + line * count)
    with read_text(path) as table:
        assert next(table.rows) == ("00001", "Anna", "Lee", "2014-03-01")
    table = read_text(path)
    assert sum(1 for _ in table.rows) == count


def test_written_clean(tmp_path: Path) -> None:
    path = tmp_path / "clean.csv"
    data = 'Title;;\n\nid; name ;"note"\n1;José;"a;""b"""\n2;Bob\n'.encode("cp1252")
    assert write_clean(read_text(data), path) == 2
    assert path.read_bytes().decode() == 'id,name,note\r\n1,José,"a;""b"""\r\n2,Bob,\r\n'
    again = tmp_path / "again.csv"
    write_clean(read_text(path), again)
    assert again.read_bytes() == path.read_bytes()


def test_nothing_is_invented_for_a_file_without_header(tmp_path: Path) -> None:
    path = tmp_path / "clean.csv"
    write_clean(read_text(b"1\t2020-01-01\n2\t2020-01-02\n"), path)
    assert path.read_bytes() == b"1,2020-01-01\r\n2,2020-01-02\r\n"


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=("Cs", "Cn")), max_size=8)


@settings(max_examples=200)
@given(
    body=st.integers(1, 5).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8)
    ),
    delimiter=st.sampled_from([",", ";", "\t", "|", " ", ":"]),
    quote=st.sampled_from(['"', "'"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
)
def test_any_table_comes_back(body: list[list[str]], delimiter: str, quote: str, end: str, encoding: str) -> None:
    assume(all(any(cell.strip() for cell in row) for row in body))  # empty rows are skipped
    # Lines inside a cell that are rows by themselves mean a quote that was never closed.
    assume(not any(delimiter in cell and ("\n" in cell or "\r" in cell) for row in body for cell in row))
    names = [f"name{place}" for place in range(len(body[0]))]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quotechar=quote, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([names, *body])
    dialect = Dialect(encoding, delimiter, quote, quote, end, columns=len(names))
    table, rows = read(out.getvalue().encode(encoding), dialect)
    assert table.header == tuple(names)
    assert rows == [tuple(row) for row in body]
    assert codes(table) == []


@settings(max_examples=100)
@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail(data: bytes) -> None:
    for table in read_tables(data):
        width = len(table.header)
        assert all(len(row.cells) >= width for row in table.numbered)


@settings(max_examples=150)
@given(
    st.lists(st.sampled_from(['"', ",", "\n", "a", "1", "'", ";", "\r\n", '""', "\\", " "]), max_size=60).map("".join)
)
def test_no_mixture_of_signs_makes_it_fail(text: str) -> None:
    for table in read_tables(text.encode()):
        width = len(table.header)
        assert all(len(row.cells) >= width for row in table.numbered)
