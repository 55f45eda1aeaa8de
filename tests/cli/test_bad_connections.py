"""What can be wrong with a connection, by the command line: each has a sentence and an advice of its own, exits 4, and
leaves the directory and the far end as they were.
"""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from rosterdesk.cli import run as command
from rosterdesk.connections import Connection, Kind, Part, save
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from rosterdesk.run import Run
from rosterdesk.sources import sftp
from tests.rosters import exported
from tests.servers.certificates import certified
from tests.servers.districts import oneroster
from tests.servers.openssh import OpenSSH
from tests.servers.roster_http import Behaviour, RosterServer, serving

TEN_MINUTES = 600.0
NO_SUCH = "no-such-server.example"


@dataclass
class Bench:
    """What a case may touch: two servers in order, a directory that was filled from one of them."""

    http: RosterServer
    ssh: OpenSSH
    folder: Path
    at: Path
    stack: ExitStack
    patch: pytest.MonkeyPatch
    arguments: list[str] = field(default_factory=lambda: ["push", "connection:it", "--yes"])

    def connect(self, address: str = "", secret: str = "good", part: Part = Part.TOKEN, **options: str) -> None:
        given = {name.replace("_", "-"): value for name, value in options.items()}
        connection = Connection("it", Kind.ONEROSTER, address or self.http.address, {"pause": "0.001", **given})
        save(connection, {part: secret})

    def from_ssh(self, **options: str) -> None:
        save(replace(self.ssh.connection(self.folder, **options), name="it"))

    def put(self, name: str, content: bytes) -> Path:
        return self.ssh.put(f"{self.folder.name}/{name}", content)


@pytest.fixture
def bench(openssh: OpenSSH, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    with ExitStack() as stack:
        server = stack.enter_context(serving(Behaviour(records=oneroster(), token="good")))
        yield Bench(server, openssh, openssh.new_folder(), tmp_path / "d.db", stack, monkeypatch)


def wrong_secret(bench: Bench) -> None:
    bench.connect(secret="wrong")


def wrong_client(bench: Bench) -> None:
    bench.http.behaviour.token, bench.http.behaviour.client = "", ("us", "right")
    token_url = f"{bench.http.address}/token"
    bench.connect(secret="wrong", part=Part.SECRET, auth="oauth2", client_id="us", token_url=token_url)


def expired_token(bench: Bench) -> None:
    bench.http.behaviour.always, bench.http.behaviour.fault_text = "401", "The token has expired"


def missing_scope(bench: Bench) -> None:
    bench.http.behaviour.forbidden = frozenset({"enrollments"})


def no_scope_granted(bench: Bench) -> None:
    bench.http.behaviour.token, bench.http.behaviour.client = "", ("us", "right")
    bench.http.behaviour.scopes = frozenset({"other"})
    token_url = f"{bench.http.address}/token"
    bench.connect(secret="right", part=Part.SECRET, auth="oauth2", client_id="us", token_url=token_url)


def bad_certificate(bench: Bench) -> None:
    context, _ = certified(bench.at.parent)
    other = bench.stack.enter_context(serving(Behaviour(records=oneroster(), token="good"), context))
    bench.connect(other.address)


def expired_certificate(bench: Bench) -> None:
    context, authority = certified(bench.at.parent, expired=True)
    other = bench.stack.enter_context(serving(Behaviour(records=oneroster(), token="good"), context))
    bench.connect(other.address, ca_file=str(authority))


def wrong_clock(bench: Bench) -> None:
    bench.http.behaviour.clock = -TEN_MINUTES
    bench.http.behaviour.always = "401"


def proxy_wanted(bench: Bench) -> None:
    bench.http.behaviour.always = "407"
    bench.connect("http://127.0.0.1:1/ims/oneroster/v1p1", proxy=bench.http.address)


def no_way_out(bench: Bench) -> None:
    bench.connect(f"http://127.0.0.1:{closed_port()}", tries="1")


def name_not_found(bench: Bench) -> None:
    nobody(bench)
    bench.connect(f"https://{NO_SUCH}")


def sftp_name_not_found(bench: Bench) -> None:
    nobody(bench)
    connection = bench.ssh.connection(bench.folder)
    save(Connection("it", Kind.SFTP, NO_SUCH, connection.options))


def unknown_host_key(bench: Bench) -> None:
    bench.from_ssh(host_key="")


def changed_host_key(bench: Bench) -> None:
    bench.from_ssh(host_key=bench.ssh.fingerprint("other"))


def wrong_key(bench: Bench) -> None:
    bench.from_ssh(key_file=str(bench.ssh.folder / "other_key"))


def vanishing(bench: Bench) -> None:
    file = bench.put("users.csv", b"sourcedId\n1\n")
    bench.from_ssh()
    looks = sftp.SftpSource._settled

    def then_gone(self: Any, line: Any, run: Run) -> Any:
        found = looks(self, line, run)
        file.unlink()
        return found

    bench.patch.setattr(sftp.SftpSource, "_settled", then_gone)


def empty_file(bench: Bench) -> None:
    bench.put("users.csv", b"")
    bench.from_ssh()


def half_a_zip(bench: Bench) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("users.csv", "sourcedId\n" * 100)
    bench.put("roster.zip", made.getvalue()[:-40])
    bench.from_ssh()


def folder_not_there(bench: Bench) -> None:
    bench.folder = Path("/nowhere")
    bench.from_ssh()


def folder_not_writable(bench: Bench) -> None:
    deliver(bench)
    bench.folder.chmod(0o555)


def disk_full(bench: Bench) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", f"size=4k,uid={bench.ssh.uid},mode=755", "none", str(bench.folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can't be mounted here")
    bench.stack.callback(subprocess.run, ["umount", "-l", str(bench.folder)], check=True)
    deliver(bench)


