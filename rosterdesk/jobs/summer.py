"""Jobs over the summer: they rest, or only add, between two school years, and the first run has limits of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from rosterdesk.errors import UsageError
from rosterdesk.jobs.calendar import Period
from rosterdesk.jobs.file import FirstRun, Job, load, save


def pause(
    jobs: Sequence[str],
    rest: Period | None,
    *,
    only_add: Period | None = None,
    first: FirstRun | None = None,
) -> tuple[Job, ...]:
    """Save the jobs with these dates and the limits of their first run; return them. What they had already stays.

    Raises `UsageError` for dates that contradict each other, and for a job that there is not; then none is changed.
    """
    if rest is None and only_add is None and first is None:
        raise UsageError("There are no dates to save.", "Say when the jobs rest, or when the new year begins.")
    if rest and only_add and rest.first <= only_add.last and only_add.first <= rest.last:
        raise UsageError("A job can't rest and add on the same day.", "Let the one end before the other begins.")
    if rest and first and first.day in rest:
        raise UsageError("The first run would be on a date of rest.", f"Let it be after {rest.last}.")
    if first and not all(0 <= n <= 100 for n in first.settings().values() if isinstance(n, int)):
        raise UsageError("A threshold is no percentage.", "Write a whole number from 0 to 100.")
    changed = [
        replace(
            job,
            blackouts=_with(job.blackouts, rest),
            additions_only_dates=_with(job.additions_only_dates, only_add),
            first_run=first or job.first_run,
        )
        for job in map(load, jobs)
    ]
    for job in changed:
        save(job)
    return tuple(changed)


def next_summer(today: date) -> Period:
    """The summer that comes or is now, as most districts have it; to be changed by whoever knows better."""
    year = today.year if today <= date(today.year, 8, 9) else today.year + 1
    return Period(date(year, 6, 15), date(year, 8, 9))


def _with(periods: tuple[Period, ...], more: Period | None) -> tuple[Period, ...]:
    return tuple(sorted({*periods, *([more] if more is not None else [])}, key=lambda p: (p.first, p.last)))
