"""Writes the whole directory as sorted CSV files (their layout: `layout`)."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import sqlalchemy as sa

from rosterdesk.directory import sight
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.layout import FILES, queries
from rosterdesk.directory.permissions import ROSTERING
from rosterdesk.errors import FileError
from rosterdesk.run import Run

_BATCH = 5000


def export(directory: Directory, folder: Path, run: Run | None = None) -> dict[str, int]:
    """Write one CSV file a table into the folder, made if missing; return the rows by file.

    The files show one state of the directory, whatever is written meanwhile, and replace earlier ones only when all are
    whole. They hold student data in plain text. Raises `FileError`, `NotAllowed`, `Cancelled`.
    """
    run = run or Run()
    _refuse_foreign(folder)
    counts: dict[str, int] = {}
    drafts = {name: folder / f"{name}.csv.new" for name in FILES}
    rule = "The whole directory is exported by those who manage the roster of the whole district."
    with directory.read(run) as conn, _to(folder):
        sight.require_district(conn, directory.district, rule, ROSTERING)
        try:
            if directory.dialect == "postgresql":
                # Whole tables are joined. Right after a large push PostgreSQL has not counted them yet, and would look
                # up link by link: minutes instead of seconds.
                conn.exec_driver_sql("set local enable_nestloop = off")
                conn.exec_driver_sql("set local cursor_tuple_fraction = 1")
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name, path in drafts.items():
                path.unlink(missing_ok=True)
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                    counts[name] = _write(conn, directory.district, name, file, run)
            for name, path in drafts.items():
                path.replace(folder / f"{name}.csv")
        finally:
            for path in drafts.values():
                path.unlink(missing_ok=True)
    return counts


def _refuse_foreign(folder: Path) -> None:
    """An earlier export may be replaced; other people's files of the same names, such as an SIS's, may not."""
    for name, columns in FILES.items():
        path = folder / f"{name}.csv"
        if path.exists() and not path.read_bytes()[:4096].startswith((",".join(columns) + "\n").encode()):
            advice = "Name a new or empty folder, or one with an earlier export."
            raise FileError(f"{path} is no export, and would be replaced.", advice)


@contextmanager
def _to(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileError(f"{folder} cannot be written.", "Choose another folder.", error.strerror or "") from error


def _write(conn: sa.Connection, district: int, name: str, file: TextIO, run: Run) -> int:
    csv.writer(file, lineterminator="\n").writerow(FILES[name])
    count = 0
    for statement in queries(name):
        result = conn.execute(statement, {"district": district}, execution_options={"stream_results": True})
        for batch in result.partitions(_BATCH):
            file.write(_csv(batch))
            count += len(batch)
            run.report(f"Writing {name}", count)
    return count


def _csv(rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    if "\r" not in text.getvalue():
        return text.getvalue()
    # The writer quotes only the line end that it writes itself; a lone CR inside a cell must be quoted as well.
    lines = []
    for row in rows:
        line = io.StringIO(newline="")
        csv.writer(line, lineterminator="\r\n").writerow(row)
        lines.append(line.getvalue().removesuffix("\r\n") + "\n")
    return "".join(lines)
