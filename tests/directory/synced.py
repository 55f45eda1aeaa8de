"""A small synced district as a push would leave it, and the people at its keyboards, for tests of the rules."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory.edit import editing
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.permissions import Permission, Person
from rosterdesk.directory.schema import RECORDS, metadata
from tests.directory.filling import begin
from tests.rosters import adult, classroom, enrollment, push, roster, student, written

# The source: one school with a classroom, a teacher, two students and their guardian, and a second school.
ADULTS = {
    "G1": ("guardian", "A", "Gil", "Wu", "gil@example.org", ""),
    "T1": ("teacher", "A", "Tom", "Lee", "tom@example.org", ""),
    "T2": ("teacher", "B", "Tim", "Fox", "tim@example.org", ""),
}


def source(folder: Path, **changes: str) -> Path:
    """The source as files; `changes` by name: title, gil (e-mail), tom (e-mail), mei (first name), role (of Tom)."""
    users = (
        student("S1", given=changes.get("mei", "Mei"), family="Wu", guardians="G1")
        + student("S2", given="Sol", family="Wu", guardians="G1")
        + student("S3", "B", given="Bo", family="Ash", guardians="")
        + adult("G1", "guardian", given="Gil", family="Wu", email=changes.get("gil", "gil@example.org"))
        + adult(
            "T1", changes.get("role", "teacher"), given="Tom", family="Lee", email=changes.get("tom", "tom@example.org")
        )
        + adult("T2", "teacher", "B", given="Tim", family="Fox", email="tim@example.org")
    )
    classes = classroom("C1", title=changes.get("title", "Math")) + classroom("C2", "B", title="Art")
    links = enrollment("C1", "S1") + enrollment("C1", "S2") + enrollment("C1", "T1", "teacher")
    return written(roster(users, classes, links + enrollment("C2", "S3", school="B")), folder)


@dataclass
class District:
    """A directory and short ways to its records by SIS ID."""

    directory: Directory

    def id(self, entity: str, sis_id: str) -> int:
        table = RECORDS[entity]
        with self.directory.read() as conn:
            return int(conn.execute(sa.select(table.c.id).where(table.c.sis_id == sis_id)).scalar_one())

    def row(self, entity: str, record: int | str) -> dict[str, Any]:
        number = self.id(entity, record) if isinstance(record, str) else record
        table = RECORDS[entity]
        with self.directory.read() as conn:
            return dict(conn.execute(sa.select(table).where(table.c.id == number)).one()._mapping)

    def links(self, link: str, **key: Any) -> list[dict[str, Any]]:
        table = metadata.tables[link]
        query = sa.select(table).where(*(table.c[name] == value for name, value in key.items()))
        with self.directory.read() as conn:
            return [dict(row._mapping) for row in conn.execute(query)]

    def edit(self, person: Person | None = None, *, since: int | None = None) -> Any:
        """An edit by somebody; the owner if nobody is named."""
        return editing(self.directory, "testing", "because of a test", person=person, since=since)

    def sync(self, folder: Path, **changes: str) -> Any:
        """Push the source; return the plan."""
        return push(self.directory, source(folder, **changes))[1]


def synced(directory: Directory) -> District:
    """The source's records, written straight into the directory: most rules need no run."""
    with directory.transaction() as conn:
        run = begin(directory, conn)
        schools = {name: run.create("schools", sis_id=name, name=name) for name in "AB"}
        rooms = {
            "C1": run.create("classrooms", sis_id="C1", title="Math", school=schools["A"]),
            "C2": run.create("classrooms", sis_id="C2", title="Art", school=schools["B"]),
        }
        students = {
            name: run.create("students", sis_id=name, given_name=given, family_name=family, school=schools[school])
            for name, given, family, school in (
                ("S1", "Mei", "Wu", "A"), ("S2", "Sol", "Wu", "A"), ("S3", "Bo", "Ash", "B"),
            )
        }  # fmt: skip
        for name, (role, school, given, family, email, _) in ADULTS.items():
            who = {"sis_id": name, "given_name": given, "family_name": family, "email": email}
            if role == "guardian":
                guardian = run.create("guardians", **who)
            else:
                teacher = run.create("staff", **who, role=role, school=schools[school])
                run.link("enrollments", classroom=rooms[f"C{name[1]}"], person=teacher, role="teacher")
        for name in ("S1", "S2"):
            run.link("enrollments", classroom=rooms["C1"], person=students[name], role="student")
            run.link("guardianships", student=students[name], guardian=guardian)
        run.link("enrollments", classroom=rooms["C2"], person=students["S3"], role="student")
    return District(directory)


def somebody(permission: Permission, school: int = 0, who: str = "Ann", *records: int) -> Person:
    """A person with one permission, in a school or everywhere, and their own records."""
    return Person(who, frozenset({(permission, school)}), frozenset(records))
