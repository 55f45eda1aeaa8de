"""Limits on what one run may do beside taking away, as people write them: `students created 200`,
`school students updated 30%`, `students created 40 at 0012`, `guardianships removed 5%`. Whether a plan goes over one
is planning's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rosterdesk.errors import UsageError
from rosterdesk.model import ENTITIES, LINKS

_RECORDS = ("created", "updated", "archived", "restored")
_LINKS = ("created", "removed")
SCHOOLS_OF = ("classrooms", "students", "staff", "guardianships")  # what belongs to one school each
# A percentage says nothing of a small number: up to so many may be done whatever it says.
FEW = 100
FEW_IN_A_SCHOOL = 20
_AT = re.compile(r"\s+at\s+(?P<at>\S(?:.*\S)?)\s*$", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` of a kind of record, or of those that are there that percentage: in all, in each school, or `at`
    one school (its SIS ID; then `school` is true too).
    """

    entity: str
    action: str  # as in the counts of a plan: created, updated, archived, restored, removed
    most: int
    percent: bool = False
    school: bool = False
    at: str = ""

    def allows(self, of: int) -> int:
        """How many may be done where there are `of` of them now. The first of a kind may come without a look."""
        if not self.percent:
            return self.most
        return max(of * self.most // 100, FEW_IN_A_SCHOOL if self.school else FEW)

    def __str__(self) -> str:
        where, sign = "school " if self.school and not self.at else "", "%" if self.percent else ""
        return f"{where}{self.entity} {self.action} {self.most}{sign}{f' at {self.at}' if self.at else ''}"


def in_school(limits: Iterable[Limit], school: str) -> list[Limit]:
    """Those of a job's limits that hold within a school (its SIS ID): where it has one of its own of a kind, that holds
    in place of the one of every school.
    """
    own = [limit for limit in limits if limit.at == school]
    taken = {(limit.entity, limit.action, limit.percent) for limit in own}
    wide = [limit for limit in limits if limit.school and not limit.at]
    return [*own, *(limit for limit in wide if (limit.entity, limit.action, limit.percent) not in taken)]


def read(text: str) -> Limit:
    """The limit that people wrote. Raises `UsageError` that says how to write it."""
    found = _AT.search(text)
    at = found["at"] if found else ""  # an ID, whose case and spaces mean something
    words = (text[: found.start()] if found else text).lower().split()
    school = words[:1] == ["school"]
    words = words[1:] if school else words
    school = school or bool(at)
    advice = "Write it as: students created 200, or: school students updated 30%, or: students created 40 at SCHOOL-ID."
    if len(words) != 3:
        raise UsageError(f"{text!r} is no limit.", advice)
    entity, action, most = words
    if entity not in (*ENTITIES, *LINKS) or (school and entity not in SCHOOLS_OF):
        kinds = SCHOOLS_OF if school else (*ENTITIES, *LINKS)
        raise UsageError(
            f"There is no limit on {entity}{' of a school' if school else ''}.", f"On: {', '.join(kinds)}."
        )
    actions = _LINKS if entity in LINKS else _RECORDS
    if action not in actions:
        raise UsageError(f"{entity} can't be limited in {action!r}.", f"In: {', '.join(actions)}.")
    percent = most.endswith("%")
    number = most.removesuffix("%")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise UsageError(f"{most!r} is no number of records.", advice)
    return Limit(entity, action, int(number), percent, school, at)
