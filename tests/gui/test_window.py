"""The window on a directory: what each page shows of it, how it is opened, and how it is left."""

from __future__ import annotations

import csv
import threading
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import keyring
import keyring.backends.fail
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from rosterdesk import pipeline
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from rosterdesk.directory.history import Kind, PastRun, State, list_runs
from rosterdesk.errors import DirectoryError
from rosterdesk.gui.helping import Topic
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.pages.home import HomePage
from rosterdesk.gui.window import MainWindow
from rosterdesk.gui.worker import Worker
from rosterdesk.run import Run
from tests.gui.conftest import FIRST
from tests.rosters import exported, written

OpenWindow = Callable[[Opening], MainWindow]


@pytest.fixture
def window(open_window: OpenWindow, opening: Opening) -> MainWindow:
    return open_window(opening)


Settle = Callable[[MainWindow], None]


def cells(panel: object, column: int) -> list[str]:
    """The texts of a column of a `TablePanel`."""
    model = panel.model  # type: ignore[attr-defined]
    return [model.index(at, column).data() for at in range(model.rowCount())]


def banners(page: QWidget) -> list[str]:
    """What the notices of a page say."""
    return [w.accessibleName() for w in page.findChildren(QWidget) if w.property("banner") and w.isVisible()]


def test_home_lists_the_runs(window: MainWindow) -> None:
    runs = window.home.runs
    assert cells(runs, 0) == ["2", "1"]
    assert cells(runs, 5) == ["1", "8"]
    assert cells(runs, 7) == ["1", "0"]
    assert banners(window.home) == []


def test_home_says_which_run_waits(open_window: OpenWindow, opening: Opening, tmp_path: Path, qtbot: QtBot) -> None:
    with opening(Run()) as directory, pipeline.roster([written(FIRST, tmp_path)], Run()) as roster:
        pipeline.hold(roster, pipeline.preview(roster, directory), directory)
    window = open_window(opening)
    (told,) = banners(window.home)
    assert told.startswith("Run 3 waits for a person")
    assert "1 record would be archived. Nothing was changed." in told
    show = next(b for b in window.home.findChildren(QAbstractButton) if b.text() == "Look at it and approve")
    qtbot.mouseClick(show, Qt.MouseButton.LeftButton)
    assert window.pages.currentWidget() is window.held


def test_the_directory_is_searched_and_counted(window: MainWindow, settle: Settle) -> None:
    window.show_page(window.directory)
    settle(window)
    page = window.directory
    students = page.panels["students"]
    assert page.tabs.tabText(0) == "Students  3"
    assert [page.schools.item(at).text() for at in range(page.schools.count())] == ["All schools", "Adams", "Burr"]
    students.model.index(0, 1).data()
    settle(window)
    assert cells(students, 1) == ["Ng, Ana", "Ng, Dee", "Ólafsson, Ben"]
    page.search.setText("burr ólaf")
    page.search.returnPressed.emit()
    settle(window)
    assert students.model.rowCount() == 0
    assert "burr ólaf" in students.empty.text.text()
    page.search.setText("tom")
    page.search.returnPressed.emit()
    settle(window)
    assert [page.tabs.tabText(at) for at in range(2)] == ["Students  0", "Staff  1"]
    page.search.setText("ben")
    page.search.returnPressed.emit()
    settle(window)
    assert students.model.rowCount() == 1
    page.search.clear()
    page.search.returnPressed.emit()
    students.chips.choose("archived")
    settle(window)
    students.model.index(0, 1).data()
    settle(window)
    assert cells(students, 1) == ["Ng-Ek, Cem"]


def test_what_is_archived_of_every_kind_is_one_list(window: MainWindow, settle: Settle) -> None:
    window.show_page(window.directory)
    settle(window)
    page = window.directory
    page.tabs.setCurrentIndex(5)
    settle(window)
    archived = page.panels["archived"]
    archived.model.row(0)
    settle(window)
    assert page.tabs.tabText(5) == "Archived  1"
    assert list(zip(cells(archived, 1), cells(archived, 2), strict=True)) == [("Student", "Ng-Ek, Cem")]
    archived.table.choose(0)
    settle(window)
    assert "Student, archived" in [w.text() for w in page.record.findChildren(QLabel)]
    page.tabs.setCurrentIndex(4)
    settle(window)
    page.panels["schools"].model.row(0)
    settle(window)
    assert page.record.isHidden()
    assert cells(page.panels["schools"], 1) == ["Adams", "Burr"]


def test_the_columns_that_a_person_chose_are_there_again(
    open_window: OpenWindow, opening: Opening, settle: Settle
) -> None:
    def shown(window: MainWindow) -> list[str]:
        table = window.directory.panels["students"].table
        columns = table.frame_model.columns
        return [spec.key for at, spec in enumerate(columns) if not table.isColumnHidden(at)]

    window = open_window(opening)
    window.show_page(window.directory)
    menu = window.directory.panels["students"].table.column_menu()
    assert "" not in [action.text() for action in menu.actions()]
    for action in menu.actions():
        action.setChecked(action.text() in ("Name", "Birth date"))
    assert shown(window) == ["name", "birth_date"]
    settle(window)
    window.close()
    again = open_window(opening)
    again.show_page(again.directory)
    settle(again)
    assert shown(again) == ["name", "birth_date"]


