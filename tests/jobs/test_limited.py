"""Limits of a job on a school that its directory does not have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rosterdesk import cli
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from rosterdesk.jobs.file import load
from tests.rosters import ORGS_HEADER, push, roster, student, written

ORGS = ORGS_HEADER + "D,,,District,district,,\n0012,,,Fir Elementary,school,,D\n0340,,,Oak High,school,,D\n"


def added(tmp_path: Path, *limits: str) -> list[str]:
    """Save a job with these limits by hand; the arguments for it."""
    options = [part for limit in limits for part in ("--limit", limit)]
    where = ["--directory", str(tmp_path / "directory.db"), "--key-file", str(tmp_path / "key")]
    return ["jobs", "add", "nightly", str(tmp_path), *options, *where, "--json"]


@pytest.fixture
def filled(tmp_path: Path) -> None:
    with open_directory(tmp_path / "directory.db", KeySource(file=tmp_path / "key")) as directory:
        push(directory, written(roster(student("S1", school="0012"), orgs=ORGS), tmp_path))


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("at", "near"),
    [("12", "0012 (Fir Elementary)."), ("oak high", "0340 (Oak High)."), ("Z", "")],
)
def test_a_limit_at_a_school_that_there_is_not_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], at: str, near: str
) -> None:
    limits = (f"students created 40 at {at}", "students created 5 at 0340")
    assert cli.run(added(tmp_path, *limits)) == 0
    printed = capsys.readouterr()
    (note,) = json.loads(printed.out)["notes"]
    assert note in printed.err
    assert note.startswith(f"No school of the directory has the ID {at}: the limit there holds only once")
    assert note.endswith(f"with its ID: {near}" if near else "once there is one.")
    assert load("nightly").limits == limits
    assert cli.run(["jobs", "schedule", "nightly", "--json"]) == 0  # as after a change of the file by hand
    assert json.loads(capsys.readouterr().out)["notes"] == [note]


@pytest.mark.usefixtures("filled")
def test_a_school_that_there_is_needs_no_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(added(tmp_path, "students created 40 at 0012", "school students updated 30%")) == 0
    assert json.loads(capsys.readouterr().out)["notes"] == []


def test_a_directory_that_is_not_there_yet_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(added(tmp_path, "students created 40 at 0012")) == 0
    assert json.loads(capsys.readouterr().out)["notes"] == []
    assert not (tmp_path / "directory.db").exists()
