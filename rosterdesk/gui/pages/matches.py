"""Who in the source is somebody whom the directory knows without this ID: pair by pair, and all at once where that is
safe."""

from __future__ import annotations

from collections.abc import Mapping

from rosterdesk.directory.comparing import Choices
from rosterdesk.directory.decisions import Decision, Proposed
from rosterdesk.draft import Step
from rosterdesk.gui.answers import Said
from rosterdesk.gui.candidates import SAID
from rosterdesk.gui.pages.page import DoWork, Page
from rosterdesk.gui.pairdesk import PairDesk
from rosterdesk.gui.pairing import Looked
from rosterdesk.gui.upload import Upload
from rosterdesk.gui.widgets import column
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Worker
from rosterdesk.matching.proposals import Proposal, Proposals
from rosterdesk.run import Run


class MatchesPage(Page):
    """The fourth step."""

    step = Step.MATCHES

    def __init__(self, upload: Upload, work: DoWork, worker: Worker) -> None:
        super().__init__(upload, work, worker)
        self.title = tr("Matches")
        self.sentence = tr("Nobody shall be in the directory twice, and no two people shall become one.")
        self.desk = PairDesk(
            self,
            work,
            lambda: self.busy,
            tr("Who is new is added by the push."),
            tr("They stay as they are. You find them on the Directory page."),
        )
        self.desk.found_pairs.connect(self._found)
        self.desk.decided.connect(self._tell)
        self.setLayout(column(self.desk))
        self.setFocusProxy(self.desk.same)

    def show_draft(self) -> None:
        found = self.desk.found
        if self.draft.matches is None or found is None or self.upload.pairing.found is not found:
            self.desk.look_for()
        else:
            self.desk.show_again()

    def undo(self) -> None:
        self.desk.undo()

    def look_for(self, run: Run) -> tuple[Proposals, ...]:
        """The pairs of this upload, in the worker's thread."""
        return self.upload.match(self.draft, run)

    def look(self, proposal: Proposal, run: Run) -> Looked:
        """A pair of this upload, in the worker's thread."""
        return self.upload.pairing.look(self.upload.begin(run), proposal, run)

    def decide(self, said: Said, seen: Said, choices: Mapping[Proposed, Choices], run: Run) -> int:
        """Remember decisions, in the worker's thread."""
        return self.upload.pairing.decide(said, seen, choices, run)

    def _found(self) -> None:
        self._tell()
        if not self.desk.answers.proposals:
            self.left.emit()  # nothing to ask

    def _tell(self) -> None:
        """Write to the draft how far it is. The plan is another one with each decision."""
        counts: dict[str, int] = {}
        for said, count in self.desk.answers.all.items():
            word = "open" if said in (None, Decision.LATER) else SAID[said or Decision.LATER]
            counts[word] = counts.get(word, 0) + count
        self.give(matches=counts, plan=None)
