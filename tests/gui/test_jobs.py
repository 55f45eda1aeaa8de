"""The page of jobs: what it shows of them, and each of the things that can be done with one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import Directory, open_directory
from rosterdesk.directory.history import Kind, PastRun, get_run, record_run
from rosterdesk.directory.history import State as RunState
from rosterdesk.directory.usual import LEAST, record_schools
from rosterdesk.errors import UsageError
from rosterdesk.gui.jobform import JobForm
from rosterdesk.gui.limitbook import EVERY_SCHOOL, Place
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.pages.jobs import JobsPage
from rosterdesk.gui.window import MainWindow
from rosterdesk.gui.worker import Worker
from rosterdesk.jobs import file, schedulers
from rosterdesk.jobs.calendar import period, schedule
from rosterdesk.jobs.file import Job, Notices, load, names, save
from rosterdesk.jobs.receipts import receipts
from rosterdesk.jobs.running import run_job
from rosterdesk.jobs.schedulers import Command, Reported
from rosterdesk.run import Run
from tests.gui.conftest import SECOND
from tests.rosters import adult, classroom, enrollment, push, roster, student, written

Settle = Callable[[MainWindow], None]
NEXT = datetime(2027, 1, 4, 8, 0, tzinfo=UTC)


class Remembering:
    """A scheduler of the system that only remembers what it was told."""

    name = "the tests' scheduler"

    def __init__(self) -> None:
        self.told: dict[str, Job] = {}
        self.refuses = False

    def put(self, job: Job, command: Command) -> tuple[str, ...]:
        if self.refuses:
            raise UsageError("The system's scheduler refused.", "Nothing was scheduled.")
        self.told[job.name] = job
        return ("It runs only while you are signed in.",)

    def take(self, name: str) -> None:
        self.told.pop(name, None)

    def report(self, name: str) -> Reported:
        return Reported(name in self.told, NEXT if name in self.told else None)


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Remembering:
    """In the place of systemd, cron and the others, which are tested by themselves."""
    from rosterdesk.jobs import keeping

    made = Remembering()
    monkeypatch.setattr(schedulers, "scheduler", lambda: made)
    monkeypatch.setattr(keeping, "scheduler", lambda: made)
    return made


@pytest.fixture
def job(opening: Opening, tmp_path: Path, system: Remembering) -> Job:
    """A job on the window's own directory, which the system knows."""
    made = Job(
        "nightly",
        (str(written(SECOND, tmp_path)),),
        directory=str(opening.where),
        key_file=str(opening.key_file),
        schedule=schedule("02:00"),
        notices=Notices(desktop=False),
    )
    save(made)
    system.told[made.name] = made
    return made


@pytest.fixture
def window(open_window: Callable[[Opening], MainWindow], opening: Opening, settle: Settle, job: Job) -> MainWindow:
    made = open_window(opening)
    made.way.jobs.click()
    settle(made)
    return made


def page(window: MainWindow) -> JobsPage:
    shown = window.pages.currentWidget()
    assert isinstance(shown, JobsPage)
    return shown


def click(within: QWidget, text: str) -> None:
    next(b for b in within.findChildren(QAbstractButton) if b.text() == text and b.isVisible()).click()


def banners(within: QWidget) -> list[str]:
    return [w.accessibleName() for w in within.findChildren(QWidget) if w.property("banner") and w.isVisible()]


def facts(window: MainWindow, name: str = "nightly") -> Mapping[str, str]:
    return dict(page(window).cards[name].look.sentences())


def do(window: MainWindow, settle: Settle, what: str, name: str = "nightly") -> None:
    """Choose one of the things in the menu of a job."""
    page(window).cards[name].wanted.emit(what, name)
    settle(window)


def test_a_job_with_what_the_system_says(window: MainWindow) -> None:
    told = facts(window)
    assert told["Runs"] == "every day at 02:00"
    assert told["Next"].endswith("started by the tests' scheduler")
    assert told["Last"] == "It has not run yet."
    assert told["Reads"].endswith(str(load("nightly").sources[0]))
    assert banners(page(window)) == []
    assert window.way.jobs.isChecked()


def test_home_leads_here(window: MainWindow, settle: Settle) -> None:
    window.show_page(window.home)
    settle(window)
    window.home.sections.all_jobs.click()
    settle(window)
    assert page(window).cards.keys() == {"nightly"}


def test_without_a_job_it_says_how_to_get_one(
    open_window: Callable[[Opening], MainWindow], opening: Opening, settle: Settle, system: Remembering
) -> None:
    window = open_window(opening)
    assert not window.home.sections.all_jobs.isVisible()
    window.show_page(window.jobs)
    settle(window)
    click(page(window), "New upload")
    assert window.wizard is not None


