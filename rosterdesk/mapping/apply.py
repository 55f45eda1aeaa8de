"""Make the mapped tables. A plain map stays a view over the raw rows, which are then read once, by the checks.

A map keeps its rows in place unless it filters, explodes a list, looks up in another table, or takes several records
from one row; then it is stored, with the `ref` of each row.
"""

from __future__ import annotations

from collections import Counter

from rosterdesk.errors import UsageError
from rosterdesk.mapping.filters import condition
from rosterdesk.mapping.fixes import fixed
from rosterdesk.mapping.links import LINKS
from rosterdesk.mapping.transforms import Bench, build, is_exploding, looks_up
from rosterdesk.model import MappedTable, Mapping, Reading, TableMap
from rosterdesk.run import Run
from rosterdesk.staging import ROW_BITS, Staging, quote
from rosterdesk.targets import TARGETS

_REF = quote("#ref")  # no source has a column of this name


def apply(mapping: Mapping, reading: Reading, staging: Staging, run: Run) -> tuple[MappedTable, ...]:
    """Make `mapped."<target>_<n>"` for each map and `mapped.<target>` over all of a target; return the former, in the
    mapping's order.

    Raises `UsageError` when the mapping names what the source does not have.
    """
    staging.execute("drop schema mapped cascade")  # what an earlier mapping of this run made
    staging.execute("create schema mapped")
    reading = fixed(mapping, reading, staging)
    made: list[MappedTable] = []
    numbers: Counter[str] = Counter()
    for done, spec in enumerate(mapping.tables):
        run.report(f"Mapping {spec.table}", done, len(mapping.tables))
        numbers[spec.target] += 1
        made.append(_make(spec, mapping, reading, staging, f'mapped."{spec.target}_{numbers[spec.target]}"'))
    for target in numbers:
        parts = " union all by name ".join(f"select * from {m.relation}" for m in made if m.target == target)
        staging.execute(f"create view mapped.{quote(target)} as {parts}")
    return tuple(made)


def _make(spec: TableMap, mapping: Mapping, reading: Reading, staging: Staging, name: str) -> MappedTable:
    source = reading.table(spec.table)
    target = TARGETS.get(spec.target)
    if source is None or target is None:
        raise UsageError(
            "The mapping does not fit this source.",
            f"There is no table “{spec.table}” that could feed “{spec.target}”.",
        )
    if unknown := spec.fields.keys() - target.keys():
        raise UsageError("The mapping can't be used.", f"{spec.target} has no field {', '.join(sorted(unknown))}.")
    bench = Bench(staging, source, reading, mapping.settings)
    fields = {
        field: build(spec.fields[field], bench, many=kind.many).sql
        if field in spec.fields
        else f"null::varchar{'[]' if kind.many else ''}"
        for field, kind in target.items()
    }
    select = ", ".join(f"{sql} as {quote(field)}" for field, sql in fields.items())
    shared = _shared(spec, mapping)
    if not shared and not spec.filters and not any(is_exploding(f) or looks_up(f) for f in spec.fields.values()):
        staging.execute(f"create view {name} as select {select}, null::bigint as ref from {source.relation} source")
        return MappedTable(spec.target, name, True, source.number, source.first_row)

    ref = f"({source.number}::bigint << {ROW_BITS}) + row_number() over () - 1 + {source.first_row}"
    rows = f"select *, {ref} as {_REF} from {source.relation}"
    # `source` is the name by which all expressions call the raw row, so that a table that is looked up in can have the
    # same columns.
    where = " and ".join(condition(f, spec, fields) for f in spec.filters)
    sql = f"select {select}, source.{_REF} as ref from ({rows}) source" + (f" where {where}" if where else "")
    # Look-ups are joins, which lose the order of the rows; the place keeps the order of rows made of one cell.
    sql = f"select *, row_number() over () as place from ({sql})"
    if shared:
        sql = f"select * from ({sql})" + _records(spec)
    staging.execute(f"create table {name} as select * exclude (place) from ({sql}) order by ref, place")
    return MappedTable(spec.target, name, False, source.number, source.first_row)


def _shared(spec: TableMap, mapping: Mapping) -> bool:
    """Whether several kinds of records lie in one row of the table: a student and contacts, a class and its teacher."""
    return any(other is not spec and other.table == spec.table for other in mapping.tables)


def _records(spec: TableMap) -> str:
    """The clauses that take each record of a shared row once: not of rows without it, nor twice."""
    if spec.target == "enrollments":
        there = "class_sis_id is not null and user_sis_id is not null"
    else:
        held = [f"{quote(f)} is not null" for f, m in spec.fields.items() if m.columns and f not in LINKS]
        there = " or ".join(held) or "true"
    every = ", ".join(quote(f) for f in spec.fields)
    return f" where {there} qualify row_number() over (partition by {every} order by ref, place) = 1"
