"""A whole walk for each kind of network source: from adding the connection in the window to the push. Each leaves the
very bytes that the command line leaves, for which the connection is added anew, in a home of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from rosterdesk.cli import run as command
from rosterdesk.cli.connecting import SECRET_VARIABLE
from rosterdesk.directory.engine import Directory
from rosterdesk.draft import Step
from tests.gui.connecting import Filling, words
from tests.gui.walking import Walk, exported
from tests.servers import districts
from tests.servers.openssh import OpenSSH
from tests.servers.roster_http import Behaviour, serving

ByCommand = Callable[[str, Sequence[str], str], dict[str, bytes]]


@pytest.fixture
def connect(walk: Walk) -> Callable[..., Filling]:
    """Opens the dialog from the wizard's first page, as a person does, and fills it in."""

    def open_(kind: str, way: str, **values: str) -> Filling:
        walk.source.known.add.click()
        assert walk.source.dialog is not None
        one = Filling(walk.qtbot, walk.worker, walk.source.dialog)
        one.choose(kind, way)
        one.fill(**values)
        one.press()
        return one

    return open_


@pytest.fixture
def by_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ByCommand:
    """What a directory holds when the connection is added, and the roster pushed, on the command line."""

    def held(kind: str, options: Sequence[str], secret: str) -> dict[str, bytes]:
        home, where = tmp_path / "other home", tmp_path / "other.db"
        home.mkdir(mode=0o700)
        monkeypatch.setenv("ROSTERDESK_HOME", str(home))
        monkeypatch.setenv(SECRET_VARIABLE, secret)
        at = ["--directory", str(where), "--unencrypted"]
        assert command(["connections", "add", "other", "--kind", kind, *options]) == 0
        assert command(["push", "connection:other", "--yes", *at]) == 0
        assert command(["directory", "export", str(tmp_path / "other"), *at]) == 0
        return {path.name: path.read_bytes() for path in sorted((tmp_path / "other").iterdir())}

    return held


@pytest.fixture
def servers() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def pushed(walk: Walk, one: Filling, directory: Directory, tmp_path: Path) -> dict[str, bytes]:
    """Read from the connection that was saved, and walk to the end; what the directory holds then."""
    assert "is saved" in words(one.dialog), words(one.dialog)
    one.press()
    assert walk.draft.reading is not None
    walk.until(Step.PUSH)
    assert walk.next() is Step.RESULT
    held = exported(directory, tmp_path / "window")
    assert held["students.csv"].count(b"\n") == 13, "twelve students and the header"
    return held


def options_of(values: Mapping[str, str]) -> list[str]:
    return [part for name, value in values.items() for part in ("--option", f"{name}={value}")]


def test_clever(
    walk: Walk,
    directory: Directory,
    connect: Callable[..., Filling],
    by_command: ByCommand,
    servers: ExitStack,
    tmp_path: Path,
) -> None:
    server = servers.enter_context(serving(Behaviour(records=districts.clever(), token="good")))
    one = connect("clever", "token", token="good", address=server.address)
    held = pushed(walk, one, directory, tmp_path)
    assert held == by_command("clever", ["--address", server.address], "good")


def test_classlink(
    walk: Walk,
    directory: Directory,
    connect: Callable[..., Filling],
    by_command: ByCommand,
    servers: ExitStack,
    tmp_path: Path,
) -> None:
    how = Behaviour(records=districts.oneroster(), client=("key", "hush"), oauth1="HMAC-SHA256")
    server = servers.enter_context(serving(how))
    one = connect("classlink", "", client_id="key", secret="hush", address=server.address)
    held = pushed(walk, one, directory, tmp_path)
    options = ["--address", server.address, *options_of({"client-id": "key"})]
    assert held == by_command("classlink", options, "hush")


def test_classlinks_proxy(
    walk: Walk,
    directory: Directory,
    connect: Callable[..., Filling],
    by_command: ByCommand,
    servers: ExitStack,
    tmp_path: Path,
) -> None:
    apps = [{"oneroster_application_id": "Mo1%3D", "name": "RosterDesk", "tenant_name": "Kestrel Valley"}]
    how = Behaviour(
        records=districts.oneroster(),
        token="good",
        applications={"status": 1, "applications": apps},
        bases=("/Mo1%3D/ims/oneroster/v1p1",),
    )
    server = servers.enter_context(serving(how))
    one = connect("classlink-proxy", "", token="good", address=server.address)
    held = pushed(walk, one, directory, tmp_path)
    assert held == by_command("classlink-proxy", ["--address", server.address], "good")


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_oneroster_rest(
    walk: Walk,
    directory: Directory,
    connect: Callable[..., Filling],
    by_command: ByCommand,
    servers: ExitStack,
    tmp_path: Path,
    version: str,
) -> None:
    base = "/ims/oneroster/v1p1" if version == "1.1" else "/ims/oneroster/rostering/v1p2"
    how = Behaviour(records=districts.oneroster(version=version), bases=(base,), client=("key", "hush"))
    server = servers.enter_context(serving(how))
    one = connect("oneroster", "oauth2", client_id="key", secret="hush", address=server.address)
    held = pushed(walk, one, directory, tmp_path)
    options = ["--address", server.address, *options_of({"client-id": "key"})]
    assert held == by_command("oneroster", options, "hush")


def test_sftp(
    walk: Walk,
    directory: Directory,
    connect: Callable[..., Filling],
    by_command: ByCommand,
    openssh: OpenSSH,
    tmp_path: Path,
) -> None:
    folder = openssh.new_folder()
    lines = ["Student ID,First Name,Last Name,Grade,School ID,School Name"]
    names = ("Ana", "Ben", "Cem", "Dee", "Eli", "Fay", "Gus", "Hal", "Ida", "Jon", "Kit", "Lea")
    lines += [f"{n:05},{name},Oak,3,0101,Adams" for n, name in enumerate(names)]
    openssh.put(f"{folder.name}/students.csv", "\n".join(lines).encode())
    values = {"user": openssh.user, "port": str(openssh.port), "folder": str(folder), "settle": "0.05"}
    if openssh.password:
        one = connect("sftp", "password", address="127.0.0.1", password=openssh.password, **values)
    else:
        one = connect("sftp", "key", address="127.0.0.1", key_file=str(openssh.key), **values)
    key = one.confirm_key()
    held = pushed(walk, one, directory, tmp_path)
    values["host_key"] = key
    values |= {} if openssh.password else {"key_file": str(openssh.key)}
    alone = [] if openssh.password else ["--no-secret"]
    assert held == by_command("sftp", ["--address", "127.0.0.1", *alone, *options_of(values)], openssh.password)


def test_a_connection_that_breaks_is_said_on_the_page_and_can_be_tried_again(
    walk: Walk, connect: Callable[..., Filling], servers: ExitStack
) -> None:
    server = servers.enter_context(serving(Behaviour(records=districts.clever(), token="good")))
    one = connect("clever", "token", token="good", address=server.address, tries="1")
    server.behaviour.always = "500"
    one.press()
    error = walk.wizard.page.error
    assert error is not None
    assert error.advice
    server.behaviour.always = ""
    walk.wizard._again()
    walk.settle()
    assert walk.draft.reading is not None
