"""The runs that changed the directory, and what each of them changed. Writing a push's changes is `push`'s business."""

from __future__ import annotations

import getpass
import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory import ledger, sight
from rosterdesk.directory.schema import RECORDS, changes, runs
from rosterdesk.errors import UsageError

RECORDED = "rosterdesk runs"  # under which a connection keeps the runs that its transaction has written down


class Kind(StrEnum):
    """What sort of work a run was."""

    PUSH = "push"
    UNDO = "undo"
    IMPORT = "import"
    EDIT = "edit"
    MERGE = "merge"
    UNMERGE = "unmerge"
    PURGE = "purge"
    ERASE = "erase"


class State(StrEnum):
    """How it stands with a run."""

    DONE = "done"
    HELD = "held"
    DISCARDED = "discarded"  # was held, and a person decided against it
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run as it is remembered. Times are ISO 8601 in UTC; `counts` and `problems` are as the run reported them."""

    number: int
    kind: Kind
    state: State
    started: str
    finished: str | None
    who: str
    source: str
    digest: str = ""
    counts: Mapping[str, Any] = field(default_factory=dict)
    problems: Mapping[str, Any] = field(default_factory=dict)
    undoes: int | None = None
    why: str = ""
    job: str = ""  # that has started it; empty: a person
    forgotten: str = ""  # why its history is no longer whole


@dataclass(frozen=True, slots=True)
class PastChange:
    """One change of a run. `action` is create, update, archive, restore or remove.

    `before` and `after` hold the fields that changed; of a link the whole row; of a creation nothing.
    """

    run: int
    entity: str
    record: int
    action: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


def now() -> str:
    """The present time as runs record it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def next_run(conn: sa.Connection, district: int) -> int:
    """The number of the run that comes next; it is this transaction's, because there is only one writer."""
    last = conn.execute(sa.select(sa.func.max(runs.c.run)).where(runs.c.district == district)).scalar()
    return (last or 0) + 1


def record_run(conn: sa.Connection, district: int, run: PastRun) -> None:
    """Write down a run, or write it anew when it is known by its number (a hold that was resolved)."""
    row = {
        "kind": run.kind.value,
        "state": run.state.value,
        "started": run.started,
        "finished": run.finished,
        "who": run.who,
        "source": run.source,
        "digest": run.digest,
        "counts": json.dumps(run.counts, ensure_ascii=False, default=dict),
        "problems": json.dumps(run.problems, ensure_ascii=False, default=dict),
        "undoes": run.undoes,
        "why": run.why or None,
        "job": run.job or None,
        "forgotten": run.forgotten or None,
    }
    known = conn.execute(runs.update().where(runs.c.district == district, runs.c.run == run.number).values(row))
    if not known.rowcount:
        conn.execute(runs.insert().values(district=district, run=run.number, machine=machine(), **row))
    if run.state is not State.UNDONE:  # of that, the run that has undone it tells
        conn.info.get(RECORDED, []).append(run)


def machine() -> str:
    """Whose receipts tell of the runs that are made here: user@host."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a user whom this computer does not know by name
        user = ""
    return f"{user}@{socket.gethostname()}"


def list_runs(
    conn: sa.Connection, district: int, *, limit: int = 100, before: int | None = None, at: str | None = None
) -> list[PastRun]:
    """The latest runs that this person may know of, the newest first; `before` a number, to page on; `at` a machine."""
    mine = sight.seen_runs(sight.viewer(conn, district), district)
    query = sa.select(runs).where(runs.c.district == district, *mine).order_by(runs.c.run.desc()).limit(limit)
    if before is not None:
        query = query.where(runs.c.run < before)
    if at is not None:
        query = query.where(runs.c.machine == at)
    return [_run(row) for row in conn.execute(query)]


def get_run(conn: sa.Connection, district: int, number: int) -> PastRun:
    """One run. Raises `UsageError` when there is none of that number, or none that this person may know of."""
    mine = sight.seen_runs(sight.viewer(conn, district), district)
    row = conn.execute(sa.select(runs).where(runs.c.district == district, runs.c.run == number, *mine)).first()
    if row is None:
        raise UsageError(f"There is no run {number}.", "`rosterdesk history` lists the runs.")
    return _run(row)


def list_changes(
    conn: sa.Connection, district: int, number: int, *, limit: int = 1000, after: int = 0
) -> list[tuple[int, PastChange]]:
    """A page of what a run changed or removed, each with its number in the run; `after` a number, to page on.

    What it created stands in `list_created`. Nothing of records that this person may not see.
    """
    mine = sight.seen_changes(sight.viewer(conn, district), district)
    query = (
        sa.select(changes)
        .where(changes.c.district == district, changes.c.run == number, changes.c.number > after, *mine)
        .order_by(changes.c.number)
        .limit(limit)
    )
    return [(row.number, _change(row)) for row in conn.execute(query)]


def list_created(conn: sa.Connection, district: int, number: int) -> Iterator[PastChange]:
    """The records that a run created and that are still there, entity by entity; those that this person may see."""
    for entity, table in RECORDS.items():
        query = (
            sa.select(table.c.id)
            .where(table.c.district == district, table.c.created_run == number, *sight.of(conn, district, table))
            .order_by(table.c.id)
            .execution_options(yield_per=1000)
        )
        for record in conn.execute(query).scalars():
            yield PastChange(number, entity, record, "create")


def record_history(
    conn: sa.Connection, district: int, entity: str, record: int
) -> Sequence[tuple[PastRun, PastChange]]:
    """What happened to one record, and to the links that begin at it, the newest first, each with its run.

    What happened to the records that were merged into it is its own history, too. Empty for what this person may not
    see.
    """
    table = RECORDS[entity]
    here = sa.select(table.c.id).where(table.c.district == district, table.c.id == record)
    person = sight.viewer(conn, district)
    if person.schools is not None and conn.execute(here.where(*sight.seen(person, district, table))).first() is None:
        return []
    links = {"classrooms": ("enrollments",), "students": ("guardianships", "other_schools", "attributes")}
    entities = (entity, *links.get(entity, ("other_schools",)))
    parts = ledger.every_part(conn, district, record)
    query = (
        sa.select(changes)
        .where(changes.c.district == district, changes.c.record.in_(parts), changes.c.entity.in_(entities))
        .order_by(changes.c.run.desc(), changes.c.number.desc())
    )
    found = [_change(row) for row in conn.execute(query)]
    created = sa.select(table.c.id, table.c.created_run).where(table.c.district == district, table.c.id.in_(parts))
    made = conn.execute(created.order_by(table.c.created_run.desc()))
    found += [PastChange(row.created_run, entity, row.id, "create") for row in made]
    numbers = {change.run for change in found}
    rows = conn.execute(sa.select(runs).where(runs.c.district == district, runs.c.run.in_(numbers)))
    known = {row.run: _run(row) for row in rows}
    return [(known[change.run], change) for change in found if change.run in known]


def _run(row: Any) -> PastRun:
    return PastRun(
        number=row.run,
        kind=Kind(row.kind),
        state=State(row.state),
        started=row.started,
        finished=row.finished,
        who=row.who,
        source=row.source,
        digest=row.digest,
        counts=json.loads(row.counts),
        problems=json.loads(row.problems),
        undoes=row.undoes,
        why=row.why or "",
        job=row.job or "",
        forgotten=row.forgotten or "",
    )


def _change(row: Any) -> PastChange:
    before = None if row.before is None else json.loads(row.before)
    after = None if row.after is None else json.loads(row.after)
    return PastChange(row.run, row.entity, row.record, row.action, before, after)
