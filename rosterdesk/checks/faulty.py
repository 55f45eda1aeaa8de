"""The faulty rows as they stand in the source: for a grid in which they are corrected, and as a workbook with the
reasons, for whoever owns the SIS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rosterdesk.errors import FileError
from rosterdesk.model import Reading, SourceTable
from rosterdesk.run import Run
from rosterdesk.staging import ROW_BITS, Staging, literal, quote

_PLACE = f"p.ref & ((1::bigint << {ROW_BITS}) - 1)"
_MOST = 100_000  # rows of one kind that are shown; nobody mends more by hand
LEAD = ("ref", "message", "faulty", "row")  # what stands before the cells in each row of `shown`


@dataclass(frozen=True, slots=True)
class Faulty:
    """The rows of one kind of problem in one source table: `count` of them in the table `shown` of the staging
    database, with the columns `LEAD` and then those of `columns`, the faulty ones first.
    """

    table: str
    columns: tuple[str, ...]
    count: int


def tables_with(staging: Staging, code: str) -> list[tuple[str, int]]:
    """The source tables that have problems of a kind, and how many; "" is what is said of no row."""
    return staging.rows(
        f"""select case when {_PLACE} > 0 and "row" is not null then table_name else '' end as named, count(*)
            from problems p where code = {literal(code)} group by all order by count(*) desc, named"""
    )


def show(staging: Staging, reading: Reading, code: str, table: str, *, relation: str = "") -> Faulty:
    """Make `shown` of the rows of a kind in a table; `relation` is the table with its fixes, where it has some.

    With no table, what is said of files and headings: there are no cells then.
    """
    found = reading.table(table) if table else None
    if found is None:
        staging.execute(f"""create or replace table shown as
            select null::bigint as ref, message, coalesce(column_name, '') as faulty, coalesce(table_name, '') as "row"
            from problems where code = {literal(code)} and ("row" is null or ref is null or "row" <= 1)""")
        return Faulty("", (), int(staging.one("select count(*) from shown")))
    columns = _columns(staging, found, code)
    cells = "".join(f", coalesce(r.{quote(column)}, '') as {quote('cell ' + column)}" for column in columns)
    staging.execute(f"""create or replace table shown as
        select p.ref, p.message, coalesce(p.column_name, '') as faulty, p."row"{cells}
        from (select *, row_number() over () as "#" from {relation or found.relation}) r
        join problems p on r."#" = {_PLACE} - {found.first_row} + 1
        where p.code = {literal(code)} and p.ref >> {ROW_BITS} = {found.number}
        order by p.ref, p.rowid limit {_MOST}""")
    return Faulty(table, columns, int(staging.one("select count(*) from shown")))


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
    cursor = staging.execute(f"""
        select p."row", p.severity, p.message, p.column_name, {cells}
        from (select *, row_number() over () as "#" from {table.relation}) r
        join problems p on r."#" = {_PLACE} - {table.first_row} + 1
        where p.ref >> {ROW_BITS} = {table.number} {chosen} order by p.ref, p.severity, p.message limit 1000000""")
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
