"""Starts this program as the system's scheduler would: a process of its own with no screen, no terminal, and of the
environment only what every scheduler gives. So a test shows what a night will find: the keyring, the proxy, the agent.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rosterdesk.connections import Said, Verdict
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
_MARKS = {Verdict.GOOD: "ok", Verdict.LIMITED: "note", Verdict.BAD: "no"}
_LOOK = 0.1  # seconds between two looks whether the person wants to stop


@dataclass(frozen=True, slots=True)
class Alone:
    """How it went: the exit code, and the JSON object that was written (empty where there was none)."""

    exit_code: int
    said: Mapping[str, Any]


def line_of(said: Said) -> str:
    """A sentence of a test as a line of text, as the program says it when it is known."""
    return f"{_MARKS[said.verdict]:<5}{said.sentence}"


def said_in(line: str) -> Said | None:
    """The sentence of a test in such a line; None: the line says something else."""
    verdict = next((known for known, mark in _MARKS.items() if line.startswith(f"{mark:<5}")), None)
    return Said(verdict, line[5:]) if verdict is not None else None


def alone(
    command: Command,
    arguments: tuple[str, ...],
    run: Run,
    hears: Callable[[str], object] = lambda line: None,
) -> Alone:
    """Start the program with these arguments (its way to be started as in `command`) and wait for its end.

    `arguments` hold --json; `hears` is called with each line of text that it says meanwhile. Raises `Cancelled`; the
    process is ended then.
    """
    started = command.arguments[: command.arguments.index("run")]
    path = os.defpath if sys.platform != "win32" else os.environ.get("PATH", os.defpath)
    heard_here, said_there = os.pipe()
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    listening = threading.Thread(target=_listen, args=(heard_here, lines), name="listening", daemon=True)
    listening.start()
    try:
        process = subprocess.Popen(
            [command.program, *started, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said_there,
            text=True,
            cwd=_beside(),
            env={**environment(os.environ), "PATH": path, **command.environment},
            start_new_session=True,
        )
    finally:
        os.close(said_there)
    with process:
        try:
            out = _waited(process, run, lines, hears)
        except BaseException:  # whatever it is, nobody waits for it any more
            _end(process)
            process.communicate()
            raise
    listening.join(_LOOK)  # what it has started may still hold its end, and is not waited for
    while not lines.empty():
        hears(lines.get())
    try:
        said = json.loads(out)
    except ValueError:
        said = {}
    return Alone(process.returncode, said if isinstance(said, dict) else {})


def _waited(
    process: subprocess.Popen[str], run: Run, lines: queue.SimpleQueue[str], hears: Callable[[str], object]
) -> str:
    """What it has written to its standard output by its end. Raises `Cancelled`."""
    while True:
        run.check()
        while not lines.empty():
            hears(lines.get())
        try:
            return process.communicate(timeout=_LOOK)[0]
        except subprocess.TimeoutExpired:
            continue


def _listen(end: int, lines: queue.SimpleQueue[str]) -> None:
    with os.fdopen(end, encoding="utf-8", errors="replace") as said:
        for line in said:
            lines.put(line.rstrip("\n"))


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
