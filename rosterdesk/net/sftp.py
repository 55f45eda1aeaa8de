"""The one door to paramiko: signs in to an SFTP server, directly or through a jump host, and gives a `Line` to it.

The host key is looked at before anything is said. A line can be left within a second, and notices a server that has
stopped answering. What is done over it is in `far`.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

import paramiko
from paramiko.buffered_pipe import PipeTimeout

from rosterdesk.errors import SecretError
from rosterdesk.net import signin
from rosterdesk.net.inbox import Inbox
from rosterdesk.net.signin import LineCut
from rosterdesk.net.site import Site, UnknownHostKey
from rosterdesk.net.waiting import LOOK, waiting_for
from rosterdesk.run import Run

_T = TypeVar("_T")
CONNECT, STALL = 20.0, 60.0  # seconds
_WINDOW = 8 << 20
_HEARTBEAT = 15
# The quick and safe ones, the quickest first; paramiko would offer CBC and 3DES too.
_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes256-ctr", "aes192-ctr")
_MACS = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512")
_INIT, _VERSION, _EXTENDED = 1, 2, 200

# Its own words would end up on standard error, with traces of faults that are told in our words.
logging.getLogger("paramiko").addHandler(logging.NullHandler())
logging.getLogger("paramiko").setLevel(logging.CRITICAL + 1)


class Line(paramiko.SFTPClient):  # type: ignore[misc]
    """An SFTP session whose every wait ends when the person stops the run, the line breaks, or the server stalls.

    `extensions` are those that the server has told of. Raises `LineCut` and `Cancelled` from wherever it waits.
    """

    def __init__(self, channel: paramiko.Channel, site: Site, run: Run) -> None:
        self.site = site
        self.run = run
        self.extensions: dict[str, str] = {}
        self._here, self._at = b"", 0
        channel.settimeout(LOOK)
        super().__init__(channel)

    def number(self) -> int:
        """The number of a new request."""
        with self._lock:
            self.request_number += 1
            return int(self.request_number - 1)

    def send(self, data: bytes) -> None:
        """Send finished requests."""
        self._write_all(data)

    def answer(self) -> tuple[int, bytes]:
        """The next answer: its type and what is in it."""
        return self._read_packet()

    def waiting(self) -> bool:
        """Whether a part of an answer is here."""
        return self._at < len(self._here) or bool(self.sock.recv_ready())

    def room(self) -> int:
        """How many bytes the server takes now, in one piece."""
        return min(int(self.sock.out_window_size), int(self.sock.out_max_packet_size) - 64)

    def status(self, data: bytes) -> None:
        """Raise what a status (without its number) says: nothing, `EOFError` or `OSError`."""
        self._convert_status(paramiko.Message(data))

    def extended(self, name: str, *arguments: Any) -> Any:
        """The answer to a request of an extension, after its number. Raises `OSError` when the server has it not."""
        return self._request(_EXTENDED, name, *arguments)[1]

    def _send_version(self) -> int:
        self._send_packet(_INIT, paramiko.Message(struct.pack(">I", 3)))
        kind, data = self._read_packet()
        if kind != _VERSION:
            raise signin.no_subsystem(self.site, f"answer {kind}")
        told = paramiko.Message(data[4:])
        while told.get_remainder():
            name, version = told.get_text(), told.get_text()
            self.extensions[name] = version
        return int(struct.unpack(">I", data[:4])[0])

    def _read_packet(self) -> tuple[int, bytes]:
        try:
            return cast("tuple[int, bytes]", super()._read_packet())
        except paramiko.SFTPError as error:
            raise signin.cut(self.site.host, str(error)) from error

    def _read_all(self, n: int) -> bytes:
        parts = []
        while n > 0:
            if self._at >= len(self._here):
                self._here, self._at = self._patiently(lambda: self.sock.recv(1 << 20)), 0
                if not self._here:
                    raise signin.cut(self.site.host)
            part = self._here[self._at : self._at + n]
            self._at += len(part)
            n -= len(part)
            parts.append(part)
        return b"".join(parts)

    def _write_all(self, out: bytes) -> None:
        at = 0
        while at < len(out):
            piece = out[at : at + (1 << 15)]
            sent = self._patiently(lambda piece=piece: self.sock.send(piece))  # type: ignore[misc]
            if sent <= 0:
                raise signin.cut(self.site.host)
            at += sent

    def _patiently(self, step: Callable[[], _T]) -> _T:
        since = time.monotonic()
        while True:
            self.run.check()
            try:
                return step()
            except TimeoutError as error:
                if time.monotonic() - since > STALL:
                    raise signin.stalled(self.site.host, STALL) from error
            except (OSError, EOFError, paramiko.SSHException) as error:
                raise signin.cut(self.site.host, str(error)) from error


@contextlib.contextmanager
def signed_in(site: Site, run: Run) -> Iterator[Line]:
    """A line to the server. Raises `UnknownHostKey` when none of its keys is pinned; `UnreachableError` in the words of
    `signin`; `LineCut` when trying again may help; `SecretError`; `Cancelled`.
    """
    with contextlib.ExitStack() as stack:
        transport = _transport(site, run, stack)
        yield open_line(transport, site, run)


def open_line(transport: paramiko.Transport, site: Site, run: Run) -> Line:
    """One more line over the same connection."""

    def opened() -> paramiko.Channel:
        channel = transport.open_session(window_size=_WINDOW, timeout=CONNECT)
        channel.in_buffer = Inbox(PipeTimeout)
        channel.invoke_subsystem("sftp")
        return channel

    try:
        return Line(waiting_for(opened, run, transport.close), site, run)
    except paramiko.SSHException as error:
        if transport.is_active():
            raise signin.no_subsystem(site, str(error)) from error
        raise signin.cut(site.host, str(error)) from error
    except (OSError, EOFError) as error:
        raise signin.cut(site.host, str(error)) from error
    except LineCut as error:
        if transport.is_active() and transport.is_authenticated():  # the session ended, but not the connection
            raise signin.no_subsystem(site, error.detail) from error
        raise


def _transport(site: Site, run: Run, stack: contextlib.ExitStack) -> paramiko.Transport:
    way = _way(site, run, stack)
    transport = paramiko.Transport(way)
    stack.callback(_ended, transport)
    transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = CONNECT
    options = transport.get_security_options()
    options.ciphers, options.digests = _CIPHERS, _MACS
    wanted = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}
    first = [kind for pinned in site.kinds for kind in wanted.get(pinned, (pinned,)) if kind in options.key_types]
    options.key_types = tuple(dict.fromkeys((*first, *options.key_types)))
    greeting: list[str] = []
    read_line = transport.packetizer.readline

    def greeted(timeout: float) -> str:
        greeting.append(read_line(timeout))
        return greeting[-1]

    transport.packetizer.readline = greeted
    try:
        waiting_for(lambda: transport.start_client(timeout=CONNECT), run, transport.close)
    except paramiko.ssh_exception.IncompatiblePeer as error:
        raise signin.too_old(site, str(error)) from error
    except paramiko.SSHException as error:
        if greeting and not transport.remote_version:
            raise signin.no_ssh(site, greeting[0][:80]) from error
        raise signin.cut(site.host, str(error)) from error
    except (OSError, EOFError) as error:
        raise signin.cut(site.host, str(error)) from error
    key = transport.get_remote_server_key()
    kind, fingerprint = key.get_name(), str(key.fingerprint)
    if not site.host_keys:
        raise UnknownHostKey(site.host, f"{kind} {fingerprint}", site.option)
    if not site.pinned(kind, fingerprint):
        raise signin.changed_key(site, f"{kind} {fingerprint}")
    _sign_in(transport, site, run)
    transport.set_keepalive(_HEARTBEAT)
    return transport


def _way(site: Site, run: Run, stack: contextlib.ExitStack) -> Any:
    """Something that goes to the server: a socket, or a channel of the jump host."""
    if site.jump is None:
        try:
            return waiting_for(
                lambda: socket.create_connection((site.host, site.port), CONNECT),
                run,
                lambda: None,
                socket.socket.close,
            )
        except (OSError, UnicodeError) as error:  # Unicode: a name that no server can have
            known = error if isinstance(error, OSError) else socket.gaierror(str(error))
            raise signin.unreachable(site, known) from error
    first = _transport(site.jump, run, stack)
    try:
        place = (site.host, site.port)
        return waiting_for(
            lambda: first.open_channel("direct-tcpip", place, ("127.0.0.1", 0), timeout=CONNECT), run, first.close
        )
    except paramiko.SSHException as error:
        raise signin.no_way_through(site.jump, site, str(error)) from error


def _sign_in(transport: paramiko.Transport, site: Site, run: Run) -> None:
    """With all that there is, in turn; a server may want more than one of them."""
    tried, allowed = [], ""
    for name, ask in _ways(transport, site):
        if transport.is_authenticated():
            return
        tried.append(name)
        try:
            waiting_for(ask, run, transport.close)
        except paramiko.BadAuthenticationType as error:
            tried.pop()  # it was not even looked at
            allowed = ", ".join(error.allowed_types)
        except paramiko.AuthenticationException as error:
            if not transport.is_active():  # after a refusal it has had enough of us; else the line broke
                if allowed:
                    break
                raise signin.cut(site.host, str(error)) from error
            allowed = allowed or str(error)
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise signin.cut(site.host, str(error)) from error
    if not transport.is_authenticated():
        raise signin.refused(site, " ".join(dict.fromkeys(tried)), allowed)


def _ways(transport: paramiko.Transport, site: Site) -> Iterator[tuple[str, Callable[[], object]]]:
    if site.key_file is not None:
        key = _key(site)
        yield "key", lambda: transport.auth_publickey(site.user, key)
    if site.agent:
        agent = paramiko.Agent()
        try:
            keys = agent.get_keys()
            if not keys and not (site.key_file or site.password):
                raise signin.no_agent(site)
            for one in keys:
                yield "agent", lambda one=one: transport.auth_publickey(site.user, one)  # type: ignore[misc]
        finally:
            agent.close()
    if site.password is not None:
        yield "password", lambda: transport.auth_password(site.user, site.password)


def _key(site: Site) -> paramiko.PKey:
    path = site.key_file
    assert path is not None
    try:
        return paramiko.PKey.from_path(path, site.passphrase.encode() if site.passphrase else None)
    except OSError as error:
        title = f"The key file {path} cannot be read."
        raise SecretError(title, "Look at its name, and whether you may read it.", error.strerror or "") from error
    except paramiko.PasswordRequiredException as error:
        raise signin.locked(site) from error
    except (ValueError, TypeError, paramiko.SSHException, paramiko.UnknownKeyType) as error:
        if "PRIVATE KEY" in path.read_text("ascii", "replace"):
            raise signin.locked(site) from error
        advice = "Name the private key (not the .pub file), as OpenSSH writes it; PuTTY's must be converted first."
        raise SecretError(f"{path} is no private key.", advice, type(error).__name__) from error


def _ended(transport: paramiko.Transport) -> None:
    transport.close()
    if transport.is_alive():
        transport.join(2)


def afresh(line: Line, run: Run) -> Line:
    """A new line over the same connection, for when the old one was left in the middle of an answer."""
    return open_line(line.sock.get_transport(), line.site, run)
