"""Connections: readable files without secrets, and the commands about them."""

from __future__ import annotations

import json
import signal
import stat
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rosterdesk import connections
from rosterdesk.cli import run
from rosterdesk.connections import Connection, Kind, Part
from rosterdesk.errors import FileError, SecretError, UsageError
from tests.conftest import MemoryKeyring
from tests.servers.districts import clever, oneroster
from tests.servers.roster_http import Behaviour, serving

CREATED = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
MINE = Connection(
    "main", Kind.ONEROSTER, "https://sis.example/oneroster", {"client-id": "us", "page-size": "500"}, CREATED
)


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """The command line sets the program's signal handlers; the test run keeps its own."""
    kept = [(number, signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM)]
    yield
    for number, handler in kept:
        signal.signal(number, handler)


def test_a_connection_is_kept_readable_and_its_secret_is_not_in_it(home: Path, secrets: MemoryKeyring) -> None:
    connections.save(MINE, {Part.SECRET: "hush"})
    file = home / "connections" / "main.toml"
    assert file.read_text("utf-8") == (
        'name = "main"\nkind = "oneroster"\naddress = "https://sis.example/oneroster"\n'
        "created = 2026-11-24 06:00:00+00:00\n"
        '\n[options]\nclient-id = "us"\npage-size = "500"\n'
    )
    assert [p.name for p in file.parent.iterdir()] == ["main.toml"]
    assert connections.load("main") == MINE
    assert connections.connections() == (MINE,)
    assert connections.needed_secret(MINE, Part.SECRET) == "hush"
    assert secrets.secrets == {("RosterDesk", "connection main secret"): "hush"}
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    connections.remove("main")
    assert connections.connections() == ()
    assert secrets.secrets == {}


@pytest.mark.parametrize("name", ["", "../x", "a b", ".hidden", "x/y", "x" * 61, "naïve\n"])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(UsageError):
        connections.save(Connection(name, Kind.SFTP))


def test_two_names_that_differ_in_case_alone() -> None:
    connections.save(MINE)
    with pytest.raises(UsageError, match="named main"):
        connections.save(Connection("Main", Kind.SFTP))


def test_what_is_not_there_or_damaged(home: Path) -> None:
    with pytest.raises(UsageError, match="no connection named main"):
        connections.load("main")
    with pytest.raises(UsageError):
        connections.remove("main")
    connections.save(MINE)
    with pytest.raises(SecretError, match="not in the keyring"):
        connections.needed_secret(MINE, Part.TOKEN)
    (home / "connections" / "main.toml").write_text('name = "main"\nkind = "other"\n')
    with pytest.raises(FileError, match="damaged"):
        connections.load("main")


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any], str]:
    code = run([*arguments, "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out), said.err


def test_add_test_list_read_and_remove(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, secrets: MemoryKeyring
) -> None:
    with serving(Behaviour(records=oneroster(), token="good")) as server:
        monkeypatch.setenv("ROSTERDESK_SECRET", "good")
        add = (
            "connections",
            "add",
            "main",
            "--kind",
            "oneroster",
            "--address",
            server.address,
            "--secret-part",
            "token",
        )
        code, result, _ = call(capsys, *add)
        assert (code, result["good"], result["saved"]) == (0, True, True)
        assert [s["name"] for s in result["schools"]] == ["Heron School", "Wren School"]
        code, result, said = call(capsys, "connections", "list")
        assert code == 0
        assert (
            result["connections"][0] | {"name": "main", "secrets": ["token"], "options": {}} == result["connections"][0]
        )
        assert "good" not in said
        code, result, _ = call(capsys, "connections", "test", "main")
        assert (code, result["counts"]["people"]) == (0, 30)
        code, result, _ = call(capsys, "read", "connection:main")
        assert code == 0
        assert {t["name"]: t["rows"] for t in result["tables"]}["users"] == 30
        code, result, _ = call(capsys, "check", "connection:main")
        assert code == 0
        code, result, _ = call(capsys, "connections", "remove", "main")
        assert (code, secrets.secrets) == (0, {})
        code, result, _ = call(capsys, "read", "connection:main")
        assert (code, result["error"]["title"]) == (2, "There is no connection named main.")


def test_a_refused_connection_leaves_nothing_behind_and_keeps_an_earlier_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, secrets: MemoryKeyring
) -> None:
    with serving(Behaviour(records=clever(), token="good")) as server:
        add = ("connections", "add", "c", "--kind", "clever", "--address", server.address)
        monkeypatch.setenv("ROSTERDESK_SECRET", "wrong")
        code, result, _ = call(capsys, *add)
        assert (code, result["error"]["title"]) == (4, "127.0.0.1 does not accept our secret.")
        assert (connections.connections(), secrets.secrets) == ((), {})
        monkeypatch.setenv("ROSTERDESK_SECRET", "good")
        assert call(capsys, *add)[0] == 0
        before = connections.load("c")
        monkeypatch.setenv("ROSTERDESK_SECRET", "wrong")
        assert call(capsys, *add, "--option", "page-size=5")[0] == 4
        assert connections.load("c") == before
        assert connections.secret_of(before, Part.TOKEN) == "good"


def test_secrets_and_nonsense_are_not_taken_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("password=x", "nonsense", "=x"):
        code, result, _ = call(capsys, "connections", "add", "x", "--kind", "oneroster", "--option", option)
        assert code == 2
        assert result["error"]["advice"]
    assert connections.connections() == ()


def test_a_broken_read_exits_4_and_a_push_changes_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    at = ["--directory", str(tmp_path / "d.db"), "--unencrypted"]
    with serving(Behaviour(records=oneroster(), token="good")) as server:
        connections.save(Connection("main", Kind.ONEROSTER, server.address, {"pause": "0.001"}), {Part.TOKEN: "good"})
        assert call(capsys, "push", "connection:main", "--yes", *at)[0] == 0
        server.behaviour.always = "html"
        code, result, _ = call(capsys, "push", "connection:main", "--yes", *at)
        assert (code, result["error"]["title"]) == (
            4,
            "The server answered with a web page instead of data.",
        )
        server.behaviour.always = ""
        code, result, _ = call(capsys, "push", "connection:main", "--yes", *at)
        assert code == 0
        assert not any(n for counts in result["changes"].values() for n in counts.values())
