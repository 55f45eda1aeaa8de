"""Tables: rows by pages, search, chips, order, and what is copied."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from rosterdesk.gui.frames import PAGE
from rosterdesk.gui.tables import Column, Fetched, FrameModel, Look, TablePanel, held
from rosterdesk.gui.worker import Worker

COLUMNS = (
    Column("id", "SIS ID", fixed=True),
    Column("name", "Name", width=120),
    Column("rows", "Rows", align="right"),
)


def people(count: int) -> Fetched:
    return Fetched(lambda at, most: [(f"{n:05}", f"Name {n}", n) for n in range(at, min(at + most, count))], count)


def test_the_model_keeps_qts_rules(app: object, qtmodeltester: ModelTester) -> None:
    model = FrameModel(COLUMNS)
    model.show(people(450))
    qtmodeltester.check(model, force_py=True)


def test_the_model_keeps_qts_rules_while_pages_come(worker: Worker, qtmodeltester: ModelTester, qtbot: QtBot) -> None:
    model = FrameModel(COLUMNS, worker=worker)
    model.show(people(450))
    qtmodeltester.check(model, force_py=True)
    assert model.index(3, 1).data() == "…"
    qtbot.waitUntil(lambda: model.index(3, 1).data() == "Name 3")
    qtmodeltester.check(model, force_py=True)


def test_only_the_pages_in_sight_are_fetched(app: object) -> None:
    asked: list[tuple[int, int]] = []

    def fetch(offset: int, limit: int) -> list[tuple[str, str, int]]:
        asked.append((offset, limit))
        return [(str(n), "x", n) for n in range(offset, offset + limit)]

    model = FrameModel(COLUMNS)
    model.show(Fetched(fetch, 6_000_000))
    assert model.index(5_000_123, 0).data() == "5000123"
    assert model.index(5_000_124, 0).data() == "5000124"
    assert asked == [(5_000_123 // PAGE * PAGE, PAGE)]


def test_a_page_that_was_asked_of_other_rows_is_not_shown(worker: Worker, qtbot: QtBot) -> None:
    opened = threading.Event()
    model = FrameModel(COLUMNS, worker=worker)

    def slow(offset: int, limit: int) -> list[tuple[str, str, int]]:
        opened.wait(60)
        return [("old", "old", 0)] * 10

    model.show(Fetched(slow, 10))
    model.index(0, 0).data()
    qtbot.waitUntil(lambda: worker.busy)
    model.show(people(10))
    model.index(0, 0).data()
    opened.set()
    qtbot.waitUntil(lambda: model.index(0, 0).data() != "…")
    assert model.index(0, 0).data() == "00000"


def test_a_frame_is_shown_as_well(app: object) -> None:
    import pandas as pd

    frame = pd.DataFrame({"id": ["001"], "name": ["A\nB"], "rows": [1200]})
    model = FrameModel(COLUMNS, lambda offset, limit: frame.iloc[offset : offset + limit], 1)
    assert [model.index(0, at).data() for at in range(3)] == ["001", "A B", "1,200"]


@pytest.mark.parametrize(
    ("look", "names"),
    [
        (Look(), ["Wu", "Ñandú", "abe"]),
        (Look(words="ñAND"), ["Ñandú"]),
        (Look(words="a 2"), ["Ñandú"]),
        (Look(sort="name"), ["abe", "Wu", "Ñandú"]),
        (Look(sort="rows", descending=True), ["abe", "Ñandú", "Wu"]),
        (Look(chip="003"), ["abe"]),
    ],
)
def test_rows_in_memory_as_they_are_looked_at(look: Look, names: list[str]) -> None:
    rows = [("001", "Wu", 1), ("002", "Ñandú", 2), ("003", "abe", 30)]
    found = held(rows, COLUMNS, look, chip="id")
    assert [row[1] for row in found.page(0, 10)] == names


@pytest.fixture
def panel(qtbot: QtBot, app: object) -> Callable[..., TablePanel]:
    def make(**options: object) -> TablePanel:
        made = TablePanel(COLUMNS, "People", **options)  # type: ignore[arg-type]
        qtbot.addWidget(made)
        made.resize(600, 300)
        made.show()
        return made

    return make


def test_what_is_copied_is_what_excel_pastes(panel: Callable[..., TablePanel]) -> None:
    shown = panel()
    rows = [("01", 'Ann "Nan"', 1), ("02", "Two\tcells", 2000), ("03", "Bo", 3)]
    shown.show_lines(Fetched(lambda at, most: rows[at : at + most], 3))
    shown.table.selectRow(1)
    shown.table.copy()
    assert QGuiApplication.clipboard().text() == 'SIS ID\tName\tRows\n02\t"Two\tcells"\t2,000\n'
    shown.table.clearSelection()
    shown.table.setColumnHidden(2, True)
    shown.table.copy()
    assert QGuiApplication.clipboard().text().splitlines()[:2] == ["SIS ID\tName", '01\t"Ann ""Nan"""']


def test_typing_waits_for_a_pause_and_enter_does_not(panel: Callable[..., TablePanel], qtbot: QtBot) -> None:
    shown = panel()
    with qtbot.waitSignal(shown.looked) as blocker:
        qtbot.keyClicks(shown.search, "wu")
    assert blocker.args == [Look(words="wu")]
    with qtbot.waitSignal(shown.looked, timeout=0, raising=False) as blocker:
        shown.search.setText("wu l")
        qtbot.keyClick(shown.search, Qt.Key.Key_Return)
    assert blocker.args == [Look(words="wu l")]


def test_a_click_on_a_header_asks_for_the_order(panel: Callable[..., TablePanel], qtbot: QtBot) -> None:
    shown = panel()
    shown.show_lines(people(3))
    with qtbot.waitSignal(shown.looked) as blocker:
        shown.table.horizontalHeader().setSortIndicator(1, Qt.SortOrder.DescendingOrder)
    assert blocker.args == [Look(sort="name", descending=True)]


def test_chips_count_and_choose(panel: Callable[..., TablePanel], qtbot: QtBot) -> None:
    shown = panel()
    shown.show_chips([("", "All", 1240), ("error", "Errors", 12)])
    with qtbot.waitSignal(shown.looked) as blocker:
        shown.chips.choose("error")
    assert blocker.args == [Look(chip="error")]
    shown.show_chips([("", "All", 1228)])
    assert shown.look.chip == ""


def test_no_rows_say_what_would_be_here(panel: Callable[..., TablePanel]) -> None:
    shown = panel()
    shown.show_lines(people(0))
    assert shown.empty.isVisible()
    shown.show_lines(people(1))
    assert shown.table.isVisible()
    assert shown.count.text() == "1 row"
