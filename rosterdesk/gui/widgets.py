"""The small parts that pages are put together from: titles, banners, empty states, errors, buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from rosterdesk.errors import RosterDeskError
from rosterdesk.gui import theme
from rosterdesk.gui.layouts import clear, column, row, scrolled
from rosterdesk.gui.wording import in_words, worded
from rosterdesk.gui.words import tr

__all__ = [
    "Action",
    "Banner",
    "Card",
    "CutLabel",
    "EmptyState",
    "ErrorPanel",
    "Fold",
    "Picture",
    "SideBySide",
    "TitleBlock",
    "button",
    "clear",
    "column",
    "icon_button",
    "label",
    "row",
    "scrolled",
]

_BANNER_ICONS = {"plain": ("info", "added"), "warning": ("warning", "changed"), "error": ("error", "removed")}
_ILLUSTRATION = 48


class Action(NamedTuple):
    """A button of a banner or an empty state: its word, and what it does."""

    text: str
    act: Callable[[], object]
    primary: bool = False


def label(text: str = "", *, size: str = "body", bold: bool = False, quiet: bool = False) -> QLabel:
    """Text that wraps and can be selected. Never rich: it may come from a file."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(True)
    made.setFont(theme.font(size, bold=bold))
    made.setProperty("quiet", quiet)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return made


def button(
    text: str, act: Callable[[], object] | None = None, *, primary: bool = False, link: bool = False, icon: str = ""
) -> QPushButton:
    """A button that says what it does."""
    made = QPushButton(text)
    made.setAccessibleName(text)
    made.setProperty("primary", primary)
    made.setProperty("link", link)
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    if icon:
        made.setIconSize(QSize(theme.scaled(24), theme.scaled(16)))  # the rest of the width keeps the word away
        theme.set_icon(made, icon, "on_accent" if primary else "accent" if link else "text")
    if act is not None:
        made.clicked.connect(lambda _checked=False: act())
    return made


def icon_button(icon: str, name: str, act: Callable[[], object] | None = None) -> QToolButton:
    """A button that is only a picture; `name` is its tooltip and what a screen reader says."""
    made = QToolButton()
    theme.set_icon(made, icon, "quiet")
    made.setIconSize(QSize(theme.scaled(16), theme.scaled(16)))
    made.setToolTip(name)
    made.setAccessibleName(name)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    if act is not None:
        made.clicked.connect(lambda _checked=False: act())
    return made


