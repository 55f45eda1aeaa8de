"""The report of one run: what it changed at each school and in each record, to be saved, sent on, or taken back."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMenu, QVBoxLayout, QWidget

from rosterdesk.errors import RosterDeskError
from rosterdesk.gui import theme
from rosterdesk.gui.frames import ACTIONS, Column, action_column
from rosterdesk.gui.runs import Told, find, look_up, outcome, undoing
from rosterdesk.gui.tables import TablePanel
from rosterdesk.gui.titles import ENTITIES, field_title
from rosterdesk.gui.widgets import (
    Action,
    Banner,
    EmptyState,
    ErrorPanel,
    TitleBlock,
    button,
    clear,
    column,
    icon_button,
    row,
)
from rosterdesk.gui.words import counted, tr, when
from rosterdesk.gui.worker import Worker
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.undo import UndoResult
    from rosterdesk.jobs.takeback import OnlyMarked

_ORDER = ("archive", "remove", "update", "restore", "create")


class ReportPage(QWidget):
    """One run. `left` when the person goes back, `changed` when the run was taken back."""

    left = Signal()
    changed = Signal()

    def __init__(self, worker: Worker, reader: Worker) -> None:
        super().__init__()
        self._worker, self._reader = worker, reader
        self._directory: Directory | None = None
        self._told: Told | None = None
        self._school = ""
        self._number = 0
        self._shown: Path | None = None  # the folder of what was written for the browser
        self._title = TitleBlock()
        self.back = icon_button("back", tr("Back to Home"), self.left.emit)
        self.save = button(tr("Save as"), icon="save")
        menu = QMenu(self.save)
        for suffix, words in ((".xlsx", tr("Excel workbook")), (".csv", tr("CSV file")), (".html", tr("Web page"))):
            menu.addAction(words, partial(self._save, suffix))
        self.save.setMenu(menu)
        self.browse = button(tr("Open in the browser"), self._browse, icon="report")
        self.undo = button(tr("Undo this run"), self._ask_undo, icon="undo")
        self._notices = column(spacing=theme.INSIDE)
        self._plot_room = column()
        columns = (
            action_column(),
            Column("entity", tr("Record"), width=90, say=lambda entity: tr(ENTITIES.get(entity, entity))),
            Column("name", tr("Name"), width=170),
            Column("sis_id", tr("SIS ID"), fixed=True, width=100, hint="sourcedId"),
            Column("school", tr("School"), width=190),
            Column("field", tr("Field"), width=100, say=_fields),
            Column("before", tr("Before"), width=150),
            Column("after", tr("After"), width=150),
        )
        empty = EmptyState("check", tr("No record was changed, or none that you search for."))
        self.entries = TablePanel(
            columns, tr("What the run changed"), worker=reader, empty=empty, sortable=False, remember="report"
        )
        # What changed stands beside the name; the rest is to the right of it.
        header = self.entries.table.horizontalHeader()
        for at, key in enumerate(("action", "entity", "name", "field", "before", "after")):
            header.moveSection(header.visualIndex([c.key for c in columns].index(key)), at)
        self.entries.looked.connect(lambda _: self._look())
        inside = QVBoxLayout(self)
        inside.setContentsMargins(theme.AROUND, theme.AROUND, theme.AROUND, theme.BETWEEN)
        inside.setSpacing(theme.BETWEEN)
        head = row(self.back, self._title, self.browse, self.save, self.undo)
        head.setStretch(1, 1)
        inside.addLayout(head)
        inside.addLayout(self._notices)
        inside.addLayout(self._plot_room)
        inside.addWidget(self.entries, 1)

    def show_run(self, directory: Directory, run_number: int) -> None:
        """Look up a run and show it."""
        if run_number != self._number:
            self._say(None)
            self._told = None  # what is saved or undone is the run whose title is shown
            self.undo.hide()
        self._directory, self._number, self._school = directory, run_number, ""
        self._reader.start(
            lambda run: look_up(directory, run_number, run), on_success=self.show_told, owner=self, key="told"
        )

    def show_told(self, told: Told) -> None:
        """Draw what was looked up."""
        self._told = told
        past = told.past
        sentence = tr("{when}, by {who}.", when=when(past.started), who=past.who)
        self._title.say(tr("Run {n}: {source}", n=past.number, source=past.source), f"{sentence} {outcome(told)}")
        undoable = past.kind.value != "undo" and past.state.value == "done" and bool(told.counts)
        self.undo.setVisible(undoable)
        chips = [("", tr("All"), sum(told.counts.values()))]
        chips += [(a, tr(ACTIONS[a][2]), told.counts[a]) for a in _ORDER if told.counts.get(a)]
        self.entries.show_chips(chips if told.counts else [])
        self._draw_schools(told.schools)
        self._look()

    def _draw_schools(self, schools: Mapping[str, Mapping[str, int]]) -> None:
        from rosterdesk.gui.charts import schools_chart

        clear(self._plot_room)
        if not schools:
            return
        chart, bars = schools_chart()
        bars.show_schools(list(schools.items()))
        bars.chosen.connect(self._choose_school)
        actions = ("create", "update", "archive", "restore")
        chart.show_rows([(name, *(counts.get(a, 0) for a in actions)) for name, counts in schools.items()])
        self._plot_room.addWidget(chart)

    def _choose_school(self, school: str) -> None:
        self._school = "" if school == self._school else school
        if self._school:
            everything = Action(tr("Show all schools"), lambda: self._choose_school(self._school))
            self._say(Banner("plain", tr("Only {school} is shown.", school=self._school), [everything]))
        else:
            self._say(None)
        self._look()

    def _look(self) -> None:
        directory, number_, look, school = self._directory, self._number, self.entries.look, self._school
        if directory is not None:
            self._reader.start(
                lambda run: find(directory, number_, look, school, run),
                on_success=lambda lines: self.entries.show_lines(lines, noun=_NOUN),
                owner=self,
                key="entries",
            )

    def _save(self, suffix: str) -> None:
        suggestion = f"run-{self._number}{suffix}"
        name, _ = QFileDialog.getSaveFileName(self, tr("Save the report"), suggestion, f"*{suffix}")
        if name:
            path = Path(name) if Path(name).suffix else Path(name + suffix)
            self.write(path, lambda _: self._say(Banner("plain", tr("Saved as {path}.", path=str(path)))))

    def _browse(self) -> None:
        # Named so that the next start removes it if this process can't; see `paths.remove_leftovers`.
        if self._shown is None:
            self._shown = Path(tempfile.mkdtemp(prefix=f"rosterdesk-{os.getpid()}-"))
        path = self._shown / f"run-{self._number}.html"
        self.write(path, lambda _: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))))

    def write(self, path: Path, done: Callable[[int], object]) -> None:
        """Write the report to a file, in the kind that its ending names."""
        directory, told = self._directory, self._told
        if directory is None or told is None:
            return

        def work(run: Run) -> int:
            from rosterdesk.directory import reportfile

            with directory.read(run) as connection:
                return reportfile.write(connection, directory.district, told.past, path, run)

        self._worker.start(work, on_success=done, on_failure=self._fail, owner=self)

    def forget(self) -> None:
        """Remove what was written for the browser."""
        if self._shown is not None:
            shutil.rmtree(self._shown, ignore_errors=True)
            self._shown = None

    def _ask_undo(self) -> None:
        directory, told = self._directory, self._told
        if directory is None or told is None:
            return
        n = told.past.number
        would = tr(
            "{would} If it was delivered to an outlet, that gets the files from before it, too.",
            would=undoing(told),
        )
        actions = (
            Action(tr("Undo run {n}", n=n), partial(self._undo, directory, n), primary=True),
            Action(tr("Keep it"), lambda: self._say(None)),
        )
        self._say(Banner("warning", would, actions, title=tr("Undo run {n}?", n=n)))

    def _ask_marks(self, directory: Directory, number_: int, error: OnlyMarked) -> None:
        text = tr(
            "Every record that the run brought can be sent there marked tobedeleted, as a delta of OneRoster. Schools "
            "and the school year stay. A receiver that takes whole sets only does not follow it, and keeps everybody."
        )
        again = partial(self._undo, directory, number_)
        actions = (
            Action(tr("Undo, and send the marks"), partial(again, marking=True), primary=True),
            Action(tr("Undo here only"), partial(again, deliver=False)),
            Action(tr("Keep it"), lambda: self._say(None)),
        )
        self._say(Banner("warning", text, actions, title=error.title))

    def _undo(self, directory: Directory, number_: int, *, deliver: bool = True, marking: bool = False) -> None:
        """Take that run back, whichever the page shows by the time it is done."""

        def work(run: Run) -> UndoResult:
            from rosterdesk.jobs.takeback import take_back

            return take_back(directory, number_, run, deliver=deliver, marking=marking)

        self._say(Banner("plain", tr("Undoing run {n}.", n=number_)))
        self.undo.setEnabled(False)
        task = self._worker.start(
            work,
            on_success=self._undone,
            on_failure=partial(self._not_undone, directory, number_),
            owner=self,
            decisive=True,
        )
        task.ended.connect(lambda: self.undo.setEnabled(True))

    def _not_undone(self, directory: Directory, number_: int, error: RosterDeskError) -> None:
        from rosterdesk.jobs.takeback import OnlyMarked

        if number_ != self._number:  # nothing is asked of a run that is no longer in sight
            look = Action(tr("Look at run {n}", n=number_), partial(self.show_run, directory, number_))
            self._say(Banner("warning", error.title, [look], title=tr("Run {n} was not taken back.", n=number_)))
        elif isinstance(error, OnlyMarked):
            self._ask_marks(directory, number_, error)
        else:
            self._fail(error)

    def _undone(self, result: UndoResult) -> None:
        from rosterdesk.jobs.takeback import sentence

        title, text = tr("Run {n} was taken back, by run {by}.", n=result.undone, by=result.run), ""
        if result.left_count:
            text = counted(
                result.left_count,
                "{n} value was left alone: it has changed since.",
                "{n} values were left alone: they have changed since.",
            )
        if result.delivered is not None:
            text = f"{text}\n{sentence(result.run, result.delivered)}".strip()
        self._say(Banner("plain", text, title=title) if text else Banner("plain", title))
        self.changed.emit()
        if self._directory is not None:
            self.show_run(self._directory, self._number)

    def _fail(self, error: RosterDeskError) -> None:
        panel = ErrorPanel(error)
        panel.dismissed.connect(lambda: self._say(None))
        self._say(panel)

    def _say(self, notice: QWidget | None) -> None:
        """One notice at a time, below the title."""
        clear(self._notices)
        if notice is not None:
            self._notices.addWidget(notice)


_NOUN = ("{n} record", "{n} records")


def _fields(names: str) -> str:
    return ", ".join(field_title(name) for name in names.split("; ")) if names else ""
