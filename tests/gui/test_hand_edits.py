"""Hand edits in the window: what a record offers, what is refused and why, what an edit does, and how it is undone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from pypdf import PdfReader
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from rosterdesk.directory import people
from rosterdesk.directory.edit import editing
from rosterdesk.directory.history import PastRun, list_runs
from rosterdesk.directory.schema import RECORDS
from rosterdesk.directory.undo import undo
from rosterdesk.gui.editdialog import EditDialog
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.pages.directory import DirectoryPage
from rosterdesk.gui.window import MainWindow
from rosterdesk.run import Run
from tests.rosters import exported

Settle = Callable[[MainWindow], None]


@pytest.fixture
def window(open_window: Callable[[Opening], MainWindow], opening: Opening, settle: Settle) -> MainWindow:
    made = open_window(opening)
    made.show_page(made.directory)
    settle(made)
    return made


@pytest.fixture
def show(window: MainWindow, settle: Settle) -> Callable[[str, str], DirectoryPage]:
    """Opens a record by its SIS ID, or by # and its number."""

    def open_(entity: str, sis_id: str) -> DirectoryPage:
        window.directory._open(entity, number(window, entity, sis_id))
        settle(window)
        return window.directory

    return open_


def number(window: MainWindow, entity: str, sis_id: str) -> int:
    table = RECORDS[entity]
    assert window._directory is not None
    with window._directory.read() as conn:
        return int(conn.execute(sa.select(table.c.id).where(table.c.sis_id == sis_id)).scalar_one())


def latest(window: MainWindow) -> PastRun:
    assert window._directory is not None
    with window._directory.read() as conn:
        return list_runs(conn, window._directory.district, limit=1)[0]


def said(page: QWidget) -> str:
    return " ".join(w.accessibleName() for w in page.findChildren(QWidget) if w.property("banner") and w.isVisible())


def texts(page: QWidget) -> str:
    return " ".join(w.text() for w in page.findChildren(QLabel))


def want(page: DirectoryPage, name: str, window: MainWindow, settle: Settle) -> EditDialog:
    """Press the button of an edit; the dialog that opens."""
    assert page.record.offers is not None
    page.record.offers.buttons[name].click()
    return opened(page, window, settle)


def opened(page: DirectoryPage, window: MainWindow, settle: Settle) -> EditDialog:
    settle(window)
    assert page.editing.dialog is not None
    return page.editing.dialog


def fill(dialog: EditDialog, **values: str) -> None:
    dialog.why.setText("asked by the office")
    for key, value in values.items():
        box = dialog.inputs[key]
        if isinstance(box, QComboBox):
            box.setCurrentIndex(box.findData(value))
        else:
            box.setText(value)


def save(dialog: EditDialog, window: MainWindow, settle: Settle) -> None:
    assert dialog.primary.isEnabled(), dialog.reason.text()
    dialog.primary.click()
    settle(window)


def press(page: QWidget, text: str) -> None:
    next(b for b in page.findChildren(QPushButton) if b.text() == text and b.isVisible()).click()


def test_a_synced_students_record_offers_what_is_allowed_and_says_why_not_the_rest(
    show: Callable[[str, str], DirectoryPage],
) -> None:
    offers = show("students", "S1").record.offers
    assert offers is not None
    allowed = {name for name, made in offers.buttons.items() if made.isEnabled()}
    assert allowed == {"add_guardian", "link_guardian", "join_code", "enable_account", "merge"}
    rule = "A synced student can't be archived by hand: the next run would bring them back."
    assert offers.buttons["archive"].accessibleDescription().startswith(rule)
    assert rule in texts(offers)
    assert "Remove them in the SIS" in texts(offers)


def test_a_classroom_is_renamed_and_the_run_taken_back(
    window: MainWindow, show: Callable[[str, str], DirectoryPage], settle: Settle, tmp_path: Path
) -> None:
    assert window._directory is not None
    before = exported(window._directory, tmp_path)
    page = show("classrooms", "C1")
    dialog = want(page, "rename", window, settle)
    fill(dialog, title="Chess with Tom")
    save(dialog, window, settle)
    past = latest(window)
    assert (past.number, past.kind.value, past.source, past.why) == (
        3,
        "edit",
        "rename a classroom",
        "asked by the office",
    )
    assert said(page) == (
        "Saved as run 3: rename a classroom. It can be taken back, here or at any time among the recent runs on Home."
    )
    assert page.record.known is not None
    assert page.record.known.record.name == "Chess with Tom"
    page.tabs.setCurrentIndex(3)
    settle(window)
    assert "Chess with Tom" in str(page.panels["classrooms"].model.row(0))
    press(page, "Undo")
    settle(window)
    assert said(page) == "Run 3 was taken back, by run 4."
    assert exported(window._directory, tmp_path) == before


