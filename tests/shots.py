"""Draws every page of the window to PNG, without a screen: `python -m tests.shots DIR`. To be looked at by a person.

With QT_SCALE_FACTOR=2 they are drawn as on a screen with twice the pixels.
"""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import keyring
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QComboBox, QScrollArea, QToolButton, QWidget

from rosterdesk import paths, pipeline
from rosterdesk.connections import Connection, Kind
from rosterdesk.connections import remove as remove_connection
from rosterdesk.connections import save as save_connection
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from rosterdesk.directory.schema import runs
from rosterdesk.directory.undo import undo
from rosterdesk.draft import Draft, Step
from rosterdesk.errors import FileError
from rosterdesk.gui import theme
from rosterdesk.gui.connecting import Attempt
from rosterdesk.gui.editing import Editing
from rosterdesk.gui.helping import Topic
from rosterdesk.gui.holding import Choice
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.pages.matches import MatchesPage
from rosterdesk.gui.recent import remember_source
from rosterdesk.gui.upload import mappings_folder
from rosterdesk.gui.widgets import Fold
from rosterdesk.gui.window import MainWindow
from rosterdesk.gui.worker import Worker
from rosterdesk.jobs.calendar import schedule
from rosterdesk.jobs.file import Job
from rosterdesk.jobs.file import load as load_job
from rosterdesk.jobs.file import remove as forget_job
from rosterdesk.jobs.file import remove as remove_job
from rosterdesk.jobs.file import save as save_job
from rosterdesk.jobs.receipts import append
from rosterdesk.jobs.state import State, remember
from rosterdesk.net.site import UnknownHostKey
from rosterdesk.run import Run
from tests.conftest import MemoryKeyring
from tests.gui.rekeyed import brought
from tests.servers.districts import clever
from tests.servers.roster_http import Behaviour, serving

_SIZES = {100: (1080, 720), 200: (1800, 1200)}
_PATIENCE = 60.0
_SAMPLE = paths.RESOURCES / "sample"


def main(target: Path) -> None:
    """Draw every page in light and dark, at 100 and 200 % text, into `target`."""
    target.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv[:1])
    theme.apply(app)
    size = QApplication.font().pointSizeF()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ROSTERDESK_HOME"] = folder
        made = _directory(Path(folder))
        for dark, scale in itertools.product((False, True), _SIZES):
            font = QFont(QApplication.font())
            font.setPointSizeF(size * scale / 100)
            QApplication.setFont(font)
            theme.apply(app, dark=dark)
            opening = _copy(made, Path(folder))
            remember_source([_SAMPLE / "cut"], {})
            suffix = f"{'dark' if dark else 'light'}-{scale}"
            for name, window in _pages(app, opening, _SIZES[scale]):
                window.grab().save(str(target / f"{name}-{suffix}.png"))
            for name, window in _connections(app, opening, _SIZES[scale]):
                window.grab().save(str(target / f"{name}-{suffix}.png"))
            for name, window in _matches(app, Path(folder), _SIZES[scale]):
                window.grab().save(str(target / f"{name}-{suffix}.png"))


def _directory(folder: Path) -> Opening:
    """A directory with a few runs over some weeks: one that was taken back, one that waits for a person."""
    opening = Opening(folder / "made" / "directory.db", key_file=folder / "directory.key")
    with open_directory(opening.where, KeySource(file=opening.key_file)) as directory:
        for day in ("day1", "day2", "day1", "day2"):
            with pipeline.roster([_SAMPLE / day], Run()) as roster:
                number = pipeline.apply(roster, pipeline.preview(roster, directory), directory)
        undo(directory, number)
        with pipeline.roster([_SAMPLE / "cut"], Run()) as roster:
            pipeline.hold(roster, pipeline.preview(roster, directory), directory)
        with directory.transaction("dating the runs") as connection:
            for run, days in ((1, 81), (2, 60), (3, 33), (4, 15), (5, 14), (6, 1)):
                started = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
                connection.execute(runs.update().where(runs.c.run == run).values(started=started))
    return opening


def _copy(made: Opening, folder: Path) -> Opening:
    copy = Path(tempfile.mkdtemp(dir=folder)) / "directory.db"
    shutil.copy(made.where, copy)
    return Opening(copy, key_file=made.key_file)


