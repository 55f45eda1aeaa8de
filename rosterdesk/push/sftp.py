"""An SFTP server as an outlet: the roster's files arrive under hidden names and take their places together.

Options of the connection, beside those of `net.site`:

    folder      where the files go; default: the folder in which the server puts us
    trigger     the name of a file to write last, for a receiver that waits for one; default: the manifest is last
    tries       how often a broken line is taken up again, default 4

Other files in the folder are left alone. `.rosterdesk` there lists ours, so that one that is no longer written goes.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from rosterdesk.connections import Connection, Tested
from rosterdesk.errors import Cancelled, UnreachableError, UsageError
from rosterdesk.net import far
from rosterdesk.net.far import Entry, Step
from rosterdesk.net.signin import LineCut
from rosterdesk.net.site import Site, site_of
from rosterdesk.push.placing import MARK, PART, place, placed
from rosterdesk.push.trial import tried
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.net.sftp import Line

PAUSES = (0.5, 2.0, 5.0, 15.0)  # seconds before each further try
TRIES = len(PAUSES)
_TIDY = 0.6  # seconds that a cancelled delivery may take to remove what it has begun


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file to deliver: where it is here, its name there, its size, and the hidden name under which it arrives."""

    source: Path
    name: str
    size: int
    part: str


@dataclass
class _Delivery:
    """One delivery, over as many lines as it takes."""

    site: Site
    folder: str
    parcels: tuple[Parcel, ...]
    run: Run
    whole: set[str] = field(default_factory=set)  # what arrived wholly
    placing: bool = False  # the files were told to take their places; whether they did is to be looked at

    @property
    def size(self) -> int:
        return sum(parcel.size for parcel in self.parcels)


def deliver(connection: Connection, files: Sequence[Path], run: Run) -> None:
    """Bring the files into the connection's folder; the last of them is the one that a receiver waits for.

    After it they are all there under their names. Whatever it raises, the folder holds the earlier files: in
    `UnreachableError`, `SecretError`, `UsageError` and `Cancelled`. Only when the line breaks for good in the very
    moment in which they take their places, it is not known which of both (or, of a server that ended in that moment,
    some of each, the last one still the earlier): that has its own sentence.
    """
    site, folder = site_of(connection), connection.options.get("folder", "").strip()
    tries = _tries(connection)
    delivery = _Delivery(site, folder, _parcels(files), run)
    for trial in range(tries + 1):
        try:
            _over_one_line(delivery)
        except LineCut as error:
            if trial == tries:
                raise _doubtful(delivery, error) if delivery.placing else error from error.__cause__
            _pause(delivery, error, PAUSES[min(trial, len(PAUSES) - 1)])
        else:
            return


def trigger_of(connection: Connection) -> str | None:
    """The name of the file that the receiver waits for, if it is one of its own. Raises `UsageError`."""
    name = connection.options.get("trigger", "").strip()
    if name and (PurePosixPath(name).name != name or name.startswith(".")):
        raise UsageError(f"{name!r} is no name for a trigger file.", "Use a plain name, such as done.txt.")
    return name or None


def test(connection: Connection, run: Run) -> Tested:
    """Try all that a delivery does, with small hidden files that are gone again at the end."""
    trigger_of(connection)
    _tries(connection)
    return tried(connection, run)


def _parcels(files: Sequence[Path]) -> tuple[Parcel, ...]:
    def parcel(path: Path) -> Parcel:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
        return Parcel(path, path.name, path.stat().st_size, f".{path.name}.{digest}{PART}")

    return tuple(map(parcel, files))


def _tries(connection: Connection) -> int:
    text = connection.options.get("tries", str(TRIES)).strip()
    if not (text.isascii() and text.isdigit() and int(text) <= 20):
        raise UsageError(f"{text!r} is no number of tries.", "Use a number from 0 to 20.")
    return int(text)


