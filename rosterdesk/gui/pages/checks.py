"""What is wrong with the source: the kinds of problems on the left, the rows of one kind and its mend on the right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget

from rosterdesk import checks
from rosterdesk.checks import faulty, mends
from rosterdesk.checks.faulty import Faulty
from rosterdesk.checks.groups import Group
from rosterdesk.checks.mends import Mend
from rosterdesk.draft import Draft, Step
from rosterdesk.gui import theme
from rosterdesk.gui.drop import ask_target
from rosterdesk.gui.grid import Edit
from rosterdesk.gui.groups import GroupList
from rosterdesk.gui.pages.page import DoWork, Page
from rosterdesk.gui.problems import ProblemPane
from rosterdesk.gui.upload import Upload
from rosterdesk.gui.widgets import EmptyState, button, column, icon_button, label, row
from rosterdesk.gui.words import counted, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.mapping import edits
from rosterdesk.mapping.fixes import Fix, id_column, row_digest, with_fixes
from rosterdesk.model import Mapping
from rosterdesk.run import Run

_Edited = dict[tuple[int, str], str]


class ChecksPage(Page):
    """The third step."""

    step = Step.CHECKS

    def __init__(self, upload: Upload, work: DoWork, worker: Worker) -> None:
        super().__init__(upload, work, worker)
        self.title = tr("Checks")
        self.sentence = tr(
            "Errors leave a row out and warnings leave a cell out. Mend what you can here, or in the SIS."
        )
        self._groups: list[Group] = []
        self._code = ""
        self._edited: _Edited = {}
        self._past: list[tuple[Mapping, _Edited]] = []
        self._future: list[tuple[Mapping, _Edited]] = []
        self.list = GroupList()
        self.list.chosen.connect(self._choose)
        self.pane = ProblemPane(worker)
        self.pane.table_chosen.connect(self._show_rows)
        self.pane.edited.connect(self._write)
        self.pane.alike.connect(self._write_alike)
        self.pane.mend.accepted.connect(self._mend)
        self.pane.mend.swapped.connect(self._swap)
        self.undo_button = icon_button("undo", tr("Undo"), self.undo)
        self.redo_button = icon_button("redo", tr("Redo"), self.redo)
        self.pending = label(quiet=True)
        self.export = button(tr("Export the rows for the SIS"), self._export, icon="save")
        both = row(spacing=theme.BETWEEN)
        both.addWidget(self.list, 4)
        both.addWidget(self.pane, 7)
        # The shares stay as they are, whatever the kind of problem has to say.
        self.list.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.pane.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        work_ = column(spacing=theme.INSIDE)
        work_.addLayout(both, 1)
        work_.addLayout(row(self.undo_button, self.redo_button, self.pending, self.export))
        some = QWidget()
        some.setLayout(work_)
        clean = EmptyState(
            "check", tr("Every row can be used. Go on to see what changes."), title=tr("Nothing is wrong")
        )
        self._stack = QStackedWidget()
        for part in (QWidget(), some, clean):
            self._stack.addWidget(part)
        self.setLayout(column(self._stack))
        self.setFocusProxy(self.list)

    @property
    def primary(self) -> str:
        return tr("Check again") if self._checks_again else ""

    @property
    def waits_for(self) -> tuple[str, ...]:
        return () if self._checks_again else super().waits_for

    @property
    def _checks_again(self) -> bool:
        return self.draft.problems is None and not self.busy and bool(self._past or self._future)

    @property
    def _mapping(self) -> Mapping:
        return self.draft.mapping or Mapping(())

    def show_draft(self) -> None:
        if self.draft.problems is None:
            self._stack.setCurrentIndex(0)
            self._check()
        elif not self._groups:
            self._take_groups()

    def confirm(self) -> bool:
        """Go on; or check again first when something was mended."""
        if self._checks_again:
            self._check()
            return False
        return True

    def undo(self) -> None:
        if self._past:
            self._future.append((self._mapping, self._edited))
            self._put(*self._past.pop())

    def redo(self) -> None:
        if self._future:
            self._past.append((self._mapping, self._edited))
            self._put(*self._future.pop())

    def _check(self) -> None:
        draft = self.draft
        self.work(lambda run: self._checked_groups(draft, run), self._checked)

    def _checked_groups(self, draft: Draft, run: Run) -> tuple[dict[str, int], list[Group], bool]:
        counts = self.upload.check(draft, run)
        return counts, checks.summary(self.upload.begin(run)), self.upload.pairing.may_match(run)

    def _checked(self, found: tuple[dict[str, int], list[Group], bool]) -> None:
        counts, groups, may_match = found
        self._edited = {}
        self._past.clear()
        self._future.clear()
        self._show_groups(groups)
        self.give(problems=counts, matches=None if may_match else {})
        self._draw_pending()

    def _take_groups(self) -> None:
        self.work(lambda run: checks.summary(self.upload.begin(run)), self._show_groups, quiet=True)

    def _show_groups(self, groups: list[Group]) -> None:
        before = self._code
        self._groups = groups
        self._stack.setCurrentIndex(1 if groups else 2)
        self.list.show_groups(groups, before)

    def _choose(self, group: Group) -> None:
        mapping, reading = self._mapping, self.draft.reading
        self._code = group.code
        if reading is None:
            return

        def look(run: Run) -> tuple[list[tuple[str, int]], list[Mend]]:
            staging = self.upload.begin(run)
            offered = mends.propose(staging, group.fix, mapping) if group.fix in mends.FIXES else []
            return faulty.tables_with(staging, reading, group.code), offered

        self.work(look, lambda found: self.pane.show_group(group, *found), key="group", quiet=True)

    def _show_rows(self, table: str) -> None:
        reading, code = self.draft.reading, self._code
        if reading is not None:
            self.work(
                lambda run: faulty.show(self.upload.begin(run), reading, code, table),
                self._rows_shown,
                key="rows",
                quiet=True,
            )

    def _rows_shown(self, found: Faulty) -> None:
        self.pane.show_rows(found, self._page_of_rows)
        self.pane.overlay(self._edited)

    def _page_of_rows(self, offset: int, limit: int) -> list[tuple[Any, ...]]:
        return self.upload.rows("select * from shown", offset, limit)

    def _write(self, written: list[Edit]) -> None:
        table = self.draft.reading.table(self.pane.table) if self.draft.reading else None
        if table is None:
            return
        known = id_column(self._mapping, table.name)
        made = []
        for edit in written:
            by_id = bool(known) and known != edit.column and bool(edit.cells[known])
            key = edit.cells[known] if by_id else row_digest([edit.cells[column] for column in table.columns])
            made.append(Fix(table.name, edit.column, edit.before, edit.after, key, known if by_id else ""))
        edited = {**self._edited, **{(edit.ref, edit.column): edit.after for edit in written}}
        self._change(with_fixes(self._mapping, made), edited)

    def _write_alike(self, edit: Edit) -> None:
        """What was written into one cell, for all cells of the column that hold the same."""
        mapping = self._mapping
        for place, spec in enumerate(mapping.tables):
            for field, source in spec.fields.items():
                if spec.table == self.pane.table and source.columns == (edit.column,):
                    mapping = edits.choose_words(mapping, place, field, {edit.before: edit.after})
        self._change(mapping, self._edited)

    def _swap(self) -> None:
        swapped = tuple(mends.swapped(spec) for spec in self._mapping.tables)
        self._change(replace(self._mapping, tables=swapped), self._edited)

    def _change(self, mapping: Mapping, edited: _Edited) -> None:
        if mapping == self._mapping:
            return
        self._past.append((self._mapping, self._edited))
        self._future.clear()
        self._put(mapping, edited)

    def _mend(self, found: list[Mend]) -> None:
        self._change(mends.apply(self._mapping, found), self._edited)

    def _put(self, mapping: Mapping, edited: _Edited) -> None:
        self._edited = edited
        self.pane.overlay(edited)
        self.give(mapping=mapping, seen=self.draft.seen)
        self._draw_pending()

    def _draw_pending(self) -> None:
        count = len(self._past)
        self.undo_button.setEnabled(bool(self._past))
        self.redo_button.setEnabled(bool(self._future))
        self.pending.setText(
            counted(count, "{n} change, not checked yet", "{n} changes, not checked yet") if count else ""
        )

    def _export(self) -> None:
        path = ask_target(self, tr("Export the rows for the SIS"), "rows-to-correct.xlsx", "Excel (*.xlsx)")
        reading = self.draft.reading
        if path is not None and reading is not None:
            self.work(
                lambda run: faulty.write(self.upload.begin(run), reading, path, run),
                lambda rows: self.pending.setText(
                    counted(rows, "{n} row is written to {file}.", "{n} rows are written to {file}.", file=path.name)
                ),
                key="export",
            )
