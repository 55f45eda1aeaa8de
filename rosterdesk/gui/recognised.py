"""What was read: in a sentence, by its first rows, and as a person may correct how it is written."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QSpinBox, QVBoxLayout, QWidget

from rosterdesk.formats import named
from rosterdesk.gui import theme
from rosterdesk.gui.frames import Column, Fetched, FrameModel
from rosterdesk.gui.tableview import TableView
from rosterdesk.gui.upload import Upload
from rosterdesk.gui.widgets import Card, Fold, Picture, button, column, label, row
from rosterdesk.gui.words import counted, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.model import Reading, SourceTable
from rosterdesk.sources.tables import Told
from rosterdesk.staging import quote

_PREVIEW = 50
_ENCODINGS = ("utf-8", "cp1252", "iso8859-1", "cp1250", "cp437", "mac_roman", "utf-16", "shift_jis", "gb18030")


class Recognised(QWidget):
    """`corrected` carries {table: `Told`}, all that a person has said of how the tables are written."""

    corrected = Signal(object)

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
        self.tables = QComboBox()
        self.tables.setAccessibleName(tr("Table"))
        self.tables.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.tables.activated.connect(lambda _: self._show_table(self.tables.currentData()))
        self._rows = label(quiet=True)
        self._rows.setWordWrap(False)
        self._place = column()
        self._table: TableView | None = None
        whole = column(head, spacing=theme.BETWEEN)
        whole.addLayout(row(self.tables, self._rows, None))
        self.encoding, self.delimiter = QComboBox(), QComboBox()
        self.heading = QSpinBox()
        whole.addWidget(self._corrections())
        whole.addLayout(self._place, 1)
        self.setLayout(whole)

    def show_reading(self, reading: Reading, counts: Mapping[str, int], told: Mapping[str, Told]) -> None:
        """Tell what was read."""
        chosen = self.tables.currentData()
        self._reading, self._counts, self._told = reading, counts, dict(told)
        self.words.setText(recognised(reading, counts))
        self.files.setText(", ".join(dict.fromkeys(table.file for table in reading.tables)))
        self.tables.clear()
        for table in reading.tables:
            rows = counted(counts.get(table.name, 0), "{n} row", "{n} rows")
            self.tables.addItem(f"{table.name}  ({rows})", table.name)
        people = max(reading.tables, key=lambda table: len(table.columns), default=None)
        if people is not None:
            same = self.tables.findData(chosen)
            self.tables.setCurrentIndex(same if same >= 0 else self.tables.findData(people.name))
        self._show_table(self.tables.currentData() or "")

    def _show_table(self, name: str) -> None:
        table = self._reading.table(name)
        if self._table is not None:
            self._place.removeWidget(self._table)
            self._table.deleteLater()
            self._table = None
        if table is None:
            return
        self._show_told(table)
        columns = [Column(name, name) for name in table.columns]
        model = FrameModel(columns, worker=self._worker, parent=self)
        self._table = TableView(model, tr("The first rows of {table}", table=table.name))
        self._table.horizontalHeader().setSortIndicatorShown(False)
        self._table.horizontalHeader().setSectionsClickable(False)
        self._place.addWidget(self._table)
        count = min(_PREVIEW, self._counts.get(name, 0))
        model.show(Fetched(lambda offset, limit: self._upload.rows(_preview(table), offset, limit), count))
        self._rows.setText(counted(count, "Its first row:", "Its first {n} rows:"))

    def _corrections(self) -> Fold:
        """The controls with which a person says what was not found out rightly."""
        for name in _ENCODINGS:
            self.encoding.addItem(_encoding(name), name)
        for sign, words in ((",", tr("Comma")), (";", tr("Semicolon")), ("\t", tr("Tab")), ("|", tr("Bar"))):
            self.delimiter.addItem(words, sign)
        self.heading.setRange(1, 200)
        self.heading.setKeyboardTracking(False)
        self.heading.setMinimumWidth(theme.scaled(64))
        self.heading.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        parts: list[QWidget] = []
        for words, control in (
            (tr("Letters"), self.encoding),
            (tr("Separator"), self.delimiter),
            (tr("Row of the headings"), self.heading),
        ):
            said = label(words, quiet=True)
            said.setWordWrap(False)
            control.setAccessibleName(words)
            parts += [said, control]
        self.encoding.activated.connect(lambda _: self._correct())
        self.delimiter.activated.connect(lambda _: self._correct())
        self.heading.valueChanged.connect(lambda _: self._correct())
        content = QWidget()
        content.setLayout(row(*parts, None))
        return Fold(tr("Not as in your file? Say how it is written"), content)

    def _show_told(self, table: SourceTable) -> None:
        for control in (self.encoding, self.delimiter, self.heading):
            control.blockSignals(True)
        for control, value in ((self.encoding, table.encoding.removesuffix("-sig")), (self.delimiter, table.delimiter)):
            at = control.findData(value)
            if at < 0:
                control.addItem(_encoding(value), value)
            control.setCurrentIndex(control.findData(value))
        said = self._told.get(table.name)
        self.heading.setValue(said.header_row if said and said.header_row else max(1, table.first_row - 1))
        for control in (self.encoding, self.delimiter, self.heading):
            control.blockSignals(False)

    def _correct(self) -> None:
        name = self.tables.currentData()
        if name:
            said = Told(self.encoding.currentData(), self.delimiter.currentData(), self.heading.value())
            self.corrected.emit({**self._told, name: said})


def _preview(table: SourceTable) -> str:
    cells = ", ".join(quote(name) for name in table.columns)
    return f"select {cells} from {table.relation} limit {_PREVIEW}"


def _encoding(name: str) -> str:
    """An encoding as other programs call it."""
    plain = name.upper().replace("_", "-").removesuffix("-SIG")
    return plain.replace("CP125", "Windows-125")


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
    encodings = dict.fromkeys(_encoding(table.encoding) for table in reading.tables)
    parts = [
        what,
        counted(len(reading.tables), "{n} table", "{n} tables"),
        counted(sum(counts.values()), "{n} row", "{n} rows"),
        *encodings,
    ]
    return ", ".join(parts)