def test_what_the_sis_brings_is_grey_and_says_why(window: MainWindow, settle: Settle) -> None:
    window.show_page(window.directory)
    settle(window)
    page = window.directory
    page.tabs.setCurrentIndex(1)
    settle(window)
    page.panels["staff"].model.row(0)
    settle(window)
    page.panels["staff"].table.choose(0)
    settle(window)
    labels = {w.accessibleName() or w.text(): w for w in page.record.findChildren(QLabel)}
    assert labels["tom@example.org"].property("quiet") is True
    assert labels["tom@example.org"].accessibleDescription() == "From your SIS; change it there."
    assert not labels["Invited"].property("quiet")


def test_a_school_shows_only_its_own(window: MainWindow, settle: Settle) -> None:
    window.show_page(window.directory)
    settle(window)
    window.directory.schools.setCurrentRow(2)
    settle(window)
    assert window.directory.tabs.tabText(0) == "Students  1"
    assert window.directory.panels["students"].model.rowCount() == 1


def test_a_record_opens_with_what_belongs_to_it_and_its_history(window: MainWindow, settle: Settle) -> None:
    window.show_page(window.directory)
    settle(window)
    page = window.directory
    page.panels["students"].model.row(0)
    settle(window)
    page.panels["students"].table.choose(0)
    settle(window)
    words = [w.text() for w in page.record.findChildren(QWidget) if hasattr(w, "text") and w.isVisible()]
    for expected in ("Ng, Ana", "Student, active", "S1", "Roe, Gia", "Room 1", "E-mail: empty → ana@example.org"):
        assert expected in words
    assert "Changed, run 2" in words
    guardian = next(b for b in page.record.findChildren(QAbstractButton) if b.text() == "Roe, Gia")
    guardian.click()
    settle(window)
    assert "Guardian, active" in [w.text() for w in page.record.findChildren(QWidget) if hasattr(w, "text")]


def test_a_report_says_the_gravest_first(window: MainWindow, settle: Settle) -> None:
    window.show_run(2)
    settle(window)
    entries = window.report.entries
    entries.model.row(0)
    settle(window)
    assert list(zip(cells(entries, 0), cells(entries, 2), strict=True)) == [
        ("Archived", "Ng-Ek, Cem"),
        ("Changed", "Ng, Ana"),
        ("New", "Ng, Dee"),
    ]
    assert cells(entries, 7)[1] == "ana@example.org"
    entries.chips.choose("create")
    settle(window)
    assert entries.model.rowCount() == 1


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".html"])
def test_a_report_is_saved(window: MainWindow, settle: Settle, tmp_path: Path, suffix: str) -> None:
    window.show_run(2)
    settle(window)
    path, written_ = tmp_path / f"report{suffix}", []
    window.report.write(path, written_.append)
    settle(window)
    assert written_ == [3]
    if suffix == ".csv":
        rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
        assert rows[1][:4] == ["Archived", "Student", "Ng-Ek, Cem", "S3"]
    elif suffix == ".xlsx":
        with ZipFile(path) as book:
            assert "xl/worksheets/sheet2.xml" in book.namelist()
            assert "By school" in book.read("xl/workbook.xml").decode()
    else:
        assert "Ng-Ek, Cem" in path.read_text("utf-8")


def test_what_was_written_for_the_browser_goes_with_the_window(
    window: MainWindow, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Path] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: shown.append(Path(url.toLocalFile())))
    window.show_run(2)
    settle(window)
    window.report.browse.click()
    settle(window)
    (page,) = shown
    assert page.exists()
    window.close()
    assert not page.parent.exists()


def test_a_report_that_cannot_be_written_says_so_on_the_page(
    window: MainWindow, settle: Settle, tmp_path: Path
) -> None:
    window.show_run(2)
    settle(window)
    window.report.write(tmp_path / "no" / "where.csv", pytest.fail)
    settle(window)
    assert "cannot be written" in banners(window.report)[0]


def test_a_run_is_taken_back_after_it_was_said_what_that_does(
    window: MainWindow, settle: Settle, opening: Opening, tmp_path: Path
) -> None:
    window.show_run(2)
    settle(window)
    window.report.undo.click()
    settle(window)
    (told,) = banners(window.report)
    assert told.startswith("Undo run 2? 1 record that it made will go; 1 change will be put back; 1 archived record")
    sure = next(b for b in window.report.findChildren(QAbstractButton) if b.text() == "Undo run 2" and b.isVisible())
    sure.click()
    settle(window)
    assert banners(window.report) == ["Run 2 was taken back, by run 3."]
    assert not window.report.undo.isVisible()
    with opening(Run()) as directory:
        assert "Cem" in exported(directory, tmp_path)["students.csv"]
        with directory.read() as connection:
            assert [run.state for run in list_runs(connection, 1)][1] is State.UNDONE


