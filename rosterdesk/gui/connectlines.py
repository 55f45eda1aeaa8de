"""What a trial of a connection found, line by line, each with a picture and a word for whether it works."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from rosterdesk.connections import Place, Said, Tested, Verdict
from rosterdesk.gui import theme
from rosterdesk.gui.widgets import Picture, column, label, row
from rosterdesk.gui.wording import worded
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Task

_SHOWN = 12
_MARKS = {
    Verdict.GOOD: ("check", "added", "Works"),
    Verdict.LIMITED: ("warning", "changed", "To know"),
    Verdict.BAD: ("error", "removed", "Does not work"),
}


class TestedLines(QWidget):
    """The sentences of a trial in order, each from when it is known, and at the end the districts and schools that are
    shared. Hidden while there is none.
    """

    __test__ = False  # no test, though it is called so

    def __init__(self) -> None:
        super().__init__()
        self._shown = 0
        self._inside = column(spacing=theme.TIGHT)
        self.setLayout(self._inside)
        self.hide()

    def follow(self, task: Task) -> None:
        """Show what this work finds, when it finds it."""
        task.found.connect(self.add)

    def add(self, said: object) -> None:
        """One more sentence; what else a trial tells is not for here."""
        if isinstance(said, Said):
            self._inside.addWidget(_line(said.verdict, said.sentence))
            self._shown += 1
            self.show()

    def finish(self, tested: Tested) -> None:
        """All that was found, with what was not shown yet."""
        for one in tested.said[self._shown :]:
            self.add(one)
        for title, places in ((tr("Districts"), tested.districts), (tr("Schools"), tested.schools)):
            if places:
                self._inside.addSpacing(theme.TIGHT)
                self._inside.addWidget(label(title, bold=True))
                self._inside.addWidget(label(_listed(places)))


def _line(verdict: Verdict, sentence: str) -> QWidget:
    icon, tone, word = _MARKS[verdict]
    sentence = worded(sentence)
    words = label(sentence)
    words.setAccessibleName(f"{tr(word)}: {sentence}")
    picture = Picture(icon, 16, tone)
    picture.setToolTip(tr(word))
    made = QWidget()
    line = row(spacing=theme.INSIDE)
    line.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(words, 1)
    made.setLayout(line)
    return made


def _listed(places: Sequence[Place]) -> str:
    named = ", ".join(place.name or place.id for place in places[:_SHOWN])
    more = len(places) - _SHOWN
    return tr("{places} and {n} more", places=named, n=more) if more > 0 else named
