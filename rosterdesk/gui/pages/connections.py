"""The page of saved connections: add, test, change and remove the ways to a source or an outlet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rosterdesk import connections
from rosterdesk.connections import Tested
from rosterdesk.errors import RosterDeskError
from rosterdesk.gui import connectcard, connecting, theme
from rosterdesk.gui.connectcard import ConnectionCard
from rosterdesk.gui.connectdialog import ConnectionDialog
from rosterdesk.gui.connecting import Known, Looked
from rosterdesk.gui.widgets import (
    Action,
    Banner,
    EmptyState,
    ErrorPanel,
    TitleBlock,
    button,
    clear,
    column,
    row,
    scrolled,
)
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Task, Worker
from rosterdesk.gui.working import WorkLine
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory


class ConnectionsPage(QWidget):
    """`upload_wanted` carries the sources to upload by hand."""

    upload_wanted = Signal(object)

    def __init__(self, worker: Worker, reader: Worker) -> None:
        super().__init__()
        self._worker, self._reader = worker, reader
        self.looked = Looked((), ())
        self.cards: dict[str, ConnectionCard] = {}
        self.dialog: ConnectionDialog | None = None
        title = TitleBlock(
            tr("Connections"), tr("Ways to your SIS, or to whoever receives the roster. No file needs to be exported.")
        )
        self.add = button(tr("Add a connection"), self.begin, primary=True, icon="connection")
        self.told = column()
        self.work = WorkLine()
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.BETWEEN)
        self._list.setContentsMargins(0, 0, theme.INSIDE, 0)
        body = QWidget()
        body.setLayout(self._list)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(theme.AROUND, theme.AROUND, theme.AROUND, theme.BETWEEN)
        inside.setSpacing(theme.BETWEEN)
        head = row(title, self.add)
        head.setStretch(0, 1)
        inside.addLayout(head)
        inside.addLayout(self.told)
        inside.addWidget(self.work)
        inside.addWidget(scrolled(body), 1)

    def show_directory(self, directory: Directory) -> None:
        """Look again; the connections belong to the person, not to the directory."""
        self.look()

    def look(self) -> None:
        """Look up the connections anew."""
        self._reader.start(
            connecting.look_up, on_success=self.show_connections, on_failure=self._refused, owner=self, key="look"
        )

    def show_connections(self, looked: Looked) -> None:
        """Draw what was looked up. What a test found stays only where nothing has changed."""
        if looked == self.looked and self._list.count():
            return
        self.looked, self.cards = looked, {}
        clear(self._list)
        for name, title, advice in looked.damaged:
            act = Action(tr("Remove it"), partial(self.remove, name))
            self._list.addWidget(Banner("error", advice, [act], title=title))
        for known in looked.known:
            card = ConnectionCard(known)
            card.wanted.connect(self._do)
            self.cards[known.connection.name] = card
            self._list.addWidget(card)
        if looked.known or looked.damaged:
            self._list.addStretch(1)
        else:
            text = tr("Clever, ClassLink, a OneRoster server or SFTP. Have the address and the secret at hand.")
            act = Action(tr("Add a connection"), self.begin)
            self._list.addWidget(EmptyState("connection", text, act, title=tr("There is no connection yet")), 1)

    def begin(self, known: Known | None = None) -> None:
        """Ask for a new connection, or for what shall be changed of one."""
        self._hush()
        dialog = ConnectionDialog(self._worker, known=known, parent=self.window())
        dialog.saved.connect(lambda _: self.look())
        dialog.wanted.connect(lambda name: self.upload_wanted.emit((Path(f"{connections.PREFIX}{name}"),)))
        dialog.finished.connect(lambda _: self._closed(dialog))
        self.dialog = dialog
        dialog.open()

    def test(self, name: str) -> None:
        """Try a connection as a run of this person would use it."""
        card = self.cards[name]
        one = card.known.connection
        card.follow(self._start(lambda run: connecting.try_(one, run), partial(self._tested, name)))

    def test_alone(self, name: str) -> None:
        """Try a connection as a run at night would: without this person's session."""
        card = self.cards[name]
        one = card.known.connection
        card.follow(self._start(lambda run: connecting.try_alone(one, run), partial(self._tested, name)))

    def remove(self, name: str) -> None:
        """Forget a connection and its secrets."""

        def done(_: object) -> None:
            self._hush()
            self.told.addWidget(Banner("plain", tr("{name} is removed, and so are its secrets.", name=name)))

        self._start(lambda run: connections.remove(name), done)

    def _do(self, what: str, name: str) -> None:
        known = self.cards[name].known
        match what:
            case connectcard.TEST:
                self.test(name)
            case connectcard.NIGHT:
                self.test_alone(name)
            case connectcard.CHANGE:
                self.begin(known)
            case connectcard.UPLOAD:
                self.upload_wanted.emit((Path(f"{connections.PREFIX}{name}"),))
            case connectcard.REMOVE:
                self._ask_to_remove(known)

    def _ask_to_remove(self, known: Known) -> None:
        self._hush()
        name, jobs = known.connection.name, ", ".join(known.jobs)
        text = tr("Its address and its secrets are forgotten. What was read through it stays.")
        if jobs:
            text += " " + tr("The jobs that use it can't run any more: {jobs}.", jobs=jobs)
        acts = [Action(tr("Remove"), partial(self.remove, name)), Action(tr("Keep it"), self._hush)]
        self.told.addWidget(Banner("warning", text, acts, title=tr("Remove {name}?", name=name)))

    def _tested(self, name: str, tested: Tested) -> None:
        if name in self.cards:
            self.cards[name].show_tested(tested)

    def _start(self, work: Callable[[Run], Any], on_success: Callable[[Any], object]) -> Task:
        self._hush()
        task = self._worker.start(work, on_success=on_success, on_failure=self._refused, owner=self, decisive=True)
        task.ended.connect(self.look)
        self.work.follow(task)
        return task

    def _refused(self, error: RosterDeskError) -> None:
        self._hush()
        panel = ErrorPanel(error)
        panel.dismissed.connect(self._hush)
        self.told.addWidget(panel)

    def _closed(self, dialog: ConnectionDialog) -> None:
        self.dialog = None
        dialog.deleteLater()

    def _hush(self) -> None:
        clear(self.told)


__all__ = ["ConnectionsPage"]
