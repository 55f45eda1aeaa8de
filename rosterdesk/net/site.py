"""Where an SFTP server is and how to sign in there, as a connection's options say it. Knows no library.

Options of an `sftp` connection, all optional but `user`:

    port            default 22
    user            who signs in
    folder          where the files are or go; default: the folder in which the server puts us
    key_file        a private key; its passphrase, if it has one, is in the keyring
    agent           yes: the keys of the SSH agent
    host_key        the server's key, as OpenSSH prints it: SHA256:..., or with its kind before it
    next_host_key   one that the server is going to have; accepted too
    jump            USER@HOST or USER@HOST:PORT of a server to go through; the same secrets sign in there
    jump_host_key, jump_next_host_key

The password is in the keyring. What a source or an outlet reads beside these, its own module says.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from rosterdesk.connections import Connection, Part, secret_of
from rosterdesk.errors import SecretError, UnreachableError, UsageError

PORT = 22


class UnknownHostKey(UnreachableError):
    """A server whose key is not pinned yet. Nothing was told to it; `host` and `key` are what a person must compare."""

    def __init__(self, host: str, key: str, option: str) -> None:
        super().__init__(
            f"The key of {host} is not known yet.",
            f"Compare it with what the server's owner says: {key}. If it is the same, pin it with --option "
            f'{option}="{key}".',
            key,
        )
        self.host = host
        self.key = key
        self.option = option


@dataclass(frozen=True, slots=True)
class Site:
    """A server, who signs in, with what, and which keys it may have."""

    host: str
    port: int
    user: str
    password: str | None = field(default=None, repr=False)
    key_file: Path | None = None
    passphrase: str | None = field(default=None, repr=False)
    agent: bool = False
    host_keys: tuple[str, ...] = ()
    option: str = "host_key"
    jump: Site | None = None

    def pinned(self, kind: str, fingerprint: str) -> bool:
        """Whether the server may have this key."""
        return any(key in {fingerprint, f"{kind} {fingerprint}"} for key in self.host_keys)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of the pinned keys, as far as they are said: a server with several shows the one we ask for."""
        return tuple(key.split()[0] for key in self.host_keys if " " in key)


def site_of(connection: Connection, *, complete: bool = True) -> Site:
    """Where a connection leads; `complete`: and with something to sign in with. Raises `UsageError` for options that
    cannot be, and `SecretError`.
    """
    options = connection.options
    user = options.get("user", "").strip()
    if not connection.address or not user:
        missing = "user" if connection.address else "address"
        raise UsageError(f"The connection {connection.name} has no {missing}.", "Add it again with --option user=NAME.")
    file = options.get("key_file", "").strip()
    agent = options.get("agent", "").casefold() in {"yes", "true", "1"}
    needed = complete and not (file or agent)
    site = Site(
        connection.address.removeprefix("sftp://").rstrip("/"),
        _port(options.get("port", "")),
        user,
        _secret(connection, Part.PASSWORD, needed=needed),
        Path(file).expanduser() if file else None,
        _secret(connection, Part.PASSPHRASE, needed=needed),
        agent,
        _keys(connection, "host_key", "next_host_key"),
    )
    if complete and not (site.password or site.key_file or site.agent):
        raise UsageError(
            f"The connection {connection.name} has nothing to sign in with.",
            "Add it again with a password, with --option key_file=FILE, or with --option agent=yes.",
        )
    through = options.get("jump", "").strip()
    return _through(site, through, connection) if through else site


def _secret(connection: Connection, part: Part, *, needed: bool) -> str | None:
    """The secret, if there is one. With a key or an agent one can sign in where there is no keyring at all, as on many
    servers; a key that wants a passphrase says so when it is opened.
    """
    try:
        return secret_of(connection, part)
    except SecretError:
        if needed:
            raise
        return None


def _through(site: Site, jump: str, connection: Connection) -> Site:
    user, _, place = jump.rpartition("@")
    host, _, port = place.partition(":")
    keys = _keys(connection, "jump_host_key", "jump_next_host_key")
    if not host:
        raise UsageError(f"{jump!r} is no server to go through.", "Write it as USER@HOST or USER@HOST:PORT.")
    first = replace(
        site, host=host, port=_port(port), user=user or site.user, host_keys=keys, option="jump_host_key", jump=None
    )
    return replace(site, jump=first)


def _keys(connection: Connection, *names: str) -> tuple[str, ...]:
    found = tuple(" ".join(key.split()) for name in names if (key := connection.options.get(name, "").strip()))
    for key in found:
        if not key.split()[-1].startswith("SHA256:"):
            raise UsageError(f"{key!r} is no key of a server.", "Write it as OpenSSH prints it: SHA256:...")
    return found


def _port(text: str) -> int:
    if not text.strip():
        return PORT
    if not text.strip().isascii() or not text.strip().isdigit() or not 0 < int(text) < 65536:
        raise UsageError(f"{text!r} is no port.", "A port is a number from 1 to 65535; SFTP's own is 22.")
    return int(text)
