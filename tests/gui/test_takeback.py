"""Undoing the first run of all in the window: what can be sent to its receiver is said, and a person chooses."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from rosterdesk import pipeline
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.window import MainWindow
from rosterdesk.run import Run
from tests.gui.conftest import FIRST
from tests.gui.test_hand_edits import latest, press, said
from tests.rosters import written

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
