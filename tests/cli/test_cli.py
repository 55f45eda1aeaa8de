"""The command line as IT and schedulers use it: JSON shapes, exit codes, and what happens to wrong input."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rosterdesk.cli import run
from tests.rosters import classroom, enrollment, roster, student, written

ENTITY = {"created", "updated", "archived", "restored", "merged"}
SEED = 20261124


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """The command line sets the program's signal handlers; the test run keeps its own."""
    kept = [(number, signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM)]
    yield
    for number, handler in kept:
        signal.signal(number, handler)


@pytest.fixture
def at(tmp_path: Path) -> list[str]:
    return ["--directory", str(tmp_path / "directory.db"), "--key-file", str(tmp_path / "key")]


def call(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, dict[str, Any], str]:
    """Exit code, the JSON object and the messages of one command."""
    code = run([*map(str, arguments), "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out), said.err


def many(count: int) -> dict[str, str]:
    people = "".join(student(f"S{n:04}", given=f"N{n}") for n in range(count))
    return roster(people, classroom("C1"), "".join(enrollment("C1", f"S{n:04}") for n in range(count)))


def test_push_and_preview_have_the_fixed_shape(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, at: list[str]
) -> None:
    source = written(many(30), tmp_path)
    code, result, _ = call(capsys, "preview", source, *at)
    assert (code, result["run"], result["outcome"]) == (0, None, "preview")
    code, pushed, _ = call(capsys, "push", source, *at)
    assert (code, pushed["run"], pushed["outcome"]) == (0, 1, "done")
    assert pushed["plan"] == result["plan"]
    for name in ("students", "staff", "guardians", "classrooms"):
        assert set(pushed["changes"][name]) == ENTITY
    for name in ("enrollments", "guardianships"):
        assert set(pushed["changes"][name]) == {"created", "removed"}
    assert set(pushed["problems"]) == {"error", "warning", "notice"}
    assert pushed["seconds"] > 0
    assert pushed["peak_mib"] > 0


def test_a_plan_over_the_limit_is_held_until_its_digest_is_approved(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, at: list[str]
) -> None:
    call(capsys, "push", written(many(30), tmp_path), *at)
    fewer = written(many(12), tmp_path)
    code, held, said = call(capsys, "push", fewer, "--yes", *at)
    assert (code, held["outcome"]) == (3, "held")
    assert f"--approve {held['plan']}" in said
    code, _, said = call(capsys, "push", fewer, "--approve", "0" * 16, *at)
    assert code == 3
    assert "not the one that was approved" in said
    _, history, _ = call(capsys, "history", *at)
    assert [(r["number"], r["state"]) for r in history["runs"]] == [(2, "held"), (1, "done")]
    code, done, _ = call(capsys, "push", fewer, "--approve", held["plan"], *at)
    assert (code, done["run"], done["outcome"], done["changes"]["students"]["archived"]) == (0, 2, "done", 18)


def test_undo_gives_the_export_before(capsys: pytest.CaptureFixture[str], tmp_path: Path, at: list[str]) -> None:
    call(capsys, "push", written(many(30), tmp_path), *at)
    call(capsys, "directory", "export", tmp_path / "before", *at)
    call(capsys, "push", written(many(31), tmp_path), *at)
    code, result, _ = call(capsys, "undo", "2", *at)
    assert (code, result["undone"]) == (0, 2)
    call(capsys, "directory", "export", tmp_path / "after", *at)
    names = sorted(p.name for p in (tmp_path / "before").iterdir())
    assert names
    for name in names:
        assert (tmp_path / "after" / name).read_bytes() == (tmp_path / "before" / name).read_bytes()


def test_read_check_and_map_have_the_fixed_shapes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    source = written(roster(student("S1") + student("")), tmp_path)
    code, result, _ = call(capsys, "read", source)
    assert code == 0
    table = next(t for t in result["tables"] if t["name"] == "users")
    assert set(table) == {"name", "file", "format", "encoding", "delimiter", "rows", "columns"}
    assert (table["format"], table["rows"]) == ("oneroster-1.1", 2)
    code, result, _ = call(capsys, "check", source)
    assert result["counts"]["missing-id"] == 1
    problem = next(p for p in result["problems"] if p["code"] == "missing-id")
    assert set(problem) == {"code", "severity", "table", "row", "column", "message"}
    assert (problem["row"], problem["column"]) == (3, "sourcedId")
    code, result, _ = call(capsys, "map", source)
    assert result["tables"]["users"]["sis_id"] == {
        "source": "users.sourcedId",
        "confidence": "exact",
        "transforms": [],
    }


def test_read_writes_clean_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_bytes("Name;Ort\r\nO’Malley;Köln\r\n".encode("cp1252"))
    (tmp_path / "empty.csv").write_bytes(b"")
    code, result, _ = call(capsys, "read", tmp_path / "odd.csv", tmp_path / "empty.csv", "--out", tmp_path / "out")
    assert code == 0
    assert (tmp_path / "out" / "odd.csv").read_text("utf-8") == "Name,Ort\nO’Malley,Köln\n"
    assert result["tables"][0]["encoding"] == "cp1252"
    assert "file-empty" in [p["code"] for p in result["problems"]]


def test_a_saved_mapping_is_used(capsys: pytest.CaptureFixture[str], tmp_path: Path, at: list[str]) -> None:
    source = written(many(3), tmp_path)
    call(capsys, "map", source, "--save", tmp_path / "mapping.toml")
    code, result, _ = call(capsys, "push", source, "--mapping", tmp_path / "mapping.toml", *at)
    assert (code, result["changes"]["students"]["created"]) == (0, 3)


def test_a_remembered_mapping_is_used_for_the_same_headers(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, at: list[str]
) -> None:
    table = "Perm;Given;Family;Sch;Gr\nS1;Ana;Ng;A;5\nS2;Bo;Wu;A;6\n"
    (tmp_path / "list.csv").write_text(table, encoding="utf-8")
    mapping = tmp_path / "mapping.toml"
    call(capsys, "map", tmp_path / "list.csv", "--save", mapping)
    fields = 'sis_id = "Perm"\ngiven_name = "Given"\nfamily_name = "Family"\nschool_sis_ids = "Sch"\n'
    tables = f'[[tables]]\ntable = "list"\ntarget = "students"\n[tables.fields]\n{fields}'
    head = [line for line in mapping.read_text("utf-8").splitlines() if line.startswith(("rosterdesk_", "signature"))]
    mapping.write_text("\n".join([*head, tables]), "utf-8")
    code, _, _ = call(capsys, "map", tmp_path / "list.csv", "--mapping", mapping, "--remember")
    assert code == 0
    (tmp_path / "list.csv").write_text(table + "S3;Cy;Xu;A;7\n", encoding="utf-8")
    code, result, _ = call(capsys, "push", tmp_path / "list.csv", *at)
    assert (code, result["changes"]["students"]["created"]) == (0, 3)


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n" + bytes(range(256)), b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"])
def test_what_is_no_table_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, at: list[str], content: bytes
) -> None:
    (tmp_path / "users.csv").write_bytes(content)
    code, result, said = call(capsys, "push", tmp_path / "users.csv", *at)
    assert code == 5
    assert result["error"]["title"] in said
    assert "Traceback" not in said


