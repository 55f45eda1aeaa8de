"""The embedded file: keys, files that are none, rights, full disks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa
import sqlcipher3.dbapi2 as sqlcipher

from rosterdesk.credentials import KeySource
from rosterdesk.directory import bulk, schema
from rosterdesk.directory.engine import Directory, open_directory
from rosterdesk.errors import DirectoryError, SecretError
from tests.directory.filling import begin

PLAIN = KeySource(unencrypted=True)


def test_the_file_is_encrypted_private_and_alone_when_closed(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "directory.db"
    with open_directory(path) as directory:
        with directory.transaction() as conn:
            begin(directory, conn).create("students", sis_id="s", family_name="Wiśniewska-Ironstone")
        beside = list(path.parent.iterdir())
        assert path.with_name("directory.db-wal") in beside
        for file in beside:
            assert b"Ironstone" not in file.read_bytes()
            assert file.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert {file.name for file in path.parent.iterdir()} <= {"directory.db", "directory.db.lock"}
    assert b"Ironstone" not in path.read_bytes()
    assert not path.read_bytes().startswith(b"SQLite")


def test_a_moved_directory_finds_its_key(tmp_path: Path) -> None:
    open_directory(tmp_path / "a.db").close()
    open_directory(tmp_path / "b.db").close()
    (tmp_path / "a.db").rename(tmp_path / "elsewhere.db")
    open_directory(tmp_path / "elsewhere.db", create=False).close()


def test_any_sqlcipher_tool_opens_a_directory_by_its_passphrase(tmp_path: Path) -> None:
    open_directory(tmp_path / "d.db", KeySource(passphrase='it\'s "so"')).close()
    con = sqlcipher.connect(str(tmp_path / "d.db"))
    con.execute("pragma key = 'it''s \"so\"'")
    assert con.execute("select district from districts").fetchall() == [(1,)]
    con.close()


def test_wrong_keys_are_said(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    open_directory(path, KeySource(passphrase="right")).close()
    with pytest.raises(SecretError, match="key does not fit"):
        open_directory(path, KeySource(passphrase="wrong"))
    with pytest.raises(SecretError, match="not in the keyring"):
        open_directory(path)
    with pytest.raises(SecretError, match="is encrypted"):
        open_directory(path, PLAIN)
    open_directory(tmp_path / "plain.db", PLAIN).close()
    with pytest.raises(SecretError, match="is not encrypted"):
        open_directory(tmp_path / "plain.db", KeySource(passphrase="right"))
    open_directory(path, KeySource(passphrase="right")).close()


@pytest.mark.parametrize(
    "content", [b"hello", b"id,name\n" * 2000, b"PK\3\4" + bytes(range(256)) * 40, "ü".encode() * 5000]
)
def test_another_file_is_no_directory_and_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(DirectoryError, match="is not a RosterDesk directory"):
        open_directory(path, KeySource(passphrase="p"))
    assert path.read_bytes() == content


def test_another_programs_database_is_no_directory(tmp_path: Path) -> None:
    con = sqlcipher.connect(str(tmp_path / "other.db"))
    con.execute("create table t (x)")
    con.close()
    before = (tmp_path / "other.db").read_bytes()
    with pytest.raises(DirectoryError, match="is not a RosterDesk directory"):
        open_directory(tmp_path / "other.db", PLAIN)
    assert (tmp_path / "other.db").read_bytes() == before


def test_an_empty_file_is_a_directory_that_was_never_finished(tmp_path: Path) -> None:
    (tmp_path / "d.db").touch()
    open_directory(tmp_path / "d.db").close()


def test_a_damaged_directory_is_said(tmp_path: Path) -> None:
    path = tmp_path / "d.db"
    with open_directory(path, PLAIN) as directory, directory.transaction() as conn:
        writer = begin(directory, conn)
        for number in range(300):
            writer.create("students", sis_id=str(number), family_name="x" * 200)
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xff" * len(content[8192:])
    path.write_bytes(content)
    with pytest.raises(DirectoryError, match="damaged"):
        open_directory(path, PLAIN)


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(DirectoryError, match="There is no folder"):
        open_directory(tmp_path / "a" / "b" / "d.db")
    (tmp_path / "file").touch()
    with pytest.raises(DirectoryError):
        open_directory(tmp_path / "file" / "d.db")
    with pytest.raises(DirectoryError):
        open_directory(tmp_path)


def test_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    with open_directory(tmp_path / "d.db", PLAIN) as directory:

        def fill() -> None:
            with directory.transaction() as conn:
                pages = conn.exec_driver_sql("pragma page_count").scalar()
                conn.exec_driver_sql(f"pragma max_page_count = {pages + 3}")
                _fill(directory, conn)

        with pytest.raises(DirectoryError, match="The disk is full"):
            fill()
        with directory.transaction() as conn:
            conn.exec_driver_sql("pragma max_page_count = 1000000")
            assert conn.execute(sa.select(schema.enrollments)).all() == []
            assert directory.bump(conn) == 1


_CHILD = """
import os, resource, signal, sys
from pathlib import Path
import filelock, sqlalchemy, sqlcipher3.dbapi2, rosterdesk.directory.embedded
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from rosterdesk.errors import RosterDeskError
from tests.directory.test_embedded import _fill
path, limit, user = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
if limit:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
if user:
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
try:
    with open_directory(path, KeySource(unencrypted=True)) as directory, directory.transaction() as conn:
        _fill(directory, conn)
    print("done")
except RosterDeskError as error:
    print(type(error).__name__, error)
"""


def _fill(directory: Directory, conn: sa.Connection) -> None:
    columns = ("district", "classroom", "person", "role", "is_primary", "synced", "created_run")
    bulk.insert(conn, "enrollments", columns, ((1, n, 7, "student", 0, 1, 1) for n in range(50_000)))
    directory.bump(conn)


def _child(path: Path, *, limit: int = 0, user: int = 0) -> str:
    result = subprocess.run(
        [sys.executable, "-c", _CHILD, str(path), str(limit), str(user)],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert not result.stderr, result.stderr
    return result.stdout.strip()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
def test_a_disk_that_refuses_to_write_changes_nothing(tmp_path: Path) -> None:
    with open_directory(tmp_path / "d.db", PLAIN) as directory:
        assert directory.generation == 0
    assert _child(tmp_path / "d.db", limit=1_000_000).startswith("DirectoryError The disk ")
    with open_directory(tmp_path / "d.db", PLAIN) as directory, directory.read() as conn:
        assert conn.execute(sa.select(schema.enrollments)).all() == []
        assert directory.generation_in(conn) == 0


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become somebody without rights")
@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o755, 0o600), (0o700, 0o600), (0o755, 0o644), (0o777, 0o444)])
def test_without_rights_it_is_said(folder_mode: int, file_mode: int) -> None:
    folder = Path(tempfile.mkdtemp(dir="/tmp"))  # the test's own folder lies where the other user can't go
    try:
        path = folder / "d.db"
        open_directory(path, PLAIN).close()
        for file in folder.iterdir():
            file.chmod(file_mode)
        folder.chmod(folder_mode)
        assert _child(path, user=65534).startswith("DirectoryError")
    finally:
        shutil.rmtree(folder)
