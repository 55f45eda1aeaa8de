"""An outlet of either kind, a folder (or a ZIP in one) or a connection, as one who delivers sees it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rosterdesk import connections
from rosterdesk.directory.deliveries import Delivered
from rosterdesk.push import folder, remote
from rosterdesk.push.deletions import Earlier
from rosterdesk.run import Run
from rosterdesk.staging import Staging


def prepared(
    outlet: Path | None, staging: Staging, run: Run, *, layout: str, zipped: bool, earlier: Earlier | None = None
) -> Callable[[], Delivered | None]:
    """What delivers `plan.after_*` to the outlet when it is called, and tells what it delivered; without one, nothing.
    `earlier` is what the outlet has, for taking a run back (see `folder.write`).

    Raises `UsageError` now for what can receive nothing, and when called what `folder.write` and `remote.write` raise.
    """
    name = connections.named(outlet) if outlet is not None else None
    connection = connections.load(name) if name is not None else None
    if outlet is not None and connection is None and not outlet.is_absolute():
        outlet = outlet.resolve()  # the run is taken back, and cleaned up after, from other folders
    if connection is not None:
        remote.check(connection)

    def deliver() -> Delivered | None:
        if connection is not None:
            written = remote.write(staging, connection, run, layout=layout, zipped=zipped, earlier=earlier)
        elif outlet is not None:
            written = folder.write(staging, outlet, run, layout=layout, zipped=zipped, earlier=earlier)
        else:
            return None
        listed = tuple((file.name, file.rows, file.sha256) for file in written)
        return Delivered(str(outlet), layout, zipped, listed, tuple(file.name for file in written if file.delta))

    return deliver
