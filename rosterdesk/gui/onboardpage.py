"""What every page of the guided onboarding is: it shows how the directory stands, and does one thing that can be taken
back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from rosterdesk.directory.onboarding import Standing
from rosterdesk.gui import theme
from rosterdesk.gui.leaf import DoWork, Leaf
from rosterdesk.gui.needs import stage_title
from rosterdesk.gui.onboardwork import Done, Switch
from rosterdesk.gui.widgets import Action, Banner, clear
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Worker
from rosterdesk.guided import Stage, Way, waits
from rosterdesk.run import Run


class OnboardPage(Leaf):
    """One step of the way. `acted` when the directory is another one."""

    step: ClassVar[Stage]
    acted = Signal()
    upload_wanted = Signal(object)  # tuple[Path, ...]
    directory_wanted = Signal()

    def __init__(self, switch: Switch, work: DoWork, worker: Worker) -> None:
        super().__init__(work)
        self.title = stage_title(self.step)
        self.switch = switch
        self.worker = worker
        self.way = Way()
        self._notice = QVBoxLayout()
        self._inside = QVBoxLayout(self)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setSpacing(theme.BETWEEN)
        self._inside.addLayout(self._notice)

    @property
    def waits_for(self) -> tuple[str, ...]:
        return waits(self.way, self.step)

    @property
    def standing(self) -> Standing:
        """How the directory stands."""
        assert self.way.standing is not None
        return self.way.standing

    def enter(self, way: Way) -> None:
        """Show how it stands."""
        self.way = way
        if way.standing is not None:
            self.show_way()

    def show_way(self) -> None:
        """Bring the widgets in line with `way`, and have done what is missing."""

    def forget(self) -> None:
        """The page is left: what it has told is read."""
        clear(self._notice)

    @contextmanager
    def keeping_focus(self) -> Iterator[None]:
        """Widgets are made anew: where the keyboard was on one of them, it stays on the page."""
        focused = QApplication.focusWidget()
        inside = focused is not None and self.isAncestorOf(focused)
        yield
        if inside:
            self.setFocus()

    def put(self, *parts: QWidget, stretch: int = 0) -> None:
        """Put parts below the notice."""
        for part in parts:
            self._inside.addWidget(part, stretch)

    def give(self, **known: Any) -> None:
        """Write down what this sitting knows, and say so."""
        self.way = replace(self.way, **known)
        self.changed.emit()

    def answer(self, **answers: Any) -> None:
        """Write down what a person answered, to be kept for another day."""
        self.give(answers=replace(self.way.answers, **answers))

    def act(self, work: Callable[[Run], Done], told: Callable[[Done], str]) -> None:
        """Have something done that can be taken back, and say what was done."""

        def succeeded(done: Done) -> None:
            self.tell(done, told(done))
            self.acted.emit()

        clear(self._notice)
        self.work(work, succeeded, key="act", decisive=True)

    def tell(self, done: Done, what: str) -> None:
        """Say what was done, with the way back."""
        clear(self._notice)
        run = done.run
        words = tr("It is run {n}, and can be taken back here, or later from Home.", n=run) if run is not None else ""
        words = " ".join((words, *done.left)).strip() or tr("Nothing was changed.")
        actions = [Action(tr("Take it back"), lambda: self._take_back(run))] if run is not None else []
        self._notice.addWidget(Banner("warning" if done.left else "plain", words, actions, title=what))

    def _take_back(self, number: int) -> None:
        def succeeded(by: int) -> None:
            clear(self._notice)
            words = tr("Run {n} was taken back, by run {by}.", n=number, by=by)
            self._notice.addWidget(Banner("plain", words))
            self.acted.emit()

        self.work(lambda run: self.switch.undo(number, run), succeeded, key="act", decisive=True)
