"""A real cron for tests: the system's own daemon with tables, a lock and a /run of its own.

It lives in a mount namespace, where empty folders lie over the machine's: so neither the crontabs of this machine nor a
daemon that runs here are seen or touched. That takes root and the right to mount.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

_PAM = ("auth", "account", "session")
_SPOOL = Path("/var/spool/cron")
# One folder of ours over each place that the daemon reads or writes, before it starts in the namespace of its own.
_START = """
set -e
mount --bind "$1/spool" /var/spool/cron
mount --bind "$1/none" /etc/cron.d
mount --bind "$1/run" /run
[ ! -e /etc/crontab ] || mount --bind "$1/none.txt" /etc/crontab
[ ! -e /etc/pam.d/cron ] || mount --bind "$1/pam" /etc/pam.d/cron
[ "$(readlink -f /var/run)" = /run ] || mount --bind "$1/run" /var/run
touch "$1/ready"
exec cron -f -L 15
"""


def _missing() -> str:
    """Why there can be no cron of our own here; empty: there can."""
    if not shutil.which("cron", path="/usr/sbin:/usr/bin") or not shutil.which("crontab"):
        return "cron is not installed (on Debian: the package cron)"
    if os.geteuid():
        return "only root may start cron"
    tried = subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, text=True, check=False
    )
    return f"this system lets nothing be mounted: {tried.stderr.strip()}" if tried.returncode else ""


class Cron:
    """A daemon that serves one user, whoever runs the tests. `start` it, and `stop` it in any case."""

    def __init__(self) -> None:
        if why := _missing():
            pytest.skip(why)
        self.folder = Path(tempfile.mkdtemp(prefix="rd-cron-", dir="/tmp"))
        for name in ("spool", "none", "run", "bin"):
            (self.folder / name).mkdir(mode=0o755)
        (self.folder / "none.txt").touch()
        # A session of this user, without what systems of containers refuse to keep for it.
        (self.folder / "pam").write_text("".join(f"{part} required pam_permit.so\n" for part in _PAM))
        for name in ("none.txt", "pam"):
            (self.folder / name).chmod(0o644)
        tables, real = self.folder / "spool" / "crontabs", (_SPOOL / "crontabs").stat()
        tables.mkdir()
        os.chown(tables, real.st_uid, real.st_gid)
        tables.chmod(stat.S_IMODE(real.st_mode))
        # It tells by whole seconds whether a table is new: one put in the second of its start must not look old.
        for path in (tables, self.folder / "none", self.folder / "none.txt"):
            os.utime(path, (0, 0))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def programs(self) -> Path:
        """A folder for the front of PATH: the `crontab` in it is the system's own, with this daemon's tables."""
        return self.folder / "bin"

    def start(self) -> None:
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                ["unshare", "--mount", "--propagation", "private", "sh", "-c", _START, "sh", str(self.folder)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            )  # fmt: skip
        until = time.monotonic() + 20
        # It writes its number when it has read its tables.
        while not (self.folder / "run" / "crond.pid").exists():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("cron did not start:\n" + (self.folder / "log").read_text(errors="replace"))
            time.sleep(0.02)
        program = self.folder / "bin" / "crontab"
        program.write_text(f'#!/bin/sh\nexec nsenter --mount=/proc/{self._process.pid}/ns/mnt {_crontab()} "$@"\n')
        program.chmod(0o755)

    def tables(self) -> str:
        """All lines that it has."""
        return "".join(file.read_text() for file in sorted((self.folder / "spool" / "crontabs").iterdir()))

    def stop(self) -> None:
        """End it. What it has started ends by itself; its mounts go with the last that uses them."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait(5)
            self._process = None
        shutil.rmtree(self.folder, ignore_errors=True)


def _crontab() -> str:
    found = shutil.which("crontab")
    assert found is not None
    return found
