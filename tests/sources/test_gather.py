"""Which files a source gives, which it passes over, and what it refuses."""

from __future__ import annotations

import io
import itertools
import os
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import xlsxwriter

from rosterdesk.errors import Cancelled, FileError
from rosterdesk.run import Run
from rosterdesk.sources.gather import FoundFile, Kind, Skipped, gather, unchanged

CSV = b"sourcedId,name\r\n0001,Ann\r\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


def workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("Users").write(0, 0, "id")
    return out.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def laid(folder: Path, files: dict[str, bytes]) -> Path:
    """Files written long ago, so that nobody waits for them."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return folder


def labels(files: list[FoundFile]) -> list[str]:
    return [file.label for file in files]


def refused(sources: list[Path], scratch: Path, run: Run) -> FileError:
    with pytest.raises(FileError) as caught:
        gather(sources, scratch, run)
    assert list(scratch.iterdir()) == []
    assert caught.value.advice
    return caught.value


def test_files_as_they_are_named(source: Path, scratch: Path, run: Run) -> None:
    laid(source, {"users.csv": CSV, "orgs.csv": CSV, "README.md": b"# Hello"})
    named = [str(source / "users.csv"), source / "orgs.csv", source / "README.md", source / "users.csv"]
    found = gather(named, scratch, run)
    assert [(f.path, f.label, f.name, f.kind) for f in found] == [
        (source / "users.csv", "users.csv", "users", Kind.TEXT),
        (source / "orgs.csv", "orgs.csv", "orgs", Kind.TEXT),
        (source / "README.md", "README.md", "README", Kind.TEXT),
    ]


def test_a_folder_of_any_depth(source: Path, scratch: Path, run: Run) -> None:
    files = {"b/c/d/users.csv": CSV, "B/users.tsv": b"a\tb\n", "a.csv": CSV, "z.CSV": CSV, "book.xlsx": workbook()}
    hidden = {".hidden.csv": CSV, ".git/x.csv": CSV, "__MACOSX/._a.csv": PNG, "~$book.xlsx": PNG, "Thumbs.db": PNG}
    laid(source, files | hidden)
    skipped: list[Skipped] = []
    found = gather([source], scratch, run, skipped)
    assert labels(found) == ["a.csv", "book.xlsx", "z.CSV", "B/users.tsv", "b/c/d/users.csv"]
    assert [f.name for f in found] == ["a", "book", "z", "users", "users-2"]
    assert found[1].kind is Kind.SPREADSHEET
    assert skipped == []


def test_what_lies_beside_the_tables_is_passed_over_and_listed(source: Path, scratch: Path, run: Run) -> None:
    beside = {
        "README.txt": b"Dear user,\nread this, please, and that.\n",
        "notes.md": b"# x",
        "guide.pdf": b"%PDF-1.7\n",
    }
    prose = {"hello.txt": b"Hello there,\nthis is a letter, with commas, of course.\nNothing else.\n", "photo.png": PNG}
    laid(source, {"users.txt": b"id\tname\n1\tAnn\n2\tBob\n", "users": b"id|name\n1|Ann\n2|Bob\n"} | beside | prose)
    skipped: list[Skipped] = []
    found = gather([source], scratch, run, skipped)
    assert labels(found) == ["users", "users.txt"]
    assert sorted(skipped) == [
        ("README.txt", "no table"),
        ("guide.pdf", "a PDF document"),
        ("hello.txt", "no table"),
        ("notes.md", "no table"),
        ("photo.png", "a picture"),
    ]


def test_the_kind_is_in_the_content_not_in_the_name(source: Path, scratch: Path, run: Run) -> None:
    laid(source, {"users.csv": workbook(), "users.xls": b"id\tname\n1\tAnn\n", "set.csv": zipped({"orgs.csv": CSV})})
    found = gather([source / "users.csv", source / "users.xls", source / "set.csv"], scratch, run)
    assert [(f.label, f.kind) for f in found] == [
        ("users.csv", Kind.SPREADSHEET),
        ("users.xls", Kind.TEXT),
        ("orgs.csv", Kind.TEXT),
    ]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (PNG, "a picture"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "a picture"),
        (b"%PDF-1.4\n", "a PDF document"),
        (b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff" + bytes(100), "a program"),
        (b"\x7fELF\2\1\1" + bytes(100), "a program"),
        (bytes(range(256)) * 4, "neither text nor Excel"),
        (bytes(1000), "neither text nor Excel"),
        (b"SQLite format 3\0" + bytes(100), "a database"),
        (b"\x1f\x8b\x08\0" + bytes(20), "GZIP"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(20), "7-Zip"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "a web page"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "old XML form"),
        (zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), "Word"),
        (zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.bin": b"x"}), ".xlsb"),
        (zipped({"Index/Document.iwa": b"x"}), "Apple Numbers"),
        (zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}), "OpenDocument text"),
    ],
)
def test_what_is_no_table_whatever_its_name(source: Path, scratch: Path, run: Run, data: bytes, word: str) -> None:
    laid(source, {"users.csv": data, "other.csv": CSV})
    for chosen in (source / "users.csv", source):
        assert word in refused([chosen], scratch, run).title


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"BMI,MZ\r\n1,2\r\n",
        b"MZ,name\r\n1,2\r\n",
        "id,name\r\n1,Ann\r\n".encode("utf-16"),
        "id,name\r\n1,Ann\r\n".encode("utf-16-le"),
        "id,näme\r\n1,Ünn\r\n".encode("cp1252"),
        b"id,name\r\n1,A\0nn\r\n2,Bob\r\n",
        b"id\x1fname\n1\x1fAnn\n",
        b"\xef\xbb\xbfid,name\n",
        b"a < b,c\r\n",
    ],
)
def test_what_is_text_all_the_same(source: Path, scratch: Path, run: Run, data: bytes) -> None:
    laid(source, {"users.csv": data})
    (found,) = gather([source], scratch, run)
    assert found.kind is Kind.TEXT


def test_a_compressed_table_is_not_passed_over(source: Path, scratch: Path, run: Run) -> None:
    laid(source, {"orgs.csv": CSV, "users.csv.gz": b"\x1f\x8b\x08\0"})
    error = refused([source], scratch, run)
    assert "users.csv.gz is compressed with GZIP" in error.title
    assert "Unpack it" in error.advice


def test_a_protected_workbook(source: Path, scratch: Path, run: Run) -> None:
    from msoffcrypto.format.ooxml import OOXMLFile

    with (source / "users.xlsx").open("wb") as out:
        OOXMLFile(io.BytesIO(workbook())).encrypt("secret", out)
    assert refused([source], scratch, run).title == "users.xlsx is protected by a password."


def test_a_protected_open_document(source: Path, scratch: Path, run: Run) -> None:
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    laid(source, {"a.ods": zipped({"mimetype": kind, "META-INF/manifest.xml": b"<manifest:encryption-data/>"})})
    assert refused([source], scratch, run).title == "a.ods is protected by a password."


def test_a_zip(source: Path, scratch: Path, run: Run) -> None:
    files = {"b/users.csv": CSV, "a.csv": CSV, "book.xlsx": workbook(), "guide.pdf": b"%PDF-1", "__MACOSX/._a.csv": PNG}
    laid(source, {"set.zip": zipped(files | {"b/.DS_Store": PNG})})
    skipped: list[Skipped] = []
    found = gather([source / "set.zip"], scratch, run, skipped)
    assert [(f.label, f.name) for f in found] == [("a.csv", "a"), ("b/users.csv", "users"), ("book.xlsx", "book")]
    assert found[1].path.read_bytes() == CSV
    assert all(f.path.is_relative_to(scratch) and f.source == source / "set.zip" for f in found)
    assert skipped == [("guide.pdf", "a PDF document")]
    assert labels(gather([source], scratch, run)) == ["set.zip/a.csv", "set.zip/b/users.csv", "set.zip/book.xlsx"]


def test_a_zip_in_a_zip_and_no_deeper(source: Path, scratch: Path, run: Run) -> None:
    inner = zipped({"x/users.csv": CSV})
    laid(source, {"set.zip": zipped({"inner.zip": inner, "orgs.csv": CSV})})
    assert labels(gather([source / "set.zip"], scratch, run)) == ["inner.zip/x/users.csv", "orgs.csv"]


def test_three_zips_in_each_other(source: Path, scratch: Path, run: Run) -> None:
    laid(source, {"set.zip": zipped({"a.csv": CSV, "b.zip": zipped({"c.zip": zipped({"users.csv": CSV})})})})
    assert "ZIP inside a ZIP inside a ZIP" in refused([source / "set.zip"], scratch, run).title


def test_a_bomb_in_two_steps(source: Path, scratch: Path, run: Run) -> None:
    # Each file stays within what is allowed for one: it is their sum that is not.
    inner = zipped({f"{n}.csv": bytes(9_000_000) for n in range(3)})
    laid(source, {"set.zip": zipped({"a.csv": CSV, "inner.zip": inner})})
    assert "compressed more than 100 times" in refused([source / "set.zip"], scratch, run).title


def test_a_damaged_zip_in_a_folder(source: Path, scratch: Path, run: Run) -> None:
    laid(source, {"users.csv": CSV, "set.zip": zipped({"a.csv": CSV})[:-5]})
    assert refused([source], scratch, run).title == "set.zip is damaged."


def test_nothing_to_read(source: Path, scratch: Path, run: Run) -> None:
    assert "no table" in refused([source], scratch, run).title
    assert "no table" in refused([], scratch, run).title
    laid(source, {"README.md": b"# x", "empty.zip": zipped({})})
    assert "no table" in refused([source], scratch, run).title


def test_what_is_not_there(source: Path, scratch: Path, run: Run) -> None:
    assert "is not there" in refused([source / "users.csv"], scratch, run).title
    for empty in ("", " ", "a\0b"):
        with pytest.raises(FileError, match="No file is named"):
            gather([empty], scratch, run)


@POSIX
def test_a_fifo_never_blocks(source: Path, scratch: Path, run: Run) -> None:
    os.mkfifo(source / "users.csv")
    assert "no ordinary file" in refused([source / "users.csv"], scratch, run).title
    assert "no ordinary file" in refused([Path("/dev/null")], scratch, run).title
    laid(source, {"orgs.csv": CSV})
    skipped: list[Skipped] = []
    assert labels(gather([source], scratch, run, skipped)) == ["orgs.csv"]
    assert skipped == [("users.csv", "no ordinary file")]


@POSIX
def test_links_in_a_folder_are_not_followed(source: Path, tmp_path: Path, scratch: Path, run: Run) -> None:
    laid(tmp_path, {"secret.csv": CSV, "elsewhere/users.csv": CSV})
    laid(source, {"orgs.csv": CSV})
    (source / "secret.csv").symlink_to(tmp_path / "secret.csv")
    (source / "elsewhere").symlink_to(tmp_path / "elsewhere")
    (source / "circle").symlink_to(source)
    (source / "nowhere.csv").symlink_to(tmp_path / "nothing")
    skipped: list[Skipped] = []
    assert labels(gather([source], scratch, run, skipped)) == ["orgs.csv"]
    assert [s.label for s in skipped] == ["circle", "elsewhere", "nowhere.csv", "secret.csv"]
    # A person who names a link means what it leads to.
    assert labels(gather([source / "secret.csv"], scratch, run)) == ["secret.csv"]
    assert labels(gather([source / "circle"], scratch, run)) == ["orgs.csv"]


@contextmanager
def nobody() -> Iterator[None]:
    """Without the rights of the super-user, who may read everything."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@POSIX
