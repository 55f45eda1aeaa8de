"""The plots: what they show, what a click chooses, and the same numbers as a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from rosterdesk.gui.charts import schools_chart
from rosterdesk.gui.runsplot import RunMark, height_of, runs_chart

TODAY = datetime(2026, 5, 14, tzinfo=UTC)


def test_schools_the_most_changed_first(app: QWidget, qtbot: QtBot) -> None:
    chart, bars = schools_chart()
    qtbot.addWidget(chart)
    bars.show_schools([("Adams", {"create": 2}), ("Burr", {"archive": 31, "update": 4})])
    chart.show_rows([("Adams", 2, 0, 0, 0), ("Burr", 0, 4, 31, 0)])
    chart.resize(700, 200)
    chart.show()
    assert bars.accessibleDescription() == "Burr: Changed 4, Archived 31; Adams: New 2"
    place = bars.mapFromScene(bars.plotItem.vb.mapViewToScene(QPointF(1, 0)))
    with qtbot.waitSignal(bars.chosen) as blocker:
        qtbot.mouseClick(bars.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert blocker.args == ["Burr"]
    assert chart.numbers.model.index(1, 3).data() == "31"


def test_runs_of_ninety_days(app: QWidget, qtbot: QtBot) -> None:
    chart, plot = runs_chart()
    qtbot.addWidget(chart)
    ages = ((1, 100, "done"), (2, 60, "done"), (3, 30, "undone"), (4, 1, "held"))
    plot.show_runs(
        [RunMark(n, (TODAY - timedelta(days=age)).isoformat(), state, 10**n) for n, age, state in ages], TODAY
    )
    chart.resize(700, 200)
    chart.show()
    assert plot.accessibleDescription() == "2: done, 100; 3: undone, 1000; 4: held, 10000"
    qtbot.waitUntil(chart.isVisible)
    place = plot.mapFromScene(plot.plotItem.vb.mapViewToScene(QPointF(60, height_of(1000))))
    with qtbot.waitSignal(plot.chosen) as blocker:
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert blocker.args == [3]


def test_no_runs_are_no_fault(app: QWidget, qtbot: QtBot) -> None:
    chart, plot = runs_chart()
    qtbot.addWidget(chart)
    plot.show_runs([], TODAY)
    chart.show()
    assert plot.accessibleDescription() == ""
