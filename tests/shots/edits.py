"""Hand edits: the dialogs, and what is said afterwards; letters, and the end of the school year."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QLineEdit, QScrollArea

from rosterdesk.jobs.file import Job
from rosterdesk.jobs.file import remove as remove_job
from rosterdesk.jobs.file import save as save_job
from tests.shots.stage import SAMPLE, Shots, Stage


def draw(stage: Stage) -> Shots:
    """Edits from the page of the directory."""
    window = stage.window
    page = window.directory
    window.show_page(page)
    stage.settled()
    for kind in ("guardians", "classrooms", "schools", "staff"):
        page.make_new(kind)
        yield from stage.dialog(f"new-{kind}", page.editing)
    page.make_new("students")
    stage.settled()
    assert page.editing.dialog is not None
    school = page.editing.dialog.inputs["school"]
    assert isinstance(school, QComboBox)
    school.setCurrentIndex(0)
    yield from stage.dialog("new-student-refused", page.editing)
    page.tabs.setCurrentIndex(3)
    stage.settled()
    page.panels["classrooms"].table.choose(1)
    stage.settled()
    assert page.record.offers is not None
    page.record.offers.buttons["rename"].click()
    stage.settled()
    dialog = page.editing.dialog
    assert dialog is not None
    title = dialog.inputs["title"]
    assert isinstance(title, QLineEdit)
    title.setText("Chess")
    dialog.why.setText("Asked by the teacher")
    yield from stage.dialog("rename", page.editing, close=False)
    dialog.primary.click()
    yield "edited", stage.settled()
    page.print_letters()
    yield from stage.dialog("letters", page.editing)
    save_job(Job("nightly", (str(SAMPLE / "day2"),)))
    window.show_page(window.rollover)
    yield "rollover", stage.settled()
    for area in window.rollover.findChildren(QScrollArea)[:1]:
        area.ensureWidgetVisible(window.rollover.summer.save)
    yield "rollover-summer", stage.settled()
    window.rollover.archive.click()
    yield from stage.dialog("rollover", window.rollover.editing)
    remove_job("nightly")
