"""When a job is due: times of day and weekdays in local time, and the dates on which it rests or only adds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from rosterdesk.errors import UsageError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class Period:
    """Some days, both ends included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return self.first.isoformat() if self.first == self.last else f"{self.first}..{self.last}"


@dataclass(frozen=True, slots=True)
class Schedule:
    """Times of day (to the minute, in order) on some weekdays (0 is Monday, in order). Without a time: only by hand.

    `catch_up`: a run that was missed, because the computer was off, is made up for as soon as it can be. `wake`: wake
    the computer for it, where the system can.
    """

    times: tuple[time, ...] = ()
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    catch_up: bool = True
    wake: bool = False

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The times at which the job is due after this moment, in its time zone, without end; none by hand.

        A time that the clock skips in spring is due when the clock has jumped, and one that it shows twice in autumn
        is due once: as the systems' schedulers have it.
        """
        if not self.times or not self.weekdays:
            return
        zone, day, last = moment.tzinfo, moment.date(), moment
        while True:
            if day.weekday() in self.weekdays:
                for at in self.times:
                    due = datetime.combine(day, at, zone)
                    if zone is not None:
                        due = datetime.fromtimestamp(due.timestamp(), zone)
                    if due > last:
                        yield due
                        last = due
            day += timedelta(days=1)

    def next(self, moment: datetime) -> datetime | None:
        """The first time after this moment at which the job is due; None by hand."""
        return next(self.after(moment), None)

    def __str__(self) -> str:
        if not self.times:
            return "by hand"
        days = "every day" if len(self.weekdays) == 7 else ", ".join(WEEKDAYS[n].capitalize() for n in self.weekdays)
        return f"{days} at {', '.join(f'{at:%H:%M}' for at in self.times)}"


def schedule(times: str, weekdays: str = "", *, catch_up: bool = True, wake: bool = False) -> Schedule:
    """A schedule from what people write: "02:00, 14:30" and "mon-fri" or "mon,wed". Raises `UsageError`."""
    return Schedule(_times(times), _weekdays(weekdays), catch_up, wake)


def _times(text: str) -> tuple[time, ...]:
    found = set()
    for part in filter(None, (p.strip() for p in text.split(","))):
        match = _TIME.fullmatch(part)
        if match is None:
            raise UsageError(f"{part} is no time of day.", "Write it as 02:00 or 14:30.")
        found.add(time(int(match[1]), int(match[2])))
    return tuple(sorted(found))


def _weekdays(text: str) -> tuple[int, ...]:
    if text.strip().lower() in ("", "daily", "every day"):
        return tuple(range(7))
    found: set[int] = set()
    for part in filter(None, (p.strip().lower() for p in text.split(","))):
        ends = [p.strip()[:3] for p in part.split("-", 1)]
        if any(end not in WEEKDAYS for end in ends):
            raise UsageError(f"{part} is no weekday.", f"Write {', '.join(WEEKDAYS)}, or mon-fri.")
        first, last = WEEKDAYS.index(ends[0]), WEEKDAYS.index(ends[-1])
        found.update((first + n) % 7 for n in range((last - first) % 7 + 1))
    return tuple(sorted(found))


def period(text: str) -> Period:
    """A period from "2026-12-20..2027-01-03" or a single date. Raises `UsageError`."""
    first, _, last = text.partition("..")
    try:
        found = Period(date.fromisoformat(first.strip()), date.fromisoformat((last or first).strip()))
    except ValueError as error:
        raise UsageError(f"{text} is no date.", "Write 2026-12-20, or 2026-12-20..2027-01-03.") from error
    if found.last < found.first:
        raise UsageError(f"{text} ends before it begins.", "Write the earlier date first.")
    return found


def within(day: date, periods: Sequence[Period]) -> bool:
    """Whether the day is in one of the periods."""
    return any(day in one for one in periods)