def _pages(app: QApplication, opening: Opening, size: tuple[int, int]) -> Iterator[tuple[str, QWidget]]:
    worker = Worker()
    window = MainWindow(worker, opening)
    window.resize(*size)
    window.show()

    def settle() -> None:
        until = time.monotonic() + _PATIENCE
        while window.busy and time.monotonic() < until:
            app.processEvents()
        for _ in range(5):
            app.processEvents()

    def settled() -> MainWindow:
        settle()
        settle()
        return window

    window.open_directory()
    yield "home", settled()
    for area in window.home.findChildren(QScrollArea)[:1]:
        area.ensureWidgetVisible(window.home.sections)
    yield "home-end", settled()
    window.show_page(window.directory)
    yield "directory", settled()
    window.directory.panels["students"].table.choose(2)
    yield "directory-record", settled()
    window.directory.search.setText("zzz")
    window.directory.search.returnPressed.emit()
    yield "directory-nothing-found", settled()
    window.directory.search.clear()
    window.directory.search.returnPressed.emit()
    window.directory.tabs.setCurrentIndex(5)
    yield "directory-archived", settled()
    window.directory.record.hide()
    window.directory.tabs.setCurrentIndex(4)
    yield "directory-schools", settled()
    yield from _edits(window, settled)
    yield from _jobs(window, settled)
    window.show_page(window.home)
    settled()
    held = next(past for past in window.home.facts.runs if past.state.value == "held")
    window.show_held(held, Choice.APPROVE)
    yield "held", settled()
    window.show_held(held, Choice.DISCARD)
    yield "held-discard", settled()
    for topic in Topic:
        window.show_help(topic)
        yield f"help-{topic.value}", settled()
    window.show_run(2)
    yield "report", settled()
    window.report.undo.click()
    yield "report-undo", settled()
    window.report.write(Path(os.devnull) / "x.csv", lambda _: None)
    yield "report-error", settled()
    window.pages.setCurrentWidget(window.locked)
    window.locked.ask(Opening(opening.where.parent / "new.db"))
    yield "locked-new", settled()
    window.locked.ask(opening.with_key(passphrase="wrong"), FileError("The passphrase is not right.", "Type it again."))
    yield "locked", settled()
    yield from _wizard(window, settled)
    window.close()


def _jobs(window: MainWindow, settled: Callable[[], MainWindow]) -> Iterator[tuple[str, QWidget]]:
    """The page of jobs, and the form of one. The system's scheduler is asked as it is here."""
    yield "jobs-none", _shown(window, settled)
    paused = Job("summer", (str(_SAMPLE / "day2"),), schedule=schedule("06:00", "mon,wed,fri"), paused=True)
    nightly = Job("nightly", ("connection:clever", "/exports/guardians.csv"), schedule=schedule("02:00"))
    for job in (nightly, paused):
        save_job(job)
    moment = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="seconds")
    why = "sis.example does not accept our secret."
    remember(nightly.name, State(last=moment, ended="failed", title=why, failures=2))
    for outcome, reason in (("done", ""), ("failed", why)):
        append({"job": nightly.name, "started": moment, "outcome": outcome, "run": None, "changes": {}, "why": reason})
    yield "jobs", _shown(window, settled)
    window.jobs.cards["nightly"].findChildren(Fold)[0].findChildren(QToolButton)[0].click()
    yield "jobs-receipts", settled()
    window.jobs.cards["summer"].wanted.emit("remove", "summer")
    yield "jobs-remove", settled()
    window.jobs.edit(nightly)
    assert window.jobs.form is not None
    window.jobs.form.times.setText("25:00")
    window.jobs.form.save.click()
    yield "jobs-form", settled()
    window.jobs.form.left.emit()
    for job in (nightly, paused):
        forget_job(job.name)


def _shown(window: MainWindow, settled: Callable[[], MainWindow]) -> MainWindow:
    window.show_page(window.jobs)
    return settled()


