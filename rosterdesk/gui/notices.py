"""The place above all pages for an error that belongs to none of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from rosterdesk.errors import RosterDeskError
from rosterdesk.gui import theme
from rosterdesk.gui.widgets import Action, ErrorPanel, clear


class Notices(QWidget):
    """Shows the latest error, until it is closed."""

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

    def clear(self) -> None:
        """Nothing is wrong any more."""
        clear(self._inside)
        self.hide()
