"""Dates of mixed forms to ISO. Day and month are told apart by the whole column, never by one cell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import duckdb

from rosterdesk.mapping.cells import BLANKS, Cell, call, each, trimmed
from rosterdesk.model import SourceTable
from rosterdesk.staging import Staging, literal, quote

_ISO = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = "[Tt ]+[0-9]{1,2}:[0-9]{2}.*$"
_NUMERIC = "^([0-9]{1,2})([-/.])([0-9]{1,2})[-/.]([0-9]{4}|[0-9]{2})$"
_TIME_RE, _NUMERIC_RE = re.compile(_TIME, re.DOTALL), re.compile(_NUMERIC)
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
_COMPACT = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")
_DAY_NAME = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?[- ./]*([a-z]{3,9})[- .,/]*([0-9]{4}|[0-9]{2})")
_NAME_DAY = re.compile(r"([a-z]{3,9})[- .]*([0-9]{1,2})(?:st|nd|rd|th)?[- .,]+([0-9]{4}|[0-9]{2})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONGEST = 80  # no date is longer, and no pattern should ever meet a cell of ten megabytes
SEPARATORS = ("/", "-", ".")
_SAMPLE = 20_000
# Where 10/11/2012 is October 11th: the United States and their territories, and a few more.
_MONTH_FIRST = ("US", "PR", "GU", "VI", "AS", "MP", "PH", "FM", "MH", "PW")


@dataclass(frozen=True, slots=True)
class Calendar:
    """How to read the dates of a column: for each separator "mdy", "dmy", or None where the column contradicts it."""

    orders: Mapping[str, str | None]
    birth: bool = False  # a birth lies in the past, so that 30 is 1930 and 15 is 2015

    @staticmethod
    def usual(country: str, *, birth: bool = False) -> Calendar:
        """The order of that country; a date with dots is day first everywhere."""
        order = "mdy" if country in _MONTH_FIRST else "dmy"
        return Calendar({"/": order, "-": order, ".": "dmy"}, birth)


def date(cell: Cell, calendar: Calendar, con: duckdb.DuckDBPyConnection) -> Cell:
    """The date as yyyy-mm-dd; a text that is no date, or that could be two dates, stays as it was."""
    # The latest year that a date of two digits may mean: a birth lies in the past, a term may end in the future.
    latest = datetime.now(UTC).year + (0 if calendar.birth else 20)
    orders = ",".join(f"{separator}{order}" for separator, order in calendar.orders.items() if order is not None)

    def change(x: str) -> str:
        asked = call(con, iso_date, x, literal(orders), literal(str(latest)))
        return f"case when regexp_full_match({x}, '{_ISO}') then {x} else {asked} end"

    return each(cell, change)


@lru_cache(maxsize=100_000)
def iso_date(text: str, orders: str, latest: str) -> str:
    """The date as yyyy-mm-dd, or the text as it was. `orders` gives the order for each separator ("/mdy,.dmy"),
    `latest` the last year.
    """
    if len(text) > _LONGEST:
        return text
    found = _parts(_TIME_RE.sub("", text.strip(BLANKS).lower()), {o[0]: o[1:] for o in orders.split(",") if o})
    if found is None:
        return text
    year, month, day = int(found[0]), found[1], found[2]
    if len(found[0]) == 2:
        year += 2000 if 2000 + year <= int(latest) else 1900
    try:
        return datetime(year, month, day, tzinfo=UTC).strftime("%Y-%m-%d") if year >= 1900 else text
    except ValueError:
        return text


def _parts(bare: str, orders: Mapping[str, str]) -> tuple[str, int, int] | None:
    """Year, month and day as they are written, or None when it is no date or could be two."""
    if m := _YEAR_FIRST.fullmatch(bare) or _COMPACT.fullmatch(bare):
        return m[1], int(m[2]), int(m[3])
    if m := _NUMERIC_RE.fullmatch(bare):
        a, b = int(m[1]), int(m[3])
        order = "dmy" if a > 12 else "mdy" if b > 12 or a == b else orders.get(m[2])
        return None if order is None else (m[4], a, b) if order == "mdy" else (m[4], b, a)
    if m := _DAY_NAME.fullmatch(bare):
        return (m[3], _MONTHS.index(m[2][:3]) + 1, int(m[1])) if m[2][:3] in _MONTHS else None
    if m := _NAME_DAY.fullmatch(bare):
        return (m[3], _MONTHS.index(m[1][:3]) + 1, int(m[2])) if m[1][:3] in _MONTHS else None
    return None


def calendar(staging: Staging, table: SourceTable, column: str, country: str, *, birth: bool) -> Calendar:
    """Decide day and month from the whole column: a first number over 12 says day first, a second one month first.

    Each separator is judged by itself, since columns that were pasted together keep theirs. Where nothing speaks, the
    country does; where the column contradicts itself, nothing is guessed. A column whose first rows are all ISO isn't
    read twice: in it, only dates that can be read in one way are turned.
    """
    cell = f"regexp_replace({trimmed(quote(column))}, '{_TIME}', '')"
    sample = f"(select {quote(column)} from {table.sample} limit {_SAMPLE})"
    # A pattern costs ten times what a LIKE does, and most columns are ISO throughout.
    numeric = f"case when {quote(column)} like '____-__-__' then false else regexp_matches({cell}, '{_NUMERIC}') end"
    seen = staging.rows(f"select count(*), count(*) filter ({numeric}) from {sample}")[0]
    usual = Calendar.usual(country, birth=birth)
    if not seen[1]:
        whole = seen[0] < _SAMPLE and not table.beginning
        return usual if whole else Calendar(dict.fromkeys(SEPARATORS), birth)
    found = staging.rows(f"""
        select regexp_extract({cell}, '{_NUMERIC}', 2) as separator,
               count(*) filter (regexp_extract({cell}, '{_NUMERIC}', 1)::integer > 12),
               count(*) filter (regexp_extract({cell}, '{_NUMERIC}', 3)::integer > 12)
        from {table.relation} where {numeric} group by separator""")
    orders: dict[str, str | None] = dict(usual.orders)
    for separator, day_first, month_first in found:
        if day_first and month_first:
            orders[separator] = None
        elif day_first or month_first:
            orders[separator] = "dmy" if day_first else "mdy"
    return Calendar(orders, birth)
