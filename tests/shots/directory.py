"""The directory: its lists, a record of each kind, its menus, and erasing somebody who has left."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QPushButton

from rosterdesk.gui.widgets import Fold
from tests.shots.stage import Shots, Stage, opened

_TABS = {name: at for at, name in enumerate(("students", "staff", "guardians", "classrooms", "schools", "archived"))}


def draw(stage: Stage) -> Shots:
    """The page of the directory, as it is looked around in."""
    page = stage.window.directory
    stage.window.show_page(page)
    yield "directory", stage.settled()
    menu = page.more.menu()
    assert menu is not None
    menu.popup(page.more.mapToGlobal(QPoint(0, page.more.height())))
    yield "directory-more", stage.settled(menu)
    menu.close()
    page.panels["students"].table.choose(2)
    yield "directory-record", stage.settled()
    page.search.setText("zzz")
    page.search.returnPressed.emit()
    yield "directory-nothing-found", stage.settled()
    page.search.clear()
    page.search.returnPressed.emit()
    for name in ("archived", "schools"):
        page.record.hide()
        page.tabs.setCurrentIndex(_TABS[name])
        yield f"directory-{name}", stage.settled()
    for name in ("students", "staff", "guardians", "classrooms", "schools"):
        page.tabs.setCurrentIndex(_TABS[name])
        stage.settled()
        page.panels[page.entity].table.choose(1)
        stage.settled()
        for fold in page.record.findChildren(Fold):
            opened(fold)
        yield f"record-{name}", stage.settled()
    page.tabs.setCurrentIndex(_TABS["archived"])
    stage.settled()
    page.panels[page.entity].table.choose(0)
    stage.settled()
    for button in page.record.findChildren(QPushButton):
        if button.text() == "Erase for good":
            button.click()
            yield "directory-erase", stage.settled()
            break
