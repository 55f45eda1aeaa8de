"""Whole walks through the wizard, on real files and a real directory, each ending as the command line would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from rosterdesk import pipeline
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import Directory, open_directory
from rosterdesk.directory.export import export
from rosterdesk.draft import Draft, Step
from rosterdesk.gui.grid import Grid
from rosterdesk.gui.pages.checks import ChecksPage
from rosterdesk.gui.pages.mapping import MappingPage
from rosterdesk.gui.pages.push import PushPage
from rosterdesk.gui.pages.result import ResultPage
from rosterdesk.gui.pages.review import ReviewPage
from rosterdesk.gui.pages.source import SourcePage
from rosterdesk.gui.unfinished import unfinished
from rosterdesk.gui.widgets import Banner
from rosterdesk.gui.wizard import Wizard
from rosterdesk.gui.worker import Worker
from rosterdesk.mapping.fixes import fixes
from rosterdesk.model import Outcome
from rosterdesk.run import Run
from tests.rosters import roster, student, written

OPEN = KeySource(unencrypted=True)


class Walk:
    """A person who walks through the wizard: does something, and waits until it is done."""

    def __init__(self, qtbot: QtBot, worker: Worker, directory: Directory) -> None:
        self.qtbot = qtbot
        self.worker = worker
        self.wizard = Wizard(worker, lambda run: directory)
        qtbot.addWidget(self.wizard)
        self.wizard.resize(1080, 720)
        self.wizard.show()

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.worker.busy, timeout=30_000)

    def choose(self, *sources: Path) -> None:
        self.source.choose(sources)
        self.settle()

    def next(self) -> Step:
        self.qtbot.mouseClick(self.wizard.bar.primary, Qt.MouseButton.LeftButton)
        self.settle()
        return self.wizard.page.step

    def back(self) -> Step:
        self.qtbot.mouseClick(self.wizard.bar.back, Qt.MouseButton.LeftButton)
        self.settle()
        return self.wizard.page.step

    def until(self, step: Step) -> None:
        while self.wizard.page.step is not step:
            before = self.wizard.page.step
            assert self.next() is not before, self.wizard.bar.reason.text()

    @property
    def draft(self) -> Draft:
        return self.wizard.draft

    @property
    def source(self) -> SourcePage:
        page = self.wizard.pages[Step.SOURCE]
        assert isinstance(page, SourcePage)
        return page

    @property
    def checks(self) -> ChecksPage:
        page = self.wizard.pages[Step.CHECKS]
        assert isinstance(page, ChecksPage)
        return page

    @property
    def grid(self) -> Grid:
        grid = self.checks.pane.grid
        assert grid is not None
        return grid

    def look_at(self, code: str) -> None:
        """Choose a kind of problem, and wait for its rows."""
        groups = self.checks.list
        items = [groups.topLevelItem(n) for n in range(groups.topLevelItemCount())]
        role = Qt.ItemDataRole.UserRole
        item = next(i for i in items if i is not None and getattr(i.data(0, role), "code", "") == code)
        groups.setCurrentItem(item)
        self.settle()
        self.qtbot.waitUntil(lambda: self.grid.cells_model.row(0) is not None)

    def cell(self, column: str, at: int = 0) -> str:
        return str(self.grid.cells_model.index(at, self.place(column)).data(Qt.ItemDataRole.EditRole))

    def place(self, column: str) -> int:
        return [spec.key for spec in self.grid.cells_model.columns].index(column)

    def write(self, column: str, text: str, at: int = 0) -> None:
        assert self.grid.cells_model.setData(self.grid.cells_model.index(at, self.place(column)), text)


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    with open_directory(tmp_path / "window.db", OPEN) as made:
        yield made


@pytest.fixture
def walk(qtbot: QtBot, worker: Worker, directory: Directory) -> Iterator[Walk]:
    made = Walk(qtbot, worker, directory)
    yield made
    made.settle()
    made.wizard.close_upload(now=True)


def by_command_line(sources: list[Path], tmp_path: Path) -> dict[str, bytes]:
    """What the directory holds when the same files are pushed without a window."""
    with open_directory(tmp_path / "plain.db", OPEN) as directory:
        for source in sources:
            with pipeline.roster([source], Run()) as made:
                pipeline.apply(made, pipeline.preview(made, directory), directory)
        return exported(directory, tmp_path / "plain")


def exported(directory: Directory, folder: Path) -> dict[str, bytes]:
    export(directory, folder, Run())
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


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


def test_a_cell_is_mended_and_mended_again_tomorrow(walk: Walk, sample: Path) -> None:
    walk.choose(sample / "day1")
    walk.until(Step.CHECKS)
    before = dict(walk.draft.problems or {})
    walk.look_at("bad-email")
    assert "@" not in walk.cell("email\u200b" if "email\u200b" in walk.grid.cells_model.cells else "email")
    column = walk.grid.cells_model.columns[4].key
    walk.write(column, "right@example.org")
    assert walk.wizard.bar.primary.text() == "Check again"
    walk.wizard.page.undo()
    assert walk.draft.mapping is not None
    assert "fixes" not in walk.draft.mapping.settings
    walk.wizard.page.redo()
    assert "fixes" in walk.draft.mapping.settings
    assert walk.next() is Step.CHECKS
    assert (walk.draft.problems or {})["warning"] == before["warning"] - 1
    walk.until(Step.RESULT)
    walk.next()
    walk.wizard.begin(Draft())
    walk.choose(sample / "day1")
    walk.until(Step.CHECKS)
    assert (walk.draft.problems or {})["warning"] == before["warning"] - 1


def test_cells_are_pasted_from_excel(walk: Walk, sample: Path) -> None:
    walk.choose(sample / "office" / "contacts.xlsx")
    walk.until(Step.CHECKS)
    walk.look_at("duplicate-id")
    first = walk.place("Student")
    walk.grid.setCurrentIndex(walk.grid.cells_model.index(0, first))
    QGuiApplication.clipboard().setText("Wu, Ana\n")
    walk.grid.paste()
    assert walk.cell("Student") == "Wu, Ana"
    assert walk.draft.problems is None


def test_a_mend_is_accepted(walk: Walk, sample: Path) -> None:
    walk.choose(sample / "day1")
    walk.until(Step.CHECKS)
    before = dict(walk.draft.problems or {})
    walk.look_at("id-lost-zeros")
    mend = walk.checks.pane.mend
    assert mend.title.text() == "Put the zeros back in front of 2 IDs"
    mend.apply.click()
    walk.next()
    assert (walk.draft.problems or {})["error"] < before["error"]


def test_the_bad_rows_are_exported(walk: Walk, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pandas as pd

    monkeypatch.setattr("rosterdesk.gui.pages.checks.ask_target", lambda *_: tmp_path / "bad.xlsx")
    walk.choose(sample / "day1")
    walk.until(Step.CHECKS)
    walk.checks.export.click()
    walk.settle()
    sheets = pd.read_excel(tmp_path / "bad.xlsx", sheet_name=None, engine="calamine", dtype=str)
    assert any("users" in name for name in sheets)
    users = next(frame for name, frame in sheets.items() if "users" in name)
    assert list(users.columns[:4]) == ["Row", "Weight", "Reason", "Column"]


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
        reachable = widget.focusPolicy() & Qt.FocusPolicy.TabFocus or widget.property("step")
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


def test_the_grid_keeps_the_rules_of_models(walk: Walk, sample: Path, qtmodeltester: object) -> None:
    walk.choose(sample / "day1")
    walk.until(Step.CHECKS)
    check: Callable[[object], None] = qtmodeltester.check  # type: ignore[attr-defined]
    check(walk.grid.cells_model)


def test_an_upload_that_was_not_finished_is_offered_again(walk: Walk, sample: Path) -> None:
    walk.choose(sample / "day1")
    walk.until(Step.CHECKS)
    walk.look_at("bad-email")
    walk.write(walk.grid.cells_model.columns[4].key, "right@example.org")
    walk.qtbot.waitUntil(lambda: unfinished() is not None and bool(fixes(unfinished().mapping)))  # type: ignore[union-attr, arg-type]
    decided = walk.draft.mapping

    walk.wizard.begin(Draft())  # as it is after a crash
    offer = walk.source.findChild(Banner)
    assert offer is not None
    next(b for b in offer.findChildren(QAbstractButton) if b.text() == "Go on with it").click()
    walk.settle()
    assert walk.draft.mapping is not None
    assert fixes(walk.draft.mapping) == fixes(decided)  # type: ignore[arg-type]
    walk.until(Step.RESULT)
    walk.qtbot.waitUntil(lambda: unfinished() is None)


def test_how_a_file_is_written_can_be_said(walk: Walk, tmp_path: Path) -> None:
    (tmp_path / "students.csv").write_bytes("Student ID,First Name,Last Name\n1,Ren\xe9,Wu\n".encode("cp1250"))
    walk.choose(tmp_path / "students.csv")
    told = walk.source.recognised
    told.encoding.setCurrentIndex(told.encoding.findData("cp1250"))
    told.encoding.activated.emit(told.encoding.currentIndex())
    walk.settle()
    assert walk.draft.reading is not None
    assert walk.draft.reading.tables[0].encoding == "cp1250"
    assert walk.draft.told["students"].encoding == "cp1250"


def test_the_template_is_written(walk: Walk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rosterdesk.gui.pages.source.ask_target", lambda *_: tmp_path / "template.xlsx")
    walk.source.template.click()
    walk.settle()
    assert (tmp_path / "template.xlsx").stat().st_size > 0


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
