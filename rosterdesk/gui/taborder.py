"""The order in which Tab goes through the wizard: from top to bottom, as the parts were put there.

Qt's own order is left in pieces where parts are built before their window is, and Tab never leaves such a piece.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


def focus_next(parts: tuple[QWidget, ...], *, forward: bool) -> bool:
    """Give the focus to the control after (or before) the one that has it, among these parts; round at the ends."""
    every = [w for part in parts for w in part.findChildren(QWidget)]
    found = [w for w in every if _takes_tab(w) and w.window() is parts[0].window()]
    if not found:
        return False
    here = QApplication.focusWidget()
    step = 1 if forward else -1
    at = found.index(here) + step if here in found else 0 if forward else -1
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    found[at % len(found)].setFocus(reason)
    return True


def _takes_tab(widget: QWidget) -> bool:
    usable = widget.isVisible() and widget.isEnabled() and widget.focusProxy() is None
    return usable and widget.focusPolicy() & Qt.FocusPolicy.TabFocus == Qt.FocusPolicy.TabFocus
