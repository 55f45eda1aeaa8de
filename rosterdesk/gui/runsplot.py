"""The plot of runs: when they ran, how they ended, how much they changed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import pyqtgraph as pg
from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol
from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QBrush, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy

from rosterdesk.gui import theme
from rosterdesk.gui.charts import Charted, Plot
from rosterdesk.gui.frames import Column
from rosterdesk.gui.states import STATES, state_column, state_look
from rosterdesk.gui.words import day, number, tr, when

_DAYS = 90
_MARK = 10  # pixels
_NEAR = 12
_HOLLOW = {"undone", "discarded"}
_SYMBOLS = {"done": "o", "held": "t1", "failed": "x", "undone": "s", "discarded": "d"}


@dataclass(frozen=True, slots=True)
class RunMark:
    """One run on the plot of runs. `state` is one of `states.STATES`; `when` is ISO 8601."""

    number: int
    when: str
    state: str
    changes: int


class RunsPlot(Plot):
    """How runs went over the last 90 days: one mark a run, its height the changes; gaps are missed runs."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__(tr("Runs of the last 90 days"))
        self._marks: list[tuple[float, float, RunMark]] = []
        self.setFixedHeight(theme.scaled(140))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_runs(self, runs: Sequence[RunMark], today: datetime | None = None) -> None:
        """The runs; those before the 90 days are left out."""
        today = today or datetime.now(UTC)
        self._first = today - timedelta(days=_DAYS)
        placed = (((datetime.fromisoformat(run.when) - self._first) / timedelta(days=1), run) for run in runs)
        self._marks = [(day, height_of(run.changes), run) for day, run in placed if 0 <= day <= _DAYS + 1]
        told = (f"{run.number}: {run.state}, {run.changes}" for _, _, run in self._marks)
        self.setAccessibleDescription("; ".join(told))
        self.draw()

    def draw(self) -> None:
        self.clear()
        if not self._marks:
            return
        tallest = max(height for _, height, _ in self._marks)
        for at, height, run in self._marks:
            symbol, pen, brush = _mark(run.state)
            self.plot([at, at], [0, height], pen=pen)
            size = theme.scaled(_MARK)
            self.plot([at], [height], pen=None, symbol=symbol, symbolSize=size, symbolBrush=brush, symbolPen=pen)
        self.getAxis("bottom").setTicks(
            [[(at, day(self._first + timedelta(days=at))) for at in range(0, _DAYS + 1, 30)]]
        )
        heights = [(height_of(n), number(n)) for n in (0, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)]
        fitting = [mark for mark in heights if mark[0] <= tallest * 1.05] or heights[:1]
        self.getAxis("left").setTicks([fitting])
        self.setRange(xRange=(-4, _DAYS + 4), yRange=(-0.08 * max(tallest, 1), 1.15 * max(tallest, 1)), padding=0)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        for at, height, run in self._marks:
            mark = self.mapFromScene(self.plotItem.vb.mapViewToScene(QPointF(at, height)))
            if (mark - event.position().toPoint()).manhattanLength() <= theme.scaled(_NEAR):
                self.chosen.emit(run.number)
                return


def runs_chart() -> tuple[Charted, RunsPlot]:
    """The plot of runs with its legend."""
    columns = (
        Column("run", tr("Run"), align="right", width=60),
        Column("when", tr("When"), width=160, say=when),
        state_column(),
        Column("changes", tr("Changes"), align="right", width=90),
    )
    plot = RunsPlot()
    chart = Charted(plot, [(tr(told[2]), partial(_draw_mark, state)) for state, told in STATES.items()], columns)
    chart.numbers.opened.connect(lambda cells: plot.chosen.emit(cells[0]))
    return chart, plot


def height_of(changes: int) -> float:
    # A first push changes a thousand times as much as a nightly run: only the orders of magnitude can be compared.
    return math.log10(1 + changes)


def _mark(state: str) -> tuple[str, QPen, QBrush]:
    symbol, tone = _SYMBOLS.get(state, "star"), state_look(state)[1]
    return (
        symbol,
        pg.mkPen(theme.colour(tone), width=2),
        pg.mkBrush(theme.colour("base" if state in _HOLLOW else tone)),
    )


def _draw_mark(state: str, painter: QPainter, box: QRectF) -> None:
    symbol, pen, brush = _mark(state)
    painter.translate(box.center())
    drawSymbol(painter, symbol, box.width() * 0.8, pen, brush)
