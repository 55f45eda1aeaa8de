"""The log: counts, codes and row numbers, never names, addresses, birth dates or cells."""

from __future__ import annotations

import logging
import logging.handlers
from pathlib import Path

log = logging.getLogger("rosterdesk")
log.addHandler(logging.NullHandler())


def to_file(path: Path) -> None:
    """Write the log to a file that is kept to five megabytes, with four older ones."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=5_000_000, backupCount=4, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
