"""What a push would do: in sentences, by school, and change by change, what is taken away first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from rosterdesk.draft import Step
from rosterdesk.gui import theme
from rosterdesk.gui.changes import ChangeLists
from rosterdesk.gui.drop import ask_folder
from rosterdesk.gui.limits import LimitBanner
from rosterdesk.gui.pages.page import DoWork, Page
from rosterdesk.gui.pairing import Planned
from rosterdesk.gui.telling import sentences
from rosterdesk.gui.upload import Upload
from rosterdesk.gui.widgets import column, label, scrolled
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Worker
from rosterdesk.planning import lists, summary
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.gui.charts import Charted

_TALLEST = 168  # pixels of the plot at 100 %; more schools scroll
_LOWEST = 240  # of the lists: below, the page scrolls
_ACTIONS = ("create", "update", "archive", "restore")


class ReviewPage(Page):
    """The fifth step."""

    step = Step.REVIEW

    def __init__(self, upload: Upload, work: DoWork, worker: Worker) -> None:
        super().__init__(upload, work, worker)
        self.title = tr("Review")
        self.sentence = tr("This is what a push will do. Nothing has changed yet.")
        self._planned: Planned | None = None
        self._chart: Charted | None = None
        self.limits = LimitBanner()
        self.limits.hide()
        self.limits.held.connect(lambda: self._decide(hold=True))
        self.limits.added.connect(lambda: self._replan(additions_only=True))
        self.limits.approved.connect(self._approve)
        self.limits.reopened.connect(self._reopen)
        self.words = label()
        self.lists = ChangeLists(worker)
        self.lists.looked.connect(self._list)
        self.lists.exported.connect(self._export)
        self._chart_place = QVBoxLayout()
        self.lists.setMinimumHeight(theme.scaled(_LOWEST))
        self._content = content = QWidget()
        whole = column(self.limits, self.words, spacing=theme.BETWEEN)
        whole.addLayout(self._chart_place)
        whole.addWidget(self.lists, 1)
        content.setLayout(whole)
        self.setLayout(column(scrolled(content)))
        self.setFocusProxy(self.lists)

    def show_draft(self) -> None:
        if self.draft.plan is None or self._planned is None or self._planned.plan is not self.draft.plan:
            self._replan(additions_only=self.draft.additions_only)

    def _replan(self, *, additions_only: bool) -> None:
        self._planned = None
        self._content.hide()  # what an earlier plan said must not be read as this one's
        self.give(additions_only=additions_only, plan=None)
        draft = self.draft

        def plan(run: Run) -> Planned:
            return self.upload.plan(draft, run)

        self.work(plan, self._worked_out)

    def _worked_out(self, planned: Planned) -> None:
        self._planned = planned
        self._content.show()
        self.words.setText("\n".join(sentences(planned)))
        # A plot takes longer to make than all the rest of the page: a turn of its own keeps the window answering.
        QTimer.singleShot(0, self, self._make_chart)
        self.lists.show_counts(planned.lists)
        self.give(plan=planned.plan)
        self.limits.show_draft(self.draft, planned.plan.tripped)

    def _make_chart(self) -> None:
        if self._chart is None:
            from rosterdesk.gui.charts import schools_chart

            self._chart, self._bars = schools_chart()
            self._bars.chosen.connect(self.lists.narrow)
            self._area = scrolled(self._chart)
            self._area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._chart_place.addWidget(self._area)
            self._area.hide()
        QTimer.singleShot(0, self, self._show_chart)

    def _show_chart(self) -> None:
        if self._planned is None or self._chart is None:  # another plan is being made meanwhile
            return
        told = [(school.school, _records(school.counts)) for school in self._planned.schools]
        told = [(name, counts) for name, counts in told if sum(counts.values())]
        self._bars.show_schools(told)
        self._chart.show_rows([(name, *(counts.get(a, 0) for a in _ACTIONS)) for name, counts in told])
        self._area.setFixedHeight(min(self._chart.sizeHint().height() + theme.TIGHT, theme.scaled(_TALLEST)))
        self._area.setVisible(bool(told))

    def _list(self) -> None:
        if self._planned is None:
            return
        look = self.lists.wanted()
        # A long list takes its time: the bar tells of it, and the person can stop it.
        quiet = self._planned.lists[self.lists.chips.current] <= lists.SORTED_UNASKED

        def lay_out(run: Run) -> int:
            run.report(tr("Listing the changes"))
            return lists.lay_out(self.upload.begin(run), **look)

        self.work(lay_out, self._fill, key="list", quiet=quiet)

    def _fill(self, count: int) -> None:
        self.lists.show_rows(self._page_of_changes, count)

    def _page_of_changes(self, offset: int, limit: int) -> list[tuple[Any, ...]]:
        return self.upload.rows(lists.page(offset, limit), 0, limit)

    def _decide(self, **answers: Any) -> None:
        self.give(**answers)
        if self._planned is not None:
            self.limits.show_draft(self.draft, self._planned.plan.tripped)

    def _approve(self) -> None:
        if self.draft.plan is not None:
            self._decide(approved=self.draft.plan.digest)

    def _reopen(self) -> None:
        if self.draft.additions_only:
            self._replan(additions_only=False)
        else:
            self._decide(approved="", hold=False)

    def _export(self) -> None:
        folder = ask_folder(self)
        if folder is not None:
            self.work(
                lambda run: summary.write(self.upload.begin(run), folder, run),
                lambda _: self.lists.tell(tr("Written to {folder}: changes.xlsx and changes.csv.", folder=folder)),
            )


def _records(counts: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """How many records of each action there are at a school."""
    added: dict[str, int] = {}
    for actions in counts.values():
        for action, count in actions.items():
            added[action] = added.get(action, 0) + count
    return added
