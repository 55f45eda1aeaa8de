"""Jobs under a real systemd of a user: what it is told is started at its time, tried in its surroundings, and taken
back without a trace."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from rosterdesk import cli
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from rosterdesk.jobs import receipts
from rosterdesk.jobs.schedulers import scheduler, systemd
from rosterdesk.jobs.state import remembered
from tests.rosters import exported, roster, student, written
from tests.servers.usersystemd import UserManager

# Its timers are exact to the minute.
pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[UserManager]:
    server = UserManager()
    try:
        server.start()
        monkeypatch.setenv("PATH", str(server.programs), prepend=":")
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server
    finally:
        server.stop()


@pytest.fixture
def school(tmp_path: Path) -> Path:
    return written(roster(student("S1") + student("S2")), tmp_path)


def wait_for(seen: Callable[[], bool]) -> None:
    until = time.monotonic() + 200
    while not seen():
        assert time.monotonic() < until, "systemd has not started it"
        time.sleep(0.2)


def test_a_job_is_tried_when_it_is_saved_and_started_at_its_time(
    manager: UserManager, school: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert systemd.usable()
    assert scheduler().name == "systemd"
    where, key = tmp_path / "directory.db", tmp_path / "key"
    with open_directory(where, KeySource(file=key)):
        pass
    soon = datetime.now().astimezone() + timedelta(seconds=70)
    at_night = ["--directory", str(where), "--key-file", str(key), "--json"]
    assert cli.run(["jobs", "add", "nightly", str(school), "--at", f"{soon:%H:%M}", *at_night]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["test"]["good"], told
    assert told["test"]["said"][0] == "The directory opens, and its key is there."
    # It was tried in a unit that is gone again, and nothing was pushed.
    assert remembered("nightly").run is None
    reported = scheduler().report("nightly")
    assert reported.scheduled
    assert reported.next is not None
    assert reported.next.astimezone().strftime("%H:%M") == f"{soon:%H:%M}"

    # The key of this one is in the keyring of whoever saves it, which opens for nobody else.
    with open_directory(tmp_path / "mine.db", KeySource.chosen()):
        pass
    locked = ["--directory", str(tmp_path / "mine.db"), "--json"]
    assert cli.run(["jobs", "add", "locked", str(school), "--at", "02:00", *locked]) == 3
    told = json.loads(capsys.readouterr().out)["test"]
    assert not told["good"]
    assert "locked then" in told["said"][-1]

    wait_for(lambda: remembered("nightly").ended != "")
    assert (remembered("nightly").ended, remembered("nightly").run) == ("done", 1)
    assert receipts.verify()[1] == []
    with open_directory(where, KeySource(file=key), create=False) as directory:
        assert exported(directory, tmp_path)["students.csv"].count("\n") == 3
    for name in ("nightly", "locked"):
        assert cli.run(["jobs", "remove", name]) == 0
        assert not scheduler().report(name).scheduled
    assert list(systemd.units().rglob("rosterdesk*")) == []


def test_a_missed_run_is_caught_up_by_systemd(
    manager: UserManager, school: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A timer that was stopped over its time starts its service at once when it is there again, once."""
    where, key = tmp_path / "directory.db", tmp_path / "key"
    with open_directory(where, KeySource(file=key)):
        pass
    soon = datetime.now().astimezone() + timedelta(seconds=65)
    at_night = ["--directory", str(where), "--key-file", str(key), "--no-test", "--json"]
    assert cli.run(["jobs", "add", "nightly", str(school), "--at", f"{soon:%H:%M}", *at_night]) == 0
    capsys.readouterr()
    unit = next(path.name for path in systemd.units().glob("rosterdesk*.timer"))
    systemd.ask(["systemctl", "--user", "stop", unit])
    passed = soon.replace(second=0, microsecond=0) + timedelta(seconds=3)
    wait_for(lambda: datetime.now().astimezone() > passed)
    assert remembered("nightly").last == ""
    systemd.ask(["systemctl", "--user", "start", unit])
    wait_for(lambda: remembered("nightly").ended != "")
    assert (remembered("nightly").ended, remembered("nightly").run) == ("done", 1)
