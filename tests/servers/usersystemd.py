"""A real systemd of a user for tests: a manager of its own, with folders, sockets and control groups of its own.

It lives in namespaces, where this system seems to have been started by systemd; nothing of the machine's is seen or
touched, be there a systemd or not. That takes root, the right to mount, and control groups that may be written to.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

_MANAGER = Path("/lib/systemd/systemd")
_PROGRAMS = ("systemctl", "systemd-run", "loginctl")
# This shell goes into the control group that is given, which the manager then takes for the whole tree.
_START = """
set -e
echo $$ > "$2/cgroup.procs"
exec unshare --mount --cgroup --propagation private sh -c '
    set -e
    mount -t cgroup2 none /sys/fs/cgroup
    mount -t tmpfs -o mode=755 none /run
    mkdir -p /run/systemd/system
    touch "$1/ready"
    exec /lib/systemd/systemd --user' sh "$1"
"""


def _group() -> Path | None:
    """The control group of this process in the unified tree; None where there is no such tree."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        if after.startswith("cgroup2 "):
            own = [mine for mine in Path("/proc/self/cgroup").read_text().splitlines() if mine.startswith("0::")]
            return Path(before.split(" ")[4]) / own[0].removeprefix("0::").lstrip("/") if own else None
    return None


def _missing() -> str:
    """Why there can be no manager of our own here; empty: there can."""
    if not _MANAGER.exists() or not all(map(shutil.which, _PROGRAMS)):
        return "systemd is not installed (on Debian: the package systemd)"
    if os.geteuid():
        return "only root may start a manager in namespaces of its own"
    group = _group()
    if group is None or not os.access(group, os.W_OK):
        return "no unified control groups can be written to here"
    tried = subprocess.run(
        ["unshare", "--mount", "--cgroup", "mount", "-t", "cgroup2", "none", "/mnt"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return f"this system lets nothing be mounted: {tried.stderr.strip()}" if tried.returncode else ""


class UserManager:
    """The manager of whoever runs the tests. `start` it, and `stop` it in any case."""

    def __init__(self) -> None:
        if why := _missing():
            pytest.skip(why)
        self.folder = Path(tempfile.mkdtemp(prefix="rd-systemd-", dir="/tmp"))
        for name in ("runtime", "config", "bin"):
            (self.folder / name).mkdir(mode=0o700)
        self._own: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def programs(self) -> Path:
        """A folder for the front of PATH: the systemctl in it is the system's own, and asks this manager."""
        return self.folder / "bin"

    @property
    def environment(self) -> dict[str, str]:
        """What tells a program where this user's units and sockets are."""
        return {"XDG_RUNTIME_DIR": str(self.folder / "runtime"), "XDG_CONFIG_HOME": str(self.folder / "config")}

    def start(self) -> None:
        parent = _group()
        assert parent is not None
        self._own = parent / self.folder.name
        self._own.mkdir()
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.folder), **self.environment}
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                ["sh", "-c", _START, "sh", str(self.folder), str(self._own)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=environment,
            )  # fmt: skip
        spaces = f"nsenter --target={self._process.pid} --mount --cgroup"
        for name in _PROGRAMS:
            program = self.programs / name
            program.write_text(f'#!/bin/sh\nexec {spaces} {shutil.which(name, path=environment["PATH"])} "$@"\n')
            program.chmod(0o755)
        until = time.monotonic() + 30
        asked = [str(self.programs / "systemctl"), "--user", "is-system-running"]
        said = ""
        while said not in ("running", "degraded"):
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"systemd did not start ({said}):\n{self._log()}")
            time.sleep(0.05)
            if (self.folder / "ready").exists():
                told = subprocess.run(
                    asked, capture_output=True, text=True, check=False, env={**environment}, timeout=20
                )
                said = told.stdout.strip()

    def stop(self) -> None:
        """End it with all that it has started."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait(5)
            self._process = None
        if self._own is not None:
            (self._own / "cgroup.kill").write_text("1")
            until = time.monotonic() + 10
            while (self._own / "cgroup.events").read_text().startswith("populated 1") and time.monotonic() < until:
                time.sleep(0.02)
            for folder in sorted((path for path in self._own.rglob("*") if path.is_dir()), reverse=True):
                folder.rmdir()
            self._own.rmdir()
            self._own = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def _log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")
