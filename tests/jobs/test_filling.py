"""Which directory a job fills."""

from __future__ import annotations

from pathlib import Path

import pytest

from rosterdesk import paths
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from rosterdesk.errors import DirectoryError
from rosterdesk.jobs.file import Job
from rosterdesk.jobs.filling import fills, open_filled, place_name
from rosterdesk.run import Run


def test_a_job_fills_the_directory_of_its_path_however_that_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_directory(tmp_path / "a.db", KeySource(unencrypted=True)) as directory:
        assert fills(Job("j", ("x",), directory="a.db"), directory)
        assert fills(Job("j", ("x",), directory=str(tmp_path / "b" / ".." / "a.db")), directory)
        assert not fills(Job("j", ("x",), directory="b.db"), directory)
        assert not fills(Job("j", ("x",), directory="postgresql://a.db"), directory)
        assert not fills(Job("j", ("x",)), directory)
    with open_directory(paths.default_directory(), KeySource(unencrypted=True)) as directory:
        assert fills(Job("j", ("x",)), directory)


def test_an_address_is_told_without_its_password() -> None:
    assert place_name("postgres://ann:secret@db.example/roster") == "postgresql://ann:***@db.example/roster"


def test_it_opens_with_the_job_s_own_key(tmp_path: Path) -> None:
    job = Job("j", ("x",), directory=str(tmp_path / "a.db"), key_file=str(tmp_path / "key"))
    with pytest.raises(DirectoryError):
        open_filled(job, Run(), create=False)
    open_filled(job, Run()).close()
    with open_filled(job, Run(), create=False) as directory:
        assert fills(job, directory)
