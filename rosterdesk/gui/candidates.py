"""Who else one of a pair could be: the candidates as a list, one of which is looked at."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from rosterdesk.directory.decisions import Decision
from rosterdesk.gui import theme
from rosterdesk.gui.widgets import column, label
from rosterdesk.gui.words import counted, tr
from rosterdesk.matching.proposals import Proposal, Shown

SAID = {Decision.SAME: "the same", Decision.DIFFERENT: "not the same", Decision.LATER: "later"}
_ROWS = 4  # that are seen without scrolling


class Candidates(QWidget):
    """`picked` when another one is to be looked at, with its place in the list."""

    picked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.title = label(quiet=True)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Candidates"))
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentRowChanged.connect(lambda at: self.picked.emit(at) if at >= 0 else None)
        self.setLayout(column(self.title, self.list, spacing=theme.TIGHT))
        self.hide()

    def show_candidates(self, pairs: Sequence[Proposal], current: int) -> None:
        """List pairs with what was said of them; a single one needs no list."""
        self.setVisible(len(pairs) > 1)
        if len(pairs) < 2:
            return
        self.title.setText(
            counted(
                len(pairs) - 1,
                "There is {n} more candidate. Look at each, and say which is the same (C: next candidate).",
                "There are {n} more candidates. Look at each, and say which is the same (C: next candidate).",
            )
        )
        with QSignalBlocker(self.list):
            self.list.clear()
            for pair in pairs:
                item = QListWidgetItem(words := _words(pair))
                item.setToolTip(words)
                self.list.addItem(item)
            self.list.setCurrentRow(current)
        row_height = max(self.list.sizeHintForRow(0), theme.scaled(theme.ROW) // 2)
        self.list.setFixedHeight(row_height * min(len(pairs), _ROWS) + theme.INSIDE)

    def next(self) -> None:
        """Look at the next one, after the last at the first again."""
        if self.list.count():
            self.list.setCurrentRow((self.list.currentRow() + 1) % self.list.count())


def likelihood(probability: float) -> str:
    """How likely a pair is one person, never rounded up to certainty."""
    percent = int(probability * 100)
    return tr("more than 99 % likely one person") if percent >= 99 else tr("{n} % likely one person", n=percent)


def _words(pair: Proposal) -> str:
    two = tr(
        "{sis} ({id}) and {here} ({number})",
        sis=_name(pair.incoming),
        id=pair.incoming.sis_id or "",
        here=_name(pair.candidate),
        number=pair.candidate.sis_id or f"#{pair.candidate.record}",
    )
    said = [tr("You said: {said}", said=tr(SAID[pair.decision]))] if pair.decision else []
    return " · ".join((*said, two, likelihood(pair.probability)))


def _name(shown: Shown) -> str:
    names = [shown.fields[name] for name in ("given_name", "family_name") if name in shown.fields]
    grade = [tr("grade {grade}", grade=shown.fields["grade"])] if "grade" in shown.fields else []
    return ", ".join((" ".join(names), *grade))
