"""Colours that can be told apart, and pictures that are there."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rosterdesk import paths
from rosterdesk.gui import theme
from rosterdesk.gui.search import SearchField
from rosterdesk.gui.theme import DARK, LIGHT, Colours
from rosterdesk.gui.widgets import Picture, button

_SCHEMES = pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])


def luminance(colour: str) -> float:
    """As WCAG 2.1 defines it."""
    parts = (QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF())
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@_SCHEMES
def test_text_can_be_read(scheme: Colours) -> None:
    grounds = ("window", "base", "soft", "added_ground", "changed_ground", "removed_ground")
    pairs = [("text", ground) for ground in grounds]
    pairs += [
        (tone, g) for tone in ("quiet", "accent", "added", "changed", "removed", "kept") for g in ("window", "base")
    ]
    pairs += [("on_accent", "accent"), ("changed", "changed_ground"), ("removed", "removed_ground"), ("quiet", "soft")]
    low = {
        (front, back): round(found, 2)
        for front, back in pairs
        if (found := contrast(getattr(scheme, front), getattr(scheme, back))) < 4.5
    }
    assert low == {}


@_SCHEMES
def test_edges_and_marks_can_be_seen(scheme: Colours) -> None:
    for ground in (scheme.window, scheme.base):
        assert contrast(scheme.edge, ground) >= 3


@pytest.mark.parametrize("picture", sorted((paths.RESOURCES / "icons").glob("*.svg")), ids=lambda path: path.stem)
def test_every_picture_is_drawn(picture: object, app: QApplication) -> None:
    image = theme.pixmap(picture.stem, 24, "text").toImage()  # type: ignore[attr-defined]
    assert any(image.pixelColor(x, y).alpha() for x in range(image.width()) for y in range(image.height()))


def test_every_picture_that_is_named_is_there() -> None:
    there = {path.stem for path in (paths.RESOURCES / "icons").glob("*.svg")}
    style = (paths.RESOURCES / "styles" / "window.qss").read_text("utf-8").replace("$tick", "light")
    assert set(re.findall(r"icons/([\w-]+)\.svg", style)) <= there


def test_the_window_follows_the_system_while_it_runs(app: QApplication, qtbot: QtBot) -> None:
    """The window's colours and the pictures in it change as soon as the system says so."""
    field, picture = SearchField("Search", "Search", 200), Picture("lock", 16, "text")
    press = button("Save", icon="save")
    for widget in (field, picture, press):
        qtbot.addWidget(widget)
        widget.show()
    theme.apply(app)
    hints = app.styleHints()
    found = []
    for scheme in (Qt.ColorScheme.Light, Qt.ColorScheme.Dark, Qt.ColorScheme.Light):
        hints.colorSchemeChanged.emit(scheme)  # without a screen there is no system that could say it
        QApplication.processEvents()
        inks = [ink(picture.pixmap().toImage()), ink(press.icon().pixmap(16).toImage())]
        found.append((field.palette().color(QPalette.ColorRole.Base).name(), *inks))
    light = (LIGHT.base, LIGHT.text, LIGHT.text)
    assert found == [light, (DARK.base, DARK.text, DARK.text), light]


def ink(image: QImage) -> str:
    """The colour of a picture's strokes."""
    places = ((x, y) for x in range(image.width()) for y in range(image.height()))
    return max((image.pixelColor(x, y) for x, y in places), key=QColor.alpha).name()


@pytest.mark.parametrize("dark", [False, True])
def test_the_window_is_as_dark_as_it_was_told_to_be(app: QApplication, dark: bool) -> None:
    theme.apply(app, dark=dark)
    assert theme.is_dark() is dark
    assert theme.colours() is (DARK if dark else LIGHT)
