"""The sets that others published: recognised and mapped without hand work, or what needs a hand is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from rosterdesk import mapping
from rosterdesk.formats import recognise_source
from rosterdesk.model import Mapping as RosterMapping
from rosterdesk.model import Reading
from rosterdesk.staging import Staging

Mapped = Callable[[RosterMapping, Reading], Mapping[str, list[dict[str, Any]]]]
SDS = "o365-edu-tools-sds"
NO_NAMES = [
    f"The table “{table}” has no column for “{part} name” of {target}."
    for table, target in (("Student", "students"), ("Teacher", "staff"))
    for part in ("First", "Last")
]
SETS = [
    ("nicelion-oneroster-mocker/outputs", "oneroster-1.1", {"schools": 2, "users": 2003}, []),
    (
        "oat-sa-oneroster-import/data/samples/OneRosterv1p1BaseCSV",
        "oneroster-1.0",
        {"schools": 2, "classrooms": 3, "users": 2, "enrollments": 3},
        [],
    ),
    (
        "snapwiz-oneroster/OneRosterv1p1BaseCSV",
        "oneroster-1.0",
        {"schools": 2, "classrooms": 3, "users": 11, "enrollments": 19, "demographics": 14, "terms": 4},
        [],
    ),
    (
        "rjeike-oneroster-net/CSVSample",
        "oneroster-1.1",
        {"schools": 3, "classrooms": 4, "users": 4, "enrollments": 3, "terms": 3},
        [],
    ),
    *[
        (f"rjeike-oneroster-net/CSVSample/{step}", "oneroster-1.1", {"classrooms": n, "users": 4, "enrollments": 3}, [])
        for step, n in (
            ("Step1-UpdateCourse", 4),
            ("Step2-AddCourse", 4),
            ("Step3-DeleteCourse", 4),
            ("Step4-AddClass", 5),
        )
    ],
    (
        f"{SDS}/SDS Format/25 Users",
        "sds-v1",
        {"schools": 2, "classrooms": 2, "students": 22, "staff": 2, "enrollments": 46, "terms": 1},
        [],
    ),
    (f"{SDS}/SDS Format/100 Users", "sds-v1", {"schools": 2, "classrooms": 28, "students": 86, "staff": 12}, []),
    (
        f"{SDS}/SDS Format/Min Required Attributes",
        "sds-v1",
        {"schools": 2, "classrooms": 2, "students": 22, "staff": 2, "enrollments": 46},
        NO_NAMES,
    ),
    (
        f"{SDS}/UK Format/25 Users",
        "sds-uk",
        {"schools": 2, "classrooms": 28, "students": 22, "staff": 2, "enrollments": 158},
        [],
    ),
    (f"{SDS}/UK Format/100 Users", "sds-uk", {"schools": 2, "classrooms": 28, "students": 86, "staff": 12}, []),
    (
        f"{SDS}/UK Format/Min Required Attributes",
        "sds-uk",
        {"schools": 2, "classrooms": 28, "students": 22, "staff": 2, "enrollments": 158},
        NO_NAMES,
    ),
    (f"{SDS}/SDS v2", "sds-v2", {"schools": 5, "classrooms": 4, "users": 29, "enrollments": 29}, []),
    (
        f"{SDS}/SDS v2.1",
        "sds-v2.1",
        {"schools": 4, "classrooms": 2, "users": 8, "roles": 7, "enrollments": 6, "guardianships": 3, "terms": 2},
        [],
    ),
    (
        "vossenv-api-mock/data",
        "oneroster-1.1",
        {"schools": 2, "classrooms": 84, "users": 300, "enrollments": 4200},
        [],
    ),
]


@pytest.mark.parametrize(("folder", "fmt", "rows", "asked"), SETS, ids=[s[0] for s in SETS])
def test_published_sets(
    fixtures: Path,
    folder: str,
    fmt: str,
    rows: dict[str, int],
    asked: list[str],
    read: Callable[..., Reading],
    staging: Staging,
    mapped: Mapped,
) -> None:
    reading = read(fixtures / folder)
    found = recognise_source({t.name: t.columns for t in reading.tables})
    assert found.format is not None
    assert found.format.name == fmt
    spec = mapping.suggest(reading, staging)
    assert mapping.unmet(spec) == asked
    tables = mapped(spec, reading)
    counted = Counter({target: len(made) for target, made in tables.items()})
    assert {target: counted[target] for target in rows} == rows
    if not asked:
        _whole(tables)


def _whole(tables: Mapping[str, list[dict[str, Any]]]) -> None:
    """Enrollments point to classrooms and people that are there, most of them; roles and dates are ours."""
    people = {r["sis_id"] for kind in ("users", "students", "staff") for r in tables.get(kind, [])}
    classes = {r["sis_id"] for r in tables.get("classrooms", [])}
    enrolled = tables.get("enrollments", [])
    assert sum(r["user_sis_id"] in people and r["class_sis_id"] in classes for r in enrolled) >= len(enrolled) / 2
    assert {r["role"] for r in enrolled} <= {"student", "teacher", "staff", "aide"}
    assert {r["role"] for r in tables.get("users", []) if "role" in r} <= {
        "student",
        "guardian",
        "teacher",
        "aide",
        "administrator",
        "staff",
    }
    assert all(len(r["birth_date"]) == 10 for r in tables.get("students", []) if "birth_date" in r)


def test_a_database_dump_is_joined_by_its_numbers(
    fixtures: Path, read: Callable[..., Reading], staging: Staging, mapped: Mapped
) -> None:
    reading = read(fixtures / "vossenv-api-mock" / "data")
    tables = mapped(mapping.suggest(reading, staging), reading)
    first = next(r for r in tables["enrollments"] if r["row"] == 2)
    assert first["user_sis_id"] == "cda272c0-bf6c-4e72-8b13-5f1f3be72339"
    assert first["class_sis_id"] == "5fbd34b6-ea52-4a4a-b6ae-e43f60139695"
    assert (first["role"], first["primary"], first["begin_date"]) == ("student", "false", "2018-09-01")
    assert tables["classrooms"][0]["title"] == "Algebra I - Fall"
    assert tables["users"][0]["school_sis_ids"] == ["f9a75f84-130b-419e-bbe6-463585e930e9"]
    assert {r["role"] for r in tables["enrollments"]} == {"student", "teacher"}


def test_guardians_of_a_set_whose_roles_leave_them_out(
    fixtures: Path, read: Callable[..., Reading], staging: Staging, mapped: Mapped
) -> None:
    reading = read(fixtures / SDS / "SDS v2.1")
    tables = mapped(mapping.suggest(reading, staging), reading)
    assert {r["sis_id"] for r in tables["users"] if r.get("role") == "guardian"} == {"114002", "114005"}
