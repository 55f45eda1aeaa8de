"""A line that says how far some work is, with a way to stop it; for pages outside the wizard, which has a bar of its
own.
"""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from rosterdesk.gui.widgets import button, column, label, row
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Task
from rosterdesk.run import Progress


class WorkLine(QWidget):
    """Hidden while nothing is followed."""

    def __init__(self) -> None:
        super().__init__()
        self._task: Task | None = None
        self._what = label(quiet=True)
        self._what.setWordWrap(False)
        self._what.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Progress"))
        self.stop = button(tr("Cancel"), self._stop)
        inside = column(self._what)
        line = row(self._bar, self.stop)
        line.setStretch(0, 1)
        inside.addLayout(line)
        self.setLayout(inside)
        self.hide()

    def follow(self, task: Task) -> None:
        """Show how far this work is, until it has ended."""
        self._task = task
        self._show(task.run.progress)
        self.stop.setEnabled(True)
        self.show()
        task.progressed.connect(self._show)
        task.ended.connect(lambda: self._ended(task))

    def _show(self, progress: Progress) -> None:
        self._bar.setRange(0, 1000 if progress.total else 0)
        if progress.total:
            self._bar.setValue(progress.done * 1000 // progress.total)
        what = progress.what or tr("Starting")
        of = tr("{what}: {done} of {total}", what=what, done=progress.done, total=progress.total)
        self._what.setText(of if progress.total else what)

    def _stop(self) -> None:
        if self._task is not None:
            self.stop.setEnabled(False)
            self._what.setText(tr("Stopping"))
            self._task.cancel()

    def _ended(self, task: Task) -> None:
        if task is self._task:
            self._task = None
            self.hide()
