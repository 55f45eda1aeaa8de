"""The format files themselves: whole, consistent, and each recognised by its own headers."""

from __future__ import annotations

import pytest

from rosterdesk.formats import Format, FormatTable, formats, named, recognise_source
from rosterdesk.mapping.transforms import OPERATIONS
from rosterdesk.targets import TARGETS

STANDARDS = [f for f in formats() if not f.preset]
TABLES = [pytest.param(f, t, id=f"{f.name}-{t.name}") for f in formats() for t in f.tables.values()]


def test_all_formats_are_there() -> None:
    assert {f.name for f in formats()} == {
        "oneroster-1.0",
        "oneroster-1.1",
        "oneroster-1.2",
        "classtag",
        "clever-sftp",
        "sds-v1",
        "sds-uk",
        "sds-v2",
        "sds-v2.1",
        "apple-school-manager",
        "canvas-sis",
        "powerschool",
        "skyward",
        "infinite-campus",
        "synergy",
    }
    assert named("oneroster-1.1") is not None
    assert named("oneroster-9") is None


@pytest.mark.parametrize(("fmt", "table"), TABLES)
def test_a_table_names_only_what_is_there(fmt: Format, table: FormatTable) -> None:
    columns = {c.name for c in table.columns}
    assert fmt.source
    assert set(table.needs) <= columns
    assert set(table.marks) <= columns
    for spec in table.maps:
        assert set(spec.fields) <= set(TARGETS[spec.target])
        assert {f.column for f in spec.filters} <= columns
        for option in (o for options in spec.fields.values() for o in options):
            assert set(option.columns) <= columns
            assert {t.op for t in option.transforms} <= set(OPERATIONS)
            for step in (t for t in option.transforms if t.op == "lookup"):
                other = fmt.tables[str(step.args["table"])]
                assert None not in (other.column(str(step.args["key"])), other.column(str(step.args["value"])))
        if spec.when is not None:
            assert spec.when.column in columns
            assert fmt.tables[spec.when.table].column(spec.when.key)


@pytest.mark.parametrize("fmt", STANDARDS, ids=lambda f: f.name)
def test_a_whole_set_is_recognised_as_what_it_is(fmt: Format) -> None:
    columns = {name: [c.name.replace("#", "2") for c in table.columns] for name, table in fmt.tables.items()}
    found = recognise_source(columns)
    assert found.format is fmt
    assert {n: (m.format.name, m.table.name) for n, m in found.tables.items()} == {n: (fmt.name, n) for n in fmt.tables}
    assert all(m.missing == () for m in found.tables.values())


@pytest.mark.parametrize("fmt", [f for f in STANDARDS if f.name.startswith("oneroster")], ids=lambda f: f.name)
def test_the_required_columns_are_enough(fmt: Format) -> None:
    columns = {n: [c.name for c in t.columns if c.required or c.name in t.needs] for n, t in fmt.tables.items()}
    found = recognise_source(columns)
    assert {n: m.table.name for n, m in found.tables.items()} == {n: n for n in fmt.tables}
