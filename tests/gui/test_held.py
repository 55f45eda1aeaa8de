"""A run that waits for a person: what is told of it, and each of the things that can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget

from rosterdesk import pipeline
from rosterdesk.directory.history import PastRun, State, get_run, list_runs
from rosterdesk.gui.holding import Choice
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.recent import remember_source
from rosterdesk.gui.window import MainWindow
from rosterdesk.run import Run
from tests.rosters import adult, exported, roster, rows, student, written

Settle = Callable[[MainWindow], None]

# Of the students S1, S2 and S4 two are gone, and there is a new one.
CUT = roster(
    student("S1", guardians="G1", email="ana@example.org") + student("S5", given="Eve") + adult("G1", "guardian")
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return written(CUT, tmp_path)


@pytest.fixture
def window(open_window: Callable[[Opening], MainWindow], opening: Opening, source: Path, settle: Settle) -> MainWindow:
    """On a directory in which run 3 waits."""
    with opening(Run()) as directory, pipeline.roster([source], Run()) as made:
        assert pipeline.hold(made, pipeline.preview(made, directory), directory) == 3
    remember_source([source], {})
    return open_window(opening)


def held(window: MainWindow) -> PastRun:
    (past,) = [past for past in window.home.facts.runs if past.state is State.HELD]
    return past


def click(page: QWidget, text: str) -> None:
    next(b for b in page.findChildren(QAbstractButton) if b.text() == text and b.isVisible()).click()


def notices(page: QWidget) -> list[str]:
    return [w.accessibleName() for w in page.findChildren(QWidget) if w.property("banner") and w.isVisible()]


def states(opening: Opening) -> dict[int, State]:
    with opening(Run()) as directory, directory.read() as connection:
        return {past.number: past.state for past in list_runs(connection, directory.district)}


def test_it_tells_which_limits_it_goes_over_and_what_it_would_do(window: MainWindow, settle: Settle) -> None:
    window.show_held(held(window))
    settle(window)
    (told,) = notices(window.held)
    assert "2 of 3 students would be archived" in told
    model = window.held.numbers.model
    students = next(at for at in range(model.rowCount()) if model.index(at, 0).data() == "Students")
    assert [model.index(students, at).data() for at in range(1, 4)] == ["1", "", "2"]


def test_it_is_approved_by_typing_the_number(
    window: MainWindow, settle: Settle, opening: Opening, tmp_path: Path
) -> None:
    click(window.home, "Look at it and approve")
    settle(window)
    page = window.held
    page.typed.setText("1")
    assert not page.approve.isEnabled()
    page.typed.returnPressed.emit()
    settle(window)
    page.typed.setText(str(page._number))
    page.approve.click()
    settle(window)
    assert window.pages.currentWidget() is window.report
    window.close()
    assert states(opening)[3] is State.DONE
    with opening(Run()) as directory:
        students = exported(directory, tmp_path)["students.csv"]
    assert "Eve" in students
    assert sum("archived" in line for line in students.splitlines()) == 3


def test_only_what_is_new_and_changed_is_pushed(
    window: MainWindow, settle: Settle, opening: Opening, tmp_path: Path
) -> None:
    click(window.home, "Push only what is new and changed")
    settle(window)
    assert any("Nothing is archived or removed" in told for told in notices(window.held))
    click(window.held, "Push only what is new and changed")
    settle(window)
    window.close()
    assert states(opening)[4] is State.DONE
    with opening(Run()) as directory:
        students = exported(directory, tmp_path)["students.csv"]
    assert "Eve" in students
    assert sum("archived" in line for line in students.splitlines()) == 1


def test_it_is_discarded_and_needs_nobody_any_more(window: MainWindow, settle: Settle, opening: Opening) -> None:
    click(window.home, "Discard")
    settle(window)
    click(window.held, "Discard run 3")
    settle(window)
    assert window.pages.currentWidget() is window.home
    assert notices(window.home) == []
    assert window.home.runs.model.index(0, 3).data() == "Discarded"
    window.close()
    assert states(opening)[3] is State.DISCARDED


def test_what_has_changed_since_is_not_pushed(
    window: MainWindow, settle: Settle, opening: Opening, source: Path
) -> None:
    window.show_held(held(window), Choice.APPROVE)
    users = source / "users.csv"
    users.write_text(users.read_text("utf-8").replace("Eve", "Eva"), "utf-8")
    window.held.typed.setText(str(window.held._number))
    window.held.approve.click()
    settle(window)
    assert any("no longer what it was" in told for told in notices(window.held))
    click(window.held, "Open it as an upload")
    settle(window)
    assert window.wizard is not None
    assert window.wizard.draft.sources == (source,)
    window.close()
    with opening(Run()) as directory, directory.read() as connection:
        assert get_run(connection, directory.district, 3).state is State.HELD


def test_without_its_files_it_can_only_be_looked_for_or_discarded(
    window: MainWindow, settle: Settle, source: Path
) -> None:
    source.rename(source.with_name("elsewhere"))
    window.show_held(held(window), Choice.ADDITIONS)
    settle(window)
    page = window.held
    assert [b.isEnabled() for b in (page.look, page.additions, page.typed, page.approve, page.discard)] == [
        *(True, False, False, False, True)
    ]
    assert "not where they were" in page._reason.text()


def test_only_the_chosen_schools_are_pushed(
    open_window: Callable[[Opening], MainWindow], opening: Opening, tmp_path: Path, settle: Settle
) -> None:
    """Both schools would lose a student; a person lets the one through, and the other keeps its own."""
    both = "".join(student(f"{school}{n}", school, given=f"Ana{n}") for school in "AB" for n in range(4))
    half = "".join(student(f"{school}{n}", school, given=f"Ana{n}") for school in "AB" for n in range(2))
    source = written(roster(half), tmp_path)
    with opening(Run()) as directory:
        with pipeline.roster([written(roster(both), tmp_path)], Run()) as made:
            pipeline.apply(made, pipeline.preview(made, directory, additions_only=True), directory)
        with pipeline.roster([source], Run()) as made:
            pipeline.hold(made, pipeline.preview(made, directory), directory)
    remember_source([source], {})
    window = open_window(opening)
    window.show_held(held(window))
    settle(window)
    page = window.held
    assert [page.schools.list.item(at).text() for at in range(2)] == [
        "Adams: 4 changes, 4 records archived",
        "Burr: 3 changes, 3 records archived",
    ]
    assert not page.schools.push.isEnabled()
    page.schools.list.item(1).setCheckState(Qt.CheckState.Checked)
    page.schools.push.click()
    settle(window)
    with opening(Run()) as directory:
        found = exported(directory, tmp_path)["students.csv"]
    archived = {i for i, status in rows(found, "sis_id", "status") if status == "archived"}
    assert {"B2", "B3"} <= archived
    assert not {"A2", "A3"} & archived
