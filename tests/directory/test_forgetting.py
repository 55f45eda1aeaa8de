"""Forgetting: old history, and a person who has left, of whom no trace stays."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rosterdesk import cli, pipeline
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import Directory, open_directory
from rosterdesk.directory.forgetting import count, erase, purge
from rosterdesk.directory.history import get_run, list_changes
from rosterdesk.directory.settings import set_settings
from rosterdesk.directory.undo import undo
from rosterdesk.errors import UsageError
from rosterdesk.jobs import receipts
from rosterdesk.run import Run
from tests.rosters import adult, classroom, enrollment, exported, push, roster, rows, student, written

OLD = datetime.now(UTC) - timedelta(days=400)


def files(given: str, *, zoe: bool = True, family: str = "Quist") -> dict[str, str]:
    """Ana and, as long as she is there, Zoe, each in a classroom; Zoe's guardian has Zoe alone."""
    people = student("S1", given=given, guardians="G1") + adult("G1", "guardian", email="g1@example.org")
    seats = enrollment("C1", "S1")
    if zoe:
        people += student("Z-77", given="Zoe", family=family, guardians="ZG-88")
        people += adult("ZG-88", "guardian", given="Zelda", family="Quist", email="zelda@example.org")
        seats += enrollment("C1", "Z-77")
    return roster(people, classroom("C1"), seats)


def number_of(directory: Directory, sis_id: str) -> int:
    with directory.read() as conn:
        return int(conn.exec_driver_sql(f"select id from students where sis_id = '{sis_id}'").scalar_one())


def left(directory: Directory, tmp_path: Path) -> None:
    """Zoe comes, is renamed, and leaves; Ana is renamed last."""
    push(directory, written(files("Ana"), tmp_path))
    push(directory, written(files("Ana", family="Quist-Zorn"), tmp_path))
    push(directory, written(files("Ana", zoe=False), tmp_path))
    push(directory, written(files("Anna", zoe=False), tmp_path))


def test_old_history_is_forgotten_and_its_runs_stay_as_they_are(directory: Directory, tmp_path: Path) -> None:
    left(directory, tmp_path)
    with directory.transaction() as conn:
        conn.exec_driver_sql(f"update runs set started = '{OLD.isoformat(timespec='seconds')}' where run <= 2")
    before = exported(directory, tmp_path)
    assert purge(directory, Run()).run is None
    done = purge(directory, Run(), months=12)
    assert (done.run, done.runs, done.changes) == (5, 2, 1)
    assert exported(directory, tmp_path) == before
    with directory.read() as conn:
        assert list_changes(conn, 1, 2) == []
        assert len(list_changes(conn, 1, 3)) > 0
        assert get_run(conn, 1, 2).counts["students"]["updated"] == 1
    with pytest.raises(UsageError, match=r"History is kept for 12 months here"):
        undo(directory, 2)
    with pytest.raises(UsageError, match="can't be taken back"):
        undo(directory, 5)
    undo(directory, 4)
    assert purge(directory, Run(), months=12).run is None


def test_what_would_be_forgotten_is_counted_and_nothing_changes(directory: Directory, tmp_path: Path) -> None:
    left(directory, tmp_path)
    with directory.transaction() as conn:
        conn.exec_driver_sql(f"update runs set started = '{OLD.isoformat(timespec='seconds')}' where run <= 2")
    foreseen = count(directory, Run(), months=12)
    assert (foreseen.runs, foreseen.changes) == (2, 1)
    assert count(directory, Run(), months=12, today=foreseen.today) == foreseen
    done = purge(directory, Run(), months=foreseen.months, today=foreseen.today)
    assert (done.run, done.runs, done.changes) == (5, foreseen.runs, foreseen.changes)
    assert count(directory, Run(), months=12).runs == 0
    assert count(directory, Run(), months=0).runs == 0


def test_the_setting_says_how_long(directory: Directory, tmp_path: Path) -> None:
    left(directory, tmp_path)
    with directory.transaction() as conn:
        conn.exec_driver_sql(f"update runs set started = '{OLD.isoformat(timespec='seconds')}'")
        set_settings(conn, 1, {"history_months": "0"})
    assert purge(directory, Run()).run is None
    with directory.transaction() as conn:
        set_settings(conn, 1, {"history_months": "12"})
    assert purge(directory, Run()).runs == 4


def test_of_who_is_erased_no_trace_stays(tmp_path: Path) -> None:
    """Looked for in the very bytes of a directory that is kept as plain text, and in everything beside it."""
    path = tmp_path / "directory.db"
    with open_directory(path, KeySource.chosen(unencrypted=True)) as directory:
        left(directory, tmp_path)
        done = erase(directory, "students", number_of(directory, "Z-77"), Run(), with_guardians=True)
        assert (done.records, done.runs) == (2, 3)
        with pipeline.roster([written(files("Anna", zoe=False), tmp_path)], Run()) as made:
            assert pipeline.preview(made, directory).empty
        found = "".join(exported(directory, tmp_path).values())
        assert "Anna" in found
        for number in (1, 2, 3):
            with pytest.raises(UsageError, match="A person whom it concerned was erased on request"):
                undo(directory, number)
        undo(directory, 4)
    everything = b"".join(p.read_bytes() for p in tmp_path.glob("directory.db*")) + receipts.file().read_bytes()
    assert b"g1@example.org" in everything
    for trace in (b"Z-77", b"Zoe", b"Quist", b"ZG-88", b"Zelda", b"zelda@"):
        assert trace not in everything, trace


def test_erasing_on_both_engines(directory: Directory, tmp_path: Path) -> None:
    left(directory, tmp_path)
    done = erase(directory, "students", number_of(directory, "Z-77"), Run())
    assert done.records == 1
    files_of = exported(directory, tmp_path)
    assert [i for (i,) in rows(files_of["students.csv"], "sis_id")] == ["S1"]
    assert [i for (i,) in rows(files_of["guardians.csv"], "sis_id")] == ["G1", "ZG-88"]
    with directory.read() as conn:
        told = " ".join(str(change) for run in (1, 2, 3, 4) for _, change in list_changes(conn, 1, run))
    assert "Quist-Zorn" not in told


def test_who_is_still_there_is_not_erased(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(files("Ana"), tmp_path))
    with pytest.raises(UsageError, match="Only who has left"):
        erase(directory, "students", number_of(directory, "Z-77"), Run())
    with pytest.raises(UsageError, match="no such record"):
        erase(directory, "students", 4711, Run())
    with pytest.raises(UsageError, match="are no people"):
        erase(directory, "classrooms", 1, Run())


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_directory(tmp_path / "directory.db", KeySource(file=tmp_path / "key")) as directory:
        left(directory, tmp_path)
    where = ["--directory", str(tmp_path / "directory.db"), "--key-file", str(tmp_path / "key"), "--yes", "--json"]
    assert cli.run(["directory", "erase", "students", "Z-77", *where]) == 0
    assert json.loads(capsys.readouterr().out)["records"] == 1
    assert cli.run(["directory", "erase", "students", "Z-77", *where]) == 2
    assert cli.run(["directory", "purge", "--months", "1", *where]) == 0
    assert [receipt["kind"] for receipt in receipts.receipts()][-1] == "erase"
    assert receipts.verify()[1] == []
