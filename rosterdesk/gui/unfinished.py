"""The upload that was not finished: which files, and what a person decided about them, to go on with after a crash.

Nothing that was read is kept, but for what a person typed or pasted; the files are the owner's only, as all are, and go
with the upload.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

from rosterdesk import connections, mapping, paths
from rosterdesk.draft import Draft
from rosterdesk.errors import RosterDeskError
from rosterdesk.log import log
from rosterdesk.sources.tables import Told

_DRAFT, _MAPPING, _PASTED = paths.DRAFT, "mapping.toml", "Pasted table.tsv"


def keep(draft: Draft, where: str = "") -> None:
    """Write the draft of an upload to the directory at this address down, whole or not at all. That it can't be is no
    reason to stop.
    """
    if not draft.sources:
        return
    said = {
        "sources": [str(path if connections.named(path) else path.absolute()) for path in draft.sources],
        "told": {table: asdict(one) for table, one in draft.told.items()},
        "mapped": draft.mapping is not None,
        "seen": draft.seen,
        "additions_only": draft.additions_only,
        "outlet": str(draft.outlet) if draft.outlet is not None else None,
        "layout": draft.layout,
        "zipped": draft.zipped,
        "job": draft.job,
        "where": paths.address(where) if where else "",
        "process": os.getpid(),
    }
    folder = _folder()
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if draft.mapping is not None:
            mapping.save(draft.mapping, folder / f"{_MAPPING}.part")
            (folder / f"{_MAPPING}.part").replace(folder / _MAPPING)
        (folder / f"{_DRAFT}.part").write_text(json.dumps(said), "utf-8")
        (folder / f"{_DRAFT}.part").replace(folder / _DRAFT)
        if folder / _PASTED not in draft.sources:
            (folder / _PASTED).unlink(missing_ok=True)
    except (OSError, RosterDeskError) as error:
        log.warning("the draft was not kept: %s", type(error).__name__)


def keep_pasted(text: str) -> Path:
    """Keep a table that was pasted, as a file. Raises `OSError`."""
    folder = _folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / _PASTED
    (folder / _DRAFT).unlink(missing_ok=True)  # of the upload before, which may have read another table from here
    path.write_text(text + "\n", "utf-8")
    return path


def is_pasted(path: Path) -> bool:
    """Whether the file is a table that was pasted."""
    return path == _folder() / _PASTED


def unfinished(where: str = "") -> Draft | None:
    """The draft that was kept, if its files are still there; they are still to be read. With `where`, the address of a
    directory: not if it belongs to another one.
    """
    folder = _folder()
    if where and belongs_to() not in ("", paths.address(where)):
        return None
    try:
        said = json.loads((folder / _DRAFT).read_text("utf-8"))
        draft = Draft(
            tuple(Path(name) for name in said["sources"]),
            told={str(table): Told(**parts) for table, parts in said["told"].items()},
            mapping=mapping.load(folder / _MAPPING) if said["mapped"] else None,
            seen=bool(said["seen"]),
            additions_only=bool(said["additions_only"]),
            outlet=Path(said["outlet"]) if said["outlet"] else None,
            layout=str(said["layout"]),
            zipped=bool(said["zipped"]),
            job=str(said.get("job", "")),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RosterDeskError):
        return None
    there = all(connections.named(path) or path.exists() for path in draft.sources)
    return draft if draft.sources and there else None


def belongs_to() -> str:
    """The address of the directory that the draft which was kept is for; empty where none is known."""
    return paths.unfinished_of()[0]


def forget(where: str = "") -> None:
    """The upload is finished, or given up. With `where`, the draft of another directory stays."""
    if where and belongs_to() not in ("", paths.address(where)):
        return
    for name in (_DRAFT, _MAPPING, _PASTED):
        try:
            (_folder() / name).unlink(missing_ok=True)
        except OSError as error:
            log.warning("the draft was not removed: %s", type(error).__name__)


def _folder() -> Path:
    return paths.unfinished()
