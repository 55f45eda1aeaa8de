"""Jobs under the system's own cron: what it is told is started at its time, in the surroundings that it gives."""

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
from rosterdesk.jobs.schedulers import cron, scheduler, systemd
from rosterdesk.jobs.state import remembered
from tests.rosters import exported, roster, student, written
from tests.servers.crond import Cron

# It looks at its tables once a minute.
pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cron]:
    """A cron whose table holds a line of somebody else's."""
    server = Cron()
    try:
        server.start()
        monkeypatch.setenv("PATH", str(server.programs), prepend=":")
        monkeypatch.setattr(systemd, "usable", lambda: False)  # where both are, systemd is taken
        cron.ask(["crontab", "-"], "5 4 1 1 * theirs\n")
        yield server
    finally:
        server.stop()


@pytest.fixture
def school(tmp_path: Path) -> Path:
    return written(roster(student("S1") + student("S2")), tmp_path)


def wait_for(seen: Callable[[], bool]) -> None:
    until = time.monotonic() + 150
    while not seen():
        assert time.monotonic() < until, "cron has not started it"
        time.sleep(0.2)


def test_a_job_is_started_at_its_time_and_what_a_night_would_lack_is_found_when_it_is_saved(
    daemon: Cron, school: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scheduler().name == "cron"
    where, key = tmp_path / "directory.db", tmp_path / "key"
    with open_directory(where, KeySource(file=key)):
        pass
    # The next minute has begun before this line is read where less than a moment of this one is left.
    at = f"{datetime.now().astimezone() + timedelta(seconds=70):%H:%M}"
    common = [str(school), "--at", at]
    at_night = ["--directory", str(where), "--key-file", str(key), "--no-test", "--json"]
    assert cli.run(["jobs", "add", "nightly", *common, *at_night]) == 0
    (scheduled,) = [line for line in daemon.tables().splitlines() if "run nightly" in line]
    assert scheduled.split()[:5] == [str(int(at[3:])), str(int(at[:2])), "*", "*", "*"]
    capsys.readouterr()

    # The key of this one is in the keyring of whoever saves it, which opens for nobody else.
    with open_directory(tmp_path / "mine.db", KeySource.chosen()):
        pass
    locked = ["--directory", str(tmp_path / "mine.db"), "--json"]
    assert cli.run(["jobs", "add", "locked", str(school), "--at", "02:00", *locked]) == 3
    told = json.loads(capsys.readouterr().out)["test"]
    assert not told["good"]
    assert "a keyring that opens when you sign in is locked then" in told["said"][-1]

    wait_for(lambda: remembered("nightly").ended != "")
    assert (remembered("nightly").ended, remembered("nightly").run) == ("done", 1)
    assert datetime.fromisoformat(remembered("nightly").expected).strftime("%H:%M") == at
    found = {receipt["job"]: receipt for receipt in receipts.receipts()}
    assert (found["nightly"]["outcome"], found["locked"]["outcome"]) == ("done", "test failed")
    assert found["nightly"]["changes"]["students"] == {"created": 2}
    assert receipts.verify() == (2, [])
    with open_directory(where, KeySource(file=key), create=False) as directory:
        assert exported(directory, tmp_path)["students.csv"].count("\n") == 3

    for name in ("nightly", "locked"):
        assert cli.run(["jobs", "remove", name]) == 0
    assert [line for line in daemon.tables().splitlines() if not line.startswith("# ")] == ["5 4 1 1 * theirs"]
