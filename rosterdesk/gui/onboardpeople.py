"""The last steps of the guided onboarding: decide who is whom, merge them, and look at the result."""

from __future__ import annotations

from rosterdesk.gui.frames import Column, held
from rosterdesk.gui.leaf import DoWork
from rosterdesk.gui.onboardpage import OnboardPage
from rosterdesk.gui.onboardwork import Switch
from rosterdesk.gui.pairdesk import PairDesk
from rosterdesk.gui.tables import TablePanel
from rosterdesk.gui.widgets import Card, EmptyState, button, label
from rosterdesk.gui.words import counted, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.guided import Stage
from rosterdesk.matching.proposals import Proposal, Proposals, ready


class MatchPage(OnboardPage):
    """Pairs to decide; nothing is merged yet."""

    step = Stage.MATCHES

    def __init__(self, switch: Switch, work: DoWork, worker: Worker) -> None:
        super().__init__(switch, work, worker)
        self.title = tr("Matches")
        self.sentence = tr("Say who of the SIS is whom of yours. Nothing is merged before the next step.")
        self.desk = PairDesk(
            switch,
            work,
            lambda: self.busy,
            tr("They are new with the SIS, and stay as they are."),
            tr("They stay as they are, archived or by hand. You find them on the Directory page."),
        )
        self.desk.found_pairs.connect(self._tell)
        self.desk.decided.connect(self._tell)
        self.put(self.desk, stretch=1)
        self.setFocusProxy(self.desk.same)

    def show_way(self) -> None:
        if self.way.to_decide is None or self.desk.found is None:
            self.desk.look_for()
        else:
            self.desk.show_again()

    def undo(self) -> None:
        self.desk.undo()

    def _tell(self) -> None:
        self.give(to_decide=self.desk.open, to_merge=None)


class MergePage(OnboardPage):
    """What will be merged, and merging it."""

    step = Stage.MERGE

    def __init__(self, switch: Switch, work: DoWork, worker: Worker) -> None:
        super().__init__(switch, work, worker)
        self.title = tr("Merge")
        self.sentence = tr("Two records of one person become one. The record of the SIS stays, with its ID.")
        self._found: tuple[Proposals, ...] = ()
        self._columns = (
            Column("kind", tr("Who"), width=90),
            Column("sis", tr("In the SIS"), width=180),
            Column("sis_id", tr("SIS ID"), fixed=True, width=100),
            Column("here", tr("Here"), width=180),
            Column("why", tr("Why they are one"), width=380),
        )
        self._rows: list[tuple[object, ...]] = []
        self.told = label()
        empty = EmptyState("person", tr("Nobody is left to merge. Go on."))
        self.table = TablePanel(self._columns, tr("People to merge"), empty=empty)
        self.table.looked.connect(lambda _: self._show_lines())
        self.put(self.told)
        self.put(self.table, stretch=1)
        self.setFocusProxy(self.table.table)

    @property
    def primary(self) -> str:
        count = self.way.to_merge or 0
        return counted(count, "Merge {n} person", "Merge {n} people") if count else ""

    def show_way(self) -> None:
        self.told.clear()
        self.work(self.switch.look_for, self._show)

    def confirm(self) -> bool:
        if not self.primary:
            return True
        found = self._found
        self.act(
            lambda run: self.switch.merge(found, run),
            lambda done: counted(done.count, "{n} person was merged.", "{n} people were merged."),
        )
        return False

    def _show(self, found: tuple[Proposals, ...]) -> None:
        self._found = found
        self._rows = [_line(pair) for kind in reversed(found) for pair in ready(kind)]
        self._show_lines()
        words = tr(
            "Guardians, join codes, attributes and classrooms entered by hand move to the record of the SIS. Where "
            "both have a value, that of the SIS stays. You can take it back, all at once or later one by one."
        )
        self.told.setText(words if self._rows else "")
        self.give(to_merge=len(self._rows))

    def _show_lines(self) -> None:
        self.table.show_lines(held(self._rows, self._columns, self.table.look), noun=("{n} person", "{n} people"))


class CheckPage(OnboardPage):
    """What came of it."""

    step = Stage.CHECK

    def __init__(self, switch: Switch, work: DoWork, worker: Worker) -> None:
        super().__init__(switch, work, worker)
        self.title = tr("Check the result")
        self.sentence = tr("Look whether everybody is there once, with their family.")
        self.told = label()
        self.look = button(tr("Look at the directory"), self.directory_wanted.emit, icon="directory")
        self.put(Card(self.told, self.look))
        self._inside.addStretch(1)
        self.setFocusProxy(self.look)

    @property
    def primary(self) -> str:
        return tr("Done")

    def show_way(self) -> None:
        standing = self.standing
        left = {name: step.left for name, step in standing.steps.items()}
        told = [
            counted(standing.synced, "{n} student comes from the SIS.", "{n} students come from the SIS."),
            counted(
                standing.merged, "{n} was merged with a record of yours.", "{n} were merged with records of yours."
            ),
        ]
        for count, one, many in (
            (
                left["match"],
                "{n} archived student is not merged: they may have left, or you find them among the matches.",
                "{n} archived students are not merged: they may have left, or you find them among the matches.",
            ),
            (
                left["archive"],
                "{n} active student is still by hand alone.",
                "{n} active students are still by hand alone.",
            ),
            (
                left["classrooms"],
                "{n} classroom is still by hand: adopt, archive or leave it.",
                "{n} classrooms are still by hand: adopt, archive or leave them.",
            ),
            (left["schools"], "{n} school has no SIS ID.", "{n} schools have no SIS ID."),
        ):
            if count:
                told.append(counted(count, one, many))
        told.append(tr("Every run of these days is listed on Home, and can be taken back there."))
        self.told.setText("\n".join(told))


def _line(pair: Proposal) -> tuple[object, ...]:
    kinds = {"students": tr("Student"), "staff": tr("Staff"), "guardians": tr("Guardian")}
    names = (
        " ".join(side.fields[name] for name in ("given_name", "family_name") if name in side.fields)
        for side in (pair.incoming, pair.candidate)
    )
    sis, here = names
    return (kinds[pair.entity], sis, pair.incoming.sis_id, here, pair.reason)
