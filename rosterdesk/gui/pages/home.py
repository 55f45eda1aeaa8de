"""The first page: what needs a person, a place to drop files, and how the last runs went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.drop import DropZone
from rosterdesk.gui.frames import Column, held, state_column
from rosterdesk.gui.tables import TablePanel
from rosterdesk.gui.widgets import (
    Action,
    Banner,
    EmptyState,
    Picture,
    TitleBlock,
    button,
    clear,
    column,
    label,
    row,
    scrolled,
)
from rosterdesk.gui.words import counted, number, tr, when
from rosterdesk.gui.worker import Worker
from rosterdesk.model import ENTITIES
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.history import PastRun
    from rosterdesk.gui.charts import Charted

_RUNS = 200
_ROWS_IN_SIGHT = 8
_WORTH_A_PLOT = 3
_KINDS = {"push": "Upload", "undo": "Undo", "import": "Import", "edit": "Edit"}
_TOGETHER = ("created", "updated", "archived", "restored", "merged", "removed", "deleted", "reverted", "returned")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the page shows: the latest runs, the newest first, and those that wait for a person."""

    runs: tuple[PastRun, ...]
    waiting: tuple[PastRun, ...]


def look_up(directory: Directory, run: Run) -> Facts:
    """The facts of a directory, in the worker's thread."""
    from rosterdesk.directory.history import Kind, State, list_runs
    from rosterdesk.gui import runsplot  # noqa: F401 - heavy, so it is imported in this thread and not in the window's

    with directory.read(run) as connection:
        runs = tuple(list_runs(connection, directory.district, limit=_RUNS))
    # A later upload that went through has answered the earlier ones that were held.
    pushes = [past for past in runs if past.kind is Kind.PUSH]
    waiting = []
    for past in pushes:
        if past.state is not State.HELD:
            break
        waiting.append(past)
    return Facts(runs, tuple(waiting))


def changes_of(past: PastRun, name: str = "") -> int:
    """How many records a run created, updated ...; without a name all its changes together, links too."""
    kinds = ENTITIES if name else past.counts
    counts = [past.counts[kind] for kind in kinds if isinstance(past.counts.get(kind), dict)]
    return sum(int(count.get(one, 0)) for count in counts for one in ((name,) if name else _TOGETHER))


class HomePage(QWidget):
    """What needs a person comes first, then the drop zone, then the runs."""

    upload_wanted = Signal(object)  # tuple[Path, ...]; empty: nothing is chosen yet
    pasted = Signal(str)
    run_opened = Signal(int)

    def __init__(self, reader: Worker) -> None:
        super().__init__()
        self._reader = reader
        self._chart: Charted | None = None
        title = TitleBlock(tr("Home"), tr("What needs you, and how the last uploads went."))
        self.upload = button(tr("New upload"), lambda: self.upload_wanted.emit(()), primary=True, icon="upload")
        self._needs = column(spacing=theme.INSIDE)
        self.drop = DropZone()
        self.drop.chosen.connect(self.upload_wanted)
        self.drop.pasted.connect(self.pasted)
        self.drop.setMinimumHeight(theme.scaled(190))
        columns = (
            Column("run", tr("Run"), align="right", width=50),
            Column("when", tr("When"), width=136, say=when),
            Column("kind", tr("What"), width=72, say=lambda kind: tr(_KINDS[kind])),
            state_column(),
            Column("source", tr("Source"), width=142),
            Column("created", tr("New"), align="right", width=72),
            Column("updated", tr("Changed"), align="right", width=76),
            Column("archived", tr("Archived"), align="right", width=80),
            Column("left_out", tr("Left out"), align="right", width=80, hint=tr("Rows with an error")),
            Column("who", tr("Who"), width=120, shown=False),
        )
        self._columns = columns
        self._rows: list[tuple[object, ...]] = []
        empty = EmptyState("clock", tr("Each upload will be listed here, with what it changed and a way to undo it."))
        self.runs = TablePanel(columns, tr("Recent runs"), empty=empty, searchable=False, heading=tr("Recent runs"))
        self.runs.looked.connect(lambda look: self.runs.show_lines(held(self._rows, columns, look), noun=_NOUN))
        self.runs.opened.connect(lambda cells: self.run_opened.emit(cells[0]))
        content = QWidget()
        inside = QVBoxLayout(content)
        inside.setContentsMargins(theme.AROUND, theme.AROUND, theme.AROUND, theme.AROUND)
        inside.setSpacing(theme.BETWEEN)
        inside.addLayout(row(title, self.upload))
        inside.addLayout(self._needs)
        inside.addWidget(self.drop)
        inside.addWidget(self.runs, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolled(content))
        self._say_needs(())

    def show_directory(self, directory: Directory) -> None:
        """Look up the facts of this directory, now or anew."""
        self._reader.start(lambda run: look_up(directory, run), on_success=self.show_facts, owner=self, key="home")

    def show_facts(self, facts: Facts) -> None:
        """Draw what was looked up."""
        self._say_needs(facts.waiting)
        self._rows = [
            (
                past.number,
                past.started,
                past.kind.value,
                past.state.value,
                past.source,
                *_numbers(past),
                past.who,
            )
            for past in facts.runs
        ]
        self.runs.show_lines(held(self._rows, self._columns, self.runs.look), noun=_NOUN)
        rows = min(max(len(self._rows), 3), _ROWS_IN_SIGHT)
        self.runs.table.setMinimumHeight(theme.scaled(theme.ROW) * (rows + 1) + theme.scaled(8))
        if len(facts.runs) >= _WORTH_A_PLOT:
            self._draw_runs(facts.runs)

    def _draw_runs(self, runs: Sequence[PastRun]) -> None:
        from rosterdesk.gui.runsplot import RunMark, runs_chart

        if self._chart is None:
            self._chart, self._plot = runs_chart()
            self._plot.chosen.connect(self.run_opened)
            self.runs.add_below_bar(self._chart)
        marks = [RunMark(p.number, p.started, p.state.value, changes_of(p)) for p in runs]
        self._plot.show_runs(marks)
        self._chart.show_rows([(m.number, m.when, m.state, m.changes) for m in marks])

    def _say_needs(self, waiting: Sequence[PastRun]) -> None:
        clear(self._needs)
        for past in waiting:
            self._needs.addWidget(self._held(past))
        if not waiting:
            quiet = QWidget()
            quiet.setLayout(row(Picture("check", 16, "accent"), label(tr("Nothing needs you."), quiet=True)))
            self._needs.addWidget(quiet)

    def _held(self, past: PastRun) -> Banner:
        archived = changes_of(past, "archived")
        would = counted(archived, "{n} record would be archived.", "{n} records would be archived.")
        text = tr(
            "{source}, {when}. {would} Nothing was changed. Upload it again to review it.",
            source=past.source,
            when=when(past.started),
            would=would if archived else tr("It goes over a limit."),
        )
        actions = (
            Action(tr("Upload again"), lambda: self.upload_wanted.emit(())),
            Action(tr("Show run {n}", n=past.number), lambda: self.run_opened.emit(past.number)),
        )
        return Banner("warning", text, actions, title=tr("Run {n} waits for a person", n=number(past.number)))


def _numbers(past: PastRun) -> tuple[int | None, ...]:
    """New, changed, archived and left out; an undo has none of them."""
    if past.kind.value == "undo":
        return (None, None, None, None)
    made = (changes_of(past, name) for name in ("created", "updated", "archived"))
    return (*made, int(past.problems.get("error", 0)))


_NOUN = ("{n} run", "{n} runs")
