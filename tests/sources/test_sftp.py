"""The SFTP source against a real OpenSSH server: which files it takes, when, and that it is all or nothing."""

from __future__ import annotations

import io
import os
import threading
import time
import zipfile
from pathlib import Path

import pytest

from rosterdesk.connections import Connection, Fetched, Verdict
from rosterdesk.errors import Cancelled, UnreachableError, UsageError
from rosterdesk.run import Run
from rosterdesk.sources import sftp
from rosterdesk.sources.sftp import SftpSource
from tests.servers.cutting import Cutting
from tests.servers.openssh import OpenSSH


@pytest.fixture
def there(openssh: OpenSSH) -> Path:
    return openssh.new_folder()


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def fetch(connection: Connection, here: Path, run: Run | None = None) -> Fetched:
    return SftpSource(connection).fetch(run or Run(), here)


def zipped(**contents: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in contents.items():
            archive.writestr(f"{name}.csv", text)
    return data.getvalue()


def put(openssh: OpenSSH, folder: Path, name: str, content: bytes, age: int = 0) -> Path:
    path = openssh.put(f"{folder.name}/{name}", content)
    if age:
        os.utime(path, (time.time() - age,) * 2)
    return path


def test_all_tables_of_a_folder(openssh: OpenSSH, there: Path, here: Path) -> None:
    for name in ("users.csv", "classes.csv", "readme.txt", ".hidden.csv", "late.csv.part"):
        put(openssh, there, name, name.encode())
    got = fetch(openssh.connection(there), here)
    assert {path.name: path.read_bytes() for path in got.files} == {
        "users.csv": b"users.csv",
        "classes.csv": b"classes.csv",
    }
    assert got.unproven == {}
    assert got.notes == ("late.csv.part is still being written, so it is left out.",)


def test_the_newest_of_several_zips(openssh: OpenSSH, there: Path, here: Path) -> None:
    put(openssh, there, "b.zip", zipped(users="old"), age=200)
    put(openssh, there, "a.zip", zipped(users="new"), age=100)
    got = fetch(openssh.connection(there), here)
    assert [path.name for path in got.files] == ["a.zip"]
    assert got.notes == ("Of 2 files, a.zip is the newest and was taken.",)
    got = fetch(openssh.connection(there, take="all"), here)
    assert [path.name for path in got.files] == ["a.zip", "b.zip"]


def test_by_pattern(openssh: OpenSSH, there: Path, here: Path) -> None:
    for name in ("roster-1.csv", "Roster-2.csv", "other.csv", "roster.zip"):
        put(openssh, there, name, b"x")
    got = fetch(openssh.connection(there, pattern="roster-*"), here)
    assert [path.name for path in got.files] == ["Roster-2.csv", "roster-1.csv"]


def test_zips_beside_tables_are_not_guessed_at(openssh: OpenSSH, there: Path, here: Path) -> None:
    put(openssh, there, "users.csv", b"x")
    put(openssh, there, "all.zip", zipped(users="x"))
    with pytest.raises(UnreachableError, match="There are ZIPs and other files in"):
        fetch(openssh.connection(there), here)


def test_nothing_to_take(openssh: OpenSSH, there: Path, here: Path) -> None:
    put(openssh, there, "readme.md", b"x")
    with pytest.raises(UnreachableError, match="There is not a file that may hold a roster in") as told:
        fetch(openssh.connection(there), here)
    assert told.value.exit_code == 4


def test_a_file_is_taken_when_it_has_stopped_growing(openssh: OpenSSH, there: Path, here: Path) -> None:
    path = put(openssh, there, "users.csv", b"0\n")
    stop = threading.Event()

    def write() -> None:
        for number in range(1, 6):
            stop.wait(0.3)
            with path.open("ab") as file:
                file.write(f"{number}\n".encode())

    writer = threading.Thread(target=write)
    writer.start()
    got = fetch(openssh.connection(there, settle="1.5"), here)
    writer.join()
    assert got.files[0].read_bytes() == b"0\n1\n2\n3\n4\n5\n"


def test_a_file_that_never_stops_growing(openssh: OpenSSH, there: Path, here: Path) -> None:
    path = put(openssh, there, "users.csv", b"0\n")
    done = threading.Event()

    def write() -> None:
        while not done.wait(0.02):
            with path.open("ab") as file:
                file.write(b"more\n")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with pytest.raises(UnreachableError, match=r"users\.csv on 127\.0\.0\.1 is still being written"):
            fetch(openssh.connection(there, settle="0.3", patience="0.6"), here)
    finally:
        done.set()
        writer.join()


def test_an_empty_file(openssh: OpenSSH, there: Path, here: Path) -> None:
    put(openssh, there, "users.csv", b"x")
    put(openssh, there, "classes.csv", b"")
    with pytest.raises(UnreachableError, match=r"classes\.csv on 127\.0\.0\.1 is empty"):
        fetch(openssh.connection(there), here)


def test_half_a_zip(openssh: OpenSSH, there: Path, here: Path) -> None:
    data = zipped(users="x" * 10_000)
    put(openssh, there, "all.zip", data[: len(data) // 2])
    with pytest.raises(UnreachableError, match=r"all\.zip on 127\.0\.0\.1 is only a part of a ZIP"):
        fetch(openssh.connection(there), here)


def test_a_file_that_vanishes_between_list_and_get(
    openssh: OpenSSH, there: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(openssh, there, "users.csv", b"x")
    settled = SftpSource._settled

    def then_gone(self: SftpSource, *arguments: object) -> object:
        found = settled(self, *arguments)  # type: ignore[arg-type]
        path.unlink()
        return found

    monkeypatch.setattr(SftpSource, "_settled", then_gone)
    with pytest.raises(UnreachableError, match=r"users\.csv was taken away"):
        fetch(openssh.connection(there), here)


def test_a_set_that_is_renewed_while_it_is_read(
    openssh: OpenSSH, there: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = put(openssh, there, "classes.csv", b"old", age=100)
    put(openssh, there, "users.csv", b"old", age=100)
    get = sftp.transfer.get

    def and_renewed(line: object, path: str, *rest: object) -> None:
        get(line, path, *rest)  # type: ignore[arg-type]
        if path.endswith("users.csv"):
            first.write_bytes(b"new")

    monkeypatch.setattr(sftp.transfer, "get", and_renewed)
    with pytest.raises(UnreachableError, match=r"classes\.csv on 127\.0\.0\.1 was changed while it was read"):
        fetch(openssh.connection(there), here)


def test_a_broken_line_is_taken_up_where_it_broke(
    openssh: OpenSSH, there: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sftp, "PAUSES", (0.05,))
    content = os.urandom(20_000_000)
    put(openssh, there, "users.csv", content)
    with Cutting(openssh.port, down=12_000_000, again=True) as proxy:
        got = fetch(openssh.connection(there, proxy.port, tries="2"), here)
        assert proxy.cuts == 1
        assert proxy.passed["down"] < 26_000_000
    assert got.files[0].read_bytes() == content


def test_a_line_that_breaks_for_good(openssh: OpenSSH, there: Path, here: Path) -> None:
    put(openssh, there, "users.csv", os.urandom(5_000_000))
    with Cutting(openssh.port, down=2_000_000) as proxy, pytest.raises(UnreachableError, match="broke") as told:
        fetch(openssh.connection(there, proxy.port, tries="0"), here)
    assert told.value.exit_code == 4


def test_stopping_while_it_waits(openssh: OpenSSH, there: Path, here: Path) -> None:
    put(openssh, there, "users.csv", b"x")
    run = Run(lambda progress: run.cancel() if "growing" in progress.what else None)
    began = time.monotonic()
    with pytest.raises(Cancelled):
        fetch(openssh.connection(there, settle="60"), here, run)
    assert time.monotonic() - began < 20


def test_the_test_says_what_works(openssh: OpenSSH, there: Path, run: Run) -> None:
    put(openssh, there, "users.csv", b"x" * 5000)
    empty = put(openssh, there, "classes.csv", b"")
    tested = SftpSource(openssh.connection(there)).test(run)
    assert [(said.verdict, said.sentence) for said in tested.said] == [
        (Verdict.GOOD, f"127.0.0.1 is reached, and {openssh.user} is signed in."),
        (Verdict.BAD, "classes.csv (empty)"),
        (Verdict.GOOD, "users.csv (5 kB)"),
    ]
    empty.unlink()
    assert SftpSource(openssh.connection(there)).test(run).good
    tested = SftpSource(openssh.connection(there, host_key="SHA256:wrong")).test(run)
    assert not tested.good
    assert "is not the one that is pinned" in tested.said[0].sentence


@pytest.mark.parametrize("options", [{"take": "some"}, {"settle": "soon"}, {"patience": "-1"}])
def test_options_that_cannot_be(openssh: OpenSSH, there: Path, options: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        SftpSource(openssh.connection(there, **options))
