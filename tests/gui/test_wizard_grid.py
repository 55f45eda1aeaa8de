"""The grid of the checks: copied to Excel and pasted from it, filled down, found and replaced, taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication

from rosterdesk.draft import Draft, Step
from tests.gui.walking import Walk
from tests.rosters import roster, student, written

SELECT = QItemSelectionModel.SelectionFlag.Select


@pytest.fixture
def bad(walk: Walk, tmp_path: Path) -> Walk:
    """At the checks, on three students whose e-mail addresses are none."""
    people = "".join(student(f"S{n}", given=f"N{n}", email=f"bad{n}") for n in range(3))
    walk.choose(written(roster(people), tmp_path))
    walk.until(Step.CHECKS)
    walk.look_at("bad-email")
    return walk


def select(walk: Walk, *cells: tuple[int, str]) -> None:
    walk.grid.clearSelection()
    for at, column in cells:
        index = walk.grid.cells_model.index(at, walk.place(column))
        walk.grid.setCurrentIndex(index)
        walk.grid.selectionModel().select(index, SELECT)
    for at, column in cells:
        walk.grid.selectionModel().select(walk.grid.cells_model.index(at, walk.place(column)), SELECT)


def emails(walk: Walk) -> list[str]:
    return [walk.cell("email", at) for at in range(walk.grid.cells_model.rowCount())]


def test_cells_with_tabs_quotes_and_breaks_come_through_the_clipboard(bad: Walk) -> None:
    select(bad, (0, "email"))
    QGuiApplication.clipboard().setText('"a ""b""\tc"\n"two\nlines"\n\n')
    bad.qtbot.keyClick(bad.grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert emails(bad) == ['a "b"\tc', "two\nlines", "bad2"]
    select(bad, (0, "email"), (1, "email"), (2, "email"))
    bad.qtbot.keyClick(bad.grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == '"a ""b""\tc"\n"two\nlines"\nbad2\n'
    bad.wizard.page.undo()
    assert emails(bad) == ["bad0", "bad1", "bad2"]
    bad.wizard.page.redo()
    assert emails(bad)[0] == 'a "b"\tc'


def test_one_cell_is_pasted_into_all_that_are_selected(bad: Walk) -> None:
    select(bad, (0, "email"), (2, "email"))
    QGuiApplication.clipboard().setText("a@example.org\n")
    bad.checks.pane.pasting.click()
    assert emails(bad) == ["a@example.org", "bad1", "a@example.org"]


def test_what_is_pasted_beside_the_table_is_passed_over(bad: Walk) -> None:
    select(bad, (2, "email"))
    QGuiApplication.clipboard().setText("a@example.org\nb@example.org\nc@example.org\n")
    bad.grid.paste()
    assert emails(bad) == ["bad0", "bad1", "a@example.org"]


def test_the_top_cell_is_filled_down(bad: Walk) -> None:
    bad.write("email", "a@example.org", 0)
    select(bad, (0, "email"), (1, "email"), (2, "email"))
    bad.qtbot.keyClick(bad.grid, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert emails(bad) == ["a@example.org"] * 3
    assert bad.next() is Step.CHECKS
    assert (bad.draft.problems or {})["warning"] == 0


def test_a_text_is_found_and_replaced(bad: Walk) -> None:
    pane = bad.checks.pane
    pane.finding.click()
    assert pane.wanted.isVisible()
    pane.wanted.setText("bad")
    pane.instead.setText("n@example.org#")
    pane.replace.click()
    assert emails(bad) == [f"n@example.org#{n}" for n in range(3)]
    assert pane.replaced.text() == "Replaced in 3 cells."
    bad.wizard.page.undo()
    assert emails(bad) == ["bad0", "bad1", "bad2"]


def test_what_nobody_has_looked_at_is_replaced_too(walk: Walk, tmp_path: Path) -> None:
    people = "".join(student(f"S{n:04}", given=f"N{n}", email=f"bad{n}") for n in range(1000))
    walk.choose(written(roster(people), tmp_path))
    walk.until(Step.CHECKS)
    walk.look_at("bad-email")
    assert walk.grid.cells_model.rowCount() == 1000
    assert walk.grid.replace("bad", "x@example.org") == 1000
    assert walk.cell("email", 999) == "x@example.org999"


def test_every_like_cell_is_mended_and_again_on_the_next_file(walk: Walk, tmp_path: Path) -> None:
    people = "".join(student(f"S{n}", given=f"N{n}", email="none at all") for n in range(3))
    source = written(roster(people), tmp_path)
    walk.choose(source)
    walk.until(Step.CHECKS)
    walk.look_at("bad-email")
    walk.write("email", "office@example.org")
    alike = walk.checks.pane.all_alike
    assert alike.text() == "Change every “none at all” in email"
    alike.click()
    walk.next()
    assert (walk.draft.problems or {})["warning"] == 0
    walk.until(Step.RESULT)
    walk.next()
    walk.wizard.begin(Draft())
    walk.choose(source)
    walk.until(Step.CHECKS)
    assert (walk.draft.problems or {})["warning"] == 0
