"""Removes what RosterDesk has delivered to a folder, a ZIP or an SFTP server, once it has lain there long enough.

Only what this directory delivered there last: the files that the mark names, if their content is still the one that was
written down, and none of them if one was written since.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from rosterdesk import connections
from rosterdesk.connections import Connection
from rosterdesk.directory.deliveries import Delivered
from rosterdesk.errors import FileError, UnreachableError
from rosterdesk.net import far
from rosterdesk.net.far import Entry, Step
from rosterdesk.net.site import site_of
from rosterdesk.push import remote, replacement
from rosterdesk.push.placing import MARK, OLD, PART, listed, ours
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.net.sftp import Line

_PIECE = 1 << 18  # bytes


def lying(past: Delivered, edge: float, run: Run) -> int | None:
    """How many of the delivered files `withdraw` would remove; None: the outlet is a server, which is not asked.

    Raises `FileError` and `Cancelled`.
    """
    if connections.named(Path(past.outlet)) is not None:
        return None
    found = replacement.own(_place(past.outlet), edge, _sums(past), run.check)
    return sum(path.name != MARK for path in found or ())


def withdraw(past: Delivered, edge: float, run: Run) -> int | None:
    """Remove the files of a delivery that are all older than `edge` (seconds since 1970); return how many went, 0 where
    none of them is there. None: something stays, as it was written since, or is not what was delivered.

    Raises `FileError`, `Cancelled`, and for a server `UnreachableError`, `SecretError` and `UsageError`; then some may
    be gone, and the next call goes on.
    """
    name = connections.named(Path(past.outlet))
    if name is not None:
        return _far(connections.load(name), past, edge, run)
    return replacement.remove(_place(past.outlet), edge, _sums(past), run.check)


def tidy(outlet: Path) -> int:
    """Remove what a writer that was killed has left beside a folder or ZIP, and put the earlier files back if it had
    moved them away; return whether there was anything (1 or 0). Raises `FileError`.
    """
    if connections.named(outlet) is not None or not outlet.is_absolute():
        return 0
    return replacement.tidy(_place(str(outlet)))


def whole(outlet: str) -> bool:
    """Whether an outlet is the same wherever the program runs; earlier versions wrote down what was typed."""
    return connections.named(Path(outlet)) is not None or Path(outlet).is_absolute()


def _place(outlet: str) -> Path:
    if not whole(outlet):
        raise FileError(
            f"It is not known any more which folder {outlet} was, so nothing was removed there.",
            "Remove the files by hand, and name outlets by their whole path.",
        )
    return Path(os.path.realpath(outlet))


def _sums(past: Delivered) -> dict[str, str]:
    return {name: sha256 for name, _, sha256 in past.files}


def _far(connection: Connection, past: Delivered, edge: float, run: Run) -> int | None:
    from rosterdesk.net.sftp import signed_in

    remote.check(connection)
    site, folder = site_of(connection), connection.options.get("folder", "").strip()
    with signed_in(site, run) as line:
        seen = _entries(line, folder)
        there = [name for name in ours(line, folder, seen) if name in seen and seen[name].is_file]
        if any(seen[name].modified >= edge for name in there) or not _as_delivered(line, folder, there, past, run):
            return None
        begun = [name for name in seen if name.startswith(".") and name.endswith((PART, OLD))]
        # The file that a receiver waits for goes first, as it came last; the mark goes last, to tell what is left.
        names = [*reversed(there), *(name for name in begun if seen[name].modified < edge)]
        names += [MARK] if MARK in seen else []
        now = _entries(line, folder)
        if any(now.get(name) != seen[name] for name in names):  # somebody is delivering at this moment
            return None
        said = far.together(line, [Step(far.join(folder, name)) for name in names]) if names else []
    for name, error in zip(names, said, strict=True):
        if error is not None:
            raise UnreachableError(
                f"{site.host} does not let {site.user} remove {name}.",
                "Ask the server's owner for that right, or remove the files there by hand.",
                str(error),
            )
    return len(there)


def _entries(line: Line, folder: str) -> dict[str, Entry]:
    return {entry.name: entry for entry in far.entries(line, folder)}


def _as_delivered(line: Line, folder: str, names: list[str], past: Delivered, run: Run) -> bool:
    """Whether the files have the content that was delivered; what was not written down can be the trigger only."""
    sums = _sums(past)
    lain = past.files[-1:] if past.zipped else past.files  # a ZIP is the last, and holds the others
    trigger = hashlib.sha256(listed((name, sha256) for name, _, sha256 in lain).encode()).hexdigest()
    return all(_sha256(line, far.join(folder, name), run) == sums.get(name, trigger) for name in names)


def _sha256(line: Line, path: str, run: Run) -> str:
    digest = hashlib.sha256()
    with far.told(line, path, path), line.open(path, "rb") as file:
        while piece := file.read(_PIECE):
            run.check()
            digest.update(piece)
    return digest.hexdigest()
