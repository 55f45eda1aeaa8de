"""A saved job is changed by the wizard that made it: its source, mapping and mends; nothing is pushed by that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rosterdesk import mapping as mappings
from rosterdesk.draft import Step, draft_of
from rosterdesk.gui import jobcard
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.pages.source import SourcePage
from rosterdesk.gui.window import MainWindow
from rosterdesk.jobs import schedulers
from rosterdesk.jobs.calendar import schedule
from rosterdesk.jobs.file import Job, Notices, load, mapping_of, save
from rosterdesk.mapping import edits
from rosterdesk.run import Run
from rosterdesk.sources.read import read
from rosterdesk.staging import Staging
from tests.gui.test_jobs import Remembering

Settle = Callable[[MainWindow], None]
HEADER = "Student ID,First Name,Last Name,Middle Name,Grade,School ID,School Name\n"
ROWS = "00017,Ana,Wu,Lee,3,0101,Adams\n00018,Ben,Oak,May,4,0101,Adams\n"


@pytest.fixture(autouse=True)
def _system(monkeypatch: pytest.MonkeyPatch) -> None:
    system = Remembering()
    monkeypatch.setattr(schedulers, "scheduler", lambda: system)


@pytest.fixture
def job(tmp_path: Path, staging: Staging, opening: Opening) -> Job:
    """A job on the window's directory with a mapping of its own, in which a person left the middle names out."""
    path = tmp_path / "students.csv"
    path.write_text(HEADER + ROWS)
    reading = read([path], staging, Run())
    mapping = mappings.suggest(reading, staging)
    students = next(at for at, spec in enumerate(mapping.tables) if spec.target == "students")
    assert "middle_name" in mapping.tables[students].fields
    made = Job(
        "nightly",
        (str(path),),
        directory=str(opening.where),
        key_file=str(opening.key_file),
        schedule=schedule("02:00", "mon,tue"),
        limits=("students created 200",),
        minutes=30,
        notices=Notices(mail=("it@example.org",), smtp="localhost:25"),
    )
    save(made, edits.leave_out(mapping, students, "middle_name"))
    return load("nightly")


def fields(mapping: mappings.Mapping | None) -> set[str]:
    assert mapping is not None
    return {name for spec in mapping.tables if spec.target == "students" for name in spec.fields}


@pytest.fixture
def changing(
    open_window: Callable[[Opening], MainWindow], opening: Opening, settle: Settle, job: Job
) -> tuple[MainWindow, Settle]:
    """The window, its wizard open on what the job reads."""
    window = open_window(opening)
    window.show_page(window.jobs)
    settle(window)
    window.jobs.cards["nightly"].wanted.emit(jobcard.SOURCE, "nightly")
    settle(window)
    return window, settle


def on_to(window: MainWindow, settle: Settle, step: Step) -> None:
    assert window.wizard is not None
    while window.wizard.page.step is not step:
        before = window.wizard.page.step
        window.wizard.bar.primary.click()
        settle(window)
        assert window.wizard.page.step is not before, window.wizard.bar.reason.text()


def test_the_wizard_opens_on_what_the_job_has(changing: tuple[MainWindow, Settle], job: Job) -> None:
    window, _ = changing
    assert window.wizard is not None
    assert window.windowTitle() == "Change nightly"
    draft = window.wizard.draft
    assert [str(path) for path in draft.sources] == list(job.sources)
    assert draft.job == "nightly"
    assert fields(draft.mapping) == fields(mapping_of(job))
    assert "middle_name" not in fields(draft.mapping)


def test_saving_replaces_the_mapping_and_pushes_nothing(changing: tuple[MainWindow, Settle], job: Job) -> None:
    window, settle = changing
    assert window.wizard is not None
    on_to(window, settle, Step.MAPPING)
    mapping = window.wizard.draft.mapping
    assert mapping is not None
    students = next(at for at, spec in enumerate(mapping.tables) if spec.target == "students")
    window.wizard.page.give(mapping=edits.leave_out(mapping, students, "grade"))
    on_to(window, settle, Step.PUSH)
    runs = len(window.home.facts.runs)
    assert window.wizard.bar.primary.text() == "Save the job nightly"
    assert window.wizard.bar.primary.isEnabled()  # also where the data of today goes over a limit
    window.wizard.bar.primary.click()
    settle(window)
    assert fields(mapping_of(load("nightly"))) == fields(mapping_of(job)) - {"grade"}
    assert load("nightly") == job
    assert window.pages.currentWidget() is window.jobs
    window.show_page(window.home)
    settle(window)
    assert len(window.home.facts.runs) == runs


def test_another_source_takes_the_place_of_the_first(
    changing: tuple[MainWindow, Settle], job: Job, tmp_path: Path
) -> None:
    window, settle = changing
    assert window.wizard is not None
    other = tmp_path / "other.csv"
    other.write_text(HEADER + ROWS.replace("Wu", "Elm"))
    page = window.wizard.page
    assert isinstance(page, SourcePage)
    page.recognised.again.click()
    settle(window)
    page.choose((other,))
    settle(window)
    on_to(window, settle, Step.PUSH)
    window.wizard.bar.primary.click()
    settle(window)
    now = load("nightly")
    assert now.sources == (str(other),)
    assert (now.schedule, now.limits, now.notices, now.minutes) == (job.schedule, job.limits, job.notices, job.minutes)


def test_whoever_turns_back_changes_nothing(changing: tuple[MainWindow, Settle], job: Job) -> None:
    window, settle = changing
    before = mapping_of(job)
    assert window.wizard is not None
    on_to(window, settle, Step.MAPPING)
    while window.wizard.page.step is not Step.SOURCE:
        window.wizard.bar.back.click()
        settle(window)
    window.wizard.bar.back.click()
    settle(window)
    assert window.pages.currentWidget() is window.jobs
    assert (load("nightly"), mapping_of(job)) == (job, before)


def test_a_source_that_is_gone_is_said_and_another_can_be_chosen(
    open_window: Callable[[Opening], MainWindow], opening: Opening, settle: Settle, job: Job, tmp_path: Path
) -> None:
    Path(job.sources[0]).unlink()
    window = open_window(opening)
    window.jobs.change_source(job)
    settle(window)
    assert window.wizard is not None
    assert window.wizard.page.error is not None
    other = tmp_path / "other.csv"
    other.write_text(HEADER + ROWS)
    assert isinstance(window.wizard.page, SourcePage)
    window.wizard.page.choose((other,))
    settle(window)
    assert window.wizard.draft.job == "nightly"
    assert window.wizard.draft.reading is not None


def test_a_crash_forgets_neither_the_job_nor_its_answers(job: Job, tmp_path: Path) -> None:
    from rosterdesk.gui.unfinished import keep, unfinished

    keep(draft_of(job, mapping_of(job), {}))
    left = unfinished()
    assert left is not None
    assert (left.job, fields(left.mapping)) == ("nightly", fields(mapping_of(job)))
