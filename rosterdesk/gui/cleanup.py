"""Cleaning up in the window: what is older than it is kept here is counted and said first, and a number typed before it
goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rosterdesk.gui.editing import Editing
from rosterdesk.gui.forever import LastQuestion
from rosterdesk.gui.widgets import Banner
from rosterdesk.gui.words import counted, date, tr, when
from rosterdesk.gui.worker import Worker
from rosterdesk.gui.working import WorkLine

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.jobs.removals import Cleaned, Foreseen
    from rosterdesk.run import Run


class CleanUp(QObject):
    """Asks and answers where the page says what was done (`Editing`). `done` when something was removed."""

    done = Signal()

    def __init__(self, editing: Editing, worker: Worker, reader: Worker) -> None:
        super().__init__(editing)
        self._editing, self._worker, self._reader = editing, worker, reader
        self.question: LastQuestion | None = None

    def begin(self, directory: Directory) -> None:
        """Count what would be removed, and ask."""
        from rosterdesk.jobs import retention

        self._editing.say(None)
        self._reader.start(
            lambda run: retention.foresee(directory, run),
            on_success=lambda found: self._ask(directory, found),
            on_failure=self._editing.fail,
            owner=self,
            key="count",
        )

    def _ask(self, directory: Directory, found: Foreseen, before: str = "") -> None:
        """Ask whether that should go; `before` is said first."""
        changes, others = found.history.changes, _others(found)
        if not found.history.runs and not others:
            self._editing.say(Banner("plain", " ".join(filter(None, (before, _nothing(found))))))
            return
        of = counted(changes, "{n} change", "{n} changes")
        runs = counted(
            found.history.runs, "{n} run can no longer be taken back.", "{n} runs can no longer be taken back."
        )
        day = date(found.history.edge)
        forgets = tr("This forgets the personal data of {changes} from before {day}.", changes=of, day=day)
        stays = tr("It can't be undone. {runs} No record changes, and the numbers of each run stay.", runs=runs)
        if others:
            title = " ".join(filter(None, (before, tr("This removes what is older than it is kept here."))))
            end = stays if found.history.runs else tr("It can't be undone. No record changes.")
            lines = [*([forgets] if found.history.runs else []), *others, end]
            things = changes + found.others
            verb = counted(things, "Remove {n} thing", "Remove {n} things")
            self.question = LastQuestion(title, "\n".join(lines), str(things), verb)
        else:
            title = " ".join(filter(None, (before, forgets)))
            self.question = LastQuestion(title, stays, str(changes), tr("Forget {changes}", changes=of))
        self.question.confirmed.connect(lambda: self._remove(directory, found))
        self.question.left.connect(lambda: self._editing.say(None))
        self._editing.say(self.question)

    def _remove(self, directory: Directory, found: Foreseen) -> None:
        from rosterdesk.errors import DirectoryChanged
        from rosterdesk.jobs import retention

        def removed(run: Run) -> Cleaned | Foreseen:
            try:
                return retention.clean_up(directory, run, agreed=found)
            except DirectoryChanged:
                return retention.foresee(directory, run)

        work = WorkLine()
        self._editing.say(work)
        task = self._worker.start(
            removed,
            on_success=lambda told: self._removed(directory, told),
            on_failure=self._editing.fail,
            owner=self,
            decisive=True,
        )
        task.cancelled.connect(lambda: self._editing.say(Banner("plain", tr("Stopped. What is left waits."))))
        work.follow(task)

    def _removed(self, directory: Directory, told: Cleaned | Foreseen) -> None:
        from rosterdesk.jobs.removals import Foreseen

        if isinstance(told, Foreseen):
            self._ask(directory, told, tr("It has changed since it was counted, and nothing was removed."))
        else:
            self._tell(told)

    def _tell(self, told: Cleaned) -> None:
        title, *more = [*_done(told), *told.faults, *told.unsent] or [tr("There was nothing left to remove.")]
        if told.by:
            numbers = ", ".join(map(str, told.by))
            more.append(
                tr("The receipt of run {n} holds these numbers.", n=numbers)
                if len(told.by) == 1
                else tr("The receipts of runs {n} hold these numbers.", n=numbers)
            )
        self._editing.say(Banner("warning" if told.faults else "plain", "\n".join(more), title=title))
        if told.by or told.discarded:
            self.done.emit()


def _others(found: Foreseen) -> list[str]:
    """What beside the history would go, in sentences."""
    said = [
        tr("Run {n} waits for a person since {when}: it is discarded.", n=past.number, when=when(past.started))
        for past in found.overdue
    ]
    if found.staged:
        files = counted(found.staged, "{n} file", "{n} files")
        said.append(tr("The upload that was not finished is removed, with {files}.", files=files))
    for one in found.lying:
        where = {"outlet": one.delivered.outlet, "n": one.run}
        if one.files is None:
            said.append(tr("The files that run {n} delivered to {outlet} are removed.", **where))
        else:
            files = counted(one.files, "{n} file", "{n} files")
            said.append(tr("{files} that run {n} delivered to {outlet} are removed.", files=files, **where))
    return said


def _nothing(found: Foreseen) -> str:
    if not found.history.months:
        return tr(
            "History is kept for ever here. Nothing else is older than it is kept. Set how long that is, and save it "
            "first."
        )
    return tr("There is nothing to clean up from before {day}.", day=date(found.history.edge))


def _done(told: Cleaned) -> list[str]:
    """What was done, in sentences."""
    said = []
    history = told.history
    if history.run is not None:
        of = counted(history.changes, "{n} change", "{n} changes")
        said.append(tr("Forgotten as run {n}: {changes} of {runs} runs.", n=history.run, changes=of, runs=history.runs))
    said += [tr("Run {n} waited too long, and was discarded.", n=number) for number in told.discarded]
    if told.staged:
        files = counted(told.staged, "{n} file was", "{n} files were")
        said.append(tr("{files} removed of work that was not finished, or killed.", files=files))
    for outlet, count in told.delivered.items():
        files = counted(count, "{n} file was", "{n} files were")
        said.append(tr("{files} removed from {outlet}.", files=files, outlet=outlet))
    return said
