"""Who of the SIS is proposed as whom of the directory, what people's decisions do, and what a push merges of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rosterdesk import pipeline
from rosterdesk.directory import decisions
from rosterdesk.directory.comparing import Side
from rosterdesk.directory.decisions import Decision, Proposed, decide
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.merging import merge_all
from rosterdesk.directory.unmerging import unmerge_all
from rosterdesk.errors import UsageError
from rosterdesk.matching.proposals import Group, Proposals, evidence, pair_of, propose, ready
from rosterdesk.run import Run
from rosterdesk.staging import Staging
from tests.directory.filling import begin
from tests.directory.synced import District
from tests.rosters import adult, push, roster, student, written

FIRST = ("Ada", "Bea", "Cleo", "Dora", "Edda", "Fay", "Gwen", "Hope", "Iris", "Jane")
LAST = ("Ashcroft", "Beckford", "Claymere", "Dunstead", "Elmhurst", "Fairwick", "Glenthorpe", "Haddale")


def children() -> list[tuple[str, str, str]]:
    """ID, first and last name of the 80 children of a school; child n has the guardian Gn."""
    return [(f"S{n}", FIRST[n % 10], LAST[n // 10]) for n in range(80)]


def source(folder: Path, *, without: int = 0) -> Path:
    """The school as the SIS has it; `without` its first children it has not got yet."""
    users = "".join(
        student(sis_id, given=given, family=family, guardians=f"G{sis_id[1:]}", grade=f"{1 + int(sis_id[1:]) % 9:02d}")
        + adult(f"G{sis_id[1:]}", "guardian", given="Kim", family=family, email=f"kim{sis_id[1:]}@home.example")
        for sis_id, given, family in children()[without:]
    )
    return written(roster(users), folder)


@pytest.fixture
def staging(tmp_path: Path) -> Iterator[Staging]:
    with Staging(Run(), tmp_path) as made:
        yield made


def entered_by_hand(district: District, count: int) -> list[int]:
    """The first children as the office typed them, archived, each with a guardian of the same e-mail."""
    made = []
    school = district.id("schools", "A")
    with district.directory.transaction() as conn:
        run = begin(district.directory, conn)
        for sis_id, given, family in children()[:count]:
            grade = f"{1 + int(sis_id[1:]) % 9:02d}"
            named = {"given_name": given, "family_name": family, "grade": grade, "status": "archived"}
            made.append(run.create("students", school=school, **named))
            contact = {"given_name": "Kim", "family_name": family, "email": f"kim{sis_id[1:]}@home.example"}
            guardian = run.create("guardians", **contact)
            run.link("guardianships", student=made[-1], guardian=guardian, synced=0)
    return made


def proposed(directory: Directory, staging: Staging, entity: str = "students") -> Proposals:
    return propose(directory, staging, Run(), entity)


def pairs(made: Proposals) -> dict[str, int]:
    return {str(p.incoming.sis_id): int(p.candidate.record or 0) for p in made.proposals}


def test_nothing_is_asked_where_nobody_is_archived_or_manual(
    directory: Directory, tmp_path: Path, staging: Staging
) -> None:
    _, plan = push(directory, source(tmp_path))
    assert (plan.proposed, plan.merges) == ({}, ())
    assert proposed(directory, staging) == Proposals("students", 0, 0)


def test_students_are_proposed_with_reasons_and_merged(directory: Directory, tmp_path: Path, staging: Staging) -> None:
    push(directory, source(tmp_path))
    district = District(directory)
    made = entered_by_hand(district, 6)
    found = proposed(directory, staging)
    assert pairs(found) == {f"S{n}": made[n] for n in range(6)}
    assert (found.incoming, found.candidates, found.counts[Group.READY]) == (80, 6, 6)
    first = found.proposals[0]
    assert first.probability == min(p.probability for p in found.proposals)
    assert first.incoming.fields["given_name"] == first.candidate.fields["given_name"]
    assert "same first name" in first.reason.lower()
    assert sum(bar.bits for bar in evidence(staging, first)) > 0
    done = merge_all(directory, [pair_of(p) for p in ready(found)], "the first week")
    assert len(done.merged) == 6
    assert proposed(directory, staging).proposals == ()


def test_a_decision_holds_for_ever(directory: Directory, tmp_path: Path, staging: Staging) -> None:
    push(directory, source(tmp_path))
    district = District(directory)
    made = entered_by_hand(district, 3)
    generation = directory.generation
    by_id = {p.incoming.sis_id: p.key for p in proposed(directory, staging).proposals}
    decide(directory, {by_id["S0"]: Decision.DIFFERENT, by_id["S1"]: Decision.LATER})
    assert directory.generation == generation
    found = proposed(directory, staging)
    assert pairs(found) == {"S1": made[1], "S2": made[2]}
    assert [(p.incoming.sis_id, p.decision) for p in found.proposals] == [("S2", None), ("S1", Decision.LATER)]
    assert [p.incoming.sis_id for p in ready(found)] == ["S2"]
    # A merge that is taken back is proposed again, but no longer as safe; what was called different is not.
    done = merge_all(directory, [pair_of(p) for p in ready(found)], "a try")
    unmerge_all(directory, [pair.absorbed for pair in done.merged], "they were two")
    assert "S2" in pairs(proposed(directory, staging))
    decide(directory, {by_id["S0"]: None})
    assert "S0" in pairs(proposed(directory, staging))
    with directory.read() as conn:
        assert decisions.decided(conn, 1, "students") == {by_id["S1"]: Decision.LATER}


def test_guardians_are_found_by_their_contacts(directory: Directory, tmp_path: Path, staging: Staging) -> None:
    push(directory, source(tmp_path))
    district = District(directory)
    entered_by_hand(district, 3)
    with directory.transaction() as conn:
        run = begin(directory, conn)
        run.create("guardians", given_name="Lou", family_name="Ashcroft", email="kim5@home.example")
        run.create("guardians", given_name="Kim", family_name="Haddale", email="another@home.example")
    found = proposed(directory, staging, "guardians")
    assert sorted(pairs(found)) == ["G0", "G1", "G2"]  # neither a partner's e-mail nor a name alone is enough
    assert {p.group for p in found.proposals} == {Group.READY}
    assert found.proposals[0].reason == "Same e-mail, same name."
    done = merge_all(directory, [pair_of(p) for p in ready(found)], "the same people")
    assert done.refused == ()
    guardian = district.id("guardians", "G0")
    assert len(district.links("guardianships", guardian=guardian)) == 2


def test_two_equally_good_guardians_are_left_to_a_person(
    directory: Directory, tmp_path: Path, staging: Staging
) -> None:
    push(directory, source(tmp_path))
    district = District(directory)
    entered_by_hand(district, 1)
    with directory.transaction() as conn:
        begin(directory, conn).create("guardians", given_name="Kim", family_name="Ashcroft", email="kim0@home.example")
    (found,) = proposed(directory, staging, "guardians").proposals
    assert (found.group, len(found.rivals)) == (Group.SEVERAL, 1)
    assert found.rivals[0].incoming == found.incoming
    assert found.rivals[0].reason == "Same e-mail, same name."


def twins_entered_by_hand(directory: Directory, tmp_path: Path) -> tuple[District, list[int]]:
    """The first child of the SIS is there twice, with a guardian each time; return both numbers."""
    push(directory, source(tmp_path))
    district = District(directory)
    return district, [*entered_by_hand(district, 1), *entered_by_hand(district, 1)]


def test_another_candidate_can_be_picked(directory: Directory, tmp_path: Path, staging: Staging) -> None:
    district, made = twins_entered_by_hand(directory, tmp_path)
    (found,) = proposed(directory, staging).proposals
    (rival,) = found.rivals
    assert {found.key.candidate, rival.key.candidate} == set(made)
    assert (found.key.incoming, rival.key.incoming) == ("S0", "S0")
    assert evidence(staging, rival) == evidence(staging, found) != ()
    decide(directory, {found.key: Decision.SAME})
    decide(directory, {rival.key: Decision.SAME})  # the last word counts
    (again,) = proposed(directory, staging).proposals
    assert (again.key, again.decision, again.group) == (rival.key, Decision.SAME, Group.SEVERAL)
    assert [(r.key, r.decision) for r in again.rivals] == [(found.key, None)]
    done = merge_all(directory, [pair_of(p) for p in ready(proposed(directory, staging))], "picked")
    assert [pair.absorbed for pair in done.merged] == [rival.key.candidate]
    # What was decided of the merged one does not keep the other from being said to be the same, too.
    decide(directory, {found.key: Decision.SAME})
    with directory.read() as conn:
        assert set(decisions.decided(conn, 1, "students")) == {found.key, rival.key}
    assert [row["absorbed"] for row in district.links("merges")] == [rival.key.candidate]


def test_nobody_is_the_same_as_two(directory: Directory, tmp_path: Path, staging: Staging) -> None:
    _, (first, second) = twins_entered_by_hand(directory, tmp_path)
    both = {Proposed("students", "S0", number): Decision.SAME for number in (first, second)}
    with pytest.raises(UsageError, match="S0 is called the same as 2 others"):
        decide(directory, both)
    two = {Proposed("students", sis_id, first): Decision.SAME for sis_id in ("S0", "S1")}
    with pytest.raises(UsageError, match=f"{first} is called the same as 2 others"):
        decide(directory, two)
    with directory.read() as conn:
        assert decisions.decided(conn, 1, "students") == {}


def test_a_pair_that_was_called_the_same_is_proposed_whatever_is_thought_of_it(
    directory: Directory, tmp_path: Path, staging: Staging
) -> None:
    push(directory, source(tmp_path))
    district = District(directory)
    made = entered_by_hand(district, 2)
    said = Proposed("students", "S79", made[0])  # two names that have nothing in common
    decide(directory, {said: Decision.SAME})
    found = proposed(directory, staging)
    assert {p.key: p.decision for p in found.proposals} == {
        said: Decision.SAME,
        Proposed("students", "S1", made[1]): None,
    }
    assert "S0" in {shown.sis_id for shown in found.unmatched}
    assert "S79" not in {shown.sis_id for shown in found.unmatched}
    assert found.absent == ()


def test_chosen_sides_are_kept_until_the_merge(directory: Directory, tmp_path: Path, staging: Staging) -> None:
    push(directory, source(tmp_path))
    district = District(directory)
    (number,) = entered_by_hand(district, 1)
    with directory.transaction() as conn:
        begin(directory, conn).change("students", number, preferred_name="Addie", grade="12")
    (found,) = proposed(directory, staging).proposals
    decide(directory, {found.key: Decision.SAME}, choices={found.key: {"grade": Side.ABSORBED}})
    (again,) = proposed(directory, staging).proposals
    assert again.choices == {"grade": Side.ABSORBED}
    merge_all(directory, [pair_of(again)], "matched")
    assert district.row("students", "S0")["grade"] == "12"


def test_a_push_merges_with_the_chosen_sides(directory: Directory, tmp_path: Path) -> None:
    push(directory, source(tmp_path, without=1))
    district = District(directory)
    (number,) = entered_by_hand(district, 1)
    with directory.transaction() as conn:
        begin(directory, conn).change("students", number, grade="12")
    folder, pair = source(tmp_path), Proposed("students", "S0", number)
    digests = []
    for sides in ({}, {"grade": Side.ABSORBED}):
        decide(directory, {pair: Decision.SAME}, choices={pair: sides})
        with pipeline.roster([folder], Run()) as told:
            plan = pipeline.preview(told, directory)
            digests.append(plan.digest)
    assert len(set(digests)) == 2
    push(directory, folder)
    assert district.row("students", "S0")["grade"] == "12"


def test_the_stage_proposes_and_a_push_merges_only_what_was_decided(directory: Directory, tmp_path: Path) -> None:
    push(directory, source(tmp_path, without=4))
    district = District(directory)
    made = entered_by_hand(district, 4)
    folder = source(tmp_path)
    with pipeline.roster([folder], Run()) as told:
        plan = pipeline.preview(told, directory)
        assert plan.counts["students"]["merged"] == 0
        assert plan.proposed == {"students": {"ready": 4}, "guardians": {"ready": 4}}
        listed = pipeline.proposals(told, directory)
        assert {p.incoming.record for p in listed.proposals} == {None}
    decide(directory, {Proposed("students", "S0", made[0]): Decision.SAME})
    with pipeline.roster([folder], Run()) as told:
        again = pipeline.preview(told, directory)
        assert again.counts["students"]["merged"] == 1
        assert again.digest != plan.digest
        pipeline.apply(told, again, directory)
    assert district.row("students", "S0")["status"] == "active"
    assert len(district.links("guardianships", student=district.id("students", "S0"))) == 2
    assert [row["absorbed"] for row in district.links("merges")] == [made[0]]
    _, plan = push(directory, folder)
    assert plan.empty


def test_who_was_taken_apart_is_not_merged_again_unasked(
    directory: Directory, tmp_path: Path, staging: Staging
) -> None:
    push(directory, source(tmp_path, without=1))
    district = District(directory)
    (number,) = entered_by_hand(district, 1)
    pair = Proposed("students", "S0", number)
    decide(directory, {pair: Decision.SAME})
    push(directory, source(tmp_path))
    assert [row["absorbed"] for row in district.links("merges")] == [number]
    unmerge_all(directory, [number], "they were two")
    (found,) = proposed(directory, staging).proposals
    assert (found.key, found.group, found.decision) == (pair, Group.LIKELY, Decision.LATER)
    assert "taken them apart" in found.reason
    assert ready(proposed(directory, staging)) == ()
    # Nor by the next push that brings the child anew.
    push(directory, source(tmp_path, without=1))
    with pipeline.roster([source(tmp_path)], Run()) as told:
        assert pipeline.preview(told, directory).merges == ()
    decide(directory, {pair: Decision.SAME})  # said once more, it counts
    with directory.read() as conn:
        assert decisions.decided(conn, 1, "students") == {pair: Decision.SAME}


def test_what_somebody_else_has_said_meanwhile_is_not_overwritten(directory: Directory, tmp_path: Path) -> None:
    push(directory, source(tmp_path))
    first, second = entered_by_hand(District(directory), 2)
    one, other = Proposed("students", "S0", first), Proposed("students", "S1", second)
    decide(directory, {one: Decision.DIFFERENT})
    seen = {one: None, other: None}
    with pytest.raises(UsageError, match="Somebody else has decided 1 of these pairs meanwhile"):
        decide(directory, dict.fromkeys((one, other), Decision.SAME), seen=seen)
    with directory.read() as conn:
        assert decisions.decided(conn, 1, "students") == {one: Decision.DIFFERENT}
    decide(directory, {one: None}, seen={one: Decision.DIFFERENT})
