"""The plots, each answering one question, readable in grey, with its numbers as a table beside it.

pyqtgraph is heavy, so this module is imported when the first plot is shown, not before the window is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.frames import ACTIONS, Column, held
from rosterdesk.gui.tables import Look, TablePanel
from rosterdesk.gui.widgets import button, label, row, scrolled
from rosterdesk.gui.words import number, tr

Draw = Callable[[QPainter, QRectF], None]

_BAR = 30  # pixels a school at 100 %
_MOST_SCHOOLS = 60  # drawn; nobody compares more bars than that, and the table beside the plot has them all
_SHOWN = ("create", "update", "archive", "restore")
# In grey, without the colours, the fillings tell them apart: full, pale, hatched, pale and hatched.
_FILLED = {
    "create": ("added", Qt.BrushStyle.SolidPattern),
    "update": ("changed_ground", Qt.BrushStyle.SolidPattern),
    "archive": ("removed", Qt.BrushStyle.BDiagPattern),
    "restore": ("added_ground", Qt.BrushStyle.SolidPattern),
}
_SWATCH = 12
_LEAST, _MOST = 96, 220  # the height of a plot


class Plot(pg.PlotWidget):
    """A plot that is only looked at: no dragging, no menu, no grid, the colours and fonts of the window."""

    _ready = False  # the plot's own set-up already sends events

    def __init__(self, name: str) -> None:
        super().__init__()
        self._ready = True
        self.setAccessibleName(name)
        self.setFrameShape(self.Shape.NoFrame)
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.setAntialiasing(True)
        # By keyboard its numbers are reached in the table beside it.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plotItem.setContentsMargins(0, 0, 0, 0)
        self.dress()

    def dress(self) -> None:
        """Take on the colours and fonts that hold now."""
        self.setBackground(theme.colour("base"))
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(pg.mkPen(theme.colour("line")))
            axis.setTextPen(theme.colour("quiet"))
            axis.setTickFont(theme.font("table"))
            if side == "bottom":
                axis.setHeight(QFontMetricsF(theme.font("table")).height() + theme.scaled(12))
            axis.setStyle(tickLength=0, tickTextOffset=8, hideOverlappingLabels=False)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if self._ready and event.type() == QEvent.Type.PaletteChange:
            self.dress()
            self.draw()

    def draw(self) -> None:
        """Draw the marks anew."""

    def wheelEvent(self, event: QEvent) -> None:
        event.ignore()  # the page scrolls, not the plot


class SchoolBars(Plot):
    """What changes at each school: a bar of added, changed, archived, restored. A click chooses the school."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__(tr("Changes in each school"))
        self._schools: list[tuple[str, Mapping[str, int]]] = []
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_schools(self, schools: Sequence[tuple[str, Mapping[str, int]]]) -> None:
        """The schools, the most changed first, with how many of each action; of very many, those that change most."""
        ordered = sorted(schools, key=lambda school: -sum(school[1].get(a, 0) for a in _SHOWN))
        self._schools = ordered[:_MOST_SCHOOLS]
        self.setFixedHeight(theme.scaled(_BAR) * len(self._schools) + theme.scaled(12))
        told = (f"{name}: " + ", ".join(_told_of(counts)) for name, counts in self._schools)
        self.setAccessibleDescription("; ".join(told))
        self.draw()

    def draw(self) -> None:
        self.clear()
        metrics = QFontMetricsF(theme.font("table"))
        widest = max((sum(counts.get(a, 0) for a in _SHOWN) for _, counts in self._schools), default=1)
        places: dict[str, list[tuple[int, int, int]]] = {action: [] for action in _SHOWN}
        for at, (_, counts) in enumerate(self._schools):
            start = 0
            for action in _SHOWN:
                if count := counts.get(action, 0):
                    places[action].append((start, -at, count))
                    start += count
            total = pg.TextItem(number(start), color=theme.colour("text"), anchor=(0, 0.5))
            total.setFont(theme.font("table"))
            total.setPos(start + widest * 0.005, -at)
            self.addItem(total)
        for action, bars in places.items():
            if bars:
                self.addItem(_bars(bars, action))
        names = [
            (-at, metrics.elidedText(name, Qt.TextElideMode.ElideRight, theme.scaled(220)))
            for at, (name, _) in enumerate(self._schools)
        ]
        axis = self.getAxis("left")
        axis.setTicks([names])
        axis.setWidth(max((metrics.horizontalAdvance(name) for _, name in names), default=0) + theme.scaled(16))
        axis.setTextPen(theme.colour("text"))
        axis.setPen(pg.mkPen(None))
        self.hideAxis("bottom")
        self.setRange(xRange=(0, widest * 1.12), yRange=(-len(self._schools) + 0.5, 0.5), padding=0)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        at = -round(self.plotItem.vb.mapSceneToView(QPointF(event.position())).y())
        if 0 <= at < len(self._schools):
            self.chosen.emit(self._schools[at][0])


