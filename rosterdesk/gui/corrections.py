"""The controls with which a person says how a table is written, where that was not found out rightly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.flow import Flow
from rosterdesk.gui.widgets import Fold, button, column, label, row
from rosterdesk.gui.words import tr
from rosterdesk.model import SourceTable
from rosterdesk.sources.likeness import SPREADSHEETS
from rosterdesk.sources.tables import Told

_ENCODINGS = ("utf-8", "cp1252", "iso8859-1", "cp1250", "cp437", "mac_roman", "utf-16", "shift_jis", "gb18030")


class Corrections(QWidget):
    """`corrected` carries what is said now of the table that is shown."""

    corrected = Signal(object)  # Told

    def __init__(self) -> None:
        super().__init__()
        self._told = Told()
        self.encoding, self.delimiter, self.heading = QComboBox(), QComboBox(), QSpinBox()
        for name in _ENCODINGS:
            self.encoding.addItem(encoding_title(name), name)
        for sign, words in ((",", tr("Comma")), (";", tr("Semicolon")), ("\t", tr("Tab")), ("|", tr("Bar"))):
            self.delimiter.addItem(words, sign)
        self.heading.setRange(1, 200)
        self.heading.setKeyboardTracking(False)
        self.heading.setMinimumWidth(theme.scaled(64))
        self.heading.lineEdit().setTextMargins(theme.INSIDE, 0, theme.INSIDE, 0)
        self._text_only: list[QWidget] = []
        content = QWidget()
        line = Flow(content, theme.BETWEEN)
        for words, control in (
            (tr("Letters"), self.encoding),
            (tr("Separator"), self.delimiter),
            (tr("Row of the headings"), self.heading),
        ):
            said = label(words, quiet=True)
            said.setWordWrap(False)
            said.setBuddy(control)
            control.setAccessibleName(words)
            pair = QWidget()
            pair.setLayout(row(said, control))
            line.addWidget(pair)
            self._text_only += [pair] if control is not self.heading else []
        self.anew = button(tr("Find it out again"), lambda: self._say(Told(use=self._told.use)), link=True)
        line.addWidget(self.anew)
        self.encoding.activated.connect(
            lambda _: self._say(replace(self._told, encoding=str(self.encoding.currentData())))
        )
        self.delimiter.activated.connect(
            lambda _: self._say(replace(self._told, delimiter=str(self.delimiter.currentData())))
        )
        self.heading.valueChanged.connect(lambda at: self._say(replace(self._told, header_row=int(at))))
        self.setLayout(column(Fold(tr("Not as in your file? Say how it is written"), content)))

    def show_table(self, table: SourceTable, told: Told) -> None:
        """How a table is written: as a person said, or else as it was found out."""
        self._told = told
        sheet = is_sheet(table)
        for part in self._text_only:
            part.setVisible(not sheet)
        self.anew.setVisible(told.written)
        for control in (self.encoding, self.delimiter, self.heading):
            control.blockSignals(True)
        for control, value in ((self.encoding, table.encoding.removesuffix("-sig")), (self.delimiter, table.delimiter)):
            if control.findData(value) < 0:
                control.addItem(encoding_title(value), value)
            control.setCurrentIndex(control.findData(value))
        self.heading.setValue(told.header_row or max(1, table.first_row - 1))
        for control in (self.encoding, self.delimiter, self.heading):
            control.blockSignals(False)

    def _say(self, told: Told) -> None:
        self._told = told
        self.corrected.emit(told)


def is_sheet(table: SourceTable) -> bool:
    """Whether the table is a sheet of a workbook, of which letters and separator are no question."""
    return PurePath(table.file).suffix.lower() in SPREADSHEETS


def encoding_title(name: str) -> str:
    """An encoding as other programs call it."""
    plain = name.upper().replace("_", "-").removesuffix("-SIG")
    return plain.replace("CP125", "Windows-125")