def test_a_job_that_nothing_starts(window: MainWindow, settle: Settle, system: Remembering) -> None:
    system.told.clear()
    window.refresh()
    settle(window)
    assert banners(page(window))[0].startswith("Nothing starts this job")
    assert "nothing starts it" in facts(window)["Next"]
    click(page(window), "Have it started")
    settle(window)
    assert system.told.keys() == {"nightly"}
    assert banners(page(window)) == ["It runs only while you are signed in."]


def test_it_runs_now_and_leaves_a_receipt(window: MainWindow, settle: Settle, job: Job, tmp_path: Path) -> None:
    source = written(more(), tmp_path)
    save(replace(job, sources=(str(source),)))
    window.refresh()
    settle(window)
    click(page(window).cards["nightly"], "Run now")
    settle(window)
    assert banners(page(window))[0].startswith("nightly ran through")
    assert "went through" in facts(window)["Last"]
    panel = page(window).cards["nightly"].receipts
    assert panel.model.rowCount() == len([r for r in receipts() if r["job"] == "nightly"]) > 0
    click(page(window), "Look at it")
    settle(window)
    assert window.pages.currentWidget() is window.report


def more() -> Any:
    """As the second roster, with a student more."""
    return roster(
        student("S1", guardians="G1", email="ana@example.org")
        + student("S2", given="Ben", family="Ólafsson", school="B")
        + student("S4", given="Dee")
        + student("S9", given="Ivy")
        + adult("G1", "guardian", given="Gia")
        + adult("T1", "teacher", given="Tom", family="Roe", email="tom@example.org"),
        classroom("C1"),
        enrollment("C1", "S1") + enrollment("C1", "T1", "teacher"),
    )


def test_one_that_fails_says_why(window: MainWindow, settle: Settle, job: Job, tmp_path: Path) -> None:
    save(replace(job, sources=(str(tmp_path / "gone.csv"),)))
    window.refresh()
    settle(window)
    click(page(window).cards["nightly"], "Run now")
    settle(window)
    assert banners(page(window))[0].startswith("nightly could not finish")
    assert "could not finish" in facts(window)["Last"]


def test_pause_and_resume(window: MainWindow, settle: Settle, system: Remembering) -> None:
    click(page(window).cards["nightly"], "Pause")
    settle(window)
    assert load("nightly").paused
    assert facts(window)["Runs"].startswith("paused")
    system.told.clear()
    click(page(window).cards["nightly"], "Resume")
    settle(window)
    assert not load("nightly").paused
    assert system.told.keys() == {"nightly"}


def test_its_settings_are_changed_in_a_form(window: MainWindow, settle: Settle, system: Remembering) -> None:
    click(page(window).cards["nightly"], "Change")
    form = page(window).form
    assert form is not None
    form.times.setText("06:30, 18:00")
    for day in form.days[5:]:
        day.setChecked(False)
    form.minutes.setValue(30)
    form.additions_only.setChecked(True)
    form.table.numbers["students", "created"].setText("200")
    form.table.look_at(EVERY_SCHOOL)
    form.table.percents["staff", "updated"].setText("30")
    form.rests.setText("2026-12-20..2027-01-03, 2027-02-15")
    form.mail.setText("it@district.example")
    form.smtp.setText("smtp.district.example:587")
    form.digest.setChecked(True)
    click(form, "Save the changes")
    settle(window)
    made = load("nightly")
    assert page(window).form is None
    assert str(made.schedule) == "Mon, Tue, Wed, Thu, Fri at 06:30, 18:00"
    assert (made.minutes, made.additions_only) == (30, True)
    assert made.limits == ("students created 200", "school staff updated 30%")
    assert made.blackouts == (period("2026-12-20..2027-01-03"), period("2027-02-15"))
    assert made.notices.mail == ("it@district.example",)
    assert made.notices.digest
    assert system.told["nightly"] == made
    assert facts(window)["Runs"] == str(made.schedule)


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("times", "25:00", "25:00 is no time of day."),
        ("rests", "soon", "soon is no date."),
        ("mail", "it@district.example", "Nobody can be told by mail without a mail server."),
    ],
)
def test_what_cannot_be_is_said_above_the_form(
    window: MainWindow, settle: Settle, job: Job, field: str, text: str, sentence: str
) -> None:
    click(page(window).cards["nightly"], "Change")
    form = page(window).form
    assert form is not None
    getattr(form, field).setText(text)
    click(form, "Save the changes")
    settle(window)
    assert banners(page(window))[0].startswith(sentence)
    assert getattr(form, field).text() == text
    assert load("nightly") == job
    click(form, "Leave it as it was")
    settle(window)
    assert page(window).form is None
    assert load("nightly") == job


