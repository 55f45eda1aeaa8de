"""The plot of the evidence behind a match: what speaks for it and against it, with words beside the bars."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QFontMetricsF, QPainter, QPen

from rosterdesk.gui import theme
from rosterdesk.gui.charts import Charted, Plot
from rosterdesk.gui.frames import Column
from rosterdesk.gui.words import tr
from rosterdesk.matching import Evidence

_BAR = 24  # pixels a bar at 100 %
# In grey the fillings tell them apart: full, hatched, empty.
_FILLED = {
    "for": ("added", Qt.BrushStyle.SolidPattern, "added"),
    "against": ("removed", Qt.BrushStyle.BDiagPattern, "removed"),
    "start": ("base", Qt.BrushStyle.SolidPattern, "kept"),
}


class Waterfall(Plot):
    """Bars from the beginning to the sum; to the right of the line it is likelier one person than two."""

    def __init__(self) -> None:
        super().__init__(tr("What speaks for and against"))
        self._bars: tuple[Evidence, ...] = ()

    def show_evidence(self, bars: Sequence[Evidence]) -> None:
        """The bars in their order, the beginning first."""
        self._bars = tuple(bars)
        self.setFixedHeight(theme.scaled(_BAR) * max(1, len(self._bars)) + theme.scaled(8))
        self.setAccessibleDescription("; ".join(f"{bar.title}: {bar.words}, {weight(bar.bits)}" for bar in self._bars))
        self.draw()

    def draw(self) -> None:
        self.clear()
        if not self._bars:
            return
        ends = [0.0]
        for bar in self._bars:
            ends.append(ends[-1] + bar.bits)
        least, most = min(ends), max(ends)
        span = max(most - least, 1.0)
        self.addItem(pg.InfiniteLine(0, pen=pg.mkPen(theme.colour("quiet"), style=Qt.PenStyle.DashLine)))
        for at, (bar, start, end) in enumerate(zip(self._bars, ends[:-1], ends[1:], strict=True)):
            brush, pen = _fill("start" if at == 0 else "for" if bar.bits >= 0 else "against")
            self.addItem(
                pg.BarGraphItem(x0=[min(start, end)], y=[-at], width=[abs(bar.bits)], height=0.6, brush=brush, pen=pen)
            )
            words = pg.TextItem(bar.words, color=theme.colour("text"), anchor=(0, 0.5))
            words.setFont(theme.font("table"))
            words.setPos(max(start, end) + span * 0.01, -at)
            self.addItem(words)
        axis = self.getAxis("left")
        metrics = QFontMetricsF(theme.font("table"))
        axis.setTicks([[(-at, bar.title) for at, bar in enumerate(self._bars)]])
        axis.setWidth(max(metrics.horizontalAdvance(bar.title) for bar in self._bars) + theme.scaled(16))
        axis.setTextPen(theme.colour("text"))
        axis.setPen(pg.mkPen(None))
        self.hideAxis("bottom")
        # The longest words stand to the right of the longest bar.
        self.setRange(xRange=(least - span * 0.02, most + span * 0.75), yRange=(-len(self._bars) + 0.4, 0.6), padding=0)


def evidence_chart() -> tuple[Charted, Waterfall]:
    """The plot of the evidence with its legend."""
    columns = (
        Column("title", tr("Compared"), width=140),
        Column("words", tr("How they agree"), width=320),
        Column("bits", tr("Speaks"), width=160),
    )
    plot = Waterfall()
    legend = [(tr("For one person"), partial(_draw_fill, "for")), (tr("For two"), partial(_draw_fill, "against"))]
    return Charted(plot, legend, columns), plot


def weight(bits: float) -> str:
    """What a bar is worth in words."""
    if bits > 0:
        size = tr("strongly") if bits >= 8 else tr("clearly") if bits >= 3 else tr("a little")
        return tr("{much} for one person", much=size)
    size = tr("strongly") if bits <= -8 else tr("clearly") if bits <= -3 else tr("a little")
    return tr("{much} for two", much=size)


def _fill(kind: str) -> tuple[QBrush, QPen]:
    ground, pattern, line = _FILLED[kind]
    return QBrush(theme.colour(ground), pattern), QPen(theme.colour(line), 0)


def _draw_fill(kind: str, painter: QPainter, box: QRectF) -> None:
    brush, pen = _fill(kind)
    painter.setBrush(brush)
    painter.setPen(pen)
    painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
