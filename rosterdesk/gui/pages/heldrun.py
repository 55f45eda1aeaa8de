"""A run that waits for a person: what it would do, which limits it goes over, and what can be done about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from rosterdesk.errors import HeldError, RosterDeskError
from rosterdesk.gui import theme
from rosterdesk.gui.frames import Column, held
from rosterdesk.gui.heldschools import HeldSchools
from rosterdesk.gui.holding import Choice, let_through, planned, schools_of, sources_of, to_type
from rosterdesk.gui.tables import TablePanel
from rosterdesk.gui.telling import records_word
from rosterdesk.gui.widgets import (
    Action,
    Banner,
    Card,
    ErrorPanel,
    TitleBlock,
    button,
    clear,
    column,
    icon_button,
    label,
    row,
    scrolled,
)
from rosterdesk.gui.words import counted, number, tr, when
from rosterdesk.gui.worker import Worker
from rosterdesk.gui.working import WorkLine
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.history import PastRun

_NOUN = ("{n} kind of record", "{n} kinds of records")


class HeldPage(QWidget):
    """`left` when the person goes back or has discarded the run, `upload_wanted` carries the run's files, and `pushed`
    the number of the run that pushed it.
    """

    left = Signal()
    upload_wanted = Signal(object)  # tuple[Path, ...]
    pushed = Signal(int)

    def __init__(self, worker: Worker) -> None:
        super().__init__()
        self._worker = worker
        self._directory: Directory | None = None
        self._past: PastRun | None = None
        self._sources: tuple[Path, ...] = ()
        self._number = 0
        self._busy = False
        self._title = TitleBlock()
        back = icon_button("back", tr("Back to Home"), self.left.emit)
        self._notices = column(spacing=theme.INSIDE)
        self._why = label()
        self._columns = (
            Column("entity", tr("Record"), width=150, say=records_word),
            Column("created", tr("New"), align="right", width=90),
            Column("updated", tr("Changed"), align="right", width=90),
            Column("archived", tr("Archived"), align="right", width=90),
            Column("removed", tr("Removed"), align="right", width=90),
            Column("restored", tr("Back"), align="right", width=90),
        )
        self._rows: list[tuple[object, ...]] = []
        self.numbers = TablePanel(self._columns, tr("What it would do"), searchable=False, heading=tr("It would do"))
        self.numbers.looked.connect(lambda _: self._list())
        self.numbers.table.horizontalHeader().setStretchLastSection(False)
        self.look = button(tr("Open it as an upload"), self._open, primary=True, icon="upload")
        self.additions = button(tr("Push only what is new and changed"), lambda: self._push(additions_only=True))
        self.schools = HeldSchools()
        self.schools.wanted.connect(lambda schools: self._push(additions_only=False, schools=schools))
        self.discard = button(tr("Discard it"), self._ask_discard)
        self.typed = QLineEdit()
        self.typed.setFixedWidth(theme.scaled(90))
        self.typed.textChanged.connect(self._draw)
        self.typed.returnPressed.connect(self._enter)
        self._ask = label()
        self._ask.setWordWrap(False)
        self.approve = button(tr("Approve all of it"), lambda: self._push(additions_only=False))
        self._reason = label(quiet=True)
        self.working = WorkLine()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolled(self._content(back)))

    def _content(self, back: QWidget) -> QWidget:
        limits = QFrame()
        limits.setProperty("banner", "warning")
        self._over = label(tr("This is more than usual"), bold=True)
        limits.setLayout(column(self._over, self._why, spacing=theme.TIGHT, margin=12))
        choices = QWidget()
        inside = column(label(tr("What shall be done?"), size="section", bold=True), spacing=12)
        inside.addLayout(row(self.look, label(tr("Look at every change first, and decide there."), quiet=True)))
        inside.addLayout(row(self.additions, label(tr("Nothing is archived or removed."), quiet=True)))
        inside.addWidget(self.schools)
        inside.addLayout(row(self._ask, self.typed, self.approve, None))
        inside.addLayout(row(self.discard, label(tr("Nothing changes. It stays in the list of runs."), quiet=True)))
        inside.addWidget(self._reason)
        inside.addWidget(self.working)
        choices.setLayout(inside)
        content = QWidget()
        whole = QVBoxLayout(content)
        whole.setContentsMargins(theme.AROUND, theme.AROUND, theme.AROUND, theme.BETWEEN)
        whole.setSpacing(theme.BETWEEN)
        head = row(back, self._title)
        head.setStretch(1, 1)
        whole.addLayout(head)
        whole.addLayout(self._notices)
        whole.addWidget(limits)
        whole.addWidget(Card(choices))
        whole.addWidget(self.numbers, 1)
        self._limits = limits
        return content

    def show_held(self, directory: Directory, past: PastRun, choice: str = "") -> None:
        """Show a run that waits; `choice` is what the person has already said they would do about it."""
        self._directory, self._past = directory, past
        self._sources = sources_of(past, directory)
        self._number = to_type(past)
        self._say(None)
        self._title.say(
            tr("Run {n} waits for a person", n=past.number),
            tr(
                "{what}, {when}, by {who}. Nothing was changed.",
                what=past.source,
                when=when(past.started),
                who=past.who,
            ),
        )
        self._why.setText(past.why or tr("It goes over a limit. Open it as an upload to see which."))
        self._limits.setAccessibleName(f"{self._over.text()} {self._why.text()}")
        ask = tr("To approve all of it, type {number}:", number=number(self._number))
        self._ask.setText(ask)
        self.typed.setAccessibleName(ask)
        self.typed.clear()
        self._rows = [
            (line.entity, *(getattr(line, spec.key) or None for spec in self._columns[1:])) for line in planned(past)
        ]
        self.numbers.setMinimumHeight(theme.scaled(theme.ROW) * (len(self._rows) + 3))
        self._list()
        self.schools.show_schools(())
        self._worker.start(
            lambda run: schools_of(directory, past, run),
            on_success=self.schools.show_schools,
            on_failure=self._fail,
            owner=self.schools,
            key="schools",
        )
        self._draw()
        match choice:
            case Choice.DISCARD:
                self._ask_discard()
            case Choice.ADDITIONS if self._sources:
                self._ask_additions()
            case Choice.APPROVE if self._sources:
                self.typed.setFocus()

    def _list(self) -> None:
        self.numbers.show_lines(held(self._rows, self._columns, self.numbers.look), noun=_NOUN)

    def _ask_additions(self) -> None:
        actions = (
            Action(tr("Push only what is new and changed"), lambda: self._push(additions_only=True), primary=True),
            Action(tr("Not now"), lambda: self._say(None)),
        )
        text = tr("Nothing is archived or removed. You can undo it.")
        self._say(Banner("warning", text, actions, title=tr("Push a part of this run?")))

    def _draw(self) -> None:
        digits = "".join(c for c in self.typed.text() if c.isdigit())
        ready = bool(self._sources) and not self._busy
        self.additions.setEnabled(ready)
        self.schools.allow(ready)
        self.typed.setEnabled(ready)
        self.approve.setEnabled(ready and digits == str(self._number))
        self.look.setEnabled(not self._busy)
        self.discard.setEnabled(not self._busy)
        self._reason.setText(
            ""
            if self._sources
            else tr(
                "The files of this run are not where they were, so it cannot be pushed from here. Open it as an upload "
                "and choose them again."
            )
        )
        self._reason.setVisible(not self._sources)

    def _open(self) -> None:
        self.upload_wanted.emit(self._sources)

    def _push(self, *, additions_only: bool, schools: tuple[str, ...] = ()) -> None:
        directory, past, sources = self._directory, self._past, self._sources
        if directory is None or past is None:
            return
        self._begin()
        task = self._worker.start(
            lambda run: let_through(directory, past, sources, additions_only, run, schools),
            on_success=self.pushed.emit,
            on_failure=self._fail,
            owner=self,
            decisive=True,
        )
        task.cancelled.connect(lambda: self._say(Banner("plain", tr("Stopped. Nothing was pushed."))))
        task.ended.connect(self._ended)
        self.working.follow(task)

    def _ask_discard(self) -> None:
        if self._past is None:
            return
        would = counted(self._number, "It would have touched {n} record.", "It would have touched {n} records.")
        actions = (
            Action(tr("Discard run {n}", n=self._past.number), self._discard, primary=True),
            Action(tr("Keep it"), lambda: self._say(None)),
        )
        text = tr("{would} The directory stays as it is. You can upload the files again.", would=would)
        self._say(Banner("warning", text, actions, title=tr("Discard run {n}?", n=self._past.number)))

    def _discard(self) -> None:
        directory, past = self._directory, self._past
        if directory is None or past is None:
            return

        def work(run: Run) -> PastRun:
            from rosterdesk.jobs.approval import discard_of_job

            return discard_of_job(directory, past, run)

        self._begin()
        task = self._worker.start(
            work, on_success=lambda _: self.left.emit(), on_failure=self._fail, owner=self, decisive=True
        )
        task.ended.connect(self._ended)

    def _enter(self) -> None:
        if self.approve.isEnabled():
            self._push(additions_only=False)

    def _begin(self) -> None:
        self._busy = True
        self._say(None)
        self._draw()

    def _ended(self) -> None:
        self._busy = False
        self._draw()

    def _fail(self, error: RosterDeskError) -> None:
        actions = [Action(tr("Open it as an upload"), self._open)] if isinstance(error, HeldError) else []
        panel = ErrorPanel(error, actions)
        panel.dismissed.connect(lambda: self._say(None))
        self._say(panel)

    def _say(self, notice: QWidget | None) -> None:
        clear(self._notices)
        if notice is not None:
            self._notices.addWidget(notice)
