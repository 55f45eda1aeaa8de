"""The lists at the foot of Home: jobs, and saved connections. An empty one says what would be in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.widgets import Card, Picture, button, column, label, row
from rosterdesk.gui.words import tr, when

if TYPE_CHECKING:
    from rosterdesk.connections import Connection
    from rosterdesk.gui.recurring import KnownJob

_KINDS = {
    "clever": "Clever",
    "classlink": "ClassLink",
    "classlink-proxy": "ClassLink Proxy",
    "oneroster": "OneRoster",
    "sftp": "SFTP",
}


class Section(Card):
    """A heading with a line for each thing, or with a sentence that teaches what would be here."""

    def __init__(self, icon: str, title: str, empty: str) -> None:
        super().__init__()
        self._icon, self._empty = icon, empty
        self.setAccessibleName(title)
        inside = self.layout()
        assert isinstance(inside, QVBoxLayout)
        inside.addWidget(label(title, size="section", bold=True))
        self._lines = column(spacing=theme.INSIDE)
        inside.addLayout(self._lines)
        inside.addStretch(1)
        self.show_lines(())

    def show_lines(self, lines: Sequence[tuple[str, str]]) -> None:
        """Each line as what it is called, and what is known of it."""
        while (old := self._lines.takeAt(0)) is not None:
            if (widget := old.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for name, known in lines:
            self._lines.addWidget(self._line(label(name, bold=True), label(known, quiet=True)))
        if not lines:
            self._lines.addWidget(self._line(label(self._empty, quiet=True)))

    def _line(self, *words: QWidget) -> QWidget:
        made = QWidget()
        line = row(spacing=12)
        line.addWidget(Picture(self._icon, 20, "quiet"), 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(column(*words, spacing=2), 1)
        made.setLayout(line)
        return made


class Sections(QWidget):
    """Jobs and connections, side by side. `jobs_wanted`, `connections_wanted`: their page is wanted."""

    jobs_wanted = Signal()
    connections_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.jobs = Section(
            "clock",
            tr("Jobs"),
            tr("A job does an upload again by itself, for instance every night. You have none yet."),
        )
        self.all_jobs = button(tr("Look at the jobs"), self.jobs_wanted.emit, link=True)
        inside = self.jobs.layout()
        assert isinstance(inside, QVBoxLayout)
        inside.addWidget(self.all_jobs)
        self.all_jobs.hide()
        self.connections = Section(
            "connection",
            tr("Connections"),
            tr(
                "A connection reaches your SIS or a server without exported files: Clever, ClassLink, OneRoster, SFTP. "
                "You have none yet."
            ),
        )
        self.all_connections = button(tr("Add or change connections"), self.connections_wanted.emit, link=True)
        inside = self.connections.layout()
        assert isinstance(inside, QVBoxLayout)
        inside.addWidget(self.all_connections)
        both = QHBoxLayout(self)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(theme.BETWEEN)
        both.addWidget(self.jobs, 1)
        both.addWidget(self.connections, 1)

    def show_connections(self, connections: Sequence[Connection]) -> None:
        """The saved connections."""
        self.connections.show_lines([(one.name, _known(one)) for one in connections])

    def show_jobs(self, jobs: Sequence[KnownJob]) -> None:
        """The saved jobs."""
        self.jobs.show_lines([known.line for known in jobs])
        self.all_jobs.setVisible(bool(jobs))


def _known(connection: Connection) -> str:
    kind = _KINDS.get(connection.kind.value, connection.kind.value)
    since = tr("since {when}", when=when(connection.created.isoformat()))
    return ", ".join(part for part in (kind, connection.address, since) if part)
