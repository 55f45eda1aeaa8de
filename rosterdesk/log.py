"""The log: counts, codes and row numbers, never names, addresses, birth dates or cells."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from pathlib import Path

log = logging.getLogger("rosterdesk")
log.addHandler(logging.NullHandler())


class _File(logging.handlers.RotatingFileHandler):
    """A log file that says once, in a sentence, that the disk refuses it: the work itself goes on."""

    refused = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library calls it so
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self.refused and sys.stderr is not None:  # a program with a window may have none
            self.refused = True
            sys.stderr.write(f"The log could not be written: {error.strerror}.\n")


def to_file(path: Path) -> None:
    """Write the log to a file that is kept to five megabytes, with four older ones."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = _File(path, maxBytes=5_000_000, backupCount=4, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
