"""How soon the window is there, how soon its pages are, and how long it ever stops to answer, against what the design
asks for.

    python -m tests.bench.window --tools ../shared/tools [--students 50000 1000000] [--rounds 5] [--work DIR]

`--tools` holds `district.py`, which makes the districts. A new window is measured as a process of its own, against an
empty Qt window; the rest in this one, as a person goes through it: a million students are chosen in the wizard, read,
checked and planned while a timer beats. Prints figures and ratios; asserts nothing, since machines differ.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from rosterdesk.draft import Draft, Step
from rosterdesk.gui.app import application, load_ahead
from rosterdesk.gui.frames import PAGE, FrameModel
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.pages.review import ReviewPage
from rosterdesk.gui.window import MainWindow
from rosterdesk.gui.worker import Worker
from rosterdesk.planning.lists import LISTS
from tests.bench.heart import LONG_MS, Heart

_PATIENCE = 900.0
# Both say on standard output when they are drawn first; then they are ended.
_EMPTY = """
import sys
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        print("drawn", flush=True)
app = QApplication(sys.argv)
window = Window()
window.show()
app.exec()
"""
_OURS = """
import sys
from rosterdesk.gui import app
class Window(app.MainWindow):
    drawn = False
    def paintEvent(self, event):
        super().paintEvent(event)
        if not self.drawn:
            self.drawn = True
            print("drawn", flush=True)
app.MainWindow = Window
sys.exit(app.main())
"""


def cold(rounds: int) -> None:
    """Processes of their own, in turns."""
    times: dict[str, list[float]] = {"empty Qt window": [], "window drawn": []}
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "ROSTERDESK_HOME": folder,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        for _ in range(rounds + 1):  # the first one fills the system's cache of files
            for name, code in (("empty Qt window", _EMPTY), ("window drawn", _OURS)):
                begun = time.perf_counter()
                with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment) as process:
                    assert process.stdout is not None
                    if process.stdout.readline() != b"drawn\n":
                        raise SystemExit(f"{name}: it was never drawn")
                    times[name].append(time.perf_counter() - begun)
                    process.terminate()
    print("cold start, seconds (must: window drawn 0.8)")
    for name, taken in times.items():
        told = taken[1:]
        print(f"  {name:22} {statistics.median(told):6.2f}   {min(told):.2f} .. {max(told):.2f}")
    ratio = statistics.median(times["window drawn"][1:]) / statistics.median(times["empty Qt window"][1:])
    print(f"  window / empty window  {ratio:6.2f}", flush=True)


class Drawn(QObject):
    """Learns when a widget is first drawn after something was done."""

    def __init__(self, app: QApplication) -> None:
        super().__init__()
        self._app = app
        self._wanted: QWidget | None = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's own name
        if event.type() == QEvent.Type.Paint and watched is self._wanted:
            self._wanted = None
        return False

    def after(self, act: Callable[[], object], page: Callable[[], QWidget]) -> float:
        """Milliseconds from the click to the page, drawn with all that is in it."""
        begun = time.perf_counter()
        act()
        self._wanted = shown = page()
        shown.installEventFilter(self)
        shown.update()
        while self._wanted is not None:
            self._app.processEvents()
        shown.removeEventFilter(self)
        return (time.perf_counter() - begun) * 1000


def until(app: QApplication, done: Callable[[], bool]) -> None:
    """Let the window live until something is so. The pump sleeps where there is nothing to do, as a real one does."""
    late = time.monotonic() + _PATIENCE
    while not done():
        app.processEvents()
        time.sleep(0.001)
        if time.monotonic() > late:
            raise SystemExit("This took too long.")


def pages(app: QApplication, window: MainWindow, rounds: int) -> None:
    """Go between the pages of the desk, the first time and later."""
    drawn = Drawn(app)
    print("page change, milliseconds (must: 100): first time, later median, later worst")
    ways: dict[str, tuple[Callable[[], object], Callable[[], QWidget]]] = {
        "directory": (lambda: window.show_page(window.directory), lambda: window.directory),
        "run report": (lambda: window.show_run(1), lambda: window.report),
        "home": (lambda: window.show_page(window.home), lambda: window.home),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds + 1):
        for name, (act, page) in ways.items():
            taken[name].append(drawn.after(act, page))
            until(app, lambda: not window.busy)
    for name, each in taken.items():
        print(f"  {name:12} {each[0]:7.1f} {statistics.median(each[1:]):7.1f} {max(each[1:]):7.1f}", flush=True)


def walk(app: QApplication, window: MainWindow, files: Path) -> None:
    """Choose the files and go on to the review, with a heart that beats; tell the longest pause of each step."""
    heart, drawn = Heart(), Drawn(app)
    drawn_in: dict[str, float] = {}
    window.show_wizard(Draft())
    wizard = window.wizard
    assert wizard is not None
    until(app, lambda: not window.busy)
    print("event loop, milliseconds (must: never over 100): longest pause, most own work in one,")
    print("  pauses over 60, seconds in all. On a machine that others use too, the second figure is the program's own.")
    for step in (Step.SOURCE, Step.MAPPING, Step.CHECKS, Step.REVIEW):
        heart.start(step.value)
        begun = time.perf_counter()
        if step is Step.SOURCE:
            wizard.begin(Draft(sources=(files,)))
        elif wizard.page.step is not step:
            before = wizard.page
            drawn_in[step.value] = drawn.after(lambda: wizard.bar.primary.click(), lambda: wizard.page)
            if wizard.page is before:
                raise SystemExit(f"{step}: {wizard.bar.reason.text()} {wizard.page.error}")
        until(app, lambda: not window.busy)
        seconds = time.perf_counter() - begun
        longest, own = heart.stop()
        if wizard.page.error is not None:
            raise SystemExit(f"{wizard.page.error}")
        long = sum(pause > LONG_MS for pause, _ in heart.pauses)
        told = f"{longest:7.1f} {own:7.1f} {long:5}  {seconds:7.1f}"
        print(f"  {step.value:12} {told}  ({wizard.page.step.value} shown)", flush=True)
    for place, stage in heart.seen.items():
        print(f"    late in {stage}: {place}")
    print("wizard page change, milliseconds (must: 100)")
    for name, taken in drawn_in.items():
        print(f"  {name:12} {taken:7.1f}")
    heart.close()
    lists(app, window)


def lists(app: QApplication, window: MainWindow) -> None:
    """Every list of the plan: how soon its first page is there, and any other, and how long the window waits."""
    assert window.wizard is not None
    review = window.wizard.page
    assert isinstance(review, ReviewPage)
    print("lists of the plan, milliseconds (must: a page 50): rows, chosen to shown, median page, worst page,")
    print("  median processor time of a page, longest pause")
    heart, chance = Heart(), random.Random(1)
    for name in LISTS:
        if all(chip.property("key") != name for chip in review.lists.chips._group.buttons()):
            continue
        heart.start(name)
        begun = time.perf_counter()
        review.lists.chips.choose(name)
        until(app, lambda: not window.busy)
        model, table = review.lists.panel.model, review.lists.panel.table
        table.viewport().update()
        until(app, lambda model=model: not model.rowCount() or model.row(0) is not None)
        first = (time.perf_counter() - begun) * 1000
        taken = [page(app, model, at * PAGE) for at in spread(model, chance)]
        longest, _ = heart.stop()
        told = f"{model.rowCount():11,} {first:9.1f} {pages_told(taken)} {longest:9.1f}"
        print(f"  {name:12} {told}", flush=True)
    heart.close()


def spread(model: FrameModel, chance: random.Random) -> list[int]:
    """Numbers of pages from all over a list."""
    last = max(0, (model.rowCount() - 1) // PAGE)
    return [last, last // 2, *(chance.randint(0, last) for _ in range(8))] if last else []


def page(app: QApplication, model: FrameModel, row: int) -> tuple[float, float]:
    """Milliseconds from the wish for a page to its rows, and of the processor's time for that."""
    model.refresh()
    begun, spent = time.perf_counter(), time.process_time()
    until(app, lambda: model.row(row) is not None)
    return (time.perf_counter() - begun) * 1000, (time.process_time() - spent) * 1000


