"""The wizard's frame: it holds the draft, draws a page's valid, busy and error, and is the only one to know the worker.

What is asked next, and why it waits, `rosterdesk.draft` says; what each step looks like, `rosterdesk.gui.pages`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from rosterdesk.draft import Draft, Step, answered, next_step, previous_step
from rosterdesk.errors import DirectoryChanged, RosterDeskError
from rosterdesk.gui import theme
from rosterdesk.gui.bar import Bar
from rosterdesk.gui.pages.checks import ChecksPage
from rosterdesk.gui.pages.mapping import MappingPage
from rosterdesk.gui.pages.matches import MatchesPage
from rosterdesk.gui.pages.page import Page
from rosterdesk.gui.pages.push import PushPage
from rosterdesk.gui.pages.result import ResultPage
from rosterdesk.gui.pages.review import ReviewPage
from rosterdesk.gui.pages.source import SourcePage
from rosterdesk.gui.steps import StepList
from rosterdesk.gui.taborder import focus_next
from rosterdesk.gui.unfinished import forget, keep
from rosterdesk.gui.upload import GiveDirectory, Upload
from rosterdesk.gui.widgets import Action, ErrorPanel, TitleBlock
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Task, Worker
from rosterdesk.run import Progress, Run

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


class Wizard(QWidget):
    """One upload, from the files to the result. `finished` carries the last draft; its receipt is None when the person
    turned back.
    """

    finished = Signal(object)

    def __init__(self, worker: Worker, directory: GiveDirectory, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._upload = Upload(directory)
        self._task: Task | None = None
        self._draft = Draft()
        self.steps, self.bar, self._title = StepList(), Bar(), TitleBlock()
        self._error: ErrorPanel | None = None
        self._stack = QStackedWidget()
        self.pages = _Pages(self._make)
        self._ahead = QTimer(self, singleShot=True, interval=_AHEAD_MS)
        self._ahead.timeout.connect(self._make_next)
        self._lay_out()
        self.steps.chosen.connect(self.go)
        self.bar.backed.connect(self._back)
        self.bar.confirmed.connect(self._confirm)
        self.bar.stopped.connect(self._stop)
        self._shortcut("Alt+Left", self._back)
        self._shortcut("Alt+Right", self._confirm)
        self._shortcut(QKeySequence.StandardKey.Undo, lambda: self.page.undo())  # noqa: PLW0108 - the page of then
        self._shortcut(QKeySequence.StandardKey.Redo, lambda: self.page.redo())  # noqa: PLW0108
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
    def busy(self) -> bool:
        return self._task is not None

    def begin(self, draft: Draft) -> None:
        """Start with a draft: nothing, or the files that were dropped on the window."""
        self._draft = draft
        self.go(Step.SOURCE)

    def go(self, step: Step) -> None:
        """Show a step."""
        if self._task is not None:
            self._task.drop()
            self._task = None
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
        if self._task is not None:
            self._task.drop()
            self._task = None
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
        return page

    def _make_next(self) -> None:
        """Make one page that is still missing, so that nobody waits for it later."""
        if missing := [step for step in Step if step not in self.pages]:
            _ = self.pages[missing[0]]
            self._ahead.start()

    def _lay_out(self) -> None:
        self._head = QVBoxLayout()
        self._head.setSpacing(theme.BETWEEN)
        self._head.addWidget(self._title)
        work = QVBoxLayout()
        work.setContentsMargins(theme.AROUND, theme.BETWEEN, theme.AROUND, theme.BETWEEN)
        work.setSpacing(theme.BETWEEN)
        work.addLayout(self._head)
        work.addWidget(self._stack, 1)
        upper = QHBoxLayout()
        upper.setSpacing(0)
        upper.addWidget(self.steps)
        upper.addLayout(work, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(upper, 1)
        whole.addWidget(self.bar)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return focus_next((self,), forward=forward)

    def _shortcut(self, keys: str | QKeySequence.StandardKey, act: Callable[[], object]) -> None:
        QShortcut(QKeySequence(keys), self).activated.connect(act)

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
        self._title.say(page.title, page.sentence)
        self._show_error(page.error)
        self.bar.back.setVisible(not pushed)
        self.bar.back.setText(tr("Close") if page.step is Step.SOURCE else tr("Back"))
        self.bar.back.setAccessibleName(self.bar.back.text())
        if self._task is not None and page.busy:
            self.bar.show_progress(self._task.run.progress, back=page.step is not Step.PUSH)
        else:
            waits = page.waits_for
            sentence = waits[0] if waits else ""
            if len(waits) > 1:
                sentence = tr("{first} And {n} more.", first=sentence, n=len(waits) - 1)
            self.bar.show_reason(sentence, text=page.primary or tr("Next"), back=True)

    def _show_error(self, error: RosterDeskError | None) -> None:
        if self._error is not None and self._error.error is error:
            return
        if self._error is not None:
            self._error.deleteLater()
            self._error = None
        if error is not None:
            self._error = ErrorPanel(error, [Action(tr("Try again"), self._again)])
            self._error.dismissed.connect(self._dismiss)
            self._head.addWidget(self._error)

    def _dismiss(self) -> None:
        self.page.error = None
        self._draw()

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
            forget()
            self.finished.emit(self._draft)
        else:
            self.go(previous_step(self._draft, page.step))

    def _confirm(self) -> None:
        if self.bar.primary.isEnabled() and self.page.confirm():
            self._leave()

    def _leave(self) -> None:
        step = self.page.step
        self._draft = self.page.answer()
        if step is Step.RESULT:
            self.finished.emit(self._draft)
        else:
            self.go(next_step(self._draft, step))

    def _keep(self) -> None:
        """Write the draft down, so that a crash loses nothing that was decided."""
        if self._draft.receipt is not None:
            forget()
        else:
            keep(self._draft)

    def _stop(self) -> None:
        if self._task is not None:
            self.bar.show_stopping()
            self._task.cancel()

    def _work(
        self,
        work: Callable[[Run], Any],
        on_success: Callable[[Any], object],
        *,
        key: str = "",
        quiet: bool = False,
        decisive: bool = False,
    ) -> None:
        """Have something done for the page that is shown; see `DoWork`."""
        page = self.page

        def succeeded(value: Any) -> None:
            self._ended(task, page)
            on_success(value)
            if not quiet and QApplication.focusWidget() is None:  # what had it is gone: the keyboard goes on here
                self.page.setFocus()

        def failed(error: RosterDeskError) -> None:
            page.error = error
            self._ended(task, page)

        task = self._worker.start(
            work, on_success=succeeded, on_failure=failed, owner=page, key=key or page.step.value, decisive=decisive
        )
        task.cancelled.connect(lambda: self._ended(task, page))
        if quiet:
            return
        page.busy, page.error = True, None
        self._task = task
        task.progressed.connect(self._progressed)
        self._draw()

    def _progressed(self, progress: Progress) -> None:
        if self.sender() is self._task and self.page.busy:
            self.bar.show_progress(progress, back=self.page.step is not Step.PUSH)

    def _ended(self, task: Task, page: Page) -> None:
        if task is self._task:
            self._task = None
            page.busy = False
        if page is self.page:
            self._draw()
