"""The guided onboarding: a school entered by hand goes over to its SIS, step by step, on one day or on several.

Where it stands is read from the directory whenever it is opened; what comes next, `rosterdesk.guided` says.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from rosterdesk.directory.onboarding import Standing
from rosterdesk.gui.guide import Guide
from rosterdesk.gui.onboardbegin import FirstRunPage, ImportPage, SchoolsPage, StudentsPage
from rosterdesk.gui.onboardpage import OnboardPage
from rosterdesk.gui.onboardpeople import CheckPage, MatchPage, MergePage
from rosterdesk.gui.onboardrooms import ClassroomsPage
from rosterdesk.gui.onboardwork import Switch
from rosterdesk.gui.steps import State, Steps
from rosterdesk.gui.upload import GiveDirectory
from rosterdesk.gui.widgets import button
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Worker
from rosterdesk.guided import Stage, Way, coming, told

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

    def begin(self) -> None:
        """Look where the directory stands, and show the step that comes next."""
        self._way = Way(sources=self._way.sources)
        self._furthest = Stage.IMPORT
        self.go(Stage.IMPORT)
        self._work(self._switch.standing, lambda standing: self._stand(standing, anew=True), key="standing")

    def go(self, step: Stage) -> None:
        """Show a step."""
        self._drop()
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

    def _look(self) -> None:
        """The directory is another one: look anew, and stay at the step."""
        self._work(self._switch.standing, self._stand, key="standing")

    def _stand(self, standing: Standing, *, anew: bool = False) -> None:
        self._way = Way(standing, self._way.sources)
        if anew:
            self.go(coming(standing))
        else:
            self.page.enter(self._way)
            self._draw()

    def _page_changed(self) -> None:
        if self.sender() is self.page:
            self._way = replace(self.page.way, standing=self._way.standing)
            self._draw()

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
        if self.page.step is Stage.CHECK:
            self.finished.emit()
        else:
            order = list(Stage)
            self.go(order[order.index(self.page.step) + 1])
