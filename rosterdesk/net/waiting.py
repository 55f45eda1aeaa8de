"""Waits for calls that cannot be stopped, such as finding a name, so that a person still can stop the run."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

from rosterdesk.run import Run

_T = TypeVar("_T")
LOOK = 0.1  # seconds between two looks whether the person wants to stop


def waiting_for(
    step: Callable[[], _T],
    run: Run,
    leave: Callable[[], object] = lambda: None,
    undo: Callable[[_T], object] = lambda result: None,
) -> _T:
    """What the call gives or raises. When the person stops the run, `Cancelled` is raised at once: `leave` makes the
    call end, and what it gives all the same is undone.
    """
    made: list[_T] = []
    failed: list[BaseException] = []
    left = threading.Event()

    def call() -> None:
        try:
            result = step()
        except BaseException as error:  # noqa: BLE001 - it is raised again below, in the thread that waits
            failed.append(error)
            return
        made.append(result)
        if left.is_set():
            take_back()

    def take_back() -> None:
        with contextlib.suppress(IndexError):  # the call and whoever waited may both come here: one of them finds it
            undo(made.pop())

    thread = threading.Thread(target=call, name="rosterdesk-waiting", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(LOOK)
            run.check()
    except BaseException:  # whatever it is, Ctrl-C too: the thread must learn that nobody waits any more
        left.set()
        leave()
        take_back()  # the call may have ended just before
        raise
    if failed:
        raise failed[0]
    return made[0]
