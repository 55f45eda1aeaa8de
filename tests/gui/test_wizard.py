"""Whole walks through the wizard, on real files and a real directory, each ending as the command line would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QWidget

from rosterdesk.directory.engine import Directory
from rosterdesk.draft import Draft, Step
from rosterdesk.gui.pages.mapping import MappingPage
from rosterdesk.gui.pages.push import PushPage
from rosterdesk.gui.pages.result import ResultPage
from rosterdesk.gui.pages.review import ReviewPage
from rosterdesk.model import Outcome
from tests.gui.walking import Walk, by_command_line, exported
from tests.rosters import roster, student, written


@pytest.mark.parametrize("name", ["day1", "office/contacts.xlsx"])
def test_a_walk_ends_where_the_command_line_does(
    walk: Walk, directory: Directory, sample: Path, tmp_path: Path, name: str
) -> None:
    walk.choose(sample / name)
    walk.until(Step.PUSH)
    assert walk.wizard.bar.primary.text() == f"Push {walk.draft.plan.size if walk.draft.plan else 0:,} changes"
    assert walk.next() is Step.RESULT
    assert exported(directory, tmp_path / "window") == by_command_line([sample / name], tmp_path)


def test_the_second_morning_asks_nothing_about_columns(
    walk: Walk, directory: Directory, sample: Path, tmp_path: Path
) -> None:
    walk.choose(sample / "day1")
    walk.until(Step.RESULT)
    walk.next()
    walk.wizard.begin(Draft())
    walk.choose(sample / "day2")
    assert walk.next() is Step.CHECKS
    walk.until(Step.REVIEW)
    review = walk.wizard.page
    assert isinstance(review, ReviewPage)
    assert review.words.text().startswith(
        "3 students will be archived. 1 enrollment will be removed. You can undo this."
    )
    walk.until(Step.RESULT)
    assert exported(directory, tmp_path / "window") == by_command_line([sample / "day1", sample / "day2"], tmp_path)


def test_the_result_can_be_taken_back(walk: Walk, directory: Directory, sample: Path, tmp_path: Path) -> None:
    before = exported(directory, tmp_path / "before")
    walk.choose(sample / "day1")
    walk.until(Step.RESULT)
    page = walk.wizard.page
    assert isinstance(page, ResultPage)
    walk.qtbot.mouseClick(page.undo_button, Qt.MouseButton.LeftButton)
    walk.settle()
    assert page.done.text() == "Run 1 is taken back"
    assert not page.undo_button.isEnabled()
    assert exported(directory, tmp_path / "after") == before


def test_back_keeps_what_was_entered(walk: Walk, sample: Path) -> None:
    walk.choose(sample / "day1")
    walk.until(Step.PUSH)
    before = walk.draft
    assert [walk.back() for _ in range(4)] == [Step.REVIEW, Step.CHECKS, Step.MAPPING, Step.SOURCE]
    assert walk.draft == before
    walk.until(Step.PUSH)
    assert walk.draft.plan == before.plan


def test_files_go_into_a_folder_too(walk: Walk, sample: Path, tmp_path: Path) -> None:
    walk.choose(sample / "day1")
    walk.until(Step.PUSH)
    page = walk.wizard.page
    assert isinstance(page, PushPage)
    page.give(outlet=tmp_path / "out", zipped=False)
    walk.until(Step.RESULT)
    assert (tmp_path / "out" / "manifest.csv").is_file()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("picture.csv", b"\x89PNG\r\n\x1a\n", "picture.csv is a picture, no table."),
        ("empty.csv", b"", "There is no table in this source."),
    ],
)
def test_what_is_no_table_is_said_on_the_page(
    walk: Walk, tmp_path: Path, sample: Path, name: str, content: bytes, says: str
) -> None:
    bad = tmp_path / name
    bad.write_bytes(content)
    walk.choose(bad)
    error = walk.wizard.page.error
    assert error is not None
    assert error.title == says
    assert not walk.wizard.bar.primary.isEnabled()
    walk.choose(sample / "day1")
    assert walk.wizard.page.error is None
    assert walk.wizard.bar.primary.isEnabled()


def test_a_file_that_is_gone_is_said_on_the_page(walk: Walk, tmp_path: Path) -> None:
    walk.choose(tmp_path / "gone.csv")
    assert walk.wizard.page.error is not None


def test_a_table_can_be_pasted(walk: Walk) -> None:
    QGuiApplication.clipboard().setText("Student ID\tFirst Name\tLast Name\tGrade\tSchool\n1\tAna\tWu\t3\tA\n")
    walk.source.drop.paste.click()
    walk.settle()
    walk.settle()
    assert walk.draft.reading is not None
    assert walk.draft.reading.tables[0].columns == ("Student ID", "First Name", "Last Name", "Grade", "School")


def test_over_a_limit_a_person_chooses(walk: Walk, directory: Directory, tmp_path: Path) -> None:
    many = "".join(student(f"A{n:04}", "A", given=f"N{n}") for n in range(20))
    few = "".join(student(f"A{n:04}", "A", given=f"N{n}") for n in range(5))
    walk.choose(written(roster(many), tmp_path))
    walk.until(Step.RESULT)
    walk.next()
    walk.wizard.begin(Draft())
    walk.choose(written(roster(few), tmp_path))
    walk.until(Step.REVIEW)
    page = walk.wizard.page
    assert isinstance(page, ReviewPage)
    assert "limit" in walk.wizard.bar.reason.text()
    assert not walk.wizard.bar.primary.isEnabled()

    page.limits.additions.click()
    walk.settle()
    assert walk.draft.plan is not None
    assert walk.draft.plan.empty
    page.limits.change.click()
    walk.settle()
    assert not walk.wizard.bar.primary.isEnabled()

    page.limits.hold.click()
    assert walk.wizard.bar.primary.isEnabled()
    page.limits.change.click()
    page.limits.typed.setText("14")
    assert not page.limits.approve.isEnabled()
    page.limits.typed.setText("15")
    page.limits.approve.click()
    walk.until(Step.RESULT)
    assert walk.draft.receipt is not None
    assert walk.draft.receipt.outcome is Outcome.DONE


def test_a_plan_is_held(walk: Walk, directory: Directory, tmp_path: Path) -> None:
    many = "".join(student(f"A{n:04}", "A", given=f"N{n}") for n in range(20))
    walk.choose(written(roster(many), tmp_path))
    walk.until(Step.RESULT)
    walk.next()
    walk.wizard.begin(Draft())
    walk.choose(written(roster(student("A0001", "A", given="N1")), tmp_path))
    walk.until(Step.REVIEW)
    page = walk.wizard.page
    assert isinstance(page, ReviewPage)
    page.limits.hold.click()
    assert walk.next() is Step.PUSH
    assert walk.wizard.bar.primary.text() == "Hold for approval"
    assert walk.next() is Step.RESULT
    assert walk.draft.receipt is not None
    assert walk.draft.receipt.outcome is Outcome.HELD


def test_another_column_is_chosen_and_taken_back(walk: Walk, sample: Path) -> None:
    walk.choose(sample / "office" / "contacts.xlsx")
    assert walk.next() is Step.MAPPING
    page = walk.wizard.page
    assert isinstance(page, MappingPage)
    first = walk.draft.mapping
    page.chips.choose("all")
    page._choose(next(c for c in choices(page) if c.columns == ("Homeroom",)))
    walk.settle()
    assert walk.draft.mapping != first
    page.undo()
    walk.settle()
    assert walk.draft.mapping == first


def choices(page: MappingPage) -> Iterator[object]:
    for chooser in page.tree.findChildren(QComboBox):
        for at in range(chooser.count()):
            if getattr(chooser.itemData(at), "columns", None):
                yield chooser.itemData(at)


def test_work_that_is_stopped_changes_nothing(walk: Walk, sample: Path) -> None:
    walk.source.choose((sample / "day1",))
    walk.wizard.bar.stopped.emit()
    walk.settle()
    assert walk.draft.reading is None
    assert walk.wizard.page.error is None
    assert not walk.wizard.page.busy


USABLE = (QAbstractButton, QComboBox, QLineEdit, QAbstractItemView)


def unnamed(root: QWidget) -> list[str]:
    """The controls of a page that a screen reader could not name, or that the keyboard can't reach."""
    found = []
    for widget in root.findChildren(QWidget):
        if not isinstance(widget, USABLE) or not widget.isVisible() or not widget.isEnabled():
            continue
        if widget.objectName().startswith("qt_") or isinstance(widget.parentWidget(), (QLineEdit, QComboBox)):
            continue
        if "Header" in type(widget).__name__ or "Private" in type(widget).__name__ or "Corner" in type(widget).__name__:
            continue
        named = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
        # Of filters of which one is chosen, Tab goes to that one and the arrows to the others.
        grouped = isinstance(widget, QAbstractButton) and widget.group() is not None
        reachable = widget.focusPolicy() & Qt.FocusPolicy.TabFocus or widget.property("step") or grouped
        if widget.property("inline"):  # a list within a line of a tree: Enter opens it
            reachable = True
        if not named or not reachable:
            found.append(f"{type(widget).__name__} {widget.accessibleName()!r} {widget.focusPolicy()}")
    return found


