"""The mapping page: saved, opened, known again by the headings, and words that are said to mean something."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QStyleOptionViewItem

from rosterdesk import mapping as mappings
from rosterdesk.draft import Draft, Step
from rosterdesk.gui.pages.mapping import MappingPage
from rosterdesk.mapping import edits
from rosterdesk.mapping.fixes import Fix, fixes, with_fixes
from tests.gui.walking import Walk

PEOPLE = "Student ID,First Name,Last Name,Kind,School ID,School Name\n1,Ana,Wu,pupil,A,Adams\n2,Ben,Roe,pupil,A,Adams\n"


@pytest.fixture
def page(walk: Walk, sample: Path) -> MappingPage:
    """The mapping page on the office's workbook."""
    walk.choose(sample / "office" / "contacts.xlsx")
    assert walk.next() is Step.MAPPING
    shown = walk.wizard.page
    assert isinstance(shown, MappingPage)
    return shown


def without_middle_name(page: MappingPage) -> None:
    mapping = page.draft.mapping
    assert mapping is not None
    place = next(at for at, spec in enumerate(mapping.tables) if spec.target == "students")
    page._edit(edits.leave_out(mapping, place, "middle_name"))


def test_it_is_saved_and_opened_again(
    walk: Walk, page: MappingPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suggested = page.draft.mapping
    without_middle_name(page)
    walk.settle()
    changed = page.draft.mapping
    monkeypatch.setattr("rosterdesk.gui.pages.mapping.ask_target", lambda *_: tmp_path / "office.toml")
    page.save.click()
    assert page.told.text() == "Saved as office.toml."
    page.undo_button.click()
    walk.settle()
    assert page.draft.mapping == suggested
    monkeypatch.setattr(
        "rosterdesk.gui.pages.mapping.QFileDialog.getOpenFileName", lambda *_: (str(tmp_path / "office.toml"), "")
    )
    page.load.click()
    walk.settle()
    assert page.told.text() == "office.toml is used now. Undo brings back what was here."
    assert page.draft.mapping is not None
    assert [set(spec.fields) for spec in page.draft.mapping.tables] == [set(s.fields) for s in changed.tables]  # type: ignore[union-attr]
    page.undo_button.click()
    walk.settle()
    assert page.draft.mapping == suggested


def test_a_mapping_for_other_files_is_said_and_changes_nothing(
    walk: Walk, page: MappingPage, tmp_path: Path, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = page.draft.mapping
    assert before is not None
    mappings.save(edits.choose_column(before, 0, "given_name", ("Vorname",)), tmp_path / "other.toml")
    monkeypatch.setattr(
        "rosterdesk.gui.pages.mapping.QFileDialog.getOpenFileName", lambda *_: (str(tmp_path / "other.toml"), "")
    )
    page.load.click()
    assert page.error is not None
    assert page.error.title == "This mapping is for other files: “contacts.Contacts” has no column “Vorname” here."
    assert page.draft.mapping == before
    (tmp_path / "other.toml").write_text("no mapping")
    page.load.click()
    assert page.error.title == "other.toml is no mapping."


def test_it_is_known_again_by_its_headings_under_another_name(walk: Walk, tmp_path: Path) -> None:
    for name in ("monday.csv", "tuesday.csv"):
        (tmp_path / name).write_text(PEOPLE)
    walk.choose(tmp_path / "monday.csv")
    mapping = walk.draft.mapping
    assert mapping is not None
    fixed = with_fixes(mapping, [Fix("monday", "First Name", "Ana", "Anna", "1", "Student ID")])
    walk.wizard.page.give(mapping=edits.leave_out(fixed, 0, "middle_name"))
    walk.until(Step.RESULT)
    walk.next()
    walk.wizard.begin(Draft())
    walk.choose(tmp_path / "tuesday.csv")
    assert walk.draft.mapping is not None
    assert fixes(walk.draft.mapping) == (Fix("tuesday", "First Name", "Ana", "Anna", "1", "Student ID"),)
    assert walk.next() is Step.CHECKS


def test_a_role_is_chosen_from_those_there_are(walk: Walk, sample: Path) -> None:
    walk.choose(sample / "day1")
    walk.next()
    page = walk.wizard.page
    assert isinstance(page, MappingPage)
    mapping = page.draft.mapping
    assert mapping is not None
    page._look((next(n for n, spec in enumerate(mapping.tables) if spec.target == "users"), "role"))
    walk.settle()
    table = page.values.table
    at = next(n for n in range(table.rowCount()) if table.item(n, 0).text() == "volunteer")  # type: ignore[union-attr]
    index = table.model().index(at, 2)
    delegate = table.itemDelegateForColumn(2)
    chooser = delegate.createEditor(table, QStyleOptionViewItem(), index)
    assert isinstance(chooser, QComboBox)
    assert chooser.accessibleName() == "What it means"
    chooser.setCurrentIndex(chooser.findData("staff"))
    delegate.setModelData(chooser, table.model(), index)
    walk.settle()
    steps = page.draft.mapping.tables[0].fields  # type: ignore[union-attr]
    assert steps
    replaced = [
        step.args["table"]
        for spec in page.draft.mapping.tables  # type: ignore[union-attr]
        for step in spec.fields.get("role", edits.FieldMap(())).transforms
        if step.op == "replace"
    ]
    assert {"volunteer": "staff"} in replaced


def test_what_is_missing_is_named_in_a_sentence(walk: Walk, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("Student ID,First Name\n1,Ana\n")
    walk.choose(tmp_path / "people.csv")
    assert walk.next() is Step.MAPPING
    assert "“Last name”" in walk.wizard.bar.reason.text()
    assert not walk.wizard.bar.primary.isEnabled()
    assert walk.wizard.bar.primary.accessibleDescription() == walk.wizard.bar.reason.text()
    walk.qtbot.keyClick(walk.wizard, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert walk.wizard.page.step is Step.MAPPING
