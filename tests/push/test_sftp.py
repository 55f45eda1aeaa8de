"""The SFTP outlet against a real OpenSSH server: what arrives, in which order, and that it is all or nothing."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rosterdesk.connections import Connection, Kind, save
from rosterdesk.errors import Cancelled, UnreachableError, UsageError
from rosterdesk.net import far, sftp, signin
from rosterdesk.net.site import site_of
from rosterdesk.push import remote
from rosterdesk.push import sftp as outlet
from rosterdesk.push.placing import MARK, PART
from rosterdesk.run import Progress, Run
from rosterdesk.staging import Staging
from tests.push.test_folder import content as written_in
from tests.push.test_folder import district
from tests.push.test_folder import write as write_folder
from tests.servers.checking import serving
from tests.servers.cutting import Cutting
from tests.servers.openssh import OpenSSH

__all__ = ["district"]  # the fixture

OLD = {"users.csv": b"old users", "roles.csv": b"old roles", "manifest.csv": b"old"}
NEW = {"users.csv": b"new users, and longer", "classes.csv": b"new classes", "manifest.csv": b"new"}
ORDER = ("users.csv", "classes.csv", "roles.csv", MARK, "manifest.csv")


def files(folder: Path, contents: dict[str, bytes]) -> list[Path]:
    """The files of a set, with its mark, in the order of delivery."""
    folder.mkdir(exist_ok=True)
    marked = "\n".join(("Ours.", *contents, ""))
    for name, data in {**contents, MARK: marked.encode()}.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in ORDER if name in contents or name == MARK]


def visible(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


def hidden(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


@pytest.fixture
def place(openssh: OpenSSH, tmp_path: Path) -> Path:
    """A folder at the far end in which the old set lies, and somebody else's file."""
    folder = openssh.new_folder()
    openssh.put(f"{folder.name}/answer.txt", b"theirs")
    outlet.deliver(openssh.connection(folder), files(tmp_path / "old", OLD), Run())
    assert visible(folder) == {**OLD, "answer.txt": b"theirs"}
    return folder


@pytest.fixture
def new(tmp_path: Path) -> list[Path]:
    return files(tmp_path / "new", NEW)


def test_a_set_takes_the_place_of_an_earlier_one(openssh: OpenSSH, place: Path, new: list[Path], run: Run) -> None:
    outlet.deliver(openssh.connection(place), new, run)
    assert visible(place) == {**NEW, "answer.txt": b"theirs"}
    assert hidden(place) == [MARK]


def test_the_same_set_again(openssh: OpenSSH, place: Path, new: list[Path], run: Run) -> None:
    for _ in range(2):
        outlet.deliver(openssh.connection(place), new, run)
    assert visible(place) == {**NEW, "answer.txt": b"theirs"}


