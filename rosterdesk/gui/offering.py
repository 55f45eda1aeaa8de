"""What can be done to a record as buttons, and what can't, with the rule and who could do it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.flow import Flow
from rosterdesk.gui.handedits import offer_words
from rosterdesk.gui.widgets import Fold, button, column, label
from rosterdesk.gui.words import counted

if TYPE_CHECKING:
    from rosterdesk.directory.offers import Offer


class Offers(QWidget):
    """`wanted` carries the name of the edit that was chosen. `more` are buttons that stand behind the edits."""

    wanted = Signal(str)

    def __init__(self, offers: Sequence[Offer], more: Sequence[QWidget] = ()) -> None:
        super().__init__()
        inside = column(spacing=theme.INSIDE)
        here = QWidget()
        flow = Flow(here, theme.INSIDE)
        self.buttons = {o.name: button(offer_words(o.name)) for o in offers}
        for offer in offers:
            made = self.buttons[offer.name]
            made.clicked.connect(lambda _=False, name=offer.name: self.wanted.emit(name))
            if offer.refusal is None:
                flow.addWidget(made)
        for other in more:
            flow.addWidget(other)
        policy = here.sizePolicy()
        policy.setHeightForWidth(True)
        here.setSizePolicy(policy)
        inside.addWidget(here)
        if refused := [offer for offer in offers if offer.refusal is not None]:
            words = counted(len(refused), "{n} thing can't be done here", "{n} things can't be done here")
            inside.addWidget(Fold(words, self._refused(refused)))
        self.setLayout(inside)

    def _refused(self, offers: Sequence[Offer]) -> QWidget:
        box = QWidget()
        inside = column(spacing=theme.TIGHT)
        for offer in offers:
            made = self.buttons[offer.name]
            made.setEnabled(False)
            assert offer.refusal is not None
            rule = f"{offer.refusal.title} {offer.refusal.advice}".strip()
            made.setAccessibleDescription(rule)
            made.setToolTip(rule)
            inside.addWidget(made)
            inside.addWidget(label(rule, quiet=True))
            inside.addSpacing(theme.TIGHT)
        box.setLayout(inside)
        return box
