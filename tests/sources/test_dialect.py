"""How a text is written, found without being told."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosterdesk.sources.dialect import Dialect, detect

ROWS = [
    ["SIS ID", "First name", "Last name", "Birth date", "E-mail", "Note"],
    ["00123", "Anna", "O'Brien", "2014-03-01", "anna@district.org", "likes maths, and art; really"],
    ["00124", "José", "Muñoz", "2015-11-30", "jose@district.org", ""],
    ["00125", "Mary Ann", "de la Cruz", "2013-07-04", "", 'called "Annie" at home'],
    ["00126", "Li", "Wei", "2014-01-09", "li@district.org", "room 4"],
]


def written(delimiter: str, quote: str = '"', end: str = "\r\n", quoting: int = csv.QUOTE_MINIMAL) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quotechar=quote, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows(ROWS)
    return out.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "~", "^", "\x1f"])
@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_separators_quotes_and_line_ends(delimiter: str, quote: str, quoting: int, end: str) -> None:
    found = detect(written(delimiter, quote, end, quoting))
    assert (found.delimiter, found.newline, found.header_rows, found.columns) == (delimiter, end, 1, 6)
    if quoting == csv.QUOTE_ALL:
        assert (found.quote, found.escape) == (quote, quote)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id, name\n1, Anna\n2, Bob\n", Dialect(delimiter=", ")),
        ('id, name\n1, "Lee, Anna"\n2, "Ng, Bob"\n3, Cy\n', Dialect(delimiter=", ")),
        ("id||name\n1||Anna\n2||Bob\n", Dialect(delimiter="||")),
        ("id\t\tname\n1\t\tAnna\n2\t\tBob\n", Dialect(delimiter="\t\t")),
        ("id\\tname\n1\\tAnna\n2\\tBob\n", Dialect(delimiter="\\t")),
        ("sep=;\nid;a,b\n1;x,y\n", Dialect(delimiter=";", preamble_rows=1)),
        ('id,note\n1,"say \\"hi\\", please"\n2,"a \\"b\\", c"\n', Dialect(escape="\\")),
        ("id date time\n1 2026-01-01 10:00\n2 2026-01-02 11:00\n", Dialect(delimiter=" ", columns=3)),
    ],
)
def test_rarer_ways_of_writing(text: str, expected: Dialect) -> None:
    found = detect(text)
    assert (found.delimiter, found.escape, found.preamble_rows) == (
        expected.delimiter,
        expected.escape,
        expected.preamble_rows,
    )


@pytest.mark.parametrize(
    "text",
    [
        "Full name\nJohn Smith\nAnna Lee\nBob Ng\n",
        "Email\nanna@district.org\nbob@district.org\n",
        "Time\n10:00\n11:30\n",
        "id\n",
    ],
)
def test_one_column_is_not_cut_at_spaces_or_colons(text: str) -> None:
    assert (detect(text).columns, detect(text).header_rows) == (1, 1)


def test_separators_inside_cells_do_not_win() -> None:
    assert detect("name;address\nAnna;12 Main St, Springfield, IL\nBob;3 Elm Rd, Salem, OR\n").delimiter == ";"
    assert detect('id,classes\n1,"a;b;c"\n2,"d;e;f"\n').delimiter == ","
    assert detect("id;score;day\n1;3,5;01.02.2020\n2;4,5;02.02.2020\n").delimiter == ";"


def test_apostrophes_are_no_quotes() -> None:
    assert detect("id,first,last\n1,'Aina,Lee\n2,'Ohana,Po\n3,Kai,Oh\n").quote == '"'


@pytest.mark.parametrize(
    ("text", "preamble", "header"),
    [
        ("id,name\n1,Anna\n", 0, 1),
        ("first,last\nAnna,Lee\nBob,Ng\n", 0, 1),
        ("name,2025,2026\nAnna,5,6\nBob,7,8\n", 0, 1),
        ("Address1,Phone1\n12 Main St,555-123-4567\n", 0, 1),
        ("sourcedId,status\r\n", 0, 1),
        ("sourcedId,name,metadata.address1\r\n", 0, 1),
        ("MG-8769,HK-12,Grant\r\n", 0, 0),
        (
            "propertyName,value\nsource.systemName,District\nsource.systemCode,Ours\nmanifest.version,1.0\nfile.orgs,bulk\n",
            0,
            1,
        ),
        ("1,Anna,2020-01-01\n2,Bob,2020-01-02\n", 0, 0),
        ("1,Anna,2020-01-01\n", 0, 0),
        ("Anna,Lee,Lincoln High\nBob,Po,Lincoln High\nCy,Oh,Grant\n", 0, 0),
        ("Lincoln School\nprinted 2026-01-01\n\nid,name,grade\n1,Anna,3\n2,Bob,4\n", 3, 1),
        ("Lincoln School,,\n,,\nid,name,grade\n1,Anna,3\n2,Bob,4\n", 2, 1),
        ("Lincoln School,,\nid,name,grade\n1,Anna,3\n2,Bob,4\n", 1, 1),
        ("\n\nid,name\n1,Anna\n", 2, 1),
        (
            "Student,,Guardian,\nID,Born,Phone,Since\n1,2010-01-02,555-123-4567,2020\n2,2011-01-02,555-123-4568,2021\n",
            0,
            2,
        ),
        ("id,name\n,Anna\n2,\n", 0, 1),
        ("id,name\n1,Anna,,,\n2,Bob,,,\n", 0, 1),
        ("id,name\n1,Anna,2014-01-02,x,y\n2,Bob,2014-01-03,z,w\n", 0, 1),
        ("School:,Lincoln\nDate:,2026-01-01\nid,name,grade,room\n1,Anna,3,12\n2,Bob,4,14\n3,Cy,5,14\n", 2, 1),
    ],
)
def test_where_the_table_begins(text: str, preamble: int, header: int) -> None:
    found = detect(text)
    assert (found.preamble_rows, found.header_rows) == (preamble, header)


@pytest.mark.parametrize("text", ["", "\n", "\r\n\r\n", "\0", "   "])
def test_nothing(text: str) -> None:
    found = detect(text)
    assert (found.header_rows, found.columns, found.has_header) == (0, 0, False)


def test_a_sample_may_end_in_the_middle_of_a_row() -> None:
    text = written(",")
    assert detect(text[: len(text) - 8], whole=False).columns == 6


def test_a_larger_second_table_does_not_set_the_width() -> None:
    first = "id,name,grade\n" + "".join(f"{n},Anna,3\n" for n in range(10))
    second = "id,class,teacher,room,school\n" + "".join(f"{n},Math,Lee,12,Grant\n" for n in range(500))
    assert detect(first + "\n" + second).columns == 3


LETTERS = st.text(
    st.characters(categories=("Lu", "Ll", "Zs", "Po"), exclude_characters="\"'`;|~^"), min_size=1, max_size=12
)


@settings(max_examples=60)
@given(
    names=st.lists(LETTERS.filter(str.strip), min_size=3, max_size=30),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_any_roster_in_any_usual_dialect(names: list[str], delimiter: str, end: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(["SIS ID", "Name", "Birth date", "E-mail"])
    writer.writerows(
        [f"{n:05}", name, f"2014-01-{n % 28 + 1:02}", f"s{n}@district.org"] for n, name in enumerate(names)
    )
    found = detect(out.getvalue())
    assert (found.delimiter, found.newline, found.columns, found.header_rows) == (delimiter, end, 4, 1)
