"""The program as it is started, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rosterdesk.__main__ import demo_window

ROOT = Path(__file__).resolve().parent.parent.parent
# Stands at the start of what the process does: closes the window when nothing is going on in it any more.
_CLOSE_WHEN_DONE = """
import time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

quiet = []

def look():
    for window in QApplication.topLevelWidgets():
        if hasattr(window, "wizard") and DONE(window):
            quiet.append(not window.busy)
            if quiet[-3:] == [True] * 3:
                timer.stop()
                print(TELL(window))
                window.close()

timer = QTimer(interval=20)
timer.timeout.connect(look)
"""


def python(code: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run code in a new process, with a home of its own and without a screen."""
    environment = {**os.environ, "ROSTERDESK_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


def started(call: str, done: str, tell: str, home: Path, *, before: str = "") -> subprocess.CompletedProcess[str]:
    code = _CLOSE_WHEN_DONE.replace("DONE(window)", done).replace("TELL(window)", tell)
    # The timer needs the application, which `main` makes.
    return python(
        f"import sys\nfrom rosterdesk.gui import app\n{before}{code}\nmake = app.application\n"
        f"def application():\n    made = make()\n    timer.start()\n    return made\n"
        f"app.application = application\nsys.exit({call})",
        home,
    )


def test_the_demo_opens_the_wizard_on_the_sample(tmp_path: Path) -> None:
    done = started(
        f"app.main(demo=True, at=__import__('pathlib').Path({str(tmp_path / 'demo')!r}))",
        "window.wizard is not None and window.wizard.draft.reading is not None",
        "len(window.wizard.draft.reading.tables)",
        tmp_path,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "7"), done.stderr
    assert (tmp_path / "demo" / "directory.db").exists()


def test_the_window_opens_with_no_keyring_and_no_directory(tmp_path: Path) -> None:
    done = started(
        "app.main()", "'locked' in vars(window)", "window.pages.currentWidget() is window.locked", tmp_path / "home"
    )
    assert (done.returncode, done.stdout.strip()) == (0, "True"), done.stderr


def test_the_window_starts_light(tmp_path: Path) -> None:
    heavy = ("sqlalchemy", "duckdb", "pandas", "numpy", "pyqtgraph", "keyring", "xlsxwriter")
    done = python(f"import rosterdesk.gui.app, sys; print(*sorted(set({heavy!r}) & set(sys.modules)))", tmp_path)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr


def test_a_fault_in_a_page_never_closes_the_program(tmp_path: Path) -> None:
    """The directory's page fails while it is made, Home while it is shown; the wizard still has its draft."""
    fail = """
from rosterdesk.gui.pages.directory import DirectoryPage
from rosterdesk.gui.pages.home import HomePage

def fault(*_):
    raise KeyError("Ana Ng")

DirectoryPage._panel = fault
HomePage.paintEvent = fault
shown = []

def told(window):
    if not shown:
        shown.append(window)
        window.way.directory.click()
        window.show_wizard(window.wizard.draft)
    panel = window.notices.findChild(ErrorPanel)
    return panel is not None and window.wizard.draft.reading is not None

from rosterdesk.gui.widgets import ErrorPanel
"""
    code = (
        f"app.main(demo=True, at=__import__('pathlib').Path({str(tmp_path / 'demo')!r}))",
        "window.wizard is not None and window.wizard.draft.reading is not None and told(window)",
        "(e := window.notices.findChild(ErrorPanel).error).title, window.wizard.isVisible(), 'Ana' in e.detail",
    )
    done = started(*code, tmp_path, before=fail)
    assert (done.returncode, done.stdout.strip()) == (0, "RosterDesk has a fault of its own. True False"), done.stderr
    log = (tmp_path / "logs" / "rosterdesk.log").read_text("utf-8")
    assert "KeyError" in log
    assert "Ana" not in log


def test_without_a_screen_there_is_a_sentence(tmp_path: Path) -> None:
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {k: v for k, v in os.environ.items() if k not in names}
    environment["ROSTERDESK_HOME"] = str(tmp_path)
    command = [sys.executable, "-m", "rosterdesk"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("There is no screen here")


@pytest.mark.parametrize(
    ("arguments", "window"),
    [
        (["demo"], ()),
        (["demo", "--at", "here"], (Path("here"),)),
        (["demo", "--at=here"], (Path("here"),)),
        (["demo", "--headless"], None),
        (["demo", "--json"], None),
        (["demo", "--help"], None),
        (["preview", "x"], None),
    ],
)
def test_what_asks_for_the_demo_in_the_window(arguments: list[str], window: tuple[Path, ...] | None) -> None:
    assert demo_window(arguments) == window