def form_of(window: MainWindow, settle: Settle) -> JobForm:
    """The form of the job, with what was looked up for it."""
    window.refresh()
    settle(window)
    click(page(window).cards["nightly"], "Change")
    settle(window)
    form = page(window).form
    assert form is not None
    return form


def test_its_limits_stand_in_a_table(window: MainWindow, settle: Settle, job: Job) -> None:
    save(replace(job, limits=("students updated 30%", "school staff updated 30%", "staff created 5")))
    form = form_of(window, settle)
    assert form.table.percents["students", "updated"].text() == "30"
    assert form.table.percents["staff", "updated"].text() == ""
    assert form.table.numbers["staff", "created"].text() == "5"
    assert form.table.known.text() == "What is usual for this job is shown here once it has run 20 times."
    form.table.numbers["staff", "created"].clear()
    form.table.numbers["students", "updated"].setText("40")
    form.table.numbers["guardianships", "removed"].setText("7")
    click(form, "Save the changes")
    settle(window)
    assert load("nightly").limits == (
        *("students updated 40", "students updated 30%", "guardianships removed 7"),
        "school staff updated 30%",
    )


def test_a_school_has_limits_of_its_own(window: MainWindow, settle: Settle, job: Job) -> None:
    save(replace(job, limits=("school students created 20", "students created 9 at Z 1")))
    form = form_of(window, settle)
    table = form.table
    chooser = [table.chooser.itemText(at) for at in range(table.chooser.count()) if table.chooser.itemText(at)]
    assert chooser == [
        *("The whole district", "Every school", "Adams", "Burr"),
        "Z 1 (not in the directory): 1 limit",
    ]
    table.chooser.setCurrentIndex(4)
    table.chooser.activated.emit(4)
    assert table.place == Place(school=True, at="B")
    assert not table.numbers["guardians", "created"].isVisible()
    field = table.numbers["students", "created"]
    assert (field.text(), field.placeholderText()) == ("", "20")
    assert "as at every school, 20" in field.accessibleDescription()
    field.setText("60")
    assert table.chooser.itemText(4) == "Burr: 1 limit"
    assert table.own.text() == "With limits of their own: Burr, Z 1 (not in the directory)."
    table.look_at(EVERY_SCHOOL)
    assert field.text() == "20"
    click(form, "Save the changes")
    settle(window)
    assert load("nightly").limits == (
        *("school students created 20", "students created 60 at B", "students created 9 at Z 1"),
    )


def test_of_two_limits_of_one_line_the_stricter_counts(qtbot: QtBot, job: Job) -> None:
    twice = ("students created 50", "students created 20")
    form = JobForm(replace(job, limits=twice))
    qtbot.addWidget(form)
    assert form.answer().limits == twice
    assert form.table.numbers["students", "created"].text() == "20"
    form.table.numbers["staff", "created"].setText("3")
    assert form.answer().limits == ("students created 20", "staff created 3")


def nights(directory: Directory) -> None:
    """Let the job have run night after night: in all it made 3 or 40 students, at Burr 2."""
    with directory.transaction() as conn:
        for n in range(LEAST + 1):
            day = (datetime.now(UTC) - timedelta(days=LEAST + 1 - n)).isoformat(timespec="seconds")
            counts = {"students": {"created": 3 if n % 2 else 40, "updated": 2}, "staff": {"created": n % 2}}
            told = PastRun(10 + n, Kind.PUSH, RunState.DONE, day, day, "it", "", job="nightly", counts=counts)
            record_run(conn, directory.district, told)
            record_schools(conn, directory.district, 10 + n, {"B": {"students": {"created": 2}}})


@pytest.mark.parametrize("typed", ["+", "+5", "-", "1 2", "٣", "10000000"])
def test_what_is_no_number_is_shown_as_wrong_and_not_saved(qtbot: QtBot, job: Job, typed: str) -> None:
    form = JobForm(replace(job, limits=("students created 20",)))
    qtbot.addWidget(form)
    line, table = ("students", "created"), form.table
    field = table.numbers[line]
    field.clear()
    field.insert(typed)
    assert (field.text(), field.property("wrong")) == (typed, True)
    assert table.usual[line].text().startswith("digits only")
    table.look_at(EVERY_SCHOOL)
    assert not field.property("wrong")
    with pytest.raises(UsageError, match="is no limit: Students created, at most"):
        form.answer()
    assert (field.text(), field.property("wrong")) == (typed, True)  # it is shown again, where it is
    field.clear()
    qtbot.keyClicks(field, "9999999")
    assert (field.property("wrong"), table.usual[line].text()) == (False, "")
    assert form.answer().limits == ("students created 9999999",)


