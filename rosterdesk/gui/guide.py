"""The frame of a guide through steps: the list of them on the left, a page with its title, and the bar below.

It draws a page's busy and error, and is the only one to know the worker. Which step is next, each guide says itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from rosterdesk.errors import RosterDeskError
from rosterdesk.gui import theme
from rosterdesk.gui.bar import Bar
from rosterdesk.gui.leaf import Leaf
from rosterdesk.gui.taborder import focus_next
from rosterdesk.gui.widgets import Action, ErrorPanel, TitleBlock
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Task, Worker
from rosterdesk.run import Progress, Run


class Guide(QWidget):
    """One way through steps. Whoever derives from it shows pages, draws the steps, and goes back and on."""

    def __init__(self, worker: Worker, steps: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._task: Task | None = None
        self.bar, self._title = Bar(), TitleBlock()
        self._error: ErrorPanel | None = None
        self._stack = QStackedWidget()
        self._lay_out(steps)
        self.bar.backed.connect(self._back)
        self.bar.confirmed.connect(self._confirm)
        self.bar.stopped.connect(self._stop)
        self._shortcut("Alt+Left", self._back)
        self._shortcut("Alt+Right", self._confirm)
        self._shortcut(QKeySequence.StandardKey.Undo, lambda: self.page.undo())  # noqa: PLW0108 - the page of then
        self._shortcut(QKeySequence.StandardKey.Redo, lambda: self.page.redo())  # noqa: PLW0108

    @property
    def page(self) -> Leaf:
        """The page that is shown."""
        shown = self._stack.currentWidget()
        assert isinstance(shown, Leaf)
        return shown

    @property
    def busy(self) -> bool:
        return self._task is not None

    @property
    def may_turn_back(self) -> bool:
        """Whether one can go back while the page works."""
        return True

    def focusNextPrevChild(self, forward: bool) -> bool:
        return focus_next((self,), forward=forward)

    def _lay_out(self, steps: QWidget) -> None:
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
        upper.addWidget(steps)
        upper.addLayout(work, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(upper, 1)
        whole.addWidget(self.bar)

    def _shortcut(self, keys: str | QKeySequence.StandardKey, act: Callable[[], object]) -> None:
        QShortcut(QKeySequence(keys), self).activated.connect(act)

    def _draw(self) -> None:
        """The whole frame, from the page's valid, busy and error."""
        raise NotImplementedError

    def _back(self) -> None:
        raise NotImplementedError

    def _leave(self) -> None:
        """The page has done what Next does."""
        raise NotImplementedError

    def _again(self) -> None:
        """Try once more what has failed."""
        raise NotImplementedError

    def _confirm(self) -> None:
        if self.bar.primary.isEnabled() and self.page.confirm():
            self._leave()

    def _draw_page(self, back: str) -> None:
        """Title, error and bar of the page; `back` is the word on the button that leads back."""
        page = self.page
        self._title.say(page.title, page.sentence)
        self._show_error(page.error)
        self.bar.back.setText(back)
        self.bar.back.setAccessibleName(back)
        if self._task is not None and page.busy:
            self.bar.show_progress(self._task.run.progress, back=self.may_turn_back)
            return
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

    def _drop(self) -> None:
        """Hear no more of what is being done."""
        if self._task is not None:
            self._task.drop()
            self._task = None

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
            self.bar.show_progress(progress, back=self.may_turn_back)

    def _ended(self, task: Task, page: Leaf) -> None:
        if task is self._task:
            self._task = None
            page.busy = False
        if page is self.page:
            self._draw()
