"""The limits of a job by place: in the whole district, at every school, at one school. Knows no widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rosterdesk.directory.limits import SCHOOLS_OF, Limit, read

_RECORDS = ("created", "updated", "archived", "restored")
_LINKS = ("created", "removed")
_KINDS = ("students", "staff", "guardians", "classrooms", "schools", "enrollments", "guardianships")

Line = tuple[str, str]  # the kind of record, and the action
LINES: tuple[Line, ...] = tuple(
    (entity, action)
    for entity in _KINDS
    for action in (_LINKS if entity in ("enrollments", "guardianships") else _RECORDS)
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a limit holds: in the whole district, at every school, or at one (its SIS ID)."""

    school: bool = False
    at: str = ""

    @property
    def lines(self) -> tuple[Line, ...]:
        """What can be limited there."""
        return tuple(line for line in LINES if not self.school or line[0] in SCHOOLS_OF)


DISTRICT, EVERY_SCHOOL = Place(), Place(school=True)


class LimitBook:
    """What a job's limits say, and what a person makes of them. Of two that say the same the stricter one counts."""

    def __init__(self, limits: Sequence[str] = ()) -> None:
        self._given = tuple(limits)
        self._most: dict[tuple[Place, Line, bool], int] = {}
        for limit in map(read, limits):
            key = Place(limit.school, limit.at), (limit.entity, limit.action), limit.percent
            self._most[key] = min(limit.most, self._most.get(key, limit.most))
        self._before = dict(self._most)

    def most(self, place: Place, line: Line, *, percent: bool) -> int | None:
        """How many, or how much in percent; None: there is no such limit of the place's own."""
        return self._most.get((place, line, percent))

    def wider(self, place: Place, line: Line, *, percent: bool) -> int | None:
        """What holds at a school without a limit of its own; None: nothing."""
        return self.most(EVERY_SCHOOL, line, percent=percent) if place.at else None

    def write(self, place: Place, line: Line, most: int | None, *, percent: bool) -> None:
        """Set a limit, or take it away."""
        if most is None:
            self._most.pop((place, line, percent), None)
        else:
            self._most[place, line, percent] = most

    def own(self) -> dict[str, int]:
        """How many limits of its own each school has, by SIS ID; only those that have any."""
        counts: dict[str, int] = {}
        for place, _, _ in self._most:
            if place.at:
                counts[place.at] = counts.get(place.at, 0) + 1
        return counts

    def texts(self) -> tuple[str, ...]:
        """The limits as a job's file says them, in order; as they were given where nothing was changed."""
        if self._most == self._before:
            return self._given
        ordered = sorted(self._most.items(), key=lambda one: _order(*one[0]))
        return tuple(
            str(Limit(entity, action, most, percent, place.school, place.at))
            for (place, (entity, action), percent), most in ordered
        )


def _order(place: Place, line: Line, percent: bool) -> tuple[bool, str, int, bool]:
    return place.school, place.at, LINES.index(line), percent
