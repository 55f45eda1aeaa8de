"""The last steps of the guided onboarding: decide who is whom, merge them, and look at the result."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from rosterdesk.directory.onboarding import Standing
from rosterdesk.gui import theme
from rosterdesk.gui.frames import Column, held
from rosterdesk.gui.leaf import DoWork
from rosterdesk.gui.onboardpage import OnboardPage
from rosterdesk.gui.onboardwork import Switch
from rosterdesk.gui.pairdesk import PairDesk
from rosterdesk.gui.tables import TablePanel
from rosterdesk.gui.widgets import Card, EmptyState, Picture, button, clear, column, label, row
from rosterdesk.gui.words import counted, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.guided import Stage
from rosterdesk.guided.pairs import is_open
from rosterdesk.matching.proposals import Proposal, Proposals, ready

_LEFT = (
    "{n} archived student is not in the SIS and has probably left; you find them under Archived.",
    "{n} archived students are not in the SIS and have probably left; you find them under Archived.",
)
_UNMERGED = (
    "{n} archived student is not merged: they may have left, or you find them among the matches.",
    "{n} archived students are not merged: they may have left, or you find them among the matches.",
)


class MatchPage(OnboardPage):
    """Pairs to decide; nothing is merged yet."""

    step = Stage.MATCHES

    def __init__(self, switch: Switch, work: DoWork, worker: Worker) -> None:
        super().__init__(switch, work, worker)
        self.sentence = tr("Say who of the SIS is whom of yours. Nothing is merged before the next step.")
        self._looked_at: Standing | None = None  # the directory has stood so when pairs were looked for
        self.desk = PairDesk(
            switch,
            work,
            lambda: self.busy,
            tr("They are new with the SIS, and stay as they are."),
            tr("They stay as they are, archived or by hand. You find them on the Directory page."),
        )
        self.desk.found_pairs.connect(self._found)
        self.desk.decided.connect(self._tell)
        self.put(self.desk, stretch=1)
        self.setFocusProxy(self.desk.same)

    def show_way(self) -> None:
        if self._looked_at is not self.standing:
            self.desk.look_for()
        else:
            self.desk.show_again()

    def undo(self) -> None:
        self.desk.undo()

    def _found(self) -> None:
        self._looked_at = self.standing
        self._tell()

    def _tell(self) -> None:
        self.give(to_decide=self.desk.open, to_merge=None)

    @property
    def to_merge(self) -> int:
        """How many of the pairs that were found may be merged without a further look."""
        return sum(len(ready(kind)) for kind in self.desk.found or ())


class MergePage(OnboardPage):
    """What will be merged, and merging it."""

    step = Stage.MERGE

    def __init__(self, switch: Switch, work: DoWork, worker: Worker) -> None:
        super().__init__(switch, work, worker)
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
        undecided = sum(is_open(pair) for kind in found for pair in kind.proposals)
        self.give(to_merge=len(self._rows), to_decide=undecided)

    def _show_lines(self) -> None:
        self.table.show_lines(held(self._rows, self._columns, self.table.look), noun=("{n} person", "{n} people"))


class CheckPage(OnboardPage):
    """What came of it."""

    step = Stage.CHECK

    def __init__(self, switch: Switch, work: DoWork, worker: Worker) -> None:
        super().__init__(switch, work, worker)
        self.sentence = tr("Look whether everybody is there once, with their family.")
        self.told: list[str] = []
        self._list = QWidget()
        self._lines = column(spacing=theme.INSIDE)
        self._list.setLayout(self._lines)
        later = label(tr("Every run of these days is listed on Home, and can be taken back there."), quiet=True)
        self.look = button(tr("Look at the directory"), self.directory_wanted.emit, icon="directory")
        self.put(Card(self._list, later, self.look, spacing=theme.BETWEEN))
        self._inside.addStretch(1)
        self.setFocusProxy(self.look)

    @property
    def primary(self) -> str:
        return tr("Done")

    def show_way(self) -> None:
        standing = self.standing
        left = {name: step.left for name, step in standing.steps.items()}
        decided = self.way.to_decide == 0 and not self.way.to_merge
        done = [
            counted(standing.synced, "{n} student comes from the SIS.", "{n} students come from the SIS."),
            counted(
                standing.merged, "{n} was merged with a record of yours.", "{n} were merged with records of yours."
            ),
        ]
        open_ = []
        for count, one, many in (
            (left["match"], *(_LEFT if decided else _UNMERGED)),
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
                open_.append(counted(count, one, many))
        self.told = [*done, *open_]
        clear(self._lines)
        for at, words in enumerate(self.told):
            mark = Picture("check", 16, "accent") if at < len(done) else Picture("info", 16, "quiet")
            line = QWidget()
            line.setLayout(row(mark, label(words)))
            self._lines.addWidget(line)


def _line(pair: Proposal) -> tuple[object, ...]:
    kinds = {"students": tr("Student"), "staff": tr("Staff"), "guardians": tr("Guardian")}
    names = (
        " ".join(side.fields[name] for name in ("given_name", "family_name") if name in side.fields)
        for side in (pair.incoming, pair.candidate)
    )
    sis, here = names
    return (kinds[pair.entity], sis, pair.incoming.sis_id, here, pair.reason)
