"""The switch to a SIS on several days: what is offered, what is kept, what is gone, and how it is found again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from rosterdesk import pipeline
from rosterdesk.connections import Connection, Kind, Part, save
from rosterdesk.directory import governing, people
from rosterdesk.directory.decisions import Decision, decide
from rosterdesk.directory.edit import editing
from rosterdesk.directory.engine import open_directory
from rosterdesk.directory.onboarding import archive, mark
from rosterdesk.draft import Step as UploadStep
from rosterdesk.gui.onboardbegin import UNPLACED, FirstRunPage, StudentsPage
from rosterdesk.gui.onboardpeople import CheckPage, MatchPage
from rosterdesk.gui.onboardrooms import ClassroomsPage
from rosterdesk.gui.onboardschools import SchoolsPage
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.pages.onboarding import Onboarding
from rosterdesk.gui.window import MainWindow
from rosterdesk.guided import Stage, kept, told
from rosterdesk.guided.pairs import look_for
from rosterdesk.run import Run
from tests.gui.test_onboarding import Settle, by_hand, guide, key, sis, window
from tests.rosters import ORGS_HEADER, push, roster, student, written
from tests.servers.districts import clever
from tests.servers.roster_http import Behaviour, serving

__all__ = ["by_hand", "sis", "window"]  # fixtures


def labels(page: object) -> str:
    assert hasattr(page, "findChildren")
    return " ".join(one.text() for one in page.findChildren(QLabel))


def on_another_day(window: MainWindow, settle: Settle) -> Onboarding:
    """Go away, close the window's guide, and come back by what Home says."""
    window.onboarding.stop_button.click()
    settle(window)
    assert "The switch to your SIS is not finished" in labels(window.home.needs)
    button(window.home.needs, "Go on with it").click()
    settle(window)
    return window.onboarding


def button(page: object, words: str) -> QPushButton:
    assert hasattr(page, "findChildren")
    return next(one for one in page.findChildren(QPushButton) if one.text() == words)


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """A directory with three schools by hand, one of which has a student."""
    where = tmp_path / "hand.db"
    with open_directory(where, key(where)) as directory, editing(directory, "entering", "by hand") as edit:
        schools = [governing.add_school(edit, name) for name in ("ADAMS", "Burr Elementary School", "Bookmobile")]
        people.add_student(edit, schools[0], {"given_name": "Ana", "family_name": "Quillmoor"})
    return where


def test_the_ids_of_schools_are_offered_ticked_and_kept(
    open_window: Callable[[Opening], MainWindow], settle: Settle, three: Path, tmp_path: Path
) -> None:
    orgs = ORGS_HEADER + "0A,,,Adams,school,,\n0B,,,Burr Elementary,school,,\n0C,,,Clay High School,school,,\n"
    source = written(roster(student("S1", "0A"), orgs=orgs), tmp_path)
    window = open_window(Opening(three, key_file=key(three).file))
    onboarding = guide(window, settle)
    page = onboarding.page
    assert isinstance(page, SchoolsPage)
    assert onboarding.bar.primary.text() == "Next"
    page.read((source,))
    settle(window)
    adams, bookmobile, burr = page.lines.values()
    assert [(line.sis_id, line.chooser.sis_id) for line in (adams, bookmobile, burr)] == [
        *(("0A", "0A"), ("", ""), ("", "0B"))
    ]
    assert adams.chooser.currentText() == "0A  Adams"
    assert (adams.note.text(), burr.note.text()) == ("the same name", "a name like it: please look")
    assert bookmobile.chooser.count() == 3
    burr.tick.setChecked(True)
    bookmobile.chooser.setEditText("0A")
    assert onboarding.bar.reason.text() == "Two schools can't have the same SIS ID."
    bookmobile.chooser.setEditText("77 ")
    assert bookmobile.note.text() == "not among the schools of these files"
    assert onboarding.bar.primary.text() == "Give 3 schools their IDs"
    adams.tick.setChecked(False)

    onboarding = on_another_day(window, settle)
    page = onboarding.page
    assert isinstance(page, SchoolsPage)
    assert [line.sis_id for line in page.lines.values()] == ["", "77", "0B"]
    assert source.name in page.source.known.text()
    onboarding.bar.primary.click()
    settle(window)
    assert {place.name: place.sis_id for place in page.standing.places} == {
        "ADAMS": None,
        "Bookmobile": "77",
        "Burr Elementary School": "0B",
    }
    (adams,) = page.lines.values()
    assert {adams.chooser.itemData(at) for at in range(adams.chooser.count())} == {"0A", "0C"}
    adams.chooser.setEditText("77")
    assert onboarding.bar.reason.text() == "Bookmobile has the SIS ID 77 already."


