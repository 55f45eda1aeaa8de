"""The stages in order: read, map, check, plan, push. The wizard, the command line and nightly jobs all go this way."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as MappingABC
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from rosterdesk import checks, mapping, paths
from rosterdesk.errors import FileError
from rosterdesk.log import log
from rosterdesk.model import MappedTable, Mapping, Plan, Reading, Severity
from rosterdesk.run import Run
from rosterdesk.sources.read import read
from rosterdesk.sources.tables import Told
from rosterdesk.staging import Staging

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory

# Which target tables tell of which records: a record's absence is proven only if all of them were read whole.
_TELLS = {
    "classrooms": ("classrooms",),
    "students": ("users", "students", "roles"),
    "staff": ("users", "staff", "roles"),
    "guardians": ("users", "guardians", "roles"),
    "enrollments": ("enrollments", "classrooms", "users", "students", "staff"),
    "guardianships": ("users", "students", "guardians", "guardianships"),
}


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

    def problems(self) -> dict[str, int]:
        """How many problems of each severity there are."""
        counts = dict(self.staging.rows("select severity, count(*) from problems group by severity"))
        return {severity.value: int(counts.get(severity.value, 0)) for severity in Severity}

    def removable(self) -> frozenset[str]:
        """The kinds of records whose absence from the source is proven: all tables that tell of them were read whole
        and hold some.
        """
        complete = {table.number: table.complete for table in self.reading.tables}
        proven = set()
        for name, targets in _TELLS.items():
            telling = [table.number for table in self.tables if table.target in targets]
            whole = telling and all(complete.get(number, False) for number in telling)
            if whole and self.staging.one(f"select count(*) from incoming.{name}"):
                proven.add(name)
        return frozenset(proven) - checks.unproven(self.staging)


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
) -> Iterator[Roster]:
    """Read, map and check a source. `chosen` is the mapping to use; else the one remembered for these headers, else the
    suggested one.
    """
    with ExitStack() as stack:
        options = (chosen, preset, remembered)
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
    *,
    careful: bool,
) -> Roster:
    reading = read(sources, staging, run, careful=careful, told=told(chosen))
    # Tomorrow's file has another name, and the same headers.
    used = None if chosen is None else mapping.renamed(chosen, reading) or chosen
    if used is None and preset is None and remembered is not None:
        used = mapping.remembered(reading, remembered)
        if said := told(used):
            reading = read_again(sources, staging, run, said, careful=careful)
    if used is None:
        used = mapping.suggest(reading, staging, preset)
    tables = mapping.apply(used, reading, staging, run)
    checks.check(used, reading, tables, staging, run)
    return Roster(staging, run, reading, used, tables)


def told(known: Mapping | None) -> dict[str, Told]:
    """What a mapping keeps of how tables are written, by their names."""
    return {table: Told(**parts) for table, parts in mapping.said(known).items()}


def read_again(
    sources: Sequence[str | Path], staging: Staging, run: Run, told: MappingABC[str, Told], *, careful: bool
) -> Reading:
    """Read the source into the same staging database once more, as a person said that it is written."""
    staging.execute("drop schema raw cascade")
    staging.execute("create schema raw")
    staging.execute("delete from problems")
    return read(sources, staging, run, careful=careful, told=told)


def preview(roster: Roster, directory: Directory, *, additions_only: bool = False) -> Plan:
    """Plan what pushing the roster would do to the directory as it is now.

    Raises `FileError` when nothing of the source is known as a roster: that must not look like "no change".
    """
    import sqlalchemy as sa

    from rosterdesk import planning
    from rosterdesk.directory import ownership, schema, snapshot
    from rosterdesk.directory.settings import PhoneColumn, get_settings

    staging, run = roster.staging, roster.run
    if not roster.mapping.tables:
        raise FileError(
            "No table of this source is known as a part of a roster.",
            "Choose the roster's own files, or tell which column is which in a mapping.",
        )
    with directory.read(run) as connection:
        generation = directory.generation_in(connection)
        row = schema.districts.c.district == directory.district
        next_id = int(connection.execute(sa.select(schema.districts.c.next_id).where(row)).scalar_one())
        settings = get_settings(connection, directory.district)
        if settings.phone_column is PhoneColumn.PHONE:
            _check_by_phone(roster)
        snapshot.load(connection, directory.district, generation, staging, run)
        ownership.load(connection, directory.district, settings, staging)
    removable = roster.removable() - checks.compare(staging, run)
    checks.resolve(staging, removable)
    return planning.plan(staging, settings, generation, next_id, removable, run, additions_only=additions_only)


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
) -> int:
    """Push the plan to the directory, and the roster as files to an outlet if one is named; return the run's number.

    An outlet is a folder, a ZIP, or `connection:NAME`. The files take their place just before the directory commits: if
    they cannot, the directory stays as it was.
    """
    from rosterdesk import connections, push

    staging, run = roster.staging, roster.run
    name = connections.named(outlet) if outlet is not None else None
    connection = connections.load(name) if name is not None else None
    if connection is not None:
        push.check_connection(connection)

    def deliver() -> None:
        if connection is not None:
            push.to_connection(staging, connection, run, layout=layout, zipped=zipped)
        elif outlet is not None:
            push.to_folder(staging, outlet, run, layout=layout, zipped=zipped)

    return push.to_directory(
        directory, plan, staging, run, source=roster.reading.source, problems=roster.problems(), deliver=deliver
    )


def hold(roster: Roster, plan: Plan, directory: Directory) -> int:
    """Write down that the plan waits for a person; return the run's number."""
    from rosterdesk import push

    return push.hold(directory, plan, roster.run, source=roster.reading.source, problems=roster.problems())
