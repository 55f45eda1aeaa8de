"""From the wizard to what comes after it: a nightly upload, and a delivery over a saved connection."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTime
from pytestqt.qtbot import QtBot

from rosterdesk import connections, paths
from rosterdesk.connections import Connection, Kind
from rosterdesk.directory.engine import open_directory
from rosterdesk.draft import Step
from rosterdesk.gui.pages.home import HomePage, look_up
from rosterdesk.gui.pages.push import PushPage
from rosterdesk.gui.pages.result import ResultPage
from rosterdesk.gui.worker import Worker
from rosterdesk.jobs import file
from rosterdesk.jobs.running import run_job
from rosterdesk.jobs.schedulers import systemd
from rosterdesk.jobs.state import Ended
from rosterdesk.run import Run
from tests.gui.connecting import Filling
from tests.gui.walking import OPEN, Walk
from tests.servers.openssh import OpenSSH

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def crontab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system whose scheduler is cron, with a `crontab` that keeps its table in a file and at once starts, with a bare
    environment, what is to be started every minute.
    """
    table, program = tmp_path / "table", tmp_path / "bin" / "crontab"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nif [ "$1" = -l ]; then cat "{table}"; exit; fi\ncat > "{table}"\n'
        f'line=$(grep "^[*] [*] [*]" "{table}" | cut -d" " -f6-)\n'
        f'[ -z "$line" ] || env -i HOME="$HOME" PATH=/usr/bin:/bin PYTHONPATH="{ROOT}" sh -c "$line" &\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    table.touch()
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    monkeypatch.setattr(systemd, "usable", lambda: False)
    return table


@pytest.fixture
def own(qtbot: QtBot, worker: Worker) -> Iterator[Walk]:
    """A walk whose directory is the user's own."""
    with open_directory(paths.default_directory(), OPEN) as directory:
        walk = Walk(qtbot, worker, directory)
        yield walk
        walk.finish()


def test_an_upload_becomes_a_nightly_one(own: Walk, sample: Path, crontab: Path) -> None:
    own.choose(sample / "day1")
    own.until(Step.RESULT)
    page = own.wizard.pages[Step.RESULT]
    assert isinstance(page, ResultPage)
    assert page.nightly.isVisible()
    page.nightly.at.setTime(QTime(3, 15))
    own.qtbot.mouseClick(page.nightly.save, Qt.MouseButton.LeftButton)
    own.settle()
    said = page.nightly.said.text()
    assert said.startswith("nightly runs every day at 03:15, started by cron.")
    # The keyring of this test is in its own memory: who starts the program from outside finds no key there.
    assert "It was tried as at night, and would not run:" in said
    assert "a keyring that opens when you sign in is locked then" in said
    job = file.load("nightly")
    assert job.sources == (str(sample / "day1"),)
    assert file.mapping_of(job) is not None
    assert "15 3 * * *" in crontab.read_text()
    own.qtbot.mouseClick(page.nightly.save, Qt.MouseButton.LeftButton)
    own.settle()
    assert page.error is not None
    assert page.error.title == "There is a job named nightly."


def test_home_lists_jobs_and_says_what_failed(
    own: Walk, sample: Path, crontab: Path, qtbot: QtBot, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.choose(sample / "day1")
    own.until(Step.RESULT)
    page = own.wizard.pages[Step.RESULT]
    assert isinstance(page, ResultPage)
    own.qtbot.mouseClick(page.nightly.save, Qt.MouseButton.LeftButton)
    own.settle()
    job = file.load("nightly")
    broken = file.Job("nightly", (str(sample / "gone"),), schedule=job.schedule, notices=file.Notices(desktop=False))
    file.save(broken)
    assert run_job(broken, Run()).ended is Ended.FAILED
    home = HomePage(worker)
    qtbot.addWidget(home)
    with open_directory(paths.default_directory(), OPEN) as directory:
        home.show_facts(look_up(directory, Run()))
    assert [(need.kind, need.title) for need in home.facts.needs] == [("failed", "nightly could not finish")]
    ((name, known),) = [one.line for one in home.facts.jobs]
    assert name == "nightly"
    assert known.startswith("every day at 02:00; next ")


def test_a_directory_elsewhere_is_not_offered_for_the_night(walk: Walk, sample: Path) -> None:
    walk.choose(sample / "day1")
    walk.until(Step.RESULT)
    page = walk.wizard.pages[Step.RESULT]
    assert isinstance(page, ResultPage)
    assert not page.nightly.isVisible()


def test_a_connection_for_the_files_is_added_on_the_spot(walk: Walk, sample: Path, openssh: OpenSSH) -> None:
    folder = openssh.new_folder()
    walk.choose(sample / "day1")
    walk.until(Step.PUSH)
    page = walk.wizard.pages[Step.PUSH]
    assert isinstance(page, PushPage)
    page.files.setChecked(True)
    page.add.click()
    assert page.dialog is not None
    one = Filling(walk.qtbot, walk.worker, page.dialog)
    assert not one.dialog.kinds.isVisible()  # only SFTP takes files
    one.choose("sftp-out", "key")
    one.fill(address="127.0.0.1", port=str(openssh.port), user=openssh.user, folder=str(folder))
    one.fill(key_file=str(openssh.key))
    one.press()
    one.confirm_key()
    assert one.dialog.primary.text() == "Deliver there"
    one.press()
    assert page.dialog is None
    assert page.place.currentText() == "outlet (SFTP)"
    assert walk.draft.outlet == Path("connection:outlet")
    assert walk.next() is Step.RESULT
    assert "users.csv" in {path.name for path in folder.iterdir()}


def test_the_files_may_go_to_a_saved_connection(walk: Walk, sample: Path) -> None:
    connections.save(Connection("far", Kind.SFTP, "sftp.example"))
    connections.save(Connection("sis", Kind.ONEROSTER, "https://sis.example"))
    walk.choose(sample / "day1")
    walk.until(Step.PUSH)
    page = walk.wizard.pages[Step.PUSH]
    assert isinstance(page, PushPage)
    page.files.setChecked(True)
    assert [page.place.itemText(n) for n in range(page.place.count())] == ["A folder on this computer", "far (SFTP)"]
    assert not walk.wizard.bar.primary.isEnabled()
    page.place.setCurrentIndex(1)
    page.place.activated.emit(1)
    assert walk.draft.outlet == Path("connection:far")
    assert walk.wizard.bar.primary.isEnabled()
    assert not page.choose.isVisible()
