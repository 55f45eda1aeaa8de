"""The chain of receipts."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from rosterdesk import pipeline
from rosterdesk.credentials import KeySource
from rosterdesk.directory.edit import editing
from rosterdesk.directory.engine import open_directory
from rosterdesk.directory.governing import change_settings
from rosterdesk.directory.holds import discard
from rosterdesk.directory.undo import undo
from rosterdesk.jobs import receipts
from rosterdesk.jobs.receipts import Fault, append, verify
from rosterdesk.run import Run
from tests.rosters import roster, student, written


def three() -> list[str]:
    for n in range(3):
        append({"job": "nightly", "run": n})
    return receipts.file().read_text("utf-8").splitlines()


def put(lines: list[str]) -> None:
    receipts.file().write_text("".join(f"{line}\n" for line in lines), "utf-8")


def test_a_chain_that_nobody_touched_is_whole() -> None:
    three()
    assert verify() == (3, [])


def test_no_receipt_is_no_fault() -> None:
    assert verify() == (0, [])


def test_a_changed_receipt_shows() -> None:
    lines = three()
    put([lines[0], lines[1].replace('"run": 1', '"run": 7'), lines[2]])
    assert verify()[1] == [Fault(2, "This receipt was changed after it was written.")]


def test_a_receipt_that_was_changed_and_sealed_anew_shows_at_the_next() -> None:
    lines = three()
    forged = {key: value for key, value in json.loads(lines[1]).items() if key != "hash"} | {"run": 7}
    put([lines[0], receipts.sealed(forged), lines[2]])
    assert verify()[1] == [Fault(3, "One or more receipts before this one are missing or were changed.")]


@pytest.mark.parametrize("gone", [0, 1])
def test_a_missing_receipt_shows(gone: int) -> None:
    lines = three()
    del lines[gone]
    put(lines)
    assert [fault.number for fault in verify()[1]] == [gone + 1]


def test_a_cut_end_shows() -> None:
    put(three()[:2])
    assert verify() == (2, [Fault(3, "Receipts at the end are missing.")])


def test_after_a_crash_in_the_middle_of_a_line_the_chain_goes_on() -> None:
    lines = three()
    receipts.file().write_text("\n".join(lines) + "\n" + lines[2][:40], "utf-8")
    assert append({"job": "nightly", "run": 4}) == 4
    assert verify() == (4, [Fault(4, "This receipt is damaged or was cut off.")])


def test_a_number_that_is_none_shows() -> None:
    lines = three()
    lines[1] = lines[1].replace('"number": 2', '"number": "two"')
    put(lines)
    assert Fault(2, "This receipt is damaged or was cut off.") in verify()[1]


def of_runs() -> list[tuple[object, ...]]:
    return [(r["run"], r["kind"], r["outcome"], r.get("undoes")) for r in receipts.receipts()]


def test_every_run_leaves_one_whichever_way_it_is_made(tmp_path: Path) -> None:
    """By hand: a push with files for an outlet, an edit, a held run that is discarded, an undo."""
    out = tmp_path / "out"
    with open_directory(tmp_path / "directory.db", KeySource(file=tmp_path / "key")) as directory:
        folder = written(roster("".join(student(f"S{n}", given=f"Ana{n}") for n in range(30))), tmp_path)
        with pipeline.roster([folder], Run()) as made:
            pipeline.apply(made, pipeline.preview(made, directory), directory, outlet=out)
        with editing(directory, "settings", "Ann asked for it") as edit:
            change_settings(edit, {"threshold_percent": "12"})
        with pipeline.roster([written(roster(student("S1", given="Ana1")), tmp_path)], Run()) as made:
            pipeline.hold(made, pipeline.preview(made, directory), directory)
        discard(directory, 3, Run())
        undo(directory, 2)
    assert of_runs() == [
        (1, "push", "done", None),
        (2, "edit", "done", None),
        (3, "push", "held", None),
        (3, "push", "discarded", None),
        (4, "undo", "done", 2),
    ]
    first = next(receipts.receipts())
    assert first["changes"] == {"schools": {"created": 2}, "students": {"created": 30}}
    assert first["whole"] == {"orgs": True, "users": True}
    assert first["outlet"] == str(out)
    assert ["users.csv", 30, hashlib.sha256((out / "users.csv").read_bytes()).hexdigest()] in first["files"]
    assert "Ann" not in receipts.file().read_text("utf-8")
    assert verify() == (5, [])


def test_a_receipt_that_the_disk_did_not_take_comes_with_the_next(tmp_path: Path) -> None:
    """A folder in its place refuses the file as a full disk does: with an error of the system."""
    with open_directory(tmp_path / "directory.db", KeySource(file=tmp_path / "key")) as directory:
        for percent in ("11", "12", "13", "14"):
            if percent in ("12", "13"):
                receipts.file().rename(tmp_path / "kept")
                receipts.file().mkdir()
            with editing(directory, "settings", "as agreed") as edit:
                change_settings(edit, {"threshold_percent": percent})
            if percent in ("12", "13"):
                receipts.file().rmdir()
                (tmp_path / "kept").rename(receipts.file())
    assert [run for run, *_ in of_runs()] == [1, 2, 3, 4]
    assert ["late" in receipt for receipt in receipts.receipts()] == [False, True, True, False]
    assert verify() == (4, [])


def test_the_last_receipt_is_found_however_long_the_lines_are() -> None:
    for n in range(3):
        append({"job": "nightly", "run": n, "whole": {f"table{i}": True for i in range(6000)}})
    with receipts.file().open("ab") as file:
        file.write(b'{"number": 4, "prev')
    assert append({"job": "nightly", "run": 3}) == 4
    assert [fault.sentence for fault in verify()[1]] == ["This receipt is damaged or was cut off."]