def test_the_ids_come_through_a_connection_too(window: MainWindow, settle: Settle) -> None:
    with serving(Behaviour(records=clever(), token="good")) as server:
        save(Connection("nights", Kind.CLEVER, server.address), {Part.TOKEN: "good"})
        onboarding = guide(window, settle)
        page = onboarding.page
        assert isinstance(page, SchoolsPage)
        menu = page.source.connection.menu()
        assert menu is not None
        (action,) = menu.actions()
        action.trigger()
        settle(window)
        (line,) = page.lines.values()
        listed = {line.chooser.itemText(at) for at in range(line.chooser.count())}
        assert listed == {"5b0000000000000000000001  Heron School", "5b0000000000000000000002  Wren School"}
        line.tick.setChecked(False)
        assert on_another_day(window, settle).way.answers.sources == (Path("connection:nights"),)
        assert page.source.known.text() == "Files of the SIS: nights. They name 2 schools."


def test_what_was_chosen_for_classrooms_is_kept_and_gone_files_are_said(
    window: MainWindow, settle: Settle, by_hand: Path, sis: Path
) -> None:
    onboarding = guide(window, settle)
    page = onboarding.page
    assert isinstance(page, SchoolsPage)
    page.read((sis,))
    settle(window)
    assert onboarding.bar.primary.text() == "Give 1 school its ID"
    for _ in range(2):
        onboarding.bar.primary.click()
        settle(window)
    rooms = onboarding.page
    assert isinstance(rooms, ClassroomsPage)
    rooms.choices["adopt"].setChecked(True)  # the files are known from the step before
    settle(window)
    assert rooms.table.rowCount() == 1
    item = rooms.table.item(0, 0)
    assert item is not None
    item.setCheckState(Qt.CheckState.Unchecked)
    rooms.keep.setChecked(True)

    onboarding = on_another_day(window, settle)
    assert onboarding.page is rooms
    assert (rooms.choice, rooms.chosen, rooms.keep.isChecked()) == ("adopt", {}, True)
    assert rooms.table.rowCount() == 1

    sis.rename(sis.with_name("elsewhere"))
    onboarding = on_another_day(window, settle)
    assert rooms.source.known.text().startswith(f"{sis.name} is no longer where it was: {sis.parent}.")
    assert rooms.table.rowCount() == 0
    assert onboarding.bar.reason.text().startswith("Choose the files of the SIS")
    rooms.read((sis.with_name("elsewhere"),))
    settle(window)
    assert rooms.table.rowCount() == 1
    assert "no longer" not in rooms.source.known.text()


def test_a_step_that_was_left_behind_is_not_gone_back_to(window: MainWindow, settle: Settle) -> None:
    onboarding = guide(window, settle)
    page = onboarding.page
    assert isinstance(page, SchoolsPage)
    next(iter(page.lines.values())).chooser.setEditText("A")
    for _ in range(3):  # gives the ID, leaves the schools, leaves the classrooms as they are
        onboarding.bar.primary.click()
        settle(window)
    assert isinstance(onboarding.page, StudentsPage)
    next(iter(onboarding.page.boxes.values())).setChecked(False)
    assert on_another_day(window, settle).page.step is Stage.STUDENTS
    assert isinstance(onboarding.page, StudentsPage)
    assert onboarding.page.chosen == []


def test_students_in_no_school_are_archived_too(window: MainWindow, settle: Settle) -> None:
    assert window._directory is not None
    with editing(window._directory, "entering", "by hand") as edit:
        lost = people.add_student(edit, 1, {"given_name": "Nia", "family_name": "Ashdown"})
        people.archive(edit, "students", [lost])
        people.remove_from_school(edit, lost)
        people.restore(edit, "students", lost)
        closed = governing.add_school(edit, "Closed")
        people.add_student(edit, closed, {"given_name": "Ola", "family_name": "Ashdown"})
        edit.change("schools", edit.get("schools", closed), "archive", status="archived")
    onboarding = guide(window, settle)
    onboarding.go(Stage.STUDENTS)
    page = onboarding.page
    assert isinstance(page, StudentsPage)
    assert [box.text() for box in page.boxes.values()] == [
        "Adams: 12 students (without an SIS ID)",
        "In no school: 2 students",
    ]
    assert page.chosen == []
    page.boxes[UNPLACED].setChecked(True)
    assert onboarding.bar.primary.text() == "Archive 2 students"
    onboarding.bar.primary.click()
    settle(window)
    assert list(page.boxes) == [1]
    assert (page.standing.unplaced, page.standing.steps["archive"].left, page.standing.steps["match"].left) == (
        0,
        12,
        2,
    )


