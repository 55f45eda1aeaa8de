"""Rosters for the tests of the checks: literal rows become the mapped tables, as the mapping would have left them."""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from collections.abc import Sequence

from rosterdesk import checks
from rosterdesk.model import MappedTable, Mapping, Reading, SourceTable
from rosterdesk.run import Run
from rosterdesk.staging import Staging, quote
from rosterdesk.targets import TARGETS

Row = MappingABC[str, object]
Tables = MappingABC[str, Sequence[Row]]


def student(sis_id: str | None, given: str | None = "Ada", family: str | None = "Byron", **fields: object) -> Row:
    return {
        "sis_id": sis_id,
        "role": "student",
        "given_name": given,
        "family_name": family,
        "grade": "03",
        "school_sis_ids": ["A"],
        **fields,
    }


def guardian(sis_id: str | None, given: str | None = "Ida", family: str | None = "Byron", **fields: object) -> Row:
    email = f"{sis_id}@example.org"
    return {"sis_id": sis_id, "role": "guardian", "given_name": given, "family_name": family, "email": email, **fields}


def teacher(sis_id: str, given: str = "Emmy", family: str = "Noether", **fields: object) -> Row:
    return {
        "sis_id": sis_id,
        "role": "teacher",
        "given_name": given,
        "family_name": family,
        "school_sis_ids": ["A"],
        **fields,
    }


def school(sis_id: str | None = "A", **fields: object) -> Row:
    return {"sis_id": sis_id, "name": f"School {sis_id}", "type": "school", **fields}


def room(sis_id: str | None, **fields: object) -> Row:
    return {"sis_id": sis_id, "title": f"Room {sis_id}", "school_sis_id": "A", **fields}


def enrolled(class_sis_id: str | None, user_sis_id: str | None, role: str | None = "student", **fields: object) -> Row:
    return {"class_sis_id": class_sis_id, "user_sis_id": user_sis_id, "role": role, **fields}


def source(
    staging: Staging, tables: Tables, manifest: MappingABC[str, str] | None = None, columns: Sequence[str] = ("id",)
) -> tuple[Reading, tuple[MappedTable, ...]]:
    """The mapped tables of literal rows; each is a source table of its target's name, whose first row is row 2."""
    sources, mapped = [], []
    for number, (target, rows) in enumerate(tables.items(), start=1):
        fields = {name: "varchar[]" if field.many else "varchar" for name, field in TARGETS[target].items()}
        name = f'mapped."{target}_1"'
        staging.execute(f"create table {name} ({', '.join(f'{quote(f)} {t}' for f, t in fields.items())}, ref bigint)")
        for row in rows:
            assert row.keys() - {"role"} <= fields.keys(), row.keys() - fields.keys()
            staging.execute(f"insert into {name} values ({'?, ' * len(fields)} null)", [row.get(f) for f in fields])
        staging.execute(f"create table raw.{quote(target)} as select * from (select '' as {quote(columns[0])}) limit 0")
        for column in columns[1:]:
            staging.execute(f"alter table raw.{quote(target)} add column {quote(column)} varchar")
        sources.append(
            SourceTable(
                number,
                target,
                f"{target}.csv",
                "utf-8",
                ",",
                tuple(columns),
                f"raw.{quote(target)}",
                2,
                len(rows),
                "oneroster-1.1",
            )
        )
        mapped.append(MappedTable(target, name, True, number, 2))
    return Reading("test", tuple(sources), manifest or {}), tuple(mapped)


def checked(
    staging: Staging, tables: Tables, manifest: MappingABC[str, str] | None = None, columns: Sequence[str] = ("id",)
) -> list[tuple[str, str, int | None, str | None, str | None]]:
    """Check the rows; return the problems (code, table, row, field, value)."""
    reading, mapped = source(staging, tables, manifest, columns)
    checks.check(Mapping(()), reading, mapped, staging, Run())
    return problems(staging)


def problems(staging: Staging) -> list[tuple[str, str, int | None, str | None, str | None]]:
    return staging.rows("select code, table_name, row, column_name, value from problems order by ref, code, value")


def ids(staging: Staging, entity: str) -> list[str]:
    """The SIS IDs of the records of an entity that may go on."""
    return [sis_id for (sis_id,) in staging.rows(f"select sis_id from incoming.{entity} order by sis_id")]
