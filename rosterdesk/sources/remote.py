"""`connection:NAME` wherever a source may stand: what it gives is brought into the run's scratch folder, and read from
there as any other files are.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rosterdesk.connections import Connection, Following, Kind, Source, load, named
from rosterdesk.errors import RosterDeskError, UnreachableError
from rosterdesk.run import Run

SOURCE_NOTE = "source-note"


@dataclass
class Brought:
    """Sources that are all files now: `sources` in the order given, which files prove nothing by what is absent, and
    what is to be told. `positions` of connections are to be kept when all has been used.
    """

    sources: list[str | Path] = field(default_factory=list)
    unproven: dict[Path, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    positions: dict[str, str] = field(default_factory=dict)

    def proves(self, path: Path) -> bool:
        """Whether absence from the table in this file (or from a file unpacked from it) proves anything."""
        return path.resolve() not in self.unproven


def open_source(connection: Connection) -> Source:
    """What reads from a connection."""
    match connection.kind:
        case Kind.CLEVER:
            from rosterdesk.sources.clever import CleverSource

            return CleverSource(connection)
        case Kind.CLASSLINK:
            from rosterdesk.sources.classlink import ClassLinkSource

            return ClassLinkSource(connection)
        case Kind.CLASSLINK_PROXY:
            from rosterdesk.sources.classlink import ClassLinkProxySource

            return ClassLinkProxySource(connection)
        case Kind.ONEROSTER:
            from rosterdesk.sources.oneroster import OneRosterSource

            return OneRosterSource(connection)
        case Kind.SFTP:
            from rosterdesk.sources.sftp import SftpSource

            sftp: Source = SftpSource(connection)
            return sftp


def bring(sources: Sequence[str | Path], scratch: Path, run: Run, since: Mapping[str, str] | None = None) -> Brought:
    """Fetch what connections give into folders under `scratch`; other sources are passed on as they are.

    With `since` (the positions that an earlier call gave, by the connections' names) those that can give only what has
    changed.

    Raises `UnreachableError` when a connection does not give all it should; nothing of it is left then.
    """
    brought = Brought()
    for source in sources:
        name = named(source)
        if name is None:
            brought.sources.append(source)
            continue
        folder = _new_folder(scratch, name)
        try:
            opened = open_source(load(name))
            if since is not None and isinstance(opened, Following):
                fetched = opened.fetch_since(run, folder, since.get(name, ""))
            else:
                fetched = opened.fetch(run, folder)
        except BaseException as error:  # whatever it is, Ctrl-C too: half a roster must not be left lying about
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, UnreachableError):
                raise _kept(name, error) from error
            raise
        brought.sources.append(folder)
        brought.unproven |= {path.resolve(): reason for path, reason in fetched.unproven.items()}
        brought.notes += [f"{name}: {note}" for note in fetched.notes]
        if fetched.position:
            brought.positions[name] = fetched.position
    return brought


def _kept(name: str, error: RosterDeskError) -> UnreachableError:
    """The error, with the connection's name; the directory is as the last good read left it."""
    detail = f"connection {name}" + (f"; {error.detail}" if error.detail else "")
    return UnreachableError(error.title, error.advice, detail)


def _new_folder(scratch: Path, name: str) -> Path:
    numbers = range(1, len(list(scratch.iterdir())) + 2)
    folder = next(p for p in (scratch / f"connection-{n}" / name for n in numbers) if not p.parent.exists())
    folder.mkdir(mode=0o700, parents=True)
    return folder


__all__ = ["SOURCE_NOTE", "Brought", "bring", "open_source"]
