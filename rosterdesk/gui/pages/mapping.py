"""Which column is which: one line a field, with real values beside it, and below it what the cells become."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFileDialog, QInputDialog, QSplitter

from rosterdesk import mapping as mappings
from rosterdesk.draft import Step, to_look_at
from rosterdesk.errors import RosterDeskError
from rosterdesk.gui import theme
from rosterdesk.gui.drop import ask_target
from rosterdesk.gui.fields import CONSTANT, DOUBTFUL, LEAVE_OUT, Choice, FieldTree, Samples, kind_title
from rosterdesk.gui.meanings import meanings
from rosterdesk.gui.pages.page import DoWork, Page
from rosterdesk.gui.tables import FilterChips
from rosterdesk.gui.upload import Upload
from rosterdesk.gui.values import ValuesPanel
from rosterdesk.gui.widgets import column, icon_button, label, row
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Worker
from rosterdesk.mapping import edits
from rosterdesk.mapping.samples import samples, values
from rosterdesk.model import FieldMap, Mapping, Transform
from rosterdesk.targets import TARGETS

_WORDED = ("school_sis_ids", "school_sis_id")  # beside fields of our own words: schools may be named otherwise
_FILES = "RosterDesk mapping (*.toml)"


class MappingPage(Page):
    """The second step; skipped when every column is known by its name."""

    step = Step.MAPPING

    def __init__(self, upload: Upload, work: DoWork, worker: Worker) -> None:
        super().__init__(upload, work, worker)
        self.title = tr("Mapping")
        self.sentence = tr("Tell us once which column is which. We remember it for files with these headings.")
        self._samples: Samples = {}
        self._here: tuple[int, str] | None = None
        self._past: list[Mapping] = []
        self._future: list[Mapping] = []
        self.chips = FilterChips(tr("Fields"))
        self.chips.chosen.connect(lambda _: self._draw())
        self.every = QCheckBox(tr("Fields without a column"))
        self.every.setAccessibleName(self.every.text())
        self.every.toggled.connect(lambda _: self._draw())
        self.load = icon_button("folder", tr("Open a saved mapping"), self._load)
        self.save = icon_button("save", tr("Save the mapping in a file"), self._save)
        self.undo_button = icon_button("undo", tr("Undo"), self.undo)
        self.redo_button = icon_button("redo", tr("Redo"), self.redo)
        self.told = label(quiet=True)
        self.told.hide()
        self.tree, self.values = FieldTree(), ValuesPanel()
        self.tree.chosen.connect(self._choose)
        self.tree.looked.connect(self._look)
        self.tree.named.connect(self._name)
        self.values.reworded.connect(lambda words: self._edit_field(edits.choose_words, words))
        self.values.stepped.connect(self._add_step)
        self.values.plain.connect(lambda: self._edit_field(edits.remove_steps))
        both = QSplitter(Qt.Orientation.Vertical)
        both.addWidget(self.tree)
        both.addWidget(self.values)
        both.setSizes([theme.scaled(330), theme.scaled(170)])
        both.setChildrenCollapsible(False)
        both.setHandleWidth(12)
        whole = column(spacing=theme.INSIDE)
        tools = (self.undo_button, self.redo_button, self.load, self.save)
        whole.addLayout(row(self.chips, None, self.every, *tools))
        whole.addWidget(self.told)
        whole.addWidget(both, 1)
        self.setLayout(whole)
        self.setFocusProxy(self.tree)

    def show_draft(self) -> None:
        self._past.clear()
        self._future.clear()
        self._tell("")
        self._fill_chips()
        self._draw()
        self._take_samples()

    def confirm(self) -> bool:
        """The person has looked: nothing is doubtful any more."""
        self.give(mapping=edits.accepted(self._mapping), seen=True)
        return True

    def undo(self) -> None:
        if self._past:
            self._future.append(self._mapping)
            self._show(self._past.pop())

    def redo(self) -> None:
        if self._future:
            self._past.append(self._mapping)
            self._show(self._future.pop())

    @property
    def _mapping(self) -> Mapping:
        return self.draft.mapping or Mapping(())

    def _columns(self, table: str) -> tuple[str, ...]:
        found = self.draft.reading.table(table) if self.draft.reading else None
        return found.columns if found else ()

    def _edit(self, changed: Mapping) -> None:
        if changed != self._mapping:
            self._past.append(self._mapping)
            self._future.clear()
            self._show(changed)

    def _edit_field(self, change: object, *arguments: object) -> None:
        if self._here is not None and callable(change):
            self._edit(change(self._mapping, *self._here, *arguments))

    def _show(self, mapping: Mapping) -> None:
        self._tell("")
        self.give(mapping=mapping)
        self._fill_chips()
        self._draw()
        self._take_samples()

    def _fill_chips(self) -> None:
        count = to_look_at(self._mapping)
        every = sum(len(spec.fields) for spec in self._mapping.tables)
        look = [("look", tr("To look at"), count)] if count else []
        self.chips.fill([*look, ("all", tr("All"), every)])
        self.chips.setVisible(bool(look))

    def _tell(self, words: str) -> None:
        self.told.setText(words)
        self.told.setVisible(bool(words))

    def _draw(self) -> None:
        self.undo_button.setEnabled(bool(self._past))
        self.redo_button.setEnabled(bool(self._future))
        if self.draft.reading is None:
            return
        doubtful = self.chips.current == "look" and any(
            f.confidence in DOUBTFUL for spec in self._mapping.tables for f in spec.fields.values()
        )
        self.tree.show_mapping(self._mapping, self.draft.reading, doubtful=doubtful, every=self.every.isChecked())
        self.tree.show_samples(self._samples)

    def _choose(self, choice: Choice) -> None:
        place = (choice.place, choice.field)
        if choice.other == LEAVE_OUT:
            self._edit(edits.leave_out(self._mapping, *place))
        elif choice.other == CONSTANT:
            value, done = QInputDialog.getText(self, tr("The same in every row"), tr("What stands in every row?"))
            self._edit(edits.choose_constant(self._mapping, *place, value.strip()) if done and value else self._mapping)
            self._draw()
        else:
            self._edit(edits.choose_column(self._mapping, *place, choice.columns))

    def _name(self, said: tuple[str, str]) -> None:
        table, kind = said
        self._edit(edits.choose_kind(self._mapping, table, kind, self._columns(table)))

    def _add_step(self, step: Transform) -> None:
        self._edit_field(edits.add_step, step)

    def _take_samples(self) -> None:
        mapping, reading = self._mapping, self.draft.reading
        if reading is not None and self.upload.is_open:
            self.work(
                lambda run: samples(mapping, reading, self.upload.begin(run)), self._sampled, key="samples", quiet=True
            )

    def _sampled(self, found: Samples) -> None:
        self._samples = found
        self.tree.show_samples(found)

    def _look(self, place: tuple[int, str] | None) -> None:
        self._here = place
        field = self._field(place)
        if place is None:
            self.values.show_field("", None)
            return
        spec = self._mapping.tables[place[0]]
        title = tr(
            "{field} of {kind}", field=TARGETS[spec.target][place[1]].title, kind=kind_title(spec.target).lower()
        )
        self.values.show_field(title, field, words=place[1] in _WORDED, meanings=meanings(place[1]))
        mapping, reading = self._mapping, self.draft.reading
        if field is None or not field.columns or reading is None or not self.upload.is_open:
            return
        self.work(
            lambda run: values(mapping, *place, reading, self.upload.begin(run)),
            self.values.show_values,
            key="values",
            quiet=True,
        )

    def _field(self, place: tuple[int, str] | None) -> FieldMap | None:
        return self._mapping.tables[place[0]].fields.get(place[1]) if place is not None else None

    def _load(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, tr("Open a mapping"), "", tr(_FILES))
        reading = self.draft.reading
        if not name or reading is None:
            return
        try:
            opened = mappings.fitted(mappings.load(Path(name)), reading)
        except RosterDeskError as error:
            self._fail(error)
            return
        # How the tables are written was settled on the page before.
        self._edit(mappings.with_said(opened, mappings.said(self._mapping)))
        self._tell(tr("{file} is used now. Undo brings back what was here.", file=Path(name).name))

    def _save(self) -> None:
        path = ask_target(self, tr("Save the mapping"), "mapping.toml", tr(_FILES))
        if path is None:
            return
        try:
            mappings.save(self._mapping, path)
        except RosterDeskError as error:
            self._fail(error)
            return
        self._tell(tr("Saved as {file}.", file=path.name))

    def _fail(self, error: RosterDeskError) -> None:
        self.error = error
        self.changed.emit()
