"""What every page of the wizard is: it shows the draft, writes to it, and says whether it is valid, busy or in error.

The frame draws those three. A page never touches the frame's buttons, another page, or a thread.
"""

from __future__ import annotations

from typing import Any, ClassVar

from rosterdesk.draft import Draft, Step, answered, blockers
from rosterdesk.gui.leaf import DoWork, Leaf
from rosterdesk.gui.upload import Upload
from rosterdesk.gui.worker import Worker

__all__ = ["DoWork", "Page"]


class Page(Leaf):
    """One step of the wizard."""

    step: ClassVar[Step]

    def __init__(self, upload: Upload, work: DoWork, worker: Worker) -> None:
        super().__init__(work)
        self.upload = upload
        self.worker = worker  # for tables alone, which fetch their rows with it
        self.draft = Draft()

    @property
    def waits_for(self) -> tuple[str, ...]:
        return blockers(self.draft, self.step)

    def enter(self, draft: Draft) -> None:
        """Show the draft."""
        self.draft = draft
        self.show_draft()

    def show_draft(self) -> None:
        """Bring the widgets in line with `draft`, and have done what is missing."""

    def answer(self) -> Draft:
        """The draft with this page's answers."""
        return self.draft

    def give(self, **answers: Any) -> None:
        """Write answers to the draft, and say so."""
        self.draft = answered(self.draft, **answers)
        self.changed.emit()
