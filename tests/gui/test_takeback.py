"""Undoing the first run of all in the window: what can be sent to its receiver is said, and a person chooses."""

from __future__ import annotations

import csv
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from rosterdesk import pipeline
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.window import MainWindow
from rosterdesk.gui.worker import Worker
from rosterdesk.run import Run
from tests.gui.conftest import FIRST, SECOND
from tests.gui.test_hand_edits import latest, press, said
from tests.rosters import push, written

Settle = Callable[[MainWindow], None]


@pytest.fixture
def window(open_window: Callable[[Opening], MainWindow], tmp_path: Path, settle: Settle) -> MainWindow:
    """On the report of the only run, which was delivered to a folder."""
    key = tmp_path / "key"
    with (
        open_directory(tmp_path / "directory.db", KeySource(file=key)) as directory,
        pipeline.roster([written(FIRST, tmp_path)], Run()) as made,
    ):
        pipeline.apply(made, pipeline.preview(made, directory), directory, outlet=tmp_path / "out")
    window = open_window(Opening(tmp_path / "directory.db", key_file=key))
    window.show_run(1)
    settle(window)
    window.report.undo.click()
    settle(window)
    press(window.report, "Undo run 1")
    settle(window)
    return window


def statuses(tmp_path: Path) -> set[str]:
    with (tmp_path / "out" / "users.csv").open(encoding="utf-8", newline="") as file:
        return {row["status"] for row in csv.DictReader(file)}


def test_it_asks_before_any_record_is_marked(window: MainWindow, settle: Settle, tmp_path: Path) -> None:
    assert said(window.report).startswith("Before run 1 there was nobody")
    assert (latest(window).number, statuses(tmp_path)) == (1, {""})
    press(window.report, "Keep it")
    settle(window)
    assert said(window.report) == ""


def test_the_marks_are_sent(window: MainWindow, settle: Settle, tmp_path: Path) -> None:
    press(window.report, "Undo, and send the marks")
    settle(window)
    assert said(window.report).startswith("Run 1 was taken back, by run 2.")
    assert "marked tobedeleted (courses.csv, classes.csv, users.csv, enrollments.csv)" in said(window.report)
    assert statuses(tmp_path) == {"tobedeleted"}


def test_it_is_undone_here_only(window: MainWindow, settle: Settle, tmp_path: Path) -> None:
    press(window.report, "Undo here only")
    settle(window)
    assert said(window.report) == "Run 1 was taken back, by run 2."
    assert statuses(tmp_path) == {""}


def test_nothing_is_asked_of_a_run_that_is_shown_by_then(
    window: MainWindow, settle: Settle, worker: Worker, tmp_path: Path
) -> None:
    directory, go_on = window._directory, threading.Event()
    assert directory is not None
    press(window.report, "Keep it")
    push(directory, written(FIRST, tmp_path))  # changes nothing, so that run 1 can still be taken back
    worker.start(lambda run: go_on.wait(30), on_success=lambda _: None, owner=window)
    window.report.undo.click()
    QApplication.processEvents()
    press(window.report, "Undo run 1")
    window.report.show_run(directory, 2)
    go_on.set()
    settle(window)
    assert said(window.report).startswith("Run 1 was not taken back. Before run 1 there was nobody")
    assert latest(window).number == 2
    press(window.report, "Look at run 1")
    settle(window)
    window.report.undo.click()
    settle(window)
    assert said(window.report).startswith("Undo run 1?")


def test_what_is_not_shown_yet_is_not_undone(window: MainWindow, settle: Settle, tmp_path: Path) -> None:
    directory = window._directory
    assert directory is not None
    push(directory, written(SECOND, tmp_path))
    window.report.show_run(directory, 2)
    assert not window.report.undo.isVisible()  # run 1 still stands in the title
    settle(window)
    window.report.undo.click()
    settle(window)
    press(window.report, "Undo run 2")
    settle(window)
    assert latest(window).undoes == 2
