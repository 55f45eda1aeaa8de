"""A synced district with what was entered by hand before it, for tests of merging."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rosterdesk.directory.engine import Directory
from tests.directory.filling import begin
from tests.directory.synced import District, source, synced
from tests.rosters import push

__all__ = ["by_hand", "pushed", "source", "synced"]


def pushed(directory: Directory, folder: Path) -> District:
    """The source, brought by a push."""
    push(directory, source(folder))
    return District(directory)


def by_hand(district: District) -> dict[str, int]:
    """Three manual students (one archived) with all that a merge moves, and an archived one of an earlier SIS; their
    guardians and a teacher. Returns the numbers by name."""
    directory, made = district.directory, dict[str, int]()
    school = district.id("schools", "A")
    s1, g1 = district.id("students", "S1"), district.id("guardians", "G1")
    with directory.transaction() as conn:
        run = begin(directory, conn)

        def link(which: str, /, **values: Any) -> None:
            own = {"synced": 0} if which in ("enrollments", "guardianships") else {}
            run.link(which, **{**own, **values})

        made["club"] = run.create("classrooms", title="Chess", school=school)
        made["old room"] = run.create("classrooms", title="Attic", school=school, status="archived")
        active = run.create("accounts", state="active")
        invited = run.create("accounts", state="invitee")
        for name, given, extra in (
            ("mei", "Mei", {"email": "mei@home.example", "status": "archived", "account": active}),
            ("may", "May", {"preferred_name": "Mimi", "grade": "04"}),
            ("sol", "Sol", {"language": "es", "account": invited}),
            ("was S1", "Mei", {"sis_id": "OLD1", "status": "archived", "email": "old@home.example"}),
        ):
            values = {"given_name": given, "family_name": "Wu", "school": school, **extra}
            made[name] = run.create("students", **values)
        for name, extra in (
            ("dad", {"given_name": "Gil", "family_name": "Wu", "sms": "+15550001111", "account": active}),
            ("aunt", {"given_name": "Zoe", "family_name": "Wu", "email": "zoe@example.org"}),
            ("was G1", {"given_name": "Gil", "family_name": "Wu", "sis_id": "OLDG", "status": "archived"}),
        ):
            made[name] = run.create("guardians", **extra)
        made["tom"] = run.create("staff", given_name="Thomas", family_name="Lee", school=school, phone="+15550002222")
        link("other_schools", person=made["tom"], school=district.id("schools", "B"))
        link("enrollments", classroom=made["club"], person=made["tom"], role="teacher", is_primary=1)
        for student, guardian in (
            ("mei", "dad"), ("mei", "aunt"), ("may", "dad"), ("sol", "aunt"), ("was S1", "was G1"), ("was S1", "dad"),
        ):  # fmt: skip
            link("guardianships", student=made[student], guardian=made[guardian], relationship="family")
        link("guardianships", student=made["may"], guardian=g1)
        for student in ("mei", "may", "sol"):
            link("enrollments", classroom=made["club"], person=made[student], role="student")
        link("enrollments", classroom=made["old room"], person=made["mei"], role="student")
        link("enrollments", classroom=district.id("classrooms", "C1"), person=made["was S1"], role="student", synced=1)
        for student, bus in ((made["mei"], "7"), (made["may"], "8"), (s1, "9")):
            link("attributes", student=student, name="bus", value=bus)
        link("attributes", student=made["mei"], name="lunch", value="free")
        link("join_codes", student=made["mei"], code="MEIMEIMX")
        link("join_codes", student=made["sol"], code="SQLSQLSX")
        link("join_codes", student=district.id("students", "S2"), code="TWQTWQTX")
        link("grants", who="zoe", permission="family_access", school=school, person=made["aunt"])
    return made
