"""Background work: what is told of it, in which thread, and what is not told any more."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from rosterdesk.draft import Draft, answered
from rosterdesk.errors import FileError, RosterDeskError
from rosterdesk.gui.upload import Found, Upload
from rosterdesk.gui.worker import Bug, Task, Worker
from rosterdesk.run import Progress, Run


class Heard:
    """What a task has said, in order, and in which thread."""

    def __init__(self, task: Task) -> None:
        self.said: list[tuple[str, Any]] = []
        self.threads: set[threading.Thread] = set()
        for name in ("started", "cancelled", "ended"):
            getattr(task, name).connect(lambda name=name: self._hear(name))
        for name in ("progressed", "succeeded", "failed"):
            getattr(task, name).connect(lambda value, name=name: self._hear(name, value))

    def _hear(self, name: str, value: Any = None) -> None:
        self.said.append((name, value))
        self.threads.add(threading.current_thread())

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.said]

    @property
    def ended(self) -> bool:
        return "ended" in self.names


@contextmanager
def gate() -> Iterator[threading.Event]:
    """Something that work waits for; opened in any case."""
    event = threading.Event()
    try:
        yield event
    finally:
        event.set()


def test_a_result_arrives_on_the_thread_of_the_window(worker: Worker, qtbot: QtBot) -> None:
    def here() -> bool:
        return threading.current_thread() is threading.main_thread()

    results: list[tuple[str, bool]] = []
    task = worker.start(
        lambda _: threading.current_thread().name, on_success=lambda name: results.append((name, here()))
    )
    heard = Heard(task)
    qtbot.waitUntil(lambda: heard.ended)
    assert results == [("rosterdesk-worker", True)]
    assert heard.names == ["started", "succeeded", "ended"]
    assert heard.threads == {threading.main_thread()}


def test_an_error_is_handed_on_as_it_is(worker: Worker, qtbot: QtBot) -> None:
    error = FileError("It is gone.", "Look for it.")

    def work(_: Run) -> None:
        raise error

    failures: list[RosterDeskError] = []
    heard = Heard(worker.start(work, on_success=lambda _: None, on_failure=failures.append))
    qtbot.waitUntil(lambda: heard.ended)
    assert failures == [error]
    assert heard.names == ["started", "failed", "ended"]


def test_a_fault_becomes_a_report_without_what_was_in_the_data(worker: Worker, qtbot: QtBot) -> None:
    def work(_: Run) -> None:
        raise ValueError("Ana Nguyen, 2015-03-01")

    with qtbot.waitSignal(worker.failed) as blocker:
        worker.start(work, on_success=lambda _: None)
    (bug,) = blocker.args or ()
    assert isinstance(bug, Bug)
    assert "ValueError" in bug.report
    assert "test_worker.py" in bug.report
    assert "Ana" not in f"{bug.title} {bug.advice} {bug.report}"


def test_work_that_is_cancelled_says_so_once(worker: Worker, qtbot: QtBot) -> None:
    def work(run: Run) -> None:
        run.wait(60)

    task = worker.start(work, on_success=pytest.fail)
    heard = Heard(task)
    qtbot.waitUntil(lambda: "started" in heard.names)
    task.cancel()
    qtbot.waitUntil(lambda: heard.ended, timeout=1000)
    assert heard.names == ["started", "cancelled", "ended"]


def test_a_result_that_comes_after_the_cancel_is_dropped(worker: Worker, qtbot: QtBot) -> None:
    with gate() as opened:
        task = worker.start(lambda _: opened.wait(60), on_success=pytest.fail)
        heard = Heard(task)
        task.cancel()
    qtbot.waitUntil(lambda: heard.ended)
    assert "succeeded" not in heard.names


def test_what_cannot_be_taken_back_is_told_even_so(worker: Worker, qtbot: QtBot) -> None:
    results: list[int] = []
    with gate() as opened:

        def work(run: Run) -> int:
            opened.wait(60)
            return 7

        task = worker.start(work, on_success=results.append, decisive=True)
        heard = Heard(task)
        qtbot.waitUntil(lambda: "started" in heard.names)
        task.cancel()
    qtbot.waitUntil(lambda: heard.ended)
    assert results == [7]


def test_newer_work_of_the_same_key_takes_the_place_of_older(worker: Worker, qtbot: QtBot) -> None:
    owner, results = QObject(), []
    with gate() as opened:
        worker.start(lambda _: opened.wait(60), on_success=pytest.fail, owner=owner, key="search")
        worker.start(lambda _: 1, on_success=pytest.fail, owner=owner, key="search")
        other = worker.start(lambda _: 2, on_success=results.append, owner=QObject(worker), key="search")
        last = worker.start(lambda _: 3, on_success=results.append, owner=owner, key="search")
        heard = Heard(last)
        assert other.run.cancelled is False
    qtbot.waitUntil(lambda: heard.ended)
    assert results == [2, 3]


def test_nobody_is_told_when_the_owner_is_gone(worker: Worker, qtbot: QtBot) -> None:
    owner = QObject()
    with gate() as opened:
        heard = Heard(worker.start(lambda _: opened.wait(60), on_success=pytest.fail, owner=owner))
        owner.deleteLater()
        del owner
        qtbot.waitUntil(lambda: "started" in heard.names)
    qtbot.waitUntil(lambda: heard.ended)
    assert heard.names == ["started", "ended"]


def test_progress_is_told_now_and_then_and_at_the_end(worker: Worker, qtbot: QtBot) -> None:
    def work(run: Run) -> None:
        for done in range(100_000):
            run.report("Reading", done, 100_000)

    heard = Heard(worker.start(work, on_success=lambda _: None))
    qtbot.waitUntil(lambda: heard.ended, timeout=20_000)
    told = [value for name, value in heard.said if name == "progressed"]
    assert told[-1] == Progress("Reading", 99_999, 100_000)
    assert len(told) < 1000


def test_closing_stops_what_is_going_on(app: object, qtbot: QtBot) -> None:
    worker = Worker()
    started = threading.Event()

    def work(run: Run) -> None:
        started.set()
        run.wait(60)

    worker.start(work, on_success=pytest.fail)
    assert started.wait(10)
    assert worker.close(5)
    late = Heard(worker.start(lambda _: 1, on_success=pytest.fail))
    qtbot.waitUntil(lambda: late.ended)
    assert late.names == ["ended"]


def told_while(task: Task, qtbot: QtBot) -> list[tuple[float, Progress]]:
    """The progress that is told until a task has ended, with the time of each."""
    told: list[tuple[float, Progress]] = []
    heard = Heard(task)
    task.progressed.connect(lambda progress: told.append((time.monotonic(), progress)))
    qtbot.waitUntil(lambda: heard.ended, timeout=20_000)
    return told


def test_progress_is_told_ten_times_a_second_at_most(worker: Worker, qtbot: QtBot) -> None:
    def work(run: Run) -> None:
        until = time.monotonic() + 1.0
        done = 0
        while time.monotonic() < until:
            done += 1
            run.report("Reading", done)

    started = time.monotonic()
    told = told_while(worker.start(work, on_success=lambda _: None), qtbot)
    seconds = time.monotonic() - started
    assert told[-1][1].done > 1000
    assert 2 <= len(told) <= seconds * 10 + 2  # and the last state, whenever it comes


def big_table(folder: Path) -> Path:
    """A million rows to read, which takes a while."""
    path = folder / "students.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("Student ID,First Name,Last Name,Grade,School\n")
        file.writelines(f"{n:08},Ana{n % 977},Nguyen{n % 7919},{n % 12},Adams\n" for n in range(1_000_000))
    return path


@pytest.mark.parametrize("stage", ["read", "check"])
def test_a_long_read_stops_within_a_second(worker: Worker, qtbot: QtBot, tmp_path: Path, stage: str) -> None:
    upload, draft = Upload(lambda _: pytest.fail("no directory is needed")), Draft((big_table(tmp_path),))
    if stage == "check":
        found: list[Found] = []
        reading = Heard(worker.start(lambda run: upload.read(draft, run), on_success=found.append))
        qtbot.waitUntil(lambda: reading.ended, timeout=60_000)
        draft = answered(draft, reading=found[0].reading, mapping=found[0].mapping)
        task = worker.start(lambda run: upload.check(draft, run), on_success=pytest.fail)
    else:
        task = worker.start(lambda run: upload.read(draft, run), on_success=pytest.fail)
    heard = Heard(task)
    qtbot.waitUntil(lambda: "started" in heard.names)
    qtbot.wait(100)  # in the midst of it; where exactly is of no account
    asked = time.monotonic()
    task.cancel()
    qtbot.waitUntil(lambda: heard.ended, timeout=10_000)
    assert heard.names[-2:] == ["cancelled", "ended"]
    assert time.monotonic() - asked < 1.0
    worker.start(lambda _: upload.close(), on_success=lambda _: None)
    qtbot.waitUntil(lambda: not worker.busy)
    assert not [*Path(tempfile.gettempdir()).glob("rosterdesk-*")]


def test_the_window_answers_while_python_works(worker: Worker, qtbot: QtBot) -> None:
    """Work that never lets go of Python by itself takes turns with the window, many times in each beat of a timer."""

    def work(run: Run) -> int:
        return sum(n % 7 for n in range(6_000_000))

    heard = Heard(worker.start(work, on_success=lambda _: None))
    label, beats = QLabel(), 0
    qtbot.addWidget(label)
    while not heard.ended:
        for n in range(20):
            label.setText(str(n))
        QApplication.processEvents()
        beats += 1
    assert sys.getswitchinterval() <= 0.001
    assert beats > 5
