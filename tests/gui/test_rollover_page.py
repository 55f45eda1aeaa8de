"""The end of the school year in the window: the preview, archiving as one run, and the jobs over the summer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import QPushButton, QWidget

from rosterdesk.errors import NotAllowed
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.pages.rollover import Year
from rosterdesk.gui.window import MainWindow
from rosterdesk.jobs.calendar import period
from rosterdesk.jobs.file import FirstRun, Job, load, save
from tests.gui.test_hand_edits import latest, number, said
from tests.gui.test_hand_edits import save as press_save
from tests.rosters import exported

Settle = Callable[[MainWindow], None]


@pytest.fixture
def window(open_window: Callable[[Opening], MainWindow], opening: Opening, settle: Settle) -> MainWindow:
    save(Job("nightly", ("somewhere",)))
    save(Job("weekly", ("somewhere",)))
    made = open_window(opening)
    made.show_page(made.rollover)
    settle(made)
    return made


def rows(window: MainWindow) -> list[tuple[object, ...]]:
    model = window.rollover.table.model
    return [tuple(model.row(at) or ()) for at in range(model.rowCount())]


def test_the_year_is_previewed_archived_and_taken_back(window: MainWindow, settle: Settle, tmp_path: Path) -> None:
    assert window._directory is not None
    before = exported(window._directory, tmp_path)
    page = window.rollover
    assert rows(window) == [("Adams", "1 of 1", "0 of 2"), ("Burr", "0 of 0", "0 of 1")]
    page.grades.setText("04, 05")
    settle(window)
    assert rows(window) == [("Adams", "1 of 1", "2 of 2"), ("Burr", "0 of 0", "1 of 1")]
    assert page.archive.text() == "Archive 1 classroom and 3 students"
    page.archive.click()
    settle(window)
    dialog = page.editing.dialog
    assert dialog is not None
    assert dialog.why.text() == "End of the school year"
    press_save(dialog, window, settle)
    assert said(page).startswith("1 classroom and 3 students were archived. It can be taken back")
    assert latest(window).source == "end the school year"
    assert not page.archive.isEnabled()
    next(b for b in page.editing.findChildren(QPushButton) if b.text() == "Undo").click()
    settle(window)
    assert exported(window._directory, tmp_path) == before
    assert page.archive.isEnabled()


def test_choices_narrow_what_would_be_archived(window: MainWindow, settle: Settle) -> None:
    page = window.rollover
    page.rooms.setChecked(False)
    settle(window)
    assert page.archive.text() == "Archive"
    assert not page.archive.isEnabled()
    page.students.setCurrentIndex(page.students.findData("all"))
    page.places.setCurrentIndex(page.places.findData(number(window, "schools", "B")))
    page.places.activated.emit(page.places.currentIndex())
    settle(window)
    assert rows(window) == [("Burr", "0 of 0", "1 of 1")]
    assert not page.grades.isEnabled()
    assert page.archive.text() == "Archive 1 student"


def test_the_jobs_get_their_dates(window: MainWindow, settle: Settle) -> None:
    page = window.rollover
    card = page.summer
    card.jobs["weekly"].setChecked(False)
    assert card.save.text() == "Save the dates of 1 job"
    for box, day in ((card.first, (2027, 6, 15)), (card.last, (2027, 8, 9)), (card.first_run, (2027, 8, 16))):
        box.setDate(QDate(*day))
    card.thresholds[0].setValue(80)
    card.save.click()
    settle(window)
    assert said(page).startswith("The dates of nightly are saved.")
    job = load("nightly")
    assert job.blackouts == (period("2027-06-15..2027-08-09"),)
    assert job.first_run == FirstRun(date(2027, 8, 16), 80, 60, 100)
    assert load("weekly").blackouts == ()


def test_dates_that_contradict_each_other_are_told(window: MainWindow, settle: Settle) -> None:
    card = window.rollover.summer
    card.first_run.setDate(card.last.date())
    card.save.click()
    settle(window)
    assert said(window.rollover).startswith("The first run would be on a date of rest.")
    assert load("nightly").blackouts == ()


def test_who_may_not_end_the_year_reads_the_rule(window: MainWindow, settle: Settle) -> None:
    page = window.rollover
    rule = NotAllowed("The year is ended by those who manage the roster.", "Ask a district leader.")
    page.show_year(Year((), rule, ((0, "The whole district"),), (), 2))
    settle(window)
    assert not page.archive.isEnabled()
    assert page.archive.accessibleDescription() == f"{rule.title} {rule.advice}"
    assert not page.summer.save.isEnabled()
    assert page.summer.save.accessibleDescription() == "You have no jobs: nothing is uploaded by itself."


def test_it_is_reached_from_the_directory_and_all_of_it_has_names(window: MainWindow, settle: Settle) -> None:
    window.show_page(window.directory)
    menu = window.directory.more.menu()
    assert menu is not None
    next(action for action in menu.actions() if action.text() == "End of the school year").trigger()
    settle(window)
    assert window.pages.currentWidget() is window.rollover
    assert window.way.directory.isChecked()
    nameless = [
        type(widget).__name__
        for widget in window.rollover.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible() and not widget.accessibleName()
    ]
    assert nameless == []
