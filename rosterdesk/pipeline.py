"""The stages in order: read, map, check, match, plan, push. Wizard, command line and nightly jobs all go this way."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from collections.abc import Mapping as MappingABC
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import duckdb

from rosterdesk import checks, mapping, paths
from rosterdesk.errors import FileError
from rosterdesk.log import log
from rosterdesk.model import MappedTable, Mapping, Plan, Reading, Severity
from rosterdesk.run import Run
from rosterdesk.sources.read import read
from rosterdesk.sources.remote import Brought, bring
from rosterdesk.sources.tables import Told
from rosterdesk.staging import Staging

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.matching.classrooms import Adoption
    from rosterdesk.matching.proposals import Proposals
    from rosterdesk.matching.rekeyed import Crosswalk


def load_ahead() -> None:
    """Begin to load what planning and pushing need, in another thread: while DuckDB reads, it lets others go on.

    That is a sixth of a second, which is why the functions below load those modules themselves and not at the top.
    """
    threading.Thread(target=import_module, args=("rosterdesk.push",), name="loading", daemon=True).start()


@dataclass(frozen=True)
class Roster:
    """A checked roster in its staging database, which lasts as long as the run's context."""

    staging: Staging
    run: Run
    reading: Reading
    mapping: Mapping
    tables: tuple[MappedTable, ...]
    positions: MappingABC[str, str] = field(default_factory=dict)  # of its connections, to be kept when it is pushed

    def problems(self) -> dict[str, int]:
        """How many problems of each severity there are."""
        counts = dict(self.staging.rows("select severity, count(*) from problems group by severity"))
        return {severity.value: int(counts.get(severity.value, 0)) for severity in Severity}

    def require_known(self) -> None:
        """Raise `FileError` when no table of the source is a roster's: nothing can be said of it."""
        if not self.mapping.tables:
            advice = "Choose the roster's own files, or tell which column is which in a mapping."
            raise FileError("No table of this source is known as a part of a roster.", advice)

    def removable(self) -> frozenset[str]:
        """The kinds of records whose absence from the source is proven."""
        return checks.proven(self.staging, self.reading, self.tables)


@contextmanager
def staged(run: Run) -> Iterator[Staging]:
    """The staging database of a run; its temporary files go at the end, whatever happens."""
    with paths.scratch() as folder, Staging(run, folder) as staging:
        yield staging


@contextmanager
def roster(
    sources: Sequence[str | Path],
    run: Run,
    *,
    chosen: Mapping | None = None,
    preset: str | None = None,
    remembered: Path | None = None,
    since: MappingABC[str, str] | None = None,
) -> Iterator[Roster]:
    """Read, map and check a source. `chosen` is the mapping to use; else the one remembered for these headers, else the
    suggested one. With `since` (an earlier roster's `positions`) connections may give only what has changed.
    """
    with paths.scratch() as arrived, ExitStack() as stack:
        brought = bring(sources, arrived, run, since)  # once, however often it is read
        options = (chosen, preset, remembered, brought)
        try:
            made = _roster(sources, stack.enter_context(staged(run)), run, *options, careful=False)
        except duckdb.InvalidInputException as error:
            # A large file that looked clean is not: read it again, row by row, and tell of what is wrong with it.
            log.info("reading again with care: %s", type(error).__name__)
            stack.close()
            made = _roster(sources, stack.enter_context(staged(run)), run, *options, careful=True)
        yield made


def _roster(
    sources: Sequence[str | Path],
    staging: Staging,
    run: Run,
    chosen: Mapping | None,
    preset: str | None,
    remembered: Path | None,
    brought: Brought,
    *,
    careful: bool,
) -> Roster:
    reading = read(sources, staging, run, careful=careful, told=told(chosen), brought=brought)
    # Tomorrow's file has another name, and the same headers.
    used = None if chosen is None else mapping.renamed(chosen, reading) or chosen
    if used is None and preset is None and remembered is not None:
        used = mapping.remembered(reading, remembered)
        if said := told(used):
            reading = read_again(sources, staging, run, said, careful=careful, brought=brought)
    if used is None:
        used = mapping.suggest(reading, staging, preset)
    tables = mapping.apply(used, reading, staging, run)
    checks.check(used, reading, tables, staging, run)
    return Roster(staging, run, reading, used, tables, brought.positions)


def told(known: Mapping | None) -> dict[str, Told]:
    """What a mapping keeps of how tables are written, by their names."""
    return {table: Told(**parts) for table, parts in mapping.said(known).items()}


def read_again(
    sources: Sequence[str | Path],
    staging: Staging,
    run: Run,
    told: MappingABC[str, Told],
    *,
    careful: bool,
    brought: Brought | None = None,
) -> Reading:
    """Read the source into the same staging database once more, as a person said that it is written."""
    staging.execute("drop schema raw cascade")
    staging.execute("create schema raw")
    staging.execute("delete from problems")
    return read(sources, staging, run, careful=careful, told=told, brought=brought)


