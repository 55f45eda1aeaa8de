"""What a mapping makes of some cells: before and after, for people to judge it by."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rosterdesk.errors import UsageError
from rosterdesk.mapping.transforms import Bench, build
from rosterdesk.model import FieldMap, Mapping, Reading, TableMap
from rosterdesk.staging import Staging, quote
from rosterdesk.targets import TARGETS

_SEEN = 200  # rows that samples are taken from
_FEW = 4
_MOST_VALUES = 200


@dataclass(frozen=True, slots=True)
class Value:
    """Cells of the source that are alike: what stands in them, how many there are, and what becomes of them."""

    before: str
    count: int
    after: str


def samples(mapping: Mapping, reading: Reading, staging: Staging) -> dict[tuple[int, str], tuple[Value, ...]]:
    """A few different cells for each field that has a column, by the map's place in the mapping and the field."""
    found = {}
    for place, spec in enumerate(mapping.tables):
        for name, field in spec.fields.items():
            if field.columns and reading.table(spec.table) is not None:
                found[place, name] = _values(spec, name, mapping, reading, staging, seen=_SEEN, most=_FEW)
    return found


def values(mapping: Mapping, place: int, field: str, reading: Reading, staging: Staging) -> tuple[Value, ...]:
    """The different cells of a field, up to two hundred, the most frequent first."""
    return _values(mapping.tables[place], field, mapping, reading, staging, seen=None, most=_MOST_VALUES)


def _values(
    spec: TableMap, name: str, mapping: Mapping, reading: Reading, staging: Staging, *, seen: int | None, most: int
) -> tuple[Value, ...]:
    table = reading.table(spec.table)
    assert table is not None
    field = spec.fields[name]
    many = TARGETS[spec.target][name].many
    # One cell stays one sample, whatever rows it is later made into.
    whole = replace(field, transforms=tuple(t for t in field.transforms if t.op != "each"))
    try:
        made = build(whole, Bench(staging, table, reading, mapping.settings), many=many).sql
    except UsageError:
        return ()
    after = f"array_to_string({made}, ', ')" if many else made
    limit = "" if seen is None else f" limit {seen}"
    rows = staging.rows(f"""
        select before, count(*), any_value(after) from (
            select concat_ws(' · ', {_cells(field)}) as before, {after} as after, row_number() over () as row
            from (select * from {table.relation}{limit}) source)
        where before <> '' group by before order by {"min(row)" if seen else "count(*) desc, before"} limit {most}""")
    return tuple(Value(before, count, after or "") for before, count, after in rows)


def _cells(field: FieldMap) -> str:
    return ", ".join(f"nullif(source.{quote(column)}, '')" for column in field.columns) or "null"
