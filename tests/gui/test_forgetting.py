"""What can't be taken back, in the window: it is counted and said first, typed, done, and told with its run."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit, QPushButton

from rosterdesk import pipeline
from rosterdesk.directory import governing
from rosterdesk.directory.edit import editing
from rosterdesk.directory.history import Kind, list_changes
from rosterdesk.directory.permissions import Permission
from rosterdesk.directory.settings import set_settings
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.window import MainWindow
from rosterdesk.gui.words import date
from rosterdesk.run import Run
from tests.gui.conftest import FIRST, SECOND
from tests.gui.test_hand_edits import latest, number, press, said
from tests.rosters import written

Settle = Callable[[MainWindow], None]
LONG_AGO = datetime.now(UTC) - timedelta(days=400)


@pytest.fixture
def window(open_window: Callable[[Opening], MainWindow], opening: Opening, settle: Settle) -> MainWindow:
    """On its settings; both runs are old, and history is kept for a year."""
    made = open_window(opening)
    directory = made._directory
    assert directory is not None
    with directory.transaction() as conn:
        conn.exec_driver_sql(f"update runs set started = '{LONG_AGO.isoformat(timespec='seconds')}'")
        set_settings(conn, directory.district, {"history_months": "12"})
    made.show_settings(0)
    settle(made)
    return made


def changes(window: MainWindow) -> int:
    return changes_of(window, 1, 2)


def changes_of(window: MainWindow, *numbers: int) -> int:
    directory = window._directory
    assert directory is not None
    with directory.read() as conn:
        return sum(len(list_changes(conn, directory.district, n)) for n in numbers)


def begin(window: MainWindow, settle: Settle) -> None:
    press(window.settings, "Clean up now")
    settle(window)


def test_old_history_is_counted_said_typed_and_forgotten(window: MainWindow, settle: Settle) -> None:
    page, before = window.settings, changes(window)
    assert before > 0
    begin(window, settle)
    edge = date(datetime.now(UTC) - timedelta(days=365.28))
    assert f"This forgets the personal data of {before} changes from before {edge}. It can't be undone." in said(page)
    question = page.cleaning.question
    assert question is not None
    assert not question.go.isEnabled()
    question.typed.setText(str(before + 1))
    assert not question.go.isEnabled()
    assert changes(window) == before
    question.typed.setText(str(before))
    question.go.click()
    settle(window)
    assert said(page).startswith(f"Forgotten as run 3: {before} changes of 2 runs.")
    assert changes(window) == 0
    assert latest(window).kind is Kind.PURGE
    begin(window, settle)
    assert said(page) == f"There is nothing to clean up from before {edge}."


def test_who_keeps_it_keeps_it(window: MainWindow, settle: Settle) -> None:
    before = changes(window)
    begin(window, settle)
    press(window.settings, "Keep it")
    settle(window)
    assert said(window.settings) == ""
    assert (changes(window), latest(window).number) == (before, 2)


def test_history_that_is_kept_for_ever_is_not_cleaned_up(window: MainWindow, settle: Settle) -> None:
    directory = window._directory
    assert directory is not None
    with directory.transaction() as conn:
        set_settings(conn, directory.district, {"history_months": "0"})
    begin(window, settle)
    assert said(window.settings).startswith("History is kept for ever here.")


def test_settings_that_are_not_saved_are_not_lost_over_it(window: MainWindow, settle: Settle) -> None:
    page = window.settings
    box = page.inputs["history_months"]
    assert isinstance(box, QLineEdit)
    box.setText("6")
    begin(window, settle)
    assert said(page) == "Save the settings that you have changed first, or take them back."
    assert page.cleaning.question is None
    assert page.changes == {"history_months": "6"}


def test_what_else_is_kept_too_long_goes_with_it(
    window: MainWindow, settle: Settle, tmp_path: Path, home: Path
) -> None:
    directory, page, before = window._directory, window.settings, changes(window)
    assert directory is not None
    with pipeline.roster([written(FIRST, tmp_path)], Run()) as made:
        pipeline.apply(made, pipeline.preview(made, directory), directory, outlet=tmp_path / "out")
    with pipeline.roster([written(SECOND, tmp_path)], Run()) as made:
        pipeline.hold(made, pipeline.preview(made, directory), directory)
    with directory.transaction() as conn:
        old = LONG_AGO.isoformat(timespec="seconds")
        conn.exec_driver_sql(f"update runs set started = '{old}', finished = '{old}'")
        set_settings(conn, directory.district, {"delivered_days": "300"})
    (home / "unfinished").mkdir()
    (home / "unfinished" / "Pasted table.tsv").write_text("Ana")
    for path in [*(tmp_path / "out").iterdir(), home / "unfinished" / "Pasted table.tsv"]:
        os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    more = changes_of(window, 3)
    begin(window, settle)
    asked = said(page)
    assert f"This forgets the personal data of {before + more} changes" in asked
    assert "Run 4 waits for a person since" in asked
    assert "The upload that was not finished is removed, with 1 file." in asked
    assert f"7 files that run 3 delivered to {tmp_path / 'out'} are removed." in asked
    question = page.cleaning.question
    assert question is not None
    assert question.go.text() == f"Remove {before + more + 9} things"
    question.typed.setText(str(before + more + 9))
    question.go.click()
    settle(window)
    assert said(page).startswith(f"Forgotten as run 5: {before + more} changes of 3 runs.")
    assert "Run 4 waited too long, and was discarded." in said(page)
    assert f"7 files were removed from {tmp_path / 'out'}." in said(page)
    assert "The receipts of runs 5, 6, 7 hold these numbers." in said(page)
    assert not (home / "unfinished" / "Pasted table.tsv").exists()
    assert list((tmp_path / "out").iterdir()) == []


def test_only_what_was_counted_is_removed_else_it_is_asked_again(window: MainWindow, settle: Settle) -> None:
    directory, page, before = window._directory, window.settings, changes(window)
    assert directory is not None
    with directory.transaction() as conn:
        young = datetime.now(UTC).isoformat(timespec="seconds")
        conn.exec_driver_sql(f"update runs set started = '{young}' where run = 2")
    begin(window, settle)
    first = page.cleaning.question
    assert first is not None
    first.typed.setText(str(changes_of(window, 1)))
    with directory.transaction() as conn:  # somebody else keeps less, and run 2 becomes old
        conn.exec_driver_sql(f"update runs set started = '{LONG_AGO.isoformat(timespec='seconds')}' where run = 2")
        set_settings(conn, directory.district, {"history_months": "6"})
    first.go.click()
    settle(window)
    again = page.cleaning.question
    assert again is not None
    assert again is not first
    assert changes(window) == before
    assert said(page).startswith("It has changed since it was counted, and nothing was removed.")
    assert f"This forgets the personal data of {before} changes" in said(page)
    again.typed.setText(str(before))
    again.go.click()
    settle(window)
    assert changes(window) == 0


def leaver(window: MainWindow, settle: Settle) -> int:
    window.show_page(window.directory)
    student = number(window, "students", "S3")
    window.directory._open("students", student)
    settle(window)
    press(window.directory.record, "Erase for good")
    settle(window)
    return student


def known(window: MainWindow, student: int) -> int:
    directory = window._directory
    assert directory is not None
    with directory.read() as conn:
        query = "select (select count(*) from students where id = ?) + (select count(*) from changes where record = ?)"
        return int(conn.exec_driver_sql(query, (student, student)).scalar_one())


def test_a_leaver_is_erased_for_good_from_their_record(window: MainWindow, settle: Settle) -> None:
    student = leaver(window, settle)
    page = window.directory
    assert said(page).startswith("Ng-Ek, Cem will be erased for good. It can't be undone.")
    question = page.erasing.question
    assert question is not None
    question.typed.setText("S")
    assert not question.go.isEnabled()
    assert known(window, student) > 1
    question.typed.setText("S3")
    question.go.click()
    settle(window)
    assert said(page).startswith("Erased as run 3: 1 person with ")
    assert known(window, student) == 0
    assert latest(window).kind is Kind.ERASE
    assert page.record.known is None


def test_nobody_is_erased_without_the_last_word(window: MainWindow, settle: Settle) -> None:
    student = leaver(window, settle)
    press(window.directory, "Keep it")
    settle(window)
    assert said(window.directory) == ""
    assert known(window, student) > 1
    assert latest(window).number == 2


def test_only_who_has_left_can_be_erased(window: MainWindow, settle: Settle) -> None:
    window.show_page(window.directory)
    window.directory._open("students", number(window, "students", "S1"))
    settle(window)
    assert "Erase for good" not in {b.text() for b in window.directory.record.findChildren(QPushButton)}


def test_who_may_not_erase_is_told_so_before_anything_is_asked(window: MainWindow, settle: Settle) -> None:
    directory = window._directory
    assert directory is not None
    with editing(directory, "permissions", "test") as edit:
        governing.grant(edit, "sam", Permission.SCHOOL_LEADER, number(window, "schools", "A"))
    directory._acting_as = "sam"
    leaver(window, settle)
    assert said(window.directory).startswith("Only who manages the roster of the whole district may erase for good.")
    assert window.directory.erasing.question is None
