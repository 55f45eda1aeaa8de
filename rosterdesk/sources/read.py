"""First stage: files, folders and archives become tables of the staging database, every cell text, in file order.

A large, clean file stays where it is: its table is a view that DuckDB reads strictly, each time it is asked for, and
that raises when
a row is not as it should be; whoever meets that reads the source again with `careful`. Every other file goes through
the tolerant
reader, row by row, and what is wrong with it becomes problems.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from rosterdesk.errors import FileError
from rosterdesk.formats import recognise_source
from rosterdesk.model import Reading, Severity, SourceTable
from rosterdesk.run import Run
from rosterdesk.sources import faults as f
from rosterdesk.sources.dialect import Dialect
from rosterdesk.sources.faults import RowFault
from rosterdesk.sources.folder import Skipped
from rosterdesk.sources.gather import FoundFile, Kind, gather, unchanged
from rosterdesk.sources.remote import SOURCE_NOTE, Brought, bring
from rosterdesk.sources.tables import FoundTable, Told, passed_over, tables_of
from rosterdesk.sources.text import TextTable, read_text
from rosterdesk.staging import ROW_BITS, Staging, literal, quote

LARGE = 4_000_000  # bytes; below, the tolerant reader takes less than a second
SAMPLE = 1_000_000
_MANIFEST = ("propertyname", "value")


@dataclass
class _Read:
    """What has been read so far."""

    staging: Staging
    run: Run
    careful: bool
    tables: list[SourceTable] = field(default_factory=list)
    manifest: dict[str, str] = field(default_factory=dict)

    def name(self, wanted: str) -> str:
        """A name that no other table has."""
        taken = {t.name.casefold() for t in self.tables}
        names = (wanted, *(f"{wanted}.{n}" for n in range(2, len(taken) + 3)))
        return next(name for name in names if name.casefold() not in taken)


def read(
    sources: Sequence[str | Path],
    staging: Staging,
    run: Run,
    *,
    careful: bool = False,
    told: Mapping[str, Told] | None = None,
    brought: Brought | None = None,
) -> Reading:
    """Read files, folders and ZIPs; `told` is what a person says of how some tables are written, and `brought` what the
    sources' connections have given already.

    Raises `FileError` for what cannot be read, is still being written, or holds no table.
    """
    skipped: list[Skipped] = []
    brought = brought or bring(sources, staging.folder, run)
    files = gather(brought.sources, staging.folder, run, skipped)
    staging.execute("create or replace table row_shifts (number bigint, from_row bigint, shift bigint)")
    so_far = _Read(staging, run, careful)
    _report(so_far, 0, "", [*passed_over(skipped), *(RowFault(SOURCE_NOTE, 0, 0, note) for note in brought.notes)])
    for done, file in enumerate(files):
        run.report(f"Reading {file.label}", done, len(files))
        before = len(so_far.tables)
        if (told and file.name in told) or not _as_view(so_far, file):
            about_file: list[RowFault] = []
            for found in tables_of(file, run, about_file, told):
                _tolerant(so_far, file, found)
            _report(so_far, 0, file.name, about_file)
        if not brought.proves(file.source):
            so_far.tables[before:] = [replace(table, complete=False) for table in so_far.tables[before:]]
    unchanged(files)
    if not so_far.tables and not so_far.manifest:
        raise FileError(
            "There is no table in this source.",
            "Choose the files that your SIS has written: CSV, Excel or a ZIP of them.",
        )
    return Reading(", ".join(Path(s).name for s in sources), _recognised(so_far), so_far.manifest)


def _as_view(so_far: _Read, file: FoundFile) -> bool:
    """Take a large, plain text file as a view; whether that was done."""
    if file.kind is not Kind.TEXT or file.path.stat().st_size < LARGE:
        return False
    # The beginning tells how the file is written; whether all of it is so, DuckDB finds out as it reads.
    with file.path.open("rb") as binary:
        head = binary.read(SAMPLE)
    head = head[: head.rfind(b"\n") + 1]
    with read_text(head) as table:
        view = _strict(so_far, file, table, head)
    if view is not None:
        so_far.tables.append(view)
    return view is not None


def _strict(so_far: _Read, file: FoundFile, table: TextTable, head: bytes) -> SourceTable | None:
    """The table as a view, or None when it is not plain enough for that."""
    dialect = table.dialect
    plain = (
        dialect.encoding.replace("-", "").lower() in ("utf8", "utf8sig", "ascii")
        and (len(dialect.delimiter), dialect.quote or '"', dialect.escape or '"') == (1, '"', '"')
        and (dialect.preamble_rows, dialect.header_rows) == (0, 1)
        and tuple(name.strip("\ufeff ") for name in table.original) == table.header
        and not table.faults
    )
    if not plain:
        return None
    name = so_far.name(file.name)
    relation = f"raw.{quote(name)}"
    columns = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in table.header)
    options = f"""auto_detect = false, header = true, delim = {literal(dialect.delimiter)}, quote = '"', escape = '"',
        strict_mode = true, null_padding = false, max_line_size = 16000000, buffer_size = 32000000,
        columns = {{{columns}}}"""
    so_far.staging.execute(
        f"create or replace view {relation} as select * from read_csv({literal(str(file.path))}, {options})"
    )
    if so_far.careful:
        try:
            so_far.staging.one(f"select count(*) from {relation}")
        except duckdb.Error:
            so_far.staging.execute(f"drop view {relation}")
            return None
    beginning = _beginning(so_far, f"raw.{quote(f'{name} (beginning)')}", head, options)
    number = len(so_far.tables) + 1
    return SourceTable(
        number, name, file.label, "utf-8", dialect.delimiter, table.header, relation, beginning=beginning
    )


def _beginning(so_far: _Read, relation: str, head: bytes, options: str) -> str:
    """Make a table of the file's first rows; return its name, or nothing where they don't end with the last line."""
    path = so_far.staging.folder / "beginning.csv"
    path.write_bytes(head)
    try:
        so_far.staging.execute(
            f"create or replace table {relation} as select * from read_csv({literal(str(path))}, {options})"
        )
    except duckdb.InvalidInputException:  # the last line break stands within a cell
        return ""
    finally:
        path.unlink()
    return relation


def _tolerant(so_far: _Read, file: FoundFile, found: FoundTable) -> None:
    number = len(so_far.tables) + 1
    name, table = so_far.name(found.name), found.table
    clean = so_far.staging.folder / f"clean-{number}.csv"
    first, rows, shifts, sure = 2, 0, list[tuple[int, int]](), True
    with clean.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        for row in table.numbered:
            if not row.sure or len(row.cells) != len(table.header):
                sure = False
                continue
            if not rows:
                first = row.row
            if row.row - first - rows != (shifts[-1][1] if shifts else 0):
                shifts.append((first + rows, row.row - first - rows))
            # No cell is quoted away to nothing: a row of one empty cell must still be a row.
            writer.writerow(row.cells)
            rows += 1
            if rows % 10_000 == 0:
                so_far.run.check()
    names = tuple(table.header)
    faults = [*table.faults, *found.notes]
    if tuple(n.casefold() for n in names[:2]) == _MANIFEST:
        so_far.manifest.update(_manifest(clean))
        _report(so_far, number, name, faults)
        return
    if not names:
        _report(so_far, number, name, faults)
        return
    relation = f"raw.{quote(name)}"
    columns = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in names)
    filled = ", ".join(f"coalesce({quote(column)}, '') as {quote(column)}" for column in names)
    so_far.staging.execute(f"""create or replace table {relation} as select {filled}
        from read_csv({literal(str(clean))}, auto_detect = false, header = false, delim = ',', quote = '"',
                      escape = '"', strict_mode = true, max_line_size = 64000000, columns = {{{columns}}})""")
    clean.unlink()
    stored = int(so_far.staging.one(f"select count(*) from {relation}"))
    assert stored == rows, "every row that was written is read back"
    for from_row, shift in shifts:
        so_far.staging.execute("insert into row_shifts values (?, ?, ?)", [number, from_row, shift])
    whole = sure and not any(fault.code in f.UNSURE_TABLE for fault in faults)
    so_far.tables.append(
        SourceTable(
            *(number, name, file.label, _encoding(table.dialect), table.dialect.delimiter, names, relation),
            first_row=first,
            rows=rows,
            complete=whole,
        )
    )
    _report(so_far, number, name, faults)


def _encoding(dialect: Dialect) -> str:
    return {"utf_8": "utf-8", "ascii": "utf-8"}.get(dialect.encoding, dialect.encoding)


def _manifest(clean: Path) -> dict[str, str]:
    with clean.open(encoding="utf-8", newline="") as file:
        return {row[0].strip(): row[1].strip() for row in csv.reader(file) if len(row) >= 2}


def _report(so_far: _Read, number: int, name: str, faults: list[RowFault]) -> None:
    rows = []
    for fault in faults:
        severity = Severity.ERROR if fault.code in f.UNSURE_ROW | f.UNSURE_TABLE else Severity.NOTICE
        place = (name, number << ROW_BITS | fault.row, fault.row or None)
        rows.append((fault.code, severity.value, *place, None, None, fault.message, None))
    if rows:
        so_far.staging.con.executemany("insert into problems values (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def _recognised(so_far: _Read) -> tuple[SourceTable, ...]:
    """The tables with their formats; `complete` is withdrawn where the manifest says that a file is only a part."""
    version = so_far.manifest.get("oneroster.version")
    found = recognise_source({t.name: t.columns for t in so_far.tables}, version)
    tables = []
    for table in so_far.tables:
        match = found.tables.get(table.name)
        part = match is not None and so_far.manifest.get(f"file.{match.table.name}", "bulk").lower() == "delta"
        tables.append(replace(table, format=match.format.name if match else None, complete=table.complete and not part))
    return tuple(tables)