class Swatch(QWidget):
    """How a mark of a plot looks, for its legend."""

    def __init__(self, draw: Draw) -> None:
        super().__init__()
        self._draw = draw
        self.setFixedSize(theme.scaled(_SWATCH), theme.scaled(_SWATCH))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw(painter, QRectF(self.rect()))
        painter.end()


class Charted(QWidget):
    """A plot with its legend, and its numbers as a table instead for who wants them."""

    def __init__(self, plot: Plot, legend: Sequence[tuple[str, Draw]], columns: Sequence[Column]) -> None:
        super().__init__()
        self.plot = plot
        self._columns = columns
        self._rows: list[tuple[object, ...]] = []
        self.numbers = TablePanel(columns, plot.accessibleName(), searchable=False)
        self.numbers.looked.connect(self._look)
        self._stack = QStackedWidget()
        self._stack.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._stack.addWidget(scrolled(plot))
        self._stack.addWidget(self.numbers)
        self._toggle = button(tr("Show as a table"), self._turn, link=True)
        key = row(spacing=theme.BETWEEN)
        for words, draw in legend:
            text = label(words, quiet=True)
            text.setWordWrap(False)
            key.addLayout(row(Swatch(draw), text, spacing=6))
        key.addStretch(1)
        key.addWidget(self._toggle)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.TIGHT)
        inside.addLayout(key)
        inside.addWidget(self._stack)

    def show_rows(self, rows: Sequence[tuple[object, ...]]) -> None:
        """The numbers behind the plot."""
        self._rows = list(rows)
        self._look(self.numbers.look)
        self._stack.setFixedHeight(max(theme.scaled(_LEAST), min(self.plot.height(), theme.scaled(_MOST))))

        self._say()

    def _look(self, look: Look) -> None:
        self.numbers.show_lines(held(self._rows, self._columns, look))

    def _turn(self) -> None:
        self._stack.setCurrentIndex(1 - self._stack.currentIndex())
        self._say()

    def _say(self) -> None:
        if self._stack.currentIndex() == 1:
            words = tr("Show as a plot")
        elif len(self._rows) > _MOST_SCHOOLS:
            words = tr("Show all {n} as a table", n=len(self._rows))
        else:
            words = tr("Show as a table")
        self._toggle.setText(words)
        self._toggle.setAccessibleName(words)


def schools_chart() -> tuple[Charted, SchoolBars]:
    """The plot of changes by school with its legend."""
    columns = (
        Column("school", tr("School"), width=240),
        *(Column(a, tr(ACTIONS[a][2]), align="right", width=90) for a in _SHOWN),
    )
    bars = SchoolBars()
    chart = Charted(bars, [(tr(ACTIONS[a][2]), partial(_draw_fill, a)) for a in _SHOWN], columns)
    chart.numbers.opened.connect(lambda cells: bars.chosen.emit(cells[0]))
    return chart, bars


def _told_of(counts: Mapping[str, int]) -> list[str]:
    return [f"{tr(ACTIONS[a][2])} {number(counts[a])}" for a in _SHOWN if counts.get(a)]


def _fill(action: str) -> tuple[QBrush, QPen]:
    ground, pattern = _FILLED[action]
    return QBrush(theme.colour(ground), pattern), QPen(theme.colour(ACTIONS[action][1]), 0)


def _bars(places: Sequence[tuple[int, int, int]], action: str) -> pg.BarGraphItem:
    """All bars of an action as one item, which hundreds of schools need; each as start, line, length."""
    brush, pen = _fill(action)
    starts, lines, lengths = (list(values) for values in zip(*places, strict=True))
    return pg.BarGraphItem(x0=starts, y=lines, width=lengths, height=0.56, brush=brush, pen=pen)


def _draw_fill(action: str, painter: QPainter, box: QRectF) -> None:
    brush, pen = _fill(action)
    painter.setBrush(brush)
    painter.setPen(pen)
    painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
