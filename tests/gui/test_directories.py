"""The window between directories: nothing that is under way in one is lost or done in another."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from rosterdesk import paths
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import Directory, open_directory
from rosterdesk.draft import Draft, Step
from rosterdesk.gui.opening import Opening, opening_at
from rosterdesk.gui.pages.push import PushPage
from rosterdesk.gui.unfinished import keep, unfinished
from rosterdesk.gui.window import MainWindow
from rosterdesk.jobs.file import Job, save
from rosterdesk.jobs.retention import clean_up, foresee
from rosterdesk.jobs.running import run_job
from rosterdesk.run import Run
from tests.gui.conftest import FIRST, SECOND
from tests.gui.test_hand_edits import press
from tests.rosters import push, written

Settle = Callable[[MainWindow], None]


@dataclass(frozen=True, slots=True)
class Held(Opening):
    """An opening that takes as long as the test wants, as one over a slow network does."""

    go_on: threading.Event = field(default_factory=threading.Event)

    def __call__(self, run: Run) -> Directory:
        while not self.go_on.is_set():
            run.wait(0.01)
        return Opening.__call__(self, run)


@pytest.fixture
def window(open_window: Callable[[Opening], MainWindow], opening: Opening) -> MainWindow:
    return open_window(opening)


@pytest.fixture
def other(tmp_path: Path) -> Held:
    """A second directory, with one run, that opens when the test lets it."""
    key, place = tmp_path / "directory.key", tmp_path / "other.db"
    with open_directory(place, KeySource(file=key)) as directory:
        push(directory, written(FIRST, tmp_path))
    return Held(place, key_file=key, create=False, go_on=threading.Event())


def where(window: MainWindow) -> str:
    assert window._directory is not None
    return Path(window._directory.where).name


def told(window: QWidget) -> str:
    shown = [w.accessibleName() for w in window.findChildren(QWidget) if w.property("banner") and w.isVisible()]
    return " | ".join(shown)


def words(page: QWidget) -> str:
    return " | ".join(w.text() for w in page.findChildren(QLabel) if w.isVisible())


def test_an_upload_is_not_left_for_a_directory_that_has_opened_meanwhile(
    window: MainWindow, settle: Settle, other: Held, tmp_path: Path
) -> None:
    then: list[str] = []
    window.turn_to(other, lambda: then.append(where(window)))
    window.show_wizard(Draft(sources=(written(SECOND, tmp_path),)))
    other.go_on.set()
    settle(window)
    wizard = window.wizard
    assert wizard is not None
    assert (where(window), wizard.isVisible()) == ("directory.db", True)
    assert wizard.draft.reading is not None
    assert "other.db is open now, and can be shown." in told(window.notices)
    press(window.notices, "Open other.db")
    settle(window)
    assert "You are in the middle of something in this directory." in told(window.notices)
    assert (wizard.isVisible(), then) == (True, [])
    wizard.bar.back.click()
    settle(window)
    press(window.notices, "Open other.db")
    settle(window)
    assert (where(window), then) == ("other.db", ["other.db"])


def test_a_key_is_not_asked_for_in_the_middle_of_an_upload(
    window: MainWindow, settle: Settle, other: Held, tmp_path: Path
) -> None:
    window.turn_to(Held(other.where, create=False, go_on=other.go_on))
    window.show_wizard(Draft(sources=(written(SECOND, tmp_path),)))
    other.go_on.set()
    settle(window)
    assert window.wizard is not None
    assert window.wizard.isVisible()
    window.wizard.bar.back.click()
    settle(window)
    press(window.notices, "Open other.db")
    settle(window)
    assert window.pages.currentWidget() is window.locked


def test_who_turns_back_meanwhile_stays_there(window: MainWindow, settle: Settle, other: Held, qtbot: QtBot) -> None:
    then: list[str] = []
    window.turn_to(other, lambda: then.append("other"))
    window.turn_to(window._first, lambda: then.append("own"))
    other.go_on.set()
    settle(window)
    assert (where(window), then) == ("directory.db", ["own"])
    assert window._under_way is None


def test_the_way_back_to_the_guide_is_forgotten_with_its_directory(
    window: MainWindow, settle: Settle, other: Held
) -> None:
    other.go_on.set()
    window._goes_back = True
    window.turn_to(other)
    settle(window)
    assert (where(window), window._goes_back) == ("other.db", False)


def test_a_job_of_another_directory_is_made_good_there(
    window: MainWindow, settle: Settle, other: Held, tmp_path: Path
) -> None:
    job = Job(
        "nightly", (str(tmp_path / "gone.csv"),), directory=str(other.where), key_file=str(tmp_path / "directory.key")
    )
    save(job)
    assert run_job(job, Run()).ended.value == "failed"
    window.show_page(window.home)
    settle(window)
    assert f"It uploads to another directory: {other.where}." in told(window.home)
    press(window.home, "Open that directory, and upload by hand")
    settle(window)
    assert window.wizard is not None
    assert (where(window), window.wizard.isVisible()) == ("other.db", True)


def test_the_wizard_names_a_directory_that_is_not_the_usual_one(
    window: MainWindow, settle: Settle, other: Held
) -> None:
    other.go_on.set()
    said = f"This upload does not go to your own directory, but to {other.where}."
    window.show_wizard()
    settle(window)
    wizard = window.wizard
    assert wizard is not None
    assert told(wizard) == ""
    wizard.go(Step.PUSH)
    settle(window)
    assert isinstance(wizard.page, PushPage)
    assert not wizard.page.elsewhere.isVisible()
    wizard.go(Step.SOURCE)
    wizard.bar.back.click()
    settle(window)
    window.turn_to(other)
    settle(window)
    window.show_wizard()
    settle(window)
    assert said in told(wizard)
    wizard.go(Step.PUSH)
    settle(window)
    assert f"The directory that is filled is not your own: {other.where}." in words(wizard.page)


def test_an_unfinished_upload_is_gone_on_with_in_its_own_directory(
    window: MainWindow, settle: Settle, other: Held, tmp_path: Path
) -> None:
    other.go_on.set()
    sources = (written(SECOND, tmp_path),)
    keep(Draft(sources=sources), str(other.where))
    window.turn_to(other)
    settle(window)
    window.way.own.click()
    settle(window)
    window.show_wizard()
    settle(window)
    assert window.wizard is not None
    assert f"An upload to {other.where} is not finished." in words(window.wizard)
    assert not any(b.text() == "Go on with it" for b in window.wizard.findChildren(QAbstractButton) if b.isVisible())
    window.wizard.bar.back.click()  # nothing was begun here, so nothing is given up there
    settle(window)
    assert unfinished(str(other.where)) is not None
    window.show_wizard()
    settle(window)
    press(window.wizard, "Go on with it there")
    settle(window)
    assert (where(window), window.wizard.draft.sources) == ("other.db", sources)
    assert window.wizard.draft.reading is not None


def test_an_unfinished_upload_goes_with_the_days_of_its_own_directory(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = paths.unfinished() / "draft.json"
    monkeypatch.chdir(tmp_path)
    keep(Draft(sources=(tmp_path / "a.csv",)), "mine.db")
    draft.write_text(draft.read_text().replace(f'"process": {os.getpid()}', '"process": 0'))
    os.utime(draft, (0, 0))
    with (
        open_directory(tmp_path / "mine.db", KeySource(unencrypted=True)) as mine,
        open_directory(tmp_path / "other.db", KeySource(unencrypted=True)) as other,
    ):
        assert foresee(other, Run()).staged == clean_up(other, Run()).staged == 0
        assert draft.exists()
        assert (foresee(mine, Run()).staged, clean_up(mine, Run()).staged) == (1, 1)
        keep(Draft(sources=(tmp_path / "a.csv",)), mine.where)
        os.utime(draft, (0, 0))
        assert clean_up(mine, Run()).staged == 0  # the window that has it is still open
        assert draft.exists()


def test_a_directory_is_opened_with_what_a_job_knows_of_it(tmp_path: Path, home: Path) -> None:
    key = tmp_path / "key"
    save(Job("nightly", ("a.csv",), directory=str(tmp_path / "of-job.db"), key_file=str(key)))
    save(Job("shared", ("a.csv",), directory="postgresql://who:secret@localhost/rosters"))
    assert opening_at(str(tmp_path / "of-job.db")) == Opening(tmp_path / "of-job.db", key_file=key, create=False)
    shared = opening_at("postgresql://who:***@localhost/rosters")
    assert shared is not None
    assert shared.where == "postgresql://who:secret@localhost/rosters"
    assert opening_at("postgresql://who:***@localhost/others") is None
