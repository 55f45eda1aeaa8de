"""The place where files are dropped, or chosen, or pasted from Excel."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QFrame, QVBoxLayout, QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.widgets import Picture, button, label, row
from rosterdesk.gui.words import tr


def dropped_files(mime: QMimeData) -> tuple[Path, ...]:
    """The files and folders of this machine that are dragged."""
    return tuple(Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile())


class DropZone(QFrame):
    """`chosen` carries paths; `pasted` the text of a table."""

    chosen = Signal(object)  # tuple[Path, ...]
    pasted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("drop", "true")
        self.setAcceptDrops(True)
        self.setAccessibleName(tr("Drop files here"))
        lead = label(tr("Drop the files from your SIS here"), size="section", bold=True)
        kinds = label(
            tr("CSV, Excel, a ZIP or a whole folder. They are read as they are; nothing is changed yet."), quiet=True
        )
        self.files = button(tr("Choose files"), self._choose_files, icon="file")
        self.folder = button(tr("Choose a folder"), self._choose_folder, icon="folder")
        self.paste = button(tr("Paste from Excel"), self._paste, icon="paste")
        inside = QVBoxLayout(self)
        inside.setContentsMargins(theme.AROUND, theme.AROUND, theme.AROUND, theme.AROUND)
        inside.setSpacing(theme.INSIDE)
        inside.addStretch(1)
        inside.addWidget(Picture("upload", 40, "edge"), 0, Qt.AlignmentFlag.AlignHCenter)
        for words in (lead, kinds):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            inside.addWidget(words)
        inside.addSpacing(theme.INSIDE)
        inside.addLayout(row(None, self.files, self.folder, self.paste, None))
        inside.addStretch(1)
        QShortcut(QKeySequence.StandardKey.Paste, self, self._paste, context=Qt.ShortcutContext.WindowShortcut)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()
            self._look("over")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._look("true")
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self._look("true")
        if files := dropped_files(event.mimeData()):
            event.acceptProposedAction()
            self.chosen.emit(files)

    def _look(self, state: str) -> None:
        self.setProperty("drop", state)
        self.style().unpolish(self)
        self.style().polish(self)

    def _choose_files(self) -> None:
        if files := ask_files(self):
            self.chosen.emit(files)

    def _choose_folder(self) -> None:
        if folder := ask_folder(self):
            self.chosen.emit((folder,))

    def _paste(self) -> None:
        mime = QGuiApplication.clipboard().mimeData()
        if mime is not None and (files := dropped_files(mime)):
            self.chosen.emit(files)
        elif text := QGuiApplication.clipboard().text().strip("\r\n"):
            self.pasted.emit(text)


def ask_files(parent: QWidget) -> tuple[Path, ...]:
    """Ask for files; none when the person thought better of it."""
    kinds = tr("Rosters (*.csv *.txt *.tsv *.xlsx *.xlsm *.xls *.ods *.zip);;All files (*)")
    names, _ = QFileDialog.getOpenFileNames(parent, tr("Choose files"), "", kinds)
    return tuple(Path(name) for name in names)


def ask_folder(parent: QWidget) -> Path | None:
    """Ask for a folder."""
    name = QFileDialog.getExistingDirectory(parent, tr("Choose a folder"))
    return Path(name) if name else None


def ask_target(parent: QWidget, title: str, suggestion: str, kinds: str) -> Path | None:
    """Ask where a file shall be written."""
    name, _ = QFileDialog.getSaveFileName(parent, title, suggestion, kinds)
    return Path(name) if name else None
