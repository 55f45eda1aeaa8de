"""A plan and its records in words that a school office can read aloud."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rosterdesk.gui.titles import ENTITIES
from rosterdesk.gui.words import counted, tr
from rosterdesk.model import Plan

if TYPE_CHECKING:
    from rosterdesk.gui.pairing import Planned
    from rosterdesk.planning.summary import SchoolSummary

_MOST_SCHOOLS = 3  # in sentences; the plot shows them all


def record_word(record: str) -> str:
    """What one of the records is called; a table of the source by its own name."""
    return tr(ENTITIES[record]) if record in ENTITIES else record


def records_word(record: str) -> str:
    """What many records are called."""
    return {
        "schools": tr("Schools"),
        "classrooms": tr("Classrooms"),
        "students": tr("Students"),
        "staff": tr("Staff"),
        "guardians": tr("Guardians"),
        "enrollments": tr("Enrollments"),
        "guardianships": tr("Family links"),
    }.get(record, record)


def list_title(name: str) -> str:
    """The name of one of the lists of a plan."""
    return {
        "archived": tr("Archived"),
        "families": tr("Families"),
        "changed": tr("Changed"),
        "new": tr("New"),
        "back": tr("Back"),
        "kept": tr("Kept by hand"),
        "left out": tr("Left out"),
        "all": tr("All"),
    }[name]


def sentences(planned: Planned) -> list[str]:
    """What the plan does: what is taken away first, then school by school, then what is left alone."""
    if planned.plan.empty:
        return [tr("The directory is already as the source says. Nothing would change.")]
    return [line for line in (taken_away(planned.plan), _at_schools(planned), _left_out(planned)) if line]


def taken_away(plan: Plan) -> str:
    """What is archived or removed, with the way back; empty when nothing is."""
    parts = []
    for entity, one, many in (
        ("students", "{n} student", "{n} students"),
        ("staff", "{n} member of staff", "{n} members of staff"),
        ("guardians", "{n} guardian", "{n} guardians"),
        ("classrooms", "{n} classroom", "{n} classrooms"),
    ):
        if count := plan.counts.get(entity, {}).get("archived", 0):
            parts.append(counted(count, one, many))
    said = [tr("{who} will be archived.", who=_and(parts))] if parts else []
    links = [
        counted(count, one, many)
        for link, one, many in (
            ("enrollments", "{n} enrollment", "{n} enrollments"),
            ("guardianships", "{n} family link", "{n} family links"),
        )
        if (count := plan.counts.get(link, {}).get("removed", 0))
    ]
    if links:
        said.append(tr("{what} will be removed.", what=_and(links)))
    return " ".join([*said, tr("You can undo this.")]) if said else ""


def _at_schools(planned: Planned) -> str:
    busy = sorted(planned.schools, key=lambda school: -_weight(school))
    told = [line for school in busy[:_MOST_SCHOOLS] if (line := _at_school(school))]
    if len(busy) > _MOST_SCHOOLS:
        told.append(counted(len(busy) - _MOST_SCHOOLS, "And {n} more school.", "And {n} more schools."))
    return " ".join(told)


def _at_school(school: SchoolSummary) -> str:
    return tr("At {school}: {what}.", school=school.school, what=", ".join(_happens(school))) if school.counts else ""


def _happens(school: SchoolSummary) -> Iterator[str]:
    students = school.counts.get("students", {})
    for action, one, many in (
        ("create", "{n} new student", "{n} new students"),
        ("archive", "{n} student archived", "{n} students archived"),
        ("restore", "{n} student comes back", "{n} students come back"),
        ("update", "{n} student changed", "{n} students changed"),
    ):
        if count := students.get(action, 0):
            yield counted(count, one, many)
    if count := sum(school.counts.get("staff", {}).values()):
        yield counted(count, "{n} change in staff", "{n} changes in staff")
    if count := sum(school.counts.get("classrooms", {}).values()):
        yield counted(count, "{n} change in classrooms", "{n} changes in classrooms")


def _left_out(planned: Planned) -> str:
    count = planned.lists.get("left out", 0)
    if not count:
        return ""
    return counted(
        count,
        "{n} row of the source is left out because of an error; nothing is archived because of it.",
        "{n} rows of the source are left out because of errors; nothing is archived because of them.",
    )


def _weight(school: SchoolSummary) -> int:
    return sum(sum(actions.values()) for actions in school.counts.values())


def _and(parts: list[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return tr("{first} and {last}", first=", ".join(parts[:-1]), last=parts[-1])
