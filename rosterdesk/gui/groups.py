"""The kinds of problems as a list: errors, warnings, notices, each with how many rows it has."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem

from rosterdesk.checks.groups import Group
from rosterdesk.gui import theme
from rosterdesk.gui.words import number, tr
from rosterdesk.model import Severity

_GROUP = Qt.ItemDataRole.UserRole
_LOOKS = {
    Severity.ERROR: ("error", "removed"),
    Severity.WARNING: ("warning", "changed"),
    Severity.NOTICE: ("info", "added"),
}


class GroupList(QTreeWidget):
    """`chosen` carries the `Group` that is current."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Kinds of problems"))
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setMinimumWidth(theme.scaled(190))
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setFont(theme.font("table"))
        self.setIconSize(QSize(theme.scaled(16), theme.scaled(16)))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.currentItemChanged.connect(self._choose)

    def show_groups(self, groups: Sequence[Group], code: str) -> None:
        """Draw the kinds; that of `code` is chosen, or the first."""
        self.blockSignals(True)
        self.clear()
        first: QTreeWidgetItem | None = None
        for severity in Severity:
            of_it = [group for group in groups if group.severity is severity]
            if not of_it:
                continue
            head = self._item(severity_words(severity), sum(group.count for group in of_it))
            head.setFlags(Qt.ItemFlag.ItemIsEnabled)
            for place in (0, 1):
                head.setFont(place, theme.font("table", bold=True))
            for group in of_it:
                item = self._item(tr(group.title), group.count)
                item.setIcon(0, theme.icon(*_LOOKS[severity]))
                item.setData(0, _GROUP, group)
                item.setToolTip(0, tr(group.title))
                said = f"{severity_words(severity)}: {item.text(0)}, {item.text(1)}"
                item.setData(0, Qt.ItemDataRole.AccessibleTextRole, said)
                if first is None or group.code == code:
                    first = item
        self.blockSignals(False)
        if first is not None:
            self.setCurrentItem(first)

    def _item(self, words: str, count: int) -> QTreeWidgetItem:
        item = QTreeWidgetItem(self, [words, number(count)])
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setForeground(1, theme.colour("quiet"))
        item.setSizeHint(0, QSize(0, theme.scaled(theme.ROW)))
        return item

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        group = item.data(0, _GROUP) if item is not None else None
        if isinstance(group, Group):
            self.chosen.emit(group)


def severity_words(severity: Severity) -> str:
    """What problems of a severity are called."""
    return {
        Severity.ERROR: tr("Errors"),
        Severity.WARNING: tr("Warnings"),
        Severity.NOTICE: tr("Notices"),
    }[severity]