@pytest.mark.parametrize("locked", ["users.csv", "inside"])
def test_no_permission(source: Path, monkeypatch: pytest.MonkeyPatch, run: Run, locked: str) -> None:
    laid(source, {"users.csv": CSV, "inside/orgs.csv": CSV, "scratch/x": b""})
    (source / "scratch" / "x").unlink()
    for path in (source, source / "inside", source / "scratch"):
        path.chmod(0o777)
    (source / "users.csv").chmod(0o644)
    (source / "inside" / "orgs.csv").chmod(0o644)
    (source / locked).chmod(0)
    monkeypatch.chdir(source)  # so that no folder above needs to be opened
    try:
        for chosen in {locked, "."}:
            with nobody(), pytest.raises(FileError, match=r"may not be opened") as caught:
                gather([chosen], Path("scratch"), run)
            assert locked in caught.value.title or chosen == locked
    finally:
        (source / locked).chmod(0o700)


def test_a_file_that_grows_while_it_is_looked_at(source: Path, scratch: Path, run: Run) -> None:
    stop, started = threading.Event(), threading.Event()

    def write() -> None:
        with (source / "users.csv").open("wb", buffering=0) as out:
            while not stop.wait(0.01):
                out.write(CSV)
                started.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert started.wait(10)
        assert refused([source], scratch, run).title == "users.csv is still being written."
    finally:
        stop.set()
        writer.join()
    assert labels(gather([source], scratch, run)) == ["users.csv"]


