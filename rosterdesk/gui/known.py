"""Sources that are known already: files that were used before, and saved connections."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from rosterdesk import connections
from rosterdesk.errors import RosterDeskError
from rosterdesk.gui import theme
from rosterdesk.gui.connectkinds import USE
from rosterdesk.gui.recent import recent
from rosterdesk.gui.widgets import button, clear, label
from rosterdesk.gui.wording import worded
from rosterdesk.gui.words import tr


class KnownSources(QWidget):
    """Two short lists beside each other. `chosen` carries paths; a connection is the path `connection:NAME`."""

    chosen = Signal(object)  # tuple[Path, ...]
    new_wanted = Signal()  # a connection that is not there yet

    def __init__(self) -> None:
        super().__init__()
        self._files, self._connections = QVBoxLayout(), QVBoxLayout()
        both = QHBoxLayout(self)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(theme.AROUND)
        for part in (self._files, self._connections):
            part.setSpacing(0)
            part.setContentsMargins(0, 0, 0, 0)
            half = QWidget()
            half.setLayout(part)
            half.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            both.addWidget(half, 1)

    def look_up(self) -> None:
        """Draw what is known now."""
        clear(self._files)
        clear(self._connections)
        self._files.addWidget(label(tr("Used before"), bold=True))
        used = recent()
        for one in used:
            first, more = one.sources[0], len(one.sources) - 1
            words = tr("{first} and {n} more", first=first.name, n=more) if more else first.name
            self._files.addWidget(self._link(words, "file", one.sources, str(first.parent)))
        if not used:
            self._files.addWidget(label(tr("The files that you read are listed here."), quiet=True))
        self._connections.addWidget(label(tr("Saved connections"), bold=True))
        self._list_connections()
        self.add = button(tr("Add a connection"), self.new_wanted.emit, icon="connection")
        self._connections.addSpacing(theme.TIGHT)
        self._connections.addWidget(self.add)
        for part in (self._files, self._connections):
            part.addStretch(1)

    def _list_connections(self) -> None:
        try:
            found = [one for one in connections.connections() if one.options.get(USE) != "outlet"]
        except RosterDeskError as error:
            self._connections.addWidget(label(worded(str(error)), quiet=True))
            return
        for one in found:
            source = (Path(f"{connections.PREFIX}{one.name}"),)
            self._connections.addWidget(self._link(one.name, "connection", source, f"{one.kind.value} {one.address}"))
        if not found:
            words = tr("None yet. Read straight from Clever, ClassLink, a OneRoster server or SFTP.")
            self._connections.addWidget(label(words, quiet=True))

    def _link(self, words: str, icon: str, sources: tuple[Path, ...], hint: str) -> QWidget:
        made = button(words, partial(self.chosen.emit, sources), link=True, icon=icon)
        made.setToolTip(hint)
        made.setAccessibleDescription(hint)
        return made
