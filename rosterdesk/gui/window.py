"""The main window: the way between its pages, the directory that they show, and the wizard when an upload is made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from rosterdesk.errors import RosterDeskError
from rosterdesk.gui.directories import Directories, Then
from rosterdesk.gui.drop import dropped_files
from rosterdesk.gui.helping import Topic
from rosterdesk.gui.notices import Notices
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.pages.home import HomePage
from rosterdesk.gui.places import Places
from rosterdesk.gui.remembered import settings
from rosterdesk.gui.way import Way
from rosterdesk.gui.widgets import Action, column, row
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Task, Worker

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.history import PastRun
    from rosterdesk.draft import Draft
    from rosterdesk.gui.wizard import Wizard

_SIZE = QSize(1080, 720)
_SMALLEST = QSize(900, 600)
_PATIENCE = 10.0  # seconds that closing waits for work that is stopping


class MainWindow(Directories, Places, QMainWindow):
    """Home, directory and reports beside the way to them; the wizard in place of all when an upload is made.

    `worker` does what changes things, one after the other; a reader and a searcher of its own look things up meanwhile.
    """

    def __init__(self, worker: Worker, opening: Opening) -> None:
        super().__init__()
        self.setWindowTitle(tr("RosterDesk"))
        self.setMinimumSize(_SMALLEST)
        self.setAcceptDrops(True)
        self._worker = worker
        self._reader = Worker(self, name="reader")
        self._searcher = Worker(self, name="searcher")
        self._opening = self._first = opening
        self._directory: Directory | None = None
        self._known: list[tuple[Opening, Directory]] = []
        self._then: Then | None = None
        self._under_way: tuple[Opening, Task] | None = None
        self._waiting: Draft | None = None
        self.wizard: Wizard | None = None
        self._goes_back = False  # to the onboarding, when the upload ends
        self._settings = settings()
        self.home = HomePage(self._reader)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.home)
        self.way = Way()
        self.notices = Notices()
        self._desk = QWidget()
        desk = row(self.way, self.pages, spacing=0)
        desk.setStretch(1, 1)
        self._desk.setLayout(desk)
        self._whole = QStackedWidget()
        self._whole.addWidget(self._desk)
        everything = QWidget()
        everything.setLayout(column(self.notices, self._whole, spacing=0))
        self.setCentralWidget(everything)
        self._connect()
        self.resize(_SIZE)
        geometry = self._settings.value("geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)

    def show_wizard(self, draft: Draft | None = None) -> None:
        """Make an upload, of the files in the draft if it has any."""
        from rosterdesk.draft import Draft

        if self._directory is None:  # still being opened, or locked: the upload waits for it
            self._waiting = draft or Draft()
            return
        wizard = self.make_wizard()
        if wizard.busy:
            return
        self._whole.setCurrentWidget(wizard)
        job = draft.job if draft is not None else ""
        self.setWindowTitle(tr("Change {name}", name=job) if job else tr("New upload"))
        wizard.begin(draft or Draft(), self._directory.where, usual=self._shows_own)

    def make_wizard(self) -> Wizard:
        """The wizard, made if it is not there yet; its pages follow while nothing is worked at."""
        if self.wizard is None:
            from rosterdesk.gui.wizard import Wizard

            self.wizard = Wizard(self._worker, self._opened_directory)
            self.wizard.finished.connect(self._leave_wizard)
            self.wizard.directory_wanted.connect(self.go_on_at)
            self._whole.addWidget(self.wizard)
        return self.wizard

    def show_onboarding(self) -> None:
        """Guide a school entered by hand to its SIS, from where the directory stands."""
        if self._directory is None:
            return
        self._whole.setCurrentWidget(self.onboarding)
        self.setWindowTitle(tr("Switch to your SIS"))
        self.onboarding.begin()

    @property
    def busy(self) -> bool:
        """Whether anything is being done or looked up."""
        return self._worker.busy or self._reader.busy or self._searcher.busy

    def show_page(self, page: QWidget) -> None:
        """Go to one of the pages, and bring it up to date."""
        self._whole.setCurrentWidget(self._desk)
        self.setWindowTitle(tr("RosterDesk"))
        made = vars(self)
        if self._directory is None and "locked" in made:
            page = self.locked  # nothing else can be shown yet
        self.pages.setCurrentWidget(page)
        of_directory = page in [made[name] for name in ("directory", "settings", "rollover") if name in made]
        others = {"jobs": self.way.jobs, "connections": self.way.connections}
        other = next((place for name, place in others.items() if page is made.get(name)), self.way.home)
        self.way.mark(self.way.directory if of_directory else other)
        page.setFocus()
        self.refresh()

    def show_run(self, number: int) -> None:
        """Show the report of a run."""
        if self._directory is not None:
            self.show_page(self.report)
            self.report.show_run(self._directory, number)

    def show_held(self, past: PastRun, choice: str = "") -> None:
        """Show a run that waits for a person, and what they would do about it."""
        if self._directory is not None:
            self.show_page(self.held)
            self.held.show_held(self._directory, past, choice)

    def show_settings(self, school: int) -> None:
        """Show the settings of a school, or of the district (0)."""
        if self._directory is not None:
            self.show_page(self.settings)
            self.settings.show_settings(self._directory, school)

    def show_help(self, topic: Topic = Topic.HELP) -> None:
        """Show a topic of the help; a locked directory hinders nobody."""
        self._whole.setCurrentWidget(self._desk)
        self.pages.setCurrentWidget(self.help)
        self.way.mark(None)
        self.help.show_topic(topic)
        self.help.setFocus()

    def refresh(self) -> None:
        """Look up anew what the page shows."""
        shown = self.pages.currentWidget()
        if self._directory is not None and (look_up := getattr(shown, "show_directory", None)) is not None:
            look_up(self._directory)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what is going on: a push either has happened or has not."""
        self._settings.setValue("geometry", self.saveGeometry())
        if self.wizard is not None:
            self.wizard.close_upload()
        self._searcher.close(_PATIENCE)
        self._reader.close(_PATIENCE)
        self._worker.close(_PATIENCE)
        if self.wizard is not None:
            self.wizard.close_upload(now=True)
        if "onboarding" in vars(self):
            self.onboarding.close_work(now=True)
        if "report" in vars(self):
            self.report.forget()
        self.close_directories()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if files := dropped_files(event.mimeData()):
            event.acceptProposedAction()
            self._upload(files)

    def _connect(self) -> None:
        self._worker.failed.connect(self.show_error)
        self._reader.failed.connect(self.show_error)
        self._searcher.failed.connect(self.show_error)
        self.way.home.clicked.connect(lambda _=False: self.show_page(self.home))
        self.way.directory.clicked.connect(lambda _=False: self.show_page(self.directory))
        self.way.jobs.clicked.connect(lambda _=False: self.show_page(self.jobs))
        self.way.connections.clicked.connect(lambda _=False: self.show_page(self.connections))
        self.home.sections.connections_wanted.connect(lambda: self.show_page(self.connections))
        self.home.jobs_wanted.connect(lambda: self.show_page(self.jobs))
        self.home.directory_wanted.connect(self.show_directory_of)
        self.way.own.clicked.connect(lambda _=False: self.turn_to(self._first))
        self.way.upload.clicked.connect(lambda _=False: self.show_wizard())
        self.home.upload_wanted.connect(self._upload)
        self.home.onboarding_wanted.connect(self.show_onboarding)
        self.home.pasted.connect(self._upload_pasted)
        self.home.run_opened.connect(self.show_run)
        self.home.held_opened.connect(self.show_held)
        self.way.help.asked.connect(self.show_help)
        for keys, act in (
            ("Ctrl+N", lambda: self._upload(())),
            ("Ctrl+1", lambda: self.show_page(self.home)),
            ("Ctrl+2", lambda: self.show_page(self.directory)),
            ("Ctrl+3", lambda: self.show_page(self.jobs)),
            ("Ctrl+4", lambda: self.show_page(self.connections)),
            ("F1", self.show_help),
            ("F5", self.refresh),
        ):
            QShortcut(QKeySequence(keys), self._desk).activated.connect(act)
        QShortcut(QKeySequence.StandardKey.Quit, self).activated.connect(self.close)

    def _upload(self, files: Sequence[Path]) -> None:
        self._goes_back = False
        from rosterdesk.draft import Draft

        self.show_wizard(Draft(sources=tuple(files)))

    def _upload_pasted(self, text: str) -> None:
        from rosterdesk.gui.pages.source import SourcePage

        self.show_wizard()
        if self.wizard is not None and isinstance(source := self.wizard.page, SourcePage):
            source.drop.pasted.emit(text)

    def show_error(self, error: RosterDeskError, actions: Sequence[Action] = ()) -> None:
        """Show an error that belongs to no page, above them all; the latest one."""
        self.notices.show_error(error, actions)

    def clear_error(self) -> None:
        """Nothing is wrong any more."""
        self.notices.clear()

    def _leave_wizard(self, draft: Draft) -> None:
        assert self.wizard is not None
        self.wizard.close_upload()
        if self._goes_back:
            self._goes_back = False
            if draft.receipt is not None:
                self.onboarding.use(draft.sources)
            self.show_onboarding()
            return
        self.show_page(self.jobs if draft.job else self.home)
        if draft.kept:
            self.jobs.say_changed(draft.job)

    def _leave_onboarding(self, page: QWidget) -> None:
        self.onboarding.close_work()
        self.show_page(page)

    def _upload_and_back(self, files: Sequence[Path]) -> None:
        from rosterdesk.gui.unfinished import unfinished

        where = self._directory.where if self._directory is not None else ""
        left = unfinished(where)  # on another day, the upload of the same files goes on where it was
        if left is not None and left.sources == tuple(files):
            self.show_wizard(left)
        else:
            self._upload(files)
        self._goes_back = True
