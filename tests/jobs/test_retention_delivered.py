"""Of delivered files, only those go that this directory delivered there last, as their checksums tell."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rosterdesk import connections
from rosterdesk.credentials import KeySource
from rosterdesk.directory.deliveries import delivered_by
from rosterdesk.directory.engine import Directory, open_directory
from rosterdesk.jobs.retention import clean_up, foresee
from rosterdesk.push.replacement import MARK
from rosterdesk.run import Run
from tests.jobs.test_retention import DAY, NOW, deliver, directory, keep, visible
from tests.servers.openssh import OpenSSH

__all__ = ["directory"]

LATER = NOW + 31 * DAY
OURS = {"users.csv", "orgs.csv", "academicSessions.csv", "manifest.csv"}


@pytest.fixture(params=["folder", "sftp"])
def outlet(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Path]:
    """Where the files lie, and how that is named."""
    if request.param == "folder":
        return tmp_path / "out", tmp_path / "out"
    server: OpenSSH = request.getfixturevalue("openssh")
    place = server.new_folder()
    connections.save(server.connection(place, trigger="done.txt"))
    return place, Path("connection:far")


def test_what_another_directory_has_put_in_their_place_stays_whole(
    directory: Directory, tmp_path: Path, outlet: tuple[Path, Path]
) -> None:
    """Also the files that are the same in both, however old it all is."""
    place, name = outlet
    deliver(directory, name, tmp_path)
    with open_directory(tmp_path / "other.db", KeySource(file=tmp_path / "key")) as other:
        deliver(other, name, tmp_path, "Zornella")
        before = visible(place)
        keep(directory, delivered_days=30)
        done = clean_up(directory, Run(), today=LATER)
        assert (done.delivered, done.by, done.faults) == ({}, (), ())
        assert visible(place) == before
        keep(other, delivered_days=30)
        assert clean_up(other, Run(), today=LATER).delivered == {str(name): len(before)}
    assert visible(place) == set()


def test_a_file_that_was_changed_keeps_them_all_and_nothing_is_written_off(
    directory: Directory, tmp_path: Path, outlet: tuple[Path, Path]
) -> None:
    place, name = outlet
    deliver(directory, name, tmp_path)
    keep(directory, delivered_days=30)
    users, before = (place / "users.csv").read_bytes(), visible(place)
    (place / "users.csv").write_bytes(users + b"one more\r\n")
    assert clean_up(directory, Run(), today=LATER).by == ()
    assert visible(place) == before
    (place / "users.csv").write_bytes(users)
    assert clean_up(directory, Run(), today=LATER).delivered == {str(name): len(before)}
    assert not (place / MARK).exists()


def test_files_that_a_receiver_has_touched_are_looked_at_again(
    directory: Directory, tmp_path: Path, outlet: tuple[Path, Path]
) -> None:
    place, name = outlet
    deliver(directory, name, tmp_path)
    keep(directory, delivered_days=30)
    os.utime(place / "users.csv", (LATER.timestamp(), LATER.timestamp()))
    assert clean_up(directory, Run(), today=LATER).by == ()
    assert (place / "users.csv").exists()
    assert set(clean_up(directory, Run(), today=LATER + 31 * DAY).delivered) == {str(name)}
    assert visible(place) == set()


def test_what_a_delivery_has_just_begun_at_a_server_stays(
    directory: Directory, tmp_path: Path, openssh: OpenSSH
) -> None:
    place = openssh.new_folder()
    connections.save(openssh.connection(place))
    deliver(directory, Path("connection:far"), tmp_path)
    keep(directory, delivered_days=30)
    for kind in ("part", "old"):
        openssh.put(f"{place.name}/.users.csv.rosterdesk-{kind}", b"of today")
        os.utime(place / f".users.csv.rosterdesk-{kind}", (LATER.timestamp(), LATER.timestamp()))
        openssh.put(f"{place.name}/.orgs.csv.rosterdesk-{kind}", b"of long ago")
    assert clean_up(directory, Run(), today=LATER).delivered == {"connection:far": 4}
    left = {path.name for path in place.iterdir()}
    assert left == {".users.csv.rosterdesk-part", ".users.csv.rosterdesk-old"}


def test_a_folder_is_written_down_by_its_whole_path(
    directory: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    number = deliver(directory, Path("out"), tmp_path)
    with directory.read() as conn:
        past = delivered_by(conn, 1, number)
    assert past is not None
    assert past.outlet == str(tmp_path / "out")
    keep(directory, delivered_days=30)
    monkeypatch.chdir("/")
    assert clean_up(directory, Run(), today=LATER).delivered == {str(tmp_path / "out"): 4}


def test_a_folder_that_was_written_down_by_less_is_left_and_that_is_said(
    directory: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As versions before this one did. Here lies a folder of that name, which may be any other."""
    monkeypatch.chdir(tmp_path)
    deliver(directory, Path("out"), tmp_path)
    with directory.transaction() as conn:
        conn.exec_driver_sql("update deliveries set outlet = 'out'")
    keep(directory, delivered_days=30)
    (one,) = foresee(directory, Run(), today=LATER).lying
    assert one.files is None
    done = clean_up(directory, Run(), today=LATER)
    assert (done.delivered, done.by) == ({}, ())
    assert done.faults[0].startswith("It is not known any more which folder out was, so nothing was removed there.")
    assert clean_up(directory, Run(), today=LATER, unattended=True).faults == ()
    assert visible(tmp_path / "out") == OURS