def test_an_upload_that_was_not_finished_goes_on_where_it_was(window: MainWindow, settle: Settle, sis: Path) -> None:
    onboarding = guide(window, settle)
    page = onboarding.page
    assert isinstance(page, SchoolsPage)
    page.read((sis,))
    settle(window)
    while not isinstance(onboarding.page, FirstRunPage):
        onboarding.bar.primary.click()
        settle(window)
    assert sis.name in onboarding.page.files.text()
    onboarding.bar.primary.click()
    settle(window)
    assert window.wizard is not None
    while window.wizard.page.step is not UploadStep.CHECKS:
        window.wizard.bar.primary.click()
        settle(window)
    window.wizard._draft = replace(window.wizard.draft, additions_only=True)
    window.wizard._keep()
    window.show_page(window.home)  # as after a new start: the upload is kept, the guide goes on
    settle(window)
    button(window.home.needs, "Go on with it").click()
    settle(window)
    onboarding.bar.primary.click()
    settle(window)
    assert window.wizard.draft.sources == (sis,)
    assert window.wizard.draft.additions_only


@pytest.fixture
def decided(by_hand: Path, sis: Path, tmp_path: Path) -> Path:
    """The same school after its first run and all merges, but for a student who has left the school meanwhile."""
    with open_directory(by_hand, key(by_hand)) as directory:
        with editing(directory, "switching", "by hand") as edit:
            school = 1
            gone = people.add_student(edit, school, {"given_name": "Wilhelmina", "family_name": "Vandersloot"})
            assert gone
            governing.give_sis_id(edit, school, "A")
            archive(edit, "classrooms")
            archive(edit, "students")
        push(directory, sis)
        run = Run()
        with pipeline.staged(run) as staging:
            for kind in look_for(directory, staging, run):
                decide(directory, {pair.key: Decision.SAME for pair in kind.proposals})
    return by_hand


def test_who_has_left_keeps_nothing_waiting(
    open_window: Callable[[Opening], MainWindow], settle: Settle, decided: Path
) -> None:
    window = open_window(Opening(decided, key_file=key(decided).file))
    onboarding = guide(window, settle)
    assert onboarding.page.step is Stage.MERGE  # all pairs are decided
    assert onboarding.bar.primary.text() == "Merge 12 people"
    onboarding.bar.primary.click()
    settle(window)
    onboarding = on_another_day(window, settle)
    assert onboarding.page.step is Stage.CHECK
    page = onboarding.page
    assert isinstance(page, CheckPage)
    assert "1 archived student is not in the SIS and has probably left" in " ".join(page.told)
    onboarding.bar.primary.click()
    settle(window)
    assert "not finished" not in labels(window.home)
    with open_directory(decided, key(decided)) as directory, directory.read() as conn:
        assert kept.at(str(decided), mark(conn, directory.district)) is None


def test_a_pair_that_waits_keeps_the_matches_open(
    open_window: Callable[[Opening], MainWindow], settle: Settle, decided: Path
) -> None:
    with open_directory(decided, key(decided)) as directory:
        run = Run()
        with pipeline.staged(run) as staging:
            (kind,) = look_for(directory, staging, run)
            decide(directory, {kind.proposals[0].key: Decision.LATER})
    window = open_window(Opening(decided, key_file=key(decided).file))
    onboarding = guide(window, settle)
    assert isinstance(onboarding.page, MatchPage)
    assert told(onboarding.way, Stage.MATCHES) == "1 to decide"


def test_home_offers_the_switch_where_all_was_entered_by_hand(
    window: MainWindow, settle: Settle, opening: Opening, open_window: Callable[[Opening], MainWindow]
) -> None:
    home = window.home
    assert home.by_hand.isVisible()
    assert not home.onboarding.isVisible()
    button(home.by_hand, "Switch from records entered by hand to your SIS").click()
    settle(window)
    assert window.windowTitle() == "Switch to your SIS"
    window.onboarding.stop_button.click()
    settle(window)
    assert home.by_hand.isVisible()  # nothing was answered, so there is nothing to be reminded of
    other = open_window(opening)
    assert not other.home.by_hand.isVisible()
    assert other.home.onboarding.isVisible()


def test_who_wants_no_reminder_gets_none(window: MainWindow, settle: Settle) -> None:
    onboarding = guide(window, settle)
    page = onboarding.page
    assert isinstance(page, SchoolsPage)
    next(iter(page.lines.values())).chooser.setEditText("A")
    onboarding.stop_button.click()
    settle(window)
    button(window.home.needs, "Remind me no more").click()
    settle(window)
    assert "not finished" not in labels(window.home.needs)
    assert window.home.by_hand.isVisible()
    page = guide(window, settle).page
    assert isinstance(page, SchoolsPage)
    assert list(page.ids.values()) == ["A"]  # what was answered is still there


def test_the_directory_leads_to_the_switch(window: MainWindow, settle: Settle) -> None:
    window.show_page(window.directory)
    settle(window)
    menu = window.directory.more.menu()
    assert menu is not None
    next(one for one in menu.actions() if one.text() == "Switch from records entered by hand to your SIS").trigger()
    settle(window)
    assert isinstance(window.onboarding.page, SchoolsPage)
