"""The last question before something that can't be taken back: what goes, and a word or number to type first."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLineEdit

from rosterdesk.gui import theme
from rosterdesk.gui.widgets import Picture, button, column, label, row
from rosterdesk.gui.words import tr


class LastQuestion(QFrame):
    """`confirmed` when the person has typed `word` and pressed the button, `left` when they keep what is there."""

    confirmed = Signal()
    left = Signal()

    def __init__(self, title: str, text: str, word: str, verb: str, option: str = "") -> None:
        super().__init__()
        self.setProperty("banner", "warning")
        self.setAccessibleName(f"{title} {text}")
        self._word = word
        self.option = QCheckBox(option)
        self.option.setVisible(bool(option))
        ask = label(tr("To go on, type {word}:", word=word))
        ask.setWordWrap(False)
        self.typed = QLineEdit()
        self.typed.setFixedWidth(theme.scaled(140))
        self.typed.setAccessibleName(ask.text())
        self.typed.textChanged.connect(self._type)
        self.typed.returnPressed.connect(self._go)
        self.go = button(verb, self._go)
        self.keep = button(tr("Keep it"), self.left.emit)
        words = column(label(title, bold=True), label(text), self.option, spacing=theme.INSIDE)
        words.addLayout(row(ask, self.typed, None))
        words.addLayout(row(self.go, self.keep, None))
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 10, 12, 10)
        line.setSpacing(12)
        line.addWidget(Picture("warning", 20, "changed"), 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        self._type()

    def _type(self) -> None:
        self.go.setEnabled(self.typed.text().strip() == self._word)

    def _go(self) -> None:
        if self.go.isEnabled():
            self.confirmed.emit()
