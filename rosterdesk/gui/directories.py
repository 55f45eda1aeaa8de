"""What the main window has of directories: the one that it shows, and how it comes to show another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rosterdesk.errors import HeldError, RosterDeskError, SecretError
from rosterdesk.gui.opening import Opening, opening_of
from rosterdesk.gui.widgets import Action
from rosterdesk.gui.words import tr
from rosterdesk.run import Run

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QStackedWidget, QWidget

    from rosterdesk.directory.engine import Directory
    from rosterdesk.draft import Draft
    from rosterdesk.gui.pages.home import HomePage
    from rosterdesk.gui.pages.locked import LockedPage
    from rosterdesk.gui.way import Way
    from rosterdesk.gui.wizard import Wizard
    from rosterdesk.gui.worker import Worker
    from rosterdesk.jobs.file import Job

Then = Callable[[], object]


class Directories:
    """The window begins with one directory, mostly the person's own, and may show those that jobs fill. Each stays open
    until the window closes, so that it can go back without asking for a key again.
    """

    home: HomePage
    pages: QStackedWidget
    way: Way
    wizard: Wizard | None
    _desk: QWidget
    _directory: Directory | None
    _first: Opening
    _known: list[tuple[Opening, Directory]]
    _opening: Opening
    _reader: Worker
    _settings: QSettings
    _then: Then | None
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
        self._reader.start(
            tried,
            on_success=lambda directory: self._opened(tried, directory),
            on_failure=lambda error: self._not_opened(tried, error),
            owner=self,  # type: ignore[arg-type]  # the window, which is one
            key="open",
        )

    def show_directory_of(self, job: Job, then: Then | None = None) -> None:
        """Show the directory that a job fills, and then do what was wanted there."""
        self.turn_to(opening_of(job), then)

    def turn_to(self, opening: Opening, then: Then | None = None) -> None:
        """Show another directory, unless something is being done in this one."""
        if self._worker.busy:
            advice = tr("Wait until it has ended, or stop it, and try again.")
            self.show_error(HeldError(tr("Something is still being done in this directory."), advice))
            return
        self._then = then
        for known, directory in self._known:
            if known.where == opening.where:
                self._opened(known, directory)
                return
        self.open_directory(opening)

    def close_directories(self) -> None:
        """Close all that were opened; nothing works on them any more."""
        for _, directory in self._known:
            directory.close()

    def _opened_directory(self, run: Run) -> Directory:
        """The open directory, for the wizard's stages."""
        assert self._directory is not None
        return self._directory

    def _opened(self, opening: Opening, directory: Directory) -> None:
        if self._directory is not None and self._directory is not directory:
            self._leave_directory()
        if all(directory is not one for _, one in self._known):
            self._known.append((opening, directory))
        self._directory, self._opening = directory, opening
        first = opening.where == self._first.where
        self.way.say_where(directory.where, own=first)
        if first and opening.key_file is not None:
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
