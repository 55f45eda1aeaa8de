"""The directory to look around in: schools on the left, records of a kind in the middle, one of them at the side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
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
from rosterdesk.gui.frames import PAGE, Column
from rosterdesk.gui.listed import ARCHIVED, TABS, Counted, Listed, count, find
from rosterdesk.gui.pages.record import RecordPanel
from rosterdesk.gui.search import SearchField
from rosterdesk.gui.tables import TablePanel
from rosterdesk.gui.telling import records_word
from rosterdesk.gui.titles import ENTITIES, field_title
from rosterdesk.gui.widgets import EmptyState, TitleBlock, column, row
from rosterdesk.gui.words import number, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory

# The columns of `directory.browse.SHOWN`, said here so that the page is drawn before anything heavy is imported.
_COLUMNS = {
    "students": ("name", "sis_id", "grade", "school", "email", "student_number", "state_id", "birth_date", "status"),
    "staff": ("name", "sis_id", "role", "school", "email", "sms", "phone", "account", "status"),
    "guardians": ("name", "sis_id", "email", "sms", "phone", "language", "account", "status"),
    "classrooms": ("name", "sis_id", "grade", "school", "location", "period", "status"),
    "schools": ("name", "sis_id", "type", "identifier", "status"),
    ARCHIVED: ("entity", "name", "sis_id", "school"),
}
_WIDTHS = {
    "name": 210,
    "school": 190,
    "email": 210,
    "sis_id": 110,
    "grade": 64,
    "role": 100,
    "status": 90,
    "period": 80,
    "entity": 100,
}
_HIDDEN = {"student_number", "state_id", "birth_date", "phone", "language"}
_FIXED = {"sis_id", "student_number", "state_id"}
_WIDE = 820
_EVERY_SCHOOL = 0


class DirectoryPage(QWidget):
    """Looks records up; changes nothing."""

    # Finding takes seconds in a large district; the rows in sight do not wait for it.
    def __init__(self, reader: Worker, searcher: Worker) -> None:
        super().__init__()
        self._reader, self._searcher = reader, searcher
        self._directory: Directory | None = None
        self._school = _EVERY_SCHOOL
        self._words = ""
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
        self.record.hide()
        middle = QWidget()
        middle.setLayout(column(self._stack))
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(theme.BETWEEN)
        for part in (self.schools, middle, self.record):
            self._split.addWidget(part)
        self._split.setStretchFactor(1, 1)
        self._split.setSizes([theme.scaled(156), theme.scaled(700), theme.scaled(300)])
        inside = QVBoxLayout(self)
        inside.setContentsMargins(theme.AROUND, theme.AROUND, theme.AROUND, theme.BETWEEN)
        inside.setSpacing(theme.BETWEEN)
        title = TitleBlock(tr("Directory"), tr("Everybody and every classroom, as the last upload left them."))
        inside.addLayout(row(title, self.search))
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
        # A narrow window shows the schools or a record, not both.
        self.schools.setVisible(self.record.isHidden() or self.width() >= theme.scaled(_WIDE))

    @property
    def entity(self) -> str:
        """The kind of records that is shown."""
        return TABS[self.tabs.currentIndex()][0]

    def show_directory(self, directory: Directory) -> None:
        """Show this directory, now or anew."""
        self._directory = directory
        self._look(self.entity)
        self._count()

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
        columns = [Column("id", "", shown=False)] + [_column(key) for key in _COLUMNS[entity]]
        empty = EmptyState("directory", _nothing(entity))
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
        if self.schools.count() != len(schools) + 1:
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
            else _nothing(entity)
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


def _column(key: str) -> Column:
    say = {"status": _status, "account": _account, "entity": _kind}.get(key)
    return Column(
        key,
        tr("Kind") if key == "entity" else field_title(key),
        fixed=key in _FIXED,
        width=_WIDTHS.get(key, 130),
        shown=key not in _HIDDEN,
        hint="sourcedId" if key == "sis_id" else "",
        say=say,
    )


def _nothing(entity: str) -> str:
    """What would be in an empty list, and how it gets there."""
    if entity == ARCHIVED:
        return tr("Nobody is archived. Who is no longer in your files is archived, never deleted, and stands here.")
    return tr("Nobody here yet. An upload fills the directory.")


def _kind(entity: str) -> str:
    return tr(ENTITIES[entity])


def _status(status: str) -> str:
    return {"active": tr("Active"), "archived": tr("Archived")}.get(status, status)


def _account(state: str) -> str:
    return {"active": tr("Signed in"), "invitee": tr("Invited")}.get(state, state)
