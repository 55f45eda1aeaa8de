"""The step of the schools' SIS IDs: offered from the files of the SIS by like names, or typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QCompleter, QGridLayout, QWidget

from rosterdesk.directory.onboarding import Place
from rosterdesk.gui import theme
from rosterdesk.gui.leaf import DoWork
from rosterdesk.gui.onboardfiles import SisFiles, lasting
from rosterdesk.gui.onboardpage import OnboardPage
from rosterdesk.gui.onboardwork import Switch
from rosterdesk.gui.recent import remember_source
from rosterdesk.gui.widgets import label, scrolled
from rosterdesk.gui.words import counted, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.guided import Stage
from rosterdesk.guided.schools import Suggestion, suggest


class IdChooser(QComboBox):
    """An SIS ID: one of those that are offered, or typed. The wheel scrolls the page, and changes nothing."""

    def __init__(self, school: str, offers: Sequence[Suggestion]) -> None:
        super().__init__()
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setAccessibleName(tr("SIS ID of {school}", school=school))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(16)
        for offer in offers:
            self.addItem(f"{offer.sis_id}  {offer.name}" if offer.name else offer.sis_id, offer.sis_id)
        line = self.lineEdit()
        assert line is not None
        line.setPlaceholderText(tr("SIS ID, exactly as in the SIS"))
        line.setAccessibleName(self.accessibleName())
        # Completed in the line itself, an ID that begins like another one would become that.
        completer = QCompleter(self.model(), self)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompleter(completer)
        self.show_id("")

    @property
    def sis_id(self) -> str:
        """The ID that was chosen or typed; empty: none."""
        at = self.findText(self.currentText(), Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchCaseSensitive)
        return str(self.itemData(at)) if at >= 0 else self.currentText().strip()

    def show_id(self, sis_id: str) -> None:
        """Show an ID, with the name of its school where that is known."""
        at = self.findData(sis_id) if sis_id else -1
        self.setCurrentIndex(at)
        if at < 0:
            self.setEditText(sis_id)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class SchoolLine(QObject):
    """One school of ours: whether it gets an ID, which, and what speaks for it. `changed` by a person only."""

    changed = Signal()

    def __init__(self, place: Place, offers: Sequence[Suggestion], kept: str | None) -> None:
        """`kept` is what a person has said before: an ID, or that the school gets none (empty)."""
        super().__init__()
        self._offers = {offer.sis_id: offer for offer in offers}
        self._known = bool(offers)
        self.tick = QCheckBox(place.name)
        self.tick.setAccessibleName(tr("Give {school} an SIS ID", school=place.name))
        self.chooser = IdChooser(place.name, offers)
        self.note = label(quiet=True)
        first = offers[0] if offers else None
        if kept:
            self.chooser.show_id(kept)
        elif first is not None and first.likely:
            self.chooser.show_id(first.sis_id)
        self.tick.setChecked(bool(kept) or (kept is None and first is not None and first.exact))
        self.tick.toggled.connect(self._ticked)
        self.chooser.currentTextChanged.connect(self._typed)
        self._say()

    @property
    def sis_id(self) -> str:
        """The ID that the school is to get; empty: none."""
        return self.chooser.sis_id if self.tick.isChecked() else ""

    def _ticked(self, on: bool) -> None:
        if on and not self.chooser.sis_id:
            self.chooser.setFocus()
        self._say()
        self.changed.emit()

    def _typed(self) -> None:
        with QSignalBlocker(self.tick):
            self.tick.setChecked(bool(self.chooser.sis_id))
        self._say()
        self.changed.emit()

    def _say(self) -> None:
        sis_id = self.chooser.sis_id
        offer = self._offers.get(sis_id)
        if not sis_id or not self._known:
            self.note.clear()
        elif offer is None:
            self.note.setText(tr("not among the schools of these files"))
        elif offer.exact:
            self.note.setText(tr("the same name"))
        else:
            self.note.setText(tr("a name like it: please look") if offer.likely else "")


class SchoolsPage(OnboardPage):
    """Which school is which in the SIS."""

    step = Stage.SCHOOLS

    def __init__(self, switch: Switch, work: DoWork, worker: Worker) -> None:
        super().__init__(switch, work, worker)
        self.sentence = tr("By its SIS ID the SIS finds a school. Giving it one changes nothing else.")
        self._theirs: Mapping[str, str] = {}
        self._read: tuple[Path, ...] = ()  # the files that they are from
        self.lines: dict[int, SchoolLine] = {}
        self._hint = label(
            tr("The files of your SIS know its schools' IDs. Choose them, or type what stands in its school list.")
        )
        self.source = SisFiles()
        self.source.chosen.connect(self.read)
        self._list = QWidget()
        self._grid = QGridLayout(self._list)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.BETWEEN)
        self._grid.setVerticalSpacing(theme.INSIDE)
        self._grid.setColumnStretch(1, 1)
        self.put(self._hint, self.source)
        self.put(scrolled(self._list), stretch=1)

    @property
    def ids(self) -> dict[int, str]:
        """The IDs that are ticked, by the schools' numbers."""
        return {number: sis_id for number, line in self.lines.items() if (sis_id := line.sis_id)}

    @property
    def waits_for(self) -> tuple[str, ...]:
        ids = self.ids
        if len(set(ids.values())) < len(ids):
            return (tr("Two schools can't have the same SIS ID."),)
        if self.way.standing is not None:
            names = {place.sis_id: place.name for place in self.standing.places}
            if taken := next((sis_id for sis_id in ids.values() if sis_id in names), None):
                return (tr("{school} has the SIS ID {id} already.", school=names[taken], id=taken),)
        return () if ids else super().waits_for

    @property
    def primary(self) -> str:
        count = len(self.ids)
        return counted(count, "Give {n} school its ID", "Give {n} schools their IDs") if count else ""

    def read(self, sources: Sequence[Path]) -> None:
        """Look which schools these files of the SIS have."""
        self.give(gone=())
        self.answer(sources=lasting(sources))
        self._look()

    def show_way(self) -> None:
        if self._read != self.way.answers.sources or self.way.gone:
            self._theirs, self._read = {}, ()
        with self.keeping_focus():
            self._draw()
        open_ = any(place.sis_id is None for place in self.standing.places)
        self._hint.setVisible(open_)
        self.source.setVisible(open_)
        if open_ and self.way.answers.sources and not self.way.gone and not self._read:
            self._look()

    def confirm(self) -> bool:
        if not (ids := self.ids):
            return True
        self.act(
            partial(self.switch.connect, ids),
            lambda done: counted(done.count, "{n} school has its SIS ID.", "{n} schools have their SIS IDs."),
        )
        return False

    def _look(self) -> None:
        sources = self.way.answers.sources

        def found(theirs: Mapping[str, str]) -> None:
            remember_source(sources, {})
            self._theirs, self._read = theirs, sources
            with self.keeping_focus():
                self._draw()
            self.changed.emit()

        self.work(lambda run: self.switch.schools(sources, run), found, key="schools")

    def _draw(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for line in self.lines.values():
            line.deleteLater()
        self.lines = {}
        places = self.standing.places
        taken = {place.sis_id for place in places}
        free = {sis_id: name for sis_id, name in self._theirs.items() if sis_id not in taken}
        offers = suggest({place.number: place.name for place in places if place.sis_id is None}, free)
        for at, place in enumerate(places):
            if place.sis_id is not None:
                self._grid.addWidget(label(place.name), at, 0)
                self._grid.addWidget(label(tr("has the SIS ID {id}", id=place.sis_id), quiet=True), at, 1, 1, 2)
                continue
            line = SchoolLine(place, offers[place.number], self.way.answers.ids.get(place.number))
            line.changed.connect(partial(self._answered, place.number))
            for column, part in enumerate((line.tick, line.chooser, line.note)):
                self._grid.addWidget(part, at, column)
            self.lines[place.number] = line
        self._grid.setRowStretch(len(places), 1)
        count = counted(len(self._theirs), "It names {n} school.", "They name {n} schools.")
        self.source.show_files(self.way.answers.sources, self.way.gone, count if self._read else "")
        self.setFocusProxy(next((line.tick for line in self.lines.values()), self.source))

    def _answered(self, number: int) -> None:
        self.answer(ids={**self.way.answers.ids, number: self.lines[number].sis_id})
