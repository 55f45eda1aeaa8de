"""ZIPs that are honest come out whole; ZIPs that are not are refused and leave nothing."""

from __future__ import annotations

import copy
import random
import stat
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from rosterdesk.errors import Cancelled, FileError
from rosterdesk.run import Progress, Run
from rosterdesk.sources.archive import unpack
from rosterdesk.sources.inspection import LIMITS, Limits, Spent

CSV = b"sourcedId,name\r\n0001,Ann\r\n"
NOISE = random.Random(1).randbytes


def packed(path: Path, files: dict[str, bytes], change: Callable[[list[zipfile.ZipInfo]], None] | None = None) -> Path:
    """A ZIP; `change` may falsify what its list says before that is written."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        if change:
            change(archive.filelist)
    return path


def bomb(path: Path, megabytes: int = 64) -> Path:
    """A real one: zeros, a thousand times smaller than they come out."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("users.csv", "w") as out:
        for _ in range(megabytes):
            out.write(bytes(1 << 20))
    return path


def refused(path: Path, run: Run, limits: Limits = LIMITS) -> FileError:
    into = path.parent / "into"
    with pytest.raises(FileError) as caught:
        unpack(path, "set.zip", into, run, limits=limits)
    assert not into.exists()
    assert caught.value.advice
    return caught.value


