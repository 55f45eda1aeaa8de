"""Pairs of people who may be one: decided one by one and by keyboard, and all at once where that is safe.

Where the pairs come from and where decisions go, `Pairs` says; what a decision leads to, whoever owns the desk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget

from rosterdesk.directory.comparing import Choices, Side
from rosterdesk.directory.decisions import Decision, Proposed
from rosterdesk.gui import theme
from rosterdesk.gui.answers import Answers, Said, options
from rosterdesk.gui.candidates import SAID
from rosterdesk.gui.leaf import DoWork
from rosterdesk.gui.pairing import Looked
from rosterdesk.gui.pairview import PairView
from rosterdesk.gui.tables import FilterChips
from rosterdesk.gui.unpaired import Unpaired, absent, unmatched
from rosterdesk.gui.widgets import EmptyState, button, column, icon_button, label, row
from rosterdesk.gui.words import counted, tr
from rosterdesk.matching.proposals import Group, Proposal, Proposals, ready
from rosterdesk.run import Run

_GROUPS = {Group.READY: "Ready", Group.LIKELY: "Likely", Group.SEVERAL: "Several candidates"}
_NEW, _GONE = "no match", "not in the SIS"
_NEW_MANY = "{n} new people without a match"
_GONE_ONE = "{n} person who is archived or entered by hand is not among the new people"
_GONE_MANY = "{n} people who are archived or entered by hand are not among the new people"


class Pairs(Protocol):
    """Where pairs are found, looked at and decided, in the worker's thread."""

    def look_for(self, run: Run) -> tuple[Proposals, ...]: ...
    def look(self, proposal: Proposal, run: Run) -> Looked: ...
    def decide(self, said: Said, seen: Said, choices: Mapping[Proposed, Choices], run: Run) -> int: ...


