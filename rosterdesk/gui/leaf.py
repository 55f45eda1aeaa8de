"""What every page of a guide is: it says whether it is valid, busy or in error, and what the one primary button does.

The frame draws those. A page never touches the frame's buttons, another page, or a thread.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from rosterdesk.errors import RosterDeskError
from rosterdesk.run import Run


class DoWork(Protocol):
    """How a page has something done in the background. `quiet` work neither fills the bar nor keeps Next waiting."""

    def __call__(
        self,
        work: Callable[[Run], Any],
        on_success: Callable[[Any], object],
        *,
        key: str = "",
        quiet: bool = False,
        decisive: bool = False,
    ) -> None: ...


class Leaf(QWidget):
    """One step. `changed` follows each answer, and each change of valid, busy or error."""

    step: ClassVar[StrEnum]
    title: str = ""
    sentence: str = ""
    changed = Signal()
    left = Signal()  # the page has done what Next would do

    def __init__(self, work: DoWork) -> None:
        super().__init__()
        self.work = work
        self.busy = False
        self.error: RosterDeskError | None = None

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Why Next must wait, as sentences."""
        return ()

    @property
    def valid(self) -> bool:
        return not self.waits_for

    @property
    def primary(self) -> str:
        """The text of the one primary button; empty: "Next"."""
        return ""

    def confirm(self) -> bool:
        """The primary button was pressed. Return False to stay: the page says `left` itself when it is ready."""
        return True

    def undo(self) -> None:
        """Take back the latest edit of this page, if it keeps any."""

    def redo(self) -> None:
        """Do again what was taken back."""
