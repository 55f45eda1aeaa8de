"""What was read: in a sentence, by the first rows of each table, and as a person may correct it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QVBoxLayout, QWidget

from rosterdesk.formats import named
from rosterdesk.gui import theme
from rosterdesk.gui.corrections import Corrections, encoding_title, is_sheet
from rosterdesk.gui.frames import Column, Fetched, FrameModel
from rosterdesk.gui.tableview import TableView
from rosterdesk.gui.upload import Found, Upload
from rosterdesk.gui.widgets import Action, Banner, Card, EmptyState, Picture, button, clear, column, label, row
from rosterdesk.gui.words import counted, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.model import Reading, SourceTable
from rosterdesk.sources.tables import Told
from rosterdesk.staging import quote

_PREVIEW = 50


class Recognised(QWidget):
    """`corrected` carries {table: `Told`}, all that a person has said of how the tables are written and which are used;
    `again_wanted` asks that the files be read once more.
    """

    corrected = Signal(object)
    again_wanted = Signal()

    def __init__(self, upload: Upload, worker: Worker) -> None:
        super().__init__()
        self._upload = upload
        self._worker = worker
        self._reading = Reading("", ())
        self._counts: Mapping[str, int] = {}
        self._told: dict[str, Told] = {}
        self.words, self.files = label(bold=True), label(quiet=True)
        self.again = button(tr("Choose other files"), icon="refresh")
        head = Card()
        line = row(Picture("check", 20, "added"), spacing=12)
        line.addLayout(column(self.words, self.files, spacing=theme.TIGHT), 1)
        line.addWidget(self.again)
        inside = head.layout()
        assert isinstance(inside, QVBoxLayout)
        inside.addLayout(line)
        self._notes = column()
        self.tables = QComboBox()
        self.tables.setAccessibleName(tr("Table or sheet"))
        self.tables.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.tables.activated.connect(lambda _: self._show_table(self.tables.currentData()))
        self._rows = label(quiet=True)
        self._rows.setWordWrap(False)
        self.use = QCheckBox()
        self.use.toggled.connect(self._use)
        self.corrections = Corrections()
        self.corrections.corrected.connect(self._correct)
        self._place = column()
        self._shown: QWidget | None = None
        whole = column(head, spacing=theme.BETWEEN)
        whole.addLayout(self._notes)
        whole.addLayout(row(self.tables, self._rows, None, self.use))
        whole.addWidget(self.corrections)
        whole.addLayout(self._place, 1)
        self.setLayout(whole)

    def show_found(self, found: Found) -> None:
        """Tell what was read."""
        reading = found.reading
        chosen = self.tables.currentData()
        self._reading, self._counts, self._told = reading, found.rows, dict(found.told)
        self.words.setText(recognised(reading, found.rows))
        self.files.setText(", ".join(dict.fromkeys(table.file for table in reading.tables)))
        self._show_notes(found)
        self.tables.clear()
        for table in reading.tables:
            rows = counted(found.rows.get(table.name, 0), "{n} row", "{n} rows")
            self.tables.addItem(f"{table.name}  ({rows})", table.name)
        for name, said in self._told.items():
            if said.use is False:
                self.tables.addItem(tr("{table}  (left out by you)", table=name), name)
        for name in found.hidden:
            self.tables.addItem(tr("{table}  (hidden in the workbook, not read)", table=name), name)
        widest = max(reading.tables, key=lambda table: len(table.columns), default=None)
        same = self.tables.findData(chosen) if chosen else -1
        self.tables.setCurrentIndex(same if same >= 0 else self.tables.findData(widest.name if widest else ""))
        self._show_table(self.tables.currentData() or "")

    def _show_notes(self, found: Found) -> None:
        clear(self._notes)
        for book in found.opened:
            words = tr(
                "{file} is open in another program. What was saved last is read. If you have just changed something "
                "there, save it and read it again.",
                file=book,
            )
            self._notes.addWidget(Banner("warning", words, [Action(tr("Read again"), self.again_wanted.emit)]))

    def _show_table(self, name: str) -> None:
        table = self._reading.table(name)
        if self._shown is not None:
            self._place.removeWidget(self._shown)
            self._shown.hide()
            self._shown.deleteLater()
            self._shown = None
        self.use.blockSignals(True)
        self.use.setChecked(table is not None)
        self.use.blockSignals(False)
        sheet = table is None or is_sheet(table)
        self.use.setText(tr("Use this sheet") if sheet else tr("Use this table"))
        self.use.setAccessibleName(self.use.text())
        self.use.setVisible(self.tables.count() > 1 and (table is None or len(self._reading.tables) > 1))
        self.corrections.setVisible(table is not None)
        if table is None:
            words = tr("Nothing of it is read. Tick “{use}” above if it belongs to the roster.", use=self.use.text())
            self._shown = EmptyState("skipped", words, title=tr("Left out"))
            self._rows.clear()
        else:
            self.corrections.show_table(table, self._told.get(name, Told()))
            self._shown = self._preview(table)
        self._place.addWidget(self._shown)

    def _preview(self, table: SourceTable) -> TableView:
        model = FrameModel([Column(name, name) for name in table.columns], worker=self._worker, parent=self)
        view = TableView(model, tr("The first rows of {table}", table=table.name))
        view.horizontalHeader().setSortIndicatorShown(False)
        view.horizontalHeader().setSectionsClickable(False)
        count = min(_PREVIEW, self._counts.get(table.name, 0))
        model.show(Fetched(lambda offset, limit: self._upload.rows(_first_rows(table), offset, limit), count))
        self._rows.setText(counted(count, "Its first row:", "Its first {n} rows:"))
        return view

    def _use(self, on: bool) -> None:
        said = self._told.get(self.tables.currentData(), Told())
        self._correct(replace(said, use=None if on and said.use is False else bool(on)))

    def _correct(self, said: Told) -> None:
        name = self.tables.currentData()
        if name:
            told = {**self._told, name: said}
            self.corrected.emit({table: one for table, one in told.items() if one != Told()})


def _first_rows(table: SourceTable) -> str:
    cells = ", ".join(quote(name) for name in table.columns)
    return f"select {cells} from {table.relation} limit {_PREVIEW}"


def recognised(reading: Reading, counts: Mapping[str, int]) -> str:
    """What was read, in a sentence: "OneRoster 1.1, 7 tables, 12,412 rows, UTF-8"."""
    known = list(dict.fromkeys(table.format for table in reading.tables if table.format))
    titles = [found.title if (found := named(name)) is not None else name for name in known]
    what = (
        ", ".join(titles)
        if titles
        else tr("A table of your own")
        if len(reading.tables) == 1
        else tr("Tables of your own")
    )
    encodings = dict.fromkeys(
        tr("Excel") if is_sheet(table) else encoding_title(table.encoding) for table in reading.tables
    )
    parts = [
        what,
        counted(len(reading.tables), "{n} table", "{n} tables"),
        counted(sum(counts.values()), "{n} row", "{n} rows"),
        *encodings,
    ]
    return ", ".join(parts)
