"""What is done with connections in the background: try one before it is saved, save it, list and try them. Knows no
widget. A secret is never given back to the window: only whether there is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from rosterdesk import connections
from rosterdesk.connections import Connection, Part, Said, Tested, Verdict
from rosterdesk.errors import RosterDeskError, SecretError, UsageError
from rosterdesk.expiring import TOKEN_ENDS
from rosterdesk.gui.connectkinds import USE
from rosterdesk.net.site import UnknownHostKey
from rosterdesk.run import Run
from rosterdesk.sources.choosing import Choice

Secrets = Mapping[Part, str | None]  # None: it shall have none of these


@dataclass(frozen=True, slots=True)
class Attempt:
    """How far a trial came: to a server's `key` that a person must compare, to a `choice` that they must make, or to
    what was `tested`. `connection` has what was settled meanwhile; `saved` says whether it is kept.
    """

    connection: Connection
    key: UnknownHostKey | None = None
    choice: Choice | None = None
    tested: Tested | None = None
    saved: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A saved connection, which secrets are kept for it (None: there is no keyring), and the jobs that use it."""

    connection: Connection
    kept: frozenset[Part] | None
    jobs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """The saved connections, and name, title and advice of each that can't be read."""

    known: tuple[Known, ...]
    damaged: tuple[tuple[str, str, str], ...]


def attempt(connection: Connection, secrets: Secrets, run: Run, *, keep: bool, new: bool = False) -> Attempt:
    """Try a connection that is not saved yet, in the way a run would use it; with `keep`, save it where all is well.

    Raises what its source or outlet raises. Nothing is kept then, and an earlier one of its name is as it was.
    """
    if new:
        _free(connection.name)
    with connections.trying(connection, secrets):
        try:
            connection = _pinned(connection, run)
        except UnknownHostKey as unknown:
            return Attempt(connection, key=unknown)
        connection, choice = _narrowed(connection, run)
        if choice is not None:
            return Attempt(connection, choice=choice)
        tested = try_(connection, run)
    if keep and tested.good:
        save(connection, secrets)
        return Attempt(connection, tested=tested, saved=True)
    return Attempt(connection, tested=tested)


def try_(connection: Connection, run: Run) -> Tested:
    """What works of a connection, as the source or the outlet that it is meant to be."""
    from rosterdesk.push import remote
    from rosterdesk.sources.remote import open_source

    receives = connection.options.get(USE) == "outlet"
    return remote.test(connection, run) if receives else open_source(connection).test(run)


def try_alone(connection: Connection, run: Run) -> Tested:
    """What works of a saved connection in a process as the system's scheduler starts one, without this session."""
    from rosterdesk.jobs.alone import alone, said_in
    from rosterdesk.jobs.schedulers import command

    said: list[Said] = []

    def hears(line: str) -> None:
        if (one := said_in(line)) is not None:
            said.append(one)
            run.tell(one)

    run.report("Trying it without your session")
    done = alone(command(""), ("connections", "test", connection.name, "--json"), run, hears)
    if known := done.said.get("said"):
        said = [Said(Verdict(one["verdict"]), str(one["sentence"])) for one in known]
    if error := done.said.get("error"):
        said.append(Said(Verdict.BAD, f"{error.get('title', '')} {error.get('advice', '')}".strip()))
    if not said:
        said.append(Said(Verdict.BAD, "The program did not start as the system's scheduler starts it."))
    if done.exit_code == 0:
        said.append(Said(Verdict.GOOD, "It works as at night: without a screen, and without what your session has."))
    elif connection.options.get("agent"):
        said.append(Said(Verdict.BAD, "The SSH agent belongs to your session; at night there is none. Use a key file."))
    return Tested(tuple(said))


def save(connection: Connection, secrets: Secrets, *, new: bool = False) -> None:
    """Keep a connection; a token that is replaced takes along what was known of its end.

    Raises `UsageError` when a `new` one has the name of another, and what `connections.save` raises.
    """
    if new:
        _free(connection.name)
    options = dict(connection.options)
    if Part.TOKEN in secrets:
        options.pop(TOKEN_ENDS, None)
    connections.save(replace(connection, options=options), secrets)


def names() -> tuple[str, ...]:
    """The names of the saved connections, also of one whose file is damaged."""
    from rosterdesk import paths

    return tuple(sorted(path.stem for path in (paths.home() / "connections").glob("*.toml")))


def look_up(run: Run) -> Looked:
    """All saved connections."""
    jobs, known, damaged = _jobs(), [], []
    for name in names():
        try:
            one = connections.load(name)
        except RosterDeskError as error:
            damaged.append((name, error.title, error.advice))
            continue
        known.append(Known(one, kept(one), tuple(job for job, places in jobs if f"connection:{name}" in places)))
    return Looked(tuple(known), tuple(damaged))


def kept(connection: Connection) -> frozenset[Part] | None:
    """Which secrets are in the keyring for it; None: there is no keyring."""
    try:
        return frozenset(part for part in Part if connections.secret_of(connection, part) is not None)
    except SecretError:
        return None


def _free(name: str) -> None:
    if any(one.casefold() == name.casefold() for one in names()):
        raise UsageError(f"There is a connection named {name}.", "Choose another name.")


def _pinned(connection: Connection, run: Run) -> Connection:
    if connection.kind is not connections.Kind.SFTP:
        return connection
    from rosterdesk.net.pinning import pinned

    return pinned(connection, lambda _: False, run)  # a person is asked in the window, and not in this thread


def _narrowed(connection: Connection, run: Run) -> tuple[Connection, Choice | None]:
    from rosterdesk.sources.choosing import choice_of

    choice = choice_of(connection, run)
    if choice is None or not choice.places:
        return connection, None  # where there is none, the test says so in its words
    if len(choice.places) > 1:
        return connection, choice
    only = {choice.option: choice.places[0].id}  # a second one that comes later must not change what a job reads
    return replace(connection, options={**connection.options, **only}), None


def _jobs() -> list[tuple[str, tuple[str, ...]]]:
    """The saved jobs, each with where it reads and where it delivers."""
    from rosterdesk.jobs import file

    found = []
    for name in file.names():
        try:
            job = file.load(name)
        except RosterDeskError:
            continue  # the page of jobs says so
        found.append((name, (*job.sources, job.outlet)))
    return found
