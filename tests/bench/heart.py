"""Feels whether the window answers: a timer that beats on its thread, and how late each beat is."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer

LONG_MS = 60.0  # a pause that is worth naming
_BEAT_MS = 5


class Heart(QObject):
    """A timer that beats on the window's thread, and a thread that looks, when a beat is late, at what holds it up."""

    def __init__(self) -> None:
        super().__init__()
        self._last, self._spent = time.perf_counter(), time.thread_time()
        self._stage, self._beating = "", False
        self.pauses: list[tuple[float, float]] = []
        self.seen: dict[str, str] = {}
        self._timer = QTimer(self, interval=_BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._main = threading.get_ident()
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def start(self, stage: str) -> None:
        self._stage, self.pauses = stage, []
        self._last, self._spent = time.perf_counter(), time.thread_time()
        self._timer.start()
        self._beating = True

    def stop(self) -> tuple[float, float]:
        """The longest pause, and the most that the window's own thread worked in one, in milliseconds."""
        self._beat()
        self._timer.stop()
        self._beating = False
        return max(pause for pause, _ in self.pauses), max(worked for _, worked in self.pauses)

    def close(self) -> None:
        self._over.set()
        self._watcher.join()

    def _beat(self) -> None:
        now, spent = time.perf_counter(), time.thread_time()
        self.pauses.append(((now - self._last) * 1000, (spent - self._spent) * 1000))
        self._last, self._spent = now, spent

    def _watch(self) -> None:
        while not self._over.wait(0.01):
            if self._beating and (time.perf_counter() - self._last) * 1000 > LONG_MS:
                frames = sys._current_frames()
                for ident, frame in frames.items():
                    if ident == threading.get_ident():
                        continue
                    name = "window" if ident == self._main else "worker"
                    at = [f for f in traceback.extract_stack(frame) if "rosterdesk" in f.filename]
                    if at:
                        place = f"{name}: {Path(at[-1].filename).name}:{at[-1].lineno} {at[-1].name}"
                        self.seen[place] = self._stage
