"""The bottom of the wizard: Back, why Next waits or how far the work is, and the one primary button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QSizePolicy, QStackedWidget, QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.widgets import button, column, label, row
from rosterdesk.gui.words import tr
from rosterdesk.run import Progress

_HEIGHT = 60


class Bar(QFrame):
    """The bar below all pages."""

    backed = Signal()
    confirmed = Signal()
    stopped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("bar", True)
        self.back = button(tr("Back"), self.backed.emit)
        self.primary = button(tr("Next"), self.confirmed.emit, primary=True)
        self.primary.setDefault(True)
        self.stop = button(tr("Cancel"), self.stopped.emit)
        self.reason = label(quiet=True)
        self.reason.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._what = label(quiet=True)
        self._what.setWordWrap(False)
        self._what.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(tr("Progress"))
        working = QWidget()
        working.setLayout(row(_column(self._what, self._progress), self.stop, spacing=theme.BETWEEN))
        self._middle = QStackedWidget()
        self._middle.addWidget(self.reason)
        self._middle.addWidget(working)
        self._middle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setFixedHeight(theme.scaled(_HEIGHT))
        line = QHBoxLayout(self)
        line.setContentsMargins(theme.AROUND, 0, theme.AROUND, 0)
        line.setSpacing(theme.BETWEEN)
        line.addWidget(self.back)
        line.addWidget(self._middle, 1)
        line.addWidget(self.primary)

    def show_reason(self, sentence: str, *, text: str, back: bool) -> None:
        """Nothing is going on: `sentence` says why the primary button waits; empty, it does not."""
        self._middle.setCurrentIndex(0)
        self.reason.setText(sentence)
        self.primary.setText(text)
        self.primary.setAccessibleName(text)
        self.primary.setAccessibleDescription(sentence)
        self.primary.setEnabled(not sentence)
        self.back.setEnabled(back)

    def show_progress(self, progress: Progress, *, back: bool) -> None:
        """Work is going on: what, and how many of how many."""
        self._middle.setCurrentIndex(1)
        self.primary.setEnabled(False)
        self.back.setEnabled(back)
        self.stop.setEnabled(True)
        self._progress.setRange(0, 1000 if progress.total else 0)
        if progress.total:
            self._progress.setValue(progress.done * 1000 // progress.total)
            of = tr("{done} of {total}", done=progress.done, total=progress.total)
            self._what.setText(f"{progress.what}: {of}")
        else:
            self._what.setText(progress.what or tr("Starting"))
        self.primary.setAccessibleDescription(self._what.text())

    def show_stopping(self) -> None:
        """The person asked to stop, and it has not ended yet."""
        self.stop.setEnabled(False)
        self._what.setText(tr("Stopping"))


def _column(*parts: QWidget) -> QWidget:
    box = QWidget()
    inside = column(*parts, spacing=theme.TIGHT)
    inside.insertStretch(0, 1)
    inside.addStretch(1)
    box.setLayout(inside)
    return box
