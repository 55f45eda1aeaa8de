"""Takes a run back: what it created goes, what it changed and removed returns, unless it was changed again since.

A run of which later runs have changed or used what it created is not taken back before those are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory import later, ledger, removal, removed, reversal, takingback
from rosterdesk.directory.changed import Left
from rosterdesk.directory.deliveries import Delivered
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.history import Kind, PastRun, State, get_run, next_run, now, record_run
from rosterdesk.directory.schema import snapshot
from rosterdesk.errors import UsageError
from rosterdesk.run import Run

_NAMED = 5  # runs that a refusal names one by one


@dataclass(frozen=True, slots=True)
class UndoResult:
    """What taking a run back did.

    `counts` by entity: `deleted` (rows that the run had created, and links of such records), `reverted` (field values
    put back), `returned` (links put back). `left` names up to a thousand things that were left alone because they are
    no longer as the run left them; `left_count` is all of them. `delivered` is what an outlet got.
    """

    run: int
    undone: int
    counts: Mapping[str, Mapping[str, int]]
    left: tuple[Left, ...] = ()
    left_count: int = 0
    delivered: Delivered | None = None


def undo(
    directory: Directory,
    number: int,
    run: Run | None = None,
    *,
    who: str | None = None,
    deliver: Callable[[sa.Connection, int], None] | None = None,
) -> UndoResult:
    """Take back a run, in one transaction; return what was done.

    After the undo of the latest run the directory's export is, byte for byte, the one from before that run. Raises
    `UsageError` for a run that does not exist, was taken back already, changed nothing, is itself an undo, or whose
    records later runs have changed or linked: those must be taken back first. Raises `NotAllowed` (see `takingback`).

    `deliver` is called with the undo's own number when all is written and nothing committed; what it raises leaves the
    directory as it was.
    """
    run = run or Run()
    with directory.transaction(f"taking back run {number}", run) as conn:
        district = directory.district
        past = get_run(conn, district, number)
        started = now()
        person = takingback.require(conn, district, past)
        _refuse(conn, district, past)
        run.report(f"Taking back run {number}: changes", 0, 3)
        reverted, left = reversal.revert(conn, district, number)
        run.report(f"Taking back run {number}: new records", 1, 3)
        deleted, kept = removal.delete_created(conn, district, number)
        run.report(f"Taking back run {number}: removed links", 2, 3)
        returned, lost = removed.put_back(conn, district, number)
        counts = _by_entity(deleted=deleted, reverted=reverted, returned=returned)
        all_left = left + kept + lost
        record_run(conn, district, replace(past, state=State.UNDONE))
        ours = PastRun(
            number=next_run(conn, district),
            kind=Kind.UNDO,
            state=State.DONE,
            started=started,
            finished=now(),
            who=who or person.who,
            source=past.source,
            counts={**counts, "left": {"count": all_left.count}},
            undoes=number,
        )
        record_run(conn, district, ours)
        conn.execute(snapshot.delete().where(snapshot.c.district == district))
        directory.bump(conn)
        if deliver is not None:
            deliver(conn, ours.number)
            run.decide()  # the files are where others see them: the directory follows
    return UndoResult(ours.number, number, counts, all_left.named, all_left.count)


def _refuse(conn: sa.Connection, district: int, past: PastRun) -> None:
    """Raise `UsageError` when there is nothing that could be taken back."""
    number = past.number
    if past.state is State.UNDONE:
        raise UsageError(f"Run {number} was already taken back.", "`rosterdesk history` shows by which run.")
    if past.forgotten:
        raise UsageError(
            f"Run {number} can't be taken back any more. {past.forgotten}", "What it did stays as it is now."
        )
    if past.kind in (Kind.PURGE, Kind.ERASE):
        raise UsageError(f"Run {number} can't be taken back.", "What was erased is gone for good, as was asked for.")
    if past.kind is Kind.UNDO:
        raise UsageError(
            f"Run {number} is an undo and can't be taken back itself.",
            f"Push the source of run {past.undoes} again instead.",
        )
    # A held run may still have created and updated; only what it would have removed waits for a person.
    if not removal.did_anything(conn, district, number):
        did = "is held and changed nothing" if past.state is State.HELD else "changed nothing that could be undone"
        raise UsageError(f"Run {number} {did}.", "There is nothing to take back.")
    if past.kind in (Kind.MERGE, Kind.UNMERGE) and (built := ledger.built_on(conn, district, number)):
        raise UsageError(
            f"Run {number} can't be taken back yet: {_named(built)} merged the same records further, or told them "
            "apart.",
            f"Take back run {built[-1]} first, or use `rosterdesk unmerge`, which works in any order.",
        )
    if since := later.runs_on(conn, district, number):
        first = max(since)
        raise UsageError(
            f"Run {number} can't be taken back yet: {_named(sorted(since))} changed or used records that it created "
            f"({sum(since.values()):,}).",
            f"They would be lost with it. Take back run {first} first"
            + (", and the others from the latest to the earliest." if len(since) > 1 else "."),
        )


def _named(numbers: list[int]) -> str:
    """The runs in words, the first few of many."""
    if len(numbers) == 1:
        return f"run {numbers[0]}"
    if len(numbers) > _NAMED:
        return f"runs {', '.join(map(str, numbers[:_NAMED]))} and {len(numbers) - _NAMED} others"
    return f"runs {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def _by_entity(**counts: Mapping[str, int]) -> dict[str, dict[str, int]]:
    entities: dict[str, Any] = {}
    for action, numbers in counts.items():
        for entity, count in numbers.items():
            if count:
                entities.setdefault(entity, {})[action] = count
    return entities
