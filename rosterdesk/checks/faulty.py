"""The faulty rows as they stand in the source: for a grid in which they are corrected, and as a workbook with the
reasons, for whoever owns the SIS.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rosterdesk.checks.entries.reading import ENTRIES as READING
from rosterdesk.errors import FileError
from rosterdesk.model import Reading, SourceTable
from rosterdesk.run import Run
from rosterdesk.staging import ROW_BITS, Staging, literal, quote

_PLACE = f"(p.ref & ((1::bigint << {ROW_BITS}) - 1))"
_MOST = 100_000  # rows of one kind that are shown; nobody mends more by hand
LEAD = ("ref", "message", "faulty", "row")  # what stands before the cells in each row of `shown`


@dataclass(frozen=True, slots=True)
class Faulty:
    """The rows of one kind of problem in one source table: `count` of them in the table `shown` of the staging
    database, with the columns `LEAD` and then those of `columns`, the faulty ones first, all as they were read.

    `fixed` are the cells of these rows that a fix of the mapping has changed, by ref and column.
    """

    table: str
    columns: tuple[str, ...]
    count: int
    fixed: MappingABC[tuple[int, str], str] = field(default_factory=dict)


def tables_with(staging: Staging, reading: Reading, code: str) -> list[tuple[str, int]]:
    """The source tables that have rows with a problem of a kind, and how many; "" is what is said of no row."""
    return staging.rows(f"""select case when {_in_a_row(reading, code)} then table_name else '' end as named, count(*)
        from problems p where code = {literal(code)} group by all order by count(*) desc, named""")


def show(staging: Staging, reading: Reading, code: str, table: str) -> Faulty:
    """Make `shown` of the rows of a kind in a table, once they are checked.

    With no table, what is said of files, headings, and rows that could not be read: there are no cells then.
    """
    found = reading.table(table) if table else None
    if found is None:
        staging.execute(f"""create or replace table shown as
            select null::bigint as ref, message, coalesce(column_name, '') as faulty,
                   concat_ws(', ', table_name, 'row ' || "row") as "row"
            from problems p where code = {literal(code)} and not {_in_a_row(reading, code)} order by ref, rowid""")
        return Faulty("", (), int(staging.one("select count(*) from shown")))
    columns = _columns(staging, found, code)
    cells = "".join(f", coalesce(r.{quote(column)}, '') as {quote('cell ' + column)}" for column in columns)
    staging.execute(f"""create or replace table shown as
        select p.ref, p.message, coalesce(p.column_name, '') as faulty, p."row"{cells}
        from (select *, row_number() over () as "#" from {found.relation}) r
        join problems p on r."#" = {_PLACE} - {found.first_row} + 1
        where p.code = {literal(code)} and p.ref >> {ROW_BITS} = {found.number}
        order by p.ref, p.rowid limit {_MOST}""")
    return Faulty(table, columns, int(staging.one("select count(*) from shown")), _fixed(staging, found))


def _fixed(staging: Staging, table: SourceTable) -> dict[tuple[int, str], str]:
    there = "select count(*) from information_schema.tables where table_schema = 'mapped' and table_name = ?"
    if not staging.one(there, [f"fixed {table.name}"]):
        return {}
    ref = f"({table.number}::bigint << {ROW_BITS}) + n + {table.first_row} - 1"
    fixed = f"mapped.{quote(f'fixed {table.name}')}"
    found = {}
    for column in table.columns:
        cell = f"coalesce({quote(column)}, '')"
        rows = staging.rows(f"""select {ref}, after from
            (select row_number() over () as n, {cell} as before from {table.relation}) b
            join (select row_number() over () as n, {cell} as after from {fixed}) a using (n)
            where before <> after and {ref} in (select ref from shown)""")
        found.update({(int(at), column): str(after) for at, after in rows})
    return found


def _in_a_row(reading: Reading, code: str) -> str:
    """The SQL of whether a problem `p` is of a row that was read. What the reading reports counts lines of the file."""
    if code in READING:
        return "false"
    firsts = " or ".join(f"(p.ref >> {ROW_BITS} = {t.number} and {_PLACE} >= {t.first_row})" for t in reading.tables)
    return f"({firsts or 'false'})"


def _columns(staging: Staging, table: SourceTable, code: str) -> tuple[str, ...]:
    rows = staging.rows(
        f"""select column_name from problems where code = {literal(code)} and ref >> {ROW_BITS} = {table.number}
            group by column_name order by count(*) desc, column_name"""
    )
    first = [name for (name,) in rows if name in table.columns]
    return (*first, *(column for column in table.columns if column not in first))


def write(staging: Staging, reading: Reading, path: Path, run: Run, codes: Sequence[str] = ()) -> int:
    """Write the faulty rows with the reasons as a workbook, one sheet a table; return how many there are.

    `codes` limits it to some kinds. Raises `FileError`.
    """
    import xlsxwriter

    chosen = f"and p.code in ({', '.join(map(literal, codes))})" if codes else ""
    written = 0
    try:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(str(path), options) as book:
            bold = book.add_format({"bold": True})
            for table in reading.tables:
                written += _sheet(staging, table, chosen, book, bold, run)
            if not written:
                book.add_worksheet("Nothing")
    except (OSError, xlsxwriter.exceptions.XlsxFileError) as error:
        raise FileError(
            f"{path.name} can't be written.", "Close it in Excel, or choose another folder.", type(error).__name__
        ) from error
    return written


def _sheet(staging: Staging, table: SourceTable, chosen: str, book: object, bold: object, run: Run) -> int:
    cells = ", ".join(f"r.{quote(column)}" for column in table.columns)
    read_rows = f"and p.code not in ({', '.join(map(literal, READING))})"
    cursor = staging.execute(f"""
        select p."row", p.severity, p.message, p.column_name, {cells}
        from (select *, row_number() over () as "#" from {table.relation}) r
        join problems p on r."#" = {_PLACE} - {table.first_row} + 1
        where p.ref >> {ROW_BITS} = {table.number} {chosen} {read_rows}
        order by p.ref, p.severity, p.message limit 1000000""")
    sheet, at = None, 0
    while rows := cursor.fetchmany(10_000):
        run.check()
        for row in rows:
            if sheet is None:
                sheet = book.add_worksheet(_sheet_name(table))  # type: ignore[attr-defined]
                sheet.freeze_panes(1, 3)
                sheet.set_column(0, 1, 9)
                sheet.set_column(2, 2, 60)
                sheet.write_row(0, 0, ("Row", "Weight", "Reason", "Column", *table.columns), bold)
            at += 1
            for place, cell in enumerate(row):
                if cell is not None:
                    sheet.write(at, place, cell) if place == 0 else sheet.write_string(at, place, str(cell))
    return at


def _sheet_name(table: SourceTable) -> str:
    """A name that Excel takes; the number keeps it unique."""
    plain = "".join("-" if c in "[]:*?/\\'" else c for c in table.name)
    return f"{table.number} {plain}"[:31]
