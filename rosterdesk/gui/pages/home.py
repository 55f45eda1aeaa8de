"""The first page: what needs a person, a place to drop files, and how the last runs went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.drop import DropZone
from rosterdesk.gui.frames import Column, held
from rosterdesk.gui.needs import Need, NeedsList, begun, elsewhere, expiring, needs_of
from rosterdesk.gui.recurring import KnownJob, known_jobs
from rosterdesk.gui.sections import Sections
from rosterdesk.gui.states import state_column
from rosterdesk.gui.tables import TablePanel
from rosterdesk.gui.widgets import Action, Banner, EmptyState, TitleBlock, button, row, scrolled
from rosterdesk.gui.words import tr, when
from rosterdesk.gui.worker import Worker
from rosterdesk.model import ENTITIES
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.connections import Connection
    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.history import PastRun
    from rosterdesk.gui.charts import Charted

_RUNS = 200
_ROWS_IN_SIGHT = 8
_WORTH_A_PLOT = 3
_SWITCH = "Switch from records entered by hand to your SIS"
_KINDS = {"push": "Upload", "undo": "Undo", "import": "Import", "edit": "Edit"}
_TOGETHER = ("created", "updated", "archived", "restored", "merged", "removed", "deleted", "reverted", "returned")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the page shows: the latest runs, the newest first, what needs a person, the jobs and connections.

    `by_hand`: all students were entered by hand, so that the way to the SIS may be looked for.
    """

    runs: tuple[PastRun, ...]
    needs: tuple[Need, ...]
    jobs: tuple[KnownJob, ...]
    connections: tuple[Connection, ...]
    by_hand: bool = False