def test_without_a_keyring_a_passphrase_is_asked_for(open_window: OpenWindow, tmp_path: Path, settle: Settle) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())
    opening = Opening(tmp_path / "own.db")
    window = open_window(opening)
    page = window.locked
    assert window.pages.currentWidget() is page
    assert not page.open.isEnabled()
    page.passphrase.setText("correct horse")
    assert page.open.isEnabled() is False
    page.again.setText("correct horse")
    page.open.click()
    settle(window)
    assert window.pages.currentWidget() is window.home
    window.close()
    with open_directory(opening.where, KeySource(passphrase="correct horse"), create=False):
        pass


def test_a_wrong_passphrase_is_asked_for_again(open_window: OpenWindow, tmp_path: Path, settle: Settle) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())
    opening = Opening(tmp_path / "own.db")
    open_directory(opening.where, KeySource(passphrase="correct horse")).close()
    window = open_window(opening)
    page = window.locked
    assert page.again.isVisible() is False
    page.passphrase.setText("wrong horse")
    page.open.click()
    settle(window)
    assert window.pages.currentWidget() is page
    assert len(banners(page)) == 1
    page.passphrase.setText("correct horse")
    page.open.click()
    settle(window)
    assert window.pages.currentWidget() is window.home


def test_a_key_file_is_remembered_but_no_secret(open_window: OpenWindow, tmp_path: Path, settle: Settle) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())
    opening = Opening(tmp_path / "own.db")
    window = open_window(opening)
    window.locked.by_file.setChecked(True)
    window.locked.file.setText(str(tmp_path / "own.key"))
    window.locked.open.click()
    settle(window)
    window.close()
    again = open_window(opening)
    assert isinstance(again.pages.currentWidget(), HomePage)


def test_a_directory_that_cannot_be_opened_can_be_tried_again(
    open_window: OpenWindow, tmp_path: Path, settle: Settle
) -> None:
    folder = tmp_path / "away" / "roster"
    window = open_window(Opening(folder / "directory.db"))
    (told,) = banners(window)
    assert "There is no folder" in told
    folder.parent.mkdir()
    again = next(b for b in window.findChildren(QAbstractButton) if b.text() == "Try again")
    again.click()
    settle(window)
    assert banners(window) == []


def test_closing_while_work_goes_on(open_window: OpenWindow, opening: Opening, worker: Worker) -> None:
    window, started = open_window(opening), threading.Event()

    def work(run: object) -> None:
        started.set()
        run.wait(60)  # type: ignore[attr-defined]

    worker.start(work, on_success=pytest.fail)
    assert started.wait(10)
    window.close()
    assert not worker.busy or worker.close()


def test_an_error_nobody_asked_for_is_shown_above_the_page(window: MainWindow, worker: Worker, settle: Settle) -> None:
    def work(_: object) -> None:
        raise DirectoryError("The directory is away.", "Look for it.")

    worker.start(work, on_success=pytest.fail)
    settle(window)
    assert banners(window) == ["The directory is away. Look for it."]


def test_everything_that_can_be_used_has_a_name(window: MainWindow, settle: Settle) -> None:
    for show in (
        lambda: window.show_page(window.home),
        lambda: window.show_page(window.directory),
        lambda: window.show_run(2),
        lambda: window.show_held(PastRun(3, Kind.PUSH, State.HELD, "2026-05-14T03:00:00+00:00", None, "a", "b")),
        *(lambda topic=topic: window.show_help(topic) for topic in Topic),
        lambda: window.pages.setCurrentWidget(window.locked),
    ):
        show()
        settle(window)
        nameless = [
            w
            for w in window.findChildren(QWidget)
            if w.isVisible() and w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.isEnabled()
            if not (w.accessibleName() or (isinstance(w, QAbstractButton) and w.text()))
        ]
        assert nameless == []


def test_files_dropped_on_the_window_begin_an_upload(window: MainWindow, settle: Settle, tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(written(FIRST, tmp_path)))])
    drop = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.dropEvent(drop)
    settle(window)
    assert window.wizard is not None
    assert window.wizard.isVisible()
    assert window.wizard.draft.reading is not None
    window.wizard.finished.emit(window.wizard.draft)
    settle(window)
    assert window.home.isVisible()


def test_an_upload_asked_for_while_the_directory_opens_waits_for_it(
    qtbot: QtBot, worker: Worker, opening: Opening, settle: Settle, tmp_path: Path
) -> None:
    window = MainWindow(worker, opening)
    qtbot.addWidget(window)
    window.show()
    window.open_directory()
    window.show_wizard()
    assert window.wizard is None
    settle(window)
    assert window.wizard is not None
    assert window.wizard.isVisible()
    window.close()
