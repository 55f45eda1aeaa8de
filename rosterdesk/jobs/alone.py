"""Starts this program as the system's scheduler would: a process of its own with no screen, no terminal, and of the
environment only what every scheduler gives. So a test shows what a night will find: the keyring, the proxy, the agent.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rosterdesk.jobs.schedulers import Command
from rosterdesk.run import Run

# What cron, launchd, systemd and the Task Scheduler all tell a program, by the names of the systems that have them.
_GIVEN = frozenset(
    {"HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR"}
    | {"USERNAME", "USERPROFILE", "USERDOMAIN", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "SYSTEMROOT", "SYSTEMDRIVE"}
    | {"WINDIR", "COMSPEC", "PATHEXT", "TEMP", "TMP", "COMPUTERNAME"}
)
# A manager of the user's own knows these, and what it starts does: with them the desktop's keyring is found.
_OF_SYSTEMD = frozenset({"XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"})
_LOOK = 0.1  # seconds between two looks whether the person wants to stop


@dataclass(frozen=True, slots=True)
class Alone:
    """How it went: the exit code, and the JSON object that was written (empty where there was none)."""

    exit_code: int
    said: Mapping[str, Any]


def alone(command: Command, arguments: tuple[str, ...], run: Run) -> Alone:
    """Start the program with these arguments (its way to be started as in `command`) and wait for its end.

    `arguments` hold --json. Raises `Cancelled`; the process is ended then.
    """
    started = command.arguments[: command.arguments.index("run")]
    path = os.defpath if sys.platform != "win32" else os.environ.get("PATH", os.defpath)
    with subprocess.Popen(
        [command.program, *started, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=_beside(),
        env={**environment(os.environ), "PATH": path, **command.environment},
        start_new_session=True,
    ) as process:
        while True:
            try:
                out, _ = process.communicate(timeout=_LOOK)
                break
            except subprocess.TimeoutExpired:
                if run.cancelled:
                    _end(process)
                    process.communicate()
                    run.check()
    try:
        said = json.loads(out)
    except ValueError:
        said = {}
    return Alone(process.returncode, said if isinstance(said, dict) else {})


def _end(process: subprocess.Popen[str]) -> None:
    """End it with all that it has started, which would keep its output open."""
    if sys.platform == "win32":
        process.kill()
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """What of our environment a scheduler's program has too."""
    from rosterdesk.jobs.schedulers import systemd

    given = _GIVEN
    if sys.platform.startswith("linux") and systemd.usable():
        given |= _OF_SYSTEMD
    return {name: value for name, value in ours.items() if name.upper() in given or name.startswith("LC_")}


def _beside() -> Path:
    """Where the interpreter finds the package, installed or not."""
    import rosterdesk

    return Path(rosterdesk.__file__).resolve().parents[1]