def look_up(directory: Directory, run: Run) -> Facts:
    """The facts of a directory, in the worker's thread."""
    from rosterdesk.connections import connections
    from rosterdesk.directory.history import list_runs
    from rosterdesk.directory.onboarding import mark, only_by_hand
    from rosterdesk.errors import RosterDeskError
    from rosterdesk.guided import kept

    with directory.read(run) as connection:
        runs = tuple(list_runs(connection, directory.district, limit=_RUNS))
        by_hand = only_by_hand(connection, directory.district)
        at = kept.at(directory.where, mark(connection, directory.district))
    jobs, damaged = known_jobs(datetime.now().astimezone())
    needs = (
        *needs_of(runs, jobs, directory),
        *elsewhere(jobs, directory),
        *(Need("failed", title, advice) for title, advice in damaged),
    )
    if at is not None:
        needs, by_hand = (*needs, begun(at)), False
    saved: tuple[Connection, ...] = ()
    try:
        saved = connections()
        needs = (*needs, *expiring(saved, datetime.now().astimezone()))
    except RosterDeskError as error:  # one that is damaged must not hide all else
        needs = (*needs, Need("failed", error.title, error.advice))
    return Facts(runs, needs, jobs, saved, by_hand)


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
    held_opened = Signal(object, str)  # PastRun, one of `holding.Choice` or nothing
    jobs_wanted = Signal()
    onboarding_wanted = Signal()
    directory_wanted = Signal(object, object)  # Job, and what is to be done when its directory is shown

    def __init__(self, reader: Worker) -> None:
        super().__init__()
        self._reader = reader
        self._chart: Charted | None = None
        self._directory: Directory | None = None
        head = TitleBlock(tr("Home"), tr("What needs you, and how the last uploads went."))
        self.upload = button(tr("New upload"), lambda: self.upload_wanted.emit(()), primary=True, icon="upload")
        self.needs = NeedsList()
        self.needs.upload_wanted.connect(self.upload_wanted)
        self.needs.looked_at.connect(self._look_at)
        self.needs.directory_wanted.connect(self.directory_wanted)
        self.drop = DropZone()
        self.drop.chosen.connect(self.upload_wanted)
        self.drop.pasted.connect(self.pasted)
        self.drop.setMinimumHeight(theme.scaled(170))
        self.needs.switch_wanted.connect(self.onboarding_wanted)
        self.needs.switch_muted.connect(self._mute_switch)
        self.onboarding = button(tr(_SWITCH), self.onboarding_wanted.emit, link=True)
        self.onboarding.setToolTip(tr("A guide, step by step; you may stop and go on another day"))
        offered = tr(
            "When your SIS shall keep them from now on, a guide brings the two together: families stay connected, and "
            "no child is there twice."
        )
        title = tr("All students here were entered by hand")
        self.by_hand = Banner("plain", offered, [Action(tr(_SWITCH), self.onboarding_wanted.emit)], title=title)
        self.by_hand.hide()
        columns = (
            Column("run", tr("Run"), align="right", width=50),
            Column("when", tr("When"), width=136, say=when),
            Column("kind", tr("What"), width=72, say=lambda kind: tr(_KINDS.get(kind, kind.capitalize()))),
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
        self._runs: dict[int, PastRun] = {}
        self.facts = Facts((), (), (), ())
        empty = EmptyState("clock", tr("Each upload will be listed here, with what it changed and a way to undo it."))
        self.runs = TablePanel(
            columns, tr("Recent runs"), empty=empty, searchable=False, heading=tr("Recent runs"), remember="runs"
        )
        self.runs.looked.connect(lambda look: self.runs.show_lines(held(self._rows, columns, look), noun=_NOUN))
        self.runs.opened.connect(lambda cells: self._open(cells[0]))
        self.sections = Sections()
        self.sections.jobs_wanted.connect(self.jobs_wanted)
        content = QWidget()
        inside = QVBoxLayout(content)
        inside.setContentsMargins(theme.AROUND, theme.AROUND, theme.AROUND, theme.AROUND)
        inside.setSpacing(theme.BETWEEN)
        inside.addLayout(row(head, self.upload))
        inside.addWidget(self.needs)
        inside.addWidget(self.by_hand)  # before the files are dropped, and every child is there twice
        inside.addWidget(self.drop)
        inside.addLayout(row(self.onboarding, None))
        inside.addWidget(self.runs, 1)
        inside.addWidget(self.sections)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolled(content))

    def show_directory(self, directory: Directory) -> None:
        """Look up the facts of this directory, now or anew."""
        self._directory = directory
        self._reader.start(lambda run: look_up(directory, run), on_success=self.show_facts, owner=self, key="home")

    def show_facts(self, facts: Facts) -> None:
        """Draw what was looked up."""
        self.facts = facts
        self.needs.show_needs(facts.needs)
        begun_ = any(need.kind == "switch" for need in facts.needs)
        self.by_hand.setVisible(facts.by_hand)
        self.onboarding.setVisible(not facts.by_hand and not begun_)
        self.sections.show_jobs(facts.jobs)
        self.sections.show_connections(facts.connections)
        self._runs = {past.number: past for past in facts.runs}
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
            self._plot.chosen.connect(self._open)
            self.runs.add_below_bar(self._chart)
        marks = [RunMark(p.number, p.started, p.state.value, changes_of(p)) for p in runs]
        self._plot.show_runs(marks)
        self._chart.show_rows([(m.number, m.when, m.state, m.changes) for m in marks])

    def _mute_switch(self) -> None:
        from rosterdesk.guided import kept

        if self._directory is not None:
            kept.mute(self._directory.where)
            self.show_directory(self._directory)

    def _open(self, number: int) -> None:
        self._look_at(self._runs[number], "")

    def _look_at(self, past: PastRun, choice: str) -> None:
        if past.state.value == "held":
            self.held_opened.emit(past, choice)
        else:
            self.run_opened.emit(past.number)


def _numbers(past: PastRun) -> tuple[int | None, ...]:
    """New, changed, archived and left out; an undo has none of them."""
    if past.kind.value == "undo":
        return (None, None, None, None)
    made = (changes_of(past, name) for name in ("created", "updated", "archived"))
    return (*made, int(past.problems.get("error", 0)))


_NOUN = ("{n} run", "{n} runs")
