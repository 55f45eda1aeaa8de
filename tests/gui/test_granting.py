"""Permissions in the settings: who has which, how one is given and taken away, and who may do that."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QComboBox, QLabel

from rosterdesk.directory import governing
from rosterdesk.directory.edit import editing
from rosterdesk.directory.permissions import Permission, list_grants
from rosterdesk.gui.granting import Permissions
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.window import MainWindow
from tests.gui.test_hand_edits import fill, number, said, save

Settle = Callable[[MainWindow], None]


@pytest.fixture
def window(open_window: Callable[[Opening], MainWindow], opening: Opening, settle: Settle) -> MainWindow:
    made = open_window(opening)
    made.show_settings(0)
    settle(made)
    return made


def card(window: MainWindow) -> Permissions:
    made = window.settings.permissions
    assert made is not None
    return made


def texts(window: MainWindow) -> list[str]:
    return [shown.text() for shown in card(window).findChildren(QLabel)]


def granted(window: MainWindow) -> list[tuple[str, str, str]]:
    directory = window._directory
    assert directory is not None
    with directory.read() as conn:
        return list_grants(conn, directory.district)


def give(window: MainWindow, settle: Settle, who: str, permission: str) -> None:
    card(window).give.click()
    settle(window)
    dialog = window.settings.editing.dialog
    assert dialog is not None
    fill(dialog, who=who, permission=permission)
    save(dialog, window, settle)


def test_a_permission_is_given_listed_and_taken_away(window: MainWindow, settle: Settle) -> None:
    assert "Nobody has been given a permission here yet." in texts(window)
    give(window, settle, "sam", "rostering_administrator")
    assert granted(window) == [("sam", "rostering_administrator", "")]
    assert said(window.settings).startswith("Saved as run 3: grant a permission.")
    assert {"sam", "Rostering Administrator", "The whole district"} <= set(texts(window))
    (take,) = card(window).revoking
    take.click()
    settle(window)
    dialog = window.settings.editing.dialog
    assert dialog is not None
    fill(dialog)
    save(dialog, window, settle)
    assert granted(window) == []
    assert "Nobody has been given a permission here yet." in texts(window)


def test_one_of_a_school_is_given_on_the_schools_settings(window: MainWindow, settle: Settle) -> None:
    give(window, settle, "ann", "district_leader")
    window.show_settings(number(window, "schools", "A"))
    settle(window)
    assert "ann" not in texts(window)
    card(window).give.click()
    settle(window)
    dialog = window.settings.editing.dialog
    assert dialog is not None
    box = dialog.inputs["permission"]
    assert isinstance(box, QComboBox)
    assert box.findData("district_leader") == -1
    fill(dialog, who="sam", permission="school_leader")
    save(dialog, window, settle)
    assert granted(window) == [("ann", "district_leader", ""), ("sam", "school_leader", "A")]
    assert "sam" in texts(window)


def test_what_somebody_has_already_is_refused(window: MainWindow, settle: Settle) -> None:
    give(window, settle, "sam", "staff")
    give(window, settle, "sam", "staff")
    dialog = window.settings.editing.dialog
    assert dialog is not None
    assert said(dialog).startswith("sam has this permission already.")
    dialog.reject()
    assert len(granted(window)) == 1


def test_who_may_not_govern_sees_the_rule_alone(window: MainWindow, settle: Settle) -> None:
    directory = window._directory
    assert directory is not None
    with editing(directory, "permissions", "test") as edit:
        governing.grant(edit, "sam", Permission.STAFF)
    directory._acting_as = "sam"
    window.show_settings(0)
    settle(window)
    assert texts(window)[1].startswith("Permissions are changed by a Permissions Administrator.")
    assert "sam" not in texts(window)
    assert card(window).revoking == []
