"""What a person says of how a table is written is believed; all else is found out as ever."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from rosterdesk import checks, mapping, pipeline
from rosterdesk.run import Run
from rosterdesk.sources import template
from rosterdesk.sources.read import read
from rosterdesk.sources.tables import Told
from rosterdesk.staging import Staging


@pytest.mark.parametrize(
    ("content", "told", "columns", "first"),
    [
        ("id,name\n1,Ren\xe9\n".encode("cp1252"), Told(encoding="cp1252"), ("id", "name"), ("1", "René")),
        (b"a;b,c\n1;2,3\n", Told(delimiter=";"), ("a", "b,c"), ("1", "2,3")),
        (b"a,b;c\n1,2;3\n", Told(delimiter=","), ("a", "b;c"), ("1", "2;3")),
        (b"x,y\nid,name\n1,Ana\n", Told(header_row=2), ("id", "name"), ("1", "Ana")),
    ],
)
def test_it_is_believed(
    tmp_path: Path, staging: Staging, content: bytes, told: Told, columns: tuple[str, ...], first: tuple[str, ...]
) -> None:
    (tmp_path / "users.csv").write_bytes(content)
    table = read([tmp_path / "users.csv"], staging, Run(), told={"users": told}).tables[0]
    assert table.columns == columns
    assert staging.rows(f"select * from {table.relation}") == [first]
    assert table.first_row == (told.header_row or 1) + 1


def test_a_sheet_is_named_with_its_workbook(sample: Path, staging: Staging) -> None:
    source = sample / "office" / "contacts.xlsx"
    reading = read([source], staging, Run(), told={"contacts.Contacts": Told(header_row=5)})
    table = reading.table("contacts.Contacts")
    assert table is not None
    assert table.first_row == 6


def test_the_template_is_understood_without_a_question(tmp_path: Path) -> None:
    template.write(tmp_path / "template.xlsx")
    sheets = pd.read_excel(tmp_path / "template.xlsx", sheet_name=None, engine="calamine", dtype=str)
    rows = {
        "Students": [
            "0001 Ana Wu 3 2015-09-30 A Mei Wu Mother mei@example.org 2125550123",
            "0002 Ben Ng 4 2014-01-02 A Hal Ng Father hal@example.org 2125550124",
        ],
        "Staff": ["T1 Tom Roe tom@example.org Teacher A"],
        "Schools": ["A Adams"],
    }
    with pd.ExcelWriter(tmp_path / "filled.xlsx", engine="xlsxwriter") as book:
        for name, frame in sheets.items():
            filled = [dict(zip(frame.columns, row.split(), strict=False)) for row in rows[name]]
            pd.DataFrame(filled, columns=frame.columns).to_excel(book, sheet_name=name, index=False)
    with pipeline.roster([tmp_path / "filled.xlsx"], Run()) as made:
        assert mapping.unmet(made.mapping) == []
        assert {group.code for group in checks.summary(made.staging)} <= {"student-without-classroom"}
        counts = {e: made.staging.one(f"select count(*) from incoming.{e}") for e in ("students", "staff", "guardians")}
        assert counts == {"students": 2, "staff": 1, "guardians": 2}
