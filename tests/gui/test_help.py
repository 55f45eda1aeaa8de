"""Help, keys, what this computer has, the log, and what RosterDesk is made of."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata

import pytest
from PySide6.QtGui import QDesktopServices, QGuiApplication

from rosterdesk import __version__, doctor, paths
from rosterdesk.gui.helping import Topic, topic_words
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.pages.help import libraries
from rosterdesk.gui.window import MainWindow
from rosterdesk.log import log, to_file

Settle = Callable[[MainWindow], None]


@pytest.fixture
def window(open_window: Callable[[Opening], MainWindow], opening: Opening) -> MainWindow:
    return open_window(opening)


@contextmanager
def logging_to_the_file() -> Iterator[None]:
    before = list(log.handlers)
    to_file(paths.home() / "logs" / "rosterdesk.log")
    try:
        yield
    finally:
        for handler in set(log.handlers) - set(before):
            log.removeHandler(handler)
            handler.close()
        log.setLevel(logging.NOTSET)


def test_the_menu_leads_to_each_topic(window: MainWindow, settle: Settle) -> None:
    for action, topic in zip(window.way.help.menu().actions(), Topic, strict=True):
        action.trigger()
        settle(window)
        assert window.pages.currentWidget() is window.help
        assert window.help.tabs.tabText(window.help.tabs.currentIndex()) == topic_words(topic)


def test_the_help_says_how_an_upload_goes(window: MainWindow) -> None:
    window.show_help()
    text = window.help.text.toPlainText()
    assert "An upload, step by step" in text
    assert "**" not in text


def test_the_check_says_what_the_doctor_says(window: MainWindow, settle: Settle) -> None:
    window.show_help(Topic.CHECK)
    settle(window)
    said = doctor.sentences(doctor.look())
    assert window.help.plain.toPlainText().splitlines()[0] == said[0]
    window.help.copy.click()
    assert QGuiApplication.clipboard().text().startswith(f"RosterDesk {__version__} on ")


def test_the_log_is_shown_and_its_folder_opened(
    window: MainWindow, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.show_help(Topic.LOGS)
    settle(window)
    assert window.help.plain.toPlainText() == "Nothing was logged yet."
    with logging_to_the_file():
        log.warning("%d rows were odd", 12)
    window.show_help(Topic.LOGS)
    settle(window)
    assert window.help.plain.toPlainText().strip().endswith("WARNING 12 rows were odd")
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    window.help.folder.click()
    assert opened == [str(paths.home() / "logs")]


def test_every_library_is_named_with_its_licence(window: MainWindow) -> None:
    found = {name: (version, licence) for name, version, licence in libraries()}
    assert found["duckdb"][0] == metadata.version("duckdb")
    assert [name for name, (_, licence) in found.items() if not licence] == []
    window.show_help(Topic.ABOUT)
    assert "Apache License 2.0" in window.help.text.toPlainText()
