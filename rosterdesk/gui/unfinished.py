"""The upload that was not finished: which files, and what a person decided about them, to go on with after a crash.

Nothing that was read is kept, but for the cells that a person corrected; the file is the owner's only, as all are.
"""

from __future__ import annotations

import json
from pathlib import Path

from rosterdesk import mapping, paths
from rosterdesk.draft import Draft
from rosterdesk.errors import RosterDeskError
from rosterdesk.log import log


def keep(draft: Draft) -> None:
    """Write the draft down. That it can't be is no reason to stop."""
    if not draft.sources or draft.mapping is None:
        return
    said = {
        "sources": [str(path.absolute()) for path in draft.sources],
        "seen": draft.seen,
        "outlet": str(draft.outlet) if draft.outlet is not None else None,
        "layout": draft.layout,
        "zipped": draft.zipped,
    }
    try:
        folder = _folder()
        folder.mkdir(mode=0o700, exist_ok=True)
        mapping.save(draft.mapping, folder / "mapping.toml")
        (folder / "draft.json").write_text(json.dumps(said), "utf-8")
    except (OSError, RosterDeskError) as error:
        log.warning("the draft was not kept: %s", type(error).__name__)


def unfinished() -> Draft | None:
    """The draft that was kept, if its files are still there; they are still to be read."""
    folder = _folder()
    try:
        said = json.loads((folder / "draft.json").read_text("utf-8"))
        sources = tuple(Path(name) for name in said["sources"])
        outlet = Path(said["outlet"]) if said["outlet"] else None
        made = mapping.load(folder / "mapping.toml")
        draft = Draft(sources, mapping=made, seen=bool(said["seen"]), outlet=outlet)
    except (OSError, ValueError, KeyError, TypeError, RosterDeskError):
        return None
    return draft if sources and all(path.exists() for path in sources) else None


def forget() -> None:
    """The upload is finished, or given up."""
    for name in ("draft.json", "mapping.toml"):
        try:
            (_folder() / name).unlink(missing_ok=True)
        except OSError as error:
            log.warning("the draft was not removed: %s", type(error).__name__)


def _folder() -> Path:
    return paths.home() / "unfinished"
