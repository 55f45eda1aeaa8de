"""A screen that nobody looks at: an X server of its own, with what it takes to press its keys and its mouse."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

WIDTH, HEIGHT = 1280, 800


@contextmanager
def screen() -> Iterator[str]:
    """The display of a new X server, for `DISPLAY`. Skips where there is none to start, but not in the project's CI."""
    for program in ("Xvfb", "xdotool"):
        if shutil.which(program) is None:
            if os.environ.get("CI"):
                pytest.fail(f"{program} is not installed: resources/prepare.py installs it")
            pytest.skip(f"{program} is not installed")
    ours, theirs = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(theirs),
        "-screen",
        "0",
        f"{WIDTH}x{HEIGHT}x24",
        "-nolisten",
        "tcp",
        "-noreset",
    ]
    with subprocess.Popen(command, pass_fds=(theirs,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        os.close(theirs)
        try:
            with os.fdopen(ours) as told:
                number = told.readline().strip()  # said once it takes visitors
            assert number, f"Xvfb ended with {server.wait()}"
            yield f":{number}"
        finally:
            server.terminate()
