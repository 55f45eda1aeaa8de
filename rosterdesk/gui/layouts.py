"""How widgets are put together: one below the other, one beside the other, longer than the window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from rosterdesk.gui import theme


def column(*parts: QWidget, spacing: int = theme.INSIDE, margin: int = 0) -> QVBoxLayout:
    """Widgets one below the other."""
    made = QVBoxLayout()
    made.setSpacing(spacing)
    made.setContentsMargins(margin, margin, margin, margin)
    for part in parts:
        made.addWidget(part)
    return made


def row(*parts: QWidget | None, spacing: int = theme.INSIDE) -> QHBoxLayout:
    """Widgets one beside the other; None is the room between left and right."""
    made = QHBoxLayout()
    made.setSpacing(spacing)
    made.setContentsMargins(0, 0, 0, 0)
    for part in parts:
        if part is None:
            made.addStretch(1)
        else:
            made.addWidget(part)
    return made


def clear(layout: QLayout) -> None:
    """Take all widgets out of a layout, and away."""
    while (old := layout.takeAt(0)) is not None:
        if (widget := old.widget()) is not None:
            widget.hide()
            widget.deleteLater()


def scrolled(content: QWidget) -> QScrollArea:
    """A page that may be longer than the window; never wider."""
    area = QScrollArea()
    content.setObjectName("content")
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(content)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