def test_every_control_has_a_name_and_is_reached_by_keyboard(walk: Walk, sample: Path) -> None:
    faults = {Step.SOURCE: unnamed(walk.wizard)}
    walk.choose(sample / "day1")
    while walk.wizard.page.step is not Step.RESULT:
        walk.next()
        faults[walk.wizard.page.step] = unnamed(walk.wizard)
    assert {step: found for step, found in faults.items() if found} == {}


def test_how_a_file_is_written_can_be_said(walk: Walk, tmp_path: Path) -> None:
    (tmp_path / "students.csv").write_bytes("Student ID,First Name,Last Name\n1,Ren\xe9,Wu\n".encode("cp1250"))
    walk.choose(tmp_path / "students.csv")
    told = walk.source.recognised.corrections
    told.encoding.setCurrentIndex(told.encoding.findData("cp1250"))
    told.encoding.activated.emit(told.encoding.currentIndex())
    walk.settle()
    assert walk.draft.reading is not None
    assert walk.draft.reading.tables[0].encoding == "cp1250"
    assert walk.draft.told["students"].encoding == "cp1250"


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_a_template_is_written_and_known_again(
    walk: Walk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: int
) -> None:
    monkeypatch.setattr("rosterdesk.gui.pages.source.ask_target", lambda *_: tmp_path / "template.xlsx")
    walk.source.template.menu().actions()[kind].trigger()
    walk.settle()
    assert walk.source.saved.text() == "Saved as template.xlsx. Fill it in, and drop it here."
    assert walk.wizard.page.error is None


