"""The demo in a real window, walked from the source to the result by the mouse and the keyboard of its screen.

    DISPLAY=:1 python -m tests.gui.realwalk FOLDER PICTURES

It is the program itself, started as people start it; the walker only looks where things are, presses the screen's own
mouse and keys there (xdotool), and takes a picture of the screen at each step. It ends with the window.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "xcb"

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtWidgets import QWidget

from rosterdesk import __main__ as program
from rosterdesk.draft import Step
from rosterdesk.gui import app
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.pages.checks import ChecksPage
from rosterdesk.gui.pages.review import ReviewPage
from rosterdesk.gui.window import MainWindow
from rosterdesk.gui.wizard import Wizard
from rosterdesk.gui.worker import Worker

_PATIENCE = 100.0
Wish = Callable[[], object]


class Walker(QObject):
    """Goes on each time that what it waits for has come to be."""

    def __init__(self, window: MainWindow, pictures: Path) -> None:
        super().__init__(window)
        self._window, self._pictures = window, pictures
        self._way = self._walk()
        self._wish: Wish = window.isVisible
        self._still = 0
        self._late = time.monotonic() + _PATIENCE
        self._timer = QTimer(self, interval=30)
        self._timer.timeout.connect(self._go_on)
        self._timer.start()

    def _go_on(self) -> None:
        # Nothing going on, three times in a row: what ended may have begun something else.
        self._still = self._still + 1 if self._wish() and not self._window.busy else 0
        if self._still >= 3:
            self._still = 0
            try:
                self._wish = next(self._way)
            except StopIteration:
                self._timer.stop()
            except Exception:  # noqa: BLE001 - the outermost frame: else it would only be shown in the window
                self._picture("lost")
                traceback.print_exc()
                os._exit(3)
        elif time.monotonic() > self._late:
            self._picture("lost")
            print("The walk did not go on; see the picture.", file=sys.stderr, flush=True)
            os._exit(3)

    def _walk(self) -> Iterator[Wish]:
        wizard_is_there: Wish = lambda: self._window.wizard is not None  # noqa: E731
        yield wizard_is_there
        press("windowfocus", str(int(self._window.winId())))
        yield self._window.isActiveWindow
        wizard = self._window.wizard
        assert wizard is not None
        yield lambda: wizard.bar.primary.isEnabled()
        self._picture("1-source")
        click(wizard.bar.primary)
        yield lambda: wizard.page.step is not Step.SOURCE
        while wizard.page.step is not Step.RESULT:
            step = wizard.page.step
            yield from self._look_at(wizard, step)
            self._picture(f"{list(Step).index(step) + 1}-{step.value}")
            if step in (Step.MAPPING, Step.REVIEW):
                press("key", "alt+Right")
            elif step is Step.PUSH:  # by keyboard alone: back from the list of steps to the button
                wizard.bar.primary.setFocus()
                press("key", "space")
            else:
                click(wizard.bar.primary)
            yield lambda step=step: wizard.page.step is not step
        yield lambda: wizard.draft.receipt is not None
        self._picture("7-result")
        press("key", "alt+Right")
        yield lambda: wizard.isHidden() or not wizard.isVisible()
        self._picture("8-home")
        press("key", "ctrl+2")
        yield lambda: self._window.directory.isVisible()
        click(self._window.directory.search)
        yield self._window.directory.search.hasFocus
        press("type", "nowak\n")
        yield lambda: self._window.directory.search.text() == "nowak"
        self._picture("9-directory")
        press("key", "ctrl+q")

    def _look_at(self, wizard: Wizard, step: Step) -> Iterator[Wish]:
        """Do what a person does on a page before going on."""
        page = wizard.page
        if isinstance(page, ChecksPage):
            second = page.list.topLevelItem(2)
            assert second is not None
            click(page.list.viewport(), page.list.visualItemRect(second).center())
            yield lambda: page.list.currentItem() is second and page.pane.grid is not None
            press("key", "Down")
            yield lambda: page.list.currentItem() is not second
        elif isinstance(page, ReviewPage):
            chip = next(c for c in page.lists.chips._group.buttons() if c.property("key") == "new")
            click(chip)
            yield lambda: page.lists.chips.current == "new" and page.lists.panel.model.row(0) is not None

    def _picture(self, name: str) -> None:
        """The screen as it is."""
        if (screen := self._window.screen()) is not None:
            screen.grabWindow(0).save(str(self._pictures / f"{name}.png"))


def press(*command: str) -> None:
    """Have the screen's keyboard or mouse do something."""
    subprocess.run(["xdotool", *command], check=True)


def click(widget: QWidget, at: QPoint | None = None) -> None:
    """Click on a widget with the screen's mouse."""
    place = widget.mapToGlobal(at if at is not None else widget.rect().center())
    press("mousemove", str(place.x()), str(place.y()), "click", "1")


def main(folder: Path, pictures: Path) -> None:
    """Start the demo in a folder, and the walker with it."""

    class Walked(MainWindow):
        def __init__(self, worker: Worker, opening: Opening) -> None:
            super().__init__(worker, opening)
            self.walker = Walker(self, pictures)

    app.MainWindow = Walked  # type: ignore[misc]
    sys.argv = ["rosterdesk", "demo", "--at", str(folder)]
    program.main()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
