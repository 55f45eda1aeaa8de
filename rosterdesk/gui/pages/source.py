"""Where the roster comes from: files that are dropped, chosen, pasted or known, and what was recognised in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from rosterdesk.draft import Draft, Step, told
from rosterdesk.gui import theme
from rosterdesk.gui.drop import DropZone, ask_target
from rosterdesk.gui.pages.page import DoWork, Page
from rosterdesk.gui.recent import recent_sources, remember_source
from rosterdesk.gui.recognised import Recognised
from rosterdesk.gui.unfinished import forget, unfinished
from rosterdesk.gui.upload import Found, Upload
from rosterdesk.gui.widgets import Action, Banner, button, clear, column, label, row
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Worker
from rosterdesk.sources import template
from rosterdesk.sources.tables import Told


class SourcePage(Page):
    """The first step."""

    step = Step.SOURCE

    def __init__(self, upload: Upload, work: DoWork, worker: Worker) -> None:
        super().__init__(upload, work, worker)
        self.title = tr("Source")
        self.sentence = tr(
            "Bring the export of your SIS, or your own list. You will see what it changes before it does."
        )
        self._counts: dict[str, int] = {}
        self._offered = Draft()
        self.drop = DropZone()
        self.drop.chosen.connect(self.choose)
        self.drop.pasted.connect(self._paste)
        self.template = button(tr("No export at hand? Get an Excel template"), self._write_template, link=True)
        self._offer = QVBoxLayout()
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        first = QWidget()
        inside = column(spacing=theme.BETWEEN)
        inside.addLayout(self._offer)
        inside.addWidget(self.drop, 1)
        inside.addLayout(self._recent)
        inside.addLayout(row(self.template, None))
        first.setLayout(inside)
        self.recognised = Recognised(upload, worker)
        self.recognised.again.clicked.connect(self._again)
        self.recognised.corrected.connect(self._correct)
        self._stack = QStackedWidget()
        self._stack.addWidget(first)
        self._stack.addWidget(self.recognised)
        self.setLayout(column(self._stack))
        self.setFocusProxy(self.drop.files)

    def show_draft(self) -> None:
        self._show_recent()
        self._show_offer()
        if self.draft.reading is not None and self._counts:
            self._stack.setCurrentWidget(self.recognised)
        else:
            self._stack.setCurrentIndex(0)
            if self.draft.sources:
                self.go_on(self.draft)

    def choose(self, sources: Sequence[Path]) -> None:
        """Read these files."""
        self.go_on(Draft(tuple(sources), outlet=self.draft.outlet, layout=self.draft.layout, zipped=self.draft.zipped))

    def go_on(self, draft: Draft) -> None:
        """Read the files of a draft; a mapping that it has is used, if it still fits them."""
        self._offered = draft
        clear(self._offer)
        self.draft = Draft(outlet=draft.outlet, layout=draft.layout, zipped=draft.zipped)
        self.give(sources=draft.sources, told=draft.told)
        self.work(lambda run: self.upload.read(draft, run), self._read)

    def _read(self, found: Found) -> None:
        remember_source(self.draft.sources)
        self._counts = dict(found.rows)
        self.recognised.show_reading(found.reading, self._counts, self.draft.told)
        self._stack.setCurrentWidget(self.recognised)
        known = self._offered.mapping
        if known is not None and known.signature == found.mapping.signature:
            self.give(reading=found.reading, mapping=known, seen=self._offered.seen)
        else:
            self.give(reading=found.reading, mapping=found.mapping)

    def _paste(self, text: str) -> None:
        if self._stack.currentIndex() == 0:
            self.work(lambda _: self.upload.pasted(text), lambda path: self.choose((path,)))

    def _correct(self, told: Mapping[str, Told]) -> None:
        self.go_on(replace(self._offered, told=told, mapping=None))

    def _write_template(self) -> None:
        path = ask_target(self, tr("Save the template"), "roster-template.xlsx", tr("Excel (*.xlsx)"))
        if path is not None:
            self.work(lambda _: template.write(path), lambda _: None, key="template")

    def _again(self) -> None:
        self._counts = {}
        self.draft = Draft(outlet=self.draft.outlet, layout=self.draft.layout, zipped=self.draft.zipped)
        self._stack.setCurrentIndex(0)
        self.changed.emit()

    def _show_offer(self) -> None:
        clear(self._offer)
        left = unfinished() if not self.draft.sources else None
        if left is not None:
            words = tr("You have not finished the upload of {files}.", files=told(left, Step.SOURCE))
            actions = [Action(tr("Go on with it"), partial(self.go_on, left)), Action(tr("Forget it"), self._forget)]
            self._offer.addWidget(Banner("plain", words, actions))

    def _forget(self) -> None:
        forget()
        clear(self._offer)

    def _show_recent(self) -> None:
        clear(self._recent)
        found = recent_sources()
        if found:
            self._recent.addWidget(label(tr("Used before"), bold=True))
        for source in found:
            first = source[0]
            words = first.name if len(source) == 1 else tr("{first} and {n} more", first=first.name, n=len(source) - 1)
            known = button(words, partial(self.choose, source), link=True, icon="file")
            known.setToolTip(str(first.parent))
            known.setAccessibleDescription(str(first.parent))
            self._recent.addWidget(known)
