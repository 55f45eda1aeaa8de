"""The sources that were read before: their paths, the latest first, and nothing of what was in them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rosterdesk import paths
from rosterdesk.log import log

_KEPT = 5


def recent_sources() -> list[tuple[Path, ...]]:
    """Up to five sources that are still there."""
    try:
        listed = json.loads(_file().read_text("utf-8"))
        found = [tuple(Path(str(name)) for name in source) for source in listed]
    except (OSError, ValueError, TypeError):
        return []
    return [source for source in found if source and all(path.exists() for path in source)]


def remember_source(sources: Sequence[Path]) -> None:
    """Put a source at the head of the list. A list that can't be written is no reason to stop."""
    latest = tuple(path.absolute() for path in sources)
    kept = [latest, *(source for source in recent_sources() if source != latest)][:_KEPT]
    try:
        _file().write_text(json.dumps([[str(path) for path in source] for source in kept]), "utf-8")
    except OSError as error:
        log.warning("the list of recent files was not kept: %s", type(error).__name__)


def _file() -> Path:
    return paths.home() / "recent.json"
