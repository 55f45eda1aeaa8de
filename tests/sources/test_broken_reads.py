"""Every request of a read broken once in every way: the read fails whole, or gives what an unbroken one gives."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rosterdesk import pipeline
from rosterdesk.connections import Kind
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from rosterdesk.directory.export import export
from rosterdesk.errors import RosterDeskError, UnreachableError
from rosterdesk.run import Run
from tests.servers.districts import clever, oneroster
from tests.servers.roster_http import RosterServer
from tests.sources.connecting import Servers, connected, fetched, servers

__all__ = ["servers"]

FAULTS = ("cut", "reset", "html", "half", "429", "500", "401", "403", "404", "redirect")
PASSING = ("cut", "reset", "429", "500")
KINDS = {Kind.ONEROSTER: oneroster, Kind.CLEVER: clever}
PAGE = {Kind.ONEROSTER: "20", Kind.CLEVER: "20"}


def district(servers: Servers, kind: Kind, students: int = 12, page_size: str = "20") -> RosterServer:
    server = servers.start(records=KINDS[kind](students))
    connected(server, "/ims/oneroster/v1p1" if kind is Kind.ONEROSTER else "", kind=kind, page_size=page_size)
    return server


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", KINDS)
def test_each_request_broken_once(servers: Servers, tmp_path: Path, kind: Kind, fault: str) -> None:
    server = servers.start(records=KINDS[kind]())
    path = "/ims/oneroster/v1p1" if kind is Kind.ONEROSTER else ""
    connection = connected(server, path, kind=kind, page_size=PAGE[kind])
    whole, tables = fetched(connection, tmp_path / "whole")
    requests = len(server.asked)
    assert requests > 7
    outcomes = set()
    for number in range(requests):
        server.asked.clear()
        server.behaviour.faults = {number: fault}
        folder = tmp_path / f"{number}"
        try:
            got, again = fetched(connection, folder)
        except UnreachableError as error:
            outcomes.add("failed" if error.title and error.advice else "failed without a word")
            continue
        assert again == tables, f"request {number}"
        assert {p.stem for p in got.unproven} >= {p.stem for p in whole.unproven}
        outcomes.add("whole")
    # What may pass is asked for again; what is a refusal is believed, but for those that a server must say twice.
    passing = fault in PASSING
    assert outcomes <= ({"whole"} if passing else {"failed", "whole"})
    assert "failed" in outcomes or passing


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_directory_stays_or_becomes_complete(servers: Servers, tmp_path: Path, kind: Kind, fault: str) -> None:
    """Each request of the second day's push in turn, each time into a directory that holds the first day."""
    server = district(servers, kind, page_size="60")
    key = KeySource(unencrypted=True)

    def push(at: Path, number: int = -1) -> int:
        server.asked.clear()
        server.behaviour.faults = {number: fault}
        run = Run()
        try:
            with pipeline.roster(["connection:it"], run) as roster, open_directory(at, key, run=run) as there:
                pipeline.apply(roster, pipeline.preview(roster, there), there)
        except RosterDeskError as error:
            return error.exit_code
        return 0

    def state(at: Path) -> dict[str, bytes]:
        folder = tmp_path / f"{at.stem}-state"
        with open_directory(at, key, create=False) as there:
            export(there, folder, Run())
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    def again(name: str) -> Path:
        return Path(shutil.copy(tmp_path / "first.db", tmp_path / f"{name}.db"))

    assert push(tmp_path / "first.db") == 0
    first = state(tmp_path / "first.db")
    server.behaviour.records = KINDS[kind](13)  # one more than before
    whole = again("whole")
    assert push(whole) == 0
    requests, complete = len(server.asked), state(whole)
    for name in ("students.csv", "guardians.csv", "enrollments.csv"):
        assert complete[name].count(b"\n") > first[name].count(b"\n")
    ends = set[int]()
    for number in range(requests):
        broken = again(str(number))
        ends.add(code := push(broken, number))
        assert state(broken) == (first if code else complete), f"request {number}"
    assert push(broken) == 0
    assert state(broken) == complete
    assert ends <= {0, 4}
    assert (4 in ends) != (fault in PASSING)
