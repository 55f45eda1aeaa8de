"""What a piece of long work is given: somewhere to report progress, and a way to learn that it was cancelled. Knows no
Qt.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from rosterdesk.errors import Cancelled


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the work stands: what is done now, and how many of how many (total 0: not known)."""

    what: str
    done: int = 0
    total: int = 0


class Run:
    """The latest progress as plain data, and a cancel flag that another thread may set."""

    def __init__(self, listener: Callable[[Progress], None] | None = None) -> None:
        self.progress = Progress("")
        self.found: list[object] = []
        self._hears: Callable[[object], object] | None = None
        self._listener = listener
        self._cancelled = threading.Event()
        self._decided = False
        self._interrupts: list[Callable[[], object]] = []

    def report(self, what: str, done: int = 0, total: int = 0) -> None:
        """Say where the work stands. Raises `Cancelled` when the person has asked to stop."""
        self.check()
        self.progress = Progress(what, done, total)
        if self._listener is not None:
            self._listener(self.progress)

    def tell(self, what: object) -> None:
        """Let something that was found be known before the end, such as a sentence of a test: it is added to `found`.
        Raises `Cancelled` when the person has asked to stop.
        """
        self.check()
        self.found.append(what)
        if self._hears is not None:
            self._hears(what)

    def hear(self, hears: Callable[[object], object] | None) -> None:
        """Have this called with each thing that is found from now on, in the thread of the work."""
        self._hears = hears

    def check(self) -> None:
        """Raise `Cancelled` when the person has asked to stop."""
        if self.cancelled:
            raise Cancelled("Stopped.", "Nothing was changed.")

    def cancel(self) -> None:
        """Ask the work to stop. Safe from any thread; also interrupts a statement that is running."""
        if self._decided:
            return
        self._cancelled.set()
        for interrupt in self._interrupts:
            interrupt()

    def decide(self) -> None:
        """From here on the work goes through, and a wish to stop comes too late: something outside has happened."""
        self._decided = True

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set() and not self._decided

    def on_cancel(self, interrupt: Callable[[], object]) -> None:
        """Register a call that interrupts work which can't look at the flag itself, such as a database statement."""
        self._interrupts.append(interrupt)
        if self.cancelled:
            interrupt()

    def wait(self, seconds: float) -> None:
        """Wait, but no longer than until cancelled. Raises `Cancelled`."""
        self._cancelled.wait(seconds)
        self.check()
