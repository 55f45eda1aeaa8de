"""Taking back what left nobody before it: the receiver is told which records to delete, as OneRoster's deltas."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rosterdesk import cli, connections, formats, pipeline
from rosterdesk.cli.output import Output
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import Directory, open_directory
from rosterdesk.errors import FileError, HeldError
from rosterdesk.jobs import receipts
from rosterdesk.jobs.reconciling import Difference, reconcile
from rosterdesk.jobs.takeback import OnlyMarked, sentence, take_back
from rosterdesk.run import Run
from tests.directory.conftest import Place, postgres, shared_place
from tests.rosters import adult, classroom, enrollment, exported, roster, rows, student, written
from tests.servers.openssh import OpenSSH

__all__ = ["postgres", "shared_place"]

PEOPLE = student("S1", guardians="G1") + student("S2", given="Bo") + adult("G1", "guardian") + adult("T1", "teacher")
FIRST_LINKS = enrollment("C1", "S1") + enrollment("C1", "T1", "teacher")
FIRST = roster(PEOPLE, classroom("C1"), FIRST_LINKS)
MORE = roster(PEOPLE + student("S3", given="Cy") + student("S4", given="Di"), classroom("C1"), FIRST_LINKS)
MARKED = {"courses.csv": 1, "classes.csv": 1, "users.csv": 4, "enrollments.csv": 2}


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    with open_directory(tmp_path / "directory.db", KeySource(file=tmp_path / "key")) as made:
        yield made


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Directory]:
    """A directory that follows what a manifest and its rows say: ours."""
    with open_directory(tmp_path / "receiver.db", KeySource(file=tmp_path / "key")) as made:
        yield made


@pytest.fixture(params=["folder", "zip", "sftp"])
def outlet(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Path]:
    """What is delivered to, and where its files lie."""
    if request.param != "sftp":
        place = tmp_path / ("out.zip" if request.param == "zip" else "out")
        return place, place
    server: OpenSSH = request.getfixturevalue("openssh")
    folder = server.new_folder()
    connections.save(server.connection(folder))
    return Path("connection:far"), folder


def pushed(directory: Directory, files: dict[str, str], outlet: Path, tmp_path: Path, layout: str) -> int:
    with pipeline.roster([written(files, tmp_path)], Run()) as made:
        plan = pipeline.preview(made, directory)
        return pipeline.apply(made, plan, directory, outlet=outlet, layout=layout)


def received(receiver: Directory, files: Path, tmp_path: Path) -> dict[str, list[tuple[str, ...]]]:
    """Who is there, and active, after the receiver has read what it got."""
    with pipeline.roster([files], Run()) as made:
        pipeline.apply(made, pipeline.preview(made, receiver), receiver)
    told = exported(receiver, tmp_path)
    return {
        kind: rows(told[f"{kind}.csv"], "sis_id", "status") for kind in ("students", "staff", "guardians", "classrooms")
    }


def contents(place: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(place.iterdir()) if not path.name.startswith(".")}


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("layout", ["oneroster-1.1", "oneroster-1.2"])
def test_a_receiver_that_follows_marks_is_as_before_and_gets_all_again(
    directory: Directory, receiver: Directory, outlet: tuple[Path, Path], tmp_path: Path, layout: str
) -> None:
    target, place = outlet
    pushed(directory, FIRST, target, tmp_path, layout)
    at_first = received(receiver, place, tmp_path)
    assert [status for of in at_first.values() for _, status in of] == ["active"] * 5
    result = take_back(directory, 1, Run(), marking=True)
    assert exported(directory, tmp_path)["students.csv"].count("\n") == 1
    gone = received(receiver, place, tmp_path)
    assert gone == {kind: [(sis_id, "archived") for sis_id, _ in of] for kind, of in at_first.items()}
    last = list(receipts.receipts())
    undone = next(one for one in last if one["kind"] == "undo")
    assert (undone["undoes"], undone["run"], undone["outlet"]) == (1, result.run, str(target))
    roles = {"roles.csv": 4} if layout.endswith("2") else {}
    assert {name: n for name, n, _ in undone["files"] if name in undone["delta"]} == {**MARKED, **roles}
    pushed(directory, FIRST, target, tmp_path, layout)
    with_restored = received(receiver, place, tmp_path)
    assert with_restored["students"] == at_first["students"]
    assert receipts.verify()[1] == []


@pytest.mark.parametrize("layout", ["oneroster-1.1", "oneroster-1.2"])
def test_exactly_what_was_delivered_is_marked_as_the_standard_says(
    directory: Directory, tmp_path: Path, layout: str
) -> None:
    out = tmp_path / "out"
    pushed(directory, FIRST, out, tmp_path, layout)
    at_first = contents(out)
    brought = {path.name: [row["sourcedId"] for row in table(path)] for path in out.glob("[!m]*.csv")}
    take_back(directory, 1, Run(), marking=True)
    modes = {row["propertyName"]: row["value"] for row in table(out / "manifest.csv")}
    for staying in ("orgs", "academicSessions"):
        del brought[f"{staying}.csv"]
        assert modes[f"file.{staying}"] == "absent"
    known = formats.named(layout).tables
    for name, ids in brought.items():
        marked = table(out / name)
        assert [row["sourcedId"] for row in marked] == ids
        assert modes[f"file.{Path(name).stem}"] == "delta"
        required = [column.name for column in known[Path(name).stem].columns if column.required]
        for row in marked:
            assert row["status"] == "tobedeleted"
            assert row["dateLastModified"].endswith("Z")
            assert all(row[column] for column in required), (name, row)
    assert sorted(contents(out)) == sorted([*brought, "manifest.csv"])
    pushed(directory, FIRST, out, tmp_path, layout)
    assert contents(out) == at_first


def test_in_a_shared_directory_too(shared_place: Place, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with shared_place.open() as directory:
        pushed(directory, FIRST, out, tmp_path, "oneroster-1.1")
        take_back(directory, 1, Run(), marking=True)
    assert {row["status"] for row in table(out / "users.csv")} == {"tobedeleted"}


def test_nothing_is_marked_before_a_person_wants_it(directory: Directory, tmp_path: Path) -> None:
    out = tmp_path / "out"
    pushed(directory, FIRST, out, tmp_path, "oneroster-1.1")
    before, files = exported(directory, tmp_path), contents(out)
    with pytest.raises(OnlyMarked, match="Before run 1 there was nobody"):
        take_back(directory, 1, Run())
    assert (exported(directory, tmp_path), contents(out)) == (before, files)
    assert take_back(directory, 1, Run(), deliver=False).delivered is None
    assert contents(out) == files


def test_classtags_files_know_no_marks(directory: Directory, tmp_path: Path) -> None:
    out = tmp_path / "out"
    pushed(directory, FIRST, out, tmp_path, "classtag")
    before, files = exported(directory, tmp_path), contents(out)
    with pytest.raises(HeldError, match="can't be sent a roster without people") as refused:
        take_back(directory, 1, Run(), marking=True)
    assert not isinstance(refused.value, OnlyMarked)
    assert (exported(directory, tmp_path), contents(out)) == (before, files)


def test_marks_that_can_not_be_delivered_leave_both_as_they_are(directory: Directory, tmp_path: Path) -> None:
    out = tmp_path / "out"
    pushed(directory, FIRST, out, tmp_path, "oneroster-1.1")
    (out / "theirs.txt").write_text("not ours")
    before, files = exported(directory, tmp_path), contents(out)
    with pytest.raises(FileError, match="holds other files"):
        take_back(directory, 1, Run(), marking=True)
    assert (exported(directory, tmp_path), contents(out)) == (before, files)


def test_where_people_stay_only_the_files_that_would_be_empty_are_deltas(
    directory: Directory, receiver: Directory, outlet: tuple[Path, Path], tmp_path: Path
) -> None:
    target, place = outlet
    pushed(directory, roster(PEOPLE), target, tmp_path, "oneroster-1.1")
    pushed(directory, FIRST, target, tmp_path, "oneroster-1.1")
    received(receiver, place, tmp_path)
    result = take_back(directory, 2, Run())
    assert result.delivered is not None
    assert result.delivered.delta == ("courses.csv", "classes.csv", "enrollments.csv")
    assert f"{target} got 4 records marked tobedeleted" in sentence(result.run, result.delivered)
    assert ", and the other files whole." in sentence(result.run, result.delivered)
    told = received(receiver, place, tmp_path)
    assert told["classrooms"] == [("C1", "archived")]
    assert [status for kind in ("students", "staff", "guardians") for _, status in told[kind]] == ["active"] * 4


def test_on_the_command_line_marks_are_asked_for(
    directory: Directory, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    pushed(directory, FIRST, out, tmp_path, "oneroster-1.1")
    files = contents(out)
    where = ["--directory", str(tmp_path / "directory.db"), "--key-file", str(tmp_path / "key")]
    assert cli.run(["undo", "1", "--yes", *where]) == 3
    said = " ".join(capsys.readouterr().err.split())
    assert "`rosterdesk undo 1 --marked`; with --no-deliver it is taken back here only." in said
    asked: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(Output, "attended", property(lambda self: True))
        patch.setattr(Output, "_answer", lambda self, question: asked.append(question) or "yn"[len(asked) - 1])
        assert cli.run(["undo", "1", *where]) == 3
    assert asked == ["Take it back there too?", "Send the marks?"]
    assert contents(out) == files
    capsys.readouterr()
    assert cli.run(["undo", "1", "--marked", "--yes", "--json", *where]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["marked"] == sum(MARKED.values())
    assert "with `rosterdesk receipts reconcile 2 FILE`" in printed.err


def test_the_receivers_results_tell_whether_it_followed(directory: Directory, tmp_path: Path) -> None:
    pushed(directory, FIRST, tmp_path / "out", tmp_path, "oneroster-1.1")
    number = take_back(directory, 1, Run(), marking=True).run
    told = tmp_path / "results.csv"
    told.write_text(
        "sourcedId,result,action\nS1,SUCCESS,ARCHIVED\nS2,SUCCESS,UPDATED\nG1,SUCCESS,\nT1,Unknown status,\n", "utf-8"
    )
    found = reconcile(directory, number, told, Run())
    assert (found.rows, found.agreed, found.differing) == (4, 1, 3)
    assert found.differences == (
        Difference("S2", "The receiver kept it, though it was marked tobedeleted."),
        Difference("G1", "The receiver took it, and does not say whether it removed it."),
        Difference("T1", "The receiver did not take it: Unknown status."),
    )


def test_records_that_only_the_receiver_has_are_not_left_there(directory: Directory, tmp_path: Path) -> None:
    out = tmp_path / "out"
    pushed(directory, FIRST, out, tmp_path, "oneroster-1.1")
    number = pushed(directory, MORE, out, tmp_path, "oneroster-1.1")
    take_back(directory, number, Run(), deliver=False)
    before, files = exported(directory, tmp_path), contents(out)
    with pytest.raises(HeldError, match="may have records that the directory no longer knows") as refused:
        take_back(directory, 1, Run(), marking=True)
    assert "Run 2 was the last that was delivered there, with 6 rows in users.csv" in refused.value.advice
    assert "the directory has 4" in refused.value.advice
    assert (exported(directory, tmp_path), contents(out)) == (before, files)
    pushed(directory, FIRST, out, tmp_path, "oneroster-1.1")  # as the advice says
    result = take_back(directory, 1, Run(), marking=True)
    assert result.delivered is not None
    assert result.delivered.marked == sum(MARKED.values())


def test_what_was_taken_back_here_and_there_does_not_stand_in_the_way(directory: Directory, tmp_path: Path) -> None:
    out = tmp_path / "out"
    pushed(directory, FIRST, out, tmp_path, "oneroster-1.1")
    take_back(directory, pushed(directory, MORE, out, tmp_path, "oneroster-1.1"), Run())
    with pipeline.roster([written(MORE, tmp_path)], Run()) as made:  # and this one was never delivered
        number = pipeline.apply(made, pipeline.preview(made, directory), directory)
    take_back(directory, number, Run())
    result = take_back(directory, 1, Run(), marking=True)
    assert result.delivered is not None
    assert result.delivered.marked == sum(MARKED.values())


def test_where_people_stay_a_file_is_not_marked_in_part(directory: Directory, tmp_path: Path) -> None:
    out = tmp_path / "out"
    pushed(directory, roster(PEOPLE), out, tmp_path, "oneroster-1.1")
    pushed(directory, FIRST, out, tmp_path, "oneroster-1.1")
    two = roster(PEOPLE, classroom("C1") + classroom("C2"), FIRST_LINKS)
    take_back(directory, pushed(directory, two, out, tmp_path, "oneroster-1.1"), Run(), deliver=False)
    with pytest.raises(HeldError, match="may have records that the directory no longer knows"):
        take_back(directory, 2, Run())


def test_outlets_that_got_files_since_are_named(
    directory: Directory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, other = tmp_path / "out", tmp_path / "other"
    pushed(directory, FIRST, out, tmp_path, "oneroster-1.1")
    pushed(directory, FIRST, other, tmp_path, "oneroster-1.1")
    where = ["--directory", str(tmp_path / "directory.db"), "--key-file", str(tmp_path / "key")]
    assert cli.run(["undo", "1", "--marked", "--yes", "--json", *where]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["untold"] == [str(other)]
    assert f"Later runs were delivered to {other}: nothing was told there" in " ".join(printed.err.split())


def test_marks_are_laid_out_as_the_outlet_got_its_files_last(directory: Directory, tmp_path: Path) -> None:
    out = tmp_path / "out"
    pushed(directory, FIRST, out, tmp_path, "oneroster-1.1")
    pushed(directory, FIRST, out, tmp_path, "oneroster-1.2")
    result = take_back(directory, 1, Run(), marking=True)
    assert result.delivered is not None
    assert result.delivered.layout == "oneroster-1.2"
    assert "roles.csv" in result.delivered.delta
