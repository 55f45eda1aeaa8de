"""`rekey` and `adopt` as people type them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_cli import at, call, signals  # noqa: F401 - fixtures
from tests.directory.test_rekeying import FIRST, LAST, source
from tests.rosters import ORGS_HEADER, classroom, enrollment, roster, student, written


def test_new_ids_are_told_and_given(capsys: pytest.CaptureFixture[str], tmp_path: Path, at: list[str]) -> None:  # noqa: F811
    assert call(capsys, "push", source(tmp_path), "--yes", *at)[0] == 0
    new = source(tmp_path, "x", school="A9")
    code, held, _ = call(capsys, "push", new, "--yes", *at)
    assert (code, held["outcome"]) == (3, "held")
    assert "Give them their new IDs first: `rosterdesk rekey`" in held["tripped"][0]
    code, looked, _ = call(capsys, "rekey", new, "--preview", *at)
    assert (code, looked["run"], len(looked["ids"]["students"])) == (0, None, 60)
    code, done, said = call(capsys, "rekey", new, *at)
    assert (code, done["taken"]) == (0, {})
    assert f"rosterdesk undo {done['run']}" in said
    code, pushed, _ = call(capsys, "push", new, "--yes", *at)
    assert (code, pushed["tripped"], pushed["changes"]["students"]["created"]) == (0, [], 0)
    assert call(capsys, "rekey", new, *at)[1]["ids"] == {}


def test_classrooms_are_told_and_adopted(capsys: pytest.CaptureFixture[str], tmp_path: Path, at: list[str]) -> None:  # noqa: F811
    users = "".join(student(f"S{n}", given=f"Child{n}", family="Ng") for n in range(5))
    assert call(capsys, "push", written(roster(users), tmp_path), "--yes", *at)[0] == 0
    edit = ("directory", "edit")
    room = call(capsys, *edit, "create-classroom", "A", "Tom's math", "--why", "by hand", *at)[1]["made"]
    for n in range(4):
        assert call(capsys, *edit, "assign-student", f"#{room}", f"S{n}", "--why", "by hand", *at)[0] == 0
    links = "".join(enrollment("C1", f"S{n}") for n in range(5))
    classes = written(roster(users, classroom("C1", title="Math"), links), tmp_path)
    code, told, _ = call(capsys, "adopt", classes, *at)
    assert (code, told["run"]) == (0, None)
    (one,) = told["classrooms"]
    assert (one["classroom"], one["sis_id"], one["adds"], one["removes"]) == (room, "C1", ["Child4 Ng"], [])
    code, result, _ = call(capsys, "adopt", classes, "--ready", "--classroom", f"#{room}=C1", *at)
    assert (code, result["error"]["title"]) == (2, "Say --ready or --classroom, not both.")
    code, done, _ = call(capsys, "adopt", classes, "--classroom", f"#{room}=C1", *at)
    assert (code, done["adopted"]) == (0, [{"classroom": room, "sis_id": "C1"}])
    pushed = call(capsys, "push", classes, "--yes", *at)[1]["changes"]
    assert (pushed["classrooms"]["created"], pushed["enrollments"]["created"]) == (0, 1)
    assert call(capsys, "adopt", classes, *at)[1]["classrooms"] == []


def test_a_school_entered_by_hand_goes_over_to_its_sis(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    at: list[str],  # noqa: F811
) -> None:
    """From what an office typed to one record a child, step by step, each time asking what comes next."""

    def coming() -> str | None:
        code, told, _ = call(capsys, "onboard", "status", *at)
        assert code == 0
        return str(told["next"]) if told["next"] else None

    edit = ("directory", "edit")
    why = ("--why", "by hand", *at)
    assert (
        call(capsys, "push", written(roster("", orgs=ORGS_HEADER + "Z,,,Zoo,school,,\n"), tmp_path), "--yes", *at)[0]
        == 0
    )
    school = call(capsys, *edit, "add-school", "Adams", *why)[1]["made"]
    room = call(capsys, *edit, "create-classroom", f"#{school}", "Chess", *why)[1]["made"]
    typed = {}
    for n in range(12):
        fields = (
            f"given_name={FIRST[n % 10]}",
            f"family_name={LAST[n // 10]}",
            f"email=s{n}@school.example",
            "grade=05",
        )
        typed[n] = call(capsys, *edit, "add-student", f"#{school}", *fields, *why)[1]["made"]
        assert call(capsys, *edit, "assign-student", f"#{room}", f"#{typed[n]}", *why)[0] == 0
    assert coming() == "schools"
    assert call(capsys, *edit, "connect-school", f"#{school}", "A", *why)[0] == 0
    assert coming() == "classrooms"
    code, told, _ = call(capsys, "onboard", "archive", "students", "--school", "A", *at)
    assert (code, told["archived"]) == (0, 12)
    assert call(capsys, "onboard", "archive", "students", *at)[1] == {"run": None, "archived": 0}
    users = "".join(
        student(f"S{n}", given=FIRST[n % 10], family=LAST[n // 10], email=f"s{n}@school.example") for n in range(30)
    )
    assert call(capsys, "push", written(roster(users), tmp_path), "--yes", *at)[0] == 0
    code, done, _ = call(capsys, "merge", "--ready", *at)
    assert (code, len(done["merged"])) == (0, 12)
    assert call(capsys, "onboard", "archive", "classrooms", *at)[1]["archived"] == 1
    assert coming() is None
    counts = call(capsys, "push", written(roster(users), tmp_path), "--yes", *at)[1]["changes"]["students"]
    assert counts == {"created": 0, "updated": 0, "archived": 0, "restored": 0, "merged": 0}


def test_schools_are_told_by_like_names_and_given_their_ids(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    at: list[str],  # noqa: F811
) -> None:
    why = ("--why", "by hand", *at)
    orgs = ORGS_HEADER + "Z,,,Zoo,school,,\n"
    assert call(capsys, "push", written(roster("", orgs=orgs), tmp_path), "--yes", *at)[0] == 0
    number = {
        name: call(capsys, "directory", "edit", "add-school", name, *why)[1]["made"]
        for name in ("ADAMS", "Burr Elementary School", "Bookmobile")
    }
    orgs += "0A,,,Adams,school,,\n0B,,,Burr Elementary,school,,\n"
    source = written(roster(student("S1", "0A"), orgs=orgs), tmp_path)
    code, told, said = call(capsys, "onboard", "schools", source, *at)
    assert (code, told["run"], told["given"]) == (0, None, [])
    assert [
        (one["name"], one["suggestions"][0]["sis_id"], one["suggestions"][0]["exact"]) for one in told["schools"]
    ] == [*(("ADAMS", "0A", True), ("Bookmobile", "0B", False), ("Burr Elementary School", "0B", False))]
    assert "the same name" in said
    adams, burr, mobile = (f"#{number[name]}" for name in number)
    twice = call(capsys, "onboard", "schools", source, "--exact", "--school", f"{burr}=0A", *at)
    assert (twice[0], twice[1]["error"]["title"]) == (2, "Two schools can't have the same SIS ID.")
    code, done, said = call(
        capsys, "onboard", "schools", source, "--exact", "--school", f"{burr}=0B", "--school", f"{mobile}=77", *at
    )
    assert code == 0
    assert {one["school"]: one["sis_id"] for one in done["given"]} == {
        number["ADAMS"]: "0A",
        number["Burr Elementary School"]: "0B",
        number["Bookmobile"]: "77",
    }
    assert done["unknown"] == ["77"]
    assert f"rosterdesk undo {done['run']}" in said
    assert call(capsys, "onboard", "schools", source, *at)[1]["schools"] == []
    assert call(capsys, "undo", str(done["run"]), *at)[0] == 0
    assert len(call(capsys, "onboard", "schools", source, *at)[1]["schools"]) == 3
    assert call(capsys, "onboard", "schools", source, "--school", f"{adams}=Z", *at)[0] == 2  # another school has it


def test_who_has_left_is_listed_and_keeps_the_matches_not_open(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    at: list[str],  # noqa: F811
) -> None:
    def matches() -> dict[str, Any]:
        code, told, _ = call(capsys, "onboard", "status", *at)
        assert code == 0
        return {**next(step for step in told["steps"] if step["name"] == "match"), "leavers": told["leavers"]}

    edit, why = ("directory", "edit"), ("--why", "by hand", *at)
    orgs = written(roster("", orgs=ORGS_HEADER + "Z,,,Zoo,school,,\n"), tmp_path)
    assert call(capsys, "push", orgs, "--yes", *at)[0] == 0
    school = call(capsys, *edit, "add-school", "Adams", *why)[1]["made"]
    names = [(FIRST[n], LAST[n], f"email=s{n}@school.example") for n in range(3)]
    for given, family, *more in (*names, ("Wilhelmina", "Vandersloot")):
        fields = (f"given_name={given}", f"family_name={family}", "grade=05", *more)
        assert call(capsys, *edit, "add-student", f"#{school}", *fields, *why)[0] == 0
    assert call(capsys, *edit, "connect-school", f"#{school}", "A", *why)[0] == 0
    assert call(capsys, "onboard", "archive", "students", *at)[0] == 0
    users = "".join(
        student(f"S{n}", given=FIRST[n], family=LAST[n], email=f"s{n}@school.example") for n in range(len(names))
    )
    assert call(capsys, "push", written(roster(users), tmp_path), "--yes", *at)[0] == 0
    step = matches()
    assert (step["done"], step["left"]) == (False, 3)
    assert [one["name"] for one in step["leavers"]] == ["Vandersloot, Wilhelmina"]
    assert "1 archived student is in no match: probably they have left." in step["sentence"]
    listed = call(capsys, "matches", *at)[1]["matches"]
    for pair in listed:
        assert call(capsys, "decide", pair["incoming_id"], f"#{pair['candidate']}", "same", *at)[0] == 0
    step = matches()
    assert (step["done"], step["left"]) == (False, 3)
    assert "3 are called the same and wait to be merged." in step["sentence"]
    assert call(capsys, "merge", "--ready", *at)[0] == 0
    step = matches()
    assert (step["done"], step["left"], len(step["leavers"])) == (True, 0, 1)
