"""What every page of the wizard is: it shows the draft, writes to it, and says whether it is valid, busy or in error.

The frame draws those three. A page never touches the frame's buttons, another page, or a thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from rosterdesk.draft import Draft, Step, answered, blockers
from rosterdesk.errors import RosterDeskError
from rosterdesk.gui.upload import Upload
from rosterdesk.gui.worker import Worker
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


class Page(QWidget):
    """One step of the wizard. `changed` follows each answer, and each change of valid, busy or error."""

    step: ClassVar[Step]
    title: str = ""
    sentence: str = ""
    changed = Signal()
    left = Signal()  # the page has done what Next would do

    def __init__(self, upload: Upload, work: DoWork, worker: Worker) -> None:
        super().__init__()
        self.upload = upload
        self.work = work
        self.worker = worker  # for tables alone, which fetch their rows with it
        self.draft = Draft()
        self.busy = False
        self.error: RosterDeskError | None = None

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Why Next must wait, as sentences."""
        return blockers(self.draft, self.step)

    @property
    def valid(self) -> bool:
        return not self.waits_for

    @property
    def primary(self) -> str:
        """The text of the one primary button; empty: "Next"."""
        return ""

    def enter(self, draft: Draft) -> None:
        """Show the draft."""
        self.draft = draft
        self.show_draft()

    def show_draft(self) -> None:
        """Bring the widgets in line with `draft`, and have done what is missing."""

    def answer(self) -> Draft:
        """The draft with this page's answers."""
        return self.draft

    def confirm(self) -> bool:
        """The person pressed the primary button; whether the frame may go on at once."""
        return True

    def undo(self) -> None:
        """Take back the latest edit of this page, if it keeps any."""

    def redo(self) -> None:
        """Do again what was taken back."""

    def give(self, **answers: Any) -> None:
        """Write answers to the draft, and say so."""
        self.draft = answered(self.draft, **answers)
        self.changed.emit()
