"""The files of the SIS, or a connection to it, that the onboarding looks into; known again on another day."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from rosterdesk.connections import PREFIX, connections, named
from rosterdesk.errors import RosterDeskError
from rosterdesk.gui.connectkinds import USE
from rosterdesk.gui.drop import ask_files, ask_folder
from rosterdesk.gui.widgets import Picture, button, column, label, row
from rosterdesk.gui.words import tr


class SisFiles(QWidget):
    """Which files they are, and buttons to choose others. `chosen` carries a tuple of paths."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.files = button(tr("Choose the files of the SIS"), self._choose_files, icon="file")
        self.folder = button(tr("Choose their folder"), self._choose_folder, icon="folder")
        self.connection = button(tr("Use a connection"), icon="connection")
        self.connection.setMenu(QMenu(self.connection))
        self.connection.hide()
        self.known = label(quiet=True)
        self._mark = Picture("warning", 16, "changed")
        self._mark.hide()
        line = row(self._mark, self.known)
        line.setAlignment(self._mark, Qt.AlignmentFlag.AlignTop)
        line.setStretch(1, 1)
        inside = column()
        inside.addLayout(row(self.files, self.folder, self.connection, None))
        inside.addLayout(line)
        self.setLayout(inside)
        self.setFocusProxy(self.files)

    def show_files(self, sources: Sequence[Path], gone: Sequence[Path] = (), told: str = "") -> None:
        """Say which files are known, and what is known of them; or that some are no longer there."""
        self._list_connections()
        self._mark.setVisible(bool(gone))
        words = " ".join(part for part in (files_told(sources, gone), told if not gone else "") if part)
        self.known.setText(words)
        self.known.setVisible(bool(words))
        self.known.setToolTip("\n".join(str(path) for path in sources))

    def _list_connections(self) -> None:
        menu = self.connection.menu()
        assert menu is not None
        menu.clear()
        try:
            found = [one.name for one in connections() if one.options.get(USE) != "outlet"]
        except RosterDeskError:  # Home and the page of connections tell of one that is damaged
            found = []
        for name in found:
            source = (Path(f"{PREFIX}{name}"),)
            menu.addAction(name).triggered.connect(lambda _=False, source=source: self.chosen.emit(source))
        self.connection.setVisible(bool(found))

    def _choose_files(self) -> None:
        if files := ask_files(self):
            self.chosen.emit(files)

    def _choose_folder(self) -> None:
        if (folder := ask_folder(self)) is not None:
            self.chosen.emit((folder,))


def files_told(sources: Sequence[Path], gone: Sequence[Path] = ()) -> str:
    """Which files of the SIS are known; or that some are no longer there, and what to do. Empty when none is known."""
    if gone:
        return tr(
            "{file} is no longer where it was: {folder}. Export it from your SIS again, and choose it.",
            file=gone[0].name,
            folder=str(gone[0].parent),
        )
    if not sources:
        return ""
    first = named(sources[0]) or sources[0].name
    more = tr("{file} and {n} more", file=first, n=len(sources) - 1)
    return tr("Files of the SIS: {files}.", files=first if len(sources) == 1 else more)


def lasting(sources: Sequence[Path]) -> tuple[Path, ...]:
    """The sources as they can be found again from anywhere."""
    return tuple(path if named(path) else path.absolute() for path in sources)