def test_what_is_usual_stands_beside_a_limit(window: MainWindow, settle: Settle) -> None:
    assert window._directory is not None
    nights(window._directory)
    form = form_of(window, settle)
    usual = {line: told.text() for line, told in form.table.usual.items()}
    assert usual["students", "created"] == "usual: 3 to 40"
    assert usual["students", "updated"] == "usual: 2"
    assert usual["staff", "created"] == "usual: 0 to 1"
    assert usual["guardianships", "removed"] == "usual: none"
    assert form.table.numbers["students", "created"].accessibleDescription() == "usual: 3 to 40"
    form.table.look_at(EVERY_SCHOOL)
    assert form.table.usual["students", "created"].text() == "usual: up to 2, at Burr"
    form.table.look_at(Place(school=True, at="B"))
    assert form.table.usual["students", "created"].text() == "usual: 2"
    form.table.look_at(Place(school=True, at="A"))
    assert form.table.usual["students", "created"].text() == "usual: none"


def test_what_is_usual_comes_from_the_job_s_own_directory(
    window: MainWindow, settle: Settle, job: Job, opening: Opening, tmp_path: Path
) -> None:
    other, key = tmp_path / "other.db", tmp_path / "directory.key"
    with open_directory(other, KeySource(file=key)) as directory:
        push(directory, written(more(), tmp_path))
        nights(directory)
    save(replace(job, directory=str(other), key_file=str(key)))
    form = form_of(window, settle)
    assert form.table.usual["students", "created"].text() == "usual: 3 to 40"
    assert form.table.chooser.findText("Burr") > 0
    save(replace(job, directory=str(tmp_path / "gone.db")))
    click(form, "Leave it as it was")
    form = form_of(window, settle)
    assert form.table.known.text().startswith("What is usual can't be told: There is no directory at")
    assert form.answer() == load("nightly")


def test_a_scheduler_that_refuses_keeps_the_form(window: MainWindow, settle: Settle, system: Remembering) -> None:
    system.refuses = True
    click(page(window).cards["nightly"], "Change")
    form = page(window).form
    assert form is not None
    click(form, "Save the changes")
    settle(window)
    assert page(window).form is form
    assert banners(page(window))[0].startswith("The system's scheduler refused.")


def test_a_form_that_nobody_touched_gives_the_same_job(qtbot: QtBot, job: Job) -> None:
    full = replace(
        job,
        schedule=schedule("02:00, 14:30", "mon,wed", catch_up=False, wake=True),
        limits=("students created 200", "school students updated 30%", "staff created 2 at L 01"),
        learn=False,
        blackouts=(period("2026-12-20..2027-01-03"),),
        additions_only_dates=(period("2027-06-01"), period("2027-06-08")),
        notices=Notices(
            ("a@x.example", "b@x.example"), "h:25", "u", "s@x.example", "https://w", "https://h", False, True, True
        ),
    )
    form = JobForm(full)
    qtbot.addWidget(form)
    assert form.answer() == full
    by_hand = JobForm(replace(job, schedule=schedule("")))
    qtbot.addWidget(by_hand)
    assert by_hand.answer() == replace(job, schedule=schedule(""))


def test_copy_export_import_and_remove(
    window: MainWindow, settle: Settle, system: Remembering, job: Job, tmp_path: Path
) -> None:
    shown = page(window)
    shown.doing.copy("nightly", "weekly")
    settle(window)
    assert shown.cards.keys() == {"nightly", "weekly"}
    assert load("weekly") == replace(job, name="weekly", paused=True)
    assert "weekly" not in system.told
    shown.doing.copy("nightly", "weekly")
    settle(window)
    assert banners(shown)[0].startswith("There is a job named weekly.")
    shown.doing.export("weekly", tmp_path / "out")
    settle(window)
    assert banners(shown)[0].startswith("weekly is written")
    do(window, settle, "remove", "weekly")
    assert banners(shown)[0].startswith("Remove weekly?")
    assert "weekly" in names()
    click(shown, "Keep it")
    assert banners(shown) == []
    do(window, settle, "remove", "weekly")
    next(b for b in shown.findChildren(QAbstractButton) if b.text() == "Remove" and b.isVisible()).click()
    settle(window)
    assert names() == ("nightly",)
    assert shown.cards.keys() == {"nightly"}
    shown.doing.import_(tmp_path / "out" / "weekly.toml")
    settle(window)
    assert load("weekly").paused
    assert banners(shown)[0].startswith("weekly is here")


