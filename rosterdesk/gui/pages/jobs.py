"""The page of saved jobs: what the computer does by itself, how it went, and everything a person can do about it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QInputDialog, QStackedWidget, QVBoxLayout, QWidget

from rosterdesk.errors import RosterDeskError
from rosterdesk.gui import jobcard, theme
from rosterdesk.gui.jobcard import JobCard
from rosterdesk.gui.jobform import JobForm
from rosterdesk.gui.jobslook import Looked, look_up
from rosterdesk.gui.widgets import (
    Action,
    Banner,
    EmptyState,
    ErrorPanel,
    TitleBlock,
    button,
    clear,
    column,
    row,
    scrolled,
)
from rosterdesk.gui.words import counted, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.gui.working import WorkLine
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.draft import Draft
    from rosterdesk.jobs.file import Job
    from rosterdesk.jobs.running import Ran


class JobsPage(QWidget):
    """`upload_wanted` carries the sources to upload by hand (none: nothing is chosen yet), `run_opened` the number of a
    run that a person wants to look at; `home_wanted` leads to the runs that wait.
    """

    upload_wanted = Signal(object)
    run_opened = Signal(int)
    home_wanted = Signal()
    change_wanted = Signal(object)  # Draft

    def __init__(self, worker: Worker, reader: Worker) -> None:
        super().__init__()
        self._worker, self._reader = worker, reader
        self._directory: Directory | None = None
        self.looked = Looked((), ())
        self.cards: dict[str, JobCard] = {}
        self.form: JobForm | None = None
        self.title = TitleBlock(tr("Jobs"), tr("Uploads that this computer does by itself, and how they went."))
        self.bring = button(tr("Import a job"), self._ask_import, icon="folder")
        self.upload = button(tr("New upload"), lambda: self.upload_wanted.emit(()), icon="upload")
        self.told = column()
        self.work = WorkLine()
        self.work.hide()
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.BETWEEN)
        self._list.setContentsMargins(0, 0, theme.INSIDE, 0)
        body = QWidget()
        body.setLayout(self._list)
        self._whole = QStackedWidget()
        self._whole.addWidget(scrolled(body))
        inside = QVBoxLayout(self)
        inside.setContentsMargins(theme.AROUND, theme.AROUND, theme.AROUND, theme.BETWEEN)
        inside.setSpacing(theme.BETWEEN)
        head = row(self.title, self.bring, self.upload)
        head.setStretch(0, 1)
        inside.addLayout(head)
        inside.addLayout(self.told)
        inside.addWidget(self.work)
        inside.addWidget(self._whole, 1)

    def show_directory(self, directory: Directory) -> None:
        """Look again; the jobs belong to the person, not to the directory."""
        self._directory = directory
        self.look()

    def look(self) -> None:
        """Look up the jobs anew."""
        self._reader.start(look_up, on_success=self.show_jobs, owner=self, key="jobs")

    def show_jobs(self, looked: Looked) -> None:
        """Draw what was looked up. Receipts that are open stay so only where nothing has changed."""
        if looked == self.looked and self._list.count():
            return
        self.looked, self.cards = looked, {}
        clear(self._list)
        for title, text in looked.damaged:
            self._list.addWidget(Banner("error", text, title=title))
        for look in looked.jobs:
            card = JobCard(look)
            card.wanted.connect(self._do)
            card.run_opened.connect(self.run_opened)
            self.cards[look.known.job.name] = card
            self._list.addWidget(card)
        if not looked.jobs:
            act = Action(tr("New upload"), lambda: self.upload_wanted.emit(()), True)
            text = tr("Make an upload by hand once. On its last page you can have it done every night.")
            self._list.addWidget(EmptyState("clock", text, act, title=tr("There is no job yet")), 1)
        else:
            self._list.addStretch(1)

    def edit(self, job: Job) -> None:
        """Show the form of a job in place of the list."""
        self._hush()
        self.form = JobForm(job)
        self.form.saved.connect(self._keep)
        self.form.refused.connect(self._refused)
        self.form.left.connect(self._leave_form)
        self.form.look_back(self._directory, self._reader)
        self._whole.addWidget(scrolled(self.form))
        self._whole.setCurrentIndex(1)
        self.title.say(tr("Change {name}", name=job.name), tr("The source and the mapping stay as they are."))
        self.bring.hide()
        self.upload.hide()

    def change_source(self, job: Job) -> None:
        """Have the wizard opened on what the job reads, with its own mapping and the mends that were accepted."""
        from rosterdesk.draft import draft_of
        from rosterdesk.jobs.file import mapping_of
        from rosterdesk.pipeline import told

        def draft(run: Run) -> Draft:
            mapping = mapping_of(job)
            return draft_of(job, mapping, told(mapping))

        self._start(draft, self.change_wanted.emit)

    def say_changed(self, name: str) -> None:
        """Say that a job was changed in the wizard."""
        text = tr("From its next run on it reads like this. “Run now” does it at once.")
        self._say("plain", tr("{name} is changed", name=name), text)

    def export(self, name: str, folder: Path) -> None:
        """Write a job's files into a folder."""
        from rosterdesk.jobs import keeping

        def done(files: tuple[Path, ...]) -> None:
            written = ", ".join(file.name for file in files)
            text = tr("{files} in {folder}. Secrets stay in this computer's keyring.", files=written, folder=folder)
            self._say("plain", tr("{name} is written", name=name), text)

        self._start(lambda run: keeping.exported(name, folder), done)

    def import_(self, path: Path) -> None:
        """Take over a job from a file."""
        from rosterdesk.jobs import keeping

        def done(job: Job) -> None:
            text = tr("It is paused: look at its source and its times, then resume it.")
            self._say("plain", tr("{name} is here", name=job.name), text)

        self._start(lambda run: keeping.imported(path), done)

    def copy(self, name: str, new: str) -> None:
        """Make a second job like this one."""
        from rosterdesk.jobs import keeping

        title = tr("{new} is like {name}, and paused", new=new, name=name)
        self._start(lambda run: keeping.copied(name, new), lambda _: self._say("plain", title, ""))

    def remove(self, name: str) -> None:
        """Forget a job for good."""
        from rosterdesk.jobs import keeping

        title = tr("{name} is removed", name=name)
        told = tr("What its runs did stays, and so do its receipts.")
        self._start(lambda run: keeping.removed(name), lambda _: self._say("plain", title, told))

    def _do(self, what: str, name: str) -> None:
        from rosterdesk.jobs import keeping

        job = self.cards[name].look.known.job
        match what:
            case "run":
                self._run_now(job)
            case jobcard.PAUSE:
                self._start(lambda run: keeping.paused(name, rests=True), self._quietly)
            case jobcard.RESUME:
                self._start(lambda run: keeping.scheduled(keeping.paused(name, rests=False)), self._notes)
            case jobcard.SCHEDULE:
                self._start(lambda run: keeping.scheduled(job), self._notes)
            case jobcard.EDIT | jobcard.SOURCE:
                self.edit(job) if what == jobcard.EDIT else self.change_source(job)
            case jobcard.UPLOAD:
                self.upload_wanted.emit(tuple(map(Path, job.sources)))
            case jobcard.COPY:
                new, sure = QInputDialog.getText(self, tr("Copy"), tr("Name of the copy"), text=f"{name}-2")
                if sure and new.strip():
                    self.copy(name, new.strip())
            case jobcard.EXPORT:
                if folder := QFileDialog.getExistingDirectory(self, tr("Where the job's files go")):
                    self.export(name, Path(folder))
            case jobcard.REMOVE:
                self._say(
                    "warning",
                    tr("Remove {name}?", name=name),
                    tr("The computer does this upload no more. What its runs did stays, and so do its receipts."),
                    Action(tr("Remove"), partial(self.remove, name)),
                    Action(tr("Keep it"), self._hush),
                )

    def _run_now(self, job: Job) -> None:
        from rosterdesk.jobs.running import run_job

        task = self._start(lambda run: run_job(job, run), self._ran, decisive=True)
        self.work.follow(task)

    def _ran(self, ran: Ran) -> None:
        name = ran.job
        look = [] if ran.run is None else [Action(tr("Look at it"), partial(self.run_opened.emit, ran.run))]
        match ran.ended.value:
            case "done":
                total = sum(n for of in ran.counts.values() for n in of.values())
                text = counted(total, "{n} change was made.", "{n} changes were made.")
                self._say(
                    "plain", tr("{name} ran through", name=name), text if total else tr("Nothing has changed."), *look
                )
            case "held":
                look = [Action(tr("Decide on Home"), self.home_wanted.emit, True)]
                self._say("warning", tr("{name} waits for you", name=name), ran.title, *look)
            case "rested":
                self._say("plain", tr("{name} rested", name=name), ran.title)
            case _:
                self._say("error", tr("{name} could not finish", name=name), f"{ran.title} {ran.advice}".strip())

    def _keep(self, job: Job) -> None:
        from rosterdesk.jobs import keeping

        self._start(lambda run: keeping.kept(job), self._kept)

    def _kept(self, notes: tuple[str, ...]) -> None:
        self._leave_form()
        self._notes(notes)

    def _leave_form(self) -> None:
        self._hush()
        if (shown := self._whole.widget(1)) is not None:
            self._whole.removeWidget(shown)
            shown.deleteLater()
        self.form = None
        self.title.say(tr("Jobs"), tr("Uploads that this computer does by itself, and how they went."))
        self.bring.show()
        self.upload.show()

    def _ask_import(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, tr("Import a job"), "", tr("Jobs (*.toml)"))
        if path:
            self.import_(Path(path))

    def _start(
        self,
        work: Callable[[Run], Any],
        on_success: Callable[[Any], object],
        *,
        decisive: bool = False,
    ) -> Any:
        """Have it done; whatever comes of it, the jobs are looked up anew."""
        self._hush()
        task = self._worker.start(work, on_success=on_success, on_failure=self._refused, owner=self, decisive=decisive)
        task.ended.connect(self.look)
        return task

    def _refused(self, error: RosterDeskError) -> None:
        self._hush()
        panel = ErrorPanel(error)
        panel.dismissed.connect(self._hush)
        self.told.addWidget(panel)

    def _quietly(self, _: object) -> None:
        """Nothing is to be said: the card shows it."""

    def _notes(self, notes: tuple[str, ...]) -> None:
        if notes:
            self._say("plain", "", " ".join(notes))

    def _say(self, kind: str, title: str, text: str, *actions: Action) -> None:
        self._hush()
        self.told.addWidget(Banner(kind, text, actions, title=title) if text else Banner(kind, title, actions))

    def _hush(self) -> None:
        clear(self.told)


__all__ = ["JobsPage"]
