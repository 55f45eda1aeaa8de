"""The pages of the window, each made when it is first gone to: the window is sooner there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QStackedWidget, QWidget

    from rosterdesk.directory.engine import Directory
    from rosterdesk.draft import Draft
    from rosterdesk.gui.opening import Opening
    from rosterdesk.gui.pages.connections import ConnectionsPage
    from rosterdesk.gui.pages.directory import DirectoryPage
    from rosterdesk.gui.pages.heldrun import HeldPage
    from rosterdesk.gui.pages.help import HelpPage
    from rosterdesk.gui.pages.home import HomePage
    from rosterdesk.gui.pages.jobs import JobsPage
    from rosterdesk.gui.pages.locked import LockedPage
    from rosterdesk.gui.pages.onboarding import Onboarding
    from rosterdesk.gui.pages.report import ReportPage
    from rosterdesk.gui.pages.rollover import RolloverPage
    from rosterdesk.gui.pages.settings import SettingsPage
    from rosterdesk.gui.worker import Worker
    from rosterdesk.jobs.file import Job
    from rosterdesk.run import Run


class Places:
    """What the main window has of pages. It gives them its workers, and is told where they lead."""

    home: HomePage
    pages: QStackedWidget
    _whole: QStackedWidget
    _worker: Worker
    _reader: Worker
    _searcher: Worker

    if TYPE_CHECKING:  # the window's own

        def show_page(self, page: QWidget) -> None: ...
        def show_onboarding(self) -> None: ...
        def show_wizard(self, draft: Draft | None = None) -> None: ...
        def show_run(self, number: int) -> None: ...
        def show_settings(self, school: int) -> None: ...
        def open_directory(self, opening: Opening | None = None) -> None: ...
        def show_directory_of(self, job: Job, then: Callable[[], object] | None = None) -> None: ...
        def _upload(self, files: Sequence[Path]) -> None: ...
        def _upload_and_back(self, files: Sequence[Path]) -> None: ...
        def _leave_onboarding(self, page: QWidget) -> None: ...
        def _opened_directory(self, run: Run) -> Directory: ...

    @cached_property
    def directory(self) -> DirectoryPage:
        """Where the directory's records are looked up."""
        from rosterdesk.gui.pages.directory import DirectoryPage

        page = DirectoryPage(self._reader, self._searcher, self._worker)
        page.settings_wanted.connect(self.show_settings)
        page.rollover_wanted.connect(lambda: self.show_page(self.rollover))
        page.switch_wanted.connect(self.show_onboarding)
        page.run_opened.connect(self.show_run)
        self.pages.addWidget(page)
        return page

    @cached_property
    def settings(self) -> SettingsPage:
        """What a sync may do, and what people may do by hand."""
        from rosterdesk.gui.pages.settings import SettingsPage

        page = SettingsPage(self._worker, self._reader)
        page.left.connect(lambda: self.show_page(self.directory))
        page.run_opened.connect(self.show_run)
        self.pages.addWidget(page)
        return page

    @cached_property
    def rollover(self) -> RolloverPage:
        """The end of a school year."""
        from rosterdesk.gui.pages.rollover import RolloverPage

        page = RolloverPage(self._worker, self._reader)
        page.left.connect(lambda: self.show_page(self.directory))
        page.run_opened.connect(self.show_run)
        self.pages.addWidget(page)
        return page

    @cached_property
    def jobs(self) -> JobsPage:
        """What this computer uploads by itself."""
        from rosterdesk.gui.pages.jobs import JobsPage

        page = JobsPage(self._worker, self._reader)
        page.upload_wanted.connect(self._upload)
        page.change_wanted.connect(self.show_wizard)
        page.run_opened.connect(self.show_run)
        page.home_wanted.connect(lambda: self.show_page(self.home))
        page.directory_wanted.connect(self.show_directory_of)
        self.pages.addWidget(page)
        return page

    @cached_property
    def connections(self) -> ConnectionsPage:
        """The saved ways to sources and outlets."""
        from rosterdesk.gui.pages.connections import ConnectionsPage

        page = ConnectionsPage(self._worker, self._reader)
        page.upload_wanted.connect(self._upload)
        self.pages.addWidget(page)
        return page

    @cached_property
    def onboarding(self) -> Onboarding:
        """The guide from what was entered by hand to the SIS, in place of the whole desk."""
        from rosterdesk.gui.pages.onboarding import Onboarding

        guide = Onboarding(self._worker, self._opened_directory)
        guide.finished.connect(lambda: self._leave_onboarding(self.home))
        guide.directory_wanted.connect(lambda: self._leave_onboarding(self.directory))
        guide.upload_wanted.connect(self._upload_and_back)
        self._whole.addWidget(guide)
        return guide

    @cached_property
    def report(self) -> ReportPage:
        """What one run did."""
        from rosterdesk.gui.pages.report import ReportPage

        page = ReportPage(self._worker, self._reader)
        page.left.connect(lambda: self.show_page(self.home))
        self.pages.addWidget(page)
        return page

    @cached_property
    def held(self) -> HeldPage:
        """What a run would do that waits for a person."""
        from rosterdesk.gui.pages.heldrun import HeldPage

        page = HeldPage(self._worker)
        page.left.connect(lambda: self.show_page(self.home))
        page.upload_wanted.connect(self._upload)
        page.pushed.connect(self.show_run)
        self.pages.addWidget(page)
        return page

    @cached_property
    def help(self) -> HelpPage:
        """Help, keys, the log, and what RosterDesk is made of."""
        from rosterdesk.gui.pages.help import HelpPage

        page = HelpPage(self._reader)
        self.pages.addWidget(page)
        return page

    @cached_property
    def locked(self) -> LockedPage:
        """Where the directory's key is asked for."""
        from rosterdesk.gui.pages.locked import LockedPage

        page = LockedPage()
        page.answered.connect(self.open_directory)
        self.pages.addWidget(page)
        return page

    def forget_pages(self) -> None:
        """Let go of the pages that show a directory; each is made anew when it is next gone to."""
        made = vars(self)
        if "onboarding" in made:
            self.onboarding.close_work(now=True)
        if "report" in made:
            self.report.forget()
        for name in ("directory", "settings", "rollover", "report", "held", "onboarding"):
            if (page := made.pop(name, None)) is not None:
                (self._whole if name == "onboarding" else self.pages).removeWidget(page)
                page.deleteLater()
