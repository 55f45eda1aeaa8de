"""Runs that wait for a person: which they are, and the decision against one. Approving one is a push of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rosterdesk.directory.engine import Directory
from rosterdesk.directory.history import Kind, PastRun, State, get_run, now, record_run
from rosterdesk.errors import UsageError
from rosterdesk.run import Run


def waiting(runs: Iterable[PastRun]) -> tuple[PastRun, ...]:
    """The runs that still wait, of the latest ones, the newest first: a later upload that went through has answered
    those before it.
    """
    found = []
    for past in runs:
        if past.kind is Kind.PUSH and past.state is State.DONE:
            break
        if past.state is State.HELD:
            found.append(past)
    return tuple(found)


def discard(directory: Directory, number: int, run: Run) -> PastRun:
    """Decide against a run that waits; return it as it is written down now.

    Raises `UsageError` when it does not wait (any more). No record is changed.
    """
    with directory.transaction("discarding a held run", run) as conn:
        past = get_run(conn, directory.district, number)
        if past.state is not State.HELD:
            raise UsageError(f"Run {number} does not wait for anybody.", "Somebody has decided about it already.")
        decided = replace(past, state=State.DISCARDED, finished=now())
        record_run(conn, directory.district, decided)
    return decided
