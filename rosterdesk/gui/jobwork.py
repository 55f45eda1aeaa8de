"""What can be done with a job, done in the background, and what is said of it above the page of jobs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from rosterdesk.errors import RosterDeskError
from rosterdesk.gui import theme
from rosterdesk.gui.widgets import Action, Banner, ErrorPanel, clear, column
from rosterdesk.gui.words import counted, tr
from rosterdesk.gui.worker import Task, Worker
from rosterdesk.gui.working import WorkLine
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.draft import Draft
    from rosterdesk.jobs.file import Job
    from rosterdesk.jobs.running import Ran


class JobWork(QWidget):
    """Hidden while there is nothing to say. `changed` when something was done, whatever came of it; `run_opened` has
    the number of a run to be looked at, `home_wanted` leads to the runs that wait, `change_wanted` carries the draft
    of a job; `directory_wanted` a job whose directory is to be shown, and what is to be done then.
    """

    changed = Signal()
    run_opened = Signal(int)
    home_wanted = Signal()
    change_wanted = Signal(object)
    directory_wanted = Signal(object, object)

    def __init__(self, worker: Worker) -> None:
        super().__init__()
        self._worker = worker
        self.directory: Directory | None = None  # that the window shows
        self._told = column()
        self._line = WorkLine()
        self._line.hide()
        inside = column(self._line, spacing=theme.INSIDE)
        inside.insertLayout(0, self._told)
        self.setLayout(inside)
        self._draw()

    def run_now(self, job: Job) -> None:
        """Run the job once, as at night."""
        from rosterdesk.jobs.running import run_job

        task = self._start(lambda run: run_job(job, run), partial(self._ran, job), decisive=True)
        self._line.follow(task)
        task.ended.connect(self._draw)
        self._draw()

    def pause(self, name: str) -> None:
        """Let it rest until it is resumed."""
        from rosterdesk.jobs import keeping

        self._start(lambda run: keeping.paused(name, rests=True), lambda _: None)  # the card shows it

    def resume(self, name: str) -> None:
        """Let it run again, and have the system start it."""
        from rosterdesk.jobs import keeping

        self._start(lambda run: keeping.scheduled(keeping.paused(name, rests=False)), self.notes)

    def schedule(self, job: Job) -> None:
        """Have the system start it."""
        from rosterdesk.jobs import keeping

        self._start(lambda run: keeping.scheduled(job), self.notes)

    def keep(self, job: Job, on_kept: Callable[[tuple[str, ...]], object]) -> None:
        """Save it as it is now."""
        from rosterdesk.jobs import keeping

        self._start(lambda run: keeping.kept(job), on_kept)

    def export(self, name: str, folder: Path) -> None:
        """Write a job's files into a folder."""
        from rosterdesk.jobs import keeping

        def done(files: tuple[Path, ...]) -> None:
            written = ", ".join(file.name for file in files)
            text = tr("{files} in {folder}. Secrets stay in this computer's keyring.", files=written, folder=folder)
            self.say("plain", tr("{name} is written", name=name), text)

        self._start(lambda run: keeping.exported(name, folder), done)

    def import_(self, path: Path) -> None:
        """Take over a job from a file."""
        from rosterdesk.jobs import keeping

        def done(job: Job) -> None:
            text = tr("It is paused: look at its source and its times, then resume it.")
            self.say("plain", tr("{name} is here", name=job.name), text)

        self._start(lambda run: keeping.imported(path), done)

    def copy(self, name: str, new: str) -> None:
        """Make a second job like this one."""
        from rosterdesk.jobs import keeping

        title = tr("{new} is like {name}, and paused", new=new, name=name)
        self._start(lambda run: keeping.copied(name, new), lambda _: self.say("plain", title, ""))

    def ask_remove(self, name: str) -> None:
        """Say what removing it means, and ask."""
        self.say(
            "warning",
            tr("Remove {name}?", name=name),
            tr("The computer does this upload no more. What its runs did stays, and so do its receipts."),
            Action(tr("Remove"), partial(self.remove, name)),
            Action(tr("Keep it"), self.hush),
        )

    def remove(self, name: str) -> None:
        """Forget a job for good."""
        from rosterdesk.jobs import keeping

        title = tr("{name} is removed", name=name)
        told = tr("What its runs did stays, and so do its receipts.")
        self._start(lambda run: keeping.removed(name), lambda _: self.say("plain", title, told))

    def change_source(self, job: Job) -> None:
        """Have the wizard opened on what the job reads, with its own mapping and the mends that were accepted."""
        from rosterdesk.draft import draft_of
        from rosterdesk.jobs.file import mapping_of
        from rosterdesk.pipeline import told

        def draft(run: Run) -> Draft:
            mapping = mapping_of(job)
            return draft_of(job, mapping, told(mapping))

        self._start(draft, self.change_wanted.emit)

    def in_its_directory(self, job: Job, act: Callable[[], object]) -> None:
        """Do something that concerns the job's directory: at once where the window shows it, else when it is opened."""
        from rosterdesk.jobs.filling import fills, place, place_name

        if self.directory is None or fills(job, self.directory):
            act()
            return
        text = tr(
            "It is {where}, and this window shows {shown}. What a run of it did or would do is seen there.",
            where=place_name(place(job)),
            shown=self.directory.where,
        )
        opened = Action(tr("Open that directory"), partial(self.directory_wanted.emit, job, act), primary=True)
        self.say("warning", tr("{name} uploads to another directory", name=job.name), text, opened, self._not_now)

    def refuse(self, error: RosterDeskError) -> None:
        """Say why something can't be done."""
        self.hush()
        panel = ErrorPanel(error)
        panel.dismissed.connect(self.hush)
        self._told.addWidget(panel)
        self._draw()

    def notes(self, notes: tuple[str, ...]) -> None:
        """Say what a person should know, if there is anything."""
        if notes:
            self.say("plain", "", " ".join(notes))

    def say(self, kind: str, title: str, text: str, *actions: Action) -> None:
        """Say something in place of what was said before."""
        self.hush()
        self._told.addWidget(Banner(kind, text, actions, title=title) if text else Banner(kind, title, actions))
        self._draw()

    def hush(self) -> None:
        """Say nothing any more."""
        clear(self._told)
        self._draw()

    @property
    def _not_now(self) -> Action:
        return Action(tr("Not now"), self.hush)

    def _ran(self, job: Job, ran: Ran) -> None:
        name = ran.job
        opened = partial(self.in_its_directory, job)
        look = [] if ran.run is None else [Action(tr("Look at it"), partial(opened, partial(self._look, ran.run)))]
        match ran.ended.value:
            case "done":
                total = sum(n for of in ran.counts.values() for n in of.values())
                text = counted(total, "{n} change was made.", "{n} changes were made.")
                self.say(
                    "plain", tr("{name} ran through", name=name), text if total else tr("Nothing has changed."), *look
                )
            case "held":
                decide = Action(tr("Decide on Home"), partial(opened, self.home_wanted.emit), True)
                self.say("warning", tr("{name} waits for you", name=name), ran.title, decide)
            case "rested":
                self.say("plain", tr("{name} rested", name=name), ran.title)
            case _:
                self.say("error", tr("{name} could not finish", name=name), f"{ran.title} {ran.advice}".strip())

    def _draw(self) -> None:
        self.setVisible(self._told.count() > 0 or not self._line.isHidden())

    def _look(self, number: int) -> None:
        self.run_opened.emit(number)

    def _start(
        self, work: Callable[[Run], Any], on_success: Callable[[Any], object], *, decisive: bool = False
    ) -> Task:
        """Have it done; whatever comes of it, the jobs are looked up anew."""
        self.hush()
        task = self._worker.start(work, on_success=on_success, on_failure=self.refuse, owner=self, decisive=decisive)
        task.ended.connect(self.changed)
        return task
