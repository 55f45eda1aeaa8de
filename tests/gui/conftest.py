"""What the window's tests share: a dressed application, a worker that is always closed, directories with a little in
them.
"""

from __future__ import annotations

import gc
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import Directory, open_directory
from rosterdesk.gui import theme
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.window import MainWindow
from rosterdesk.gui.worker import Worker
from tests.gui.walking import OPEN, Walk
from tests.rosters import CLASSES, adult, classroom, enrollment, push, roster, student, written

FIRST = roster(
    student("S1", guardians="G1")
    + student("S2", given="Ben", family="Ólafsson", school="B")
    + student("S3", given="Cem", family="Ng-Ek")
    + adult("G1", "guardian", given="Gia")
    + adult("T1", "teacher", given="Tom", family="Roe", email="tom@example.org"),
    classroom("C1"),
    enrollment("C1", "S1") + enrollment("C1", "T1", "teacher"),
)
SECOND = roster(
    student("S1", guardians="G1", email="ana@example.org")
    + student("S2", given="Ben", family="Ólafsson", school="B")
    + student("S4", given="Dee")
    + adult("G1", "guardian", given="Gia")
    + adult("T1", "teacher", given="Tom", family="Roe", email="tom@example.org"),
    classroom("C1"),
    enrollment("C1", "S1") + enrollment("C1", "T1", "teacher"),
)
assert CLASSES


class Threads:
    """Sees modules of Qt's classes that are imported in another thread than the window's, which may crash PySide."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Find nothing, like any finder that does not know a module; only look who asks."""
        of_qt = f"{name}.".startswith(("PySide6.", "pyqtgraph.", "rosterdesk.gui."))
        if of_qt and threading.current_thread() is not threading.main_thread():
            self.seen.append(name)


_threads = Threads()
sys.meta_path.insert(0, _threads)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def no_class_of_qt_is_made_elsewhere() -> Iterator[None]:
    """No worker imports what makes classes of Qt's."""
    yield
    seen = _threads.seen[:]
    _threads.seen.clear()
    assert not seen, f"imported in a worker's thread: {seen}"


@pytest.fixture
def app(qapp: QApplication) -> QApplication:
    """The application, dressed."""
    # The widgets of earlier tests go now: swept up while Qt lists its widgets for the dressing, they end the program.
    gc.collect()
    theme.apply(qapp, dark=False)
    return qapp


@pytest.fixture
def worker(app: QApplication) -> Iterator[Worker]:
    """A worker, closed at the end."""
    made = Worker()
    yield made
    assert made.close()


@pytest.fixture(scope="session")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a directory after two pushes, with its key."""
    folder = tmp_path_factory.mktemp("pushed")
    with open_directory(folder / "directory.db", KeySource(file=folder / "directory.key")) as directory:
        push(directory, written(FIRST, folder))
        push(directory, written(SECOND, folder))
    return folder


@pytest.fixture
def opening(pushed: Path, tmp_path: Path) -> Opening:
    """A directory after two pushes: the second archived S3, added S4 and changed S1."""
    for name in ("directory.db", "directory.key"):
        shutil.copy2(pushed / name, tmp_path / name)
    return Opening(tmp_path / "directory.db", key_file=tmp_path / "directory.key")


@pytest.fixture
def settle(qtbot: QtBot) -> Callable[[MainWindow], None]:
    """Waits until nothing is going on in a window and all is drawn."""

    def wait(window: MainWindow) -> None:
        for _ in range(3):  # what ended may have begun something else
            QApplication.processEvents()
            qtbot.waitUntil(lambda: not window.busy, timeout=20_000)
        QApplication.processEvents()

    return wait


@pytest.fixture
def open_window(
    qtbot: QtBot, worker: Worker, settle: Callable[[MainWindow], None]
) -> Iterator[Callable[[Opening], MainWindow]]:
    """Opens a window on a directory and waits until nothing is going on in it."""
    made: list[MainWindow] = []

    def open_(opening: Opening) -> MainWindow:
        window = MainWindow(worker, opening)
        made.append(window)
        qtbot.addWidget(window)
        window.show()
        window.open_directory()
        settle(window)
        return window

    yield open_
    for window in made:
        window.close()


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    with open_directory(tmp_path / "window.db", OPEN) as made:
        yield made


@pytest.fixture
def walk(qtbot: QtBot, worker: Worker, directory: Directory) -> Walk:
    return Walk(qtbot, worker, directory)
