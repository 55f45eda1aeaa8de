"""The wizard's flow, driven without a screen: from here, with this answer, that is next, and this is why it waits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rosterdesk.draft import (
    Draft,
    Step,
    act,
    answered,
    blockers,
    job,
    next_step,
    previous_step,
    skipped,
    to_look_at,
    told,
)
from rosterdesk.jobs.calendar import schedule
from rosterdesk.jobs.file import Job
from rosterdesk.model import Confidence, FieldMap, Mapping, Outcome, Plan, Reading, Receipt, TableMap, Tripped
from rosterdesk.sources.tables import Told

READING = Reading("users.csv", ())
FIELDS = ("sis_id", "given_name", "family_name", "role")


def mapping(confidence: Confidence = Confidence.EXACT, *fields: str) -> Mapping:
    named = {name: FieldMap((name,), confidence=confidence) for name in fields or FIELDS}
    return Mapping((TableMap("users", "users", named),))


def plan(size: int = 412, *, tripped: bool = False) -> Plan:
    over = (Tripped("students", None, 31, 10, 100, "31 of 100 students would be archived."),) if tripped else ()
    return Plan("digest", 1, {"students": {"created": size}}, over)


def read(made: Mapping | None = None) -> Draft:
    return Draft((Path("users.csv"),), reading=READING, mapping=made or mapping())


WHOLE = replace(
    read(),
    problems={"error": 2},
    matches={},
    plan=plan(),
    approved="digest",
    receipt=Receipt(7, Outcome.DONE, plan(), {}),
)


def test_nothing_is_answered_at_first() -> None:
    assert blockers(Draft(), Step.SOURCE) == ("Choose the files that your SIS has exported.",)
    assert [told(Draft(), step) for step in Step] == [""] * 7


def test_a_source_whose_columns_are_all_exact_goes_straight_to_the_checks() -> None:
    assert next_step(read(), Step.SOURCE) is Step.CHECKS
    assert previous_step(read(), Step.CHECKS) is Step.SOURCE
    assert "every column is known" in skipped(read(), Step.MAPPING)


@pytest.mark.parametrize("confidence", [Confidence.ALIAS, Confidence.PRESET, Confidence.LIKELY, Confidence.UNSURE])
def test_a_column_that_is_less_than_exact_is_looked_at(confidence: Confidence) -> None:
    draft = read(mapping(confidence))
    assert next_step(draft, Step.SOURCE) is Step.MAPPING
    doubtful = confidence in (Confidence.LIKELY, Confidence.UNSURE)
    assert told(draft, Step.MAPPING) == ("4 to look at" if doubtful else "Every column known")
    assert blockers(draft, Step.MAPPING) == ()


def test_a_mapping_that_was_looked_at_stays_among_the_steps() -> None:
    draft = replace(read(mapping(Confidence.GIVEN)), seen=True)
    assert previous_step(draft, Step.CHECKS) is Step.MAPPING
    assert told(replace(read(mapping(Confidence.UNSURE)), seen=True), Step.MAPPING) == "Every column known"


def test_what_a_mapping_lacks_is_named() -> None:
    draft = read(mapping(Confidence.EXACT, "sis_id", "given_name", "role"))
    assert to_look_at(draft.mapping or mapping()) == 1
    assert blockers(draft, Step.MAPPING) == ("The table “users” has no column for “Last name” of users.",)


def test_matching_has_nothing_to_ask_yet() -> None:
    assert next_step(WHOLE, Step.CHECKS) is Step.REVIEW
    assert previous_step(WHOLE, Step.REVIEW) is Step.CHECKS


def test_the_ends_stay() -> None:
    assert next_step(WHOLE, Step.RESULT) is Step.RESULT
    assert previous_step(WHOLE, Step.SOURCE) is Step.SOURCE


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("sources", (Path("other.csv"),), set()),
        ("told", {"users": Told(header_row=3)}, set()),
        ("mapping", mapping(Confidence.GIVEN), {"reading"}),
        ("problems", {}, {"reading", "mapping"}),
        ("additions_only", True, {"reading", "mapping", "problems"}),
        ("hold", True, {"reading", "mapping", "problems", "plan", "approved"}),
    ],
)
def test_an_earlier_answer_clears_the_later_ones(name: str, value: object, kept: set[str]) -> None:
    changed = answered(WHOLE, **{name: value})
    assert getattr(changed, name) == value
    later = {"reading", "mapping", "problems", "plan", "approved", "receipt"} - {name}
    assert {n for n in later if getattr(changed, n)} == kept


def test_the_same_answer_clears_nothing() -> None:
    assert answered(WHOLE, mapping=mapping(), sources=WHOLE.sources) == WHOLE


def test_where_the_files_go_is_kept() -> None:
    draft = answered(replace(WHOLE, outlet=Path("out"), zipped=True), sources=(Path("other.csv"),))
    assert (draft.outlet, draft.zipped, draft.plan) == (Path("out"), True, None)
    assert answered(WHOLE, outlet=Path("out")).plan == WHOLE.plan


def test_a_plan_over_a_limit_waits_for_a_choice() -> None:
    draft = replace(read(), problems={}, plan=plan(tripped=True))
    assert blockers(draft, Step.REVIEW) == blockers(draft, Step.PUSH) != ()
    assert blockers(replace(draft, approved="another"), Step.REVIEW) != ()
    assert blockers(replace(draft, approved="digest"), Step.REVIEW) == ()
    assert blockers(replace(draft, hold=True), Step.PUSH) == ()


def test_an_empty_plan_is_not_pushed() -> None:
    draft = replace(read(), problems={}, plan=plan(0))
    assert blockers(draft, Step.REVIEW) == ()
    assert blockers(draft, Step.PUSH) == ("Nothing would change, so there is nothing to push.",)
    assert blockers(replace(draft, outlet=Path("out")), Step.PUSH) == ()


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        (replace(WHOLE, plan=plan(12412)), "Push 12,412 changes"),
        (replace(WHOLE, plan=plan(1)), "Push 1 change"),
        (replace(WHOLE, hold=True), "Hold for approval"),
        (replace(WHOLE, plan=plan(0), outlet=Path("out")), "Write the files"),
    ],
)
def test_the_button_says_what_it_does(draft: Draft, words: str) -> None:
    assert act(draft) == words


def test_each_step_tells_its_state() -> None:
    assert [told(WHOLE, step) for step in Step] == [
        "users.csv",
        "Every column known",
        "2 errors",
        "Nobody to match",
        "412 changes",
        "Done as run 7",
        "Done as run 7",
    ]
    assert told(replace(WHOLE, problems={"error": 0, "warning": 1}), Step.CHECKS) == "1 warning"
    assert told(replace(WHOLE, problems={}), Step.CHECKS) == "Nothing wrong"


def test_the_job_holds_what_a_person_decided() -> None:
    made = job(replace(WHOLE, outlet=Path("out"), zipped=True), "nightly", schedule("02:00"))
    assert made == Job(
        "nightly",
        tuple(str(source) for source in WHOLE.sources),
        outlet="out",
        zipped=True,
        schedule=schedule("02:00"),
    )
    with pytest.raises(ValueError, match="mapping"):
        job(Draft(), "nightly", schedule("02:00"))
