"""Where the roster comes from: files that are dropped, chosen, pasted or known, or a connection; and what was in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from rosterdesk import mapping as mappings
from rosterdesk.connections import PREFIX
from rosterdesk.draft import Draft, Step, told
from rosterdesk.gui import theme
from rosterdesk.gui.drop import DropZone, ask_target
from rosterdesk.gui.known import KnownSources
from rosterdesk.gui.pages.page import DoWork, Page
from rosterdesk.gui.recent import remember_source, told_before
from rosterdesk.gui.recognised import Recognised
from rosterdesk.gui.unfinished import belongs_to, forget, unfinished
from rosterdesk.gui.upload import Found, Upload
from rosterdesk.gui.widgets import Action, Banner, button, clear, column, label, row, scrolled
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Worker
from rosterdesk.sources import template
from rosterdesk.sources.tables import Told

if TYPE_CHECKING:
    from rosterdesk.gui.connectdialog import ConnectionDialog


class SourcePage(Page):
    """The first step. `directory_wanted` carries the address of the directory whose upload is to be gone on with."""

    directory_wanted = Signal(str)

    step = Step.SOURCE

    def __init__(self, upload: Upload, work: DoWork, worker: Worker) -> None:
        super().__init__(upload, work, worker)
        self.title = tr("Source")
        self.sentence = tr(
            "Bring the export of your SIS, or your own list. You will see what it changes before it does."
        )
        self._found: Found | None = None
        self.dialog: ConnectionDialog | None = None
        self._offered = Draft()
        self.drop = DropZone()
        self.drop.chosen.connect(self.choose)
        self.drop.pasted.connect(self._paste)
        self.template = button(tr("No export at hand? Get an Excel template"), link=True)
        self.template.setMenu(self._templates())
        self.saved = label(quiet=True)
        self._offer = QVBoxLayout()
        self.known = KnownSources()
        self.known.chosen.connect(self.choose)
        self.known.new_wanted.connect(self.connect_anew)
        first = QWidget()
        inside = column(spacing=theme.BETWEEN)
        inside.addLayout(self._offer)
        inside.addWidget(self.drop, 1)
        inside.addWidget(self.known)
        inside.addLayout(row(self.template, self.saved))
        first.setLayout(inside)
        self.recognised = Recognised(upload, worker)
        self.recognised.again.clicked.connect(self._other)
        self.recognised.again_wanted.connect(lambda: self.go_on(self.draft))
        self.recognised.corrected.connect(self._correct)
        self._stack = QStackedWidget()
        self._stack.addWidget(scrolled(first))
        self._stack.addWidget(self.recognised)
        self._elsewhere = column()
        whole = column(self._stack, spacing=theme.BETWEEN)
        whole.insertLayout(0, self._elsewhere)
        self.setLayout(whole)
        self.setFocusProxy(self.drop.files)

    def show_draft(self) -> None:
        self.saved.clear()
        self.known.look_up()
        self._say_where()
        self._show_offer()
        if self.draft.reading is not None and self._found is not None:
            self._turn_to_found()
        else:
            self._turn_to_choice()
            if self.draft.sources:
                self.go_on(self.draft)

    def choose(self, sources: Sequence[Path]) -> None:
        """Read these files, as they were said to be written if they were read before."""
        self.go_on(self._anew(tuple(sources), told_before(sources)))

    def connect_anew(self) -> None:
        """Ask for a new connection, and read from it if the person wants that."""
        from rosterdesk.gui.connectdialog import ConnectionDialog, Purpose

        dialog = ConnectionDialog(self.worker, purpose=Purpose.SOURCE, parent=self.window())
        dialog.saved.connect(lambda _: self.known.look_up())
        dialog.wanted.connect(lambda name: self.choose((Path(f"{PREFIX}{name}"),)))
        dialog.finished.connect(self._closed)
        self.dialog = dialog
        dialog.open()

    def _closed(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    def go_on(self, draft: Draft) -> None:
        """Read the files of a draft; a mapping that it has is used, if it still fits them."""
        self._offered = draft
        clear(self._offer)
        self.draft = Draft(outlet=draft.outlet, layout=draft.layout, zipped=draft.zipped, job=draft.job)
        self.give(sources=draft.sources, told=draft.told)
        self.work(lambda run: self.upload.read(draft, run), self._read)

    def _anew(self, sources: tuple[Path, ...] = (), told: Mapping[str, Told] | None = None) -> Draft:
        """A draft without answers, but for where the files go."""
        kept = self.draft
        return Draft(sources, told=told or {}, outlet=kept.outlet, layout=kept.layout, zipped=kept.zipped, job=kept.job)

    def _read(self, found: Found) -> None:
        remember_source(self.draft.sources, found.told)
        self._found = found
        self.recognised.show_found(found)
        self._turn_to_found()
        offered = self._offered
        answers = {"told": found.told, "reading": found.reading, "mapping": found.mapping}
        if offered.mapping is not None and offered.mapping.signature == found.mapping.signature:
            written = {name: asdict(one) for name, one in found.told.items()}
            answers |= {"mapping": mappings.with_said(offered.mapping, written), "seen": offered.seen}
        self.give(**answers)
        self.give(additions_only=offered.additions_only)

    def _turn_to_found(self) -> None:
        self._stack.setCurrentWidget(self.recognised)
        self.setFocusProxy(self.recognised.tables)

    def _turn_to_choice(self) -> None:
        self._stack.setCurrentIndex(0)
        self.setFocusProxy(self.drop.files)

    def _paste(self, text: str) -> None:
        if self._stack.currentIndex() == 0:
            self.work(lambda _: self.upload.pasted(text), lambda path: self.choose((path,)))

    def _correct(self, told: Mapping[str, Told]) -> None:
        self.go_on(replace(self.draft, told=told))

    def _templates(self) -> QMenu:
        menu = QMenu(self)
        for kind, words in (
            ("office", tr("One list for the office: students with their guardians, staff, schools")),
            ("lists", tr("A list for each: students, staff, guardians, classrooms")),
            ("files", tr("ClassTag's own files: users, classes, enrollments, guardians")),
        ):
            menu.addAction(words).triggered.connect(lambda _=False, kind=kind: self._write_template(kind))
        return menu

    def _write_template(self, kind: str) -> None:
        path = ask_target(self, tr("Save the template"), f"roster-{kind}.xlsx", tr("Excel (*.xlsx)"))
        if path is not None:
            self.saved.clear()
            self.work(
                lambda _: template.write(path, kind),
                lambda _: self.saved.setText(tr("Saved as {file}. Fill it in, and drop it here.", file=path.name)),
                key="template",
            )

    def _other(self) -> None:
        self._found = None
        self.draft = self._anew()
        self._turn_to_choice()
        self.setFocus()
        self.known.look_up()
        self.changed.emit()

    def _say_where(self) -> None:
        """Name the directory that is filled, where it is not the one that the person thinks of."""
        clear(self._elsewhere)
        if not self.upload.usual:
            text = tr("This upload does not go to your own directory, but to {where}.", where=self.upload.where)
            self._elsewhere.addWidget(Banner("plain", text))

    def _show_offer(self) -> None:
        clear(self._offer)
        left = unfinished() if not self.draft.sources else None
        if left is not None and unfinished(self.upload.where) is None:
            of = belongs_to()
            text = tr("An upload to {where} is not finished. One that you begin here takes its place.", where=of)
            there = button(tr("Go on with it there"), partial(self.directory_wanted.emit, of), link=True)
            line = QWidget()
            line.setLayout(row(label(text, quiet=True), there))
            self._offer.addWidget(line)
        elif left is not None:
            words = tr("You have not finished the upload of {files}.", files=told(left, Step.SOURCE))
            actions = [Action(tr("Go on with it"), partial(self.go_on, left)), Action(tr("Forget it"), self._forget)]
            self._offer.addWidget(Banner("plain", words, actions))

    def _forget(self) -> None:
        forget(self.upload.where)
        clear(self._offer)
