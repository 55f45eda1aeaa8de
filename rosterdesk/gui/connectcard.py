"""One saved connection on the page of connections: what it reaches, who uses it, what ends, and what can be done."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from rosterdesk.connections import Part, Tested
from rosterdesk.expiring import ends
from rosterdesk.gui import theme
from rosterdesk.gui.connecting import Known
from rosterdesk.gui.connectkinds import Entrance, entrance_of, offer_of
from rosterdesk.gui.connectlines import TestedLines
from rosterdesk.gui.flow import Flow
from rosterdesk.gui.layouts import clear
from rosterdesk.gui.widgets import Card, button, column, label
from rosterdesk.gui.words import tr, when
from rosterdesk.gui.worker import Task

TEST, NIGHT, CHANGE, REMOVE, UPLOAD = "test", "night", "change", "remove", "upload"
_SECRETS = {
    Part.SECRET: "client secret",
    Part.TOKEN: "token",
    Part.PASSWORD: "password",
    Part.PASSPHRASE: "passphrase",
}


class ConnectionCard(Card):
    """`wanted` carries what a person wants to do with the connection, and its name."""

    wanted = Signal(str, str)

    def __init__(self, known: Known) -> None:
        super().__init__()
        self.known = known
        name, offer = known.connection.name, offer_of(known.connection)
        self.setAccessibleName(tr("Connection {name}", name=name))
        inside = self.layout()
        assert isinstance(inside, QVBoxLayout)
        inside.addWidget(label(name, size="section", bold=True))
        facts = QGridLayout()
        facts.setHorizontalSpacing(theme.BETWEEN)
        facts.setVerticalSpacing(theme.TIGHT)
        facts.setColumnStretch(1, 1)
        for at, (word, sentence) in enumerate(sentences(known)):
            facts.addWidget(label(word, quiet=True), at, 0, Qt.AlignmentFlag.AlignTop)
            facts.addWidget(label(sentence), at, 1)
        inside.addLayout(facts)
        does = [(TEST, tr("Test")), (NIGHT, tr("Test as at night")), (CHANGE, tr("Change")), (REMOVE, tr("Remove"))]
        if not offer.receives:
            does.insert(0, (UPLOAD, tr("Upload from it")))
        place = QWidget()
        line = Flow(place, theme.INSIDE)
        self.buttons: dict[str, QPushButton] = {}
        for what, words in does:
            made = self.buttons[what] = button(words, partial(self.wanted.emit, what, name))
            made.setAccessibleName(tr("{what}: {name}", what=words, name=name))
            line.addWidget(made)
        inside.addWidget(place)
        self.lines = TestedLines()
        self._found = column(self.lines)
        inside.addLayout(self._found)

    def follow(self, task: Task) -> None:
        """Show what a test finds, when it finds it, in place of what an earlier one did."""
        clear(self._found)
        self.lines = TestedLines()
        self.lines.follow(task)
        self._found.addWidget(self.lines)

    def show_tested(self, tested: Tested) -> None:
        """All that the test has found."""
        self.lines.finish(tested)


def sentences(known: Known) -> list[tuple[str, str]]:
    """What is to be said of a connection: a word, and a sentence."""
    one, offer = known.connection, offer_of(known.connection)
    way: Entrance = entrance_of(offer, one, known.kept or frozenset())
    user = one.options.get("user", "")
    signs = tr("{way}, as {user}", way=tr(way.title), user=user) if user else tr(way.title) if way.title else ""
    if known.kept is None:
        kept = tr("the keyring of this computer can't be read")
    elif known.kept:
        kept = tr("{secrets} in the keyring", secrets=", ".join(tr(_SECRETS[part]) for part in sorted(known.kept)))
    else:
        kept = tr("no secret is kept")
    said = [
        (
            tr("Reaches"),
            ", ".join(part for part in (tr(offer.title), one.address, one.options.get("folder", "")) if part),
        ),
        (tr("Signs in"), "; ".join(part for part in (signs, kept) if part)),
        (tr("Used by"), ", ".join(known.jobs) if known.jobs else tr("no job")),
    ]
    for end in ends(one.options):
        ended = tr("ended") if end.when <= datetime.now(UTC) else tr("ends")
        said.append((tr("To know"), f"{tr(end.what)} {ended} {when(end.when.isoformat())}."))
    return said
