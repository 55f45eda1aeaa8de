"""What is told only beside the directory, the manifest, the headings or the number of rows."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rosterdesk import checks
from rosterdesk.checks import signs
from rosterdesk.directory.snapshot import columns
from rosterdesk.model import ENTITIES, LINKS, FieldMap, Mapping, TableMap
from rosterdesk.run import Run
from rosterdesk.staging import Staging
from tests.checks.tables import Tables, checked, enrolled, ids, problems, room, school, source, student


def directory(staging: Staging, **tables: Sequence[dict[str, object]]) -> None:
    """Make `directory.*` as its snapshot would, of literal rows."""
    for name in (*ENTITIES, *LINKS):
        spec = columns(name)
        staging.execute(f"create table directory.{name} ({', '.join(f'{c} {t}' for c, t in spec.items())})")
        for n, row in enumerate(tables.get(name, ()), start=1):
            full = {"id": n, "status": "active", **row} if name in ENTITIES else row
            staging.execute(
                f"insert into directory.{name} ({', '.join(full)}) values ({', '.join('?' * len(full))})",
                list(full.values()),
            )


def people(n: int, prefix: str = "S", **fields: object) -> list[dict[str, object]]:
    return [{"sis_id": f"{prefix}{i:03}", "school_sis_id": "A", **fields} for i in range(n)]


def roster(n: int, prefix: str = "S") -> Tables:
    return {"schools": [school()], "users": [student(f"{prefix}{i:03}", f"X{i}") for i in range(n)]}


def compared(staging: Staging) -> tuple[frozenset[str], list[tuple[str, str | None]]]:
    before = len(problems(staging))
    kept = checks.compare(staging, Run())
    rows = staging.rows("select code, value from problems order by rowid")
    return kept, rows[before:]


def test_fewer_rows(staging: Staging) -> None:
    checked(staging, roster(60))
    directory(staging, students=people(100))
    assert compared(staging) == (frozenset(), [("fewer-rows", "60 students, against 100")])


def test_fewer_rows_and_a_whole_number_of_pages_prove_nothing(
    staging: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signs, "PAGE", 20)
    checked(staging, roster(80))
    directory(staging, students=people(100))
    assert compared(staging) == ({"students"}, [("fewer-rows", "80 students, against 100")])


def test_as_many_rows_as_before_are_no_sign(staging: Staging) -> None:
    checked(staging, roster(95))
    directory(staging, students=people(100))
    assert compared(staging) == (frozenset(), [])


def test_school_empty(staging: Staging) -> None:
    checked(staging, {**roster(30), "schools": [school(), school("B")]})
    directory(
        staging, students=[*people(30), *people(12, "T", school_sis_id="B")], schools=[{"sis_id": "B", "name": "Bee"}]
    )
    assert compared(staging)[1] == [("school-empty", "12 students of Bee")]


def test_a_source_of_one_school_need_not_know_the_others(staging: Staging) -> None:
    checked(staging, roster(30))
    schools = [{"sis_id": name, "name": name} for name in "ABC"]
    directory(staging, students=[*people(30), *people(12, "T", school_sis_id="B")], schools=schools)
    assert compared(staging)[1] == []


def test_a_school_that_is_missing_from_the_list_of_schools(staging: Staging) -> None:
    checked(staging, {**roster(30), "schools": [school(), school("C")]})
    schools = [{"sis_id": name, "name": name} for name in "ABC"]
    directory(staging, students=[*people(30), *people(12, "T", school_sis_id="B")], schools=schools)
    assert compared(staging)[1] == [("school-empty", "12 students of B")]


def test_grade_empty(staging: Staging) -> None:
    checked(staging, roster(30))
    directory(staging, students=[*people(30, grade="03"), *people(10, "T", grade="04")])
    assert compared(staging)[1] == [("grade-empty", "10 students of grade 04")]


def test_ids_changed(staging: Staging) -> None:
    checked(staging, roster(30, "N"))
    directory(staging, students=people(30))
    assert compared(staging)[1] == [("ids-changed", "students")]


def test_id_lost_zeros_directory(staging: Staging) -> None:
    users = [student("12"), student("13", "Bob")]
    checked(
        staging,
        {"schools": [school()], "users": users, "classrooms": [room("7")], "enrollments": [enrolled("7", "12")]},
    )
    directory(
        staging, students=[{"sis_id": "0012", "school_sis_id": "A"}, {"sis_id": "13"}], classrooms=[{"sis_id": "07"}]
    )
    kept, found = compared(staging)
    assert kept == {"students", "classrooms"}
    assert found == [("id-lost-zeros-directory", "12"), ("id-lost-zeros-directory", "7")]
    assert (ids(staging, "students"), ids(staging, "classrooms")) == (["13"], [])
    assert staging.rows(
        "select entity, sis_id from incoming.seen where sis_id in ('12', '7') and entity <> 'classroom'"
    ) == [("student", "12")]


def test_an_empty_directory_says_nothing(staging: Staging) -> None:
    checked(staging, roster(3))
    directory(staging)
    assert compared(staging) == (frozenset(), [])


def test_spreadsheet_limit(staging: Staging, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signs, "SHEETS", (30,))
    assert ("spreadsheet-limit", "users", None, None, "30") in checked(staging, roster(30))
    assert checks.unproven(staging) == {"students", "staff", "guardians", "guardianships"}


def test_bulk_with_dates(staging: Staging) -> None:
    reading, mapped = source(staging, roster(1), {"file.users": "bulk"}, ["dateLastModified"])
    staging.execute("insert into raw.users values ('2026-01-01')")
    checks.check(Mapping(()), reading, mapped, staging, Run())
    assert ("bulk-with-dates", "users", None, None, None) in problems(staging)


def test_header_close(staging: Staging) -> None:
    headings = ["sourcedId", "orgSourcedldz", "identifier", "Bus number"]
    reading, mapped = source(staging, {"users": [student("S1")]}, columns=headings)
    mapping = Mapping((TableMap("users", "users", {"sis_id": FieldMap(("sourcedId",))}),))
    checks.check(mapping, reading, mapped, staging, Run())
    assert [p for p in problems(staging) if p[0].startswith("header")] == [
        ("header-close", "users", 1, "orgSourcedldz", "orgSourcedldz")
    ]


def test_a_heading_that_is_used_but_spelt_in_another_way(staging: Staging) -> None:
    reading, mapped = source(staging, {"users": [student("S1")]}, columns=["sourceId", "givenName", "fаmilyName"])
    mapping = Mapping(
        (TableMap("users", "users", {"sis_id": FieldMap(("sourceId",)), "family_name": FieldMap(("fаmilyName",))}),)
    )
    checks.check(mapping, reading, mapped, staging, Run())
    assert [p[4] for p in problems(staging) if p[0] == "header-look-alike"] == ["fаmilyName", "sourceId"]
