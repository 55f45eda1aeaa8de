"""The page of saved jobs: what the computer does by itself, how it went, and everything a person can do about it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QInputDialog, QStackedWidget, QVBoxLayout, QWidget

from rosterdesk.gui import jobcard, theme
from rosterdesk.gui.jobcard import JobCard
from rosterdesk.gui.jobform import JobForm
from rosterdesk.gui.jobslook import Looked, look_up
from rosterdesk.gui.jobwork import JobWork
from rosterdesk.gui.widgets import (
    Action,
    Banner,
    EmptyState,
    TitleBlock,
    button,
    clear,
    row,
    scrolled,
)
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Worker

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.jobs.file import Job


class JobsPage(QWidget):
    """`upload_wanted` carries the sources to upload by hand (none: nothing is chosen yet), `run_opened` the number of a
    run that a person wants to look at; `home_wanted` leads to the runs that wait.
    """

    upload_wanted = Signal(object)
    run_opened = Signal(int)
    home_wanted = Signal()
    change_wanted = Signal(object)  # Draft
    directory_wanted = Signal(object, object)  # Job, and what is to be done when its directory is shown

    def __init__(self, worker: Worker, reader: Worker) -> None:
        super().__init__()
        self._reader = reader
        self._directory: Directory | None = None
        self.looked = Looked((), ())
        self.cards: dict[str, JobCard] = {}
        self.form: JobForm | None = None
        self.title = TitleBlock(tr("Jobs"), tr("Uploads that this computer does by itself, and how they went."))
        self.bring = button(tr("Import a job"), self._ask_import, icon="folder")
        self.upload = button(tr("New upload"), lambda: self.upload_wanted.emit(()), icon="upload")
        self.doing = JobWork(worker)
        self.doing.changed.connect(self.look)
        self.doing.run_opened.connect(self.run_opened)
        self.doing.home_wanted.connect(self.home_wanted)
        self.doing.change_wanted.connect(self.change_wanted)
        self.doing.directory_wanted.connect(self.directory_wanted)
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
        inside.addWidget(self.doing)
        inside.addWidget(self._whole, 1)

    def show_directory(self, directory: Directory) -> None:
        """Look again; the jobs belong to the person, not to the directory."""
        self._directory = self.doing.directory = directory
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
            card.run_opened.connect(partial(self._look_at, look.known.job))
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
        self.doing.hush()
        self.form = JobForm(job)
        self.form.saved.connect(self._keep)
        self.form.refused.connect(self.doing.refuse)
        self.form.left.connect(self._leave_form)
        self.form.look_back(self._directory, self._reader)
        self._whole.addWidget(scrolled(self.form))
        self._whole.setCurrentIndex(1)
        self.title.say(tr("Change {name}", name=job.name), tr("The source and the mapping stay as they are."))
        self.bring.hide()
        self.upload.hide()

    def change_source(self, job: Job) -> None:
        """Have the wizard opened on what the job reads, in the directory that it fills."""
        self.doing.in_its_directory(job, partial(self.doing.change_source, job))

    def say_changed(self, name: str) -> None:
        """Say that a job was changed in the wizard."""
        text = tr("From its next run on it reads like this. “Run now” does it at once.")
        self.doing.say("plain", tr("{name} is changed", name=name), text)

    def _do(self, what: str, name: str) -> None:
        job = self.cards[name].look.known.job
        match what:
            case "run":
                self.doing.run_now(job)
            case jobcard.PAUSE:
                self.doing.pause(name)
            case jobcard.RESUME:
                self.doing.resume(name)
            case jobcard.SCHEDULE:
                self.doing.schedule(job)
            case jobcard.EDIT | jobcard.SOURCE:
                self.edit(job) if what == jobcard.EDIT else self.change_source(job)
            case jobcard.UPLOAD:
                sources = tuple(map(Path, job.sources))
                self.doing.in_its_directory(job, partial(self.upload_wanted.emit, sources))
            case jobcard.COPY:
                new, sure = QInputDialog.getText(self, tr("Copy"), tr("Name of the copy"), text=f"{name}-2")
                if sure and new.strip():
                    self.doing.copy(name, new.strip())
            case jobcard.EXPORT:
                if folder := QFileDialog.getExistingDirectory(self, tr("Where the job's files go")):
                    self.doing.export(name, Path(folder))
            case jobcard.REMOVE:
                self.doing.ask_remove(name)

    def _look_at(self, job: Job, number: int) -> None:
        self.doing.in_its_directory(job, partial(self.run_opened.emit, number))

    def _keep(self, job: Job) -> None:
        self.doing.keep(job, self._kept)

    def _kept(self, notes: tuple[str, ...]) -> None:
        self._leave_form()
        self.doing.notes(notes)

    def _leave_form(self) -> None:
        self.doing.hush()
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
            self.doing.import_(Path(path))


__all__ = ["JobsPage"]
