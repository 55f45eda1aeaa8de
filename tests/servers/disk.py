"""A real disk of a few MiB for tests, that can be filled to its last byte: a tmpfs in a mount namespace of its own.

Tests look at it through /proc, and programs that are to see it at its own place are started there. The rest of the
machine does not see it, and it goes with its keeper.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Self

import pytest

_KEEP = 'mount -t tmpfs -o "size=$2,mode=700" none "$1" && echo mounted && read gone'


class Disk:
    """An empty disk of so many KiB: `at` is its place for programs started by `inside`, `folder` the same for us."""

    def __init__(self, at: Path, kib: int) -> None:
        own = ["--user", "--map-root-user"] if os.geteuid() else []
        self.at = at
        self._keeper = subprocess.Popen(
            ["unshare", *own, "--mount", "--propagation", "private", "sh", "-c", _KEEP, "sh", str(at), f"{kib}k"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._keeper.stdout is not None
        if self._keeper.stdout.readline() != "mounted\n":
            _, said = self._keeper.communicate()
            pytest.skip(f"this system lets nothing be mounted: {said.strip()}")
        self.folder = Path(f"/proc/{self._keeper.pid}/root{at}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._keeper.communicate("gone\n")

    def inside(self, *command: str) -> list[str]:
        """The command that starts a program where the disk is seen at its place."""
        own = ["--user", "--preserve-credentials"] if os.geteuid() else []
        return ["nsenter", *own, "--mount", f"--target={self._keeper.pid}", *command]

    def fill(self, leave: int = 0) -> None:
        """Leave only so many bytes."""
        with self._filler.open("wb", buffering=0) as out:
            room = os.statvfs(self.folder)
            wanted = room.f_bavail * room.f_frsize - leave
            while wanted > 0:
                wanted -= out.write(b"x" * min(wanted, 1 << 20))

    def free(self) -> None:
        """Make room again."""
        self._filler.unlink()

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"
