"""The run that a wizard is on: its staging database, open from the reading to the push. Knows no widget.

The stages are called in the worker's thread, one at a time; `rows` may be asked for from any thread.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as MappingABC
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from rosterdesk import checks, mapping, paths, pipeline
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.undo import UndoResult
from rosterdesk.draft import Draft, changed, job
from rosterdesk.errors import FileError, RosterDeskError, UsageError
from rosterdesk.gui.pairing import Pairing, Planned
from rosterdesk.gui.unfinished import is_pasted, keep_pasted
from rosterdesk.jobs.calendar import Schedule
from rosterdesk.jobs.takeback import take_back
from rosterdesk.log import log
from rosterdesk.mapping.edits import accepted
from rosterdesk.matching.proposals import Proposals
from rosterdesk.model import PEOPLE, Mapping, Outcome, Reading, Receipt
from rosterdesk.planning import lists, summary
from rosterdesk.run import Run
from rosterdesk.sources.excel import open_elsewhere
from rosterdesk.sources.read import read
from rosterdesk.sources.remote import Brought, bring
from rosterdesk.sources.tables import Told, hidden_sheets
from rosterdesk.staging import Staging

if TYPE_CHECKING:
    from rosterdesk.jobs.testing import Tested

GiveDirectory = Callable[[Run], Directory]  # it is open, and whoever opened it closes it


@dataclass(frozen=True, slots=True)
class Found:
    """What was read: the tables with how many rows each has, and the mapping for them.

    `told` is how tables are written where that was said, now or with the mapping; `hidden` the sheets that nobody sees
    in Excel, by the names that their tables would have; `opened` the workbooks that Excel has open meanwhile.
    """

    reading: Reading
    rows: MappingABC[str, int]
    mapping: Mapping
    told: MappingABC[str, Told]
    hidden: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()


class Upload:
    """One roster on its way. A stage that is repeated takes the place of itself and of all that came after."""

    def __init__(self, directory: GiveDirectory) -> None:
        self._directory = directory
        self.where = ""  # the address of the directory that it goes to, if that was said
        self.usual = True  # whether that is the person's usual one, which need not be named
        self._stack = ExitStack()
        self._arrived = ExitStack()  # what connections have given, as long as it is not asked for anew
        self._brought: Brought | None = None
        self._staging: Staging | None = None
        self._roster: pipeline.Roster | None = None
        self.pairing = Pairing(directory)
        self._where = ""  # the directory that was pushed to

    @property
    def staging(self) -> Staging:
        """The staging database. Raises `UsageError` before anything was read."""
        if self._staging is None:
            raise UsageError("Nothing is read yet.", "Choose the files again.")
        return self._staging

    @property
    def is_open(self) -> bool:
        """Whether anything was read."""
        return self._staging is not None

    def rows(self, sql: str, offset: int = 0, limit: int = 1000) -> list[tuple[Any, ...]]:
        """A page of a query, from any thread; nothing once its table is gone."""
        if self._staging is None:
            return []
        with self._staging.con.cursor() as cursor:
            try:
                return cursor.execute(f"select * from ({sql}) limit {limit} offset {offset}").fetchall()
            except duckdb.CatalogException:
                return []

    def read(self, draft: Draft, run: Run, *, careful: bool = False) -> Found:
        """Read the files; return what they hold and the mapping for it: the one kept for these headers, or the
        suggested one.
        """
        sources = draft.sources
        self._forget_run()
        brought = self._bring(draft, run, again=not careful)
        with ExitStack() as stack:
            staging = stack.enter_context(pipeline.staged(run))
            try:
                told = draft.told
                reading = read(sources, staging, run, careful=careful, told=told, brought=brought)
                known = mapping.remembered(reading, mappings_folder())
                if not told and (said := pipeline.told(known)):
                    told = said
                    reading = pipeline.read_again(sources, staging, run, said, careful=careful, brought=brought)
                chosen = mapping.with_said(
                    known or mapping.suggest(reading, staging), {name: asdict(one) for name, one in told.items()}
                )
                rows = {
                    table.name: int(staging.one(f"select count(*) from {table.relation}")) for table in reading.tables
                }
            except duckdb.InvalidInputException as error:
                if careful:
                    raise
                log.info("reading again with care: %s", type(error).__name__)
                stack.close()
                return self.read(draft, run, careful=True)
            staging.execute("create table as_read as from problems")
            hidden = tuple(hidden_sheets(staging))
            self._stack, self._staging = stack.pop_all(), staging
        return Found(reading, rows, chosen, told, hidden, tuple(open_elsewhere(sources)))

    def pasted(self, text: str) -> Path:
        """Keep a table that was pasted as a file, for as long as the upload lasts. Raises `FileError`."""
        try:
            return keep_pasted(text)
        except OSError as error:
            raise FileError(
                "What you pasted can't be kept.", "Look whether the disk is full.", str(error.strerror)
            ) from error

    def check(self, draft: Draft, run: Run) -> dict[str, int]:
        """Map and check what was read; return how many problems of each severity there are."""
        try:
            return self._check(draft, run)
        except duckdb.InvalidInputException as error:
            # A large file that looked clean is not: read it again, row by row, and tell of what is wrong with it.
            log.info("reading again with care: %s", type(error).__name__)
            again = self.read(draft, run, careful=True)
            return self._check(replace(draft, reading=again.reading), run)

    def _check(self, draft: Draft, run: Run) -> dict[str, int]:
        assert draft.reading is not None
        assert draft.mapping is not None
        staging = self.begin(run)
        self._forget("incoming", "plan", "directory")
        self.pairing.forget()
        staging.execute("delete from problems")
        staging.execute("insert into problems from as_read")
        tables = mapping.apply(draft.mapping, draft.reading, staging, run)
        checks.check(draft.mapping, draft.reading, tables, staging, run)
        self._roster = pipeline.Roster(staging, run, draft.reading, draft.mapping, tables)
        return self._roster.problems()

    def plan(self, draft: Draft, run: Run) -> Planned:
        """Work out what a push would do, and tell it by school."""
        if (known := self.pairing.take()) is not None and not draft.additions_only:
            return known
        self.pairing.forget()
        if self._staging is not None and self._staging.has("plan.changes"):
            # The checks' tables were changed by the planning, so both are made anew.
            self._check(draft, run)
        staging = self.begin(run)
        plan = pipeline.preview(self._now(run), self._directory(run), additions_only=draft.additions_only)
        return Planned(plan, tuple(summary.by_school(staging)), lists.prepare(staging))

    def match(self, draft: Draft, run: Run) -> tuple[Proposals, ...]:
        """The pairs that may be one person, of each kind of people of whom there are any."""
        self.pairing.forget()
        planned = self.plan(replace(draft, additions_only=False), run)
        # The evidence of students alone is kept for a plot, so they come last.
        kinds = [kind for kind in reversed(PEOPLE) if kind in planned.plan.proposed]
        found = tuple(pipeline.proposals(self._now(run), self._directory(run), kind) for kind in kinds)
        self.pairing.planned, self.pairing.found = planned, found
        return found

    def push(self, draft: Draft, run: Run) -> Receipt:
        """Carry out the draft's plan, or write down that it waits for a person."""
        assert draft.plan is not None
        self.begin(run)
        roster = self._now(run)
        directory = self._directory(run)
        self._where = directory.where
        if draft.hold:
            number = pipeline.hold(roster, draft.plan, directory)
        else:
            number = pipeline.apply(
                roster, draft.plan, directory, outlet=draft.outlet, layout=draft.layout, zipped=draft.zipped
            )
        _remember(draft)
        outcome = Outcome.HELD if draft.hold else Outcome.DONE
        return Receipt(number, outcome, draft.plan, roster.problems())

    def can_repeat(self, draft: Draft) -> bool:
        """Whether the upload may be done again by itself: its source stays where it is, and its directory is the
        user's own, which a job can open.
        """
        lasting = draft.sources and not any(is_pasted(source) for source in draft.sources)
        return bool(lasting) and draft.mapping is not None and self._where == str(paths.default_directory())

    def keep_as_job(self, draft: Draft, name: str, schedule: Schedule) -> tuple[str, ...]:
        """Save the upload as a job and have the system start it; return what a person should know, as sentences.

        Raises `UsageError` for a name that is taken or cannot be, and where this system has no scheduler.
        """
        from rosterdesk.jobs import file
        from rosterdesk.jobs.schedulers import command, scheduler

        if name in file.names():
            raise UsageError(f"There is a job named {name}.", "Choose another name.")
        system = scheduler()  # before anything is kept: without one, nothing would start the job
        made = job(draft, name, schedule)
        assert draft.mapping is not None
        file.save(made, accepted(draft.mapping))
        return (f"{name} runs {schedule}, started by {system.name}.", *system.put(made, command(name)))

    def keep_in_job(self, draft: Draft, run: Run) -> None:
        """Save what the draft reads, and how, as the job that it changes; its times, limits and notices stay.

        Raises `UsageError` when it is there no more, or when the source would not be there at night.
        """
        from rosterdesk.jobs import file

        assert draft.mapping is not None
        if any(is_pasted(source) for source in draft.sources):
            raise UsageError("A pasted table can't be read again.", "Save it as a file, and choose that.")
        file.save(changed(file.load(draft.job), draft), accepted(draft.mapping))

    def try_job(self, name: str, run: Run) -> Tested:
        """Have the system start the job up to its push, as it will at night; wait for how that goes, and return it."""
        from rosterdesk.jobs import file, testing
        from rosterdesk.jobs.schedulers import scheduler

        return testing.try_in_context(file.load(name), scheduler(), run)

    def undo(self, number: int, run: Run) -> UndoResult:
        """Take a run back."""
        return take_back(self._directory(run), number, run)

    def close(self) -> None:
        """Remove all that the run has made on the disk."""
        self._forget_run()
        self._arrived.close()
        self._brought = None

    def _bring(self, draft: Draft, run: Run, *, again: bool) -> Brought:
        """What the draft's connections give; they are asked once for one reading, however often it goes over it."""
        if again or self._brought is None:
            self._arrived.close()
            self._brought = None
            self._brought = bring(draft.sources, self._arrived.enter_context(paths.scratch()), run)
        return self._brought

    def _forget_run(self) -> None:
        self._staging = self._roster = None
        self._stack.close()

    def begin(self, run: Run) -> Staging:
        """The staging database, in the hands of this task's run. Raises `UsageError` before anything was read."""
        staging = self.staging
        staging.run = run
        run.on_cancel(staging.con.interrupt)
        return staging

    def _forget(self, *schemas: str) -> None:
        for schema in schemas:
            self.staging.execute(f"drop schema {schema} cascade")
            self.staging.execute(f"create schema {schema}")

    def _now(self, run: Run) -> pipeline.Roster:
        """The checked roster, in the hands of this task's run. Raises `UsageError` before the checks."""
        made = self._roster
        if made is None:
            raise UsageError("The roster is not checked yet.", "Go back to the checks.")
        return pipeline.Roster(made.staging, run, made.reading, made.mapping, made.tables)


def _remember(draft: Draft) -> None:
    """Keep the mapping for the next file with these headers. That it can't be kept is no reason to fail a push."""
    if draft.mapping is not None and draft.mapping.signature:
        try:
            mapping.save(accepted(draft.mapping), mappings_folder() / f"{draft.mapping.signature}.toml")
        except RosterDeskError as error:
            log.warning("the mapping was not kept: %s", type(error).__name__)


def mappings_folder() -> Path:
    """Where mappings are kept, to be known again by the headers of the next file."""
    folder = paths.home() / "mappings"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
