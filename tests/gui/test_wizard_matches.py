"""The Matches step: pairs one by one and by keyboard, all at once where that is safe, and what the push makes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from rosterdesk.directory.comparing import Conflict, Side
from rosterdesk.directory.decisions import Decision, Proposed, chosen, decided
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.foreseen import foresee, has_candidates
from rosterdesk.directory.ledger import list_merges
from rosterdesk.directory.schema import RECORDS
from rosterdesk.draft import Draft, Step
from rosterdesk.errors import UsageError
from rosterdesk.gui.conflicts import Conflicts
from rosterdesk.gui.pages.matches import MatchesPage
from rosterdesk.gui.waterfall import evidence_chart, weight
from rosterdesk.matching import Evidence
from rosterdesk.matching.proposals import Group
from rosterdesk.run import Run
from tests.gui.rekeyed import FAMILY, KEPT, LAST_YEAR, brought
from tests.gui.walking import Walk
from tests.rosters import push, roster, student, written


@pytest.fixture
def new_ids(directory: Directory, tmp_path: Path) -> Path:
    """A source whose students come with other IDs than those that the directory has archived."""
    return brought(directory, tmp_path)


def matches(walk: Walk) -> MatchesPage:
    page = walk.wizard.pages[Step.MATCHES]
    assert isinstance(page, MatchesPage)
    return page


def press(walk: Walk, key: Qt.Key) -> None:
    page = matches(walk)
    page.desk.same.setFocus()
    walk.qtbot.keyClick(page.desk.same, key)
    walk.settle()


def arrive(walk: Walk, source: Path) -> MatchesPage:
    walk.choose(source)
    walk.until(Step.MATCHES)
    return matches(walk)


def said(directory: Directory) -> dict[tuple[str, int], Decision]:
    with directory.read() as conn:
        known = decided(conn, directory.district, "students")
    return {(pair.incoming, pair.candidate): decision for pair, decision in known.items()}


def listed(page: MatchesPage) -> list[tuple[object, ...]]:
    """Last name, first name and SIS ID of those who are in no pair."""
    model = page.desk.alone.people.model
    found = [model.row(at) for at in range(model.rowCount())]
    return [(row[0], row[1], row[6]) for row in found if row is not None]


def kept(page: MatchesPage) -> list[str]:
    """What stays of the fields of which both have a value."""
    choices = page.desk.pair.conflicts.choices.values()
    return [choice.accessibleName() for choice in choices if choice.isChecked()]


def group_of(page: MatchesPage, sis_id: str) -> Group:
    found = [p for kind in page.desk.found or () for p in kind.proposals]
    return next(p.group for p in found if p.incoming.sis_id == sis_id)


def test_nobody_to_match_is_not_asked(walk: Walk, sample: Path) -> None:
    walk.choose(sample / "day1")
    walk.until(Step.CHECKS)
    assert walk.next() is Step.REVIEW
    assert walk.draft.matches == {}
    assert walk.back() is Step.CHECKS


def test_candidates_whom_nobody_looks_like_are_not_asked_about(
    walk: Walk, directory: Directory, tmp_path: Path
) -> None:
    push(directory, written(roster(KEPT + LAST_YEAR), tmp_path))
    push(directory, written(roster(KEPT), tmp_path))
    walk.choose(written(roster(KEPT + student("N9", given="Wilhelmina", family="Ashdown")), tmp_path))
    walk.until(Step.CHECKS)
    assert walk.next() is Step.REVIEW
    assert walk.back() is Step.CHECKS


def test_all_ready_pairs_are_accepted_at_once_and_merged_by_the_push(
    walk: Walk, directory: Directory, new_ids: Path
) -> None:
    page = arrive(walk, new_ids)
    assert group_of(page, "N1") is Group.READY
    page.desk.chips.choose("ready")
    walk.settle()
    assert page.desk.shown is not None
    assert page.desk.shown.incoming.sis_id == "N1"
    assert page.desk.accept.text() == "Accept 1 pair"
    assert "Expected mistakes" in page.desk.bulk.text()
    page.desk.accept.click()
    walk.settle()
    assert page.desk.accept.isHidden()
    assert set(said(directory).values()) == {Decision.SAME}
    walk.until(Step.RESULT)
    with directory.read() as conn:
        assert [merge.entity for merge in list_merges(conn, directory.district)] == ["students"]


def test_only_ready_pairs_can_be_accepted_at_once(walk: Walk, new_ids: Path) -> None:
    page = arrive(walk, new_ids)
    assert group_of(page, "N2") is not Group.READY
    page.desk.chips.choose(group_of(page, "N2"))
    walk.settle()
    assert page.desk.shown is not None
    assert page.desk.accept.isHidden()


def test_pairs_are_decided_by_keyboard_and_taken_back(walk: Walk, directory: Directory, new_ids: Path) -> None:
    page = arrive(walk, new_ids)
    page.desk.chips.choose(group_of(page, "N2"))
    walk.settle()
    press(walk, Qt.Key.Key_L)
    assert set(said(directory).values()) == {Decision.LATER}
    assert walk.draft.matches == {"open": 2}
    press(walk, Qt.Key.Key_S)
    assert set(said(directory).values()) == {Decision.SAME}
    assert walk.draft.matches == {"open": 1, "the same": 1}
    page.undo()
    walk.settle()
    assert set(said(directory).values()) == {Decision.LATER}
    page.undo()
    walk.settle()
    assert said(directory) == {}


def test_not_the_same_is_never_proposed_again(walk: Walk, directory: Directory, new_ids: Path) -> None:
    page = arrive(walk, new_ids)
    page.desk.chips.choose(group_of(page, "N2"))
    walk.settle()
    press(walk, Qt.Key.Key_N)
    assert set(said(directory).values()) == {Decision.DIFFERENT}
    page.desk.again.click()
    walk.settle()
    assert {p.incoming.sis_id for kind in page.desk.found or () for p in kind.proposals} == {"N1"}
    walk.until(Step.RESULT)
    with directory.read() as conn:
        assert list_merges(conn, directory.district) == []


def test_the_pair_shows_its_differences_and_its_evidence(walk: Walk, new_ids: Path) -> None:
    page = arrive(walk, new_ids)
    page.desk.chips.choose("ready")
    walk.settle()
    named = {found.accessibleName() for found in page.desk.pair.findChildren(QLabel)}
    assert "Grade: 06 differs" in named
    assert "Last name: Quillmoor" in named
    assert page.desk.pair.moves.text() == "If they are the same: Moves 1 guardian: Gia Quillmoor."
    assert kept(page) == ["Grade: keep 06"]
    walk.qtbot.waitUntil(lambda: page.desk.pair._plot is not None)
    assert "Last name: same last name" in page.desk.pair._waterfall.accessibleDescription()


def test_what_stays_is_said_where_nothing_moves(walk: Walk, new_ids: Path) -> None:
    page = arrive(walk, new_ids)
    page.desk.chips.choose(group_of(page, "N2"))
    walk.settle()
    assert page.desk.pair.moves.isHidden()
    assert kept(page) == ["Grade: keep 06"]


def test_a_chosen_field_is_remembered_and_pushed(walk: Walk, directory: Directory, new_ids: Path) -> None:
    page = arrive(walk, new_ids)
    page.desk.chips.choose("ready")
    walk.settle()
    page.desk.pair.conflicts.choices["grade", Side.ABSORBED].click()
    walk.settle()
    assert kept(page) == ["Grade: keep 05"]
    assert "Takes over grade." in page.desk.pair.moves.text()
    press(walk, Qt.Key.Key_S)
    with directory.read() as conn:
        ((pair, sides),) = chosen(conn, directory.district, "students").items()
    assert (pair.incoming, sides) == ("N1", {"grade": Side.ABSORBED})
    page.desk.pair.conflicts.choices["grade", Side.SURVIVOR].click()  # said already, and said again otherwise
    walk.settle()
    with directory.read() as conn:
        assert chosen(conn, directory.district, "students") == {pair: {"grade": Side.SURVIVOR}}
    page.desk.pair.conflicts.choices["grade", Side.ABSORBED].click()
    walk.settle()
    walk.until(Step.RESULT)
    with directory.read() as conn:
        grade = sa.select(RECORDS["students"].c.grade).where(RECORDS["students"].c.sis_id == "N1")
        assert conn.scalar(grade) == "05"


@pytest.fixture
def twice(directory: Directory, tmp_path: Path) -> Path:
    """A source that brings a child anew whom the directory has archived twice; both are as good."""
    told = {"given": "Oriana", "family": "Featherstone", "guardians": "G1", "grade": "05"}
    both = student("S1", **told) + student("S2", **told) + KEPT + FAMILY
    push(directory, written(roster(both), tmp_path))
    push(directory, written(roster(KEPT + FAMILY), tmp_path))
    return written(roster(KEPT + FAMILY + student("N1", **told | {"grade": "06"})), tmp_path)


def test_another_candidate_is_looked_at_and_picked(walk: Walk, directory: Directory, twice: Path) -> None:
    page = arrive(walk, twice)
    desk, people = page.desk, page.desk.pair.candidates
    assert desk.chips.current == "several"
    assert people.list.count() == 2
    assert people.title.text().startswith("There is 1 more candidate.")
    first = desk.shown
    assert first is not None
    press(walk, Qt.Key.Key_S)
    assert walk.draft.matches == {"the same": 1}
    press(walk, Qt.Key.Key_C)
    second = desk.shown
    assert second is not None
    assert (second.key.incoming, second.key.candidate != first.key.candidate) == ("N1", True)
    assert second.candidate.sis_id in {found.text() for found in desk.pair.findChildren(QLabel)}
    press(walk, Qt.Key.Key_S)  # instead of the first
    assert said(directory) == {("N1", second.key.candidate): Decision.SAME}
    assert people.list.item(1).text().startswith("You said: the same · ")
    page.undo()
    walk.settle()
    assert said(directory) == {("N1", first.key.candidate): Decision.SAME}
    press(walk, Qt.Key.Key_N)  # not the first: the second is asked about
    assert walk.draft.matches == {"open": 1}
    assert desk.shown is not None
    assert desk.shown.key == second.key
    press(walk, Qt.Key.Key_N)
    assert walk.draft.matches == {"not the same": 1}
    page.undo()
    walk.settle()
    press(walk, Qt.Key.Key_S)
    walk.until(Step.RESULT)
    with directory.read() as conn:
        assert [merge.absorbed for merge in list_merges(conn, directory.district)] == [second.key.candidate]


def test_a_decision_makes_another_plan_and_going_back_keeps_it(walk: Walk, new_ids: Path) -> None:
    page = arrive(walk, new_ids)
    assert walk.next() is Step.REVIEW
    before = walk.draft.plan
    assert walk.back() is Step.MATCHES
    page.desk.chips.choose("ready")
    walk.settle()
    press(walk, Qt.Key.Key_S)
    assert walk.draft.plan is None
    assert walk.next() is Step.REVIEW
    assert walk.draft.plan is not None
    assert before is not None
    assert (before.merges, len(walk.draft.plan.merges)) == ((), 1)


def test_what_is_not_matched_is_told(walk: Walk, new_ids: Path) -> None:
    page = arrive(walk, new_ids)
    page.desk.chips.choose("no match")
    walk.settle()
    assert page.desk.alone.title.text() == "1 new person without a match"
    assert listed(page) == [("Ashdown", "Wilhelmina", "N9")]
    page.desk.chips.choose("not in the SIS")
    walk.settle()
    assert page.desk.alone.title.text().startswith("1 person who is archived")
    assert listed(page) == [("Featherstone", "Oriana", "S3")]
    page.desk.alone.people.search.searched.emit("nobody of this name")
    assert listed(page) == []
    page.desk.alone.people.search.searched.emit("oriana")
    assert len(listed(page)) == 1
    walk.wizard.begin(Draft())


def test_what_stays_is_chosen_field_by_field(app: object, qtbot: QtBot) -> None:
    shown = Conflicts()
    qtbot.addWidget(shown)
    chosen: list[tuple[str, Side]] = []
    shown.chosen.connect(lambda field, side: chosen.append((field, side)))
    name = Conflict("given_name", "Bob", "Robert & Son", Side.SURVIVOR, sis=True)
    account = Conflict("account", "invitee", "active", Side.ABSORBED)
    attribute = Conflict("attribute:bus_line", "", "7 {b}" * 20, Side.SURVIVOR)
    shown.show_conflicts((name, account, attribute))
    told = [choice.accessibleName() for choice in shown.choices.values()]
    assert told[:5] == [
        "First name: keep Bob", "First name: keep Robert & Son", "Account: keep the one that was only invited",
        "Account: keep the one that is in use", "bus_line: keep no value",
    ]  # fmt: skip
    assert [key for key, choice in shown.choices.items() if choice.isChecked()] == [
        ("given_name", Side.SURVIVOR), ("account", Side.ABSORBED), ("attribute:bus_line", Side.SURVIVOR)
    ]  # fmt: skip
    assert len(shown.choices["attribute:bus_line", Side.ABSORBED].text()) == 40
    assert shown.hint.isHidden()
    theirs = shown.choices["given_name", Side.ABSORBED]
    theirs.click()
    assert chosen == [("given_name", Side.ABSORBED)]
    shown.show_conflicts((replace(name, chosen=Side.ABSORBED), account, attribute))
    assert shown.choices["given_name", Side.ABSORBED] is theirs  # who is at it with the keyboard stays there
    assert not shown.hint.isHidden()
    shown.show_conflicts(())
    assert shown.isHidden()


def test_the_evidence_is_drawn_and_told(app: object, qtbot: QtBot) -> None:
    chart, plot = evidence_chart()
    qtbot.addWidget(chart)
    bars = (Evidence("Before comparing", "two students picked at random", -12.0), Evidence("E-mail", "same", 21.0))
    plot.show_evidence(bars)
    assert plot.accessibleDescription() == (
        "Before comparing: two students picked at random, strongly for two; E-mail: same, strongly for one person"
    )
    assert [weight(bits) for bits in (1.0, 4.0, -1.0, -4.0)] == [
        "a little for one person", "clearly for one person", "a little for two", "clearly for two"
    ]  # fmt: skip
    plot.show_evidence(())


def test_nobody_is_foreseen_for_a_record_that_is_gone(directory: Directory) -> None:
    assert not has_candidates(directory, Run())
    with directory.read() as conn, pytest.raises(UsageError):
        foresee(conn, directory.district, Proposed("students", "N1", 999), {})
