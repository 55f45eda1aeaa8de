"""The two menus at the head of the directory: what can be made there, and what else can be done with it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMenu, QPushButton

from rosterdesk.gui.newrecords import new_words
from rosterdesk.gui.widgets import button
from rosterdesk.gui.words import tr


def new_button(make: Callable[[str], object]) -> QPushButton:
    """New: `make` is told the kind of record."""
    made = button(tr("New"), icon="added")
    menu = QMenu(made)
    for entity in ("students", "staff", "guardians", "classrooms", "schools"):
        menu.addAction(new_words(entity)).triggered.connect(lambda _=False, kind=entity: make(kind))
    made.setMenu(menu)
    return made


def more_button(
    *,
    settings: Callable[[], object],
    letters: Callable[[], object],
    rollover: Callable[[], object],
    switch: Callable[[], object],
) -> QPushButton:
    """More: the settings, letters, the end of the school year, and the way to the SIS."""
    made = button(tr("More"), icon="more")
    menu = QMenu(made)
    for words, act in (
        (tr("Settings"), settings),
        (tr("Letters to families"), letters),
        (tr("End of the school year"), rollover),
        (tr("Switch from records entered by hand to your SIS"), switch),
    ):
        menu.addAction(words).triggered.connect(lambda _=False, act=act: act())
    made.setMenu(menu)
    return made
