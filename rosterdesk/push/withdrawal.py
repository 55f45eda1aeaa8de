"""Removes what RosterDesk has delivered to a folder, a ZIP or an SFTP server, once it has lain there long enough.

Only its own files: those that its mark names, and none of them if one was written since.
"""

from __future__ import annotations

import os
from pathlib import Path

from rosterdesk import connections
from rosterdesk.connections import Connection
from rosterdesk.errors import UnreachableError
from rosterdesk.net import far
from rosterdesk.net.far import Step
from rosterdesk.net.site import site_of
from rosterdesk.push import remote, replacement
from rosterdesk.push.placing import MARK, PART, ours
from rosterdesk.run import Run


def lying(outlet: Path, edge: float) -> int | None:
    """How many files of ours lie in an outlet and are all older than `edge` (seconds since 1970); None: it is a server,
    which is not asked.
    """
    if connections.named(outlet) is not None:
        return None
    return sum(path.name != MARK for path in replacement.own(_place(outlet), edge))


def withdraw(outlet: Path, edge: float, run: Run) -> int:
    """Remove those files; return how many went. What is another's, or was written since, stays.

    Raises `FileError`, and for a server `UnreachableError`, `SecretError` and `UsageError`; then some may be gone, and
    the next call goes on.
    """
    name = connections.named(outlet)
    return replacement.remove(_place(outlet), edge) if name is None else _far(connections.load(name), edge, run)


def tidy(outlet: Path) -> int:
    """Remove what a writer that was killed has left beside a folder or ZIP, and put the earlier files back if it had
    moved them away; return whether there was anything (1 or 0). Raises `FileError`.
    """
    return replacement.tidy(_place(outlet)) if connections.named(outlet) is None else 0


def _place(outlet: Path) -> Path:
    return Path(os.path.realpath(outlet))


def _far(connection: Connection, edge: float, run: Run) -> int:
    from rosterdesk.net.sftp import signed_in

    remote.check(connection)
    site, folder = site_of(connection), connection.options.get("folder", "").strip()
    with signed_in(site, run) as line:
        seen = {entry.name: entry for entry in far.entries(line, folder)}
        there = [name for name in ours(line, folder, seen) if name in seen and seen[name].is_file]
        if any(seen[name].modified >= edge for name in there):
            return 0
        # The file that a receiver waits for goes first, as it came last; the mark goes last, to tell what is left.
        parts = [name for name in seen if name.startswith(".") and name.endswith(PART)]
        names = [*reversed(there), *parts, *([MARK] if MARK in seen else [])]
        said = far.together(line, [Step(far.join(folder, name)) for name in names]) if names else []
    for name, error in zip(names, said, strict=True):
        if error is not None:
            raise UnreachableError(
                f"{site.host} does not let {site.user} remove {name}.",
                "Ask the server's owner for that right, or remove the files there by hand.",
                str(error),
            )
    return len(there)