class PairDesk(QWidget):
    """`found` when pairs were looked for; `decided` when something was said of them."""

    found_pairs = Signal()
    decided = Signal()

    def __init__(self, pairs: Pairs, work: DoWork, is_busy: Callable[[], bool], waiting: str, gone: str) -> None:
        """`waiting` says what becomes of those without a match, `gone` of those who are not in the SIS."""
        super().__init__()
        self._pairs, self.work, self._is_busy = pairs, work, is_busy
        self._words = {_NEW: waiting, _GONE: gone}
        self.found: tuple[Proposals, ...] | None = None
        self.answers = Answers()
        self._past: list[Said] = []
        self._place = self._pick = 0  # the proposal, and which of its candidates
        self.chips = FilterChips(tr("Groups of pairs"))
        self.chips.chosen.connect(self._turn)
        self.bulk = label()
        self.accept = button("", self._accept_all, icon="check")
        self.pair = PairView()
        self.pair.candidates.picked.connect(self._look_at)
        self.pair.conflicts.chosen.connect(self._choose)
        self.progress = label(quiet=True)
        self.progress.setWordWrap(False)
        self.same = button(tr("Same (S)"), lambda: self._say(Decision.SAME))
        self.different = button(tr("Not the same (N)"), lambda: self._say(Decision.DIFFERENT))
        self.later = button(tr("Later (L)"), lambda: self._say(Decision.LATER))
        self.before = icon_button("back", tr("Pair before"), lambda: self._move(-1))
        self.after = icon_button("chevron-right", tr("Next pair"), lambda: self._move(1))
        self.undo_button = icon_button("undo", tr("Undo"), self.undo)
        self.again = button(tr("Look again"), self.look_for, link=True)
        self.again.setToolTip(tr("Look for matches again, now that some are decided"))
        some = QWidget()
        shown = column(spacing=theme.INSIDE)
        shown.addLayout(row(self.bulk, self.accept))
        shown.addWidget(self.pair, 1)
        shown.addLayout(row(self.before, self.after, self.progress, None, self.undo_button, self.again))
        shown.addLayout(row(self.same, self.different, self.later, None))
        some.setLayout(shown)
        self.nobody = EmptyState("person", "")
        self.alone = Unpaired()
        self._stack = QStackedWidget()
        for part in (QWidget(), some, self.nobody, self.alone):
            self._stack.addWidget(part)
        whole = column(self.chips, spacing=theme.BETWEEN)
        whole.addWidget(self._stack, 1)
        self.setLayout(whole)
        self.setFocusProxy(self.same)
        for key, act in (
            ("S", self.same.click),
            ("N", self.different.click),
            ("L", self.later.click),
            ("C", self.pair.candidates.next),
            ("PgUp", self.before.click),
            ("PgDown", self.after.click),
        ):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    @property
    def pairs(self) -> list[Proposal]:
        """The pairs of the group that is shown, the least certain first."""
        return [p for found in self.found or () for p in found.proposals if p.group == self.chips.current]

    @property
    def shown(self) -> Proposal | None:
        """The pair that is shown: the proposed one, or one of its rivals."""
        pairs = self.pairs
        return options(pairs[self._place])[self._pick] if 0 <= self._place < len(pairs) else None

    @property
    def open(self) -> int:
        """How many proposals nobody has decided."""
        return sum(count for said, count in self.answers.all.items() if said in (None, Decision.LATER))

    def undo(self) -> None:
        if self._past and not self._is_busy():
            self._remember(self._past[-1], undoing=True)

    def look_for(self) -> None:
        """Look for pairs, now or anew."""
        self._stack.setCurrentIndex(0)
        self.chips.hide()

        def find(run: Run) -> tuple[Proposals, ...]:
            return self._pairs.look_for(run)

        self.work(find, self._show)

    def show_again(self) -> None:
        """Draw what was found before."""
        self._draw()

    def _show(self, found: tuple[Proposals, ...]) -> None:
        self.found, self._place = found, 0
        self._past.clear()
        self.answers = Answers(found)
        self.chips.current = next((g for g in (Group.LIKELY, Group.SEVERAL, Group.READY) if self._counts()[g]), "")
        self.found_pairs.emit()
        self._turn()

    def _counts(self) -> dict[str, int]:
        found = self.found or ()
        counts: dict[str, int] = {group: sum(kind.counts[group] for kind in found) for group in Group}
        counts[_NEW] = sum(kind.incoming - len(kind.proposals) for kind in found)
        counts[_GONE] = sum(kind.candidates - len(kind.proposals) for kind in found)
        return counts

    def _turn(self, _chosen: str = "") -> None:
        self._go_to(next((at for at, pair in enumerate(self.pairs) if self.answers.of(pair) is None), 0))

    def _move(self, by: int) -> None:
        self._go_to(max(0, min(len(self.pairs) - 1, self._place + by)))

    def _go_to(self, place: int) -> None:
        pairs = self.pairs
        self._place, self._pick = place, self.answers.best(pairs[place]) if pairs else 0
        self._draw()

    def _look_at(self, candidate: int) -> None:
        self._pick = candidate
        self._draw()

    def _draw(self) -> None:
        counts = self._counts()
        words = [(group.value, tr(_GROUPS[group]), counts[group]) for group in Group]
        words += [(_NEW, tr("No match"), counts[_NEW]), (_GONE, tr("Not in the SIS"), counts[_GONE])]
        self.chips.fill(words)
        self.chips.show()
        proposal = self.shown
        self._stack.setCurrentIndex(1 if proposal is not None else 2)
        if proposal is None:
            self._draw_nobody(counts)
            return
        proposal = self.answers.now(proposal)
        waiting = [p for p in self.pairs if self.answers.of(p) is None]
        self._draw_bulk(waiting)
        among = [self.answers.now(pair) for pair in options(self.pairs[self._place])]
        self.pair.show_pair(proposal, among, self._pick)
        self._look(proposal)
        said = proposal.decision
        state = tr("not decided") if said is None else tr("you said: {said}", said=tr(SAID[said]))
        place = tr("{n} of {all}", n=self._place + 1, all=len(self.pairs))
        self.progress.setText(" · ".join((place, state, tr("{n} left", n=len(waiting)))))
        self.before.setEnabled(self._place > 0)
        self.after.setEnabled(self._place + 1 < len(self.pairs))
        self.undo_button.setEnabled(bool(self._past))

    def _look(self, proposal: Proposal) -> None:
        self.work(
            lambda run: self._pairs.look(proposal, run),
            lambda told: self._details(proposal.key, told),
            key="pair",
            quiet=True,
        )

    def _details(self, key: Proposed, told: Looked) -> None:
        if self.shown is not None and self.shown.key == key:
            self.pair.show_details(told.bars, told.sentences, told.conflicts)

    def _choose(self, field: str, side: Side) -> None:
        """Another value of a field shall stay; what was decided already is decided so."""
        if self.shown is None:
            return
        if self._is_busy():  # what stands there again is what will be kept
            self._look(self.answers.now(self.shown))
            return
        key = self.shown.key
        self.answers.choose(key, field, side)
        now = self.answers.now(self.shown)
        if now.decision is Decision.SAME:
            same: Said = {key: Decision.SAME}
            choices = self.answers.choices(same)
            self.work(
                lambda run: self._pairs.decide(same, same, choices, run), lambda _: self.decided.emit(), key="decide"
            )
        self._look(now)

    def _draw_bulk(self, waiting: list[Proposal]) -> None:
        safe = bool(waiting) and self.chips.current == Group.READY
        self.bulk.setVisible(safe)
        self.accept.setVisible(safe)
        if safe:
            mistakes = sum(1 - proposal.probability for proposal in waiting)
            few = tr("fewer than 0.1") if mistakes < 0.1 else f"{mistakes:.1f}"
            self.bulk.setText(
                counted(
                    len(waiting),
                    "{n} pair is safe to accept. Expected mistakes when it is accepted unseen: {few}.",
                    "{n} pairs are safe to accept. Expected mistakes among them when all are accepted unseen: {few}. "
                    "The least certain come first.",
                    few=few,
                )
            )
            words = counted(len(waiting), "Accept {n} pair", "Accept all {n} pairs")
            self.accept.setText(words)
            self.accept.setAccessibleName(words)

    def _draw_nobody(self, counts: Mapping[str, int]) -> None:
        group, found = self.chips.current, self.found or ()
        count = counts.get(group, 0)
        if group == _NEW:
            people, title = unmatched(found), counted(count, "{n} new person without a match", _NEW_MANY)
        elif group == _GONE:
            people, title = absent(found), counted(count, _GONE_ONE, _GONE_MANY)
        else:
            people, title = [], tr("No pair is in this group")
        sentence = self._words.get(group, tr("Choose another group above."))
        if people:
            self.alone.show_people(title, sentence, people, count)
            self._stack.setCurrentWidget(self.alone)
        else:
            self.nobody.say(sentence, title)

    def _say(self, decision: Decision) -> None:
        if self.shown is not None and not self._is_busy():
            self._remember({self.shown.key: decision})

    def _accept_all(self) -> None:
        if self._is_busy() or self.chips.current != Group.READY:
            return
        waiting = tuple(pair for pair in self.pairs if self.answers.of(pair) is None)
        self._remember({pair.key: Decision.SAME for pair in ready(Proposals("", proposals=waiting))})

    def _remember(self, said: Said, *, undoing: bool = False) -> None:
        said = self.answers.following(said)
        seen, choices = {key: self.answers.said[key] for key in said}, self.answers.choices(said)
        self.work(
            lambda run: self._pairs.decide(said, seen, choices, run),
            lambda _: self._remembered(said, undoing),
            key="decide",
        )

    def _remembered(self, said: Said, undoing: bool) -> None:
        if undoing:
            self._past.pop()
        else:
            self._past.append({key: self.answers.said[key] for key in said})
        self.answers.say(said)
        self.decided.emit()
        pairs, place = self.pairs, self._place
        if undoing:
            touched = (at for at, pair in enumerate(pairs) if any(each.key in said for each in options(pair)))
            place = next(touched, place)
        elif self.answers.of(pairs[place]) is not None:
            left = [at for at, pair in enumerate(pairs) if self.answers.of(pair) is None]
            place = next((at for at in left if at > place), left[0] if left else place)
        self._go_to(place)
