"""A plan that goes over a limit: which, and the three things that can be done about it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QWidget

from rosterdesk.draft import Draft
from rosterdesk.gui import theme
from rosterdesk.gui.widgets import Picture, button, column, label, row
from rosterdesk.gui.words import number, tr
from rosterdesk.model import Tripped


class LimitBanner(QFrame):
    """`approved`, `added` (additions only) and `held` are the three choices, `reopened` takes one back."""

    approved = Signal()
    added = Signal()
    held = Signal()
    reopened = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("banner", "warning")
        self._number = 0
        self.title, self.words, self.chosen = label(bold=True), label(), label(bold=True)
        self.hold = button(tr("Hold it for approval"), self.held.emit, icon="hold")
        self.additions = button(tr("Push only what is new and changed"), self.added.emit)
        self.approve = button(tr("Approve"), self.approved.emit)
        self.typed = QLineEdit()
        self.typed.setFixedWidth(theme.scaled(90))
        self.typed.textChanged.connect(self._type)
        self.typed.returnPressed.connect(self._enter)
        self._ask = label()
        self._ask.setWordWrap(False)
        self._choices = QWidget()
        choices = column(spacing=theme.INSIDE)
        choices.addLayout(row(self.hold, self.additions, None))
        choices.addLayout(row(self._ask, self.typed, self.approve, None))
        self._choices.setLayout(choices)
        self.change = button(tr("Choose again"), self.reopened.emit, link=True)
        self._done = QWidget()
        self._done.setLayout(row(self.chosen, self.change))
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 10, 12, 10)
        line.setSpacing(12)
        parts = column(self.title, self.words, self._choices, self._done, spacing=theme.TIGHT)
        picture = column(Picture("warning", 20, "changed"))
        picture.addStretch(1)
        line.addLayout(picture)
        line.addLayout(parts, 1)

    def show_draft(self, draft: Draft, tripped: Sequence[Tripped]) -> None:
        """Draw the limits that the plan goes over, or would go over without the choice that was made."""
        self.setVisible(bool(tripped) or draft.additions_only)
        self._number = max((t.removed for t in tripped), default=0)
        self.title.setText(tr("This is more than usual"))
        self.words.setText("\n".join(t.message for t in tripped))
        self.words.setVisible(bool(tripped))
        self.setAccessibleName(f"{self.title.text()} {self.words.text()}")
        self._ask.setText(tr("To approve all of it, type {number}:", number=number(self._number)))
        self.typed.setAccessibleName(self._ask.text())
        chosen = self._chosen(draft)
        self.chosen.setText(chosen)
        self._done.setVisible(bool(chosen))
        self._choices.setVisible(not chosen)
        self.typed.clear()
        self._type()

    def _chosen(self, draft: Draft) -> str:
        if draft.additions_only:
            return tr("Only what is new and changed will be pushed. Nothing is archived or removed.")
        if draft.hold:
            return tr("It will be held. Nothing changes until somebody approves it.")
        if draft.plan is not None and draft.approved == draft.plan.digest:
            return tr("Approved by you.")
        return ""

    def _type(self) -> None:
        digits = "".join(c for c in self.typed.text() if c.isdigit())
        self.approve.setEnabled(digits == str(self._number))

    def _enter(self) -> None:
        if self.approve.isEnabled():
            self.approved.emit()
