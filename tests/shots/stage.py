"""The window that is drawn: on a directory with a few runs, or on one that a part makes for itself."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from rosterdesk import paths, pipeline
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from rosterdesk.directory.schema import runs
from rosterdesk.directory.undo import undo
from rosterdesk.gui.editing import Editing
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.widgets import Fold
from rosterdesk.gui.window import MainWindow
from rosterdesk.gui.worker import Worker
from rosterdesk.run import Run

SIZES = {100: (1080, 720), 200: (1800, 1200)}
SAMPLE = paths.RESOURCES / "sample"
Shots = Iterator[tuple[str, QWidget]]
_PATIENCE = 60.0


def made_directory(folder: Path) -> Opening:
    """A directory with a few runs over some weeks: one that was taken back, one that waits for a person."""
    opening = Opening(folder / "made" / "directory.db", key_file=folder / "directory.key")
    with open_directory(opening.where, KeySource(file=opening.key_file)) as directory:
        for day in ("day1", "day2", "day1", "day2"):
            with pipeline.roster([SAMPLE / day], Run()) as roster:
                number = pipeline.apply(roster, pipeline.preview(roster, directory), directory)
        undo(directory, number)
        with pipeline.roster([SAMPLE / "cut"], Run()) as roster:
            pipeline.hold(roster, pipeline.preview(roster, directory), directory)
        with directory.transaction("dating the runs") as connection:
            for run, days in ((1, 81), (2, 60), (3, 33), (4, 15), (5, 14), (6, 1)):
                started = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
                connection.execute(runs.update().where(runs.c.run == run).values(started=started))
    return opening


class Stage:
    """A fresh copy of the directory, or another one, and the window on it."""

    def __init__(self, app: QApplication, folder: Path, made: Opening, size: tuple[int, int]) -> None:
        self._app, self._made, self._size = app, made, size
        self.folder = Path(tempfile.mkdtemp(dir=folder))
        self._window: MainWindow | None = None

    @property
    def window(self) -> MainWindow:
        """The window on the directory with a few runs, opened when it is first asked for."""
        return self._window or self.open(self.opening())

    def opening(self) -> Opening:
        """A copy of the directory with a few runs."""
        copy = Path(tempfile.mkdtemp(dir=self.folder)) / "directory.db"
        shutil.copy(self._made.where, copy)
        return Opening(copy, key_file=self._made.key_file)

    def empty(self) -> Opening:
        """A new directory, with nothing in it."""
        opening = Opening(self.folder / "empty.db", key_file=self.folder / "empty.key")
        with open_directory(opening.where, KeySource(file=opening.key_file)):
            return opening

    def open(self, opening: Opening) -> MainWindow:
        """Another window on this directory in place of the one before."""
        self.close()
        self._window = window = MainWindow(Worker(), opening)
        window.resize(*self._size)
        window.show()
        window.open_directory()
        self.settled()
        return window

    def settled(self, shown: QWidget | None = None) -> QWidget:
        """What is shown, or the window, once nothing is going on and all is drawn."""
        window = self.window
        until = time.monotonic() + _PATIENCE
        for _ in range(8):
            self._app.processEvents()
            while window.busy and time.monotonic() < until:
                self._app.processEvents()
        return shown or window

    def dialog(self, name: str, editing: Editing, *, close: bool = True) -> Shots:
        """The dialog that is open."""
        self.settled()
        assert editing.dialog is not None
        yield f"dialog-{name}", editing.dialog
        if close:
            editing.dialog.reject()
            self.settled()

    def close(self) -> None:
        """Close the window."""
        if self._window is not None:
            self._window.close()
            self._window = None


def opened(fold: Fold) -> None:
    """Open what is folded away."""
    fold.findChildren(QToolButton)[0].click()
