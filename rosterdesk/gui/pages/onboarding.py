"""The guided onboarding: a school entered by hand goes over to its SIS, step by step, on one day or on several.

Where it stands is read from the directory whenever it is opened, and what was answered meanwhile is kept beside it;
what comes next, `rosterdesk.guided` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from rosterdesk.directory.onboarding import Standing
from rosterdesk.gui.guide import Guide
from rosterdesk.gui.onboardbegin import FirstRunPage, ImportPage, StudentsPage
from rosterdesk.gui.onboardpage import OnboardPage
from rosterdesk.gui.onboardpeople import CheckPage, MatchPage, MergePage
from rosterdesk.gui.onboardrooms import ClassroomsPage
from rosterdesk.gui.onboardschools import SchoolsPage
from rosterdesk.gui.onboardwork import Begun, Switch
from rosterdesk.gui.steps import State, Steps
from rosterdesk.gui.upload import GiveDirectory
from rosterdesk.gui.widgets import button
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Worker
from rosterdesk.guided import Stage, Way, coming, kept, told

_PAGES: tuple[type[OnboardPage], ...] = (
    *(ImportPage, SchoolsPage, ClassroomsPage, StudentsPage, FirstRunPage, MatchPage, MergePage, CheckPage),
)


class Onboarding(Guide):
    """`finished` when the person stops for now, or all is done."""

    finished = Signal()
    upload_wanted = Signal(object)  # tuple[Path, ...]
    directory_wanted = Signal()

    def __init__(self, worker: Worker, directory: GiveDirectory, parent: QWidget | None = None) -> None:
        self._switch = Switch(directory)
        pages = {kind.step: kind(self._switch, self._work, worker) for kind in _PAGES}
        steps = Steps([(step, page.title) for step, page in pages.items()])
        super().__init__(worker, steps, parent)
        self.steps, self.pages = steps, pages
        self.stop_button = button(tr("Stop for now"), self.finished.emit, link=True)
        self.stop_button.setToolTip(tr("Nothing is lost: go on here on any day"))
        steps.add_below(self.stop_button)
        self._way = Way()
        self._where = ""  # the directory that is on its way; empty until it is looked at
        self._resuming = False  # the matches are looked for only to see whether any waits
        self._furthest = Stage.IMPORT
        for page in pages.values():
            self._stack.addWidget(page)
            page.changed.connect(self._page_changed)
            page.acted.connect(self._look)
            page.upload_wanted.connect(self.upload_wanted)
            page.directory_wanted.connect(self.directory_wanted)
        self.steps.chosen.connect(self.go)

    @property
    def page(self) -> OnboardPage:
        """The page that is shown."""
        shown = self._stack.currentWidget()
        assert isinstance(shown, OnboardPage)
        return shown

    @property
    def way(self) -> Way:
        """Where it stands."""
        return self._way

    @property
    def _mark(self) -> str:
        return self._way.standing.mark if self._way.standing is not None else ""

    def begin(self) -> None:
        """Look where the directory stands, and show the step that comes next."""
        self._way, self._where, self._resuming = Way(), "", False
        self._furthest = Stage.IMPORT
        self.go(Stage.IMPORT)
        self._work(self._switch.begin, self._begun, key="standing")

    def use(self, sources: Sequence[Path]) -> None:
        """These files of the SIS were pushed: they are known from now on."""
        where = self._where
        if sources and where:
            answers = replace(kept.kept(where, self._mark), sources=tuple(sources))
            kept.keep(where, self._mark, answers, Stage.FIRST_RUN)

    def go(self, step: Stage) -> None:
        """Show a step."""
        self._drop()
        self._resuming = False
        for page in self.pages.values():
            page.busy, page.error = False, None
        if self._stack.currentWidget() is not self.pages[step]:
            self.page.forget()
        self._stack.setCurrentWidget(self.pages[step])
        self._furthest = max(self._furthest, step, key=list(Stage).index)
        self.page.enter(self._way)
        self._draw()
        self.page.setFocus()

    def close_work(self, *, now: bool = False) -> None:
        """Remove what matching has made on the disk. `now`: the worker is closed, so it is done in this thread."""
        self._drop()
        if now:
            self._switch.close()
        else:
            self._worker.start(lambda _: self._switch.close(), on_success=lambda _: None)

    def _begun(self, begun: Begun) -> None:
        self._where = begun.where
        self._way = Way(begun.standing, begun.answers, begun.gone)
        next_ = coming(begun.standing, begun.answers.passed)
        self.go(next_)
        self._resuming = next_ is Stage.MATCHES

    def _look(self) -> None:
        """The directory is another one: look anew, and stay at the step."""
        self._keep()
        self._work(self._switch.standing, self._stand, key="standing")

    def _stand(self, standing: Standing) -> None:
        self._way = Way(standing, self._way.answers, self._way.gone)
        self.page.enter(self._way)
        self._draw()

    def _page_changed(self) -> None:
        if self.sender() is not self.page:
            return
        before = self._way.answers
        self._way = replace(self.page.way, standing=self._way.standing)
        if self._way.answers != before:
            self._keep()
        if self._resuming and self._way.to_decide is not None:
            self._resuming = False
            if not self._way.to_decide:  # whoever is left has no match: nothing keeps the person here
                QTimer.singleShot(0, self, self._go_past)
        self._draw()

    def _go_past(self) -> None:
        page = self.page
        if isinstance(page, MatchPage) and self._way.to_decide == 0:
            self.go(Stage.MERGE if page.to_merge else Stage.CHECK)

    def _keep(self) -> None:
        """Write down what was answered, for another day."""
        if self._where:
            kept.keep(self._where, self._mark, self._way.answers, self.page.step)

    def _draw(self) -> None:
        order = list(Stage)
        now = order.index(self.page.step)
        for at, (step, line) in enumerate(zip(order, self.steps.buttons, strict=True)):
            state = State.NOW if at == now else State.DONE if at < now else State.TO_COME
            opens = not self.busy and at != now and at <= order.index(self._furthest)
            line.show_state(state, told(self._way, step), at + 1, opens=opens)
        self.stop_button.setEnabled(not self.busy)
        self.bar.back.setVisible(now > 0)
        self._draw_page(tr("Back"))

    def _again(self) -> None:
        self.begin()

    def _back(self) -> None:
        order = list(Stage)
        at = order.index(self.page.step)
        if at:
            self.go(order[at - 1])

    def _leave(self) -> None:
        step, order = self.page.step, list(Stage)
        if step is Stage.CHECK:
            if self._where:
                kept.forget(self._where)
            self.finished.emit()
            return
        answers = self._way.answers
        self._way = replace(self._way, answers=replace(answers, passed=answers.passed | {step}))
        self.go(order[order.index(step) + 1])
        self._keep()
