"""Telephone numbers to E.164. The plain forms are turned in SQL; what is left over asks the phonenumbers library."""

from __future__ import annotations

from functools import lru_cache

import duckdb

from rosterdesk.mapping.cells import Cell, call, each
from rosterdesk.staging import literal

_NANP = (
    "US",
    "CA",
    "PR",
    "GU",
    "VI",
)  # countries of the North American Numbering Plan whose plain numbers have ten digits
_READY = r"\+[1-9][0-9]{6,14}"
_PLAIN = r"[ ]*(?:\+?1[ .-]*)?\(?[2-9][0-9]{2}\)?[ .-]*[2-9][0-9]{2}[ .-]*[0-9]{4}[ ]*"


def phone(cell: Cell, country: str, con: duckdb.DuckDBPyConnection) -> Cell:
    """The number in E.164 for a number of `country` (ISO 3166); a number that can't be told stays as it was."""

    def change(x: str) -> str:
        # Twelve characters that begin with +1 are E.164 already, or no number that anything could be made of.
        ready = f"when strlen({x}) = 12 and starts_with({x}, '+1') or regexp_full_match({x}, '{_READY}') then {x}"
        digits = f"right(regexp_replace({x}, '[^0-9]', '', 'g'), 10)"
        plain = f"when regexp_full_match({x}, '{_PLAIN}') then '+1' || {digits}" if country in _NANP else ""
        return f"case {ready} {plain} else {call(con, to_e164, x, literal(country))} end"

    if cell.blank and not cell.many:
        return Cell(f"case when {cell.sql} = '' then null else {change(cell.sql)} end")
    return each(cell, change)


@lru_cache(maxsize=100_000)
def to_e164(text: str, country: str) -> str:
    """The number in E.164 if it is a valid one of `country` or has its country before it, else the text as it was."""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return text
    if number.extension or not phonenumbers.is_valid_number(number):  # E.164 has no room for an extension
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