def deliver(bench: Bench) -> None:
    save(bench.ssh.connection(bench.folder))
    bench.http.behaviour.records["users"][2]["givenName"] = "Kimberly"  # so that there is something to push
    bench.arguments = ["push", "connection:it", "--yes", "--to", "connection:far"]


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def nobody(bench: Bench) -> None:
    """No name server answers for this name (the tests have no network)."""
    known = socket.getaddrinfo

    def unknown(host: Any, *rest: Any, **named: Any) -> Any:
        if host == NO_SUCH:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return known(host, *rest, **named)

    bench.patch.setattr(socket, "getaddrinfo", unknown)


CASES: list[tuple[Callable[[Bench], None], str]] = [
    (wrong_secret, "127.0.0.1 does not accept our secret."),
    (wrong_client, "The server does not accept the client id and secret."),
    (expired_token, "The token for 127.0.0.1 has expired."),
    (missing_scope, "127.0.0.1 does not allow us to read this."),
    (no_scope_granted, "The server gives this client none of the scopes that a roster needs."),
    (unknown_host_key, "The key of 127.0.0.1 is not known yet."),
    (changed_host_key, "The key of 127.0.0.1 is not the one that is pinned. Nothing was sent to it."),
    (wrong_key, "127.0.0.1 does not take the key of {user}."),
    (bad_certificate, "The certificate of localhost can't be trusted."),
    (expired_certificate, "The certificate of localhost can't be trusted."),
    (wrong_clock, "This computer's clock is 10 minutes ahead of the clock of 127.0.0.1."),
    (proxy_wanted, "The proxy of this network wants a user name and password."),
    (no_way_out, "127.0.0.1 takes no connection."),
    (name_not_found, f"There is no server named {NO_SUCH}."),
    (sftp_name_not_found, f"There is no server named {NO_SUCH}."),
    (folder_not_there, "The folder /nowhere is not on 127.0.0.1."),
    (vanishing, "users.csv was taken away from 127.0.0.1 before it was read."),
    (empty_file, "users.csv on 127.0.0.1 is empty."),
    (half_a_zip, "roster.zip on 127.0.0.1 is only a part of a ZIP, or none."),
    (folder_not_writable, "The folder {folder} on 127.0.0.1 may not be written to by {user}."),
    (disk_full, "The disk of 127.0.0.1 is full."),
]
ADVICE = {
    no_way_out: "If this network needs a proxy, name it",
    expired_certificate: "Look at this computer's clock first",
    bad_certificate: "Verification is never left out",
    missing_scope: "ask for the scope that is missing",
    unknown_host_key: "Compare it with what the server's owner says",
    changed_host_key: "Ask its owner whether its key is now",
}


@pytest.mark.parametrize(("wrong", "sentence"), CASES, ids=[wrong.__name__ for wrong, _ in CASES])
def test_it_is_said_and_nothing_is_removed(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: Callable[[Bench], None], sentence: str
) -> None:
    where = ["--directory", str(bench.at), "--unencrypted", "--json"]
    bench.connect()
    assert command(["push", "connection:it", "--yes", *where]) == 0
    capsys.readouterr()
    before = state(bench.at, tmp_path)
    wrong(bench)
    code = command([*bench.arguments, *where])
    error = json.loads(capsys.readouterr().out)["error"]
    wanted = sentence.format(folder=bench.folder, user=bench.ssh.user)
    assert (code, error["title"].removeprefix(f"{bench.folder}/")) == (4, wanted)
    assert error["advice"]
    assert ADVICE.get(wrong, "") in error["advice"]
    assert state(bench.at, tmp_path) == before
    assert list(bench.folder.glob(".*part")) == []


def test_each_has_a_sentence_of_its_own() -> None:
    same = {"bad_certificate": "expired_certificate", "name_not_found": "sftp_name_not_found"}
    sentences = [sentence for wrong, sentence in CASES if wrong.__name__ not in same]
    assert len(set(sentences)) == len(sentences)


def state(at: Path, folder: Path) -> dict[str, str]:
    with open_directory(at, KeySource(unencrypted=True), create=False, run=Run()) as directory:
        return exported(directory, folder)