def test_a_server_that_can_replace_nothing(
    openssh: OpenSSH, place: Path, new: list[Path], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(far, "_POSIX_RENAME", "not-there")
    outlet.deliver(openssh.connection(place), new, run)
    assert visible(place) == {**NEW, "answer.txt": b"theirs"}
    assert hidden(place) == [MARK]


def test_a_watcher_never_reads_half_a_set(openssh: OpenSSH, place: Path, new: list[Path], run: Run) -> None:
    """Whoever sees the new trigger sees all that is new, and nothing that has gone."""
    seen: list[dict[str, bytes]] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            if (place / "manifest.csv").read_bytes() == b"new":
                seen.append(visible(place))
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    outlet.deliver(openssh.connection(place), new, run)
    watcher.join(10)
    done.set()
    assert seen == [{**NEW, "answer.txt": b"theirs"}]


# --- the whole way ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zipped", [False, True], ids=["files", "zip"])
def test_a_roster_arrives_as_a_folder_would_hold_it(
    openssh: OpenSSH, district: Staging, run: Run, tmp_path: Path, zipped: bool
) -> None:
    folder = openssh.new_folder()
    written = remote.write(district, openssh.connection(folder), run, zipped=zipped)
    write_folder(district, tmp_path / "here", run, zipped=zipped)
    assert visible(folder) == {n: c for n, c in written_in(tmp_path / "here").items() if n != MARK}
    last = written[-1]
    assert hashlib.sha256((folder / last.name).read_bytes()).hexdigest() == last.sha256
    assert list(Path(district.folder).glob("outlet-*")) == []


def test_a_trigger_file_tells_the_checksums(openssh: OpenSSH, district: Staging, run: Run) -> None:
    folder = openssh.new_folder()
    remote.write(district, openssh.connection(folder, trigger="done.txt"), run)
    lines = (folder / "done.txt").read_text().splitlines()
    assert {line.split()[1]: line.split()[0] for line in lines} == {
        name: hashlib.sha256(data).hexdigest() for name, data in visible(folder).items() if name != "done.txt"
    }
    for wrong in ("users.csv", "../done", ".done"):
        with pytest.raises(UsageError):
            remote.write(district, openssh.connection(folder, trigger=wrong), run)


def test_only_sftp_receives_files(district: Staging, run: Run) -> None:
    with pytest.raises(UsageError, match="nothing can be delivered there"):
        remote.write(district, Connection("c", Kind.CLEVER), run)


def test_the_command_line(openssh: OpenSSH, sample: Path, tmp_path: Path) -> None:
    from rosterdesk.cli import run as command

    folder = openssh.new_folder()
    save(openssh.connection(folder))
    arguments = ["push", str(sample), "--to", "connection:far", "--yes", "--unencrypted", "--json"]
    where = ["--directory", str(tmp_path / "d.db")]
    assert command([*arguments, *where]) == 0
    assert {"manifest.csv", "users.csv"} <= set(visible(folder))
    folder.chmod(0o555)
    assert command([*arguments, "--directory", str(tmp_path / "e.db")]) == 4
    assert command(["history", "--json", "--unencrypted", "--directory", str(tmp_path / "e.db")]) == 0


# --- faults -----------------------------------------------------------------------------------------------------------


def assert_old(place: Path) -> None:
    assert visible(place) == {**OLD, "answer.txt": b"theirs"}


def test_a_folder_that_may_not_be_written(openssh: OpenSSH, place: Path, new: list[Path], run: Run) -> None:
    place.chmod(0o555)
    with pytest.raises(UnreachableError, match="may not be written to by"):
        outlet.deliver(openssh.connection(place), new, run)
    assert_old(place)


def test_a_folder_that_is_not_there(openssh: OpenSSH, new: list[Path], run: Run) -> None:
    with pytest.raises(UnreachableError, match=r"The folder /nowhere is not on 127\.0\.0\.1"):
        outlet.deliver(openssh.connection(Path("/nowhere")), new, run)


def test_a_folder_that_is_a_file(openssh: OpenSSH, place: Path, new: list[Path], run: Run) -> None:
    with pytest.raises(UnreachableError, match="is a file"):
        outlet.deliver(openssh.connection(place / "users.csv"), new, run)


def test_a_folder_in_the_place_of_a_file(openssh: OpenSSH, place: Path, new: list[Path], run: Run) -> None:
    (place / "classes.csv").mkdir()
    with pytest.raises(UnreachableError, match=r"classes\.csv on 127\.0\.0\.1 is no file"):
        outlet.deliver(openssh.connection(place), new, run)
    (place / "classes.csv").rmdir()
    assert_old(place)
    assert hidden(place) == [MARK]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
@pytest.mark.parametrize("posix", [True, False], ids=["replace", "aside"])
def test_one_file_that_may_not_be_replaced_keeps_all(
    openssh: OpenSSH, place: Path, new: list[Path], run: Run, posix: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not posix:
        monkeypatch.setattr(far, "_POSIX_RENAME", "not-there")
    os.chown(place, 0, 0)
    place.chmod(0o1777)  # everybody may add, nobody may touch what is another's
    os.chown(place / "manifest.csv", 0, 0)
    with pytest.raises(UnreachableError, match=r"does not let .* replace manifest\.csv"):
        outlet.deliver(openssh.connection(place), new, run)
    assert_old(place)
    assert hidden(place) == [MARK]


@pytest.fixture
def small_disk(openssh: OpenSSH) -> Iterator[Path]:
    folder = openssh.new_folder()
    command = ["mount", "-t", "tmpfs", "-o", f"size=1m,uid={openssh.uid},mode=755", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can't be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("told", [True, False], ids=["before", "while"])
def test_a_full_disk_at_the_far_end(
    openssh: OpenSSH, small_disk: Path, tmp_path: Path, run: Run, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet.deliver(openssh.connection(small_disk), files(tmp_path / "old", OLD), run)
    if not told:  # somebody else takes the room in between
        monkeypatch.setattr(outlet, "_check", lambda *a: None)
    big = files(tmp_path / "big", {**NEW, "users.csv": os.urandom(2_000_000)})
    with pytest.raises(UnreachableError, match=r"The disk of 127\.0\.0\.1 is full"):
        outlet.deliver(openssh.connection(small_disk), big, run)
    assert visible(small_disk) == OLD
    assert hidden(small_disk) == [MARK]


def test_what_a_broken_delivery_left_goes(openssh: OpenSSH, place: Path, new: list[Path], run: Run) -> None:
    openssh.put(f"{place.name}/.users.csv.0123456789abcdef{PART}", b"half")
    outlet.deliver(openssh.connection(place), new, run)
    assert hidden(place) == [MARK]


def test_the_test_says_what_works(openssh: OpenSSH, place: Path, run: Run) -> None:
    tested = outlet.test(openssh.connection(place), run)
    assert tested.good
    assert [said.sentence.partition(" ")[0] for said in tested.said] == ["127.0.0.1", "The", "The", "A", "There"]
    assert hidden(place) == [MARK]
    place.chmod(0o555)
    tested = outlet.test(openssh.connection(place), run)
    assert not tested.good
    assert "may not be written to" in tested.said[-1].sentence


def test_the_test_says_that_renaming_is_refused(openssh: OpenSSH, place: Path, run: Run) -> None:
    """The server takes files and forbids that any is renamed or removed, as some drop boxes do."""
    openssh.stop(keep=True)
    openssh.start(Subsystem="sftp internal-sftp -u 077 -P posix-rename,rename")
    try:
        tested = outlet.test(openssh.connection(place), run)
    finally:
        openssh.stop(keep=True)
        openssh.start()
    assert not tested.good
    assert "write files, but not rename them" in tested.said[-1].sentence
    assert hidden(place) == [MARK]


@pytest.mark.parametrize("lacking", ["_HARDLINK", "_SPACE"])
def test_the_test_tells_of_what_a_server_lacks(
    openssh: OpenSSH, place: Path, run: Run, lacking: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(far, lacking, "not-there")
    tested = outlet.test(openssh.connection(place), run)
    assert tested.good
    assert [said.verdict.value for said in tested.said].count("limited") == 1
    assert hidden(place) == [MARK]


def test_the_test_tells_of_a_full_disk(openssh: OpenSSH, small_disk: Path, run: Run) -> None:
    (small_disk / "big").write_bytes(os.urandom(1 << 20)[:900_000])
    tested = outlet.test(openssh.connection(small_disk), run)
    assert not tested.good
    assert "There is room for only 0 MB" in tested.said[-1].sentence


def test_a_server_that_compares_checksums(openssh: OpenSSH, tmp_path: Path, run: Run) -> None:
    """paramiko's own server does, unlike OpenSSH."""
    there = tmp_path / "far"
    there.mkdir()
    first = {**NEW, "users.csv": os.urandom(1000), "classes.csv": os.urandom(300_000)}
    with serving(there) as (port, key, disk):
        connection = openssh.connection(port=port, host_key=key, folder="/")
        outlet.deliver(connection, files(tmp_path / "first", first), run)
        assert visible(there) == first
        assert disk.checked == len(first) + 1  # and the mark
        disk.spoils = True
        with pytest.raises(UnreachableError, match=r"did not reach 127\.0\.0\.1 as it is here"):
            outlet.deliver(connection, files(tmp_path / "second", {**first, "users.csv": b"b" * 1000}), run)
        assert visible(there) == first
        assert hidden(there) == [MARK]


# --- stopping, and lines that break -----------------------------------------------------------------------------------


def test_a_stopped_delivery_leaves_nothing(openssh: OpenSSH, place: Path, tmp_path: Path) -> None:
    big = files(tmp_path / "big", {**NEW, "users.csv": os.urandom(1 << 20) * 60})
    stopped: list[float] = []

    def told(progress: Progress) -> None:
        if progress.what == "Sending users.csv" and progress.done > 5_000_000 and not stopped:
            run.cancel()
            stopped.append(time.monotonic())

    run = Run(told)
    with pytest.raises(Cancelled):
        outlet.deliver(openssh.connection(place), big, run)
    assert time.monotonic() - stopped[0] < 1.5
    assert_old(place)
    assert hidden(place) == [MARK]


def test_a_broken_line_is_taken_up_where_it_broke(
    openssh: OpenSSH, place: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlet, "PAUSES", (0.05,))
    size = 40 << 20
    big = files(tmp_path / "big", {**NEW, "users.csv": os.urandom(1 << 20) * 40})
    with Cutting(openssh.port, up=30_000_000, again=True) as proxy:
        outlet.deliver(openssh.connection(place, proxy.port), big, run)
        assert proxy.cuts == 1
        assert proxy.passed["up"] < size + 15_000_000
    assert visible(place) == {path.name: path.read_bytes() for path in big if path.name != MARK} | {
        "answer.txt": b"theirs"
    }
    assert hidden(place) == [MARK]


def test_a_server_that_is_gone_is_told(openssh: OpenSSH, place: Path, new: list[Path], run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(UnreachableError, match=f"takes no connections on port {port}"):
        outlet.deliver(openssh.connection(place, port), new, run)


def _length(openssh: OpenSSH, new: list[Path], folder: Path) -> dict[str, tuple[int, int]]:
    """How many bytes pass each way until one is signed in, and until all is done."""
    with Cutting(openssh.port) as proxy, sftp.signed_in(site_of(openssh.connection(folder, proxy.port)), Run()):
        begin = dict(proxy.passed)
    with Cutting(openssh.port) as proxy:
        outlet.deliver(openssh.connection(folder, proxy.port), new, Run())
        return {way: (begin[way], proxy.passed[way]) for way in begin}


@pytest.mark.parametrize("again", [False, True], ids=["for-good", "once"])
@pytest.mark.parametrize("way", ["up", "down"])
def test_wherever_the_line_breaks_it_is_the_old_set_or_the_new(
    openssh: OpenSSH, place: Path, new: list[Path], way: str, again: bool, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.setattr(outlet, "PAUSES", (0.02,))
    begin, end = _length(openssh, new, place)[way]
    outcomes = set()
    for cut in range(begin - 200, end + 40, 173):
        outlet.deliver(openssh.connection(place), files(tmp_path / "old", OLD), Run())
        bytes_that_pass: dict[str, Any] = {way: cut}
        with Cutting(openssh.port, again=again, **bytes_that_pass) as proxy:
            error = None
            try:
                outlet.deliver(openssh.connection(place, proxy.port, tries="3" if again else "0"), new, Run())
            except UnreachableError as raised:
                error = raised
        _settled(openssh)
        now = {name: data for name, data in visible(place).items() if name != "answer.txt"}
        if error is None:
            assert now == NEW, f"{way} cut at {cut}"
        elif "at the moment in which" not in error.title:
            assert now == OLD, error
        elif now not in (OLD, NEW):  # the server ended between two steps, as its answer found no line any more
            assert now["manifest.csv"] == OLD["manifest.csv"], f"{way} cut at {cut}"
            assert all(data in (OLD.get(name), NEW.get(name)) for name, data in now.items())
        if again:
            assert error is None, f"{way} cut at {cut}: {error}"
        outcomes.add((now == NEW, error is None))
    assert (True, True) in outcomes or not again
    assert len(outcomes) > 1 or again
    outlet.deliver(openssh.connection(place), new, Run())
    assert hidden(place) == [MARK]


def test_what_a_server_left_that_ended_between_two_steps_is_mended(
    openssh: OpenSSH, place: Path, new: list[Path], tmp_path: Path, run: Run
) -> None:
    """No line breaks reliably in that moment, so its outcome is made with the steps that were taken by then."""
    outlet.deliver(openssh.connection(place), files(tmp_path / "old", OLD), run)
    parts = {parcel.name: parcel.part for parcel in outlet._parcels(new)}
    taken = ["rm roles.csv", *(f"rename {parts[name]} {name}" for name in ("users.csv", "classes.csv"))]
    left = [MARK, "manifest.csv"]
    sent = [f"put {path} {parts[path.name]}" for path in new]
    kept = [f"ln {name} .{name}.rosterdesk-old" for name in ("users.csv", "roles.csv", *left)]
    openssh.sftp(f"cd {place}", *sent, *kept, *taken)
    assert visible(place)["manifest.csv"] == b"old"
    assert visible(place)["users.csv"] == NEW["users.csv"]
    outlet.deliver(openssh.connection(place), new, run)
    assert visible(place) == NEW | {"answer.txt": b"theirs"}
    assert hidden(place) == [MARK]


def _settled(openssh: OpenSSH) -> None:
    """Wait until the server's half of every broken line has ended: what it had got, it has done by then."""
    until = time.monotonic() + 10
    while time.monotonic() < until and openssh.sessions():
        time.sleep(0.01)


def test_a_cut_line_and_a_stall_are_of_one_kind() -> None:
    assert issubclass(signin.LineCut, UnreachableError)
    assert isinstance(signin.stalled("h", 60), signin.LineCut)
