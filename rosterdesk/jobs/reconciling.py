"""Compares the receiver's own results with what a run was to do there.

ClassTag's results file has a column `result` (SUCCESS or an error) and a column `action` (CREATED, or UPDATED for what
existed), one row a record (its help centre, articles 24348567723796 and 6392868); which column names the record is not
told, so the IDs of its upload files are looked for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from rosterdesk import pipeline
from rosterdesk.directory import deliveries
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.history import get_run
from rosterdesk.directory.schema import RECORDS
from rosterdesk.errors import FileError, UsageError
from rosterdesk.run import Run
from rosterdesk.sources.read import read
from rosterdesk.staging import Staging

_IDS = ("sourcedid", "sourceid", "guardiansourcedid", "usersourcedid", "externalid", "sisid", "id")
_REMOVED = {"DELETED", "REMOVED", "ARCHIVED", "DISCONNECTED"}
LISTED = 1000  # differences that are told one by one


@dataclass(frozen=True, slots=True)
class Difference:
    """A record, by its SIS ID, of which the receiver tells something else than was predicted."""

    sis_id: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """`rows` of the file, how many of them are as predicted, how many differ, and the first of those."""

    run: int
    rows: int
    agreed: int
    differing: int
    counts: Mapping[str, int] = field(default_factory=dict)  # by sentence
    differences: tuple[Difference, ...] = ()


def reconcile(directory: Directory, number: int, file: Path, run: Run) -> Reconciled:
    """Compare a results file (CSV or Excel) with the run's delivery.

    Raises `UsageError` for a run that delivered nothing, `FileError` for a file that can't be read or is no result.
    """
    with directory.read(run) as conn:
        get_run(conn, directory.district, number)
        delivered = deliveries.delivered_by(conn, directory.district, number)
        if delivered is None or not delivered.files:
            raise UsageError(
                f"Run {number} brought no files to an outlet.", "Name the run that did: `rosterdesk history`."
            )
        known = _known(conn, directory.district)
    if not file.is_file():
        raise FileError(f"{file} is no file.", "Name the file that the receiver gave you.")
    with pipeline.staged(run) as staging:
        results = _results(file, staging, run)
    told: set[str] = set()
    found: list[Difference] = []
    for sis_id, result, action in results:
        told.add(sis_id)
        if sentence := _differs(known.get(sis_id), number, result, action, marked=bool(delivered.delta)):
            found.append(Difference(sis_id, sentence))
    rows = len(results)
    about = {known[sis_id][0] for sis_id in told if sis_id in known}  # a file of guardians says nothing of classrooms
    silent = [
        Difference(sis_id, "The run made it, and the receiver says nothing of it.")
        for sis_id, (entity, created, active) in sorted(known.items())
        if created == number and active and entity in about and sis_id not in told
    ]
    counts = Counter(one.sentence for one in (*found, *silent))
    listed = (*found, *silent)[:LISTED]
    return Reconciled(number, rows, rows - len(found), len(found) + len(silent), dict(counts), listed)


def _known(conn: sa.Connection, district: int) -> dict[str, tuple[str, int, bool]]:
    """Every synced person and classroom by SIS ID: its kind, the run that made it, whether it is active."""
    found: dict[str, tuple[str, int, bool]] = {}
    for entity, table in RECORDS.items():
        if entity == "schools":
            continue
        query = sa.select(table.c.sis_id, table.c.created_run, table.c.status).where(
            table.c.district == district, table.c.sis_id.is_not(None)
        )
        found.update({row.sis_id: (entity, row.created_run, row.status == "active") for row in conn.execute(query)})
    return found


def _results(file: Path, staging: Staging, run: Run) -> list[tuple[str, str, str]]:
    reading = read([file], staging, run, careful=True)
    for table in reading.tables:
        named = {re.sub(r"[^a-z]", "", column.lower()): column for column in table.columns}
        id_column = next((named[name] for name in _IDS if name in named), None)
        if id_column is None or "result" not in named:
            continue
        columns = [id_column, named["result"], *([named["action"]] if "action" in named else [])]
        chosen = ", ".join('"{}"'.format(column.replace('"', '""')) for column in columns)
        rows: list[tuple[Any, ...]] = staging.rows(f"select {chosen} from {table.relation}")
        return [(str(row[0] or ""), str(row[1] or "").strip(), str(row[2] or "").strip() if len(row) > 2 else "")
                for row in rows]  # fmt: skip
    raise FileError(
        f"{file.name} is no file of results.", "It needs a column result, and one with the IDs, such as sourcedId."
    )


def _differs(known: tuple[str, int, bool] | None, number: int, result: str, action: str, *, marked: bool) -> str:
    """What is other than predicted, as a sentence; empty: nothing. With `marked` what the directory does not know was
    delivered as to be deleted.
    """
    if result.upper() != "SUCCESS":
        return f"The receiver did not take it: {result or 'it gives no reason'}."
    if known is None and marked:
        if action.upper() in ("CREATED", "UPDATED"):
            return "The receiver kept it, though it was marked tobedeleted."
        return "" if action.upper() in _REMOVED else "The receiver took it, and does not say whether it removed it."
    if known is None:
        return "The receiver has it, and the directory knows no such ID."
    _, created, active = known
    if not active:
        return "The receiver has it, and in the directory it is archived."
    if action.upper() == "CREATED" and created != number:
        return "The receiver made it anew, though an earlier run had brought it."
    if action.upper() == "UPDATED" and created == number:
        return "The receiver had it already, though the run made it here."
    return ""
