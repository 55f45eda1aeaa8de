"""The wizard: it holds the draft and goes from step to step; its frame is a `Guide`.

What is asked next, and why it waits, `rosterdesk.draft` says; what each step looks like, `rosterdesk.gui.pages`.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from rosterdesk.draft import Draft, Step, answered, next_step, previous_step
from rosterdesk.errors import DirectoryChanged, RosterDeskError
from rosterdesk.gui.guide import Guide
from rosterdesk.gui.pages.checks import ChecksPage
from rosterdesk.gui.pages.mapping import MappingPage
from rosterdesk.gui.pages.matches import MatchesPage
from rosterdesk.gui.pages.page import Page
from rosterdesk.gui.pages.push import PushPage
from rosterdesk.gui.pages.result import ResultPage
from rosterdesk.gui.pages.review import ReviewPage
from rosterdesk.gui.pages.source import SourcePage
from rosterdesk.gui.steps import StepList
from rosterdesk.gui.unfinished import forget, keep
from rosterdesk.gui.upload import GiveDirectory, Upload
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Worker

_PAGES: dict[Step, type[Page]] = {
    kind.step: kind for kind in (SourcePage, MappingPage, ChecksPage, MatchesPage, ReviewPage, PushPage, ResultPage)
}
_AHEAD_MS = 50  # between two pages that are made ahead of their need: the window answers meanwhile
_KEEP_MS = 1000  # an edit is written down a second after the last one


class _Pages(dict[Step, Page]):
    """The pages that there are; one that is missing is made when it is asked for."""

    def __init__(self, make: Callable[[Step], Page]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, step: Step) -> Page:
        page = self[step] = self._make(step)
        return page


class Wizard(Guide):
    """One upload, from the files to the result. `finished` carries the last draft; its receipt is None when the person
    turned back.
    """

    finished = Signal(object)
    directory_wanted = Signal(str)  # the address of the directory whose unfinished upload is to be gone on with

    def __init__(self, worker: Worker, directory: GiveDirectory, parent: QWidget | None = None) -> None:
        steps = StepList()
        super().__init__(worker, steps, parent)
        self.steps = steps
        self._upload = Upload(directory)
        self._draft = Draft()
        self.pages = _Pages(self._make)
        self._ahead = QTimer(self, singleShot=True, interval=_AHEAD_MS)
        self._ahead.timeout.connect(self._make_next)
        self.steps.chosen.connect(self.go)
        self._soon = QTimer(self, singleShot=True, interval=_KEEP_MS)
        self._soon.timeout.connect(self._keep)
        self.begin(Draft())

    @property
    def page(self) -> Page:
        """The page that is shown."""
        shown = self._stack.currentWidget()
        assert isinstance(shown, Page)
        return shown

    @property
    def draft(self) -> Draft:
        """What has been answered so far."""
        return self._draft

    @property
    def may_turn_back(self) -> bool:
        return self.page.step is not Step.PUSH

    def begin(self, draft: Draft, where: str = "", *, usual: bool = True) -> None:
        """Start with a draft: nothing, or the files that were dropped on the window. It goes to the directory at the
        address `where`, which is named if it is not the person's `usual` one.
        """
        self._upload.where, self._upload.usual = where, usual
        self._draft = draft
        self.go(Step.SOURCE)

    def go(self, step: Step) -> None:
        """Show a step."""
        self._drop()
        shown = self.pages[step]
        for page in self.pages.values():
            page.busy, page.error = False, None
        self._stack.setCurrentWidget(shown)
        self.page.enter(self._draft)
        self._draw()
        self.page.setFocus()
        self._ahead.start()

    def close_upload(self, *, now: bool = False) -> None:
        """Remove what the upload has made on the disk. `now`: the worker is closed, so it is done in this thread."""
        self._drop()
        if now:
            self._soon.stop()
            self._upload.close()
            return
        self._worker.start(lambda _: self._upload.close(), on_success=lambda _: None)

    def _make(self, step: Step) -> Page:
        page = _PAGES[step](self._upload, self._work, self._worker)
        self._stack.addWidget(page)
        page.changed.connect(self._page_changed)
        page.left.connect(self._leave)
        if isinstance(page, SourcePage):
            page.directory_wanted.connect(self.directory_wanted)
        return page

    def _make_next(self) -> None:
        """Make one page that is still missing, so that nobody waits for it later.

        Not while something is worked at: each of a page's hundreds of calls to Qt would then wait for the worker's
        thread, and make a pause of what takes a moment by itself.
        """
        if missing := [step for step in Step if step not in self.pages]:
            if not self._worker.busy:
                _ = self.pages[missing[0]]
            self._ahead.start()

    def _page_changed(self) -> None:
        if self.sender() is self.page:
            self._draft = self.page.answer()
            self._soon.start()
            self._draw()

    def _draw(self) -> None:
        """The whole frame, from the page's valid, busy and error."""
        page = self.page
        pushed = page.step is Step.RESULT
        self.steps.show_draft(self._draft, page.step, closed=pushed or (page.busy and page.step is Step.PUSH))
        self.bar.back.setVisible(not pushed)
        self._draw_page(tr("Close") if page.step is Step.SOURCE else tr("Back"))

    def _again(self) -> None:
        step = self.page.step
        if isinstance(self.page.error, DirectoryChanged):  # what was approved is no longer what would happen
            self._draft, step = answered(self._draft, plan=None), Step.REVIEW
        self.go(step)

    def show_fault(self, error: RosterDeskError) -> None:
        """Show an error that no task has told of, on the page; the draft stays, and is written down at once."""
        self._keep()
        self.page.error = error
        self._draw()

    def _back(self) -> None:
        page = self.page
        if page.step is Step.RESULT or (page.step is Step.PUSH and page.busy):
            return
        if page.step is Step.SOURCE:
            self._soon.stop()
            forget(self._upload.where)
            self.finished.emit(self._draft)
        else:
            self.go(previous_step(self._draft, page.step))

    def _leave(self) -> None:
        step = self.page.step
        self._draft = self.page.answer()
        if step is Step.RESULT or self._draft.kept:
            if self._draft.kept:
                self._soon.stop()
                forget(self._upload.where)
            self.finished.emit(self._draft)
        else:
            self.go(next_step(self._draft, step))

    def _keep(self) -> None:
        """Write the draft down, so that a crash loses nothing that was decided."""
        if self._draft.receipt is not None:
            forget(self._upload.where)
        else:
            keep(self._draft, self._upload.where)
