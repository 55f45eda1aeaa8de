"""The one idiom for background work: a function that returns or raises, run in one thread, told about on the GUI's.

    task = worker.start(lambda run: read(files, run), on_success=self._show, owner=self)

The work gets a `Run` to report to. It must not touch a widget, nor import what makes classes of Qt's. Whatever happens,
exactly one of `succeeded`, `failed` and `cancelled` follows, then `ended`, all on the GUI thread.
"""

from __future__ import annotations

import gc
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from rosterdesk.errors import Cancelled, RosterDeskError
from rosterdesk.gui.words import tr
from rosterdesk.log import log
from rosterdesk.run import Progress, Run

T = TypeVar("T")
Work = Callable[[Run], T]

# How long a thread may keep the others from Python. The window lets go of it at each call to Qt, a hundred times for
# one picture; with Python's own 5 milliseconds each of them would be waited for, and a second be gone.
_SWITCH_SECONDS = 0.0005
_SWEEP_MS = 1000  # garbage is looked for so often
_THOROUGH = 30  # every so many sweeps, what is old is looked through too
_TELL_MS = 100  # progress is polled: work that reports a thousand times a second costs the window ten updates


class Bug(RosterDeskError):
    """A fault of the program itself. `report` says where it happened and holds no student data."""

    @property
    def report(self) -> str:
        return self.detail


class Task(QObject):
    """One piece of work that was started."""

    started = Signal()
    progressed = Signal(object)  # rosterdesk.run.Progress
    found = Signal(object)  # what the work tells of before it has ended, in order
    succeeded = Signal(object)  # what the work returned
    failed = Signal(object)  # RosterDeskError, of which Bug is one
    cancelled = Signal()
    ended = Signal()

    def __init__(self, work: Work[Any], *, key: str, owner: QObject | None, decisive: bool, parent: QObject) -> None:
        super().__init__(parent)
        self.run = Run()
        self.key = key
        self._work = work
        self._owner = owner
        self._decisive = decisive
        self._dropped = False
        self._told: Progress = self.run.progress
        self._found = 0

    def cancel(self) -> None:
        """Ask the work to stop; `cancelled` follows when it has."""
        self.run.cancel()

    def drop(self) -> None:
        """Stop the work and hear no more of it: something newer took its place, or nobody is left to hear."""
        self._dropped = True
        self.cancel()

    def belongs_to(self, owner: QObject | None) -> bool:
        return self._owner is owner

    def poll(self) -> None:
        """Pass on the latest progress and what was found, if it is new."""
        if self._silent:
            return
        if self.run.progress is not self._told:
            self._told = self.run.progress
            self.progressed.emit(self._told)
        fresh = self.run.found[self._found :]  # the work may add to it meanwhile
        self._found += len(fresh)
        for one in fresh:
            self.found.emit(one)

    def carry_out(self) -> tuple[str, object]:
        """Do the work, in the worker's thread; return how it ended and with what."""
        try:
            self.run.check()
            return "succeeded", self._work(self.run)
        except Cancelled:
            return "cancelled", None
        except RosterDeskError as error:
            return "failed", error
        except Exception as error:  # noqa: BLE001 - the outermost frame of a task: a fault becomes a report
            return ("cancelled", None) if self.run.cancelled else ("failed", bug(error))

    def conclude(self, how: str, value: object) -> None:
        """Tell the GUI how it ended. What comes after a cancel is dropped, but for what can't be taken back."""
        if not self._silent:
            if how == "succeeded" and (self._decisive or not self.run.cancelled):
                self.succeeded.emit(value)
            elif how == "failed":
                self.failed.emit(value)
            else:
                self.cancelled.emit()
        self.ended.emit()
        self.deleteLater()

    @property
    def _silent(self) -> bool:
        return self._dropped or (self._owner is not None and not shiboken6.isValid(self._owner))