def _edits(window: MainWindow, settled: Callable[[], MainWindow]) -> Iterator[tuple[str, QWidget]]:
    """Hand edits: what records offer, the dialogs, what is said afterwards, and the settings."""
    page = window.directory
    window.show_page(page)
    for tab, entity in ((0, "student"), (3, "classroom"), (4, "school")):
        page.tabs.setCurrentIndex(tab)
        settled()
        page.panels[page.entity].table.choose(1)
        settled()
        for fold in page.record.findChildren(Fold):
            fold.findChildren(QToolButton)[0].click()
        yield f"record-{entity}", settled()
    page.make_new("guardians")
    yield from _dialog("new-guardian", page.editing, settled)
    page.make_new("students")
    settled()
    assert page.editing.dialog is not None
    school = page.editing.dialog.inputs["school"]
    assert isinstance(school, QComboBox)
    school.setCurrentIndex(0)
    yield from _dialog("new-student-refused", page.editing, settled)
    page.tabs.setCurrentIndex(3)
    settled()
    page.panels["classrooms"].table.choose(1)
    settled()
    assert page.record.offers is not None
    page.record.offers.buttons["rename"].click()
    settled()
    assert page.editing.dialog is not None
    page.editing.dialog.inputs["title"].setText("Chess")  # type: ignore[union-attr]
    page.editing.dialog.why.setText("Asked by the teacher")
    yield from _dialog("rename", page.editing, settled, close=False)
    page.editing.dialog.primary.click()
    yield "edited", settled()
    window.show_settings(0)
    yield "settings", settled()
    restore = window.settings.inputs["restore_students"]
    assert isinstance(restore, QComboBox)
    restore.setCurrentIndex(1)
    yield "settings-changed", settled()
    window.settings.save.click()
    yield from _dialog("settings-save", window.settings.editing, settled)
    window.settings.revert.click()
    window.show_settings(window.settings.places.itemData(1))
    yield "settings-school", settled()
    page.print_letters()
    yield from _dialog("letters", page.editing, settled)
    save_job(Job("nightly", (str(_SAMPLE / "day2"),)))
    window.show_page(window.rollover)
    yield "rollover", settled()
    for area in window.rollover.findChildren(QScrollArea)[:1]:
        area.ensureWidgetVisible(window.rollover.summer.save)
    yield "rollover-summer", settled()
    window.rollover.archive.click()
    yield from _dialog("rollover", window.rollover.editing, settled)
    remove_job("nightly")


def _dialog(
    name: str, editing: Editing, settled: Callable[[], MainWindow], *, close: bool = True
) -> Iterator[tuple[str, QWidget]]:
    settled()
    assert editing.dialog is not None
    yield f"dialog-{name}", editing.dialog
    if close:
        editing.dialog.reject()
        settled()


def _wizard(window: MainWindow, settled: Callable[[], MainWindow]) -> Iterator[tuple[str, QWidget]]:
    window.show_wizard()
    yield "wizard-source-empty", settled()
    assert window.wizard is not None
    for known in mappings_folder().glob("*.toml"):  # kept by an earlier round, it would leave the mapping out
        known.unlink()
    window.show_wizard(Draft(sources=(_SAMPLE / "day2",)))
    settled()
    seen: set[Step] = set()
    while (step := window.wizard.page.step) not in seen:
        seen.add(step)
        yield f"wizard-{step.value}", settled()
        window.wizard.bar.primary.click()
        settled()
    window.show_wizard(Draft(sources=(_SAMPLE / "office" / "contacts.xlsx",)))
    settled()
    window.wizard.go(Step.MAPPING)
    yield "wizard-mapping-excel", settled()
    window.show_page(window.home)