def pages_told(taken: list[tuple[float, float]]) -> str:
    """Median and worst, and the median of the processor's time."""
    if not taken:
        return f"{'one page':>29}"
    walls = [wall for wall, _ in taken]
    return f"{statistics.median(walls):9.1f} {max(walls):9.1f} {statistics.median(cpu for _, cpu in taken):9.1f}"


def browser(app: QApplication, window: MainWindow) -> None:
    """The directory's own lists."""
    print("lists of the directory, milliseconds (must: a page 50): rows, median page, worst page,")
    print("  median processor time of a page")
    window.show_page(window.directory)
    until(app, lambda: not window.busy)
    chance = random.Random(1)
    for tab in range(window.directory.tabs.count()):
        window.directory.tabs.setCurrentIndex(tab)
        until(app, lambda: not window.busy)
        entity = window.directory.entity
        panel = window.directory.panels[entity]
        taken = [page(app, panel.model, at * PAGE) for at in spread(panel.model, chance)]
        print(f"  {entity:12} {panel.model.rowCount():11,} {pages_told(taken)}", flush=True)


def measure(app: QApplication, students: int, tools: Path, work: Path, rounds: int, *, pushed: bool) -> None:
    """One size of district: pushed first where `pushed`, so that the directory has lists to look at."""
    district = work / f"district-{students}"
    if not (district / "day2").exists():
        subprocess.run(
            [sys.executable, str(tools / "district.py"), str(district), "--students", str(students)], check=True
        )
    print(f"\n{students:,} students", flush=True)
    with tempfile.TemporaryDirectory(dir=work) as folder:
        os.environ["ROSTERDESK_HOME"] = folder
        opening = Opening(Path(folder) / "directory.db", key_file=Path(folder) / "directory.key")
        if pushed:
            at = ("--directory", opening.where, "--key-file", opening.key_file)
            command = [sys.executable, "-m", "rosterdesk", "push", district / "day1", *at]
            subprocess.run([*map(str, command)], check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        worker = Worker()
        window = MainWindow(worker, opening)
        window.show()
        window.open_directory()
        load_ahead(window, worker)
        until(app, lambda: not window.busy)
        if pushed:
            pages(app, window, rounds)
            browser(app, window)
        walk(app, window, district / ("day2" if pushed else "day1"))
        window.close()
        gc.collect()


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", type=Path, required=True)
    parser.add_argument("--students", type=int, nargs="*", default=[50_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", type=Path, default=None)
    parser.add_argument("--first", action="store_true", help="plan the first push: the longest lists there are")
    parser.add_argument("--warm", action="store_true", help="leave the cold start out")
    options = parser.parse_args()
    if not options.warm:
        cold(options.rounds)
    app = application()
    with tempfile.TemporaryDirectory() as temporary:
        for students in options.students:
            work = options.work or Path(temporary)
            measure(app, students, options.tools, work, options.rounds, pushed=not options.first)


if __name__ == "__main__":
    main()
