"""Which files a source gives: files, folders at any depth, ZIPs and the ZIPs inside them; each a text or a spreadsheet.

What holds no table is skipped when it lies beside tables, and is an error when a person has named it.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from rosterdesk.errors import FileError
from rosterdesk.run import Run
from rosterdesk.sources.archive import unpack
from rosterdesk.sources.folder import Skipped, arriving, ignored, unreadable, walk
from rosterdesk.sources.inspection import Spent
from rosterdesk.sources.kinds import Kind, Look, Nature, look
from rosterdesk.sources.likeness import SPREADSHEETS, TABLES, like_a_table
from rosterdesk.sources.stamp import Stamp, compare, settle, still_written

__all__ = ["FoundFile", "Kind", "Skipped", "Stamp", "gather", "unchanged"]

_EXPECTED = TABLES | SPREADSHEETS


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to read at `path`. People see `label`, its path inside the folder or ZIP; `name` is unique in the run.

    `source` is the file on the disk that it comes from (a ZIP, or itself), and `stamp` how that looked at first.
    """

    path: Path
    label: str
    name: str
    kind: Kind
    source: Path
    stamp: Stamp


class _Candidate(NamedTuple):
    path: Path
    label: str
    named: bool
    stamp: Stamp


@dataclass
class _Gathering:
    """What has been gathered so far."""

    scratch: Path
    run: Run
    skipped: list[Skipped]
    files: list[FoundFile] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    folders: list[Path] = field(default_factory=list)

    def take(self, path: Path, label: str, kind: Kind, origin: _Candidate) -> None:
        stem = PurePosixPath(label).stem or "table"
        name, number = stem, 1
        while name.casefold() in self.names:
            number += 1
            name = f"{stem}-{number}"
        self.names.add(name.casefold())
        self.files.append(FoundFile(path, label, name, kind, origin.path, origin.stamp))

    def new_folder(self) -> Path:
        numbers = range(1, len(list(self.scratch.iterdir())) + 2)
        folder = next(p for p in (self.scratch / f"zip-{number}" for number in numbers) if not p.exists())
        self.folders.append(folder)
        return folder


def gather(
    sources: Sequence[str | Path], scratch: Path, run: Run, skipped: list[Skipped] | None = None
) -> list[FoundFile]:
    """The files of the sources: these in the order given, the files within by their names.

    ZIPs are unpacked into the folder `scratch`. What was passed over goes into `skipped`. Raises `FileError` for what
    is missing, refused, unfinished or no table, and when there is nothing to read; `scratch` is then as it was.
    """
    state = _Gathering(scratch, run, [] if skipped is None else skipped)
    try:
        candidates = _candidates(sources, run, state.skipped)
        settle({c.path: (c.label, c.stamp) for c in candidates}, run)
        for done, candidate in enumerate(candidates):
            run.report("Looking at the files", done, len(candidates))
            _sort(state, candidate.path, candidate.label, candidate, named=candidate.named)
        if not state.files:
            raise FileError(
                "There is no table in this source.",
                "Choose the files that your SIS has exported: CSV, Excel (.xlsx) or a ZIP of them.",
                f"{len(state.skipped)} files were passed over",
            )
    except BaseException:  # whatever it is, Ctrl-C too: unpacked rosters must not be left lying about
        for folder in state.folders:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    return state.files


def unchanged(files: Iterable[FoundFile]) -> None:
    """Raise `FileError` when a file was written to, replaced or removed since it was gathered; for when all is read."""
    # What people named is shown, not the file inside a ZIP.
    compare({f.source: (f.label if f.source == f.path else f.source.name, f.stamp) for f in files})


def _candidates(sources: Sequence[str | Path], run: Run, skipped: list[Skipped]) -> list[_Candidate]:
    found: dict[Path, _Candidate] = {}
    for source in sources:
        path, status = _named(source)
        if stat.S_ISDIR(status.st_mode):
            for inside, label, its in walk(path, run, skipped):
                found.setdefault(inside.resolve(), _Candidate(inside, label, False, Stamp.of(its)))
        elif stat.S_ISREG(status.st_mode):
            found.setdefault(path.resolve(), _Candidate(path, path.name, True, Stamp.of(status)))
        else:
            raise FileError(f"{path} is no ordinary file.", "Choose a file, a folder or a ZIP.")
    return list(found.values())


def _named(source: str | Path) -> tuple[Path, os.stat_result]:
    path = Path(source)
    if not str(source).strip() or "\0" in str(source):
        raise FileError("No file is named.", "Choose a file, a folder or a ZIP.")
    try:
        return path, path.stat()
    except OSError as error:
        raise unreadable(str(path), error) from error


def _sort(
    state: _Gathering,
    path: Path,
    label: str,
    origin: _Candidate,
    *,
    named: bool = False,
    spent: Spent | None = None,
    depth: int = 0,
) -> None:
    """Take a file, unpack it, pass it over or refuse it. `depth` counts the ZIPs around it."""
    if not named and arriving(label):
        raise still_written(label)
    try:
        seen = look(path, label)
        wanted = seen.nature is not Nature.TEXT or named or like_a_table(path, label)
    except OSError as error:
        raise unreadable(label, error) from error
    match seen.nature:
        case Nature.TEXT if wanted:
            state.take(path, label, Kind.TEXT, origin)
        case Nature.SPREADSHEET:
            state.take(path, label, Kind.SPREADSHEET, origin)
        case Nature.ZIP:
            _unpacked(state, path, label, origin, spent or Spent(origin.stamp.size), depth)
        case Nature.TEXT:
            state.skipped.append(Skipped(label, "no table"))
        case _ if named or _expected(label, seen):
            raise seen.error(label)
        case _:
            state.skipped.append(Skipped(label, seen.what))


def _expected(label: str, seen: Look) -> bool:
    """Whether a file that cannot be read was meant to be a table, so that to pass it over would hide a loss."""
    name = PurePosixPath(label.lower())
    if seen.nature is Nature.COMPRESSED:
        return name.suffix in _EXPECTED or PurePosixPath(name.stem).suffix in _EXPECTED | {".txt"}
    return seen.nature is Nature.PROTECTED or name.suffix in _EXPECTED


def _unpacked(state: _Gathering, path: Path, label: str, origin: _Candidate, spent: Spent, depth: int) -> None:
    if depth > 1:
        raise FileError(
            f"{label} is a ZIP inside a ZIP inside a ZIP.", "Unpack the outer one yourself, and choose the folder."
        )
    prefix = f"{label}/" if depth or not origin.named else ""
    for file in unpack(path, label, state.new_folder(), state.run, spent=spent):
        if any(ignored(part) for part in PurePosixPath(file.name).parts):
            file.path.unlink()
            continue
        state.run.check()
        _sort(state, file.path, prefix + file.name, origin, spent=spent, depth=depth + 1)
    if depth:
        path.unlink()  # its files are enough
