"""Home, with much on it, with nothing, and where all was entered by hand; and the help."""

from __future__ import annotations

from PySide6.QtWidgets import QScrollArea

from rosterdesk.gui.helping import Topic
from rosterdesk.gui.recent import remember_source
from tests.shots.byhand import by_hand
from tests.shots.stage import SAMPLE, Shots, Stage


def draw(stage: Stage) -> Shots:
    """Home and help."""
    remember_source([SAMPLE / "cut"], {})
    window = stage.window
    yield "home", stage.settled()
    for area in window.home.findChildren(QScrollArea)[:1]:
        area.ensureWidgetVisible(window.home.sections)
    yield "home-end", stage.settled()
    for topic in Topic:
        window.show_help(topic)
        yield f"help-{topic.value}", stage.settled()
    stage.open(by_hand(stage.folder)[0])
    yield "home-by-hand", stage.settled()
    stage.open(stage.empty())
    yield "home-empty", stage.settled()
    stage.window.show_page(stage.window.directory)
    yield "directory-empty", stage.settled()
