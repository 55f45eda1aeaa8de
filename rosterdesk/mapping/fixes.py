"""Single cells that a person corrected. They are kept with the mapping and made again on tomorrow's file.

A cell is known by the ID that stands in its row, or else by all that stands in its row, and by what stood in it: once
the SIS is corrected, the fix no longer fits and does nothing. The tables as they were read are never changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

from rosterdesk.model import Mapping, Reading, SourceTable
from rosterdesk.staging import Staging, literal, quote

_BETWEEN = "\x1f"


@dataclass(frozen=True, slots=True)
class Fix:
    """One corrected cell. `key` is what stands in `key_column` of its row; without one, the digest of the row."""

    table: str
    column: str
    before: str
    after: str
    key: str
    key_column: str = ""


def fixes(mapping: Mapping) -> tuple[Fix, ...]:
    """The fixes that are kept with a mapping."""
    kept = mapping.settings.get("fixes", ())
    listed = kept if isinstance(kept, list | tuple) else ()
    return tuple(Fix(**{k: str(v) for k, v in fix.items()}) for fix in listed if set(fix) >= {"table", "column", "key"})


def with_fixes(mapping: Mapping, added: Iterable[Fix]) -> Mapping:
    """The mapping with more fixes. A cell that is fixed again keeps what stood in it at first."""
    made = {(f.table, f.column, f.key_column, f.key, f.before): f for f in fixes(mapping)}
    for fix in added:
        made[fix.table, fix.column, fix.key_column, fix.key, fix.before] = fix
    others = {name: value for name, value in mapping.settings.items() if name != "fixes"}
    kept = [asdict(fix) for fix in made.values() if fix.before != fix.after]
    return replace(mapping, settings={**others, "fixes": kept} if kept else others)


def id_column(mapping: Mapping, table: str) -> str:
    """The column of a table in which its own records' IDs stand, or ""."""
    for spec in mapping.tables:
        field = spec.fields.get("sis_id")
        if spec.table == table and field is not None and len(field.columns) == 1:
            return field.columns[0]
    return ""


def row_digest(cells: Iterable[str]) -> str:
    """What tells a row by all that stands in it, in the order of the table's columns."""
    return hashlib.md5(_BETWEEN.join(cells).encode(), usedforsecurity=False).hexdigest()


def _digest_sql(table: SourceTable) -> str:
    cells = ", ".join(f"coalesce({quote(column)}, '')" for column in table.columns)
    return f"md5(concat_ws({literal(_BETWEEN)}, {cells}))"


def fixed(mapping: Mapping, reading: Reading, staging: Staging) -> Reading:
    """The reading with the fixes made: tables that have some are views over what was read."""
    kept = fixes(mapping)
    return replace(reading, tables=tuple(_fixed(table, kept, staging) for table in reading.tables)) if kept else reading


def _fixed(table: SourceTable, kept: Sequence[Fix], staging: Staging) -> SourceTable:
    columns = {column: [f for f in kept if (f.table, f.column) == (table.name, column)] for column in table.columns}
    changes = [_column(table, column, found) for column, found in columns.items() if found]
    if not changes:
        return table
    name = f"mapped.{quote(f'fixed {table.name}')}"
    staging.execute(f"create or replace view {name} as select * replace ({', '.join(changes)}) from {table.relation}")
    return replace(table, relation=name)


def _column(table: SourceTable, column: str, found: Sequence[Fix]) -> str:
    cases = []
    for fix in found:
        known = quote(fix.key_column) if fix.key_column in table.columns else _digest_sql(table)
        cell = f"coalesce({quote(column)}, '')"
        cases.append(f"when {known} = {literal(fix.key)} and {cell} = {literal(fix.before)} then {literal(fix.after)}")
    return f"case {' '.join(cases)} else {quote(column)} end as {quote(column)}"
