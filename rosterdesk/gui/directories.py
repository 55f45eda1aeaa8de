"""What the main window has of directories: the one that it shows, and how it comes to show another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rosterdesk import paths
from rosterdesk.errors import HeldError, RosterDeskError, SecretError
from rosterdesk.gui.opening import Opening, opening_at, opening_of
from rosterdesk.gui.widgets import Action
from rosterdesk.gui.words import tr
from rosterdesk.run import Run

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QStackedWidget, QWidget

    from rosterdesk.directory.engine import Directory
    from rosterdesk.draft import Draft
    from rosterdesk.gui.notices import Notices
    from rosterdesk.gui.pages.home import HomePage
    from rosterdesk.gui.pages.locked import LockedPage
    from rosterdesk.gui.way import Way
    from rosterdesk.gui.wizard import Wizard
    from rosterdesk.gui.worker import Task, Worker
    from rosterdesk.jobs.file import Job

Then = Callable[[], object]


class Directories:
    """The window begins with one directory, mostly the person's own, and may show those that jobs fill. Each stays open
    until the window closes, so that it can go back without asking for a key again.
    """

    home: HomePage
    notices: Notices
    pages: QStackedWidget
    way: Way
    wizard: Wizard | None
    _desk: QWidget
    _directory: Directory | None
    _first: Opening
    _goes_back: bool
    _known: list[tuple[Opening, Directory]]
    _opening: Opening
    _reader: Worker
    _settings: QSettings
    _then: Then | None
    _under_way: tuple[Opening, Task] | None  # the directory that is being opened
    _waiting: Draft | None
    _whole: QStackedWidget
    _worker: Worker

    if TYPE_CHECKING:  # the window's own

        @property
        def locked(self) -> LockedPage: ...
        def clear_error(self) -> None: ...
        def forget_pages(self) -> None: ...
        def show_error(self, error: RosterDeskError, actions: Sequence[Action] = ()) -> None: ...
        def show_page(self, page: QWidget) -> None: ...
        def show_wizard(self, draft: Draft | None = None) -> None: ...

    def open_directory(self, opening: Opening | None = None) -> None:
        """Open the directory in the background; ask for its key where there is none."""
        tried = opening or self._opening
        self._open_no_more()
        # Decisive: what was opened although it is wanted no more must be known, to be closed with the window.
        task = self._reader.start(
            tried,
            on_success=lambda directory: self._arrived(task, tried, directory),
            on_failure=lambda error: self._not_arrived(task, tried, error),
            owner=self,  # type: ignore[arg-type]  # the window, which is one
            decisive=True,
        )
        self._under_way = tried, task

    def show_directory_of(self, job: Job, then: Then | None = None) -> None:
        """Show the directory that a job fills, and then do what was wanted there."""
        self.turn_to(opening_of(job), then)

    def go_on_at(self, where: str) -> None:
        """Leave the wizard, in which nothing is begun, for the upload that was not finished in another directory."""
        from rosterdesk.gui.unfinished import unfinished

        opened = (known for known, directory in self._known if paths.address(directory.where) == where)
        opening = next(opened, None) or opening_at(where)
        self._goes_back = False
        self.show_page(self.home)
        if opening is None:
            advice = tr("Start RosterDesk with the address of that directory, and its password.")
            self.show_error(HeldError(tr("The password of {where} is not known here.", where=where), advice))
            return
        self.turn_to(opening, lambda: self.show_wizard(unfinished(where)))

    def turn_to(self, opening: Opening, then: Then | None = None) -> None:
        """Show another directory, unless something is being done in this one."""
        if why := self._in_use():
            again = Action(tr("Open {name}", name=opening.name), lambda: self.turn_to(opening, then))
            self.show_error(why, [again])
            return
        self._then = then
        for known, directory in self._known:
            if known.where == opening.where:
                self._open_no_more()
                self._opened(known, directory)
                return
        self.open_directory(opening)

    def _in_use(self) -> HeldError | None:
        """Why another directory can't be shown now; None: it can."""
        if self._directory is None:
            return None
        if self._worker.busy:
            advice = tr("Wait until it has ended, or stop it, and try again.")
            return HeldError(tr("Something is still being done in this directory."), advice)
        if self._whole.currentWidget() is not self._desk:  # but the upload, or the switch to the SIS
            advice = tr("Finish it or close it, and try again.")
            return HeldError(tr("You are in the middle of something in this directory."), advice)
        return None

    @property
    def _shows_own(self) -> bool:
        """Whether the directory that is shown is the one that the window began with."""
        return self._opening.where == self._first.where

    def close_directories(self) -> None:
        """Close all that were opened; nothing works on them any more."""
        for _, directory in self._known:
            directory.close()

    def _opened_directory(self, run: Run) -> Directory:
        """The open directory, for the wizard's stages."""
        assert self._directory is not None
        return self._directory

    def _open_no_more(self) -> None:
        """Something else is wanted than what is being opened."""
        if self._under_way is not None:
            _, task = self._under_way
            self._under_way = None
            task.cancel()

    def _is_wanted(self, task: Task) -> bool:
        """Whether this opening is still the latest wish; it is under way no more."""
        if self._under_way is None or self._under_way[1] is not task:
            return False
        self._under_way = None
        return True

    def _arrived(self, task: Task, opening: Opening, directory: Directory) -> None:
        """A directory is open now, which may take so long that the person is at something else."""
        self._known.append((opening, directory))
        if not self._is_wanted(task):
            return
        if why := self._in_use():
            self._offer(opening, tr("{name} is open now, and can be shown.", name=opening.name), why)
        else:
            self._opened(opening, directory)

    def _not_arrived(self, task: Task, opening: Opening, error: RosterDeskError) -> None:
        if not self._is_wanted(task):
            return
        if isinstance(error, SecretError) and (why := self._in_use()):  # its page would hide what the person is at
            self._offer(opening, error.title, why)
        else:
            self._not_opened(opening, error)

    def _offer(self, opening: Opening, title: str, why: HeldError) -> None:
        """Say that the directory can be shown later, and keep what was wanted there until then."""
        then, self._then = self._then, None
        show = Action(tr("Open {name}", name=opening.name), lambda: self.turn_to(opening, then))
        self.notices.show_news(title, f"{why.title} {why.advice}", show)

    def _opened(self, opening: Opening, directory: Directory) -> None:
        if self._directory is not None and self._directory is not directory:
            self._leave_directory()
        self._directory, self._opening = directory, opening
        self.way.say_where(directory.where, own=self._shows_own)
        if self._shows_own and opening.key_file is not None:
            self._settings.setValue("key_file", str(opening.key_file))
        self.clear_error()
        self.show_page(self.home)
        then, self._then = self._then, None
        if then is not None:
            then()
        if self._waiting is not None:
            draft, self._waiting = self._waiting, None
            self.show_wizard(draft)

    def _leave_directory(self) -> None:
        """Nothing of the directory before stays in sight."""
        from rosterdesk.gui.pages.home import Facts

        self._goes_back = False
        if self.wizard is not None:
            self.wizard.close_upload()
        self.home.show_facts(Facts((), (), (), ()))
        self.forget_pages()

    def _not_opened(self, opening: Opening, error: RosterDeskError) -> None:
        if isinstance(error, SecretError):
            remembered = self._settings.value("key_file", "") if opening.where == self._first.where else ""
            if opening.key_file is None and opening.passphrase is None and remembered and not opening.is_new:
                self.open_directory(opening.with_key(key_file=Path(str(remembered))))
                return
            self._whole.setCurrentWidget(self._desk)
            self.pages.setCurrentWidget(self.locked)
            self.locked.ask(opening, error)
        else:
            self.show_error(error, [Action(tr("Try again"), lambda: self.open_directory(opening))])
