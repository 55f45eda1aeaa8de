"""Forgetting old history in the window: what would go is counted and said first, and a number typed before it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rosterdesk.gui.editing import Editing
from rosterdesk.gui.forever import LastQuestion
from rosterdesk.gui.widgets import Banner
from rosterdesk.gui.words import counted, date, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.gui.working import WorkLine

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.forgetting import Foreseen, Forgotten


class CleanUp(QObject):
    """Asks and answers where the page says what was done (`Editing`). `done` when something was forgotten."""

    done = Signal()

    def __init__(self, editing: Editing, worker: Worker, reader: Worker) -> None:
        super().__init__(editing)
        self._editing, self._worker, self._reader = editing, worker, reader
        self.question: LastQuestion | None = None

    def begin(self, directory: Directory) -> None:
        """Count what would be forgotten, and ask."""
        from rosterdesk.directory import forgetting

        self._editing.say(None)
        self._reader.start(
            lambda run: forgetting.count(directory, run),
            on_success=lambda found: self._ask(directory, found),
            on_failure=self._editing.fail,
            owner=self,
            key="count",
        )

    def _ask(self, directory: Directory, found: Foreseen) -> None:
        if not found.months:
            text = tr("History is kept for ever here. Set how many months it is kept, and save that first.")
            self._editing.say(Banner("plain", text))
            return
        before = date(found.edge)
        if not found.runs:
            self._editing.say(Banner("plain", tr("There is nothing to clean up from before {day}.", day=before)))
            return
        of = counted(found.changes, "{n} change", "{n} changes")
        runs = counted(found.runs, "{n} run can no longer be taken back.", "{n} runs can no longer be taken back.")
        self.question = LastQuestion(
            tr("This forgets the personal data of {changes} from before {day}.", changes=of, day=before),
            tr("It can't be undone. {runs} No record changes, and the numbers of each run stay.", runs=runs),
            str(found.changes),
            tr("Forget {changes}", changes=of),
        )
        self.question.confirmed.connect(lambda: self._forget(directory, found))
        self.question.left.connect(lambda: self._editing.say(None))
        self._editing.say(self.question)

    def _forget(self, directory: Directory, found: Foreseen) -> None:
        from rosterdesk.directory import forgetting

        work = WorkLine()
        self._editing.say(work)
        task = self._worker.start(
            lambda run: forgetting.purge(directory, run, months=found.months, today=found.today),
            on_success=self._tell,
            on_failure=self._editing.fail,
            owner=self,
            decisive=True,
        )
        task.cancelled.connect(lambda: self._editing.say(Banner("plain", tr("Stopped. Nothing was forgotten."))))
        work.follow(task)

    def _tell(self, told: Forgotten) -> None:
        if told.run is None:
            self._editing.say(Banner("plain", tr("There was nothing left to forget.")))
            return
        changes = counted(told.changes, "{n} change", "{n} changes")
        title = tr("Forgotten as run {n}: {changes} of {runs} runs.", n=told.run, changes=changes, runs=told.runs)
        self._editing.say(Banner("plain", tr("The receipt of run {n} holds these numbers.", n=told.run), title=title))
        self.done.emit()
