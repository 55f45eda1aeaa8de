"""Where a page's hand edits begin and end: their dialogs, and the line that says what was done and how it is undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rosterdesk.errors import RosterDeskError
from rosterdesk.gui.editdialog import EditDialog, Made
from rosterdesk.gui.forms import Form
from rosterdesk.gui.widgets import Action, Banner, ErrorPanel, clear
from rosterdesk.gui.words import counted, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.undo import UndoResult


class Editing(QWidget):
    """Hidden while there is nothing to say. `changed` when the directory is another one; it carries the `Made`, or None
    after an undo. `run_opened` carries the number of a run that somebody wants to look at.
    """

    changed = Signal(object)
    run_opened = Signal(int)

    def __init__(self, worker: Worker, reader: Worker) -> None:
        super().__init__()
        self._worker, self._reader = worker, reader
        self._directory: Directory | None = None
        self._why = ""
        self.dialog: EditDialog | None = None
        self._inside = QVBoxLayout(self)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def begin(self, form: Form, directory: Directory, since: int | None = None) -> None:
        """Ask for an edit. `since` is the latest run that the person has seen."""
        self.say(None)
        self._directory = directory
        dialog = EditDialog(
            form, directory, self._worker, self._reader, since=since, why=self._why, parent=self.window()
        )
        dialog.made.connect(self._made)
        dialog.finished.connect(lambda _: self._closed(dialog))
        self.dialog = dialog
        dialog.open()

    def say(self, notice: QWidget | None) -> None:
        """One notice at a time; None: nothing to say."""
        clear(self._inside)
        self.setVisible(notice is not None)
        if notice is not None:
            self._inside.addWidget(notice)

    def tell(self, run: int, what: str) -> None:
        """Say that a run was made, and how it can be taken back."""
        actions = (
            Action(tr("Undo"), lambda: self._undo(run)),
            Action(tr("Look at run {n}", n=run), lambda: self.run_opened.emit(run)),
        )
        words = tr("It can be taken back, here or at any time among the recent runs on Home.")
        self.say(Banner("plain", words, actions, title=what))

    def fail(self, error: RosterDeskError) -> None:
        """Say what could not be done."""
        panel = ErrorPanel(error)
        panel.dismissed.connect(lambda: self.say(None))
        self.say(panel)

    def _closed(self, dialog: EditDialog) -> None:
        self._why = dialog.why.text()  # the next edit is often made for the same reason
        self.dialog = None
        dialog.deleteLater()

    def _made(self, made: Made) -> None:
        if made.form.told is not None:
            what = made.form.told(made.value)
            self.tell(made.run, what) if made.run else self.say(Banner("plain", what))
        elif made.run is None:
            self.say(Banner("plain", tr("It was so already. Nothing was changed.")))
        else:
            self.tell(made.run, tr("Saved as run {n}: {what}.", n=made.run, what=made.form.what))
        self.changed.emit(made)

    def _undo(self, number: int) -> None:
        directory = self._directory
        if directory is None:
            return

        def work(run: Run) -> UndoResult:
            from rosterdesk.directory.undo import undo

            return undo(directory, number, run)

        self.say(Banner("plain", tr("Undoing run {n}.", n=number)))
        self._worker.start(work, on_success=self._undone, on_failure=self.fail, owner=self, decisive=True)

    def _undone(self, result: UndoResult) -> None:
        text = tr("Run {n} was taken back, by run {by}.", n=result.undone, by=result.run)
        if result.left_count:
            text += " " + counted(
                result.left_count,
                "{n} value was left alone: it has changed since.",
                "{n} values were left alone: they have changed since.",
            )
        self.say(Banner("plain", text))
        self.changed.emit(None)
