"""What is left when the program dies in the middle, or has a fault: nothing that a person decided is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel

from rosterdesk.directory.engine import Directory
from rosterdesk.draft import Draft, Step
from rosterdesk.gui.faults import show_faults
from rosterdesk.gui.unfinished import unfinished
from rosterdesk.gui.widgets import Banner
from rosterdesk.sources.tables import Told
from tests.gui.walking import Walk, exported
from tests.rosters import roster, student, written

PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from rosterdesk.gui.app import application
from rosterdesk.gui.wizard import Wizard
from rosterdesk.gui.worker import Worker

app = application()
worker = Worker()
with open_directory(Path(sys.argv[1]), KeySource(unencrypted=True)) as directory:
    wizard = Wizard(worker, lambda run: directory)
    wizard.show()
    source = wizard.page
    if sys.argv[2] == "pasted":
        QGuiApplication.clipboard().setText("Student ID\\tFirst Name\\tLast Name\\n1\\tAna\\tWu")
        source.drop.paste.click()
    else:
        source.choose((Path(sys.argv[2]),))
    corrected = []

    def look():
        if worker.busy or wizard.draft.reading is None:
            return
        if not corrected:
            corrected.append(True)
            heading = source.recognised.corrections.heading
            heading.setValue(3 - heading.value())
        else:
            wizard.page.give(outlet=Path(sys.argv[3]), layout="classtag", zipped=True)
            timer.stop()
            print("ready", flush=True)

    timer = QTimer(interval=50)
    timer.timeout.connect(look)
    timer.start()
    app.exec()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that can't be caught")
@pytest.mark.parametrize("pasted", [False, True])
def test_the_draft_outlives_a_killed_program(walk: Walk, home: Path, tmp_path: Path, pasted: bool) -> None:
    people = tmp_path / "people.csv"
    people.write_text("Export of today,,\nStudent ID,First Name,Last Name\n1,Ana,Wu\n")
    arguments = [str(tmp_path / "other.db"), "pasted" if pasted else str(people), str(tmp_path / "out")]
    command = [sys.executable, "-c", PROGRAM, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        until = time.monotonic() + 20
        while (left := unfinished()) is None or left.outlet is None:
            assert time.monotonic() < until, "the draft was not kept"
        os.kill(program.pid, signal.SIGKILL)
    walk.wizard.begin(Draft())
    offer = walk.source.findChild(Banner)
    assert offer is not None
    name = "Pasted table" if pasted else "people"
    assert f"{name}.{'tsv' if pasted else 'csv'}" in offer.accessibleName()
    next(b for b in offer.findChildren(QAbstractButton) if b.text() == "Go on with it").click()
    walk.settle()
    assert walk.draft.reading is not None
    assert walk.draft.told == {name: Told(header_row=2 if pasted else 1)}
    assert (walk.draft.outlet, walk.draft.layout, walk.draft.zipped) == (tmp_path / "out", "classtag", True)
    kept = {path.name: path.stat().st_mode & 0o077 for path in (home / "unfinished").iterdir()}
    assert (home / "unfinished").stat().st_mode & 0o077 == 0, kept


def test_a_fault_of_a_page_is_said_and_all_goes_on(walk: Walk, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    walk.choose(sample / "day1")
    walk.until(Step.CHECKS)
    decided = walk.draft
    before = sys.excepthook
    monkeypatch.setattr(sys, "excepthook", before)  # put back at the end
    show_faults(walk.wizard.show_fault)

    try:
        raise KeyError("Ana Wu")
    except KeyError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    fault = walk.wizard.page.error
    assert fault is not None
    walk.qtbot.waitUntil(lambda: any(w.text() == fault.title for w in walk.wizard.findChildren(QLabel)))
    assert "Ana" not in fault.detail
    assert walk.draft == decided
    left = unfinished()
    assert left is not None
    assert left.mapping is not None
    walk.until(Step.RESULT)


def test_a_fault_in_the_work_is_said_on_the_page(walk: Walk, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    walk.choose(sample / "day1")
    walk.until(Step.CHECKS)

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("Ana Wu")

    monkeypatch.setattr("rosterdesk.gui.upload.pipeline.preview", fail)
    assert walk.next() is Step.REVIEW
    error = walk.wizard.page.error
    assert error is not None
    assert "ZeroDivisionError" in error.detail
    assert "Ana" not in error.detail
    monkeypatch.undo()
    walk.wizard._again()
    walk.settle()
    assert walk.wizard.page.error is None
    walk.until(Step.RESULT)


def test_a_push_that_is_stopped_leaves_all_or_nothing(
    walk: Walk, directory: Directory, sample: Path, tmp_path: Path
) -> None:
    before = exported(directory, tmp_path / "before")
    walk.choose(sample / "day1")
    walk.until(Step.PUSH)
    walk.wizard.bar.primary.click()
    assert walk.wizard.page.busy
    assert not walk.wizard.bar.back.isEnabled()
    walk.wizard.bar.stop.click()
    walk.settle()
    after = exported(directory, tmp_path / "after")
    if walk.draft.receipt is None:
        assert after == before
        assert walk.wizard.page.step is Step.PUSH
        assert walk.next() is Step.RESULT
    else:
        assert after != before


def test_when_somebody_else_was_faster_the_plan_is_made_again(walk: Walk, directory: Directory, tmp_path: Path) -> None:
    from rosterdesk import pipeline
    from rosterdesk.run import Run

    walk.choose(written(roster(student("S1")), tmp_path))
    walk.until(Step.PUSH)
    with pipeline.roster([written(roster(student("S2", given="Bo")), tmp_path)], Run()) as other:
        pipeline.apply(other, pipeline.preview(other, directory), directory)
    assert walk.next() is Step.PUSH
    assert walk.wizard.page.error is not None
    walk.wizard._again()
    walk.settle()
    assert walk.wizard.page.step is Step.REVIEW
    walk.wizard.page.give(approved=walk.draft.plan.digest)  # type: ignore[union-attr]
    walk.until(Step.RESULT)
    assert walk.draft.receipt is not None
