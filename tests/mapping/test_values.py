"""Grades, dates and phones of every spelling; and that nothing that is none is changed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosterdesk.mapping.dates import Calendar, calendar, iso_date
from rosterdesk.mapping.phones import to_e164
from rosterdesk.mapping.words import GRADES, first_grade_code, grade_code, grade_codes
from rosterdesk.model import SourceTable
from rosterdesk.staging import Staging

US = "/mdy,-mdy,.dmy"


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("KG", "K|KG|k|0|00|0.0|Kindergarten|Kinder|5K|Grade K"),
        ("01", "1|01|001|1.0|Grade 1|1st|1st Grade|grade 01|Gr. 1|G1|First|First Grade| 1 "),
        ("12", "12|12th|Grade 12|Senior|twelfth grade"),
        ("13", "13|13.0"),
        ("PK", "PK|-1|-2|Pre-K|PreK|Prekindergarten|PK4|4K"),
        ("TK", "TK|TransitionalKindergarten|Transitional Kindergarten"),
        ("IT", "IT|InfantToddler|infant"),
        ("PR", "PR|Preschool"),
        ("PS", "PS|PS1|undergraduate|PostGraduate"),
        ("UG", "UG|Ungraded"),
        ("Other", "Other|OTHER"),
    ],
)
def test_grades(code: str, texts: str) -> None:
    assert {grade_code(text) for text in texts.split("|")} == {code}


@pytest.mark.parametrize("text", ["14", "1.5", "1 2", "9-12", "P1", "Year 1", "X", "", "-3", "①", "١"])
def test_what_is_no_grade_stays(text: str) -> None:
    assert grade_code(text) == text


def test_lists_of_grades() -> None:
    assert first_grade_code("05,06") == "05"
    assert first_grade_code("x,06") == "x,06"
    assert grade_codes("K, 1,x") == "KG,01,x"


@given(st.text(max_size=12))
def test_a_grade_is_a_code_or_the_text_itself(text: str) -> None:
    assert grade_code(text) in {*GRADES, text}
    assert grade_code(grade_code(text)) == grade_code(text)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        (" " * 1_000_000, " " * 1_000_000),
        ("2/11/2007", "2007-02-11"),
        ("13/2/2010", "2010-02-13"),
        ("2/13/10", "2010-02-13"),
        ("1/2/35", "1935-01-02"),
        ("1.2.2010", "2010-02-01"),
        ("2010/3/4", "2010-03-04"),
        ("20100203", "2010-02-03"),
        ("12-Jan-2010", "2010-01-12"),
        ("Jan 12, 2010", "2010-01-12"),
        ("January 12 2010", "2010-01-12"),
        ("12 JANUARY 2010", "2010-01-12"),
        ("2017-03-28T16:16:35.025Z", "2017-03-28"),
        ("2018-09-01 00:00", "2018-09-01"),
        (" 2/11/2007 ", "2007-02-11"),
        ("2/30/2010", "2/30/2010"),
        ("31/31/2010", "31/31/2010"),
        ("12 Jax 2010", "12 Jax 2010"),
        ("0/0/0000", "0/0/0000"),
        ("", ""),
        ("soon", "soon"),
    ],
)
def test_dates(text: str, iso: str) -> None:
    assert iso_date(text, US, "2026") == iso


def test_an_ambiguous_date_stays_where_the_order_is_not_known() -> None:
    assert iso_date("1/2/2010", "", "2026") == "1/2/2010"
    assert iso_date("13/2/2010", "", "2026") == "2010-02-13"
    assert iso_date("3/3/2010", "", "2026") == "2010-03-03"


@given(
    st.dates(min_value=date(1930, 1, 1), max_value=date(2025, 12, 31)),
    st.sampled_from(["mdy", "dmy"]),
    st.sampled_from("/-."),
)
def test_a_date_comes_back_as_it_was_written(day: date, order: str, separator: str) -> None:
    parts = [day.month, day.day] if order == "mdy" else [day.day, day.month]
    text = separator.join(str(p) for p in (*parts, day.year))
    assert iso_date(text, f"{separator}{order}", "2026") == day.isoformat()
    short = separator.join(f"{p:02}" for p in (*parts, day.year % 100))
    assert iso_date(short, f"{separator}{order}", "2025") in {
        day.isoformat(),
        day.replace(year=day.year + 100).isoformat(),
    } or (day.month == 2 and day.day == 29)


@given(st.text(max_size=20))
def test_a_date_is_iso_or_the_text_itself(text: str) -> None:
    iso = iso_date(text, US, "2026")
    assert iso == text or datetime.strptime(iso, "%Y-%m-%d").replace(tzinfo=UTC)


@given(st.text(alphabet="0123456789+-() x/.", max_size=20), st.sampled_from(["US", "GB", "DE", "JP"]))
def test_a_phone_is_e164_or_the_text_itself(text: str, country: str) -> None:
    number = to_e164(text, country)
    assert number == text or (number.startswith("+") and number[1:].isdigit() and 7 <= len(number) <= 16)


def column(staging: Staging, *cells: str) -> Calendar:
    staging.execute("create or replace table raw.d (d varchar)")
    staging.con.executemany("insert into raw.d values (?)", [[c] for c in cells])
    return calendar(staging, SourceTable(1, "d", "d.csv", "utf-8", ",", ("d",), "raw.d"), "d", "US", birth=True)


def test_the_whole_column_decides_day_and_month(staging: Staging) -> None:
    assert column(staging, "1/2/2010", "2/13/2010").orders["/"] == "mdy"
    assert column(staging, "1/2/2010", "13/2/2010").orders["/"] == "dmy"
    assert column(staging, "1/2/2010", "3/4/2010").orders["/"] == "mdy"  # nothing speaks: the country does
    assert column(staging, "1/2/2010", "13/2/2010", "2/13/2010").orders["/"] is None  # it contradicts itself
    mixed = column(staging, "02/13/10", "13-02-2010", "2010-02-13", "").orders
    assert (mixed["/"], mixed["-"]) == ("mdy", "dmy")
