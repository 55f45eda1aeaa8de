"""Runs that wait for a person: which they are, and the decision against one. Approving one is a push of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from rosterdesk.directory import ages, sight
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.history import Kind, PastRun, State, get_run, now, record_run
from rosterdesk.directory.schema import runs
from rosterdesk.errors import UsageError
from rosterdesk.run import Run


def waiting(latest: Iterable[PastRun]) -> tuple[PastRun, ...]:
    """The runs that still wait, of the latest ones, the newest first: a later upload that went through has answered
    those before it.
    """
    found = []
    for past in latest:
        if past.kind is Kind.PUSH and past.state is State.DONE:
            break
        if past.state is State.HELD:
            found.append(past)
    return tuple(found)


def find(conn: sa.Connection, district: int, digest: str) -> PastRun:
    """The run that waits with this plan. Raises `UsageError` when none does."""
    query = sa.select(runs.c.run).where(
        runs.c.district == district, runs.c.digest == digest, runs.c.state == State.HELD.value
    )
    number = conn.execute(query.order_by(runs.c.run.desc()).limit(1)).scalar()
    if number is None:
        raise UsageError(f"No run waits with the plan {digest}.", "`rosterdesk history` lists the runs.")
    return get_run(conn, district, number)


def overdue(conn: sa.Connection, district: int, edge: datetime) -> tuple[PastRun, ...]:
    """The runs that have waited since before that moment and still do, the newest first."""
    mine = (runs.c.district == district, runs.c.kind == Kind.PUSH.value)
    answered = sa.select(sa.func.coalesce(sa.func.max(runs.c.run), 0)).where(*mine, runs.c.state == State.DONE.value)
    query = sa.select(runs.c.run).where(
        *mine,
        runs.c.state == State.HELD.value,
        runs.c.run > answered.scalar_subquery(),
        ages.of_before(district, edge),
    )
    numbers = conn.execute(query.order_by(runs.c.run.desc())).scalars().all()
    return tuple(get_run(conn, district, number) for number in numbers)


def discard(directory: Directory, number: int, run: Run, *, why: str = "") -> PastRun:
    """Decide against a run that waits; return it as it is written down now. `why` stands below why it waited.

    Raises `UsageError` when it does not wait (any more). No record is changed.
    """
    with directory.transaction("discarding a held run", run) as conn:
        sight.require_to_sync(conn, directory.district)
        past = get_run(conn, directory.district, number)
        if past.state is not State.HELD:
            raise UsageError(f"Run {number} does not wait for anybody.", "Somebody has decided about it already.")
        said = "\n".join(filter(None, (past.why, why)))
        decided = replace(past, state=State.DISCARDED, finished=now(), why=said)
        record_run(conn, directory.district, decided)
    return decided
