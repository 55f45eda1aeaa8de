"""What is left of a fault of the program's own: a report beside the log, for a while."""

from __future__ import annotations

import json
import os
import stat
import time
from pathlib import Path

import pytest

from rosterdesk import cli
from rosterdesk.cli import recurring


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A command with a fault, whose error tells of a student."""

    def names() -> None:
        raise ZeroDivisionError("Ana Ng")

    monkeypatch.setattr(recurring, "names", names)
    return ["jobs", "list", "--json"]


def test_a_report_is_kept_without_what_the_error_tells_and_old_ones_go(
    broken: list[str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = home / "reports"
    reports.mkdir()
    for name, days in (("report-old.txt", 91), ("report-new.txt", 89), ("theirs.txt", 91)):
        (reports / name).touch()
        os.utime(reports / name, (time.time() - days * 86400,) * 2)
    assert cli.run(broken) == 1
    said = json.loads(capsys.readouterr().out)
    (kept,) = [path for path in reports.iterdir() if path.name not in ("report-new.txt", "theirs.txt")]
    assert str(kept) in json.dumps(said)
    assert kept.read_text("utf-8").startswith("ZeroDivisionError\n")
    assert "Ana" not in kept.read_text("utf-8")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_where_none_can_be_kept_it_is_told_all_the_same(
    broken: list[str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "reports").touch()
    assert cli.run(broken) == 1
    said = json.dumps(json.loads(capsys.readouterr().out))
    assert "Please send us the lines below" in said
    assert "ZeroDivisionError" in said
