"""One contract for all sources over HTTP: test, fetch, cancel midway, refused, unreachable, cut off."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from rosterdesk.connections import Connection, Kind, Part, save
from rosterdesk.errors import Cancelled, SecretError, UnreachableError
from rosterdesk.run import Run
from rosterdesk.sources.remote import bring, open_source
from tests.servers.districts import clever
from tests.servers.roster_http import RosterServer
from tests.sources.connecting import Servers, connected, fetched, servers

__all__ = ["servers"]

KINDS = (Kind.CLEVER, Kind.CLASSLINK, Kind.CLASSLINK_PROXY, Kind.ONEROSTER)


def started(servers: Servers, kind: Kind) -> tuple[RosterServer, Connection]:
    """A server of that kind and a connection that it knows."""
    match kind:
        case Kind.CLEVER:
            server = servers.start(records=clever())
            return server, connected(server, kind=kind, page_size="10")
        case Kind.CLASSLINK:
            server = servers.start(token="", client=("key", "good"), oauth1="HMAC-SHA256")
            return server, connected(server, kind=kind, part=Part.SECRET, client_id="key", page_size="10")
        case Kind.CLASSLINK_PROXY:
            one = {"name": "RosterDesk", "oneroster_application_id": "abc%3D"}
            server = servers.start(applications={"applications": [one]}, bases=("/abc%3D/ims/oneroster/v1p1",))
            return server, connected(server, kind=kind, page_size="10")
        case _:
            server = servers.start(token="", client=("key", "good"))
            return server, connected(server, kind=kind, part=Part.SECRET, client_id="key", page_size="10")


@pytest.mark.parametrize("kind", KINDS)
def test_a_test_tells_what_is_there(servers: Servers, kind: Kind) -> None:
    _, connection = started(servers, kind)
    tested = open_source(connection).test(Run())
    assert tested.good
    assert [s.name for s in tested.schools] == ["Heron School", "Wren School"]
    assert [d.name for d in tested.districts] == ["Kestrel Valley"]
    assert tested.counts["enrollments" if kind is not Kind.CLEVER else "students"] >= 12


@pytest.mark.parametrize("kind", KINDS)
def test_a_fetch_is_the_same_each_time(servers: Servers, tmp_path: Path, kind: Kind) -> None:
    _, connection = started(servers, kind)
    first, second = fetched(connection, tmp_path / "x")[0], fetched(connection, tmp_path / "y")[0]
    assert not first.unproven
    assert [p.name for p in first.files] == [p.name for p in second.files]
    assert [p.read_bytes() for p in first.files] == [p.read_bytes() for p in second.files]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stalls", [True, False])
def test_a_cancel_midway(servers: Servers, tmp_path: Path, kind: Kind, stalls: bool) -> None:
    """The server that stalls lets go only when the test is over; that the fetch comes back is the proof."""
    server, _ = started(servers, kind)
    run = Run()
    if stalls:
        server.behaviour.faults = {6: "stall"}
        threading.Thread(target=lambda: (server.stalled.wait(), run.cancel())).start()
    else:
        server.behaviour.before = lambda number: run.cancel() if number == 6 else None
    with pytest.raises(Cancelled):
        bring(["connection:it"], tmp_path, run)
    assert not any(p for p in tmp_path.rglob("*") if p.is_file())
    assert not server.let_go.is_set()


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_secret(servers: Servers, tmp_path: Path, kind: Kind) -> None:
    _, connection = started(servers, kind)
    part = Part.TOKEN if kind in (Kind.CLEVER, Kind.CLASSLINK_PROXY) else Part.SECRET
    save(connection, {part: "wrong"})
    for work in (lambda: open_source(connection).test(Run()), lambda: bring(["connection:it"], tmp_path, Run())):
        with pytest.raises(UnreachableError, match="does not accept") as told:
            work()
        assert told.value.advice.endswith("Nothing was changed.")
        assert "wrong" not in str(told.value) + told.value.detail


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_that_is_not_there(servers: Servers, kind: Kind, secrets: object) -> None:
    _, connection = started(servers, kind)
    secrets.secrets.clear()  # type: ignore[attr-defined]
    with pytest.raises(SecretError):
        open_source(connection).test(Run())


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_there(servers: Servers, tmp_path: Path, kind: Kind) -> None:
    _, connection = started(servers, kind)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        save(replace(connection, address=f"http://127.0.0.1:{taken.getsockname()[1]}"))
        with pytest.raises(UnreachableError, match="takes no connection") as told:
            bring(["connection:it"], tmp_path, Run())
    assert "connection it" in told.value.detail
    assert not any(p for p in tmp_path.rglob("*") if p.is_file())


@pytest.mark.parametrize("kind", KINDS)
def test_cut_off_for_good(servers: Servers, tmp_path: Path, kind: Kind) -> None:
    server, _ = started(servers, kind)
    server.behaviour.faults = dict.fromkeys(range(6, 100), "cut")
    with pytest.raises(UnreachableError, match="was cut off"):
        bring(["connection:it"], tmp_path, Run())
    assert not any(p for p in tmp_path.rglob("*") if p.is_file())
