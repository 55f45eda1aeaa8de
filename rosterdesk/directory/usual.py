"""What is usual for a job: the most that its earlier runs did at each school, of late and at this time of other years.

From numbers alone, which hold no record. Whether a plan is unusual is planning's business.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory.history import Kind, State
from rosterdesk.directory.schema import run_schools, runs

LEAST = 20  # runs without which nothing can be said of what is usual
_RECENT = 60  # runs: about two months of nights
_SEASON = 7  # days around this one in other years
_OTHER_YEAR = 200  # days that make it another year

Key = tuple[str, str, str]  # the school's SIS ID (empty: the district), the kind of record, the action


@dataclass(frozen=True, slots=True)
class Usual:
    """Of a job with enough runs: how many, and the most that one did, of late and around this day in other years.

    `recent` leaves out what a person had to let through: that was not usual. `season` holds it: a rollover that
    somebody has seen last August is usual in August.
    """

    job: str
    runs: int
    seasons: int  # runs around this day in other years
    recent: Mapping[Key, int]
    season: Mapping[Key, int]
    least: Mapping[Key, int] = field(default_factory=dict)  # that one of the recent runs did, where all did some


def usual(conn: sa.Connection, district: int, job: str, day: date) -> Usual | None:
    """What is usual for the job on such a day; None while it has too few runs to say.

    It reads the numbers of some hundred runs at most, however many there are. The first run of a job, which brings
    everything, and those that were taken back say nothing.
    """
    query = (
        sa.select(runs.c.run, runs.c.started, runs.c.state, runs.c.why)
        .where(runs.c.district == district, runs.c.job == job, runs.c.kind == Kind.PUSH.value)
        .order_by(runs.c.run)
    )
    through = [row for row in conn.execute(query) if row.state in (State.DONE.value, State.UNDONE.value)]
    known = [row for row in through[1:] if row.state == State.DONE.value]
    if len(known) < LEAST:
        return None
    recent = [row.run for row in known if not row.why][-_RECENT:]
    season = [row.run for row in known if _same_season(date.fromisoformat(row.started[:10]), day)]
    counts = _counts(conn, district, {*recent, *season})
    late = [counts[n] for n in recent]
    return Usual(job, len(known), len(season), _most(late), _most(counts[n] for n in season), _least(late))


def record_schools(conn: sa.Connection, district: int, run: int, counts: Mapping[str, Any]) -> None:
    """Write down what a run did, or would do, at each school: by SIS ID, kind of record and action."""
    conn.execute(run_schools.delete().where(run_schools.c.district == district, run_schools.c.run == run))
    text = json.dumps(counts, ensure_ascii=False, separators=(",", ":"))
    conn.execute(run_schools.insert().values(district=district, run=run, counts=text))


def schools_of(conn: sa.Connection, district: int, run: int) -> dict[str, dict[str, dict[str, int]]]:
    """What a run did, or would do, at each school, by SIS ID; empty where nothing is known of it."""
    query = sa.select(run_schools.c.counts).where(run_schools.c.district == district, run_schools.c.run == run)
    found: dict[str, dict[str, dict[str, int]]] = json.loads(conn.execute(query).scalar() or "{}")
    return found


def _same_season(then: date, day: date) -> bool:
    if (day - then).days < _OTHER_YEAR:
        return False
    apart = abs((day - date(day.year, 1, 1)).days - (then - date(then.year, 1, 1)).days)
    return min(apart, 365 - apart) <= _SEASON


def _counts(conn: sa.Connection, district: int, numbers: set[int]) -> dict[int, dict[Key, int]]:
    found: dict[int, dict[Key, int]] = {}
    whole = sa.select(runs.c.run, runs.c.counts).where(runs.c.district == district, runs.c.run.in_(numbers))
    for number, text in conn.execute(whole):
        found[number] = _flat("", json.loads(text))
    schools = sa.select(run_schools.c.run, run_schools.c.counts).where(
        run_schools.c.district == district, run_schools.c.run.in_(numbers)
    )
    for number, text in conn.execute(schools):
        for school, of in json.loads(text).items():
            found[number].update(_flat(school, of))
    return found


def _flat(school: str, of: Mapping[str, Any]) -> dict[Key, int]:
    return {
        (school, entity, action): int(count)
        for entity, actions in of.items()
        if isinstance(actions, dict)
        for action, count in actions.items()
        if isinstance(count, int) and count
    }


def _most(runs: Iterable[Mapping[Key, int]]) -> dict[Key, int]:
    most: dict[Key, int] = {}
    for counts in runs:
        for key, count in counts.items():
            most[key] = max(most.get(key, 0), count)
    return most


def _least(runs: Sequence[Mapping[Key, int]]) -> dict[Key, int]:
    always = set.intersection(*(set(counts) for counts in runs)) if runs else set()
    return {key: min(counts[key] for counts in runs) for key in always}
