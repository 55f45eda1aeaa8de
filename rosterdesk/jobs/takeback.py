"""Takes a run back where it was delivered, too: the receiver gets the files of the roster as it was before the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from rosterdesk import paths, push
from rosterdesk.directory import deliveries, snapshot
from rosterdesk.directory.deliveries import Delivered
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.undo import UndoResult, undo
from rosterdesk.errors import HeldError
from rosterdesk.run import Run
from rosterdesk.staging import Staging

_ANYBODY = """
select exists (from plan.after_students where status = 'active')
    or exists (from plan.after_staff where status = 'active')
"""
_MAY_NOT_FOLLOW = (
    "A receiver that takes whole sets only does not follow such marks, and keeps everybody: look there afterwards, or "
    "compare what it tells with `rosterdesk receipts reconcile`."
)


class OnlyMarked(HeldError):
    """Before the run there was nobody, so the receiver can only be sent marks, which a person has to want."""

    def __init__(self, number: int, outlet: str) -> None:
        super().__init__(
            f"Before run {number} there was nobody, and a roster without people can't be sent to {outlet}.",
            "What can be sent is a delta of OneRoster: every record that the run brought, marked tobedeleted. Schools "
            f"and the school year stay there. {_MAY_NOT_FOLLOW} Open run {number} on Home to choose, or use "
            f"`rosterdesk undo {number} --marked`; with --no-deliver it is taken back here only.",
        )


def delivered_by(directory: Directory, number: int, run: Run) -> Delivered | None:
    """What the run brought to an outlet; None: nothing."""
    with directory.read(run) as conn:
        return deliveries.delivered_by(conn, directory.district, number)


def take_back(
    directory: Directory, number: int, run: Run, *, deliver: bool = True, marking: bool = False
) -> UndoResult:
    """Take back a run, and with `deliver` bring the roster as it is then to the outlet that the run was delivered to;
    the result tells what was delivered.

    A receiver takes files as the whole roster: what the run had brought goes there, and what it had taken away returns.
    Of OneRoster, a file of which nothing is left is delivered as a delta that marks what it held as to be deleted.

    Before the first run of all there was nobody; a receiver refuses a set without people, as we do, or takes away
    everybody it has, whoever brought them. So there is only the delta of all files, which a person has to want:
    `marking`. Raises `OnlyMarked` without it; `HeldError` where the layout knows no marks; and what an undo and a
    delivery raise. Then neither the directory nor the receiver has changed.
    """
    past = delivered_by(directory, number, run) if deliver else None
    if past is None or not past.files:
        return undo(directory, number, run)
    told: list[Delivered] = []

    def bring(conn: sa.Connection, ours: int) -> None:
        with paths.scratch() as folder, Staging(run, folder) as staging:
            snapshot.load(conn, directory.district, directory.generation_in(conn), staging, run)
            snapshot.as_it_is(staging)
            if not staging.one(_ANYBODY):
                _require_marks(number, past, wanted=marking)
            earlier = push.Earlier(lambda: _as_delivered(directory, run), _moment())
            to = push.to_outlet(
                Path(past.outlet), staging, run, layout=past.layout, zipped=past.zipped, earlier=earlier
            )
            if (delivered := to()) is not None:
                deliveries.record(conn, directory.district, ours, delivered)
                told.append(delivered)

    result = undo(directory, number, run, deliver=bring)
    return replace(result, delivered=told[0] if told else None)


def sentence(number: int, delivered: Delivered) -> str:
    """What a taking back has delivered, in words; `number` is the run that did it."""
    if not delivered.marked:
        return f"The files were delivered to {delivered.outlet} again."
    records = f"{delivered.marked:,} {'record' if delivered.marked == 1 else 'records'}"
    whole = any(name.endswith(".csv") for name, *_ in delivered.files if name not in (*delivered.delta, "manifest.csv"))
    return (
        f"{delivered.outlet} got {records} marked tobedeleted ({', '.join(delivered.delta)})"
        f"{', and the other files whole' if whole else ''}. "
        f"{_MAY_NOT_FOLLOW.replace('reconcile`', f'reconcile {number} FILE`')}"
    )


def _require_marks(number: int, past: Delivered, *, wanted: bool) -> None:
    if not push.takes_deltas(past.layout):
        raise HeldError(
            f"Before run {number} there was nobody, and {past.outlet} can't be sent a roster without people.",
            "It would refuse it, or archive everybody it has. "
            f"`rosterdesk undo {number} --no-deliver` takes the run back here only. Then remove its files from "
            f"{past.outlet}, so that nobody takes them in again, and have whoever runs the receiver archive or "
            "delete there what the run brought.",
        )
    if not wanted:
        raise OnlyMarked(number, past.outlet)


@contextmanager
def _as_delivered(directory: Directory, run: Run) -> Iterator[Staging]:
    """The roster before the taking back, as others still see it while that is written."""
    with paths.scratch() as folder, Staging(run, folder) as staging:
        with directory.read(run) as conn:
            snapshot.load(conn, directory.district, directory.generation_in(conn), staging, run)
        snapshot.as_it_is(staging)
        yield staging


def _moment() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
