"""Draws the few pictures that the README shows, small, into resources/pictures: `python -m tests.pictures`.

They are of the sample district, whose people are made up. `tests.shots` draws every page, to be looked at.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from rosterdesk import paths
from rosterdesk.draft import Draft, Step
from rosterdesk.gui import theme
from rosterdesk.gui.window import MainWindow
from rosterdesk.gui.worker import Worker
from tests.shots.stage import made_directory

_SIZE = (1080, 720)
_PATIENCE = 300.0
_SHOWN = (Step.CHECKS, Step.REVIEW)


def main(target: Path) -> None:
    """Draw them."""
    target.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv[:1])
    theme.apply(app, dark=False)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ROSTERDESK_HOME"] = folder
        worker = Worker()
        window = MainWindow(worker, made_directory(Path(folder)))
        window.resize(*_SIZE)
        window.show()

        def draw(name: str) -> None:
            picture = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
            picture.save(str(target / f"{name}.png"), "PNG", 0)  # 0: as small as it gets

        window.open_directory()
        settle(app, window)
        draw("home")
        window.show_wizard(Draft(sources=(paths.RESOURCES / "sample" / "day2",)))
        settle(app, window)
        wizard = window.wizard
        assert wizard is not None
        for shown in _SHOWN:
            while wizard.page.step is not shown:
                wizard.bar.primary.click()
                settle(app, window)
            if shown is Step.REVIEW:
                wizard.page.lists.chips.choose("changed")  # type: ignore[attr-defined]
                settle(app, window)
            draw(shown.value)
        window.close()


def settle(app: QApplication, window: MainWindow) -> None:
    """Wait until nothing is going on: what ended may have begun something else."""
    late, still = time.monotonic() + _PATIENCE, 0
    while still < 10:
        app.processEvents()
        time.sleep(0.005)
        still = 0 if window.busy else still + 1
        assert time.monotonic() < late, "the window is still busy"


if __name__ == "__main__":
    main(paths.RESOURCES / "pictures")
