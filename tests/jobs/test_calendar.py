"""When jobs are due."""

from __future__ import annotations

from datetime import date, datetime
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from rosterdesk.errors import UsageError
from rosterdesk.jobs.calendar import Period, period, schedule, within

CHICAGO = ZoneInfo("America/Chicago")


def due(times: str, days: str, begin: datetime, count: int) -> list[str]:
    return [f"{at:%a %m-%d %H:%M}" for at in islice(schedule(times, days).after(begin), count)]


def test_times_come_in_order_on_their_weekdays() -> None:
    begin = datetime(2026, 11, 26, 3, 0, tzinfo=CHICAGO)  # a Thursday
    assert due("14:30, 02:00", "mon-fri", begin, 4) == [
        "Thu 11-26 14:30",
        "Fri 11-27 02:00",
        "Fri 11-27 14:30",
        "Mon 11-30 02:00",
    ]


def test_a_weekend_may_go_over_sunday() -> None:
    assert schedule("02:00", "sat-mon").weekdays == (0, 5, 6)


def test_a_time_that_the_clock_skips_comes_when_it_has_jumped() -> None:
    begin = datetime(2027, 3, 13, 12, 0, tzinfo=CHICAGO)  # 02:00 becomes 03:00 in the night that follows
    assert due("02:30", "", begin, 2) == ["Sun 03-14 03:30", "Mon 03-15 02:30"]


def test_a_time_that_the_clock_shows_twice_comes_once() -> None:
    begin = datetime(2026, 10, 31, 12, 0, tzinfo=CHICAGO)
    assert due("01:30", "", begin, 2) == ["Sun 11-01 01:30", "Mon 11-02 01:30"]


def test_by_hand_it_is_never_due() -> None:
    assert schedule("").next(datetime(2026, 11, 26, tzinfo=CHICAGO)) is None
    assert str(schedule("")) == "by hand"


@pytest.mark.parametrize("text", ["25:00", "2", "02:60", "noon"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no time of day"):
        schedule(text)


@pytest.mark.parametrize("text", ["mo-fr", "someday", "mon-"])
def test_what_is_no_weekday_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no weekday"):
        schedule("02:00", text)


def test_periods_hold_both_their_ends() -> None:
    winter = period("2026-12-20..2027-01-03")
    assert [within(day, [winter]) for day in (date(2026, 12, 19), date(2026, 12, 20), date(2027, 1, 3))] == [
        False,
        True,
        True,
    ]
    assert period("2026-11-26") == Period(date(2026, 11, 26), date(2026, 11, 26))
    with pytest.raises(UsageError, match="ends before"):
        period("2027-01-03..2026-12-20")