def test_a_download_that_is_not_finished(source: Path, scratch: Path, run: Run) -> None:
    laid(source, {"orgs.csv": CSV, "users.csv.filepart": CSV})
    assert refused([source], scratch, run).title == "users.csv.filepart is still being written."


def test_a_file_that_changed_before_all_was_read(source: Path, scratch: Path, run: Run) -> None:
    laid(source, {"users.csv": CSV, "set.zip": zipped({"orgs.csv": CSV})})
    found = gather([source / "users.csv", source / "set.zip"], scratch, run)
    unchanged(found)
    with (source / "set.zip").open("ab") as out:
        out.write(b"more")
    unchanged(found[:1])
    with pytest.raises(FileError, match=r"set\.zip is still being written\."):
        unchanged(found)
    (source / "users.csv").replace(source / "away.csv")
    with pytest.raises(FileError, match=r"users\.csv was taken away while it was read\."):
        unchanged(found)


def test_the_order_does_not_depend_on_the_disk(tmp_path: Path, scratch: Path, run: Run) -> None:
    names = ["b.csv", "a/z.csv", "a/b/c.csv", "Z.csv", "c/1.csv"]
    orders = []
    for number, order in enumerate(itertools.islice(itertools.permutations(names), 0, 120, 17)):
        folder = laid(tmp_path / str(number), dict.fromkeys(order, CSV))
        orders.append(labels(gather([folder], scratch, run)))
    assert all(order == ["b.csv", "Z.csv", "a/z.csv", "a/b/c.csv", "c/1.csv"] for order in orders)


def test_stopping(source: Path, scratch: Path, run: Run) -> None:
    laid(source, {"set.zip": zipped({"a.csv": CSV})})
    run.cancel()
    with pytest.raises(Cancelled):
        gather([source], scratch, run)
    assert list(scratch.iterdir()) == []
