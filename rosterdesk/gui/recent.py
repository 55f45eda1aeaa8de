"""The sources that were read before: their paths, how a person said that they are written, the latest first, and
nothing of what was in them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rosterdesk import connections, paths
from rosterdesk.gui.unfinished import is_pasted
from rosterdesk.log import log
from rosterdesk.sources.tables import Told

_KEPT = 5


@dataclass(frozen=True, slots=True)
class Recent:
    """A source that was read, and what was said of how its tables are written."""

    sources: tuple[Path, ...]
    told: Mapping[str, Told] = field(default_factory=dict)


def recent() -> list[Recent]:
    """Up to five sources that are still there."""
    try:
        listed = json.loads(_file().read_text("utf-8"))
        found = [
            Recent(
                tuple(Path(str(name)) for name in one["sources"]),
                {str(table): Told(**parts) for table, parts in one["told"].items()},
            )
            for one in listed
        ]
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return []
    return [one for one in found if one.sources and all(path.exists() for path in one.sources)]


def recent_sources() -> list[tuple[Path, ...]]:
    """The files of each source that is still there."""
    return [one.sources for one in recent()]


def told_before(sources: Sequence[Path]) -> Mapping[str, Told]:
    """What was said of these same files before."""
    wanted = tuple(path.absolute() for path in sources)
    return next((one.told for one in recent() if one.sources == wanted), {})


def remember_source(sources: Sequence[Path], told: Mapping[str, Told]) -> None:
    """Put a source at the head of the list. A list that can't be written is no reason to stop."""
    if any(is_pasted(path) or connections.named(path) for path in sources):
        return
    latest = Recent(tuple(path.absolute() for path in sources), told)
    kept = [latest, *(one for one in recent() if one.sources != latest.sources)][:_KEPT]
    said = [
        {
            "sources": [str(path) for path in one.sources],
            "told": {table: asdict(parts) for table, parts in one.told.items()},
        }
        for one in kept
    ]
    try:
        _file().write_text(json.dumps(said), "utf-8")
    except OSError as error:
        log.warning("the list of recent files was not kept: %s", type(error).__name__)


def _file() -> Path:
    return paths.home() / "recent.json"
