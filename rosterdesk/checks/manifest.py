"""Checks of what a OneRoster manifest says against what is in the files."""

from __future__ import annotations

from rosterdesk.checks.catalogue import found, report, report_table
from rosterdesk.formats.headers import normal
from rosterdesk.model import MappedTable, Reading, SourceTable
from rosterdesk.staging import ROW_BITS, Staging, quote

_SAMPLE = 1000  # rows in which dates of change are looked for: a whole file has them everywhere or nowhere
_TARGETS = {"schools": "incoming.all_schools", "classrooms": "incoming.all_classrooms"}
_PEOPLE = ("users", "students", "staff", "guardians")
_GONE = "status in ('tobedeleted', 'inactive')"


def check(staging: Staging, reading: Reading, tables: tuple[MappedTable, ...]) -> None:
    """Compare each file's mode (bulk, delta, absent) with its rows."""
    by_name = {table.name.casefold(): table for table in reading.tables}
    for key, value in reading.manifest.items():
        if not key.casefold().startswith("file."):
            continue
        name, mode = key[len("file.") :], value.casefold()
        table = by_name.get(name.casefold())
        if table is None:
            if mode in ("bulk", "delta"):
                report_table(staging, "manifest-file-missing", None, f"{name}.csv", name=name)
        elif mode == "absent":
            report_table(staging, "manifest-file-extra", table, table.file)
        elif mode == "bulk":
            if "datelastmodified" in _filled(staging, table):
                report_table(staging, "bulk-with-dates", table, None)
            _deletes(staging, table, tables)
        elif mode == "delta" and _filled(staging, table) != {"datelastmodified", "status"}:
            report_table(staging, "delta-without-dates", table, None)


def _filled(staging: Staging, table: SourceTable) -> set[str]:
    """Those of the columns status and dateLastModified that hold anything."""
    columns = {normal(c): quote(c) for c in table.columns if normal(c) in ("status", "datelastmodified")}
    if not columns:
        return set()
    sample = f"select {', '.join(columns.values())} from {table.sample} limit {_SAMPLE}"
    return set(found(staging, f"({sample})", {name: f"{column} <> ''" for name, column in columns.items()}))


def _deletes(staging: Staging, table: SourceTable, tables: tuple[MappedTable, ...]) -> None:
    targets = [t.target for t in tables if t.number == table.number]
    mine = f"ref >> {ROW_BITS} = {table.number}"
    for target in {"people" if t in _PEOPLE else t for t in targets}:
        if target == "people":
            report(
                staging,
                "bulk-with-deletes",
                f"select ref, 'status', sis_id from incoming.person where {_GONE} and {mine}",
            )
        elif target in _TARGETS:
            report(
                staging,
                "bulk-with-deletes",
                f"select ref, 'status', sis_id from {_TARGETS[target]} where {_GONE} and {mine}",
            )
    for n, enrolled in enumerate((t for t in tables if t.target == "enrollments"), start=1):
        if enrolled.number == table.number:
            ref = (
                f"({table.number}::bigint << {ROW_BITS}) + rowid + {enrolled.first_row}"
                if enrolled.row_preserving
                else "stored_ref"
            )
            report(
                staging,
                "bulk-with-deletes",
                f"select {ref}, 'status', null from incoming.resolved_{n} where fault = 'gone'",
            )
