"""What a merge keeps and moves, what stays refused, and what later syncs and edits find."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from rosterdesk.directory import joincodes, ledger, people
from rosterdesk.directory.comparing import Comparison, Conflict, Move, Side
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.history import get_run, record_history
from rosterdesk.directory.merging import Pair, merge_all, preview
from rosterdesk.directory.permissions import Permission
from rosterdesk.directory.undo import undo
from rosterdesk.directory.unmerging import unmerge_all
from rosterdesk.errors import UsageError
from tests.directory.conftest import Place
from tests.directory.filling import exported
from tests.directory.merged import by_hand, pushed, synced
from tests.directory.synced import District, somebody
from tests.rosters import push, roster, student, written


@pytest.fixture
def district(directory: Directory) -> District:
    return synced(directory)


def look(district: District, pair: Pair) -> Comparison:
    with district.directory.read() as conn:
        return preview(conn, 1, pair)


def merge(district: District, entity: str, survivor: int, absorbed: int, choices: Mapping[str, Side] = {}) -> int:
    done = merge_all(district.directory, [Pair(entity, survivor, absorbed, choices)], "the same child")
    assert done.refused == ()
    assert done.run is not None
    return done.run


def family(district: District, child: int) -> set[tuple[int, int]]:
    return {(link["guardian"], link["synced"]) for link in district.links("guardianships", student=child)}


def test_everything_of_the_archived_student_moves_to_the_one_of_the_sis(district: District) -> None:
    made, mei = by_hand(district), district.id("students", "S1")
    told = look(district, Pair("students", mei, made["mei"]))
    assert told.conflicts == (Conflict("attribute:bus", "9", "7", Side.SURVIVOR),)
    assert told.filled == {"email": "mei@home.example", "account": "active"}
    assert set(told.moves) == {
        Move("guardian", "Gil Wu"), Move("guardian", "Zoe Wu"), Move("classroom", "Chess"), Move("classroom", "Attic"),
        Move("attribute", "bus", there=True), Move("attribute", "lunch"), Move("join code", "MEIMEIMX"),
    }  # fmt: skip
    assert told.sentences == (
        "Moves 2 guardians: Gil Wu, Zoe Wu.",
        "Moves 2 classrooms: Chess, Attic.",
        "Moves 1 attribute: lunch.",
        "Keeps one of each attribute that both have: bus.",
        "Moves 1 join code: MEIMEIMX.",
        "Fills in email, account.",
    )
    run = merge(district, "students", mei, made["mei"])
    row, old = district.row("students", mei), district.row("students", made["mei"])
    assert (row["sis_id"], row["status"], row["email"], row["account"]) == (
        "S1", "active", "mei@home.example", old["account"],
    )  # fmt: skip
    assert old["status"] == "archived"
    assert family(district, mei) == {(district.id("guardians", "G1"), 1), (made["dad"], 0), (made["aunt"], 0)}
    assert family(district, made["mei"]) == set()
    assert {link["classroom"] for link in district.links("enrollments", person=mei)} == {
        district.id("classrooms", "C1"), made["club"], made["old room"],
    }  # fmt: skip
    values = {link["name"]: link["value"] for link in district.links("attributes", student=mei)}
    assert values == {"bus": "9", "lunch": "free"}
    assert [link["code"] for link in district.links("join_codes", student=mei)] == ["MEIMEIMX"]
    with district.directory.read() as conn:
        past = get_run(conn, 1, run)
        assert (past.kind, past.why) == ("merge", "the same child")
        records = {change.record for _, change in record_history(conn, 1, "students", mei)}
    assert records == {mei, made["mei"]}


def test_a_person_chooses_among_two_values_field_by_field(district: District) -> None:
    made, sol = by_hand(district), district.id("students", "S2")
    pair = Pair("students", sol, made["may"])
    assert look(district, pair).conflicts == (Conflict("given_name", "Sol", "May", Side.SURVIVOR, sis=True),)
    merge(district, "students", sol, made["may"], {"given_name": Side.ABSORBED})
    row = district.row("students", sol)
    assert (row["given_name"], row["preferred_name"], row["grade"]) == ("May", "Mimi", None)
    assert {mark["field"] for mark in district.links("hand_edits", subject=sol)} == {"given_name", "preferred_name"}
    chosen = {"attribute:bus": Side.ABSORBED}
    merge(district, "students", district.id("students", "S1"), made["mei"], chosen)
    assert district.links("attributes", student=district.id("students", "S1"), name="bus")[0]["value"] == "7"


def test_a_merge_returns_as_a_run_and_by_itself(district: District, tmp_path: Path) -> None:
    made, mei = by_hand(district), district.id("students", "S1")
    before = exported(district.directory, tmp_path / "x")
    run = merge(district, "students", mei, made["mei"], {"attribute:bus": Side.ABSORBED})
    after = exported(district.directory, tmp_path / "x")
    undo(district.directory, run)
    assert exported(district.directory, tmp_path / "x") == before
    merge(district, "students", mei, made["mei"], {"attribute:bus": Side.ABSORBED})
    assert exported(district.directory, tmp_path / "x") == after
    done = unmerge_all(district.directory, [made["mei"]], "they were two")
    assert done.unmerged[0].left == ()
    assert set(done.unmerged[0].returned) >= {"email", "account", f"guardianships #{made['dad']}", "join_codes"}
    assert exported(district.directory, tmp_path / "x") == before
    undo(district.directory, done.run)
    assert exported(district.directory, tmp_path / "x") == after


def test_what_was_changed_since_stays_and_is_told(district: District) -> None:
    made, mei = by_hand(district), district.id("students", "S1")
    merge(district, "students", mei, made["mei"])
    with district.edit() as edit:
        edit.change("students", edit.get("students", mei), email="new@example.org")
        link = edit.linked("guardianships", student=mei, guardian=made["aunt"])
        assert link is not None
        edit.unlink("guardianships", link)
    done = unmerge_all(district.directory, [made["mei"]], "they were two").unmerged[0]
    assert set(done.left) == {"email", f"guardianships #{made['aunt']}"}
    assert district.row("students", mei)["email"] == "new@example.org"
    assert family(district, made["mei"]) == {(made["dad"], 0)}


def test_fields_can_be_left_where_they_are(district: District) -> None:
    made, mei = by_hand(district), district.id("students", "S1")
    merge(district, "students", mei, made["mei"])
    unmerge_all(district.directory, [made["mei"]], "they were two", leave=["email"])
    assert district.row("students", mei)["email"] == "mei@home.example"


def test_guardians_and_staff_merge_with_what_hangs_on_them(district: District) -> None:
    made, gil = by_hand(district), district.id("guardians", "G1")
    merge(district, "guardians", gil, made["dad"])
    assert {link["student"] for link in district.links("guardianships", guardian=gil)} == {
        *(district.id("students", s) for s in ("S1", "S2")), made["mei"], made["may"], made["was S1"],
    }  # fmt: skip
    assert district.row("guardians", gil)["sms"] == "+15550001111"
    merge(district, "guardians", gil, made["aunt"])
    assert district.links("grants", who="zoe")[0]["person"] == gil
    tom = district.id("staff", "T1")
    merge(district, "staff", tom, made["tom"])
    assert [link["school"] for link in district.links("other_schools", person=tom)] == [district.id("schools", "B")]
    assert district.links("enrollments", classroom=made["club"], person=tom)[0]["role"] == "teacher"


def test_both_join_codes_go_on_working(district: District) -> None:
    made, sol = by_hand(district), district.id("students", "S2")
    assert "Both join codes go on working." in look(district, Pair("students", sol, made["sol"])).sentences
    merge(district, "students", sol, made["sol"])
    for code, name in (("SQLSQLSX", "Ida"), ("TWQTWQTX", "Una")):
        with district.edit() as edit:
            details = {"given_name": name, "family_name": "Wu", "email": f"{name}@example.org"}
            guardian = joincodes.redeem(edit, code, details)
        assert (guardian, 0) in family(district, sol)


@pytest.mark.parametrize(
    ("entity", "survivor", "absorbed", "sentence"),
    [
        ("students", "S1", "S1", "can't be merged with itself"),
        ("students", "mei", "S1", "The record of the SIS is the one that survives"),
        ("students", "S1", "S2", "Both are in the SIS now"),
        ("students", "mei", "may", "is archived"),
        ("classrooms", "C1", "club", "Classrooms can't be merged"),
    ],
)
def test_what_can_not_be_one_is_refused(
    district: District, tmp_path: Path, entity: str, survivor: str, absorbed: str, sentence: str
) -> None:
    made = by_hand(district)
    before = exported(district.directory, tmp_path / "x")
    one, other = (made[n] if n in made else district.id(entity, n) for n in (survivor, absorbed))
    done = merge_all(district.directory, [Pair(entity, one, other)], "a try")
    assert done.run is None
    assert sentence in done.refused[0].why
    assert exported(district.directory, tmp_path / "x") == before


def test_only_who_manages_the_school_merges(district: District) -> None:
    made, mei = by_hand(district), district.id("students", "S1")
    a, b = (district.id("schools", name) for name in "AB")
    pair = Pair("students", mei, made["mei"])
    for person in (somebody(Permission.STAFF, a), somebody(Permission.ROSTERING_ADMINISTRATOR, b)):
        assert merge_all(district.directory, [pair], "a try", person=person).refused
    done = merge_all(district.directory, [pair], "a try", person=somebody(Permission.ROSTERING_ADMINISTRATOR, a))
    assert done.merged == (pair,)


def test_an_absorbed_record_is_edited_no_more(district: District) -> None:
    made, mei = by_hand(district), district.id("students", "S1")
    merge(district, "students", mei, made["mei"])
    with pytest.raises(UsageError, match=f"was merged into #{mei}"), district.edit() as edit:
        people.restore(edit, "students", made["mei"])
    done = merge_all(district.directory, [Pair("students", district.id("students", "S2"), made["mei"])], "a try")
    assert f"was merged into #{mei}" in done.refused[0].why


def test_syncs_bring_nobody_back_and_let_nobody_go(directory: Directory, tmp_path: Path) -> None:
    """The old ID in a later source means the survivor; with both in it, the two stay one."""
    district = pushed(directory, tmp_path)
    made, mei = by_hand(district), district.id("students", "S1")
    merge(district, "students", mei, made["was S1"])
    state = exported(directory, tmp_path / "x")
    rest = student("S2", given="Sol", family="Wu", guardians="G1") + student("S3", "B", given="Bo", family="Ash")
    for users in (student("OLD1", given="Mei", family="Wu", email="old@home.example") + rest,
                  student("OLD1", given="Mei", family="Wu") + student("S1", given="Mei", family="Wu",
                                                                      email="old@home.example") + rest):  # fmt: skip
        _, plan = push(directory, written(roster(users), tmp_path))
        counts = plan.counts["students"]
        assert (counts["created"], counts["archived"], counts["restored"]) == (0, 0, 0)
    assert district.row("students", made["was S1"])["status"] == "archived"
    assert district.row("students", mei)["status"] == "active"
    assert exported(directory, tmp_path / "x")["merges.csv"] == state["merges.csv"]


def test_a_merge_survives_export_and_import(place: Place, directory: Directory, tmp_path: Path) -> None:
    from rosterdesk.directory.load import import_

    district = synced(directory)
    made, mei = by_hand(district), district.id("students", "S1")
    merge(district, "students", mei, made["was S1"])
    before = exported(directory, tmp_path / "x")
    with place.other().open() as other:
        import_(other, tmp_path / "x")
        assert exported(other, tmp_path / "y") == before
        with other.read() as conn:
            (known,) = ledger.list_merges(conn, 1)
        assert known.moved is None
        done = unmerge_all(other, [known.absorbed], "they were two").unmerged[0]
        assert not done.known
        assert b"OLD1" not in exported(other, tmp_path / "y")["merges.csv"]


def test_many_pairs_are_one_run(district: District, tmp_path: Path) -> None:
    made = by_hand(district)
    before = exported(district.directory, tmp_path / "x")
    one, two = (district.id("students", s) for s in ("S1", "S2"))
    pairs = [
        Pair("students", one, made["mei"]), Pair("students", one, made["may"], {"given_name": Side.ABSORBED}),
        Pair("students", one, made["was S1"], {"given_name": Side.ABSORBED, "email": Side.ABSORBED}),
        Pair("students", two, made["sol"]), Pair("students", two, made["sol"]),
    ]  # fmt: skip
    done = merge_all(district.directory, pairs, "the first week")
    assert (len(done.merged), len(done.refused)) == (4, 1)
    assert district.row("students", one)["email"] == "old@home.example"
    assert done.run is not None
    undo(district.directory, done.run)
    assert exported(district.directory, tmp_path / "x") == before
    with district.directory.read() as conn:
        assert conn.execute(sa.text("select count(*) from merges")).scalar() == 0


def test_several_unmerges_are_one_run_too(district: District, tmp_path: Path) -> None:
    made, one = by_hand(district), district.id("students", "S1")
    before = exported(district.directory, tmp_path / "x")
    many: list[Any] = [made[n] for n in ("mei", "may", "was S1")]
    merge_all(district.directory, [Pair("students", one, n, {"email": Side.ABSORBED}) for n in many], "one")
    after = exported(district.directory, tmp_path / "x")
    done = unmerge_all(district.directory, many, "not one")
    assert exported(district.directory, tmp_path / "x") == before
    undo(district.directory, done.run)
    assert exported(district.directory, tmp_path / "x") == after


def test_a_merge_that_others_stand_on_is_taken_back_after_them(district: District, tmp_path: Path) -> None:
    made, mei = by_hand(district), district.id("students", "S1")
    before = exported(district.directory, tmp_path / "x")
    first = merge(district, "students", mei, made["mei"])
    other = merge(district, "students", district.id("students", "S2"), made["sol"])
    further = merge(district, "guardians", district.id("guardians", "G1"), made["dad"])  # Mei's, by now
    with pytest.raises(UsageError, match=f"run {further} merged the same records further"):
        undo(district.directory, first)
    for run in (other, further, first):
        undo(district.directory, run)
    assert exported(district.directory, tmp_path / "x") == before
