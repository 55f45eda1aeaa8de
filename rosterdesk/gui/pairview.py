"""Two records side by side, their differences marked, with what speaks for them and what a merge would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from rosterdesk.directory.comparing import Conflict
from rosterdesk.gui import theme
from rosterdesk.gui.candidates import Candidates, likelihood
from rosterdesk.gui.conflicts import Conflicts
from rosterdesk.gui.titles import ENTITIES
from rosterdesk.gui.widgets import Card, CutLabel, Picture, clear, column, label, row, scrolled
from rosterdesk.gui.words import tr
from rosterdesk.matching import Evidence
from rosterdesk.matching.proposals import Proposal, Shown

if TYPE_CHECKING:
    from rosterdesk.gui.charts import Charted

_TITLES = {
    "given_name": "First name",
    "preferred_name": "Preferred name",
    "middle_name": "Middle name",
    "family_name": "Last name",
    "birth_date": "Birth date",
    "grade": "Grade",
    "student_number": "Student number",
    "state_id": "State ID",
    "email": "E-mail",
    "sms": "Mobile number",
    "phone": "Phone",
    "schools": "School",
}
_MARKS = {"differs": ("changed", "changed"), "same": ("check", "kept"), "": ("", "")}


class PairView(QWidget):
    """One pair. The evidence and the sentences follow when they are known."""

    def __init__(self) -> None:
        super().__init__()
        self.heading = label(bold=True)
        self.reason = label()
        self.moves = label(quiet=True)
        self.candidates = Candidates()
        self.conflicts = Conflicts()
        self._cards = row(spacing=theme.BETWEEN)
        self._plot_place = QVBoxLayout()
        self._plot: Charted | None = None
        self._bars: tuple[Evidence, ...] = ()
        content = QWidget()
        inside = column(self.candidates, self.heading, spacing=theme.INSIDE)
        inside.addLayout(self._cards)
        inside.addWidget(self.reason)
        inside.addWidget(self.moves)
        inside.addWidget(self.conflicts)
        inside.addLayout(self._plot_place)
        inside.addStretch(1)
        content.setLayout(inside)
        self.setLayout(column(scrolled(content)))

    def show_pair(self, proposal: Proposal, among: Sequence[Proposal], current: int) -> None:
        """The two cards and the reason of a pair, which is one (`current`) of several."""
        self.candidates.show_candidates(among, current)
        self.heading.setText(" · ".join((tr(ENTITIES[proposal.entity]), likelihood(proposal.probability))))
        self.reason.setText(proposal.reason)
        self.moves.setText("")
        clear(self._cards)
        marks = differences(proposal.incoming, proposal.candidate)
        kept = (
            tr("In the directory, with another SIS ID")
            if proposal.candidate.sis_id
            else tr("In the directory, entered by hand")
        )
        self._cards.addWidget(_card(tr("From the SIS"), proposal.incoming.sis_id or "", proposal.incoming, marks), 1)
        number = proposal.candidate.sis_id or f"#{proposal.candidate.record}"
        self._cards.addWidget(_card(kept, number, proposal.candidate, marks), 1)
        self.show_details((), ())

    def show_details(self, bars: Sequence[Evidence], moves: Sequence[str], conflicts: Sequence[Conflict] = ()) -> None:
        """What speaks for and against, what a merge would move and keep, and what stays where the two differ."""
        self.moves.setText(" ".join((tr("If they are the same:"), *moves)) if moves else "")
        self.moves.setVisible(bool(moves))
        self.conflicts.show_conflicts(conflicts)
        self._bars = tuple(bars)
        if self._bars:
            # The first plot takes longer to make than all the rest: a turn of its own keeps the window answering.
            QTimer.singleShot(0, self, self._draw)
        elif self._plot is not None:
            self._plot.hide()

    def _draw(self) -> None:
        if not self._bars:
            return
        from rosterdesk.gui.waterfall import evidence_chart, weight

        if self._plot is None:
            self._plot, self._waterfall = evidence_chart()
            self._plot_place.addWidget(self._plot)
        self._waterfall.show_evidence(self._bars)
        self._plot.show_rows([(bar.title, bar.words, weight(bar.bits)) for bar in self._bars])
        self._plot.show()


def differences(one: Shown, other: Shown) -> dict[str, str]:
    """Of each field that any of the two has: `differs`, `same`, or empty where a side is silent."""
    found = {}
    for field in _TITLES:
        left, right = one.fields.get(field, ""), other.fields.get(field, "")
        if left or right:
            both = bool(left and right)
            found[field] = "" if not both else "same" if left.casefold() == right.casefold() else "differs"
    return found


def _card(title: str, number: str, shown: Shown, marks: dict[str, str]) -> Card:
    identity = CutLabel(number)
    identity.setFont(theme.fixed_font())
    lines = QGridLayout()
    lines.setContentsMargins(0, 0, 0, 0)
    lines.setHorizontalSpacing(theme.INSIDE)
    lines.setVerticalSpacing(theme.TIGHT)
    lines.setColumnStretch(2, 1)
    for at, (field, mark) in enumerate(marks.items()):
        name, value = label(tr(_TITLES[field]), quiet=True), CutLabel(shown.fields.get(field, "") or "–")
        name.setWordWrap(False)
        value.setFont(theme.font(bold=mark == "differs"))
        differs = tr("differs") if mark == "differs" else ""
        value.setAccessibleName(f"{name.text()}: {shown.fields.get(field, '') or tr('not known')} {differs}".strip())
        lines.addWidget(name, at, 0)
        if mark:
            picture = Picture(_MARKS[mark][0], 16, _MARKS[mark][1])
            picture.setToolTip(differs or tr("same"))
            lines.addWidget(picture, at, 1)
        lines.addWidget(value, at, 2)
    rows = QWidget()
    rows.setLayout(lines)
    return Card(label(title, bold=True), identity, rows, spacing=theme.TIGHT)
