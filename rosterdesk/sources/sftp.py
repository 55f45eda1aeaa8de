"""An SFTP server as a source: its files are brought into the run's folder once they have stopped growing.

Options of the connection, beside those of `net.site`:

    folder      where the files are; default: the folder in which the server puts us
    pattern     which of them, such as *.zip or roster-*; default: all that may hold a roster
    take        newest: the newest of them alone; all: all of them. Default: of several ZIPs the newest, of others all
    settle      for how many seconds a file must keep its size and time; default 2
    patience    for how many seconds to wait until it does; default 60
    tries       how often a broken line is taken up again, default 4
"""

from __future__ import annotations

import fnmatch
import re
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from time import monotonic
from typing import TYPE_CHECKING

from rosterdesk.connections import Connection, Fetched, Findings, Tested, Verdict
from rosterdesk.errors import UnreachableError, UsageError
from rosterdesk.net import far, transfer
from rosterdesk.net.far import Entry, join
from rosterdesk.net.signin import LineCut
from rosterdesk.net.site import Site, site_of
from rosterdesk.run import Run
from rosterdesk.sources.folder import arriving, ignored
from rosterdesk.sources.likeness import SPREADSHEETS, TABLES

if TYPE_CHECKING:
    from rosterdesk.net.sftp import Line

PAUSES = (0.5, 2.0, 5.0, 15.0)  # seconds before each further try
_ZIP = ".zip"
_NAME = re.compile(r'[^\\/:*?"<>|\x00-\x1f]{1,200}')


