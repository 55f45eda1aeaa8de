"""One job on the page of jobs: what it does and when, how it last went, what can be done with it, and its receipts."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QGridLayout, QMenu, QToolButton, QVBoxLayout

from rosterdesk.gui import theme
from rosterdesk.gui.frames import Column, held
from rosterdesk.gui.jobslook import JobLook, receipt_line
from rosterdesk.gui.tables import TablePanel
from rosterdesk.gui.widgets import Action, Banner, Card, EmptyState, Fold, button, label, row
from rosterdesk.gui.wording import worded
from rosterdesk.gui.words import tr, when

_ROWS_IN_SIGHT = 6
# What can be done with a job, beside running it.
PAUSE, RESUME, EDIT, COPY, EXPORT, REMOVE, SCHEDULE, UPLOAD, SOURCE = (
    *("pause", "resume", "edit", "copy", "export", "remove", "schedule", "upload", "source"),
)


class JobCard(Card):
    """`wanted` carries what a person wants to do with the job, and its name; "run" is to run it now."""

    wanted = Signal(str, str)
    run_opened = Signal(int)

    def __init__(self, look: JobLook) -> None:
        super().__init__()
        self.look = look
        job = look.known.job
        self.setAccessibleName(tr("Job {name}", name=job.name))
        inside = self.layout()
        assert isinstance(inside, QVBoxLayout)
        self.run_now = button(tr("Run now"), partial(self.wanted.emit, "run", job.name), icon="upload")
        self.pause = button(
            tr("Resume") if job.paused else tr("Pause"),
            partial(self.wanted.emit, RESUME if job.paused else PAUSE, job.name),
        )
        self.edit = button(tr("Change"), partial(self.wanted.emit, EDIT, job.name))
        head = row(label(job.name, size="section", bold=True), self.run_now, self.pause, self.edit, self._more())
        head.setStretch(0, 1)
        inside.addLayout(head)
        if look.unknown and not job.paused:
            act = Action(tr("Have it started"), partial(self.wanted.emit, SCHEDULE, job.name), True)
            text = tr("It was brought here from another computer, or the scheduler has forgotten it.")
            inside.addWidget(Banner("warning", text, [act], title=tr("Nothing starts this job")))
        facts = QGridLayout()
        facts.setHorizontalSpacing(theme.BETWEEN)
        facts.setVerticalSpacing(theme.TIGHT)
        facts.setColumnStretch(1, 1)
        for at, (word, sentence) in enumerate(look.sentences()):
            facts.addWidget(label(word, quiet=True), at, 0, Qt.AlignmentFlag.AlignTop)
            facts.addWidget(label(worded(sentence)), at, 1)
        inside.addLayout(facts)
        self.receipts = self._receipts()
        inside.addWidget(Fold(tr("Receipts"), self.receipts))

    def _more(self) -> QToolButton:
        name = self.look.known.job.name
        menu = QMenu(self)
        for what, text in (
            (SOURCE, tr("Change what it reads")),
            (UPLOAD, tr("Upload by hand, from the same source")),
            (COPY, tr("Copy")),
            (EXPORT, tr("Export for another computer")),
            (REMOVE, tr("Remove")),
        ):
            act = QAction(text, menu)
            act.triggered.connect(partial(self._want, what, name))
            menu.addAction(act)
        self.more = QToolButton()
        theme.set_icon(self.more, "more", "quiet")
        self.more.setAccessibleName(tr("More for {name}", name=name))
        self.more.setToolTip(tr("More"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.more.setMenu(menu)
        return self.more

    def _want(self, what: str, name: str, _checked: bool = False) -> None:
        self.wanted.emit(what, name)

    def _receipts(self) -> TablePanel:
        columns = (
            Column("number", tr("Receipt"), align="right", width=76),
            Column("when", tr("When"), width=150, say=when),
            Column("outcome", tr("How it ended"), width=110),
            Column("run", tr("Run"), align="right", width=60),
            Column("changes", tr("Changes"), align="right", width=84),
            Column("errors", tr("Left out"), align="right", width=84, hint=tr("Rows with an error")),
            Column("why", tr("Why"), width=320),
        )
        rows = [receipt_line(receipt) for receipt in self.look.receipts]
        empty = EmptyState("clock", tr("Each run leaves a receipt here, also one that failed."))
        name = tr("Receipts of {name}", name=self.look.known.job.name)
        panel = TablePanel(columns, name, empty=empty, searchable=False)
        noun = ("{n} receipt", "{n} receipts")
        panel.looked.connect(lambda look: panel.show_lines(held(rows, columns, look), noun=noun))
        panel.opened.connect(lambda cells: self.run_opened.emit(cells[3]) if cells[3] is not None else None)
        panel.show_lines(held(rows, columns, panel.look), noun=noun)
        height = theme.scaled(theme.ROW) * (min(max(len(rows), 3), _ROWS_IN_SIGHT) + 1) + theme.scaled(8)
        panel.table.setMinimumHeight(height)
        return panel
