"""How problems are written down: from the codes of `entries` and the rows that a check finds, one row of `problems`
each."""

from __future__ import annotations

from collections.abc import Mapping

from rosterdesk.checks.entries import CATALOGUE, Entry
from rosterdesk.model import SourceTable
from rosterdesk.staging import ROW_BITS, Staging, literal

__all__ = ["CATALOGUE", "Entry", "empty_field", "found", "report", "report_table", "unidentified", "unprove"]

_ROW = f"(1::bigint << {ROW_BITS}) - 1"

# Rows that could not be read leave gaps: what stands at place n of the table is row n + shift of the file.
_INSERT = f"""
insert into problems
select {{code}}, {{severity}}, coalesce(s.name, ''), q.ref, q.place{{shift}},
       coalesce(c.column_name, q.column_name), q.value, replace({{sentence}}, '{{{{value}}}}', coalesce(q.value,
       '')), {{fix}}
from (select ref, column_name, value, ref >> {ROW_BITS} as number, ref & ({_ROW}) as place from ({{sql}}) p(ref,
column_name, value)) q
left join sources s on s.number = q.number
left join source_columns c on c.number = q.number and c.field = q.column_name
{{shifts}}
"""
_SHIFTS = "asof left join row_shifts h on h.number = q.number and q.place >= h.from_row"


def report(staging: Staging, code: str, sql: str) -> int:
    """Add one problem for every row (ref, field, value) that `sql` gives; return how many.

    The field is a target field; it is shown by the name that its column has in the source.
    """
    entry = CATALOGUE[code]
    shifted = bool(staging.one("select count(*) from row_shifts"))
    row = staging.execute(
        _INSERT.format(
            code=literal(code),
            severity=literal(entry.severity.value),
            sentence=literal(entry.sentence),
            fix="null" if entry.fix is None else literal(entry.fix),
            shift=" + coalesce(h.shift, 0)" if shifted else "",
            shifts=_SHIFTS if shifted else "",
            sql=sql,
        )
    ).fetchone()
    return int(row[0]) if row else 0


def report_table(
    staging: Staging,
    code: str,
    table: SourceTable | None,
    value: str | None,
    *,
    name: str = "",
    column: str | None = None,
) -> None:
    """Add one problem of a whole table, or with `column` (as the source writes it) of a heading, which stands in row
    1."""
    entry = CATALOGUE[code]
    row = None if column is None else 1
    ref = None if table is None else table.number << ROW_BITS | (row or 0)
    message = entry.sentence.replace("{value}", value or "")
    place = [ref, row, column, value, message, entry.fix]
    staging.execute(
        "insert into problems values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [code, entry.severity.value, table.name if table else name, *place],
    )


def found(staging: Staging, relation: str, tests: Mapping[str, str]) -> frozenset[str]:
    """The names of those conditions that hold for any row, all looked for in one go.

    Nearly every roster is clean of nearly every fault, so that this one pass is all that most checks cost.
    """
    counts = ", ".join(f"count(*) filter ({condition})" for condition in tests.values())
    row = staging.rows(f"select {counts} from {relation}")[0]
    return frozenset(name for name, count in zip(tests, row, strict=True) if count)


def unidentified(staging: Staging, entity: str, name: str, rows: str) -> None:
    """Note the names of rows that are left out without an ID to know them by; `entity`, `name` and `rows` are SQL.

    Whoever bears such a name may be the one, and is not archived for being absent. Where even the name is missing,
    absence proves nothing about the whole entity.
    """
    staging.execute(f"insert into incoming.unidentified select distinct {entity}, nullif({name}, '') from {rows}")
    unprove(staging, "select entity from incoming.unidentified where name is null")


def empty_field(staging: Staging, field: str, where: str) -> None:
    """Leave one field of some people out, and note it: what the directory has of it stays."""
    staging.execute(f"insert into incoming.emptied select rowid, '{field}' from incoming.people where {where}")
    noted = f"select no from incoming.emptied where field = '{field}'"
    staging.execute(f"update incoming.people set {field} = null where rowid in ({noted})")


def unprove(staging: Staging, sql: str) -> None:
    """Note the entities that `sql` gives: rows of them were left out whose true ID nobody knows, so absence proves
    nothing."""
    staging.execute(f"insert into incoming.unproven {sql}")
