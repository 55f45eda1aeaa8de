"""What a trial of a connection found, line by line, each with a picture and a word for whether it works."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from rosterdesk.connections import Place, Tested, Verdict
from rosterdesk.gui import theme
from rosterdesk.gui.widgets import Picture, column, label, row
from rosterdesk.gui.words import tr

_SHOWN = 12
_MARKS = {
    Verdict.GOOD: ("check", "added", "Works"),
    Verdict.LIMITED: ("warning", "changed", "To know"),
    Verdict.BAD: ("error", "removed", "Does not work"),
}


class TestedLines(QWidget):
    """The sentences of a trial in order, and the districts and schools that are shared."""

    __test__ = False  # no test, though it is called so

    def __init__(self, tested: Tested) -> None:
        super().__init__()
        inside = column(spacing=theme.TIGHT)
        for one in tested.said:
            inside.addWidget(_line(one.verdict, one.sentence))
        for title, places in ((tr("Districts"), tested.districts), (tr("Schools"), tested.schools)):
            if places:
                inside.addSpacing(theme.TIGHT)
                inside.addWidget(label(title, bold=True))
                inside.addWidget(label(_listed(places)))
        self.setLayout(inside)


def _line(verdict: Verdict, sentence: str) -> QWidget:
    icon, tone, word = _MARKS[verdict]
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
