"""The way between the pages of the window, on its left."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QToolButton, QVBoxLayout

from rosterdesk import __version__
from rosterdesk.gui import theme
from rosterdesk.gui.helping import HelpButton
from rosterdesk.gui.widgets import button, label
from rosterdesk.gui.words import tr

_WIDTH = 208


class Way(QFrame):
    """A button for each place; the place where the window is stays pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("side", True)
        self.setFixedWidth(theme.scaled(_WIDTH))
        self.upload = _place("upload", tr("New upload"))
        self.home = _place("home", tr("Home"))
        self.directory = _place("directory", tr("Directory"))
        self.jobs = _place("clock", tr("Jobs"))
        self.connections = _place("connection", tr("Connections"))
        self._group = group = QButtonGroup(self)
        for place in (self.home, self.directory, self.jobs, self.connections):
            place.setCheckable(True)
            group.addButton(place)
        self.home.setChecked(True)
        self.help = HelpButton()
        self._where = label(size="table", quiet=True)
        self.own = button(tr("Back to your directory"), link=True)
        self.own.hide()
        side = QVBoxLayout(self)
        side.setContentsMargins(12, theme.AROUND, 12, theme.BETWEEN)
        side.setSpacing(theme.TIGHT)
        side.addWidget(label("RosterDesk", size="section", bold=True))
        side.addSpacing(theme.BETWEEN)
        for place in (self.upload, self.home, self.directory, self.jobs, self.connections):
            side.addWidget(place)
        side.addStretch(1)
        side.addWidget(self.help)
        side.addSpacing(theme.INSIDE)
        side.addWidget(self._where)
        side.addWidget(self.own)

    def mark(self, place: QToolButton | None) -> None:
        """Show where the window is; None: at none of these places."""
        self._group.setExclusive(False)
        for one in (self.home, self.directory, self.jobs, self.connections):
            one.setChecked(one is place)
        self._group.setExclusive(True)

    def say_where(self, where: str, *, own: bool = True) -> None:
        """Which directory the window shows: a path or an address; not `own`: one from which a way leads back."""
        self._where.setText(tr("{name}\nVersion {version}", name=PurePath(where).name, version=__version__))
        self._where.setToolTip(where)
        self.own.setVisible(not own)


def _place(icon: str, text: str) -> QToolButton:
    made = QToolButton()
    made.setProperty("nav", True)
    made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    theme.set_icon(made, icon, "quiet")
    made.setIconSize(QSize(theme.scaled(26), theme.scaled(18)))
    made.setText(f" {text}")  # Qt leaves too little between picture and word
    made.setAccessibleName(text)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return made
