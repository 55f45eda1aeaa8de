"""What holds for every outlet, folder and SFTP alike: all arrives or nothing changes. Breaking lines: `test_sftp`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rosterdesk.errors import Cancelled, FileError, UnreachableError
from rosterdesk.push import remote
from rosterdesk.push.folder import write as write_folder
from rosterdesk.run import Progress, Run
from rosterdesk.staging import Staging
from tests.push.test_folder import district, planned
from tests.servers.openssh import OpenSSH

__all__ = ["district"]  # the fixture
Deliver = Callable[[Staging, Path, Run], object]


@pytest.fixture(params=["folder", "sftp"])
def deliver(request: pytest.FixtureRequest) -> Deliver:
    if request.param == "folder":
        return write_folder
    server: OpenSSH = request.getfixturevalue("openssh")
    return lambda staging, target, run: remote.write(staging, server.connection(target, tries="0"), run)


@pytest.fixture
def target(openssh: OpenSSH) -> Path:
    return openssh.new_folder()


def seen(target: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in target.iterdir() if not path.name.startswith(".")}


def stopping(after: int) -> Run:
    """A run that is stopped at its report of this number."""
    seen: list[Progress] = []

    def stop(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) > after:
            made.cancel()

    made = Run(stop)
    return made


def test_it_delivers_the_same_twice(deliver: Deliver, district: Staging, target: Path, run: Run) -> None:
    deliver(district, target, run)
    first = seen(target)
    assert "manifest.csv" in first
    deliver(district, target, run)
    assert seen(target) == first


def test_stopped_midway_it_changes_nothing(deliver: Deliver, district: Staging, target: Path, run: Run) -> None:
    deliver(district, target, run)
    first = seen(target)
    reports: list[Progress] = []
    deliver(district, target, Run(reports.append))
    for number in range(0, len(reports), max(1, len(reports) // 8)):
        with pytest.raises(Cancelled):
            deliver(district, target, stopping(number))
        district.run = run
        assert seen(target) == first


def test_with_nobody_to_write_it_changes_nothing(deliver: Deliver, staging: Staging, target: Path, run: Run) -> None:
    planned(staging, run, {})
    with pytest.raises(FileError, match="There is nobody to write"):
        deliver(staging, target, run)
    assert seen(target) == {}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere; the SFTP user is no root, see test_sftp")
def test_refused_it_says_so(deliver: Deliver, district: Staging, target: Path, run: Run) -> None:
    target.chmod(0o555)
    target.parent.chmod(0o555)
    try:
        with pytest.raises((FileError, UnreachableError), match="may not be written"):
            deliver(district, target, run)
    finally:
        target.parent.chmod(0o755)
