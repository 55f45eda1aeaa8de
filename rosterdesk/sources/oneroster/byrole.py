"""People where a OneRoster server has no list of all users: its lists of students and of teachers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rosterdesk.net.https import Https
from rosterdesk.run import Run
from rosterdesk.sources.oneroster.paging import Pages, read_pages

NO_USERS = (
    "The server has no list of all people, so its students and teachers were read. Guardians and other staff are not "
    "among them, and nobody who is missing is taken away."
)
_ROLES = {"students": "student", "teachers": "teacher"}


def read_by_role(
    door: Https, base: str, size: int, take: Callable[[Sequence[Any]], None], run: Run, where: str
) -> Pages:
    """Give `take` the records of both lists. What is returned is `missing` when the server has neither."""
    several = []
    for resource, role in _ROLES.items():

        def told(records: Sequence[Any], role: str = role) -> None:
            take([_with_role(record, role) for record in records])

        several.append(read_pages(door, base, resource, size, told, run, f"Reading {resource}", where))
    if all(pages.missing for pages in several):
        return several[0]
    there = [pages for pages in several if not pages.missing]
    totals = [pages.total for pages in there if pages.total is not None]
    return Pages(
        sum(pages.records for pages in there),
        sum(pages.pages for pages in there),
        sum(totals) if len(totals) == len(there) else None,
        ended=all(pages.ended for pages in there),
        steady=all(pages.steady for pages in there),
    )


def _with_role(record: Any, role: str) -> Any:
    """The record of a list of one role, which servers may leave out in it."""
    if not isinstance(record, dict) or record.get("role") or record.get("roles"):
        return record
    return {**record, "role": role}
