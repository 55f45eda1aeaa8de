"""Starts the window, on the person's own directory or on the sample district."""

from __future__ import annotations

import gc
import importlib
import sys
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from rosterdesk import paths
from rosterdesk.gui import theme
from rosterdesk.gui.faults import show_faults
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.window import MainWindow
from rosterdesk.gui.worker import Worker
from rosterdesk.log import log, to_file
from rosterdesk.run import Run

# What the first pages need is loaded once the window is there: in the worker's thread, where it stops nobody ...
_AHEAD = ("numpy", "rosterdesk.directory.browse", "rosterdesk.push")
# ... but for classes of Qt's, which are made in the window's thread only: PySide looks classes up without a lock, and a
# class that another thread makes just then ends the program. The plots' library makes some too.
_AHEAD_HERE = (
    "rosterdesk.gui.pages.directory",
    "rosterdesk.gui.formbook",
    "rosterdesk.gui.wizard",
    "rosterdesk.gui.runsplot",
)
_AHEAD_MS = 400


def main(*, demo: bool = False, at: Path | None = None) -> int:
    """Show the window until it is closed; return the exit code.

    With `demo` it is on a new directory in the folder `at`, with the first morning's files of the sample district in
    the wizard. Raises `UsageError` when that folder holds anything else.
    """
    paths.private_files()
    paths.remove_leftovers()
    to_file(paths.home() / "logs" / "rosterdesk.log")
    log.info("window")
    opening = Opening(paths.default_directory())
    if demo:
        folder = paths.demo_folder(at)
        opening = Opening(folder / "directory.db", key_file=folder / "directory.key")
    app = application()
    worker = Worker()
    window = MainWindow(worker, opening)
    show_faults(window.show_error)
    window.show()
    # Drawn first, so that the person sees something; then everything else.
    QTimer.singleShot(0, window, lambda: _begin(window, demo=demo))
    QTimer.singleShot(_AHEAD_MS, window, lambda: load_ahead(window, worker))
    code = app.exec()
    worker.close()
    return code


def application() -> QApplication:
    """The Qt program, named, translated and dressed."""
    app = QApplication(sys.argv[:1])
    app.setApplicationName("rosterdesk")
    app.setApplicationDisplayName("RosterDesk")
    app.setDesktopFileName("rosterdesk")
    app.setWindowIcon(theme.app_icon())
    for name, folder in (
        ("qtbase", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)),
        ("rosterdesk", str(paths.RESOURCES / "translations")),
    ):
        translator = QTranslator(app)
        if translator.load(QLocale(), name, "_", folder):
            app.installTranslator(translator)
    theme.apply(app)
    return app


def _begin(window: MainWindow, *, demo: bool) -> None:
    window.open_directory()
    if demo:
        from rosterdesk.draft import Draft

        window.show_wizard(Draft(sources=(paths.RESOURCES / "sample" / "day1",)))


def load_ahead(window: MainWindow, worker: Worker) -> None:
    """Load and make what the window will need next, in the background or in turns between which the window answers."""

    def load(run: Run) -> None:
        for name in _AHEAD:
            run.check()
            importlib.import_module(name)

    def go_on(rest: tuple[str, ...] = _AHEAD_HERE) -> None:
        if rest:
            importlib.import_module(rest[0])
            QTimer.singleShot(0, window, lambda: go_on(rest[1:]))
            return
        gc.freeze()  # modules are there to stay; to look through them for garbage would stop the window
        _ = window.directory
        QTimer.singleShot(0, window, window.make_wizard)

    worker.start(load, on_success=lambda _: go_on(), owner=window)
