"""Taking back a run that was delivered, and comparing the receiver's results with what was predicted."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rosterdesk import cli, pipeline
from rosterdesk.cli.output import Output
from rosterdesk.credentials import KeySource
from rosterdesk.directory.deliveries import delivered_by
from rosterdesk.directory.engine import Directory, open_directory
from rosterdesk.errors import FileError
from rosterdesk.jobs import receipts
from rosterdesk.jobs.reconciling import Difference, reconcile
from rosterdesk.jobs.takeback import take_back
from rosterdesk.run import Run
from tests.rosters import adult, classroom, enrollment, exported, roster, student, written

BEFORE = roster(
    student("S1", guardians="G1") + student("S2", given="Bo") + student("S3", given="Cy") + adult("G1", "guardian"),
    classroom("C1"),
    enrollment("C1", "S1") + enrollment("C1", "S2"),
)
AFTER = roster(
    student("S1", given="Anna", guardians="G1") + student("S2", given="Bo") + student("S4", given="Di")
    + adult("G1", "guardian"),
    classroom("C1"),
    enrollment("C1", "S1") + enrollment("C1", "S4"),
)  # fmt: skip


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    with open_directory(tmp_path / "directory.db", KeySource(file=tmp_path / "key")) as made:
        yield made


def pushed(directory: Directory, files: dict[str, str], tmp_path: Path, layout: str = "classtag") -> int:
    with pipeline.roster([written(files, tmp_path)], Run()) as made:
        plan = pipeline.preview(made, directory)
        return pipeline.apply(made, plan, directory, outlet=tmp_path / "out", layout=layout)


def files_of(tmp_path: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted((tmp_path / "out").glob("*.csv"))}


@pytest.mark.parametrize("layout", ["classtag", "oneroster-1.1"])
def test_the_receiver_gets_yesterdays_files(directory: Directory, tmp_path: Path, layout: str) -> None:
    pushed(directory, BEFORE, tmp_path, layout)
    yesterday, records = files_of(tmp_path), exported(directory, tmp_path)
    number = pushed(directory, AFTER, tmp_path, layout)
    assert files_of(tmp_path) != yesterday
    result = take_back(directory, number, Run())
    assert files_of(tmp_path) == yesterday
    assert exported(directory, tmp_path) == records
    with directory.read() as conn:
        delivered = delivered_by(conn, 1, result.run)
    assert delivered is not None
    assert delivered.layout == layout
    last = list(receipts.receipts())[-1]
    assert (last["kind"], last["undoes"], last["outlet"]) == ("undo", number, str(tmp_path / "out"))


def test_a_delivery_that_can_not_be_made_leaves_both_as_they_are(directory: Directory, tmp_path: Path) -> None:
    pushed(directory, BEFORE, tmp_path)
    number = pushed(directory, AFTER, tmp_path)
    records = exported(directory, tmp_path)
    foreign = tmp_path / "out" / "theirs.txt"
    for path in (tmp_path / "out").iterdir():
        path.unlink()
    foreign.write_text("not ours")
    with pytest.raises(FileError):
        take_back(directory, number, Run())
    assert exported(directory, tmp_path) == records
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["theirs.txt"]
    take_back(directory, number, Run(), deliver=False)
    assert exported(directory, tmp_path) != records


def test_the_first_run_is_taken_back_here_only_and_what_to_do_there_is_said(
    directory: Directory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pushed(directory, BEFORE, tmp_path)
    records, files = exported(directory, tmp_path), files_of(tmp_path)
    where = ["--directory", str(tmp_path / "directory.db"), "--key-file", str(tmp_path / "key"), "--yes"]
    assert cli.run(["undo", "1", *where]) == 3
    said = " ".join(capsys.readouterr().err.split())
    assert "Before run 1 there was nobody" in said
    assert "`rosterdesk undo 1 --no-deliver` takes the run back here only" in said
    assert (exported(directory, tmp_path), files_of(tmp_path)) == (records, files)
    assert cli.run(["undo", "1", *where, "--no-deliver"]) == 0
    assert exported(directory, tmp_path)["students.csv"].count("\n") == 1
    assert files_of(tmp_path) == files


def test_on_the_command_line_it_asks_first(
    directory: Directory, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed(directory, BEFORE, tmp_path)
    yesterday = files_of(tmp_path)
    pushed(directory, AFTER, tmp_path)
    where = ["--directory", str(tmp_path / "directory.db"), "--key-file", str(tmp_path / "key"), "--json"]
    with monkeypatch.context() as patch:
        patch.setattr(Output, "confirm", lambda self, question: False)
        assert cli.run(["undo", "2", *where]) == 3
    assert files_of(tmp_path) != yesterday
    capsys.readouterr()
    assert cli.run(["undo", "2", "--yes", *where]) == 0
    assert json.loads(capsys.readouterr().out)["delivered"] == str(tmp_path / "out")
    assert files_of(tmp_path) == yesterday


def results(tmp_path: Path, *rows: tuple[str, str, str]) -> Path:
    path = tmp_path / "results.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [("sourcedId", "givenName", "Result", "Action"), *((i, "x", r, a) for i, r, a in rows)]
        )
    return path


def test_results_as_predicted_agree(directory: Directory, tmp_path: Path) -> None:
    pushed(directory, BEFORE, tmp_path)
    number = pushed(directory, AFTER, tmp_path)
    file = results(tmp_path, ("S1", "SUCCESS", "UPDATED"), ("S2", "SUCCESS", "UPDATED"), ("S4", "SUCCESS", "CREATED"))
    found = reconcile(directory, number, file, Run())
    assert (found.rows, found.agreed, found.differing) == (3, 3, 0)


def test_results_that_differ_are_listed(directory: Directory, tmp_path: Path) -> None:
    pushed(directory, BEFORE, tmp_path)
    number = pushed(directory, AFTER, tmp_path)
    file = results(
        tmp_path,
        ("S1", "E-mail is used already", ""),
        ("S2", "SUCCESS", "CREATED"),
        ("S3", "SUCCESS", "UPDATED"),
        ("S9", "SUCCESS", "CREATED"),
    )
    found = reconcile(directory, number, file, Run())
    assert (found.rows, found.agreed, found.differing) == (4, 0, 5)
    assert found.differences == (
        Difference("S1", "The receiver did not take it: E-mail is used already."),
        Difference("S2", "The receiver made it anew, though an earlier run had brought it."),
        Difference("S3", "The receiver has it, and in the directory it is archived."),
        Difference("S9", "The receiver has it, and the directory knows no such ID."),
        Difference("S4", "The run made it, and the receiver says nothing of it."),
    )


def test_the_command_reconciles_and_leaves_a_receipt(
    directory: Directory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = pushed(directory, BEFORE, tmp_path)
    file = results(tmp_path, ("S1", "SUCCESS", "UPDATED"))
    where = ["--directory", str(tmp_path / "directory.db"), "--key-file", str(tmp_path / "key"), "--json"]
    assert cli.run(["receipts", "reconcile", str(number), str(file), *where]) == 3
    found = json.loads(capsys.readouterr().out)
    assert found["counts"] == {
        "The receiver had it already, though the run made it here.": 1,
        "The run made it, and the receiver says nothing of it.": 2,
    }
    assert list(receipts.receipts())[-1]["differing"] == 3
    assert receipts.verify()[1] == []


def test_what_is_no_file_of_results_is_refused(directory: Directory, tmp_path: Path) -> None:
    number = pushed(directory, BEFORE, tmp_path)
    (tmp_path / "other.csv").write_text("name,colour\na,b\n", "utf-8")
    with pytest.raises(FileError, match="no file of results"):
        reconcile(directory, number, tmp_path / "other.csv", Run())
