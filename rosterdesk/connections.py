"""Connections: saved ways to reach a source or an outlet, one readable TOML file each, without their secrets.

Holds what every kind shares: where they are kept, what a test tells, what a fetch gives. The kinds themselves are in
`sources` and `push`.
"""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol, runtime_checkable

from rosterdesk import credentials, paths
from rosterdesk.errors import FileError, SecretError, UsageError
from rosterdesk.run import Run

PREFIX = "connection:"
_NAME = re.compile(r"\w[\w.-]{0,59}")
_KEYRING = "connection"
_NOTHING: Mapping[tuple[str, str], str | None] = {}
_tried: ContextVar[Mapping[tuple[str, str], str | None]] = ContextVar("tried", default=_NOTHING)


class Kind(StrEnum):
    """What is at the other end."""

    CLEVER = "clever"
    CLASSLINK = "classlink"
    CLASSLINK_PROXY = "classlink-proxy"
    ONEROSTER = "oneroster"
    SFTP = "sftp"


class Part(StrEnum):
    """The secrets that a connection may have. Each is kept in the system keyring by itself."""

    SECRET = "secret"  # of a client id
    TOKEN = "token"  # a bearer token
    PASSWORD = "password"
    PASSPHRASE = "passphrase"  # of a private key


@dataclass(frozen=True, slots=True)
class Connection:
    """A saved way to reach a source or an outlet. `address` is a base URL or a host; empty: the kind's own."""

    name: str
    kind: Kind
    address: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    created: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))


class Verdict(StrEnum):
    """What a sentence of a test means."""

    GOOD = "good"
    LIMITED = "limited"  # it works, but not all of it
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of a test, in the user's words."""

    verdict: Verdict
    sentence: str


