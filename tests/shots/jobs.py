"""The page of jobs, and the form of one. The system's scheduler is asked as it is here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from PySide6.QtWidgets import QScrollArea

from rosterdesk.gui.widgets import Fold
from rosterdesk.jobs.calendar import schedule
from rosterdesk.jobs.file import Job
from rosterdesk.jobs.file import remove as remove_job
from rosterdesk.jobs.file import save as save_job
from rosterdesk.jobs.receipts import append
from rosterdesk.jobs.state import State, remember
from tests.shots.stage import SAMPLE, Shots, Stage, opened


def draw(stage: Stage) -> Shots:
    """Without a job, with two, what one offers, and its form with its limits."""
    window = stage.window
    window.show_page(window.jobs)
    yield "jobs-none", stage.settled()
    paused = Job("summer", (str(SAMPLE / "day2"),), schedule=schedule("06:00", "mon,wed,fri"), paused=True)
    nightly = Job(
        "nightly",
        ("connection:clever", "/exports/guardians.csv"),
        schedule=schedule("02:00"),
        limits=("students created 200", "school students archived 5%"),
    )
    for job in (nightly, paused):
        save_job(job)
    moment = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="seconds")
    why = "sis.example does not accept our secret."
    remember(nightly.name, State(last=moment, ended="failed", title=why, failures=2))
    for outcome, reason in (("done", ""), ("failed", why)):
        append({"job": nightly.name, "started": moment, "outcome": outcome, "run": None, "changes": {}, "why": reason})
    window.show_page(window.jobs)
    yield "jobs", stage.settled()
    opened(window.jobs.cards["nightly"].findChildren(Fold)[0])
    yield "jobs-receipts", stage.settled()
    window.jobs.cards["summer"].wanted.emit("remove", "summer")
    yield "jobs-remove", stage.settled()
    window.jobs.edit(nightly)
    form = window.jobs.form
    assert form is not None
    form.times.setText("25:00")
    form.save.click()
    yield "jobs-form", stage.settled()
    for fold in form.findChildren(Fold):
        opened(fold)
    stage.settled()
    bars = [area.verticalScrollBar() for area in window.findChildren(QScrollArea) if area.isVisible()]
    bar = max(bars, key=lambda bar: bar.maximum())
    for part in (1, 2):
        bar.setValue(bar.maximum() * part // 2)
        yield f"jobs-form-{part}", stage.settled()
    form.left.emit()
    for job in (nightly, paused):
        remove_job(job.name)