class SftpSource:
    """The files in a folder of an SFTP server."""

    def __init__(self, connection: Connection) -> None:
        options = connection.options
        self._site: Site = site_of(connection)
        self._folder = options.get("folder", "").strip()
        self._pattern = options.get("pattern", "").strip()
        self._take = options.get("take", "").strip().casefold()
        self._settle = _seconds(options.get("settle", "2"))
        self._patience = _seconds(options.get("patience", "60"))
        self._tries = int(_seconds(options.get("tries", str(len(PAUSES)))))
        if self._take not in {"", "newest", "all"}:
            advice = "Use --option take=newest or --option take=all."
            raise UsageError(f"{self._take!r} is no way to take files.", advice)

    def test(self, run: Run) -> Tested:
        """Sign in, look into the folder and open each file that a run would take, without reading it."""
        from rosterdesk.net.sftp import signed_in

        host, found = self._site.host, Findings(run)
        try:
            with signed_in(self._site, run) as line:
                found.add(Verdict.GOOD, f"{host} is reached, and {self._site.user} is signed in.")
                chosen, notes = self._chosen(line)
                for entry in chosen:
                    path = join(self._folder, entry.name)
                    with far.told(line, path, path):
                        line.open(path, "rb").close()
                    size = f"{max(1, entry.size // 1000):,} kB" if entry.size else "empty"
                    found.add(Verdict.GOOD if entry.size else Verdict.BAD, f"{entry.name} ({size})")
                for note in notes:
                    found.add(Verdict.LIMITED, note)
        except UnreachableError as error:
            found.add(Verdict.BAD, str(error))
            return Tested(found.said)
        return Tested(found.said, counts={"files": len(chosen)})

    def fetch(self, run: Run, folder: Path) -> Fetched:
        """Bring the files, each whole and unchanged while it was read.

        Raises `UnreachableError` when a file is empty, vanishes, keeps growing or is half a ZIP, when there is none,
        and for all that `net` tells of; a line that breaks is taken up again where it broke.
        """
        from rosterdesk.net.sftp import signed_in

        settled: tuple[list[Entry], list[str]] | None = None
        for trial in range(self._tries + 1):
            try:
                run.report(f"Signing in to {self._site.host}")
                with signed_in(self._site, run) as line:
                    settled = settled or self._settled(line, run)
                    return self._fetched(line, run, folder, *settled)
            except LineCut:
                if trial == self._tries:
                    raise
                run.report(f"The line to {self._site.host} broke; trying again")
                run.wait(PAUSES[min(trial, len(PAUSES) - 1)])
        raise AssertionError("the last try returns or raises")

    def _fetched(self, line: Line, run: Run, folder: Path, chosen: Sequence[Entry], notes: Sequence[str]) -> Fetched:
        total, before, files = sum(entry.size for entry in chosen), 0, []
        for entry in chosen:

            def told(done: int, entry: Entry = entry, before: int = before) -> None:
                run.report(f"Fetching {entry.name}", before + done, total)

            target = folder / entry.name
            # What a broken line has left is the beginning of exactly this file: `get` has looked.
            if not target.exists() or target.stat().st_size != entry.size:
                transfer.get(line, join(self._folder, entry.name), entry, target, told)
            if entry.name.lower().endswith(_ZIP):
                self._whole_zip(target)
            files.append(target)
            before += entry.size
        if len(chosen) > 1:  # they belong together, so none may be newer than when the others were read
            now = far.entries(line, self._folder)
            for entry in chosen:
                if entry not in now:
                    raise transfer.changed(line, entry.name)
        return Fetched(tuple(files), notes=tuple(notes))

    def _settled(self, line: Line, run: Run) -> tuple[list[Entry], list[str]]:
        """The files to take, when two looks have shown the same."""
        until = monotonic() + self._patience
        before, notes = self._chosen(line)
        while True:
            run.report("Looking whether the files have stopped growing")
            run.wait(self._settle)
            now, notes = self._chosen(line)
            if now == before:
                break
            if gone := {entry.name for entry in before} - {entry.name for entry in now}:
                known = {entry.name for entry in far.entries(line, self._folder)}
                for name in sorted(gone - known):
                    raise transfer.vanished(line, name)
            if monotonic() >= until:
                changed = next(entry for entry in now if entry not in before)
                raise UnreachableError(
                    f"{changed.name} on {self._site.host} is still being written.",
                    "Run later, or give it more time with --option patience=SECONDS.",
                    f"it has changed within {self._settle:g} seconds, for {self._patience:g} seconds",
                )
            before = now
        for entry in now:
            if not entry.size:
                advice = "Look why your SIS has exported nothing; nothing was changed."
                raise UnreachableError(f"{entry.name} on {self._site.host} is empty.", advice, "0 bytes")
        return now, notes

    def _chosen(self, line: Line) -> tuple[list[Entry], list[str]]:
        """The files to take, as they are now, and what to say of the choice."""
        there = far.entries(line, self._folder)
        files = [one for one in there if one.is_file and not one.is_folder and not ignored(one.name)]
        notes = [f"{one.name} is still being written, so it is left out." for one in files if arriving(one.name)]
        files = [one for one in files if not arriving(one.name) and self._wanted(one.name)]
        odd = [one for one in files if not _NAME.fullmatch(one.name) or one.name.endswith((" ", "."))]
        notes += [f"{one.name!a} has a name that not every system can hold, so it is left out." for one in odd]
        files = [one for one in files if one not in odd]
        place = f"{self._folder or 'the folder'} on {self._site.host}"
        if not files:
            what = f"a file like {self._pattern}" if self._pattern else "a file that may hold a roster"
            advice = "Look at the connection's folder and pattern, and whether your SIS has exported."
            raise UnreachableError(f"There is not {what} in {place}.", advice, f"{len(there)} entries are there")
        zips = [one for one in files if one.name.lower().endswith(_ZIP)]
        if self._take == "newest" or (not self._take and len(zips) == len(files) > 1):
            newest = max(files, key=lambda one: (one.modified, one.name))
            if len(files) > 1:
                notes.append(f"Of {len(files)} files, {newest.name} is the newest and was taken.")
            return [newest], notes
        if not self._take and 0 < len(zips) < len(files):
            advice = "Say which of them with --option pattern=*.zip (or *.csv), or take all with --option take=all."
            raise UnreachableError(f"There are ZIPs and other files in {place}.", advice)
        return files, notes

    def _wanted(self, name: str) -> bool:
        if self._pattern:
            return fnmatch.fnmatchcase(name.casefold(), self._pattern.casefold())
        return PurePosixPath(name).suffix.lower() in TABLES | SPREADSHEETS | {_ZIP}

    def _whole_zip(self, path: Path) -> None:
        with suppress(zipfile.BadZipFile, EOFError), zipfile.ZipFile(path) as archive:
            if archive.namelist():
                return
        raise UnreachableError(
            f"{path.name} on {self._site.host} is only a part of a ZIP, or none.",
            "Look whether its upload has broken off; have it exported again.",
            f"{path.stat().st_size} bytes",
        )


def prepare(connection: Connection, ask: Callable[[str], bool]) -> Connection:
    """The connection with its server's key pinned, when `ask` says that the key is the right one."""
    from rosterdesk.net.pinning import pinned

    return pinned(connection, ask, Run())


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 3600:
        raise UsageError(f"{text!r} is no number of seconds or tries.", "Use a number from 0 to 3600.")
    return value


__all__ = ["SftpSource", "prepare"]
