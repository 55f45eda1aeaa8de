"""Signing in to a real OpenSSH server, and whole files over the line: what works, and each fault in its own words."""

from __future__ import annotations

import dataclasses
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backends.fail
import pytest

from rosterdesk.connections import Connection, Kind, Part, save
from rosterdesk.errors import Cancelled, SecretError, UnreachableError, UsageError
from rosterdesk.net import far, sftp, transfer
from rosterdesk.net.far import Step
from rosterdesk.net.inbox import Inbox
from rosterdesk.net.pinning import pinned
from rosterdesk.net.signin import LineCut
from rosterdesk.net.site import Site, UnknownHostKey, site_of
from rosterdesk.run import Run
from tests.servers.cutting import Cutting
from tests.servers.openssh import OpenSSH


@pytest.fixture
def site(openssh: OpenSSH) -> Site:
    return site_of(openssh.connection())


def names(site: Site, run: Run, folder: Path) -> list[str]:
    with sftp.signed_in(site, run) as line:
        return [entry.name for entry in far.entries(line, str(folder))]


# --- signing in -------------------------------------------------------------------------------------------------------


def test_with_a_key(openssh: OpenSSH, site: Site, run: Run) -> None:
    folder = openssh.new_folder()
    (folder / "users.csv").touch()
    assert names(site, run, folder) == ["users.csv"]


def test_with_a_key_that_has_a_passphrase(openssh: OpenSSH, site: Site, run: Run) -> None:
    locked = dataclasses.replace(site, key_file=openssh.locked_key, passphrase="open sesame")
    assert names(locked, run, openssh.new_folder()) == []


def test_with_a_password_from_the_keyring(openssh: OpenSSH, run: Run) -> None:
    if not openssh.password:
        pytest.skip("without libnss-wrapper there is no password to sign in with")
    connection = openssh.connection(key_file="")
    save(connection, {Part.PASSWORD: openssh.password})
    assert names(site_of(connection), run, openssh.new_folder()) == []


@pytest.fixture
def agent(openssh: OpenSSH, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    place = openssh.folder / "agent.sock"
    place.unlink(missing_ok=True)
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(place)], stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 10
        while not place.exists() and time.monotonic() < until:
            time.sleep(0.02)
        monkeypatch.setenv("SSH_AUTH_SOCK", str(place))
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.usefixtures("agent")
def test_with_an_agent(openssh: OpenSSH, site: Site, run: Run) -> None:
    without = dataclasses.replace(site, key_file=None, agent=True)
    with pytest.raises(UnreachableError, match="There is no key in an SSH agent"):
        names(without, run, openssh.home)
    subprocess.run(["ssh-add", "-q", str(openssh.make_key("stranger")), str(openssh.key)], check=True)
    assert names(without, run, openssh.new_folder()) == []


def test_through_a_jump_host(openssh: OpenSSH, run: Run) -> None:
    inner = OpenSSH()
    try:
        inner.allow(openssh.key)
        inner.start()
        folder = inner.new_folder()
        connection = openssh.connection(
            folder,
            inner.port,
            host_key=inner.fingerprint(),
            jump=f"{openssh.user}@127.0.0.1:{openssh.port}",
            jump_host_key=openssh.fingerprint(),
        )
        (folder / "inside.csv").touch()
        assert names(site_of(connection), run, folder) == ["inside.csv"]
        changed = {**connection.options, "jump_host_key": inner.fingerprint()}
        other = dataclasses.replace(connection, options=changed)
        with pytest.raises(UnreachableError, match=r"The key of 127\.0\.0\.1 is not the one that is pinned"):
            names(site_of(other), run, folder)
        inner.stop(keep=True)
        with pytest.raises(UnreachableError, match="gives no way through to"):
            names(site_of(connection), run, folder)
    finally:
        inner.stop()


# --- host keys --------------------------------------------------------------------------------------------------------


def test_the_key_is_shown_once_and_pinned(openssh: OpenSSH, run: Run) -> None:
    connection = openssh.connection(host_key="")
    asked: list[str] = []
    made = pinned(connection, lambda sentence: not asked.append(sentence), run)
    assert made.options["host_key"] == f"ssh-ed25519 {openssh.fingerprint()}"
    assert len(asked) == 1
    assert openssh.fingerprint() in asked[0]
    assert pinned(made, lambda sentence: pytest.fail(sentence), run) == made
    assert names(site_of(made), run, openssh.new_folder()) == []


def test_a_key_that_nobody_confirms_is_not_pinned(openssh: OpenSSH, run: Run) -> None:
    with pytest.raises(UnknownHostKey) as told:
        pinned(openssh.connection(host_key=""), lambda sentence: False, run)
    assert told.value.exit_code == 4
    assert openssh.fingerprint() in told.value.advice