def _connections(app: QApplication, opening: Opening, size: tuple[int, int]) -> Iterator[tuple[str, QWidget]]:
    """The page of connections, its dialogs on servers of this machine, and a job that the wizard changes."""
    keyring.set_keyring(MemoryKeyring())
    window = MainWindow(Worker(), opening)
    window.resize(*size)
    window.show()

    def settled() -> MainWindow:
        until = time.monotonic() + _PATIENCE
        for _ in range(5):
            app.processEvents()
            while window.busy and time.monotonic() < until:
                app.processEvents()
        return window

    window.open_directory()
    settled()
    window.show_page(window.connections)
    yield "connections-none", settled()
    page = window.connections
    tokens = {"d1": "good", "d2": "good", "d3": "good"}
    held = Behaviour(records=clever(), token="good", client=("me", "hush"), tokens=tokens)
    with serving(held) as server:
        page.begin()
        dialog = page.dialog
        assert dialog is not None
        yield "connection-new", _drawn(dialog, settled)
        dialog.form.set_value("token", "bad")
        dialog.form.set_value("address", server.address)
        dialog.primary.click()
        yield "connection-refused", _drawn(dialog, settled)
        dialog.form.entrances.setCurrentIndex(1)
        for key, value in (("client-id", "me"), ("secret", "hush"), ("token-url", f"{server.address}/oauth/tokens")):
            dialog.form.set_value(key, value)
        dialog.primary.click()
        yield "connection-district", _drawn(dialog, settled)
        dialog.form.set_value("district", "d1")
        dialog.try_out()
        yield "connection-saved", _drawn(dialog, settled)
        dialog.reject()
        settled()
        for offer in ("oneroster", "sftp"):
            page.begin()
            dialog = page.dialog
            assert dialog is not None
            dialog.kinds.setCurrentIndex(dialog.kinds.findData(offer))
            if offer == "sftp":
                dialog.form.more.findChildren(QToolButton)[0].click()
            yield f"connection-{offer}", _drawn(dialog, settled)
            if offer == "sftp":
                key = UnknownHostKey("sftp.example", "ssh-ed25519 SHA256:" + "abcDEF0123456789/+xyzKLM" * 2, "host_key")
                dialog._tried(Attempt(dialog.form.connection(), key=key))
                yield "connection-key", _drawn(dialog, settled)
            dialog.reject()
            settled()
        save_connection(Connection("nightly-files", Kind.SFTP, "sftp.district.example", {"user": "roster"}))
        save_job(Job("nightly", ("connection:clever",), schedule=schedule("02:00")))
        page.look()
        settled()
        page.test("clever")
        yield "connections", settled()
        page.cards["clever"].wanted.emit("remove", "clever")
        yield "connections-remove", settled()
        page.begin(page.cards["clever"].known)
        assert page.dialog is not None
        yield "connection-change", _drawn(page.dialog, settled)
        page.dialog.reject()
        settled()
        window.jobs.change_source(load_job("nightly"))
        settled()
        assert window.wizard is not None
        yield "job-source", settled()
        while window.wizard.page.step is not Step.PUSH:
            window.wizard.bar.primary.click()
            settled()
        yield "job-save", settled()
        window.wizard.bar.primary.click()
        yield "job-saved", settled()
        window.show_wizard()
        yield "wizard-source-connections", settled()
    for name in ("clever", "nightly-files"):
        remove_connection(name)
    remove_job("nightly")
    window.close()


def _drawn(dialog: QWidget, settled: Callable[[], MainWindow]) -> QWidget:
    settled()
    return dialog


def _matches(app: QApplication, folder: Path, size: tuple[int, int]) -> Iterator[tuple[str, QWidget]]:
    """The step of the matches, on a directory of its own: one pair of each group, and a group without pairs."""
    place = Path(tempfile.mkdtemp(dir=folder))
    opening = Opening(place / "directory.db", key_file=place / "directory.key")
    with open_directory(opening.where, KeySource(file=opening.key_file)) as directory:
        source = brought(directory, place)
    window = MainWindow(Worker(), opening)
    window.resize(*size)
    window.show()

    def settled() -> MainWindow:
        until = time.monotonic() + _PATIENCE
        for _ in range(5):
            app.processEvents()
            while window.busy and time.monotonic() < until:
                app.processEvents()
        return window

    window.open_directory()
    settled()
    window.show_wizard(Draft(sources=(source,)))
    settled()
    assert window.wizard is not None
    while window.wizard.page.step is not Step.MATCHES:
        window.wizard.bar.primary.click()
        settled()
    page = window.wizard.page
    assert isinstance(page, MatchesPage)
    for group in ("ready", "likely", "several", "not in the SIS"):
        page.desk.chips.choose(group)
        yield f"wizard-matches-{group.replace(' ', '-')}", settled()
    window.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
