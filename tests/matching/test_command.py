"""`rosterdesk match`: two files in, one file of pairs out, and a sentence for what can't be matched."""

from __future__ import annotations

import csv
import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from rosterdesk.cli import run
from tests.matching.invented import district


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    kept = [(number, signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM)]
    yield
    for number, handler in kept:
        signal.signal(number, handler)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_file_of_pairs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = district(7, 300)
    incoming, archived = made.write(tmp_path)
    out = tmp_path / "pairs.csv"
    assert run(["match", str(incoming), str(archived), "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    rows = rows_of(out)
    assert list(rows[0]) == ["incoming_id", "archived_id", "band", "probability", "reason"]
    assert told["auto"] + told["review"] == len(rows)
    assert {row["band"] for row in rows} <= {"auto", "review"}
    for side in ("incoming_id", "archived_id"):
        assert len({row[side] for row in rows}) == len(rows)
    assert all((r["incoming_id"], r["archived_id"]) in made.truth for r in rows if r["band"] == "auto")


def test_one_file_on_both_sides(tmp_path: Path) -> None:
    incoming, _ = district(7, 60).write(tmp_path)
    out = tmp_path / "pairs.csv"
    assert run(["match", str(incoming), str(incoming), "--out", str(out)]) == 0
    assert all(row["incoming_id"] == row["archived_id"] for row in rows_of(out))


def test_files_of_one_name(tmp_path: Path) -> None:
    for side in ("new", "old"):
        (tmp_path / side).mkdir()
        path = tmp_path / side / "students.csv"
        path.write_text(f"sourcedId,givenName,familyName,birthDate\n{side},Ada,Quillmoor,2012-04-05\n", "utf-8")
    out = tmp_path / "pairs.csv"
    files = [str(tmp_path / side / "students.csv") for side in ("new", "old")]
    assert run(["match", *files, "--out", str(out)]) == 0
    assert [(r["incoming_id"], r["archived_id"]) for r in rows_of(out)] == [("new", "old")]


def test_a_file_without_ids(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "names.csv"
    path.write_text("givenName,familyName\nAda,Quillmoor\n", "utf-8")
    assert run(["match", str(path), str(path), "--out", str(tmp_path / "pairs.csv")]) == 5
    assert "names.csv has no column sourcedId." in capsys.readouterr().err
    assert not (tmp_path / "pairs.csv").exists()


def test_an_id_of_two_rows_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "students.csv"
    path.write_text("sourcedId,givenName,familyName,grades\n1,Ada,Quill,3\n1,Bea,Moor,4\n,Cleo,Vance,5\n", "utf-8")
    assert run(["match", str(path), str(path), "--out", str(tmp_path / "pairs.csv")]) == 0
    said = capsys.readouterr().out
    assert "1 IDs stand for several different rows" in said
    assert "1 rows have no sourcedId" in said


def test_a_side_without_rows_matches_nobody(tmp_path: Path) -> None:
    incoming, _ = district(7, 40).write(tmp_path)
    empty = tmp_path / "empty.csv"
    empty.write_text("sourcedId,givenName,familyName\n", "utf-8")
    for place, files in enumerate(((incoming, empty), (empty, incoming), (empty, empty))):
        out = tmp_path / f"pairs{place}.csv"
        assert run(["match", *map(str, files), "--out", str(out)]) == 0
        assert rows_of(out) == []
        assert out.read_text("utf-8").startswith("incoming_id,archived_id,band,probability,reason")


@pytest.mark.parametrize("kept", [("sourcedId",), ("sourcedId", "givenName"), ("sourcedId", "familyName", "grades")])
def test_without_the_names_nobody_is_merged(tmp_path: Path, kept: tuple[str, ...]) -> None:
    made = district(8, 200)
    for side, rows in (("new", made.incoming), ("old", made.archived)):
        with (tmp_path / f"{side}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, kept, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    out = tmp_path / "pairs.csv"
    assert run(["match", *(str(tmp_path / f"{side}.csv") for side in ("new", "old")), "--out", str(out)]) == 0
    assert [row for row in rows_of(out) if row["band"] == "auto"] == []