class Worker(QObject):
    """A thread with a queue. Lives on the GUI thread, and so do all signals of its tasks.

    `failed` carries the error of a task for whose failure nobody asked.
    """

    failed = Signal(object)
    _happened = Signal(object, str, object)

    def __init__(self, parent: QObject | None = None, *, name: str = "worker") -> None:
        super().__init__(parent)
        self._queue: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._tasks: list[Task] = []
        self._happened.connect(self._hear, Qt.ConnectionType.QueuedConnection)
        self._timer = QTimer(self, interval=_TELL_MS)
        self._timer.timeout.connect(self._poll)
        self._closed = False
        # Garbage that holds Qt's objects must be swept in the window's thread: swept in another, PySide deletes them
        # whenever the window is next called into, such as in the middle of painting, where Qt then waits for itself.
        gc.disable()
        self._sweeps = 0
        self._sweeper = QTimer(self, interval=_SWEEP_MS)
        self._sweeper.timeout.connect(self._sweep)
        self._sweeper.start()
        sys.setswitchinterval(_SWITCH_SECONDS)
        self._thread = threading.Thread(target=self._loop, name=f"rosterdesk-{name}", daemon=True)
        self._thread.start()

    def start(
        self,
        work: Work[T],
        *,
        on_success: Callable[[T], object],
        on_failure: Callable[[RosterDeskError], object] | None = None,
        owner: QObject | None = None,
        key: str = "",
        decisive: bool = False,
    ) -> Task:
        """Queue the work. Nothing is called once `owner` is gone.

        With a `key` it takes the place of the owner's earlier task of that key. `decisive` work has changed the world
        when it returns (a push), so its result counts even if it was asked to stop meanwhile.
        """
        if key:
            for earlier in self._tasks:
                if earlier.key == key and earlier.belongs_to(owner):
                    earlier.drop()
        task = Task(work, key=key, owner=owner, decisive=decisive, parent=self)
        task.succeeded.connect(on_success)
        task.failed.connect(on_failure or self.failed.emit)
        self._tasks.append(task)
        if self._closed:
            task.drop()
            QTimer.singleShot(0, task, lambda: self._hear(task, "cancelled", None))
        else:
            self._queue.put(task)
            self._timer.start()
        return task

    @property
    def busy(self) -> bool:
        return bool(self._tasks)

    def close(self, timeout: float = 5.0) -> bool:
        """Stop everything and wait, at most `timeout` seconds; return whether the thread has ended."""
        self._closed = True
        for task in self._tasks:
            task.drop()
        self._queue.put(None)
        deadline = time.monotonic() + timeout
        self._thread.join(max(0.0, deadline - time.monotonic()))
        self._timer.stop()
        self._sweeper.stop()
        gc.enable()
        return not self._thread.is_alive()

    def _sweep(self) -> None:
        self._sweeps += 1
        gc.collect(1 if self._sweeps % _THOROUGH else 2)

    def _loop(self) -> None:
        while (task := self._queue.get()) is not None:
            try:
                self._happened.emit(task, "started", None)
                self._happened.emit(task, *task.carry_out())
            except RuntimeError:  # the window is gone, and its objects with it
                return

    def _hear(self, task: Task, what: str, value: object) -> None:
        if what == "started":
            task.started.emit()
            return
        task.poll()
        self._tasks.remove(task)
        if not self._tasks:
            self._timer.stop()
        task.conclude(what, value)

    def _poll(self) -> None:
        if self._tasks:
            self._tasks[0].poll()


def bug(error: Exception) -> Bug:
    """What people see of a fault of the program; it is written to the log."""
    # Where it happened, and the kind of the error, but not its text, which may hold cells.
    frames = "\n".join(f"  {f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__))
    report = f"{type(error).__name__}\n{frames}\n"
    log.error("a fault of the program: %s", report)
    return Bug(
        tr("RosterDesk has a fault of its own."),
        tr("Nothing of yours was lost. Try again; if it comes back, send us the report. It holds no student data."),
        report,
    )
