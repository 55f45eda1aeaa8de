"""Takes a run back where it was delivered, too: the receiver gets the files of the roster as it was before the run."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from rosterdesk import paths, push
from rosterdesk.directory import deliveries, snapshot
from rosterdesk.directory.deliveries import Delivered
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.undo import UndoResult, undo
from rosterdesk.run import Run
from rosterdesk.staging import Staging


def delivered_by(directory: Directory, number: int, run: Run) -> Delivered | None:
    """What the run brought to an outlet; None: nothing."""
    with directory.read(run) as conn:
        return deliveries.delivered_by(conn, directory.district, number)


def take_back(directory: Directory, number: int, run: Run, *, deliver: bool = True) -> UndoResult:
    """Take back a run, and with `deliver` bring the roster as it is then to the outlet that the run was delivered to.

    A receiver takes files as the whole roster: what the run had brought goes there, and what it had taken away returns.
    Raises what an undo and a delivery raise; then neither the directory nor the receiver has changed. The first run of
    all can't be taken back at the receiver: an empty roster is never delivered.
    """
    past = delivered_by(directory, number, run) if deliver else None
    if past is None:
        return undo(directory, number, run)

    def bring(conn: sa.Connection, ours: int) -> None:
        with paths.scratch() as folder, Staging(run, folder) as staging:
            snapshot.load(conn, directory.district, directory.generation_in(conn), staging, run)
            snapshot.as_it_is(staging)
            to = push.to_outlet(Path(past.outlet), staging, run, layout=past.layout, zipped=past.zipped)
            if (delivered := to()) is not None:
                deliveries.record(conn, directory.district, ours, delivered)

    return undo(directory, number, run, deliver=bring)