def _seen(line: Line, folder: str) -> dict[str, Entry]:
    there = far.look(line, folder or ".")
    if there is not None and there.is_file and not there.is_folder and there.size:
        title = f"{folder} on {line.site.host} is a file."
        raise UnreachableError(title, "Name a folder with --option folder=FOLDER.")
    return {entry.name: entry for entry in far.entries(line, folder)}


def _over_one_line(delivery: _Delivery) -> None:
    from rosterdesk.net.sftp import signed_in

    run, folder = delivery.run, delivery.folder
    run.report(f"Signing in to {delivery.site.host}")
    with signed_in(delivery.site, run) as line:
        try:
            seen = _seen(line, folder)
            if delivery.placing and placed(line, folder, delivery.parcels, seen):
                return
            _check(line, folder, delivery, seen)
            _upload(line, delivery, seen)
            run.check()
            delivery.placing = True
            line.run = Run()  # from here on there is no way back, only the far end's end
            place(line, folder, delivery.parcels, seen)
        except Cancelled:
            if not delivery.placing:
                _tidy(line, delivery)
            raise
        except UnreachableError as error:
            if not isinstance(error, LineCut):
                _tidy(line, delivery)
            raise


def _check(line: Line, folder: str, delivery: _Delivery, seen: dict[str, Entry]) -> None:
    """Look whether the files can take their places, before anything is sent."""
    for parcel in delivery.parcels:
        there = seen.get(parcel.name)
        if there is not None and not there.is_file:
            title = f"{far.join(folder, parcel.name)} on {line.site.host} is no file, so none can take its place."
            raise UnreachableError(title, "Rename it, or choose another folder.")
    # What an earlier, broken delivery of other files has left.
    mine = {parcel.part for parcel in delivery.parcels}
    old = [name for name in seen if name.startswith(".") and name.endswith(PART) and name not in mine]
    far.together(line, [Step(far.join(folder, name)) for name in old])
    begun = sum(min(seen[p.part].size, p.size) for p in delivery.parcels if p.part in seen)
    free = far.room(line, folder)
    if free is not None and free < delivery.size - begun:
        raise far.full(line, folder, f"{delivery.size - begun} bytes are needed, {free} are free")


def _upload(line: Line, delivery: _Delivery, seen: dict[str, Entry]) -> None:
    from rosterdesk.net import transfer

    before = 0
    for parcel in delivery.parcels:

        def told(done: int, parcel: Parcel = parcel, before: int = before) -> None:
            delivery.run.report(f"Sending {parcel.name}", before + done, delivery.size)

        there = seen.get(parcel.part)
        if parcel.part not in delivery.whole or there is None or there.size != parcel.size:
            transfer.put(line, parcel.source, far.join(delivery.folder, parcel.part), told)
            delivery.whole.add(parcel.part)
        before += parcel.size


def _tidy(line: Line, delivery: _Delivery) -> None:
    """Remove what has arrived, if that can be done at once; else the next delivery does it. It is hidden meanwhile."""
    from rosterdesk.net.sftp import afresh

    run = Run()
    soon = threading.Timer(_TIDY, run.cancel)
    soon.daemon = True
    soon.start()
    try:
        with contextlib.suppress(Cancelled, UnreachableError):
            steps = [Step(far.join(delivery.folder, parcel.part)) for parcel in delivery.parcels]
            far.together(afresh(line, run), steps)
    finally:
        soon.cancel()


def _pause(delivery: _Delivery, error: LineCut, seconds: float) -> None:
    try:
        delivery.run.report(f"The line to {delivery.site.host} broke; trying again")
        delivery.run.wait(seconds)
    except Cancelled:
        if delivery.placing:
            raise _doubtful(delivery, error) from error
        raise


def _doubtful(delivery: _Delivery, error: LineCut) -> UnreachableError:
    place_name = delivery.folder or "the folder"
    return UnreachableError(
        f"The line to {delivery.site.host} broke at the moment in which the files took their places.",
        f"{place_name} holds the earlier files or the new ones; if the server stopped in between, some of each, with "
        "the last one still the earlier. Push again to be sure.",
        error.detail,
    )


__all__ = ["MARK", "Parcel", "deliver", "test", "trigger_of"]
