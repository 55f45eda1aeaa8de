"""The mend that a kind of problem offers: what it does, before and after, and the questions that only a person can
answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from rosterdesk.checks.mends import Mend
from rosterdesk.gui import theme
from rosterdesk.gui.fields import Chooser
from rosterdesk.gui.meanings import WORDS
from rosterdesk.gui.widgets import Card, button, column, label, row
from rosterdesk.gui.words import counted, tr
from rosterdesk.model import Transform

_MOST_QUESTIONS = 6


def mend_title(fix: str, count: int) -> str:
    """What a mend does, with how many problems it is for."""
    one_many = {
        "pad-ids": ("Put the zeros back in front of {n} ID", "Put the zeros back in front of {n} IDs"),
        "trim-ids": ("Cut the blanks off {n} ID", "Cut the blanks off {n} IDs"),
        "strip-invisible": ("Take invisible characters out of {n} cell", "Take invisible characters out of {n} cells"),
        "strip-decimal": ("Cut “.0” off {n} cell", "Cut “.0” off {n} cells"),
        "strip-quotes": ("Take quotation marks out of {n} cell", "Take quotation marks out of {n} cells"),
        "map-grade": ("Say which grade is meant in {n} row", "Say which grade is meant in {n} rows"),
        "map-role": ("Say which role is meant in {n} row", "Say which role is meant in {n} rows"),
        "map-status": ("Say which status is meant in {n} row", "Say which status is meant in {n} rows"),
        "set-country": ("Say of which country {n} number is", "Say of which country {n} numbers are"),
        "date-order": ("Say how {n} date is written", "Say how {n} dates are written"),
        "swap-names": ("Swap first and last names", "Swap first and last names"),
    }
    return counted(count, *one_many.get(fix, ("Mend {n} row", "Mend {n} rows")))


class MendCard(Card):
    """`accepted` carries the mends, with the answers put in; `swapped` that the names shall change places."""

    accepted = Signal(object)  # list[Mend]
    swapped = Signal()

    def __init__(self) -> None:
        self.title, self.note = label(bold=True), label(quiet=True)
        self.apply = button(tr("Mend"), primary=False)
        self._place = QWidget()
        self._grid = QGridLayout(self._place)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.BETWEEN)
        self._grid.setVerticalSpacing(theme.TIGHT)
        head = QWidget()
        head.setLayout(row(_stretching(self.title, self.note), self.apply))
        super().__init__(head, self._place, margin=12)
        self.apply.clicked.connect(self._accept)
        self._mends: list[Mend] = []
        self._fix = ""
        self._answers: dict[str, QComboBox] = {}
        self.hide()

    def show_mends(self, fix: str, count: int, mends: Sequence[Mend]) -> None:
        """Offer these; nothing, when there are none."""
        self._fix, self._mends = fix, list(mends)
        self._answers.clear()
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        self.setVisible(bool(mends) or fix == "swap-names")
        self.title.setText(mend_title(fix, count))
        self.setAccessibleName(self.title.text())
        self.note.setText(tr("It is kept with the mapping and done again on the next file."))
        questions = [question for mend in mends for question in mend.questions]
        samples = [sample for mend in mends for sample in mend.samples]
        for at, (before, after) in enumerate(list(dict.fromkeys(samples))[:3]):
            self._line(at, before, _plain(after))
        for at, question in enumerate(list(dict.fromkeys(questions))[:_MOST_QUESTIONS]):
            self._line(at, tr("All of them") if question in WORDS else f"“{question}”", self._ask(question))
        self._place.setVisible(bool(questions or samples))

    def _line(self, at: int, before: str, after: QWidget) -> None:
        left, arrow = _plain(before), label("→", quiet=True)
        for place, widget in enumerate((left, arrow, after)):
            self._grid.addWidget(widget, at, place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._grid.setColumnStretch(3, 1)

    def _ask(self, question: str) -> QComboBox:
        chooser = Chooser(tr("What {word} means", word=question))
        chooser.setMinimumContentsLength(18)
        chooser.setProperty("inline", False)
        chooser.addItem(tr("– leave as it is –"), "")
        for value, words in WORDS.get(question, WORDS.get(self._fix.removeprefix("map-"), ())):
            chooser.addItem(tr(words), value)
        self._answers[question] = chooser
        return chooser

    def _accept(self) -> None:
        if self._fix == "swap-names":
            self.swapped.emit()
            return
        said = {question: str(chooser.currentData()) for question, chooser in self._answers.items()}
        said = {question: answer for question, answer in said.items() if answer}
        mends = [made for mend in self._mends if (made := _with_answers(mend, said)) is not None]
        if mends:
            self.accepted.emit(mends)


def _with_answers(mend: Mend, said: Mapping[str, str]) -> Mend | None:
    """The mend with the answers in its first step; None when nothing was answered."""
    if not mend.questions:
        return mend
    answered = {question: said[question] for question in mend.questions if question in said}
    if not answered:
        return None
    first, *others = mend.steps
    if first.op == "replace":
        made = Transform("replace", {"table": answered})
    else:
        made = Transform(first.op, {**first.args, **answered})
    return replace(mend, steps=(made, *others), questions=())


def _plain(text: str) -> QWidget:
    made = label(_visible(text), size="table")
    made.setFont(theme.fixed_font())
    made.setWordWrap(False)
    return made


def _visible(text: str) -> str:
    """The text with a dot for each character that nobody sees."""
    return "".join(c if c.isprintable() and c != "\u00a0" else "·" for c in text)


def _stretching(*parts: QWidget) -> QWidget:
    box = QWidget()
    box.setLayout(column(*parts, spacing=0))
    return box
