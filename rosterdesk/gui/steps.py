"""The list of steps on the left of the wizard: what is done, what is now, what is to come, what has nothing to ask."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, StrEnum, auto

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from rosterdesk.draft import Draft, Step, skipped, told
from rosterdesk.gui import theme
from rosterdesk.gui.widgets import Picture, column, label
from rosterdesk.gui.words import tr

SHOWN = tuple(Step)[:-1]  # the result is what comes out of the steps, and no step itself
_WIDTH = 208


class State(Enum):
    """How it stands with a step."""

    DONE = auto()
    NOW = auto()
    TO_COME = auto()
    SKIPPED = auto()


_LOOKS = {
    State.DONE: ("check", "added"),
    State.NOW: ("now", "accent"),
    State.TO_COME: ("to-come", "edge"),
    State.SKIPPED: ("skipped", "edge"),
}


def step_title(step: Step) -> str:
    """A step's name as people read it."""
    return {
        Step.SOURCE: tr("Source"),
        Step.MAPPING: tr("Mapping"),
        Step.CHECKS: tr("Checks"),
        Step.MATCHES: tr("Matches"),
        Step.REVIEW: tr("Review"),
        Step.PUSH: tr("Push"),
        Step.RESULT: tr("Result"),
    }[step]


def _state_word(state: State) -> str:
    return {
        State.DONE: tr("done"),
        State.NOW: tr("now"),
        State.TO_COME: tr("to come"),
        State.SKIPPED: tr("skipped"),
    }[state]


def state_of(draft: Draft, step: Step, now: Step) -> State:
    """How it stands with a step when the wizard is at `now`."""
    order = list(Step)
    if step is now:
        return State.NOW
    done = order.index(step) < order.index(now)
    if skipped(draft, step) and (done or draft.reading is not None):
        return State.SKIPPED
    return State.DONE if done else State.TO_COME


class StepButton(QPushButton):
    """One step, with its state below its name."""

    def __init__(self, step: StrEnum, title: str, of: int) -> None:
        super().__init__()
        self.step = step
        self._name, self._of = title, of
        self._whole = ""
        self._opens = False
        self._look: tuple[State, str, int, bool] | None = None
        self.setProperty("step", True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._picture = Picture("to-come", 18)
        self._title, self._told = label(title), label(size="table", quiet=True)
        for part in (self._picture, self._title, self._told):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        for words in (self._title, self._told):
            words.setWordWrap(False)
            words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        line = QHBoxLayout(self)
        line.setContentsMargins(theme.INSIDE, theme.INSIDE, theme.INSIDE, theme.INSIDE)
        line.setSpacing(theme.INSIDE)
        line.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(column(self._title, self._told, spacing=0), 1)

    @property
    def opens(self) -> bool:
        """Whether one can go to it."""
        return self._opens

    def sizeHint(self) -> QSize:
        lines = 2 if self._whole else 1
        return QSize(0, lines * self._title.fontMetrics().height() + 2 * theme.INSIDE + 2)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._cut()

    def show_state(self, state: State, words: str, number: int, *, opens: bool) -> None:
        """Draw the step as it stands; `opens`: one can go to it. What is drawn already costs nothing."""
        if (look := (state, words, number, opens)) == self._look:
            return
        self._look = look
        self._whole = words
        self._title.setProperty("quiet", state in (State.TO_COME, State.SKIPPED))
        self._picture.show_icon(*_LOOKS[state])
        self._told.setVisible(bool(words))
        self._cut()
        self._opens = opens
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if opens else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if opens else Qt.CursorShape.ArrowCursor)
        self.setProperty("opens", opens)
        self.setProperty("now", state is State.NOW)
        for part in (self, self._title):
            self.style().unpolish(part)
            self.style().polish(part)
        font = theme.font()
        # Said outright and after the polishing, as a label keeps the weight that it had when it is not.
        font.setWeight(QFont.Weight.DemiBold if state is State.NOW else QFont.Weight.Normal)
        self._title.setFont(font)
        where = tr("Step {n} of {all}: {title}", n=number, all=self._of, title=self._name)
        self.setAccessibleName(f"{where}, {_state_word(state)}")
        self.setAccessibleDescription(words)
        self.setToolTip(words)
        self.updateGeometry()

    def _cut(self) -> None:
        metrics = self._told.fontMetrics()
        self._told.setText(metrics.elidedText(self._whole, Qt.TextElideMode.ElideMiddle, max(self._told.width(), 40)))


class Steps(QFrame):
    """All steps of a guide, one below the other. `chosen` carries the step that was clicked."""

    chosen = Signal(object)

    def __init__(self, steps: Sequence[tuple[StrEnum, str]]) -> None:
        super().__init__()
        self.setProperty("side", True)
        self.setAccessibleName(tr("Steps"))
        self.setFixedWidth(theme.scaled(_WIDTH))
        self.buttons = [StepButton(step, title, len(steps)) for step, title in steps]
        inside = column(*self.buttons, spacing=theme.TIGHT)
        inside.setContentsMargins(theme.INSIDE, theme.BETWEEN, theme.INSIDE, theme.BETWEEN)
        inside.addStretch(1)
        self._inside = inside
        self.setLayout(inside)
        for button in self.buttons:
            button.clicked.connect(self._click)

    def add_below(self, part: QWidget) -> None:
        """Put something at the foot of the list."""
        self._inside.addWidget(part)

    def _click(self) -> None:
        button = self.sender()
        assert isinstance(button, QAbstractButton)
        assert isinstance(button, StepButton)
        if button.opens:
            self.chosen.emit(button.step)


class StepList(Steps):
    """The steps of an upload."""

    def __init__(self) -> None:
        super().__init__([(step, step_title(step)) for step in SHOWN])

    def show_draft(self, draft: Draft, now: Step, *, closed: bool) -> None:
        """Draw the steps as they stand. `closed`: the roster is pushed, or about to be, and there is no way back."""
        for number, (step, button) in enumerate(zip(SHOWN, self.buttons, strict=True), 1):
            state = state_of(draft, step, now)
            words = "" if state is State.TO_COME else told(draft, step)
            reason = skipped(draft, step) if state is State.SKIPPED else ""
            opens = not closed and list(Step).index(step) < list(Step).index(now)
            button.show_state(state, words, number, opens=opens)
            if reason:
                button.setToolTip(reason)