class CutLabel(QLabel):
    """One line of text, cut where its room ends; the whole is in the tooltip and what a screen reader says."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._whole = text
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)
        self.setText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        cut = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, event.size().width())
        self.setText(cut)
        self.setToolTip("" if cut == self._whole else self._whole)
        super().resizeEvent(event)


class Picture(QLabel):
    """An icon that follows light and dark."""

    def __init__(self, name: str, size: int = 20, tone: str = "kept") -> None:
        super().__init__()
        self._what = (name, size, tone)
        self._draw()

    def show_icon(self, name: str, tone: str) -> None:
        """Another picture in the same size."""
        self._what = (name, self._what[1], tone)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()
        super().changeEvent(event)

    def _draw(self) -> None:
        name, size, tone = self._what
        self.setPixmap(theme.pixmap(name, theme.scaled(size), tone))
        self.setFixedSize(theme.scaled(size), theme.scaled(size))


class TitleBlock(QWidget):
    """The title of a page and the one sentence that says why it exists."""

    def __init__(self, title: str = "", sentence: str = "") -> None:
        super().__init__()
        self.title = label(size="title", bold=True)
        self.sentence = label(quiet=True)
        self.setLayout(column(self.title, self.sentence, spacing=theme.TIGHT))
        self.say(title, sentence)

    def say(self, title: str, sentence: str = "") -> None:
        """Another title and sentence."""
        self.title.setText(title)
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))


class Banner(QFrame):
    """Something to know before going on. `kind` is plain, warning or error."""

    def __init__(self, kind: str, text: str, actions: Sequence[Action] = (), *, title: str = "") -> None:
        super().__init__()
        text, title = worded(text), worded(title)
        self.setProperty("banner", kind)
        self.setAccessibleName(f"{title} {text}".strip())
        icon, tone = _BANNER_ICONS[kind]
        words = column(*([label(title, bold=True)] if title else []), label(text), spacing=theme.TIGHT)
        if actions:
            words.addSpacing(theme.TIGHT)
            words.addLayout(row(*(button(a.text, a.act, primary=a.primary) for a in actions), None))
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 10, 12, 10)
        line.setSpacing(12)
        line.addWidget(Picture(icon, 20, tone), 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)


class EmptyState(QWidget):
    """What would be here, and how to get it."""

    def __init__(self, icon: str, text: str, action: Action | None = None, *, title: str = "") -> None:
        super().__init__()
        self.title = label(title, size="section", bold=True)
        self.text = label(text, quiet=True)
        inside = QVBoxLayout(self)
        inside.setSpacing(theme.INSIDE)
        inside.addStretch(1)
        inside.addWidget(Picture(icon, _ILLUSTRATION, "edge"), 0, Qt.AlignmentFlag.AlignHCenter)
        for words in (self.title, self.text):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            inside.addWidget(words)
        self.title.setVisible(bool(title))
        if action is not None:
            inside.addSpacing(theme.INSIDE)
            made = button(action.text, action.act, primary=action.primary)
            inside.addWidget(made, 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addStretch(1)

    def say(self, text: str, title: str = "") -> None:
        """Another reason for being empty."""
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self.text.setText(text)


class Fold(QWidget):
    """A line that opens to show more."""

    def __init__(self, text: str, content: QWidget) -> None:
        super().__init__()
        self._toggle = QToolButton()
        self._toggle.setText(text)
        self._toggle.setAccessibleName(text)
        self._toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._toggle.setCheckable(True)
        self._toggle.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.set_icon(self._toggle, "chevron-right", "quiet")
        self._toggle.toggled.connect(self._open)
        self._content = content
        content.hide()
        self.setLayout(column(self._toggle, content, spacing=theme.TIGHT))

    def open(self, opened: bool = True) -> None:
        """Open it, or fold it away."""
        self._toggle.setChecked(opened)

    def _open(self, opened: bool) -> None:
        theme.set_icon(self._toggle, "chevron-down" if opened else "chevron-right", "quiet")
        self._content.setVisible(opened)


class ErrorPanel(QFrame):
    """An error for people: what happened, what to do now, and behind a fold what IT may want to know."""

    dismissed = Signal()

    def __init__(self, error: RosterDeskError, actions: Sequence[Action] = ()) -> None:
        super().__init__()
        self.error = error = in_words(error)
        self.setProperty("banner", "error")
        self.setAccessibleName(f"{error.title} {error.advice}".strip())
        words = column(label(error.title, bold=True), spacing=theme.TIGHT)
        if error.advice:
            words.addWidget(label(error.advice))
        if error.detail:
            detail = QPlainTextEdit(error.detail)
            detail.setReadOnly(True)
            detail.setAccessibleName(tr("Detail for IT"))
            detail.setFont(theme.fixed_font())
            detail.setMaximumHeight(theme.scaled(120))
            words.addWidget(Fold(tr("Detail for IT"), detail))
        words.addSpacing(theme.TIGHT)
        buttons = [button(a.text, a.act, primary=a.primary) for a in actions]
        words.addLayout(row(*buttons, button(tr("Copy"), self.copy, icon="copy"), None))
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 10, 12, 10)
        line.setSpacing(12)
        line.addWidget(Picture("error", 20, "removed"), 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        close = icon_button("close", tr("Close this message"), self.dismissed.emit)
        line.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)

    def copy(self) -> None:
        """Put the whole of it on the clipboard."""
        parts = (self.error.title, self.error.advice, self.error.detail)
        QGuiApplication.clipboard().setText("\n\n".join(part for part in parts if part))


class Card(QFrame):
    """A ground of its own for things that belong together."""

    def __init__(self, *parts: QWidget, margin: int = theme.BETWEEN, spacing: int = theme.INSIDE) -> None:
        super().__init__()
        self.setProperty("card", True)
        self.setLayout(column(*parts, spacing=spacing, margin=margin))


class SideBySide(QWidget):
    """Before and after, or two records: two cards of equal width."""

    def __init__(self, left: QWidget, right: QWidget) -> None:
        super().__init__()
        both = QHBoxLayout(self)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(theme.BETWEEN)
        both.addWidget(left, 1)
        both.addWidget(right, 1)
