"""Whether a file is still being written: what it looks like now, and whether it looks the same later."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from rosterdesk.errors import FileError
from rosterdesk.run import Run

_FRESH = 1.0
_SECOND_LOOK = 0.2


class Stamp(NamedTuple):
    """What changes when a file is written to or replaced."""

    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        return cls(status.st_size, status.st_mtime_ns, status.st_ino)

    @property
    def fresh(self) -> bool:
        """Written to within the last second."""
        return abs(time.time() - self.mtime_ns / 1e9) < _FRESH


def settle(stamps: Mapping[Path, tuple[str, Stamp]], run: Run) -> None:
    """Look twice at files (path: label, stamp) that were written to just now. Raises `FileError` when one changes."""
    fresh = {path: known for path, known in stamps.items() if known[1].fresh}
    if fresh:
        run.wait(_SECOND_LOOK)
        compare(fresh)


def compare(stamps: Mapping[Path, tuple[str, Stamp]]) -> None:
    """Raise `FileError` for the first file (path: label, stamp) that does not look as it did."""
    for path, (label, stamp) in stamps.items():
        try:
            now = Stamp.of(path.stat())
        except OSError as error:
            raise FileError(
                f"{label} was taken away while it was read.", "Look where it went and try again.", str(error)
            ) from error
        if now != stamp:
            raise still_written(label, f"{stamp.size} to {now.size} bytes")


def still_written(label: str, detail: str = "") -> FileError:
    """The error for a file that is not finished."""
    return FileError(f"{label} is still being written.", "Wait until it is finished, and try again.", detail)