def test_words_are_said_to_mean_something(walk: Walk, sample: Path) -> None:
    walk.choose(sample / "day1")
    walk.next()
    page = walk.wizard.page
    assert isinstance(page, MappingPage)
    place = next(n for n, spec in enumerate(page.draft.mapping.tables) if spec.target == "users")  # type: ignore[union-attr]
    page._look((place, "role"))
    walk.settle()
    cells = page.values.table
    at = next(n for n in range(cells.rowCount()) if cells.item(n, 0).text() == "volunteer")  # type: ignore[union-attr]
    cells.item(at, 2).setText("staff")  # type: ignore[union-attr]
    walk.settle()
    walk.until(Step.CHECKS)
    codes = {group.code for group in walk.checks._groups}
    assert "unknown-role" not in codes


def test_many_schools_are_narrowed_to_one(walk: Walk, sample: Path) -> None:
    walk.choose(sample / "day1")
    walk.until(Step.REVIEW)
    page = walk.wizard.page
    assert isinstance(page, ReviewPage)
    page.lists.chips.choose("new")
    page.lists.narrow("Alder Creek Elementary")
    walk.settle()
    assert page.lists.panel.count.text() == "53 rows"


def test_the_changes_are_exported(walk: Walk, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rosterdesk.gui.pages.review.ask_folder", lambda *_: tmp_path / "out")
    walk.choose(sample / "day1")
    walk.until(Step.REVIEW)
    page = walk.wizard.page
    assert isinstance(page, ReviewPage)
    page.lists.exported.emit()
    walk.settle()
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"changes.csv", "changes.xlsx"}
