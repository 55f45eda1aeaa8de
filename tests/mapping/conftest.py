"""Literal CSV as the read stage would hand it over, without that stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from rosterdesk import mapping
from rosterdesk.model import Confidence, FieldMap, Reading, SourceTable, TableMap
from rosterdesk.model import Mapping as RosterMapping
from rosterdesk.run import Run
from rosterdesk.staging import ROW_BITS, Staging, literal, quote

Read = Callable[..., Reading]
Rows = list[dict[str, Any]]


@pytest.fixture
def read(staging: Staging, tmp_path: Path) -> Read:
    """Tables by name from CSV text, `read(users="sourcedId,role\\n...")`, or from the CSV files of a folder."""

    def make(folder: Path | None = None, **tables: str) -> Reading:
        files = sorted(folder.glob("*.csv")) if folder is not None else []
        for name, text in tables.items():
            files.append(tmp_path / f"{name}.csv")
            files[-1].write_text(text.strip() + "\n", encoding="utf-8")
        found = []
        for number, file in enumerate(files, start=1):
            relation = f"raw.{quote(file.stem)}"
            dialect = "all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"', null_padding = true"
            csv = f"read_csv({literal(str(file))}, {dialect}, strict_mode = false)"
            staging.execute(f"create table {relation} as select * from {csv}")
            names = f"select name from pragma_table_info({literal(relation)}) order by cid"
            columns = tuple(row[0] for row in staging.rows(names))
            found.append(SourceTable(number, file.stem, file.name, "utf-8", ",", columns, relation))
        return Reading("test", tuple(found))

    return make


@pytest.fixture
def mapped(staging: Staging, run: Run) -> Callable[[RosterMapping, Reading], Mapping[str, Rows]]:
    """The mapped rows of each target, without fields that are empty, `ref` as the row in its file."""

    def make(spec: RosterMapping, reading: Reading) -> Mapping[str, Rows]:
        out: dict[str, Rows] = {}
        for table in mapping.apply(spec, reading, staging, run):
            cursor = staging.execute(f"select * from {table.relation}")
            names = [d[0] for d in cursor.description or []]
            for count, row in enumerate(cursor.fetchall(), start=table.first_row):
                cells = {n: v for n, v in zip(names, row, strict=True) if v is not None and n != "ref"}
                ref = row[names.index("ref")]
                assert (ref is None) == table.row_preserving
                assert ref is None or ref >> ROW_BITS == table.number
                place = count if ref is None else ref & ((1 << ROW_BITS) - 1)
                out.setdefault(table.target, []).append({**cells, "row": place})
        return out

    return make


def columns(spec: TableMap) -> dict[str, tuple[str, str]]:
    """The first column (or the constant) of each field, and its confidence."""

    def source(field: FieldMap) -> str:
        return field.columns[0] if field.columns else f"={field.transforms[0].args['value']}"

    return {name: (source(field), field.confidence.value) for name, field in spec.fields.items()}


@pytest.fixture
def suggested(read: Read, staging: Staging) -> Callable[..., RosterMapping]:
    """The mapping suggested for tables of CSV text."""

    def make(preset: str | None = None, **tables: str) -> RosterMapping:
        return mapping.suggest(read(**tables), staging, preset)

    return make


@pytest.fixture
def sources() -> Callable[[TableMap], dict[str, tuple[str, str]]]:
    """See `columns`."""
    return columns


@pytest.fixture
def sure() -> tuple[Confidence, ...]:
    return (Confidence.EXACT, Confidence.ALIAS, Confidence.PRESET)