def test_files_of_every_folder_come_out_in_order_and_for_the_owner_only(tmp_path: Path, run: Run) -> None:
    path = packed(tmp_path / "set.zip", {"b/users.csv": CSV, "a.csv": b"", "b/": b"", "B/x.csv": NOISE(3_000_000)})
    found = unpack(path, "set.zip", tmp_path / "into", run)
    assert [file.name for file in found] == ["a.csv", "b/users.csv", "B/x.csv"]
    assert found[1].path.read_bytes() == CSV
    assert found[2].path.stat().st_size == 3_000_000
    if sys.platform != "win32":
        modes = {stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "into", *(file.path for file in found))}
        assert modes == {0o700, 0o600}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_compressing(tmp_path: Path, run: Run, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w", method) as archive:
        archive.writestr("users.csv", CSV * 1000)
    (found,) = unpack(tmp_path / "set.zip", "set.zip", tmp_path / "into", run)
    assert found.path.read_bytes() == CSV * 1000


def test_a_bomb(tmp_path: Path, run: Run) -> None:
    path = bomb(tmp_path / "set.zip")
    assert path.stat().st_size < 100_000
    assert "compressed more than 100 times" in refused(path, run).title


def test_a_bomb_of_many_small_files(tmp_path: Path, run: Run) -> None:
    files = {f"{n}.csv": bytes(1 << 20) for n in range(12)}
    assert "compressed more than 100 times" in refused(packed(tmp_path / "set.zip", files), run).title


def test_a_small_file_may_be_compressed_as_well_as_it_can(tmp_path: Path, run: Run) -> None:
    (found,) = unpack(bomb(tmp_path / "set.zip", 9), "set.zip", tmp_path / "into", run)
    assert found.path.stat().st_size == 9 << 20


def test_files_over_each_other(tmp_path: Path, run: Run) -> None:
    def twice(infos: list[zipfile.ZipInfo]) -> None:
        twin = copy.copy(infos[0])
        twin.filename = "b.csv"
        infos.append(twin)

    assert "over each other" in refused(packed(tmp_path / "set.zip", {"a.csv": CSV}, twice), run).title


def test_a_file_that_reaches_into_the_list(tmp_path: Path, run: Run) -> None:
    def longer(infos: list[zipfile.ZipInfo]) -> None:
        infos[0].compress_size += 40

    assert "over each other" in refused(packed(tmp_path / "set.zip", {"a.csv": CSV}, longer), run).title


@pytest.mark.parametrize("told", [10, 20_000])
def test_sizes_that_are_not_true(tmp_path: Path, run: Run, told: int) -> None:
    data = CSV * 100

    def lie(infos: list[zipfile.ZipInfo]) -> None:
        infos[0].file_size = told
        infos[0].CRC = zlib.crc32(data[:told])

    assert "damaged" in refused(packed(tmp_path / "set.zip", {"a.csv": data, "b.csv": CSV}, lie), run).title


def test_more_comes_out_than_was_told_and_is_stopped_there(tmp_path: Path, run: Run) -> None:
    path = bomb(tmp_path / "set.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.filelist[0].file_size = 1000
        archive.writestr("more.csv", CSV)
    assert "damaged" in refused(path, run).title


def test_too_many_files(tmp_path: Path, run: Run) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for n in range(10_001):
            archive.writestr(str(n), b"")
    assert "more than 10,000 files" in refused(tmp_path / "set.zip", run).title


def test_a_list_that_would_not_fit_into_memory_is_not_read(tmp_path: Path, run: Run) -> None:
    end = b"PK\5\6" + bytes(6) + b"\1\0" + (50_000_000).to_bytes(4, "little") + bytes(6)
    path = tmp_path / "set.zip"
    with path.open("wb") as file:
        file.write(b"PK\3\4")
        file.truncate(60_000_000)
        file.seek(0, 2)
        file.write(end)
    assert "more than 10,000 files" in refused(path, run).title


def test_too_large(tmp_path: Path, run: Run) -> None:
    path = packed(tmp_path / "set.zip", {"a.csv": NOISE(1000), "b.csv": NOISE(1000)})
    assert "GiB when unpacked" in refused(path, run, Limits(unpacked=1999)).title


def test_a_zip_inside_shares_the_limits(tmp_path: Path, run: Run) -> None:
    path = packed(tmp_path / "set.zip", {"a.csv": NOISE(1000)})
    with pytest.raises(FileError, match="GiB when unpacked"):
        unpack(path, "set.zip", tmp_path / "into", run, spent=Spent(1000, unpacked=1000), limits=Limits(unpacked=1999))


@pytest.mark.parametrize(
    "name",
    [
        "../x.csv",
        "a/../../x.csv",
        "/etc/x.csv",
        "C:/x.csv",
        "c:x.csv",
        "..\\x.csv",
        "a\\..\\..\\x.csv",
        "\\\\host\\s\\x",
    ],
)
def test_names_that_climb_out(tmp_path: Path, run: Run, name: str) -> None:
    path = packed(tmp_path / "set.zip", {"a.csv": CSV, name: CSV})
    assert "outside of its own folder" in refused(path, run).title
    assert sorted(p.name for p in tmp_path.iterdir()) == ["set.zip"]


def test_backslashes_between_folders_are_understood(tmp_path: Path, run: Run) -> None:
    (found,) = unpack(packed(tmp_path / "set.zip", {"sub\\users.csv": CSV}), "set.zip", tmp_path / "into", run)
    assert found.name == "sub/users.csv"


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices(tmp_path: Path, run: Run, mode: int) -> None:
    def link(infos: list[zipfile.ZipInfo]) -> None:
        infos[0].external_attr = (mode | 0o777) << 16

    assert "links or devices" in refused(packed(tmp_path / "set.zip", {"a.csv": b"/etc/passwd"}, link), run).title


def test_a_password(tmp_path: Path, run: Run) -> None:
    def lock(infos: list[zipfile.ZipInfo]) -> None:
        infos[0].flag_bits |= 1

    assert "password" in refused(packed(tmp_path / "set.zip", {"a.csv": CSV}, lock), run).title


def test_an_unknown_way_of_compressing(tmp_path: Path, run: Run) -> None:
    def strange(infos: list[zipfile.ZipInfo]) -> None:
        infos[0].compress_type = 98

    assert "not known" in refused(packed(tmp_path / "set.zip", {"a.csv": CSV}, strange), run).title


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_one_name_twice(tmp_path: Path, run: Run) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr("a/users.csv", CSV)
        archive.writestr("a/users.csv", CSV)
    assert "same name" in refused(tmp_path / "set.zip", run).title
    packed(tmp_path / "set.zip", {"a/users.csv": CSV, "a\\users.csv": CSV})
    assert "same name" in refused(tmp_path / "set.zip", run).title


def test_names_that_differ_in_case_only_are_two_files(tmp_path: Path, run: Run) -> None:
    path = packed(tmp_path / "set.zip", {"Users.csv": CSV, "users.csv": b"x"})
    assert [f.path.read_bytes() for f in unpack(path, "set.zip", tmp_path / "into", run)] == [CSV, b"x"]


def test_bytes_that_were_changed(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", CSV * 10)
    path.write_bytes(path.read_bytes().replace(b"Ann", b"Bob", 1))
    assert "damaged" in refused(path, run).title


def test_every_cut_is_an_error_and_no_crash(tmp_path: Path, run: Run) -> None:
    whole = packed(tmp_path / "whole.zip", {"a.csv": CSV, "b.csv": NOISE(100)}).read_bytes()
    for length in range(0, len(whole), 7):
        path = tmp_path / "set.zip"
        path.write_bytes(whole[:length])
        refused(path, run)


def test_every_flipped_byte_is_an_error_or_harmless(tmp_path: Path, run: Run) -> None:
    whole = packed(tmp_path / "whole.zip", {"a.csv": CSV, "b.csv": NOISE(100)}).read_bytes()
    for place in range(len(whole)):
        (tmp_path / "set.zip").write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        into = tmp_path / f"into-{place}"
        try:
            unpack(tmp_path / "set.zip", "set.zip", into, run)
        except FileError:
            assert not into.exists()


@pytest.mark.parametrize(
    ("raw", "name"), [(b"\xa4X.csv", "ñX.csv"), (b"\xc3\xb1.csv", "ñ.csv")], ids=["cp437", "utf-8 without the mark"]
)
def test_names_in_old_letters(tmp_path: Path, run: Run, raw: bytes, name: str) -> None:
    path = packed(tmp_path / "set.zip", {"YX.csv": CSV, "ü.csv": CSV})
    path.write_bytes(path.read_bytes().replace(b"YX.csv", raw))
    assert [f.name for f in unpack(path, "set.zip", tmp_path / "into", run)] == [name, "ü.csv"]


def test_a_name_cannot_steer_a_terminal(tmp_path: Path, run: Run) -> None:
    (found,) = unpack(packed(tmp_path / "set.zip", {"a\x1b[2J\u202e.csv": CSV}), "set.zip", tmp_path / "into", run)
    assert found.name == "a\ufffd[2J\ufffd.csv"


def test_stopping(tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        if progress.done:
            run.cancel()

    run = Run(stop)
    path = packed(tmp_path / "set.zip", {"a.csv": NOISE(5 << 20)})
    with pytest.raises(Cancelled):
        unpack(path, "set.zip", tmp_path / "into", run)
    assert not (tmp_path / "into").exists()


def test_a_disk_without_room(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10}))
    assert "no room" in refused(packed(tmp_path / "set.zip", {"a.csv": CSV}), run).title