def test_a_missing_file_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path, at: list[str]) -> None:
    assert call(capsys, "push", tmp_path / "nothing.csv", *at)[0] == 5


def test_a_table_that_is_no_roster_is_not_called_done(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, at: list[str]
) -> None:
    (tmp_path / "notes.csv").write_text("not a roster\n", encoding="utf-8")
    for command in (("push", tmp_path / "notes.csv", *at), ("check", tmp_path / "notes.csv")):
        code, result, _ = call(capsys, *command)
        assert code == 5
        assert "known as a part of a roster" in result["error"]["title"]


def test_an_unknown_command_and_option_are_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert call(capsys, "fly")[0] == 2
    assert call(capsys, "push", tmp_path, "--preset", "nobody")[0] == 2


def test_a_zip_bomb_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path, at: list[str]) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("users.csv", b"0" * 200_000_000)
    assert call(capsys, "push", tmp_path / "bomb.zip", *at)[0] == 5


def test_a_wrong_key_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path, at: list[str]) -> None:
    source = written(many(3), tmp_path)
    call(capsys, "push", source, *at)
    (tmp_path / "key").write_text("0" * 64 + "\n")
    code, result, _ = call(capsys, "push", source, *at)
    assert code == 6
    assert "key" in result["error"]["title"].lower()


def test_two_pushes_at_once_both_end_well(capsys: pytest.CaptureFixture[str], tmp_path: Path, at: list[str]) -> None:
    call(capsys, "directory", "settings", *at)
    command = [sys.executable, "-m", "rosterdesk", "push", str(written(many(2000), tmp_path)), "--json", *at]
    both = [subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) for _ in range(2)]
    results = [json.loads(process.communicate()[0]) for process in both]
    assert sorted(r["changes"]["students"]["created"] for r in results) == [0, 2000]
    assert sorted(r["run"] for r in results) == [1, 2]


def test_demo_tells_the_whole_path(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, result, said = call(capsys, "demo", "--headless", "--at", tmp_path / "demo")
    assert code == 0
    assert [r["outcome"] for r in result["runs"]] == ["done", "done"]
    assert "rosterdesk undo 2" in said
    code, again, _ = call(capsys, "demo", "--headless", "--at", tmp_path / "demo")
    assert (code, [r["plan"] for r in again["runs"]]) == (0, [r["plan"] for r in result["runs"]])


def test_a_killed_push_leaves_before_or_after(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, at: list[str], record_property: Any
) -> None:
    """Twenty random moments of a real push, the process killed without warning."""
    chance = random.Random(SEED)
    record_property("seed", SEED)
    source, second = written(many(400), tmp_path), written(many(1200), tmp_path)
    call(capsys, "push", source, *at)

    def exported(name: str) -> dict[str, bytes]:
        code, _, said = call(capsys, "directory", "export", tmp_path / name, *at)
        assert code == 0, said
        return {p.name: p.read_bytes() for p in (tmp_path / name).iterdir()}

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "rosterdesk", "push", str(second), "--json", *at]
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ.copy(),
        )

    before = exported("before")
    began = time.monotonic()
    assert start().wait() == 0
    whole = time.monotonic() - began
    after = exported("after")
    call(capsys, "undo", "2", *at)
    assert exported("undone") == before
    seen = set()
    for attempt in range(20):
        process = start()
        # Most of the time goes into starting; the writing is at the end.
        time.sleep(whole * chance.uniform(0.4, 1.05))
        process.send_signal(signal.SIGKILL)
        process.wait()
        state = exported(f"state{attempt}")
        assert state in (before, after), f"attempt {attempt} left something between (seed {SEED})"
        seen.add("after" if state == after else "before")
        if state == after:
            _, history, _ = call(capsys, "history", *at)
            call(capsys, "undo", history["runs"][0]["number"], *at)
    assert seen
