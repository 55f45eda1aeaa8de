"""What a trial of a connection asks of a person: whether a server's key is the right one, and which district is meant.

Nothing is chosen beforehand: a key is pinned by a click alone.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout

from rosterdesk.gui import theme
from rosterdesk.gui.widgets import Card, button, label, row
from rosterdesk.gui.words import tr
from rosterdesk.net.site import UnknownHostKey
from rosterdesk.sources.choosing import Choice

_TITLES = {"district": "Which district is it?", "application": "Which application is it?"}
_SENTENCES = {
    "district": "The client is for {n} districts. A connection is for one; add another for each further one.",
    "application": "The token is for {n} applications. A connection is for one; add another for each further one.",
}


class KeyCard(Card):
    """Shows the fingerprint of a server's key once. `answered` carries the key when a person says that it is right."""

    answered = Signal(str)
    refused = Signal()

    def __init__(self, unknown: UnknownHostKey) -> None:
        super().__init__()
        title = tr("Is this the key of {host}?", host=unknown.host)
        self.setAccessibleName(title)
        self.key = QLineEdit(unknown.key)
        self.key.setReadOnly(True)
        self.key.setFont(theme.fixed_font())
        self.key.setCursorPosition(0)
        self.key.setAccessibleName(tr("Key of the server"))
        self.pin = button(tr("It is the same: trust this key"), lambda: self.answered.emit(unknown.key), primary=True)
        self.other = button(tr("It is another one"), self.refused.emit)
        for one in (self.pin, self.other):
            one.setAutoDefault(False)
        inside = self.layout()
        assert isinstance(inside, QVBoxLayout)
        inside.addWidget(label(title, size="section", bold=True))
        inside.addWidget(
            label(
                tr(
                    "Compare it, to the last letter, with what the server's owner tells you by another way than this. "
                    "Nothing was told to the server so far. If it shows another key some day, the run stops."
                )
            )
        )
        inside.addWidget(self.key)
        inside.addLayout(row(self.pin, self.other, None))
        self.setFocusProxy(self.key)


class ChoiceCard(Card):
    """The districts or applications, by their names. `answered` carries the ID of the one that was chosen."""

    answered = Signal(str)
    refused = Signal()

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        title = tr(_TITLES[choice.option])
        self.setAccessibleName(title)
        self.places = QComboBox()
        self.places.setAccessibleName(title)
        self.places.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.places.setPlaceholderText(tr("- choose -"))
        for place in choice.places:
            self.places.addItem(f"{place.name} ({place.id})" if place.name else place.id, place.id)
        self.places.setCurrentIndex(-1)
        self.use = button(tr("Take this one"), lambda: self.answered.emit(self.places.currentData()), primary=True)
        self.back = button(tr("Back to the form"), self.refused.emit)
        self.use.setEnabled(False)
        self.places.currentIndexChanged.connect(lambda at: self.use.setEnabled(at >= 0))
        for one in (self.use, self.back):
            one.setAutoDefault(False)
        inside = self.layout()
        assert isinstance(inside, QVBoxLayout)
        inside.addWidget(label(title, size="section", bold=True))
        inside.addWidget(label(tr(_SENTENCES[choice.option], n=len(choice.places))))
        inside.addWidget(self.places)
        inside.addLayout(row(self.use, self.back, None))
        self.setFocusProxy(self.places)
