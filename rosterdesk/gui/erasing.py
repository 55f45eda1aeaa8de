"""Erasing a person who has left, in the window: what goes is said first, and their SIS ID typed before it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rosterdesk.gui.editing import Editing
from rosterdesk.gui.forever import LastQuestion
from rosterdesk.gui.widgets import Banner
from rosterdesk.gui.words import counted, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.gui.working import WorkLine

if TYPE_CHECKING:
    from rosterdesk.directory.browse import Record
    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.forgetting import Forgotten


class Erasing(QObject):
    """Asks and answers where the page says what was done (`Editing`). `done` when somebody was erased; it carries None,
    as after an undo.
    """

    done = Signal(object)

    def __init__(self, editing: Editing, worker: Worker, reader: Worker) -> None:
        super().__init__(editing)
        self._editing, self._worker, self._reader = editing, worker, reader
        self.question: LastQuestion | None = None

    def begin(self, directory: Directory | None, record: Record) -> None:
        """Ask, if this person may erase at all."""
        from rosterdesk.directory import forgetting

        if directory is None:
            return
        self._editing.say(None)
        self._reader.start(
            lambda run: forgetting.require(directory, run),
            on_success=lambda _: self._ask(directory, record),
            on_failure=self._editing.fail,
            owner=self,
            key="may",
        )

    def _ask(self, directory: Directory, record: Record) -> None:
        student = record.entity == "students"
        self.question = question = LastQuestion(
            tr("{name} will be erased for good. It can't be undone.", name=record.name),
            tr(
                "The record goes, with what hangs on it and every trace in the history. Runs that it was a part of "
                "can no longer be taken back."
            ),
            record.fields.get("sis_id") or f"#{record.id}",
            tr("Erase for good"),
            tr("Also guardians who have left and have no other child here") if student else "",
        )
        question.confirmed.connect(lambda: self._erase(directory, record, question.option.isChecked()))
        question.left.connect(lambda: self._editing.say(None))
        self._editing.say(question)
        question.typed.setFocus()

    def _erase(self, directory: Directory, record: Record, with_guardians: bool) -> None:
        from rosterdesk.directory import forgetting

        entity, id_ = record.entity, record.id
        work = WorkLine()
        self._editing.say(work)
        task = self._worker.start(
            lambda run: forgetting.erase(directory, entity, id_, run, with_guardians=with_guardians),
            on_success=self._tell,
            on_failure=self._editing.fail,
            owner=self,
            decisive=True,
        )
        task.cancelled.connect(lambda: self._editing.say(Banner("plain", tr("Stopped. Nobody was erased."))))
        work.follow(task)

    def _tell(self, told: Forgotten) -> None:
        people = counted(told.records, "{n} person", "{n} people")
        links = counted(told.links, "{n} link", "{n} links")
        changes = counted(told.changes, "{n} change", "{n} changes")
        title = tr(
            "Erased as run {n}: {people} with {links}, and {changes}.",
            n=told.run or 0,
            people=people,
            links=links,
            changes=changes,
        )
        text = tr(
            "{runs} The receipt of run {n} holds these numbers. Files that were exported or delivered, and corrections "
            "kept with a mapping, are elsewhere: look there too.",
            runs=counted(told.runs, "{n} run can no longer be taken back.", "{n} runs can no longer be taken back."),
            n=told.run or 0,
        )
        self._editing.say(Banner("plain", text, title=title))
        self.done.emit(None)
