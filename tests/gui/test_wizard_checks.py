"""Mending in the wizard: cells, like cells, pastes, offered mends, undo; and that nothing of it is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton

from rosterdesk.draft import Draft, Step
from rosterdesk.gui.unfinished import unfinished
from rosterdesk.gui.widgets import Banner
from rosterdesk.mapping.fixes import fixes
from tests.gui.walking import Walk


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
