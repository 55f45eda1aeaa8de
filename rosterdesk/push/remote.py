"""Writes a roster's files for a connection and delivers them: the layout of `folder`, the way of `sftp`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from rosterdesk.connections import Connection, Kind, Tested
from rosterdesk.errors import UsageError
from rosterdesk.push import folder, sftp
from rosterdesk.push.deletions import Earlier
from rosterdesk.push.folder import WrittenFile
from rosterdesk.push.placing import MARK, listed, marked
from rosterdesk.run import Run
from rosterdesk.staging import Staging


def check(connection: Connection) -> None:
    """Raise `UsageError` when a connection can receive no files."""
    if connection.kind is not Kind.SFTP:
        raise UsageError(
            f"The connection {connection.name} is a source: nothing can be delivered there.",
            "Deliver to a folder or to an SFTP connection.",
        )


def test(connection: Connection, run: Run) -> Tested:
    """What works of the connection as an outlet. Raises `UsageError` when it can be none, `SecretError`."""
    check(connection)
    return sftp.test(connection, run)


def write(
    staging: Staging,
    connection: Connection,
    run: Run,
    *,
    layout: str = "oneroster-1.1",
    zipped: bool = False,
    earlier: Earlier | None = None,
) -> tuple[WrittenFile, ...]:
    """Write the roster as `folder.write` does and deliver it; the file that a receiver waits for arrives last.

    Raises what `folder.write` and `sftp.deliver` raise; whatever it is, the receiver keeps what it has.
    """
    check(connection)
    trigger = sftp.trigger_of(connection)
    with tempfile.TemporaryDirectory(prefix="outlet-", dir=staging.folder) as space:
        out = Path(space) / "files"
        written = folder.write(staging, out, run, layout=layout, zipped=zipped, earlier=earlier)
        *others, last = [out / file.name for file in written if (out / file.name).exists()]
        if trigger is not None:
            if trigger.casefold() in {file.name.casefold() for file in (*others, last)}:
                raise UsageError(f"{trigger} is one of the roster's own files.", "Name another trigger file.")
            others.append(last)
            last = Path(space) / trigger
            last.write_text(listed((f.name, f.sha256) for f in written if (out / f.name).exists()), "utf-8")
        mark = Path(space) / MARK
        mark.write_bytes(marked([file.name for file in (*others, last)]))
        sftp.deliver(connection, (*others, mark, last), run)
    return written
