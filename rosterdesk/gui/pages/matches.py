"""Who in the source is somebody whom the directory knows without this ID: pair by pair, and all at once where that is
safe."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget

from rosterdesk.directory.decisions import Decision, Proposed
from rosterdesk.draft import Step
from rosterdesk.gui import theme
from rosterdesk.gui.pages.page import DoWork, Page
from rosterdesk.gui.pairview import PairView
from rosterdesk.gui.tables import FilterChips
from rosterdesk.gui.upload import Upload
from rosterdesk.gui.widgets import EmptyState, button, column, icon_button, label, row
from rosterdesk.gui.words import counted, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.matching.proposals import Group, Proposal, Proposals, ready
from rosterdesk.run import Run

_GROUPS = {Group.READY: "Ready", Group.LIKELY: "Likely", Group.SEVERAL: "Several candidates"}
_NEW, _GONE = "no match", "not in the SIS"
_SAID = {Decision.SAME: "the same", Decision.DIFFERENT: "not the same", Decision.LATER: "later"}
_Said = Mapping[Proposed, Decision | None]


class MatchesPage(Page):
    """The fourth step."""

    step = Step.MATCHES

    def __init__(self, upload: Upload, work: DoWork, worker: Worker) -> None:
        super().__init__(upload, work, worker)
        self.title = tr("Matches")
        self.sentence = tr("Nobody shall be in the directory twice, and no two people shall become one.")
        self._found: tuple[Proposals, ...] | None = None
        self._said: dict[Proposed, Decision | None] = {}
        self._past: list[_Said] = []
        self._place = 0
        self.chips = FilterChips(tr("Groups of pairs"))
        self.chips.chosen.connect(self._turn)
        self.bulk = label()
        self.accept = button("", self._accept_all, icon="check")
        self.pair = PairView()
        self.progress = label(quiet=True)
        self.progress.setWordWrap(False)
        self.same = button(tr("Same (S)"), lambda: self._say(Decision.SAME))
        self.different = button(tr("Not the same (N)"), lambda: self._say(Decision.DIFFERENT))
        self.later = button(tr("Later (L)"), lambda: self._say(Decision.LATER))
        self.before = icon_button("back", tr("Pair before"), lambda: self._move(-1))
        self.after = icon_button("chevron-right", tr("Next pair"), lambda: self._move(1))
        self.undo_button = icon_button("undo", tr("Undo"), self.undo)
        self.again = button(tr("Look again"), self._find, link=True)
        self.again.setToolTip(tr("Look for matches again, now that some are decided"))
        some = QWidget()
        shown = column(spacing=theme.INSIDE)
        shown.addLayout(row(self.bulk, self.accept))
        shown.addWidget(self.pair, 1)
        shown.addLayout(row(self.before, self.after, self.progress, None, self.undo_button, self.again))
        shown.addLayout(row(self.same, self.different, self.later, None))
        some.setLayout(shown)
        self.nobody = EmptyState("person", "")
        self._stack = QStackedWidget()
        for part in (QWidget(), some, self.nobody):
            self._stack.addWidget(part)
        whole = column(self.chips, spacing=theme.BETWEEN)
        whole.addWidget(self._stack, 1)
        self.setLayout(whole)
        self.setFocusProxy(self.same)
        for key, act in (
            ("S", self.same.click),
            ("N", self.different.click),
            ("L", self.later.click),
            ("PgUp", self.before.click),
            ("PgDown", self.after.click),
        ):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    @property
    def pairs(self) -> list[Proposal]:
        """The pairs of the group that is shown, the least certain first."""
        return [p for found in self._found or () for p in found.proposals if p.group == self.chips.current]

    @property
    def shown(self) -> Proposal | None:
        """The pair that is shown."""
        pairs = self.pairs
        return pairs[self._place] if 0 <= self._place < len(pairs) else None

    def show_draft(self) -> None:
        if self.draft.matches is None or self._found is None or self.upload.pairing.found is not self._found:
            self._find()
        else:
            self._draw()

    def undo(self) -> None:
        if self._past and not self.busy:
            self._remember(self._past[-1], undoing=True)

    def _find(self) -> None:
        self._stack.setCurrentIndex(0)
        self.chips.hide()
        draft = self.draft

        def find(run: Run) -> tuple[Proposals, ...]:
            importlib.import_module("pyqtgraph")  # heavy: loaded here, it does not stop the window
            return self.upload.match(draft, run)

        self.work(find, self._show)

    def _show(self, found: tuple[Proposals, ...]) -> None:
        self._found, self._place = found, 0
        self._past.clear()
        self._said = {p.key: p.decision for kind in found for p in kind.proposals}
        self.chips.current = next((g for g in (Group.LIKELY, Group.SEVERAL, Group.READY) if self._counts()[g]), "")
        self._tell()
        if self._said:
            self._turn()
        else:
            self.left.emit()  # nothing to ask

    def _counts(self) -> dict[str, int]:
        found = self._found or ()
        counts: dict[str, int] = {group: sum(kind.counts[group] for kind in found) for group in Group}
        counts[_NEW] = sum(kind.incoming - len(kind.proposals) for kind in found)
        counts[_GONE] = sum(kind.candidates - len(kind.proposals) for kind in found)
        return counts

    def _tell(self) -> None:
        """Write to the draft how far it is. The plan is another one with each decision."""
        counts: dict[str, int] = {}
        for said in self._said.values():
            word = "open" if said in (None, Decision.LATER) else _SAID[said or Decision.LATER]
            counts[word] = counts.get(word, 0) + 1
        self.give(matches=counts, plan=None)

    def _turn(self, _chosen: str = "") -> None:
        self._place = 0
        pairs = self.pairs
        self._place = next((at for at, pair in enumerate(pairs) if self._said[pair.key] is None), 0)
        self._draw()

    def _move(self, by: int) -> None:
        self._place = max(0, min(len(self.pairs) - 1, self._place + by))
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
        waiting = [p for p in self.pairs if self._said[p.key] is None]
        self._draw_bulk(waiting)
        self.pair.show_pair(proposal)
        self.work(
            lambda run: self.upload.pairing.look(self.upload.begin(run), proposal, run),
            lambda told: self.pair.show_details(*told) if self.shown is proposal else None,
            key="pair",
            quiet=True,
        )
        said = self._said[proposal.key]
        state = tr("not decided") if said is None else tr("you said: {said}", said=tr(_SAID[said]))
        place = tr("{n} of {all}", n=self._place + 1, all=len(self.pairs))
        self.progress.setText(" · ".join((place, state, tr("{n} left", n=len(waiting)))))
        self.before.setEnabled(self._place > 0)
        self.after.setEnabled(self._place + 1 < len(self.pairs))
        self.undo_button.setEnabled(bool(self._past))

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
        count = counts.get(self.chips.current, 0)
        if self.chips.current == _NEW:
            title = counted(count, "{n} new person without a match", "{n} new people without a match")
            self.nobody.say(tr("Who is new is added by the push."), title)
        elif self.chips.current == _GONE:
            self.nobody.say(
                tr("They stay as they are. You find them on the Directory page."),
                counted(
                    count,
                    "{n} person who is archived or entered by hand is not among the new people",
                    "{n} people who are archived or entered by hand are not among the new people",
                ),
            )
        else:
            self.nobody.say(tr("Choose another group above."), tr("No pair is in this group"))

    def _say(self, decision: Decision) -> None:
        if self.shown is not None and not self.busy:
            self._remember({self.shown.key: decision})

    def _accept_all(self) -> None:
        if self.busy or self.chips.current != Group.READY:
            return
        now = [replace(p, decision=self._said[p.key]) for p in self.pairs]
        safe = ready(Proposals("", proposals=tuple(now)))
        self._remember({p.key: Decision.SAME for p in safe if p.decision is None})

    def _remember(self, said: _Said, *, undoing: bool = False) -> None:
        self.work(
            lambda run: self.upload.pairing.decide(said, run), lambda _: self._remembered(said, undoing), key="decide"
        )

    def _remembered(self, said: _Said, undoing: bool) -> None:
        if undoing:
            self._past.pop()
        else:
            self._past.append({key: self._said[key] for key in said})
        self._said.update(said)
        self._tell()
        keys = [pair.key for pair in self.pairs]
        if undoing:
            self._place = next((at for at, key in enumerate(keys) if key in said), self._place)
        else:
            left = [at for at, key in enumerate(keys) if self._said[key] is None]
            self._place = next((at for at in left if at > self._place), left[0] if left else self._place)
        self._draw()
