"""A field to search in: its picture grows with the person's text, which Qt's own pictures in fields do not."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit

from rosterdesk.gui import theme

_PICTURE, _EDGE = 16, 8
_TYPING_MS = 250  # how long a person pauses when a word is typed


class SearchField(QLineEdit):
    """`searched` carries the words, a moment after the last key or at once on Enter; the same words only once."""

    searched = Signal(str)

    def __init__(self, name: str, placeholder: str, width: int) -> None:
        super().__init__()
        self._told = ""
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setClearButtonEnabled(True)
        self.setFixedWidth(theme.scaled(width))
        self.setTextMargins(theme.scaled(_PICTURE) + _EDGE, 0, 0, 0)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self._tell)
        self.textChanged.connect(lambda _: self._typing.start())
        self.returnPressed.connect(self._tell)

    @property
    def words(self) -> str:
        """What is searched for now."""
        return self._told

    def go(self) -> None:
        """Go to the field, ready for other words."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        size = theme.scaled(_PICTURE)
        painter = QPainter(self)
        place = QRect(_EDGE, (self.height() - size) // 2, size, size)
        theme.icon("search", "quiet").paint(painter, place)
        painter.end()

    def _tell(self) -> None:
        self._typing.stop()
        if (words := self.text().strip()) != self._told:
            self._told = words
            self.searched.emit(words)