def preview(
    roster: Roster,
    directory: Directory,
    *,
    additions_only: bool = False,
    schools: Collection[str] = (),
    limits: Sequence[str] = (),
    learn_from: str = "",
    today: date | None = None,
    thresholds: MappingABC[str, Any] | None = None,
) -> Plan:
    """Plan what pushing the roster would do to the directory as it is now.

    Only for `schools` (SIS IDs), if any. `limits` hold beside the settings', as what is usual for the job
    `learn_from` does; `thresholds` hold in their place. Raises `FileError` when no table of the source is a roster's.
    """
    import sqlalchemy as sa

    from rosterdesk import planning
    from rosterdesk.checks import claims
    from rosterdesk.directory import absorbed, ownership, schema, snapshot
    from rosterdesk.directory.settings import PhoneColumn, get_settings
    from rosterdesk.directory.usual import usual

    staging, run = roster.staging, roster.run
    roster.require_known()
    with directory.read(run) as connection:
        generation = directory.generation_in(connection)
        row = schema.districts.c.district == directory.district
        next_id = int(connection.execute(sa.select(schema.districts.c.next_id).where(row)).scalar_one())
        settings = replace(get_settings(connection, directory.district), **(thresholds or {}))
        if settings.phone_column is PhoneColumn.PHONE:
            _check_by_phone(roster)
        snapshot.load(connection, directory.district, generation, staging, run)
        ownership.load(connection, directory.district, settings, staging, own_thresholds=not thresholds)
        absorbed.load(connection, directory.district, staging)
        if not settings.shared_contacts:
            claims.check(staging, settings)
        if schools:
            ownership.only(staging, schools)
        kinds = absorbed.kinds(connection, directory.district, staging)
        known = usual(connection, directory.district, learn_from, today or date.today()) if learn_from else None  # noqa: DTZ011 - the local day is meant
    removable = roster.removable() - checks.compare(staging, run)
    checks.resolve(staging, removable)
    proposed = _stage().match(directory, staging, run, kinds) if kinds else {}
    plan = planning.plan(
        *(staging, settings, generation, next_id, removable, run),
        additions_only=additions_only,
        limits=limits,
        usual=known,
    )
    if kinds:
        plan = _stage().decided(directory, staging, run, plan, proposed)
    return _stage().rekeyed(staging, plan) if plan.counts["students"]["created"] else plan


def _stage() -> ModuleType:
    """Matching, which only those runs load that bring somebody new."""
    from rosterdesk.matching import stage

    return stage


def proposals(roster: Roster, directory: Directory, entity: str = "students") -> Proposals:
    """The pairs among which a person decides who of the new people is somebody the directory knows.

    The roster must have been previewed on this directory.
    """
    from rosterdesk.matching import proposals as proposing

    with directory.read(roster.run) as connection:
        return proposing.incoming(connection, directory.district, roster.staging, roster.run, entity)


def adoptions(roster: Roster, directory: Directory) -> tuple[Adoption, ...]:
    """Which manual classroom is which class of the roster, which must have been previewed on this directory."""
    from rosterdesk.matching import classrooms

    with directory.read(roster.run) as connection:
        return classrooms.adoptions(connection, directory.district, roster.staging)


def crosswalk(roster: Roster, directory: Directory) -> Crosswalk:
    """Who of the directory is whom in the roster under another ID. It must have been previewed on this directory."""
    from rosterdesk.matching import rekeyed

    with directory.read(roster.run) as connection:
        return rekeyed.crosswalk(connection, directory.district, roster.staging, roster.run)


def _check_by_phone(roster: Roster) -> None:
    """Check again: which number people are reached with is known only now, and who has none is left out by it."""
    staging, run = roster.staging, roster.run
    turned = checks.credential.exchanged(roster.mapping)
    checks.credential.forget(staging)
    tables = mapping.apply(turned, roster.reading, staging, run)
    checks.check_by_phone(turned, roster.reading, tables, staging, run)


def apply(
    roster: Roster,
    plan: Plan,
    directory: Directory,
    *,
    outlet: Path | None = None,
    layout: str = "oneroster-1.1",
    zipped: bool = False,
    job: str = "",
) -> int:
    """Push the plan to the directory, and the roster as files to an outlet if one is named; return the run's number.

    An outlet is a folder, a ZIP, or `connection:NAME`. The files take their place just before the directory commits: if
    they cannot, the directory stays as it was.
    """
    from rosterdesk import push
    from rosterdesk.directory import receipts
    from rosterdesk.planning import tally

    staging, run = roster.staging, roster.run
    with receipts.beside(whole=_whole(roster)):
        number = push.to_directory(
            *(directory, plan, staging, run),
            source=roster.reading.source,
            problems=roster.problems(),
            deliver=push.to_outlet(outlet, staging, run, layout=layout, zipped=zipped),
            job=job,
            by_school=tally.by_school(staging) if job else None,
        )
    if plan.merges:  # a run of its own: it can be taken back without the push
        _stage().carry_out(directory, plan, run)
    return number


def hold(roster: Roster, plan: Plan, directory: Directory, *, job: str = "") -> int:
    """Write down that the plan waits for a person; return the run's number."""
    from rosterdesk import push
    from rosterdesk.directory import receipts
    from rosterdesk.planning import tally

    with receipts.beside(whole=_whole(roster)):
        return push.hold(
            *(directory, plan, roster.run),
            source=roster.reading.source,
            problems=roster.problems(),
            by_school=tally.by_school(roster.staging),
            job=job,
        )


def _whole(roster: Roster) -> dict[str, bool]:
    return {table.name: table.complete for table in roster.reading.tables}
