"""`matches`, `decide`, `merge` and `unmerge` as people type them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_cli import at, call, signals  # noqa: F401 - fixtures
from tests.rosters import roster, student, written

FIRST = ("Ada", "Bea", "Cleo", "Dora", "Edda", "Fay", "Gwen", "Hope", "Iris", "Jane")
LAST = ("Ashcroft", "Beckford", "Claymere", "Dunstead")


def source(folder: Path, prefix: str, numbers: range) -> Path:
    """Some children of a school under the IDs of one SIS or another, whose e-mails are the same."""
    users = (
        student(f"{prefix}{n}", given=FIRST[n % 10], family=LAST[n // 10], email=f"s{n}@school.example")
        for n in numbers
    )
    return written(roster("".join(users)), folder)


@pytest.fixture
def district(capsys: pytest.CaptureFixture[str], tmp_path: Path, at: list[str]) -> list[str]:  # noqa: F811
    """Ten children of an old SIS, who were archived, and the forty of the new one, among them the same ten."""
    assert call(capsys, "push", source(tmp_path, "OLD", range(10)), "--yes", *at)[0] == 0
    new = source(tmp_path, "S", range(40))
    held = call(capsys, "push", new, "--yes", *at)[1]
    assert held["outcome"] == "held"
    assert call(capsys, "push", new, "--approve", held["plan"], *at)[0] == 0
    return at


def test_matches_are_listed_decided_merged_and_taken_apart(
    capsys: pytest.CaptureFixture[str], district: list[str]
) -> None:
    code, listed, said = call(capsys, "matches", *district)
    assert (code, listed["incoming"], listed["candidates"], listed["counts"]["ready"]) == (0, 40, 10, 10)
    assert listed["unmatched"] == 30
    assert {(m["incoming_id"], m["candidate_id"]) for m in listed["matches"]} == {
        (f"S{n}", f"OLD{n}") for n in range(10)
    }
    assert "10 ready" in said
    assert call(capsys, "decide", "S0", "OLD0", "different", *district)[0] == 0
    assert call(capsys, "decide", "S1", "OLD1", "later", *district)[0] == 0
    looked = call(capsys, "merge", "S2", "OLD2", "--preview", *district)[1]
    assert looked["previews"][0]["conflicts"] == []
    code, done, said = call(capsys, "merge", "--ready", "--why", "the new SIS", *district)
    assert (code, len(done["merged"]), done["refused"]) == (0, 8, [])
    assert f"rosterdesk undo {done['run']}" in said
    assert [m["incoming_id"] for m in call(capsys, "matches", *district)[1]["matches"]] == ["S1"]
    assert len(call(capsys, "unmerge", "--list", *district)[1]["merges"]) == 8
    code, apart, _ = call(capsys, "unmerge", "OLD5", "--why", "two children", *district)
    assert (code, apart["unmerged"][0]["left"]) == (0, [])
    latest = call(capsys, "history", *district)[1]["runs"][:2]
    assert [(run["kind"], run["why"]) for run in latest] == [("unmerge", "two children"), ("merge", "the new SIS")]
    assert call(capsys, "undo", str(apart["run"]), *district)[0] == 0
    assert call(capsys, "undo", str(done["run"]), *district)[0] == 0
    assert call(capsys, "unmerge", "--list", *district)[1]["merges"] == []


@pytest.mark.parametrize(
    ("arguments", "title"),
    [
        (("merge",), "Name the two records, or --ready."),
        (("merge", "S1"), "Name the two records, or --ready."),
        (("merge", "S1", "OLD1", "--choose", "email=both"), "email has no side both."),
        (("merge", "S1", "NOBODY"), "No record is named NOBODY."),
        (("decide", "S1", "OLD1", "perhaps"), "perhaps is no decision."),
        (("matches", "--kind", "cats"), "cats is no kind of person."),
        (("unmerge",), "Name the records that were taken in, or --list."),
        (("unmerge", "S1"), "#"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_a_sentence(
    capsys: pytest.CaptureFixture[str], district: list[str], arguments: tuple[str, ...], title: str
) -> None:
    code, result, _ = call(capsys, *arguments, *district)
    assert code == 2
    assert result["error"]["title"].startswith(title)
    assert result["error"]["advice"]


def test_a_refused_pair_exits_2(capsys: pytest.CaptureFixture[str], district: list[str]) -> None:
    code, result, _ = call(capsys, "merge", "S1", "S2", *district)
    assert (code, result["run"]) == (2, None)
    assert "Both are in the SIS now" in result["refused"][0]["why"]
