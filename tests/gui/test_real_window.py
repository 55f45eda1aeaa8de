"""The program in a real window on an X server: the whole walk by mouse and keyboard, a picture of each step."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from tests.gui.walking import by_command_line, exported
from tests.servers.screen import screen

ROOT = Path(__file__).resolve().parent.parent.parent
STEPS = ("source", "mapping", "checks", "review", "push", "result", "home", "directory")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="Xvfb is a server of X11")
def test_the_demo_is_walked_in_a_real_window(home: Path, sample: Path, tmp_path: Path) -> None:
    # Who wants to look at them says where they go.
    pictures = Path(os.environ.get("ROSTERDESK_PICTURES", tmp_path / "pictures"))
    pictures.mkdir(parents=True, exist_ok=True)
    folder = tmp_path / "demo"
    with screen() as display:
        environment = {**os.environ, "DISPLAY": display, "QT_LOGGING_RULES": "qt.text.font.db=false"}
        done = subprocess.run(
            [sys.executable, "-m", "tests.gui.realwalk", str(folder), str(pictures)],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    taken = {path.stem.split("-", 1)[1] for path in pictures.glob("*.png") if path.stat().st_size > 5000}
    assert taken >= set(STEPS)
    with open_directory(folder / "directory.db", KeySource(file=folder / "directory.key"), create=False) as directory:
        assert exported(directory, tmp_path / "window") == by_command_line([sample / "day1"], tmp_path)