class Findings:
    """The sentences of a test, in order; each is told by its run as soon as it is known."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._said: list[Said] = []

    def add(self, verdict: Verdict, sentence: str) -> None:
        """One more sentence. Raises `Cancelled` when the person has asked to stop."""
        self.take(Said(verdict, sentence))

    def take(self, said: Said) -> None:
        """The same, of one that is made already."""
        self._said.append(said)
        self._run.tell(said)

    @property
    def said(self) -> tuple[Said, ...]:
        """What was found until now."""
        return tuple(self._said)


@dataclass(frozen=True, slots=True)
class Place:
    """A district or a school at the other end."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Tested:
    """What a test found: its sentences in order, the places that are shared, and how many records of each kind."""

    said: tuple[Said, ...]
    districts: tuple[Place, ...] = ()
    schools: tuple[Place, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether a run may use the connection."""
        return all(one.verdict is not Verdict.BAD for one in self.said)


@dataclass(frozen=True, slots=True)
class Fetched:
    """The files that a fetch wrote into the run's scratch folder.

    `unproven` names those (by their paths) that are not proven whole, and why, as a sentence; their absence removes
    nothing. `notes` are sentences for the person: what was left out, what looked odd. `position` is what to give
    `fetch_since` once all this has been used; empty: the source knows none.
    """

    files: tuple[Path, ...]
    unproven: Mapping[Path, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    position: str = ""


class Source(Protocol):
    """What each kind of source does. Both raise `UnreachableError`, `SecretError` and `Cancelled`."""

    def test(self, run: Run) -> Tested:
        """Try it in the way a run would, and tell what works."""
        ...

    def fetch(self, run: Run, folder: Path) -> Fetched:
        """Bring everything into the folder, as files; a broken read raises, and no file of it is used."""
        ...


@runtime_checkable
class Following(Source, Protocol):
    """A source that can tell what has changed since an earlier read."""

    def fetch_since(self, run: Run, folder: Path, since: str) -> Fetched:
        """As `fetch`, but where it can only what has changed since a position; absence then proves nothing. With an
        empty position, one that is too old, or one that is not known any more, everything; a note says which it was.
        """
        ...


def save(connection: Connection, secrets: Mapping[Part, str | None] | None = None) -> None:
    """Keep a connection, in place of an earlier one of its name; its secrets go to the keyring first. One that is None
    is forgotten; one that is not named stays as it is.

    Raises `UsageError` for a name that cannot be, `SecretError` when the keyring takes no secret.
    """
    import tomli_w

    path = _path(connection.name)
    for other in connections():
        if other.name != connection.name and other.name.casefold() == connection.name.casefold():
            raise UsageError(f"There is a connection named {other.name}.", "Choose a name that differs in more.")
    for part, value in (secrets or {}).items():
        if value is None:
            credentials.forget_secret(_KEYRING, f"{connection.name} {part.value}")
        else:
            credentials.keep_secret(_KEYRING, f"{connection.name} {part.value}", value)
    document = {
        "name": connection.name,
        "kind": connection.kind.value,
        "address": connection.address,
        "created": connection.created,
        "options": dict(sorted({**connection.options, **_ends(secrets or {})}.items())),
    }
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(tomli_w.dumps(document).encode())
        Path(temporary).replace(path)
    except OSError as error:
        raise FileError("The connection could not be saved.", "Look whether the disk is full.", str(error)) from error
    finally:
        Path(temporary).unlink(missing_ok=True)


def load(name: str) -> Connection:
    """The connection of that name. Raises `UsageError` when there is none, `FileError` when its file is damaged."""
    path = _path(name)
    try:
        document = tomllib.loads(path.read_text("utf-8"))
        options = {str(key): str(value) for key, value in document.get("options", {}).items()}
        created = document["created"]
        if not isinstance(created, datetime):
            raise ValueError("created is no time")
        return Connection(
            str(document["name"]), Kind(document["kind"]), str(document["address"]), options, created.astimezone(UTC)
        )
    except FileNotFoundError as error:
        known = ", ".join(sorted(other.stem for other in _folder().glob("*.toml"))) or "none yet"
        raise UsageError(f"There is no connection named {name}.", f"There are: {known}.") from error
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        advice = "Remove it and add it again."
        raise FileError(f"The file of the connection {name} is damaged.", advice, str(path)) from error
    except OSError as error:
        raise FileError(f"The connection {name} cannot be read.", "", error.strerror or "") from error


def connections() -> tuple[Connection, ...]:
    """All connections, by name."""
    return tuple(load(path.stem) for path in sorted(_folder().glob("*.toml")))


def remove(name: str) -> None:
    """Forget a connection and its secrets. Raises `UsageError` when there is none, `SecretError`."""
    path = _path(name)
    if not path.exists():
        load(name)  # says which there are; a file that is damaged goes like any other
    for part in Part:
        credentials.forget_secret(_KEYRING, f"{name} {part.value}")
    path.with_suffix(".memory.csv").unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def memory(connection: Connection) -> Path:
    """The file in which a connection remembers, from one run to the next, what its source does not tell."""
    return _path(connection.name).with_suffix(".memory.csv")


def secret_of(connection: Connection, part: Part) -> str | None:
    """A secret of the connection, or None where it has none such. Raises `SecretError`: no usable keyring."""
    if (connection.name, part.value) in _tried.get():
        return _tried.get()[connection.name, part.value]
    return credentials.secret(_KEYRING, f"{connection.name} {part.value}")


@contextmanager
def trying(connection: Connection, secrets: Mapping[Part, str | None]) -> Iterator[None]:
    """Within it, and in this thread alone, the connection has these secrets though none of them is kept: so it is
    tested before it is saved, and an earlier one of its name stays as it is.
    """
    token = _tried.set({(connection.name, part.value): value for part, value in secrets.items()})
    try:
        yield
    finally:
        _tried.reset(token)


def needed_secret(connection: Connection, part: Part) -> str:
    """A secret that the connection cannot do without. Raises `SecretError` when it is not there."""
    found = secret_of(connection, part)
    if found is None:
        raise SecretError(
            f"The {part.value} of the connection {connection.name} is not in the keyring of this user.",
            "Add the connection again as the user who runs this, with its secret.",
        )
    return found


def named(source: str | Path) -> str | None:
    """The name in `connection:NAME`, or None for any other source."""
    text = str(source)
    return text.removeprefix(PREFIX) if text.startswith(PREFIX) else None


def _ends(secrets: Mapping[Part, str | None]) -> dict[str, str]:
    """The option that says when the token ends, where that stands in it: so nobody must open the keyring to know."""
    from rosterdesk.expiring import TOKEN_ENDS, token_end

    end = token_end(secrets.get(Part.TOKEN) or "")
    return {TOKEN_ENDS: end.isoformat(timespec="seconds")} if end is not None else {}


def _folder() -> Path:
    folder = paths.home() / "connections"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _path(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"A connection can't be named {name!r}.", "Use letters, digits, dots, hyphens and underscores; at most 60."
        )
    return _folder() / f"{name}.toml"