def test_upload_by_hand_begins_with_its_source(window: MainWindow, settle: Settle, job: Job) -> None:
    do(window, settle, "upload")
    assert window.wizard is not None
    assert [str(source) for source in window.wizard.draft.sources] == list(job.sources)


def test_a_damaged_job_hides_no_other(window: MainWindow, settle: Settle) -> None:
    (file.folder() / "broken.toml").write_text("rosterdesk_job = 99\n")
    window.refresh()
    settle(window)
    assert page(window).cards.keys() == {"nightly"}
    assert "broken" in banners(page(window))[0]


@pytest.fixture
def elsewhere(window: MainWindow, settle: Settle, job: Job, tmp_path: Path) -> Job:
    """A job that fills a directory of its own, which the window does not show; its last run waits."""
    key = tmp_path / "directory.key"
    made = replace(job, directory=str(tmp_path / "other.db"), key_file=str(key))
    with open_directory(made.directory, KeySource(file=key)) as directory:
        push(directory, written(roster("".join(student(f"E{n}", given=f"Ana{n}") for n in range(9))), tmp_path))
    made = replace(made, sources=(str(written(roster(student("E1", given="Ana1")), tmp_path)),))
    save(made)
    assert run_job(made, Run()).ended.value == "held"
    return made


def test_a_run_that_waits_in_another_directory_is_decided_there(
    window: MainWindow, settle: Settle, elsewhere: Job, opening: Opening
) -> None:
    window.show_page(window.home)
    settle(window)
    (told,) = banners(window.home)
    assert told.startswith("nightly waits for you in another directory 8 of 9 students would be archived")
    assert elsewhere.directory in told
    assert not window.way.own.isVisible()
    click(window.home, "Open that directory")
    settle(window)
    assert window._directory is not None
    assert window._directory.where == elsewhere.directory
    assert window.way.own.isVisible()
    (told,) = banners(window.home)
    assert told.startswith("Run 2 waits for a person")
    click(window.home, "Look at it and approve")
    settle(window)
    window.held.typed.setText("8")
    window.held.approve.click()
    settle(window)
    window.way.own.click()
    settle(window)
    assert banners(window.home) == []
    assert window._directory.where == str(opening.where)
    assert not window.way.own.isVisible()
    key = KeySource(file=Path(elsewhere.key_file))
    with open_directory(elsewhere.directory, key) as directory, directory.read() as conn:
        assert get_run(conn, directory.district, 2).state is RunState.DONE


def test_one_that_is_discarded_there_waits_no_more(window: MainWindow, settle: Settle, elsewhere: Job) -> None:
    window.show_directory_of(elsewhere)
    settle(window)
    click(window.home, "Discard")
    settle(window)
    click(window.held, "Discard run 2")
    settle(window)
    window.way.own.click()
    settle(window)
    assert banners(window.home) == []
    window.way.jobs.click()
    settle(window)
    assert "waited, and was discarded" in facts(window)["Last"]
    assert facts(window)["Directory"] == elsewhere.directory


def test_what_concerns_its_directory_is_done_when_that_is_shown(
    window: MainWindow, settle: Settle, elsewhere: Job
) -> None:
    window.refresh()
    settle(window)
    do(window, settle, "source")
    (told,) = banners(page(window))
    assert told.startswith("nightly uploads to another directory")
    assert window.wizard is None or not window.wizard.isVisible()
    click(page(window), "Open that directory")
    settle(window)
    assert window.wizard is not None
    assert window.wizard.isVisible()
    assert window.wizard.draft.job == "nightly"
    assert window._opened_directory(Run()).where == elsewhere.directory


def test_a_directory_that_is_not_there_leaves_the_window_where_it_was(
    window: MainWindow, settle: Settle, job: Job, tmp_path: Path
) -> None:
    shown = window._directory
    window.show_directory_of(replace(job, directory=str(tmp_path / "gone.db")))
    settle(window)
    assert any(told.startswith("There is no directory at") for told in banners(window))
    assert window._directory is shown
    assert not (tmp_path / "gone.db").exists()


def test_the_directory_is_not_changed_while_something_is_done_in_it(
    window: MainWindow, settle: Settle, elsewhere: Job, worker: Worker
) -> None:
    going = threading.Event()

    def work(run: Run) -> None:
        going.set()
        run.wait(60)

    task, shown = worker.start(work, on_success=lambda _: None, owner=window), window._directory
    assert going.wait(10)
    window.show_directory_of(elsewhere)
    assert any("still being done" in told for told in banners(window))
    assert window._directory is shown
    task.cancel()
    settle(window)