def test_a_changed_key_stops_and_says_what_to_do(run: Run) -> None:
    server = OpenSSH()
    try:
        server.start()
        connection = server.connection()
        both = server.connection(next_host_key=server.fingerprint("next"))
        server.stop(keep=True)
        server.start(host_key="next")
        with pytest.raises(UnreachableError) as told:
            names(site_of(connection), run, server.home)
        assert "is not the one that is pinned. Nothing was sent to it." in told.value.title
        assert server.fingerprint("next") in told.value.advice
        assert "Accepted" not in server.log()
        assert names(site_of(both), run, server.new_folder()) == []
        server.stop(keep=True)
        server.start(host_key="other")
        with pytest.raises(UnreachableError, match="is not the one that is pinned"):
            names(site_of(both), run, server.home)
    finally:
        server.stop()


def test_a_server_with_several_keys_is_asked_for_the_pinned_kind(run: Run) -> None:
    server = OpenSSH()
    try:
        rsa = server.make_key("rsa", kind="rsa")
        server.start(HostKey=f"{server.folder / 'host_key'}\nHostKey {rsa}")
        connection = server.connection(host_key=f"ssh-rsa {server.fingerprint('rsa')}")
        assert names(site_of(connection), run, server.new_folder()) == []
    finally:
        server.stop()


# --- faults -----------------------------------------------------------------------------------------------------------


def test_a_key_that_the_server_does_not_know(openssh: OpenSSH, site: Site, run: Run) -> None:
    stranger = dataclasses.replace(site, key_file=openssh.make_key("unknown"))
    with pytest.raises(UnreachableError, match="does not take the key of") as told:
        names(stranger, run, openssh.home)
    assert told.value.exit_code == 4


def test_a_wrong_password(openssh: OpenSSH, site: Site, run: Run) -> None:
    if not openssh.password:
        pytest.skip("without libnss-wrapper there is no password to sign in with")
    with pytest.raises(UnreachableError, match="does not take the password of roster"):
        names(dataclasses.replace(site, key_file=None, password="wrong"), run, openssh.home)


@pytest.mark.parametrize(
    ("key", "passphrase", "sentence"),
    [
        ("locked_key", None, "has a passphrase, and the keyring has none"),
        ("locked_key", "wrong", "The passphrase of the key .* is wrong"),
        ("user_key.pub", None, "is no private key"),
        ("nothing", None, "cannot be read"),
    ],
)
def test_a_key_that_cannot_be_used(
    openssh: OpenSSH, site: Site, run: Run, key: str, passphrase: str | None, sentence: str
) -> None:
    with pytest.raises(SecretError, match=sentence):
        names(dataclasses.replace(site, key_file=openssh.folder / key, passphrase=passphrase), run, openssh.home)


def test_a_name_that_is_not_found(site: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    # Names that end so never exist (RFC 6761); a resolver without a network says so in another way.
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: (_ for _ in ()).throw(socket.gaierror(-2, "unknown")))
    with pytest.raises(UnreachableError, match=r"There is no server named files\.invalid\."):
        names(dataclasses.replace(site, host="files.invalid"), run, Path())


