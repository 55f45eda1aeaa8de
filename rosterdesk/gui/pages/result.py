"""What was done, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHeaderView, QVBoxLayout

from rosterdesk.connections import named
from rosterdesk.directory.undo import UndoResult
from rosterdesk.draft import Step
from rosterdesk.gui import theme
from rosterdesk.gui.frames import Column, Fetched, FrameModel
from rosterdesk.gui.nightly import NightlyCard, Wanted
from rosterdesk.gui.pages.page import DoWork, Page
from rosterdesk.gui.tableview import TableView
from rosterdesk.gui.telling import records_word
from rosterdesk.gui.upload import Upload
from rosterdesk.gui.widgets import Card, Picture, button, column, label, row
from rosterdesk.gui.words import counted, number, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.model import Outcome, Receipt

_DID = ("created", "updated", "archived", "restored", "removed")

if TYPE_CHECKING:
    from rosterdesk.jobs.testing import Tested


class ResultPage(Page):
    """What comes out of the steps."""

    step = Step.RESULT

    def __init__(self, upload: Upload, work: DoWork, worker: Worker) -> None:
        super().__init__(upload, work, worker)
        self.title = tr("Result")
        self._undone = False
        self.picture = Picture("check", 32, "added")
        self.done, self.words = label(size="section", bold=True), label(quiet=True)
        self.undo_button = button(tr("Undo this"), self._undo, icon="undo")
        self._counts = FrameModel(_columns(), parent=self)
        table = TableView(self._counts, tr("What was done"))
        header = table.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(theme.scaled(84))
        header.setSectionsClickable(False)
        card = Card()
        line = row(self.picture, spacing=theme.BETWEEN)
        line.addLayout(column(self.done, self.words, spacing=theme.TIGHT), 1)
        line.addWidget(self.undo_button)
        inside = card.layout()
        assert isinstance(inside, QVBoxLayout)
        inside.addLayout(line)
        self.nightly = NightlyCard()
        self.nightly.wanted.connect(self._keep)
        whole = column(card, spacing=theme.BETWEEN)
        whole.addWidget(table, 1)
        whole.addWidget(self.nightly)
        self.setLayout(whole)
        self.setFocusProxy(self.undo_button)

    @property
    def primary(self) -> str:
        return tr("Done")

    def show_draft(self) -> None:
        self._undone = False
        receipt = self.draft.receipt
        if receipt is None:
            return
        held = receipt.outcome is Outcome.HELD
        self.picture.show_icon(*(("hold", "changed") if held else ("check", "added")))
        self.undo_button.setVisible(not held)
        self.undo_button.setEnabled(not receipt.plan.empty)
        self.nightly.setVisible(not held and self.upload.can_repeat(self.draft))
        if held:
            self.done.setText(tr("Held for approval as run {run}", run=receipt.run or 0))
            self.words.setText(tr("Nothing has changed. Whoever approves it finds it first on the start page."))
        else:
            size = receipt.plan.size
            self.done.setText(counted(size, "{n} change pushed", "{n} changes pushed"))
            self.words.setText(self._further(receipt))
        rows = _rows(receipt)
        self._counts.show(Fetched(lambda offset, limit: rows[offset : offset + limit], len(rows)))

    def _further(self, receipt: Receipt) -> str:
        parts = [tr("Done as run {run}.", run=receipt.run or 0)]
        if self.draft.outlet is not None:
            name = named(self.draft.outlet)
            where = tr("The files lie in {folder}.", folder=str(self.draft.outlet))
            parts.append(where if name is None else tr("The files were delivered to {name}.", name=name))
        if errors := receipt.problems.get("error", 0):
            parts.append(counted(errors, "{n} row was left out.", "{n} rows were left out."))
        parts.append(tr("The mapping is remembered for the next file with these headings."))
        return " ".join(parts)

    def _keep(self, wanted: Wanted) -> None:
        draft = self.draft
        self.work(
            lambda _: self.upload.keep_as_job(draft, wanted.name, wanted.schedule),
            lambda said: self._try(wanted.name, " ".join(said)),
        )

    def _try(self, name: str, kept: str) -> None:
        waiting = tr("It is being tried now, as the computer will start it at night. That can take two minutes.")
        self.nightly.tell(f"{kept} {waiting}")
        self.work(lambda run: self.upload.try_job(name, run), lambda tested: self._tried(tested, kept))

    def _tried(self, tested: Tested, kept: str) -> None:
        if tested.good:
            words = tr("It was tried as at night, and went through. Nothing was pushed by that.")
        else:
            words = tr("It was tried as at night, and would not run: {why}", why=tested.said[-1] if tested.said else "")
        self.nightly.tell(f"{kept} {words}")

    def _undo(self) -> None:
        receipt = self.draft.receipt
        if receipt is not None and receipt.run is not None:
            number = receipt.run
            self.work(lambda run: self.upload.undo(number, run), self._taken_back, decisive=True)

    def _taken_back(self, result: UndoResult) -> None:
        self.picture.show_icon("undo", "added")
        self.done.setText(tr("Run {run} is taken back", run=result.undone))
        left = counted(
            result.left_count,
            "{n} value was changed again since then and is left as it is.",
            "{n} values were changed again since then and are left as they are.",
        )
        words = [left if result.left_count else tr("The directory is as it was before.")]
        if result.delivered is not None:
            words.append(tr("The outlet has the files from before, too."))
        self.words.setText(" ".join(words))
        self.undo_button.setEnabled(False)
        self.nightly.hide()
        self.changed.emit()


def _rows(receipt: Receipt) -> list[tuple[object, ...]]:
    return [
        (entity, *(counts.get(action, 0) for action in _DID))
        for entity, counts in receipt.plan.counts.items()
        if any(counts.values())
    ]


def _count(count: int) -> str:
    return number(count) if count else "–"


def _columns() -> tuple[Column, ...]:
    titles = (tr("New"), tr("Changed"), tr("Archived"), tr("Back"), tr("Removed"))
    return (
        Column("entity", tr("Record"), say=records_word),
        *(Column(key, title, align="right", say=_count) for key, title in zip(_DID, titles, strict=True)),
    )
