"""The place above all pages for an error, or news, that belongs to none of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from rosterdesk.errors import RosterDeskError
from rosterdesk.gui import theme
from rosterdesk.gui.widgets import Action, Banner, ErrorPanel, clear
from rosterdesk.gui.words import tr


class Notices(QWidget):
    """Shows the latest, until it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self._inside = QVBoxLayout(self)
        self._inside.setContentsMargins(theme.AROUND, theme.BETWEEN, theme.AROUND, theme.INSIDE)
        self.hide()

    def show_error(self, error: RosterDeskError, actions: Sequence[Action] = ()) -> None:
        """Show an error in place of the last one."""
        clear(self._inside)
        panel = ErrorPanel(error, actions)
        panel.dismissed.connect(self.clear)
        self._inside.addWidget(panel)
        self.show()

    def show_news(self, title: str, text: str, action: Action) -> None:
        """Show something that a person may want to go on with, in place of the last."""
        clear(self._inside)
        self._inside.addWidget(Banner("plain", text, [action, Action(tr("Not now"), self.clear)], title=title))
        self.show()

    def clear(self) -> None:
        """Nothing is wrong any more."""
        clear(self._inside)
        self.hide()
