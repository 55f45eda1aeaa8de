"""What the guided onboarding has done in the worker: the same functions that the `onboard` commands call.

Knows no widget.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rosterdesk import pipeline
from rosterdesk.directory import onboarding
from rosterdesk.directory.comparing import Choices
from rosterdesk.directory.decisions import Proposed, decide
from rosterdesk.directory.edit import editing
from rosterdesk.directory.load import import_
from rosterdesk.directory.merging import Merged, merge_all, preview
from rosterdesk.gui.answers import Said
from rosterdesk.gui.pairing import Looked
from rosterdesk.gui.upload import GiveDirectory, mappings_folder
from rosterdesk.guided import Answers, kept, pairs, schools
from rosterdesk.jobs.takeback import take_back
from rosterdesk.matching import Evidence
from rosterdesk.matching.classrooms import Adoption
from rosterdesk.matching.proposals import Proposal, Proposals, evidence, pair_of, ready
from rosterdesk.run import Run
from rosterdesk.staging import Staging

_FIRST_RUN = "before the first run of the SIS"


@dataclass(frozen=True, slots=True)
class Done:
    """What an act did: the run that can be taken back (None: there was nothing to do), how many, and what was left."""

    run: int | None
    count: int
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the directory is and how it stands, what was answered on another day, and which files are gone since."""

    where: str
    standing: onboarding.Standing
    answers: Answers
    gone: tuple[Path, ...]


class Switch:
    """One directory on its way to its SIS. Its methods are called in the worker's thread, one at a time."""

    def __init__(self, directory: GiveDirectory) -> None:
        self._directory = directory
        self._stack = ExitStack()
        self._staging: Staging | None = None

    def begin(self, run: Run) -> Begun:
        """How far the directory has come, and what was answered before."""
        where = self._directory(run).where
        standing = self.standing(run)
        answers = kept.kept(where, standing.mark)
        return Begun(where, standing, answers, kept.missing(answers))

    def standing(self, run: Run) -> onboarding.Standing:
        """How far the directory has come."""
        directory = self._directory(run)
        with directory.read(run) as conn:
            return onboarding.standing(conn, directory.district)

    def bring_in(self, folder: Path, run: Run) -> Done:
        """Read an export into the directory, which must be empty."""
        return Done(import_(self._directory(run), folder, run), 1)

    def connect(self, sis_ids: Mapping[int, str], run: Run) -> Done:
        """Give schools their SIS IDs, in one run."""
        with editing(self._directory(run), "connecting schools with the SIS", _FIRST_RUN, run=run) as edit:
            onboarding.connect(edit, sis_ids)
        return Done(edit.run, len(sis_ids))

    def schools(self, sources: Sequence[Path], run: Run) -> Mapping[str, str]:
        """The names of the schools in these files of the SIS, by their SIS IDs."""
        with pipeline.roster(sources, run, remembered=mappings_folder()) as roster:
            return schools.of_source(roster)

    def adoptions(self, sources: Sequence[Path], run: Run) -> tuple[Adoption, ...]:
        """The classes in these files that manual classrooms probably are; nothing of them is pushed."""
        directory = self._directory(run)
        with pipeline.roster(sources, run, remembered=mappings_folder()) as roster:
            pipeline.preview(roster, directory)
            return pipeline.adoptions(roster, directory)

    def adopt(self, sis_ids: Mapping[int, str], run: Run, *, keep_titles: bool = False) -> Done:
        """Give classrooms their SIS IDs, in one run."""
        from rosterdesk.directory.adopting import adopt_all

        number = adopt_all(self._directory(run), sis_ids, "adopted by the SIS", keep_titles=keep_titles, run=run)
        return Done(number, len(sis_ids))

    def archive(self, entity: str, places: Collection[int] | None, run: Run, *, unplaced: bool = False) -> Done:
        """Archive what was entered by hand, everywhere (None) or in some schools, in one run; if `unplaced`, also what
        is in no active school."""
        with editing(self._directory(run), f"archiving {entity} entered by hand", _FIRST_RUN, run=run) as edit:
            count = onboarding.archive(edit, entity, places, unplaced=unplaced)
        return Done(edit.run if count else None, count)

    def look_for(self, run: Run) -> tuple[Proposals, ...]:
        """The people of the SIS who may be somebody archived or entered by hand, of each kind."""
        self.close()
        with ExitStack() as stack:
            staging = stack.enter_context(pipeline.staged(run))
            found = pairs.look_for(self._directory(run), staging, run)
            self._stack, self._staging = stack.pop_all(), staging
        return found

    def look(self, proposal: Proposal, run: Run) -> Looked:
        """What speaks for and against a pair, and what its merge would do."""
        directory = self._directory(run)
        bars: tuple[Evidence, ...] = ()
        if self._staging is not None:
            self._staging.run = run
            bars = evidence(self._staging, proposal)
        with directory.read(run) as conn:
            told = preview(conn, directory.district, pair_of(proposal))
        return Looked(bars, told.sentences, told.conflicts)

    def decide(self, said: Said, seen: Said, choices: Mapping[Proposed, Choices], run: Run) -> int:
        """Remember what a person said of pairs of which they had `seen` that, and the sides chosen; return how many."""
        return decide(self._directory(run), said, seen=seen, choices=choices, run=run)

    def merge(self, found: Sequence[Proposals], run: Run) -> Done:
        """Merge all that are ready or were called the same, in one run; what can't be merged is told."""
        ready_ones = [pair_of(proposal) for kind in reversed(found) for proposal in ready(kind)]
        done: Merged = merge_all(self._directory(run), ready_ones, "matched", run=run)
        return Done(done.run, len(done.merged), tuple(refused.why for refused in done.refused))

    def undo(self, number: int, run: Run) -> int:
        """Take a run back; return by which run."""
        return take_back(self._directory(run), number, run).run

    def close(self) -> None:
        """Remove what matching has made on the disk."""
        self._staging = None
        self._stack.close()
