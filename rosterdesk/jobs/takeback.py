"""Takes a run back where it was delivered, too: the receiver gets the files of the roster as it was before the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    `marking`. Raises `OnlyMarked` without it; `HeldError` where the layout knows no marks, and where the receiver may
    have records that we don't know of and so could not mark; and what an undo and a delivery raise. Then neither the
    directory nor the receiver has changed.
    """
    past = delivered_by(directory, number, run) if deliver else None
    if past is None or not past.files:
        return undo(directory, number, run)
    told: list[Delivered] = []

    def bring(conn: sa.Connection, ours: int) -> None:
        with paths.scratch() as folder, Staging(run, folder) as staging:
            at, last = deliveries.newest_at(conn, directory.district, past.outlet)
            snapshot.load(conn, directory.district, directory.generation_in(conn), staging, run)
            snapshot.as_it_is(staging)
            if not staging.one(_ANYBODY):
                _require_marks(number, last, wanted=marking)
            # Where nothing came after the last delivery, the receiver has just what the directory holds.
            require = None if at == ours - 1 else _as_last_delivered(number, at, last)
            earlier = push.Earlier(lambda: _before(directory, run), _moment(), require)
            to = push.to_outlet(
                Path(past.outlet), staging, run, layout=last.layout, zipped=last.zipped, earlier=earlier
            )
            if (delivered := to()) is not None:
                deliveries.record(conn, directory.district, ours, delivered)
                since = deliveries.outlets_since(conn, directory.district, number)
                untold = tuple(outlet for outlet in since if outlet != past.outlet)
                told.append(replace(delivered, untold=untold))

    result = undo(directory, number, run, deliver=bring)
    return replace(result, delivered=told[0] if told else None)


def sentence(number: int, delivered: Delivered) -> str:
    """What a taking back has delivered, in words; `number` is the run that did it."""
    untold = ""
    if delivered.untold:
        others = ", ".join(delivered.untold)
        untold = f" Later runs were delivered to {others}: nothing was told there, so look there, too."
    if not delivered.marked:
        return f"The files were delivered to {delivered.outlet} again.{untold}"
    records = f"{delivered.marked:,} {'record' if delivered.marked == 1 else 'records'}"
    whole = any(name.endswith(".csv") for name, *_ in delivered.files if name not in (*delivered.delta, "manifest.csv"))
    return (
        f"{delivered.outlet} got {records} marked tobedeleted ({', '.join(delivered.delta)})"
        f"{', and the other files whole' if whole else ''}. "
        f"{_MAY_NOT_FOLLOW.replace('reconcile`', f'reconcile {number} FILE`')}{untold}"
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


def _as_last_delivered(number: int, at: int, last: Delivered) -> Callable[[str, int, str], None]:
    """What refuses a file that is not as run `at`, the last one there, has delivered it: the receiver may have records
    that the directory no longer knows, as when a run was taken back here only, and marks would leave them there.
    """
    there = {name: (rows, sha256) for name, rows, sha256 in last.files if name not in last.delta}

    def require(name: str, rows: int, sha256: str) -> None:
        has, digest = there.get(name, (0, ""))
        if not has or (has, digest) == (rows, sha256):
            return
        raise HeldError(
            f"{last.outlet} may have records that the directory no longer knows, and that could not be marked.",
            f"Run {at} was the last that was delivered there, with {has:,} rows in {name}. Since then a run was taken "
            f"back here only, or something else was changed without a delivery: before run {number} is taken back, the "
            f"directory has {rows:,}. So deliver the roster as it is now once more, with `rosterdesk push SOURCE --to "
            f"{last.outlet}`, which lets the receiver see what is gone, and take run {number} back then. Or use "
            f"`rosterdesk undo {number} --no-deliver`, and have whoever runs the receiver archive or delete there what "
            "was delivered.",
        )

    return require


@contextmanager
def _before(directory: Directory, run: Run) -> Iterator[Staging]:
    """The roster before the taking back, as others still see it while that is written."""
    with paths.scratch() as folder, Staging(run, folder) as staging:
        with directory.read(run) as conn:
            snapshot.load(conn, directory.district, directory.generation_in(conn), staging, run)
        snapshot.as_it_is(staging)
        yield staging


def _moment() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