def test_the_button_waits_with_a_sentence(
    window: MainWindow, show: Callable[[str, str], DirectoryPage], settle: Settle
) -> None:
    dialog = want(show("students", "S1"), "add_guardian", window, settle)
    assert dialog.reason.text() == "Enter: First name."
    fill(dialog, given_name="Aunt", family_name="Ng")
    dialog.why.clear()
    assert dialog.reason.text() == "Say why, in a few words."
    assert not dialog.primary.isEnabled()
    dialog.why.setText("they asked")
    assert dialog.reason.text() == ""
    assert dialog.primary.isEnabled()


def test_what_an_edit_is_refused_stays_in_the_dialog_with_what_was_typed(
    window: MainWindow, show: Callable[[str, str], DirectoryPage], settle: Settle
) -> None:
    dialog = want(show("students", "S1"), "add_guardian", window, settle)
    fill(dialog, given_name="Aunt", family_name="Ng", phone="2025550111")
    save(dialog, window, settle)
    assert dialog.isVisible()
    assert said(dialog).startswith("A guardian needs an e-mail or a mobile number")
    assert dialog.answers.values["given_name"] == "Aunt"
    fill(dialog, email="aunt@example.org")
    save(dialog, window, settle)
    page = window.directory
    assert page.editing.dialog is None
    assert page.entity == "guardians"
    assert page.record.known is not None
    assert page.record.known.record.fields["email"] == "aunt@example.org"


def test_students_are_assigned_to_a_manual_classroom_that_was_made_here(
    window: MainWindow, settle: Settle, qtbot: QtBot
) -> None:
    page = window.directory
    page.make_new("classrooms")
    dialog = opened(page, window, settle)
    fill(dialog, school=str(number(window, "schools", "A")), title="Chess")
    save(dialog, window, settle)
    assert page.record.known is not None
    assert (page.entity, page.record.known.record.name) == ("classrooms", "Chess")
    dialog = want(page, "assign_students", window, settle)
    assert dialog.picker is not None
    names = [dialog.picker.people.item(at).text() for at in range(dialog.picker.people.count())]
    assert names == ["Ng, Ana, 05, ana@example.org, S1", "Ng, Dee, 05, S4"]
    assert dialog.reason.text() == "Choose somebody."
    dialog.picker.people.setCurrentRow(0)
    qtbot.keyClick(dialog.picker.people, Qt.Key.Key_Space)
    dialog.picker.search.setText("Dee")
    dialog.picker.search.returnPressed.emit()
    settle(window)
    dialog.picker.people.item(0).setCheckState(Qt.CheckState.Checked)
    assert dialog.picker.told.text() == "2 chosen."
    fill(dialog)
    save(dialog, window, settle)
    assert [one.name for one in page.record.known.record.linked] == ["Ng, Ana", "Ng, Dee"]
    part = next(b for b in page.record.findChildren(QWidget) if b.accessibleName() == "Remove Ng, Dee from here")
    part.click()  # type: ignore[attr-defined]
    dialog = opened(page, window, settle)
    fill(dialog)
    save(dialog, window, settle)
    assert [one.name for one in page.record.known.record.linked] == ["Ng, Ana"]


def test_a_student_can_be_made_only_where_no_sync_is_on(window: MainWindow, settle: Settle) -> None:
    page = window.directory
    page.make_new("students")
    dialog = opened(page, window, settle)
    fill(dialog, school=str(number(window, "schools", "A")), given_name="Zoe", family_name="Poe")
    settle(window)
    assert said(dialog).startswith("While the sync is on, no student can be added to a synced school by hand.")
    assert not dialog.primary.isEnabled()
    dialog.reject()
    page._open("schools", number(window, "schools", "A"))
    settle(window)
    dialog = want(page, "sync_off", window, settle)
    fill(dialog)
    save(dialog, window, settle)
    assert "The sync of the school is switched off" in texts(page.record)
    dialog = want(page, "new_students", window, settle)
    fill(dialog, given_name="Zoe", family_name="Poe")
    settle(window)
    assert said(dialog) == ""
    save(dialog, window, settle)
    assert page.record.known is not None
    assert page.record.known.record.name == "Poe, Zoe"
    dialog = want(page, "archive", window, settle)
    fill(dialog)
    save(dialog, window, settle)
    assert page.record.known.record.status == "archived"
    assert page.record.offers is not None
    assert page.record.offers.buttons["restore"].isEnabled()


