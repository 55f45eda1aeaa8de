"""The sample district: it is what its generator makes, its size is what it says, and nobody in it could be real."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from tests.data.make_sample import make


def rows(path: Path) -> list[dict[str, str]]:
    text = path.read_bytes().decode("cp1252" if path.name == "classes.csv" else "utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def content(path: Path) -> bytes | dict[str, bytes]:
    """The bytes of a file; of a workbook those of its parts, for they are packed differently by each zlib."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as book:
        return {name: book.read(name) for name in book.namelist()}


def test_the_files_are_what_the_generator_makes(sample: Path, tmp_path: Path) -> None:
    make(tmp_path)
    made = {path.relative_to(tmp_path): content(path) for path in tmp_path.rglob("*") if path.is_file()}
    kept = {path.relative_to(sample): content(path) for path in sample.rglob("*") if path.is_file()}
    assert made.keys() == kept.keys()
    assert [str(name) for name in made if made[name] != kept[name]] == []


def test_its_size(sample: Path) -> None:
    users = [
        row
        for row in rows(sample / "day1" / "users.csv")
        if re.fullmatch(r"T\d{4}|001[123]0\d{3}|G00[01]\d\d", row["sourceId"])
    ]
    roles = Counter(row["role"] for row in {row["sourceId"]: row for row in users}.values())
    assert roles == {"teacher": 12, "administrator": 3, "student": 120, "guardian": 150}


@pytest.mark.parametrize("day", ["day1", "day2"])
def test_nobody_in_it_can_be_reached(sample: Path, day: str) -> None:
    for row in rows(sample / day / "users.csv"):
        for number in (row["sms"], row["phone"]):
            assert re.fullmatch(r"|\+1\d{3}55501\d\d|\+442079460\d{3}", number)
        assert row["email\u200b"].strip().endswith("example.org") or not row["email\u200b"]


def test_every_fault_is_where_the_readme_says(sample: Path) -> None:
    told = re.findall(
        r"^\| (\w+)\.csv \| (\d*) \| `([\w-]+)` \|", (sample / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert len({code for _, _, code in told}) > 30
    for table, row, code in told:
        if row and code != "header-look-alike":
            assert 1 < int(row) <= len(rows(sample / "day1" / f"{table}.csv")) + 1
    users = rows(sample / "day1" / "users.csv")
    at = {code: users[int(row) - 2] for table, row, code in told if table == "users" and row and row != "1"}
    assert at["missing-id"]["sourceId"] == ""
    assert at["too-many-guardians"]["agentSourcedIds"].count(",") == 6
    assert at["no-contact"]["sms"] == at["no-contact"]["email\u200b"] == ""
    assert at["student-without-grade"]["grades"] == ""


def test_every_planted_fault_is_found(sample: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rosterdesk", "check", str(sample / "day1"), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 3}, done.stderr
    planted = set(re.findall(r"`([\w-]+)` \|", (sample / "README.md").read_text("utf-8")))
    assert planted - json.loads(done.stdout)["counts"].keys() == set()
