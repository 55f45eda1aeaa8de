"""Takes a run back where it was delivered, too: the receiver gets the files of the roster as it was before the run."""

from __future__ import annotations

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


def delivered_by(directory: Directory, number: int, run: Run) -> Delivered | None:
    """What the run brought to an outlet; None: nothing."""
    with directory.read(run) as conn:
        return deliveries.delivered_by(conn, directory.district, number)


def take_back(directory: Directory, number: int, run: Run, *, deliver: bool = True) -> UndoResult:
    """Take back a run, and with `deliver` bring the roster as it is then to the outlet that the run was delivered to.

    A receiver takes files as the whole roster: what the run had brought goes there, and what it had taken away returns.
    Raises what an undo and a delivery raise; then neither the directory nor the receiver has changed.

    Raises `HeldError` for the first run of all, before which there was nobody. A receiver takes whole sets; one without
    people is refused by it, as by us, or takes away everybody it has, whoever brought them. And no set says "as if this
    run had never been". So a person takes the run back there, by the receiver's own means.
    """
    past = delivered_by(directory, number, run) if deliver else None
    if past is None:
        return undo(directory, number, run)

    def bring(conn: sa.Connection, ours: int) -> None:
        with paths.scratch() as folder, Staging(run, folder) as staging:
            snapshot.load(conn, directory.district, directory.generation_in(conn), staging, run)
            snapshot.as_it_is(staging)
            if not staging.one(_ANYBODY):
                raise HeldError(
                    f"Before run {number} there was nobody, and {past.outlet} can't be sent a roster without people.",
                    "It would refuse it, or archive everybody it has. "
                    f"`rosterdesk undo {number} --no-deliver` takes the run back here only. Then remove its files from "
                    f"{past.outlet}, so that nobody takes them in again, and have whoever runs the receiver archive or "
                    "delete there what the run brought.",
                )
            to = push.to_outlet(Path(past.outlet), staging, run, layout=past.layout, zipped=past.zipped)
            if (delivered := to()) is not None:
                deliveries.record(conn, directory.district, ours, delivered)

    return undo(directory, number, run, deliver=bring)
