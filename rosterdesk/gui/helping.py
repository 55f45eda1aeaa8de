"""Where a person finds help: the topics, and the button that opens them. What they say is `pages.help`'s."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton

from rosterdesk.gui import theme
from rosterdesk.gui.words import tr


class Topic(StrEnum):
    """What the help page can show, in the order of the menu."""

    HELP = "help"
    KEYS = "keys"
    CHECK = "check"
    LOGS = "logs"
    ABOUT = "about"


def topic_words(topic: Topic) -> str:
    """What a topic is called."""
    return {
        Topic.HELP: tr("Help"),
        Topic.KEYS: tr("Keyboard shortcuts"),
        Topic.CHECK: tr("Check this computer"),
        Topic.LOGS: tr("Logs"),
        Topic.ABOUT: tr("About RosterDesk"),
    }[topic]


def shortcuts() -> list[tuple[str, str]]:
    """Every key that does something, and what it does."""
    return [
        ("F1", tr("Help")),
        ("Ctrl+N", tr("New upload")),
        ("Ctrl+1", tr("Home")),
        ("Ctrl+2", tr("Directory")),
        ("Ctrl+3", tr("Jobs")),
        ("Ctrl+4", tr("Connections")),
        ("F5", tr("Look again")),
        ("Ctrl+F", tr("Search in what is shown")),
        ("Ctrl+V", tr("Take files or a table from the clipboard (Home, Source)")),
        ("Ctrl+C", tr("Copy the chosen rows, as Excel understands them")),
        ("Enter", tr("Open the chosen row")),
        ("Alt+Left, Alt+Right", tr("A step back, a step on (upload)")),
        ("Ctrl+Z, Ctrl+Y", tr("Undo and redo (upload)")),
        ("Tab, Shift+Tab", tr("To the next and the last control")),
        ("Ctrl+Q", tr("Close RosterDesk")),
    ]


class HelpButton(QToolButton):
    """`asked` carries the `Topic` that was chosen from its menu."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("nav", True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        theme.set_icon(self, "help", "quiet")
        self.setIconSize(QSize(theme.scaled(26), theme.scaled(18)))
        self.setText(f" {tr('Help')}")
        self.setAccessibleName(tr("Help"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        for topic in Topic:
            menu.addAction(topic_words(topic)).triggered.connect(lambda _=False, topic=topic: self.asked.emit(topic))
        self.setMenu(menu)
