"""The settings page: what is set where, what each value does, how it is saved as a run, and who may."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QScrollArea, QWidget

from rosterdesk.directory import governing, settings
from rosterdesk.directory.edit import editing
from rosterdesk.directory.explained import EXPLAINED
from rosterdesk.errors import NotAllowed
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.pages.settings import SettingsPage
from rosterdesk.gui.settingslook import Place
from rosterdesk.gui.window import MainWindow
from tests.gui.test_hand_edits import number, said, save

Settle = Callable[[MainWindow], None]


@pytest.fixture
def window(open_window: Callable[[Opening], MainWindow], opening: Opening, settle: Settle) -> MainWindow:
    made = open_window(opening)
    made.show_settings(0)
    settle(made)
    return made


def choose(page: SettingsPage, name: str, value: str) -> None:
    box = page.inputs[name]
    if isinstance(box, QComboBox):
        box.setCurrentIndex(box.findData(value))
    else:
        box.setText(value)


def own(window: MainWindow) -> dict[int, dict[str, str]]:
    assert window._directory is not None
    with window._directory.read() as conn:
        return settings.own_settings(conn, window._directory.district)


def texts(page: QWidget) -> str:
    return " ".join(w.text() for w in page.findChildren(QLabel))


def keep(window: MainWindow, settle: Settle) -> None:
    window.settings.save.click()
    settle(window)
    dialog = window.settings.editing.dialog
    assert dialog is not None
    dialog.why.setText("decided by the board")
    save(dialog, window, settle)


def test_every_setting_stands_there_with_its_effect(window: MainWindow) -> None:
    page = window.settings
    assert set(page.inputs) == set(EXPLAINED)
    assert "An archived student whose SIS ID is in the source again becomes active" in texts(page)
    choose(page, "restore_students", "off")
    assert "An archived student stays archived until a person restores them." in texts(page)
    assert page.inputs["restore_students"].accessibleDescription().startswith("An archived student stays archived")


def test_settings_are_saved_as_a_run_that_can_be_taken_back(window: MainWindow, settle: Settle) -> None:
    page = window.settings
    assert not page.save.isEnabled()
    choose(page, "restore_students", "off")
    choose(page, "threshold_percent", "15%")
    assert page.save.text() == "Save 2 settings"
    assert not page.places.isEnabled()
    keep(window, settle)
    assert own(window) == {0: {"restore_students": "off", "threshold_percent": "15"}}
    assert said(page).startswith("Saved as run 3: change settings.")
    assert page.changes == {}
    assert page.places.isEnabled()
    next(b for b in page.editing.findChildren(QWidget) if b.accessibleName() == "Undo").click()  # type: ignore[attr-defined]
    settle(window)
    assert own(window) == {}
    box = page.inputs["restore_students"]
    assert isinstance(box, QComboBox)
    assert box.currentData() == "on"


def test_a_school_has_its_own_or_follows_the_district(window: MainWindow, settle: Settle) -> None:
    page = window.settings
    school = number(window, "schools", "A")
    window.show_settings(school)
    settle(window)
    assert settings.DISTRICT_ONLY.isdisjoint(page.inputs)
    box = page.inputs["unarchive_classrooms"]
    assert isinstance(box, QComboBox)
    assert box.currentText() == "As the district: Off"
    choose(page, "unarchive_classrooms", "on")
    keep(window, settle)
    assert own(window) == {school: {"unarchive_classrooms": "on"}}
    choose(page, "unarchive_classrooms", "")
    keep(window, settle)
    assert own(window).get(school, {}) == {}


def test_a_value_that_cannot_be_is_refused_and_nothing_is_saved(window: MainWindow, settle: Settle) -> None:
    page = window.settings
    choose(page, "threshold_percent", "many")
    page.save.click()
    settle(window)
    dialog = page.editing.dialog
    assert dialog is not None
    dialog.why.setText("why not")
    save(dialog, window, settle)
    assert said(dialog).startswith("'many' is no value of the setting threshold_percent.")
    dialog.reject()
    assert own(window) == {}
    page.revert.click()
    box = page.inputs["threshold_percent"]
    assert isinstance(box, QLineEdit)
    assert (box.text(), page.changes) == ("", {})


def test_what_is_not_saved_yet_outlives_a_look_around(window: MainWindow, settle: Settle) -> None:
    choose(window.settings, "restore_students", "off")
    window.show_page(window.home)
    window.show_page(window.settings)
    settle(window)
    assert window.settings.changes == {"restore_students": "off"}


def test_who_may_not_sees_the_rule_and_changes_nothing(window: MainWindow, settle: Settle) -> None:
    page = window.settings
    now = page._place
    assert now is not None
    rule = NotAllowed("Settings of the district are its leaders' to change.", "Ask a district leader.")
    page.show_place(Place(0, now.name, now.settings, now.places, rule, now.since))
    settle(window)
    assert said(page) == "Settings of the district are its leaders' to change. Ask a district leader."
    assert not any(box.isEnabled() for box in page.inputs.values())
    assert not page.save.isEnabled()


def test_settings_are_reached_from_the_directory_and_from_a_schools_record(window: MainWindow, settle: Settle) -> None:
    assert window._directory is not None
    school = number(window, "schools", "B")
    with editing(window._directory, "settings", "test") as edit:
        governing.change_settings(edit, {"sync": "off"}, school)
    window.show_page(window.directory)
    window.directory._open("schools", school)
    settle(window)
    next(
        b for b in window.directory.record.findChildren(QWidget) if b.accessibleName() == "Settings of this school"
    ).click()  # type: ignore[attr-defined]
    settle(window)
    assert window.pages.currentWidget() is window.settings
    assert window.settings.places.currentData() == school
    assert window.way.directory.isChecked()
    menu = window.directory.more.menu()
    assert menu is not None
    next(action for action in menu.actions() if action.text() == "Settings").trigger()
    settle(window)
    assert window.settings.places.currentData() == 0


def test_the_page_ends_with_its_last_group(window: MainWindow, settle: Settle) -> None:
    area = next(a for a in window.settings.findChildren(QScrollArea) if a.widget() is not None)
    body = area.widget()
    layout = body.layout()
    assert layout is not None
    assert body.height() == max(layout.heightForWidth(body.width()), area.viewport().height())
