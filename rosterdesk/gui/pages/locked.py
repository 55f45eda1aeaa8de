"""Asks for the key of the directory where the system keeps none: a passphrase, or a key file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from rosterdesk.errors import RosterDeskError
from rosterdesk.gui import theme
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.widgets import Banner, Card, ErrorPanel, TitleBlock, button, clear, column, label, row
from rosterdesk.gui.words import tr

_SHORTEST = 8
_WIDTH = 560


class LockedPage(QWidget):
    """`answered` carries the opening with the key that the person gave."""

    answered = Signal(object)  # Opening

    def __init__(self) -> None:
        super().__init__()
        self._opening = Opening(Path())
        self._title = TitleBlock()
        self._error = column()
        self.by_passphrase = QRadioButton(tr("Passphrase"))
        self.by_file = QRadioButton(tr("Key file"))
        self.by_passphrase.setChecked(True)
        self.passphrase = _secret_field(tr("Passphrase"))
        self.again = _secret_field(tr("The same passphrase again"))
        self.file = QLineEdit()
        self.file.setAccessibleName(tr("Key file"))
        self.choose = button(tr("Choose"), self._choose_file, icon="file")
        self._lost = Banner("warning", tr("Keep it where you will find it: without it nobody can open the directory."))
        self._reason = label(quiet=True)
        self.open = button(tr("Open"), self._answer, primary=True)
        self._file_row = QWidget()
        self._file_row.setLayout(row(self.file, self.choose))
        card = Card(self.by_passphrase, self.passphrase, self.again, self.by_file, self._file_row, spacing=10)
        card.setMaximumWidth(theme.scaled(_WIDTH))
        self._lost.setMaximumWidth(theme.scaled(_WIDTH))
        bottom = QWidget()
        bottom.setLayout(row(self._reason, self.open))
        bottom.setMaximumWidth(theme.scaled(_WIDTH))
        inside = QVBoxLayout(self)
        inside.setContentsMargins(theme.AROUND, theme.AROUND, theme.AROUND, theme.AROUND)
        inside.setSpacing(theme.BETWEEN)
        inside.addWidget(self._title)
        inside.addLayout(self._error)
        for part in (card, self._lost, bottom):
            inside.addWidget(part)
        inside.addStretch(1)
        for field in (self.passphrase, self.again, self.file):
            field.textChanged.connect(self._draw)
            field.returnPressed.connect(self._answer)
        self.by_file.toggled.connect(self._draw)

    def ask(self, opening: Opening, error: RosterDeskError | None = None) -> None:
        """Ask for the key of this directory; `error` says why the last one did not do."""
        self._opening = opening
        clear(self._error)
        tried = opening.passphrase is not None or opening.key_file is not None
        if error is not None and tried:
            panel = ErrorPanel(error)
            panel.dismissed.connect(panel.hide)
            panel.setMaximumWidth(theme.scaled(_WIDTH))
            self._error.addWidget(panel)
        if opening.is_new:
            self._title.say(
                tr("Protect your directory"),
                tr(
                    "It will hold the names of children, so it is encrypted. This computer has no keyring that could "
                    "keep the key; choose a passphrase or a key file of your own."
                ),
            )
        else:
            self._title.say(
                tr("Open the directory"),
                tr("{name} is encrypted, and its key is not in a keyring of this computer.", name=opening.name),
            )
        if opening.key_file is not None:
            self.file.setText(str(opening.key_file))
            self.by_file.setChecked(True)
        self.again.setVisible(opening.is_new)
        self._lost.setVisible(opening.is_new)
        self.open.setText(tr("Make the directory") if opening.is_new else tr("Open"))
        self.open.setAccessibleName(self.open.text())
        self._draw()
        (self.file if self.by_file.isChecked() else self.passphrase).setFocus(Qt.FocusReason.OtherFocusReason)

    def _draw(self) -> None:
        by_file = self.by_file.isChecked()
        for field in (self.passphrase, self.again):
            field.setEnabled(not by_file)
        self._file_row.setEnabled(by_file)
        self._reason.setText(self._waits_for())
        self.open.setEnabled(not self._reason.text())

    def _waits_for(self) -> str:
        """Why the button must wait, as a sentence."""
        if self.by_file.isChecked():
            return "" if self.file.text().strip() else tr("Choose a key file.")
        new, text = self._opening.is_new, self.passphrase.text()
        if len(text) < (_SHORTEST if new else 1):
            return tr("Type at least {n} characters.", n=_SHORTEST) if new else tr("Type the passphrase.")
        return tr("Type the same passphrase again.") if new and text != self.again.text() else ""

    def _choose_file(self) -> None:
        if self._opening.is_new:
            name, _ = QFileDialog.getSaveFileName(self, tr("Where to keep the key"), "directory.key")
        else:
            name, _ = QFileDialog.getOpenFileName(self, tr("Choose the key file"))
        if name:
            self.file.setText(name)

    def _answer(self) -> None:
        if self._waits_for():
            return
        if self.by_file.isChecked():
            self.answered.emit(self._opening.with_key(key_file=Path(self.file.text().strip())))
        else:
            self.answered.emit(self._opening.with_key(passphrase=self.passphrase.text()))
            self.passphrase.clear()
            self.again.clear()


def _secret_field(name: str) -> QLineEdit:
    made = QLineEdit()
    made.setEchoMode(QLineEdit.EchoMode.Password)
    made.setPlaceholderText(name)
    made.setAccessibleName(name)
    return made
