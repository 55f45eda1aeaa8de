"""Walks a folder: its files at any depth in a fixed order, without what hides, leads elsewhere, or would block."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from rosterdesk.errors import FileError
from rosterdesk.run import Run

MOST_FILES = 100_000

_JUNCTION = 0xA0000003
"""A link between folders on Windows: `stat.IO_REPARSE_TAG_MOUNT_POINT` exists there alone."""

_SYSTEM = frozenset({"__macosx", "thumbs.db", "desktop.ini", "$recycle.bin", "system volume information"})
# The names that WinSCP, browsers and rsync-like programs give to a file until it is whole.
_ARRIVING = frozenset({".filepart", ".part", ".partial", ".crdownload", ".download"})


class Skipped(NamedTuple):
    """A file that was passed over; `reason` completes the sentence "README.md is ..."."""

    label: str
    reason: str


def ignored(name: str) -> bool:
    """Whether a file or folder of this name is the system's or a program's own, and not worth a word."""
    return name.startswith((".", "~$")) or name.casefold() in _SYSTEM


def arriving(name: str) -> bool:
    """Whether the name says that the file is not whole yet."""
    return PurePosixPath(name).suffix.lower() in _ARRIVING


def walk(root: Path, run: Run, skipped: list[Skipped]) -> Iterator[tuple[Path, str, os.stat_result]]:
    """Every ordinary file with its path inside the folder, "/" between. Links are not followed: they could lead out of
    the folder or in a circle. Raises `FileError` for a folder that cannot be opened or holds too many files.
    """
    todo = [("", root)]
    count = 0
    while todo:
        label, path = todo.pop()
        run.check()
        try:
            with os.scandir(path) as entries:
                inside = sorted(entries, key=lambda entry: (entry.name.casefold(), entry.name))
            folders = []
            for entry in inside:
                if ignored(entry.name):
                    continue
                its = f"{label}{entry.name}"
                status = entry.stat(follow_symlinks=False)
                if getattr(status, "st_file_attributes", 0) & stat.FILE_ATTRIBUTE_HIDDEN:
                    continue
                if entry.is_symlink() or getattr(status, "st_reparse_tag", 0) == _JUNCTION:
                    skipped.append(Skipped(its, "a link to another place"))
                elif stat.S_ISDIR(status.st_mode):
                    folders.append((f"{its}/", Path(entry.path)))
                elif stat.S_ISREG(status.st_mode):
                    count += 1
                    if count > MOST_FILES:
                        raise FileError(
                            f"{root.name or root} holds more than {MOST_FILES:,} files.", "Choose a smaller folder."
                        )
                    # What Windows tells of a file while it lists a folder lacks the inode.
                    yield Path(entry.path), its, Path(entry.path).stat() if os.name == "nt" else status
                else:
                    skipped.append(Skipped(its, "no ordinary file"))
            todo.extend(reversed(folders))
        except OSError as error:
            raise unreadable(f"The folder {label.rstrip('/') or root}", error) from error


def unreadable(what: str, error: OSError) -> FileError:
    """The error for a file or folder that the system does not let us read."""
    if isinstance(error, PermissionError):
        return FileError(
            f"{what} may not be opened.",
            "Ask for the right to read it, or close the program that holds it.",
            str(error),
        )
    if isinstance(error, FileNotFoundError):
        return FileError(f"{what} is not there.", "Look at the name, and whether it was moved.", str(error))
    return FileError(f"{what} cannot be read.", "Look whether its disk or share can be reached.", str(error))
