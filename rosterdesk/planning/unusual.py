"""Limits beside those on what is taken away: such as people have set, and such as a job's own history suggests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rosterdesk.directory import ownership
from rosterdesk.directory.limits import Limit, in_school, read
from rosterdesk.directory.settings import NO_LIMITS
from rosterdesk.directory.usual import Usual
from rosterdesk.model import LINKS, Tripped
from rosterdesk.planning import tally
from rosterdesk.staging import Staging

Counts = Mapping[str, Mapping[str, int]]
# What is usual may be exceeded this many times over, and small numbers by anything: who is held for nothing will soon
# let everything through without a look.
_TIMES = 3
_FEW, _FEW_IN_A_SCHOOL = 25, 10
_PERCENT = 2  # of what is there, always allowed
_WORDS = {"guardianships": "family links"}
_UNASKED = ("enrollments",)  # they change by the hundred with every timetable


def given(texts: Iterable[str]) -> tuple[Limit, ...]:
    """The limits that people wrote. Raises `UsageError`."""
    return tuple(read(text) for text in texts if (text,) != NO_LIMITS)


def over(
    staging: Staging, counts: Counts, limits: Sequence[Limit], of_job: Sequence[Limit], usual: Usual | None
) -> list[Tripped]:
    """The limits that the plan in `staging` goes over: the district's, which a school's own settings replace, the job's
    beside them, and what is usual.
    """
    tripped = list(_over_in_all(staging, counts, [limit for limit in (*limits, *of_job) if not limit.school]))
    own = staging.has(ownership.LIMITS)
    if own or usual or any(limit.school for limit in (*limits, *of_job)):
        tripped += _over_in_schools(staging, limits, of_job, usual, own=own)
    if usual is not None:
        tripped += _unusual_in_all(staging, counts, usual)
    return tripped


def _over_in_all(staging: Staging, counts: Counts, limits: Iterable[Limit]) -> Iterator[Tripped]:
    for limit in limits:
        count = counts[limit.entity].get(limit.action, 0)
        if not count or (limit.percent and count <= limit.allows(0)):
            continue
        of = _there(staging, limit.entity)
        if (of or not limit.percent) and count > limit.allows(of):  # the first of all are no part of anything
            yield _tripped(limit, None, count, of)


def _over_in_schools(
    staging: Staging, limits: Sequence[Limit], of_job: Sequence[Limit], usual: Usual | None, *, own: bool
) -> Iterator[Tripped]:
    names, there = tally.names(staging), _Present(staging)
    theirs: dict[str, Sequence[Limit]] = {}
    for school, text in staging.rows(f"select sis_id, text from {ownership.LIMITS}") if own else ():
        # In a school's own setting every limit is of this school.
        here = given([text if (text,) == NO_LIMITS or text.startswith("school ") else f"school {text}"])
        theirs[school] = (*theirs.get(school, ()), *here)
    for school, of_school in tally.by_school(staging).items():
        name = names.get(school, school)
        for limit in (*theirs.get(school, limits), *in_school(of_job, school)):
            count = of_school.get(limit.entity, {}).get(limit.action, 0)
            if not limit.school or not count:
                continue
            of = there.at(limit.entity, school)
            if (of or not limit.percent) and count > limit.allows(of):
                yield _tripped(limit, name, count, of)
        for entity, actions in of_school.items() if usual is not None else ():
            assert usual is not None
            for action, count in actions.items():
                yield from _unusual(usual, (school, entity, action), name, count, there.at(entity, school))


def _unusual_in_all(staging: Staging, counts: Counts, usual: Usual) -> Iterator[Tripped]:
    for entity, actions in counts.items():
        for action, count in actions.items() if entity not in _UNASKED else ():
            if count > _FEW:
                yield from _unusual(usual, ("", entity, action), None, count, _there(staging, entity))


def _unusual(usual: Usual, key: tuple[str, str, str], school: str | None, count: int, of: int) -> Iterator[Tripped]:
    few = _FEW if school is None else _FEW_IN_A_SCHOOL
    if not of or count <= few:  # the first of all are neither usual nor unusual
        return
    recent, season = usual.recent.get(key, 0), usual.season.get(key, 0)
    limit = max(few, of * _PERCENT // 100, _TIMES * max(recent, season))
    if count <= limit:
        return
    _, entity, action = key
    known = f"In {usual.runs:,} runs of {usual.job} it was {recent:,} at most of late"
    if usual.seasons:
        known += f", and {season:,} at this time of other years"
    where = f"At {school}, " if school else ""
    word = _WORDS.get(entity, entity)
    message = f"{where}{count:,} of {of:,} {word} would be {action}. {known}; over {limit:,}, a person looks first."
    yield Tripped(entity, school, count, limit, of, message)


class _Present:
    """How many there are at each school, asked once for each kind of record."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._known: dict[str, dict[str, int]] = {}

    def at(self, entity: str, school: str) -> int:
        if entity not in self._known:
            self._known[entity] = tally.present(self._staging, entity)
        return self._known[entity].get(school, 0)


def _there(staging: Staging, entity: str) -> int:
    where = "" if entity in LINKS else " where status = 'active'"
    return int(staging.one(f"select count(*) from directory.{entity}{where}"))


def _tripped(limit: Limit, school: str | None, count: int, of: int) -> Tripped:
    where = f" of {school}" if school else ""
    most = limit.allows(of)
    word = _WORDS.get(limit.entity, limit.entity)
    message = (
        f"{count:,} {word}{where} would be {limit.action}; there are {of:,}, and over {most:,} a person looks first."
    )
    return Tripped(limit.entity, school, count, most, of, message)
