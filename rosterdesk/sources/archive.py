"""Unpacks a ZIP without trusting it: nothing leaves the folder, the limits hold for the real bytes, and a ZIP that
fails leaves nothing behind.
"""

from __future__ import annotations

import copy
import os
import shutil
import zipfile
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from rosterdesk.run import Run
from rosterdesk.sources.inspection import (
    LIMITS,
    WORKBOOK,
    Entry,
    Limits,
    Spent,
    damaged,
    full,
    inspect,
    named,
    opened,
)

_CHUNK = 1 << 20


class Unpacked(NamedTuple):
    """A file that was unpacked to `path`; `name` is what the ZIP calls it, with "/" between folders."""

    path: Path
    name: str


def unpack(
    path: Path, label: str, into: Path, run: Run, *, spent: Spent | None = None, limits: Limits = LIMITS
) -> list[Unpacked]:
    """The files of a ZIP, unpacked into the folder `into`, which is made, under numbers instead of their names.

    A ZIP inside another shares its `spent`, so that the limits hold for all of them together. Raises `FileError` and
    `Cancelled`; the folder is then gone again.
    """
    with ExitStack() as undo, opened(path, label) as archive:
        spent = spent or Spent(path.stat().st_size)
        before = spent.unpacked
        inspect(archive, label, spent, limits)
        entries = named(archive, label)
        total = spent.unpacked - before
        into.mkdir(mode=0o700)
        undo.callback(shutil.rmtree, into, ignore_errors=True)
        if shutil.disk_usage(into).free < total:
            raise full(label, f"{total} bytes are needed")
        unpacked, done = [], 0
        for number, entry in enumerate(entries, 1):
            # Names of other systems may be too long, forbidden or equal on this one: a number never is.
            target = into / f"{number:05}"
            done = _extract(archive, entry, target, label, run, done, total)
            unpacked.append(Unpacked(target, entry.name))
        undo.pop_all()
    return unpacked


def check_workbook(path: Path, label: str) -> None:
    """Raise `FileError` when a workbook that is a ZIP inside is over the limits or damaged."""
    with opened(path, label) as archive:
        inspect(archive, label, Spent(path.stat().st_size), WORKBOOK)


def _extract(archive: zipfile.ZipFile, entry: Entry, target: Path, label: str, run: Run, done: int, total: int) -> int:
    # zipfile stops at the size that the ZIP tells. One byte more is asked for, so that a lie is met.
    honest = copy.copy(entry.info)
    honest.file_size += 1
    size = 0
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "wb") as out, archive.open(honest) as data:
        while chunk := data.read(_CHUNK):
            run.report(f"Unpacking {label}", done + size, total)
            size += len(chunk)
            if size > entry.info.file_size:
                break
            out.write(chunk)
    if size != entry.info.file_size:
        raise damaged(label, f"{entry.name[:200]!a} is not of the size that is told")
    return done + size
