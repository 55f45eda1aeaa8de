"""The directory to look around in: schools on the left, records of a kind in the middle, one of them at the side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from rosterdesk.gui import theme
from rosterdesk.gui.directorymenus import more_button, new_button
from rosterdesk.gui.editdialog import Made
from rosterdesk.gui.editing import Editing
from rosterdesk.gui.erasing import Erasing
from rosterdesk.gui.forms import Form
from rosterdesk.gui.frames import PAGE, Column
from rosterdesk.gui.listcolumns import COLUMNS, list_column, nothing_here
from rosterdesk.gui.listed import ARCHIVED, TABS, Counted, Listed, count, find
from rosterdesk.gui.newrecords import new
from rosterdesk.gui.pages.record import RecordPanel
from rosterdesk.gui.search import SearchField
from rosterdesk.gui.tables import TablePanel
from rosterdesk.gui.telling import records_word
from rosterdesk.gui.widgets import EmptyState, TitleBlock, column, row
from rosterdesk.gui.words import number, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory

_WIDE = 1180  # a narrower page shows the schools or a record, not both, so that the list has room
_EVERY_SCHOOL = 0


class DirectoryPage(QWidget):
    """Looks records up, and has them edited by hand. `settings_wanted` carries the school (0: the district) whose
    settings somebody wants to see, `run_opened` the number of a run; `rollover_wanted`: the school year ends;
    `switch_wanted`: the records go over to the SIS.
    """

    settings_wanted = Signal(object)
    rollover_wanted = Signal()
    switch_wanted = Signal()
    run_opened = Signal(int)

    # Finding takes seconds in a large district; the rows in sight do not wait for it.
    def __init__(self, reader: Worker, searcher: Worker, worker: Worker) -> None:
        super().__init__()
        self._reader, self._searcher = reader, searcher
        self.editing = Editing(worker, reader)
        self.editing.changed.connect(self._edited)
        self.editing.run_opened.connect(self.run_opened)
        self.erasing = Erasing(self.editing, worker, reader)
        self.erasing.done.connect(self._edited)
        self.new = new_button(self.make_new)
        self.more = more_button(
            settings=lambda: self.settings_wanted.emit(self._school),
            letters=self.print_letters,
            rollover=self.rollover_wanted.emit,
            switch=self.switch_wanted.emit,
        )
        self._directory: Directory | None = None
        self._school = _EVERY_SCHOOL
        self._words = ""
        self._places: list[tuple[int, str, str]] = []
        self.search = SearchField(tr("Search the directory"), tr("Name, SIS ID, e-mail, number"), 260)
        self.search.searched.connect(self._searched)
        self.schools = QListWidget()
        self.schools.setAccessibleName(tr("Schools"))
        self.schools.setMinimumWidth(theme.scaled(150))
        self.schools.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.schools.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.schools.currentItemChanged.connect(self._choose_school)
        self.tabs = QTabBar()
        self.tabs.setAccessibleName(tr("Kinds of records"))
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self._stack = QStackedWidget()
        self.panels: dict[str, TablePanel] = {}  # those that were turned to: making one takes a while
        self._counts: dict[str, dict[str, int]] = {}
        for _, words, _ in TABS:
            self.tabs.addTab(tr(words))
        self._turn_to(0)
        self.tabs.currentChanged.connect(self._turn_to)
        self.tabs.currentChanged.connect(lambda _: self._leave_record())
        self.record = RecordPanel(reader)
        self.record.opened.connect(self._open)
        self.record.closed.connect(self._make_room)
        self.record.edit_wanted.connect(self._edit)
        self.record.erase_wanted.connect(lambda record: self.erasing.begin(self._directory, record))
        self.record.settings_wanted.connect(self.settings_wanted)
        self.record.hide()
        middle = QWidget()
        middle.setLayout(column(self._stack))
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(theme.BETWEEN)
        for part in (self.schools, middle, self.record):
            self._split.addWidget(part)
        self._split.setStretchFactor(1, 1)
        self._split.setSizes([theme.scaled(156), theme.scaled(700), theme.scaled(320)])
        inside = QVBoxLayout(self)
        inside.setContentsMargins(theme.AROUND, theme.AROUND, theme.AROUND, theme.BETWEEN)
        inside.setSpacing(theme.BETWEEN)
        self.title = TitleBlock(tr("Directory"))
        head = row(self.title, self.search, self.new, self.more)
        head.setStretch(0, 1)
        inside.addLayout(head)
        inside.addWidget(self.editing)
        inside.addWidget(self.tabs)
        inside.addWidget(self._split, 1)
        find = QShortcut(QKeySequence.StandardKey.Find, self, self.search.go)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _leave_record(self) -> None:
        self.record.hide()
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        self.schools.setVisible(self.record.isHidden() or self.width() >= theme.scaled(_WIDE))
        shown = self.schools.currentItem()
        self.title.say(
            tr("Directory"),
            tr("Only {school} is shown.", school=shown.text())
            if shown is not None and self._school != _EVERY_SCHOOL
            else tr("Everybody and every classroom."),
        )

    @property
    def entity(self) -> str:
        """The kind of records that is shown."""
        return TABS[self.tabs.currentIndex()][0]

    def show_directory(self, directory: Directory) -> None:
        """Show this directory, now or anew."""
        self._directory = directory
        self._look(self.entity)
        self._count()
        self.record.look_again(directory)

    def make_new(self, entity: str) -> None:
        """Ask for a new record of this kind, in the school that is shown."""
        if self._directory is not None:
            places = [(number, name) for number, name, status in self._places if status == "active"]
            self.editing.begin(new(entity, places, self._school), self._directory)

    def print_letters(self) -> None:
        """Ask how letters to families are printed, of the school that is shown or of all."""
        from rosterdesk.gui.lettersform import letters_form

        if self._directory is not None:
            names = {number: name for number, name, _ in self._places}
            school = self._school if self._school in names else None
            name = names[school] if school is not None else tr("all schools")
            self.editing.begin(letters_form(name, school=school), self._directory)

    def _edit(self, form: Form, since: int) -> None:
        if self._directory is not None:
            self.editing.begin(form, self._directory, since)

    def _edited(self, made: Made | None) -> None:
        if self._directory is None:
            return
        self.show_directory(self._directory)
        if made is not None and made.form.opens and made.run is not None:
            self.tabs.setCurrentIndex([entity for entity, _, _ in TABS].index(made.form.opens))
            self._open(made.form.opens, made.value)

    def _panel(self, entity: str) -> TablePanel:
        """The list of a kind of records, made when it is first turned to."""
        if entity not in self.panels:
            name = next(tr(words) for key, words, _ in TABS if key == entity)
            self.panels[entity] = self._make_panel(entity, name)
            self._stack.addWidget(self.panels[entity])
            if self._counts:
                self.panels[entity].show_chips(self._chips(entity))
        return self.panels[entity]

    def _make_panel(self, entity: str, name: str) -> TablePanel:
        columns = [Column("id", "", shown=False)] + [list_column(key) for key in COLUMNS[entity]]
        empty = EmptyState("directory", nothing_here(entity))
        panel = TablePanel(columns, name, worker=self._reader, empty=empty, searchable=False, remember=entity)
        panel.looked.connect(lambda _: self._look(entity))
        panel.selected.connect(lambda cells: self._select(entity, cells))
        panel.opened.connect(lambda cells: self._select(entity, cells))
        return panel

    def _ask(self, work: Callable[[Run], Any], done: Callable[[Any], object], key: str) -> None:
        self._searcher.start(work, on_success=done, owner=self, key=key)

    def _count(self) -> None:
        directory, school, words = self._directory, self._school, self._words
        if directory is not None:
            self._ask(lambda run: count(directory, school, words, run), self._show_counts, "count")

    def _show_counts(self, counted: Counted) -> None:
        schools, self._counts = counted.schools, counted.counts
        if schools != self._places or not self.schools.count():
            self._places = schools
            self._list_schools(schools)
        for at, (entity, title, _) in enumerate(TABS):
            if entity == ARCHIVED:
                found = sum(of["archived"] for of in self._counts.values())
            else:
                found = self._counts[entity]["active"]
            self.tabs.setTabText(at, f"{tr(title)}  {number(found)}")
        for entity, panel in self.panels.items():
            panel.show_chips(self._chips(entity))

    def _chips(self, entity: str) -> list[tuple[str, str, int | None]]:
        if entity == ARCHIVED:
            gone = [(kind, records_word(kind), of["archived"]) for kind, of in self._counts.items() if of["archived"]]
            return [("", tr("All"), sum(count for _, _, count in gone)), *gone]
        words = {"active": tr("Active"), "archived": tr("Archived"), "manual": tr("Manual")}
        return [(which, text, self._counts[entity][which]) for which, text in words.items()]

    def _list_schools(self, schools: list[tuple[int, str, str]]) -> None:
        self.schools.blockSignals(True)
        self.schools.clear()
        for id_, name, status in [(_EVERY_SCHOOL, tr("All schools"), "active"), *schools]:
            item = QListWidgetItem(name if status == "active" else tr("{name} (archived)", name=name))
            item.setData(Qt.ItemDataRole.UserRole, id_)
            item.setToolTip(item.text())
            self.schools.addItem(item)
            if id_ == self._school:
                self.schools.setCurrentItem(item)
        self.schools.blockSignals(False)

    def _choose_school(self, item: QListWidgetItem | None) -> None:
        self._school = item.data(Qt.ItemDataRole.UserRole) if item is not None else _EVERY_SCHOOL
        self._make_room()
        self._look(self.entity)
        self._count()

    def _turn_to(self, at: int) -> None:
        self._stack.setCurrentWidget(self._panel(self.entity))
        self._look(self.entity)

    def _searched(self, words: str) -> None:
        self._words = words
        self._look(self.entity)
        self._count()

    def _look(self, entity: str) -> None:
        directory, school = self._directory, self._school
        if directory is None:
            return
        panel = self._panel(entity)
        look = replace(panel.look, words=self._words)
        noun = next(noun for key, _, noun in TABS if key == entity)
        panel.empty.say(
            tr("Nobody here matches {words}. Look at the other tabs, or for a part of the name.", words=self._words)
            if self._words
            else nothing_here(entity)
        )
        # Guardians are of no school: they are found through their students.
        at = _EVERY_SCHOOL if entity == "guardians" else school

        def find_all(done: Callable[[Listed], object]) -> None:
            self._ask(lambda run: find(directory, entity, look, at, run), done, f"find {entity}")

        def show_first(lines: Listed) -> None:
            panel.show_lines(lines, noun=noun)
            if lines.count == PAGE:
                find_all(panel.model.grow)

        if look.sort or look.words:
            find_all(lambda lines: panel.show_lines(lines, noun=noun))
        else:
            self._ask(lambda run: find(directory, entity, look, at, run, limit=PAGE), show_first, f"find {entity}")

    def _select(self, entity: str, cells: tuple[Any, ...] | None) -> None:
        if cells is not None:
            self._open(cells[1] if entity == ARCHIVED else entity, cells[0])

    def _open(self, entity: str, id_: int) -> None:
        if self._directory is not None:
            self.record.show()
            self._make_room()
            self.record.show_record(self._directory, entity, id_)
