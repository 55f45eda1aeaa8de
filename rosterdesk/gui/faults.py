"""A fault in one page never closes the program: it is shown with a report that holds no student data, and all goes on.

Qt goes on after an exception in whatever it calls; what is left to do is to say so.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import TracebackType

from rosterdesk.gui.worker import Bug, bug


def show_faults(show: Callable[[Bug], object]) -> None:
    """From now on `show` is given each fault of the program that nothing else has caught, on the window's thread."""
    told: set[str] = set()

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not isinstance(error, Exception):  # Ctrl-C, or the end of the program
            sys.__excepthook__(kind, error, trace)
            return
        fault = bug(error)
        if fault.report not in told:  # what is drawn anew at each move of the mouse would fail at each of them
            told.add(fault.report)
            show(fault)

    def tell_of_thread(args: threading.ExceptHookArgs) -> None:
        # No widget may be touched here. Work for the window never gets here: its worker catches what it raises.
        if isinstance(args.exc_value, Exception):
            bug(args.exc_value)  # written to the log

    sys.excepthook = tell
    threading.excepthook = tell_of_thread
