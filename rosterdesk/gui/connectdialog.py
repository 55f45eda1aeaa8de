"""The dialog in which a connection is added or changed: the form of its kind, a trial, what the trial asks in between
(the key of a server, which district), and what it found. What works is saved at once; what does not, only on demand.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QVBoxLayout, QWidget

from rosterdesk.errors import RosterDeskError
from rosterdesk.gui import connecting, theme
from rosterdesk.gui.connectasking import ChoiceCard, KeyCard
from rosterdesk.gui.connectform import ConnectionForm
from rosterdesk.gui.connecting import Attempt, Known
from rosterdesk.gui.connectkinds import OFFERS, Offer, offer_of
from rosterdesk.gui.connectlines import TestedLines
from rosterdesk.gui.taborder import focus_next
from rosterdesk.gui.widgets import Action, Banner, ErrorPanel, TitleBlock, button, clear, column, label, row, scrolled
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Task, Worker
from rosterdesk.gui.working import WorkLine
from rosterdesk.run import Run

_WIDTH, _HEIGHT, _SMALLEST = 600, 620, 260


class Purpose(StrEnum):
    """What a connection is wanted for."""

    ANY = "any"
    SOURCE = "source"
    OUTLET = "outlet"

    def fits(self, offer: Offer) -> bool:
        """Whether it can be had by this kind of connection."""
        return self is Purpose.ANY or offer.receives is (self is Purpose.OUTLET)


class ConnectionDialog(QDialog):
    """`saved` carries the name of a connection when it is kept, `wanted` when it is to be used at once: read from, or
    delivered to where it is wanted as an outlet.
    """

    saved = Signal(str)
    wanted = Signal(str)

    def __init__(
        self,
        worker: Worker,
        *,
        known: Known | None = None,
        purpose: Purpose = Purpose.ANY,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._worker, self._known, self._purpose = worker, known, purpose
        self._task: Task | None = None
        self.card: KeyCard | ChoiceCard | None = None  # what was asked last
        self._kept = ""  # the name under which it was saved here
        title = tr("Change {name}", name=known.connection.name) if known else tr("Add a connection")
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        sentence = tr("It is tried before it is saved. Secrets go to this computer's keyring and nowhere else.")
        self.head = TitleBlock(title, sentence)
        self.kinds = QComboBox()
        self.kinds.setAccessibleName(tr("What to connect to"))
        for one in (offer_of(known.connection),) if known else OFFERS:
            if purpose.fits(one):
                self.kinds.addItem(tr(one.title), one.key)
        self.kinds.setVisible(known is None and self.kinds.count() > 1)
        self.kinds.currentIndexChanged.connect(self._show_kind)
        self._about = label(quiet=True)
        self.notices = column(spacing=theme.INSIDE)
        self._place = column()
        self.work = WorkLine()
        self.reason = label(quiet=True)
        self.cancel = button(tr("Cancel"), self.reject)
        self.cancel.setAutoDefault(False)
        self.primary = button(tr("Test and save"), self.confirm, primary=True)
        self.primary.setDefault(True)
        body = QWidget()
        inside = column(spacing=theme.BETWEEN)
        inside.setContentsMargins(0, 0, theme.INSIDE, 0)
        above = QWidget()  # of its own, so that Tab comes to it first
        above.setLayout(self.notices)
        inside.addWidget(above)
        self._asked = QWidget()
        self._asked.setLayout(column(self.kinds, self._about, spacing=theme.INSIDE))
        layout = self._asked.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.addSpacing(theme.INSIDE)
        layout.addLayout(self._place)
        inside.addWidget(self._asked)
        inside.addStretch(1)
        body.setLayout(inside)
        self._area = scrolled(body)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(theme.AROUND, theme.AROUND, theme.AROUND, theme.BETWEEN)
        whole.setSpacing(theme.BETWEEN)
        whole.addWidget(self.head)
        whole.addWidget(self._area, 1)
        whole.addWidget(self.work)
        bottom = row(self.reason, self.cancel, self.primary)
        bottom.setStretch(0, 1)
        whole.addLayout(bottom)
        self._show_kind()
        room = parent.size() if parent is not None else self.sizeHint()
        self.resize(self.sizeHint().boundedTo(room))
        (self.form.entrances if self.kinds.isHidden() else self.kinds).setFocus()

    def focusNextPrevChild(self, forward: bool) -> bool:
        return focus_next((self,), forward=forward)

    def sizeHint(self) -> QSize:
        return QSize(theme.scaled(_WIDTH), theme.scaled(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.scaled(_SMALLEST), theme.scaled(_SMALLEST))

    @property
    def offer(self) -> Offer:
        """What is to be connected to."""
        return next(one for one in OFFERS if one.key == self.kinds.currentData())

    def confirm(self) -> None:
        """Try it and save it; once it is saved, read from it."""
        if self._kept:
            self.accept()
            self.wanted.emit(self._kept)
        elif self._task is None and not self.form.waits_for:
            self.try_out()

    def try_out(self) -> None:
        """Try the connection as the form has it, and save it where all is well."""
        connection, secrets, new = self.form.connection(), self.form.secrets(), self._known is None
        self._start(
            lambda run: connecting.attempt(connection, secrets, run, keep=True, new=new), self._tried, decisive=True
        )

    def save_untried(self) -> None:
        """Save it as it is, though a trial did not succeed."""
        connection, secrets, new = self.form.connection(), self.form.secrets(), self._known is None

        def save(run: Run) -> Attempt:
            connecting.save(connection, secrets, new=new)
            return Attempt(connection, saved=True)

        self._start(save, self._tried, decisive=True)

    def reject(self) -> None:
        """Esc or Cancel: stop what is going on, else close."""
        if self._task is not None:
            self._task.cancel()
        else:
            super().reject()

    def done(self, result: int) -> None:
        """Close; no secret stays in the window."""
        self.form.forget_secrets()
        super().done(result)

    def _show_kind(self) -> None:
        offer = self.offer
        self._about.setText(tr(offer.sentence))
        clear(self._place)
        clear(self.notices)
        name = self._known.connection.name if self._known else _free_name(offer.name)
        self.form = ConnectionForm(offer, name, self._known)
        self.form.changed.connect(self._look)
        self._place.addWidget(self.form)
        self._look()

    def _start(self, work: Callable[[Run], Attempt], on_success: Callable[[Any], object], *, decisive: bool) -> None:
        clear(self.notices)
        self.lines = TestedLines()
        self.notices.addWidget(self.lines)
        self._asked.show()
        self._asked.setEnabled(False)
        self.primary.setEnabled(False)
        task = self._worker.start(work, on_success=on_success, on_failure=self._fail, owner=self, decisive=decisive)
        self._task = task
        self.lines.follow(task)
        task.found.connect(lambda _: self._look_up())
        task.cancelled.connect(lambda: clear(self.notices))
        task.ended.connect(self._ended)
        self.work.follow(task)

    def _tried(self, attempt: Attempt) -> None:
        if attempt.key is not None:
            self._ask(KeyCard(attempt.key), attempt.key.option)
        elif attempt.choice is not None:
            self._ask(ChoiceCard(attempt.choice), attempt.choice.option)
        elif attempt.saved:
            self._show_saved(attempt)
        elif attempt.tested is not None:
            text = tr("Nothing is saved yet. What does not work is said below.")
            untried = Action(tr("Save it all the same"), self.save_untried)
            self.notices.insertWidget(0, Banner("warning", text, [untried], title=tr("It can't be used like this")))
            self.lines.finish(attempt.tested)
            self._look_up()
        for option, value in attempt.connection.options.items():  # what was settled on the way
            if option in self.form.inputs and not self.form.value(option):
                self.form.set_value(option, value)

    def _ask(self, card: KeyCard | ChoiceCard, option: str) -> None:
        """What only a person can tell, in the form's place; what they choose goes into the form, and it is tried on."""

        def answered(value: str) -> None:
            self.form.set_value(option, value)
            self.try_out()

        def refused() -> None:
            clear(self.notices)
            self._asked.show()
            self._look()

        self.card = card
        card.answered.connect(answered)
        card.refused.connect(refused)
        self._asked.hide()
        clear(self.notices)
        self.notices.addWidget(card)
        self._look()
        self._look_up()
        card.setFocus()

    def _show_saved(self, attempt: Attempt) -> None:
        self._kept = attempt.connection.name
        self._asked.hide()
        secret = any(self.form.secrets().values()) or self.form.keeps_secret
        self.form.forget_secrets()
        if attempt.tested is not None:
            self.lines.finish(attempt.tested)
        else:
            self.notices.addWidget(Banner("warning", tr("It has not been tried successfully.")))
        kept = tr("Its secret is in this computer's keyring.")
        self.head.say(tr("{name} is saved", name=self._kept), kept if secret else "")
        self.cancel.setText(tr("Close"))
        self.cancel.setAccessibleName(tr("Close"))
        use = tr("Deliver there") if self.offer.receives else tr("Use it for an upload")
        self.primary.setText(use)
        self.primary.setAccessibleName(use)
        self.primary.setVisible(not self.offer.receives or self._purpose is Purpose.OUTLET)
        self.saved.emit(self._kept)

    def _fail(self, error: RosterDeskError) -> None:
        panel = ErrorPanel(error, [Action(tr("Save it all the same"), self.save_untried)])
        panel.dismissed.connect(lambda: clear(self.notices))
        self.notices.insertWidget(0, panel)  # what worked until then stays below
        self._look_up()

    def _ended(self) -> None:
        self._task = None
        self._asked.setEnabled(True)
        self._look()
        if self.primary.isVisible() and self.primary.isEnabled():
            self.primary.setFocus()

    def _look(self) -> None:
        asking = self._asked.isHidden() and not self._kept
        waits = "" if self._kept else tr("Answer above first.") if asking else self.form.waits_for
        self.reason.setText(waits)
        self.primary.setEnabled(not waits and self._task is None)
        self.primary.setAccessibleDescription(waits)

    def _look_up(self) -> None:
        """Bring what is said into sight."""
        self._area.verticalScrollBar().setValue(0)


def _free_name(wanted: str) -> str:
    """The name that is proposed: the usual one, or with a number where there is one already."""
    taken = {name.casefold() for name in connecting.names()}
    numbered = (wanted, *(f"{wanted}-{n}" for n in range(2, len(taken) + 3)))
    return next(name for name in numbered if name not in taken)