def test_nobody_listens(site: Site, run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(UnreachableError, match=f"takes no connections on port {port}"):
        names(dataclasses.replace(site, port=port), run, Path())


def test_something_else_listens(site: Site, run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            one, _ = server.accept()
            with one:
                one.recv(100)
                one.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(UnreachableError, match="is no SFTP server"):
            names(dataclasses.replace(site, port=server.getsockname()[1]), run, Path())
        thread.join()


def test_a_user_who_may_not_use_sftp(run: Run) -> None:
    server = OpenSSH()
    try:
        server.start(Subsystem="other /bin/false")
        with pytest.raises(UnreachableError, match=r"may sign in to 127\.0\.0\.1, but not use SFTP"):
            names(site_of(server.connection()), run, server.home)
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"port": "none"}, "is no port"),
        ({"user": ""}, "has no user"),
        ({"key_file": ""}, "has nothing to sign in with"),
        ({"host_key": "ab:cd"}, "is no key of a server"),
        ({"jump": "someone@"}, "is no server to go through"),
    ],
)
def test_options_that_cannot_be(openssh: OpenSSH, options: dict[str, str], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        site_of(openssh.connection(**options))


def test_secrets_are_not_shown() -> None:
    site = Site("h", 22, "u", password="pass-it-on", passphrase="open sesame")
    assert "pass-it-on" not in repr(site)
    assert "sesame" not in repr(site)


def test_a_stalled_server_can_be_left_at_once(openssh: OpenSSH, run: Run) -> None:
    with Cutting(openssh.port, down=30, stall=True) as proxy:
        threading.Timer(0.3, run.cancel).start()
        began = time.monotonic()
        with pytest.raises(Cancelled):
            names(site_of(openssh.connection(port=proxy.port)), run, openssh.home)
        assert time.monotonic() - began < 1.3


def test_a_server_that_stalls_is_told(openssh: OpenSSH, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sftp, "STALL", 0.5)
    with Cutting(openssh.port) as proxy, sftp.signed_in(site_of(openssh.connection(port=proxy.port)), run) as line:
        proxy._left["down"], proxy._stall = 0, True
        with pytest.raises(LineCut, match="has not answered for"):
            far.entries(line, "")


# --- files ------------------------------------------------------------------------------------------------------------

SIZES = (0, 1, 32767, 32768, 32769, 261_120, 261_121, 9_000_001)


def content(size: int) -> bytes:
    """Bytes in which no place looks like another."""
    return b"".join(number.to_bytes(4, "big") for number in range(size // 4 + 1))[:size]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("limits", [True, False], ids=["limits", "no-limits"])
def test_files_go_and_come_whole(
    openssh: OpenSSH, site: Site, run: Run, tmp_path: Path, size: int, limits: bool
) -> None:
    folder = openssh.new_folder()
    (tmp_path / "a").write_bytes(content(size))
    with sftp.signed_in(site, run) as line:
        if not limits:
            line.extensions.clear()
        seen: list[int] = []
        transfer.put(line, tmp_path / "a", f"{folder}/a", seen.append)
        assert (folder / "a").read_bytes() == content(size)
        assert seen[-1] == size
        assert seen == sorted(seen)
        entry = far.look(line, f"{folder}/a")
        assert entry is not None
        assert (entry.name, entry.size, entry.is_file) == ("a", size, True)
        transfer.get(line, f"{folder}/a", entry, tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == content(size)


def test_what_is_there_is_not_sent_again(openssh: OpenSSH, site: Site, run: Run, tmp_path: Path) -> None:
    folder, size = openssh.new_folder(), 20_000_000
    (tmp_path / "a").write_bytes(content(size))
    begun = openssh.put(f"{folder.name}/a", content(size)[:15_000_000] + b"\0" * 100)
    with Cutting(openssh.port) as proxy:
        with sftp.signed_in(dataclasses.replace(site, port=proxy.port), run) as line:
            transfer.put(line, tmp_path / "a", f"{folder}/a")
        assert proxy.passed["up"] < 14_000_000
    assert begun.read_bytes() == content(size)


def test_what_is_there_but_differs_is_sent_again(openssh: OpenSSH, site: Site, run: Run, tmp_path: Path) -> None:
    folder, size = openssh.new_folder(), 20_000_000
    (tmp_path / "a").write_bytes(content(size))
    begun = openssh.put(f"{folder.name}/a", b"\1" * 25_000_000)
    with sftp.signed_in(site, run) as line:
        transfer.put(line, tmp_path / "a", f"{folder}/a")
    assert begun.read_bytes() == content(size)


def test_what_has_come_is_sure_and_not_asked_for_again(openssh: OpenSSH, site: Site, run: Run, tmp_path: Path) -> None:
    folder, size = openssh.new_folder(), 20_000_000
    openssh.put(f"{folder.name}/a", content(size))
    with sftp.signed_in(site, run) as line:
        [entry] = far.entries(line, str(folder))
    with (
        Cutting(openssh.port, down=12_000_000) as proxy,
        pytest.raises(LineCut),
        sftp.signed_in(dataclasses.replace(site, port=proxy.port), run) as line,
    ):
        transfer.get(line, f"{folder}/a", entry, tmp_path / "a")
    have = (tmp_path / "a").read_bytes()
    assert 5_000_000 < len(have) < size
    assert have == content(size)[: len(have)]
    with Cutting(openssh.port) as proxy:
        with sftp.signed_in(dataclasses.replace(site, port=proxy.port), run) as line:
            transfer.get(line, f"{folder}/a", entry, tmp_path / "a")
        assert proxy.passed["down"] < size - len(have) + 1_000_000
    assert (tmp_path / "a").read_bytes() == content(size)


def test_a_transfer_can_be_left_at_once(openssh: OpenSSH, site: Site, run: Run, tmp_path: Path) -> None:
    folder = openssh.new_folder()
    with (tmp_path / "a").open("wb") as file:
        file.truncate(4 << 30)
    cancelled: list[float] = []

    def told(done: int) -> None:
        if done and not cancelled:
            run.cancel()
            cancelled.append(time.monotonic())

    with pytest.raises(Cancelled), sftp.signed_in(site, run) as line:
        transfer.put(line, tmp_path / "a", f"{folder}/a", told)
    assert time.monotonic() - cancelled[0] < 1
    assert (folder / "a").stat().st_size < 4 << 30
    (folder / "a").unlink()


def test_a_file_that_vanishes_between_list_and_get(openssh: OpenSSH, site: Site, run: Run, tmp_path: Path) -> None:
    folder = openssh.new_folder()
    gone = openssh.put(f"{folder.name}/users.csv", b"a,b\n")
    with sftp.signed_in(site, run) as line:
        [entry] = far.entries(line, str(folder))
        gone.unlink()
        with pytest.raises(UnreachableError, match=r"users\.csv was taken away from 127\.0\.0\.1 before it was read"):
            transfer.get(line, f"{folder}/users.csv", entry, tmp_path / "a")


def test_a_file_that_changes_while_it_is_read(openssh: OpenSSH, site: Site, run: Run, tmp_path: Path) -> None:
    folder = openssh.new_folder()
    path = openssh.put(f"{folder.name}/users.csv", content(3_000_000))
    with sftp.signed_in(site, run) as line:
        [entry] = far.entries(line, str(folder))

        def grow(done: int) -> None:
            path.write_bytes(content(3_000_001))

        with pytest.raises(UnreachableError, match="was changed while it was read"):
            transfer.get(line, f"{folder}/users.csv", entry, tmp_path / "a", grow)
        path.write_bytes(b"short")
        with pytest.raises(UnreachableError, match="became shorter while it was read"):
            transfer.get(line, f"{folder}/users.csv", entry, tmp_path / "b")


def test_what_may_not_be_read_or_written(openssh: OpenSSH, site: Site, run: Run, tmp_path: Path) -> None:
    folder = openssh.new_folder()
    (tmp_path / "a").write_bytes(b"1")
    path = openssh.put(f"{folder.name}/secret.csv", b"a")
    path.chmod(0)
    folder.chmod(0o555)
    with sftp.signed_in(site, run) as line:
        [entry] = far.entries(line, str(folder))
        with pytest.raises(UnreachableError, match=r"secret\.csv on 127\.0\.0\.1 may not be read by"):
            transfer.get(line, f"{folder}/secret.csv", entry, tmp_path / "b")
        with pytest.raises(UnreachableError, match=f"The folder {folder} on 127.0.0.1 may not be written to by"):
            transfer.put(line, tmp_path / "a", f"{folder}/a")
        with pytest.raises(UnreachableError, match=r"The folder /nowhere is not on 127\.0\.0\.1"):
            far.entries(line, "/nowhere")


@pytest.fixture
def small_disk(openssh: OpenSSH) -> Iterator[Path]:
    """A disk of one megabyte at the far end."""
    folder = openssh.new_folder()
    command = ["mount", "-t", "tmpfs", "-o", f"size=1m,uid={openssh.uid},mode=755", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can't be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_at_the_far_end(openssh: OpenSSH, site: Site, run: Run, tmp_path: Path, small_disk: Path) -> None:
    (tmp_path / "a").write_bytes(content(2_000_000))
    with sftp.signed_in(site, run) as line:
        assert far.room(line, str(small_disk)) == 1 << 20
        with pytest.raises(UnreachableError, match=r"The disk of 127\.0\.0\.1 is full") as told:
            transfer.put(line, tmp_path / "a", f"{small_disk}/a")
    assert told.value.exit_code == 4


def test_steps_together(openssh: OpenSSH, site: Site, run: Run) -> None:
    folder = openssh.new_folder()
    for name in ("a", "b", "c"):
        openssh.put(f"{folder.name}/{name}", name.encode())
    place = str(folder)
    with sftp.signed_in(site, run) as line:
        assert far.can_replace(line)
        steps = [
            Step(f"{place}/a", f"{place}/kept", copy=True),
            Step(f"{place}/b", f"{place}/a"),
            Step(f"{place}/missing"),
            Step(f"{place}/c"),
        ]
        said = far.together(line, steps)
    assert [type(one) for one in said] == [type(None), type(None), FileNotFoundError, type(None)]
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"kept": "a", "a": "b"}


def test_a_connection_without_a_user_is_refused() -> None:
    with pytest.raises(UsageError):
        site_of(Connection("far", Kind.SFTP))


def test_the_inbox_gives_what_came_in_its_order() -> None:
    inbox = Inbox(TimeoutError)
    with pytest.raises(TimeoutError):
        inbox.read(1, 0.01)
    for part in (b"abc", b"d", b"efgh"):
        inbox.feed(part)
    assert inbox.read_ready()
    assert len(inbox) == 8
    assert (inbox.read(2), inbox.read(4), inbox.read(9)) == (b"ab", b"c", b"defgh")
    inbox.close()
    assert inbox.read(1) == b""


def test_a_key_needs_no_keyring(openssh: OpenSSH, run: Run) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())
    assert names(site_of(openssh.connection()), run, openssh.new_folder()) == []
    with pytest.raises(SecretError, match="has no keyring"):
        site_of(openssh.connection(key_file=""))
