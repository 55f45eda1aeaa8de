"""Settings of the district and of a school, permissions, and cleaning up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from PySide6.QtWidgets import QComboBox, QPushButton, QScrollArea

from rosterdesk.credentials import KeySource
from rosterdesk.directory import governing
from rosterdesk.directory.edit import editing
from rosterdesk.directory.engine import open_directory
from rosterdesk.directory.permissions import Permission
from rosterdesk.directory.schema import runs
from tests.shots.stage import Shots, Stage


def draw(stage: Stage) -> Shots:
    """The page of the settings."""
    opening = stage.opening()
    long_ago = (datetime.now(UTC) - timedelta(days=1500)).isoformat(timespec="seconds")
    with open_directory(opening.where, KeySource(file=opening.key_file)) as directory:
        with editing(directory, "granting", "The office of Lincoln") as edit:
            governing.grant(edit, "sam", Permission.ROSTERING_ADMINISTRATOR)
            governing.grant(edit, "ann", Permission.DISTRICT_LEADER)
        with directory.transaction("dating the runs") as connection:
            connection.execute(runs.update().where(runs.c.run <= 2).values(started=long_ago))
    window = stage.open(opening)
    window.show_settings(0)
    page = window.settings
    yield "settings", stage.settled()
    if page.permissions is not None:
        for area in page.findChildren(QScrollArea)[:1]:
            area.ensureWidgetVisible(page.permissions)
        yield "settings-permissions", stage.settled()
        page.permissions.give.click()
        yield from stage.dialog("permission", page.editing)
    for area in page.findChildren(QScrollArea):
        area.verticalScrollBar().setValue(0)
    restore = page.inputs["restore_students"]
    assert isinstance(restore, QComboBox)
    restore.setCurrentIndex(1)
    yield "settings-changed", stage.settled()
    page.save.click()
    yield from stage.dialog("settings-save", page.editing)
    page.revert.click()
    stage.settled()
    next(button for button in page.findChildren(QPushButton) if button.text() == "Clean up now").click()
    yield "settings-cleaning", stage.settled()
    window.show_settings(page.places.itemData(1))
    yield "settings-school", stage.settled()