def test_a_join_code_is_shown_and_shown_again_without_a_run(
    window: MainWindow, show: Callable[[str, str], DirectoryPage], settle: Settle
) -> None:
    page = show("students", "S1")
    told = []
    for _ in range(2):
        dialog = want(page, "join_code", window, settle)
        fill(dialog)
        save(dialog, window, settle)
        told.append(said(page))
    assert told[0].startswith("The join code is ")
    assert told[0].startswith(told[1])
    assert latest(window).number == 3


def test_what_somebody_else_has_changed_meanwhile_is_not_overwritten(window: MainWindow, settle: Settle) -> None:
    assert window._directory is not None
    page = window.directory
    with editing(window._directory, "add staff", "test") as edit:
        una = people.add_staff(
            edit, number(window, "schools", "A"), {"given_name": "Una", "family_name": "Poe", "email": "u@example.org"}
        )
    page._open("staff", una)
    settle(window)
    dialog = want(page, "set_role", window, settle)
    with editing(window._directory, "set a role", "test") as edit:
        people.set_role(edit, una, "aide")
    fill(dialog, role="principal")
    save(dialog, window, settle)
    assert "has changed this member of staff meanwhile (run 4" in said(dialog)
    assert dialog.isVisible()
    dialog.reject()
    page.show_directory(window._directory)
    settle(window)
    dialog = want(page, "set_role", window, settle)
    role = dialog.inputs["role"]
    assert isinstance(role, QLineEdit)
    assert role.text() == "aide"


def test_a_record_beside_the_list_leaves_the_list_its_room(
    window: MainWindow, show: Callable[[str, str], DirectoryPage], settle: Settle
) -> None:
    window.resize(1080, 720)
    page = show("students", "S1")
    settle(window)
    assert page.schools.isHidden()
    assert page.panels["students"].width() >= 440
    window.resize(1500, 720)
    settle(window)
    assert page.schools.isVisible()
    page.schools.setCurrentRow(1)
    window.resize(1080, 720)
    settle(window)
    assert page.title.sentence.text() == "Only Adams is shown."


def test_every_control_of_a_record_and_its_dialogs_has_a_name(
    window: MainWindow, show: Callable[[str, str], DirectoryPage], settle: Settle
) -> None:
    page = show("students", "S1")
    dialogs = [want(page, "add_guardian", window, settle)]
    nameless = [
        type(widget).__name__
        for top in (page.record, dialogs[0])
        for widget in top.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible() and not widget.accessibleName()
    ]
    assert nameless == []
    dialogs[0].reject()


def test_removing_a_record_is_said_when_it_is_gone(window: MainWindow, settle: Settle, opening: Opening) -> None:
    assert window._directory is not None
    with editing(window._directory, "add staff", "test") as edit:
        una = people.add_staff(edit, number(window, "schools", "A"), {"given_name": "Una", "family_name": "Poe"})
    window.directory._open("staff", una)
    settle(window)
    undo(window._directory, 3, Run())
    window.refresh()
    settle(window)
    assert "This record is gone." in texts(window.directory.record)


def test_letters_to_families_are_printed_from_a_classroom_and_from_the_directory(
    window: MainWindow, show: Callable[[str, str], DirectoryPage], settle: Settle, tmp_path: Path
) -> None:
    page = show("classrooms", "C1")
    press(page.record, "Letters to families")
    dialog = opened(page, window, settle)
    assert dialog.answers.values["file"].endswith("letters.pdf")
    dialog.inputs["file"].setText(str(tmp_path / "letters.pdf"))  # type: ignore[union-attr]
    save(dialog, window, settle)
    assert said(page).startswith("1 letter was printed.")
    assert latest(window).source == "print letters to families"
    assert "Ana Ng" in PdfReader(tmp_path / "letters.pdf").pages[0].extract_text()
    page.print_letters()
    dialog = opened(page, window, settle)
    fill(dialog, whom="without_guardian", form="labels", language="es", file=str(tmp_path / "no" / "labels.pdf"))
    save(dialog, window, settle)
    assert said(dialog).startswith("labels.pdf could not be written.")
    assert latest(window).number == 3
    fill(dialog, file=str(tmp_path / "labels.pdf"))
    save(dialog, window, settle)
    assert said(page).startswith("2 letters were printed.")
    assert "Código" in PdfReader(tmp_path / "labels.pdf").pages[0].extract_text()
