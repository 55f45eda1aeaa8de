"""Cells of a spreadsheet as text: what was typed as text stays as it is, numbers and dates take one plain form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

Value = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta

EXACT = 10**15
"""Spreadsheets keep 15 digits of a number, so from here on the last ones may have been lost."""

_POSITIONAL = 10**21


def texts(values: Sequence[Value]) -> list[str]:
    """TRUE and FALSE, whole numbers without a point, ISO dates and times, durations as hours:minutes:seconds."""
    return [value if type(value) is str else _FORMS[type(value)](value) for value in values]


def rounded(values: Sequence[Value]) -> bool:
    """Whether a spreadsheet may have rounded digits of one of these away."""
    numbers = [value for value in values if type(value) is float or type(value) is int]
    return bool(numbers) and (max(numbers) >= EXACT or min(numbers) <= -EXACT)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < EXACT:
        return str(int(value))
    # 15 digits are what a spreadsheet shows: 0.1 + 0.2 is 0.3 there.
    short = f"{value:.15g}" if abs(value) < EXACT else repr(value)
    return (
        format(Decimal(short), "f") if "e" in short and 1e-7 <= abs(value) < _POSITIONAL else short.removesuffix(".0")
    )


def _rounded(value: dt.datetime) -> dt.datetime:
    """To the millisecond: dates are kept as fractions of a day, which seldom come out even."""
    thousands = round(value.microsecond / 1000)
    return value.replace(microsecond=0) + dt.timedelta(milliseconds=thousands)


def _duration(value: dt.timedelta) -> str:
    seconds = round(value.total_seconds())
    hours, rest = divmod(abs(seconds), 3600)
    return f"{'-' if seconds < 0 else ''}{hours}:{rest // 60:02}:{rest % 60:02}"


_FORMS: Mapping[type, Callable[[Any], str]] = {
    bool: lambda value: "TRUE" if value else "FALSE",
    int: str,
    float: _number,
    dt.date: dt.date.isoformat,
    dt.time: dt.time.isoformat,
    dt.datetime: lambda value: _rounded(value).isoformat(),
    dt.timedelta: _duration,
}
