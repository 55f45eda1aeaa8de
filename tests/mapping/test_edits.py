"""What a person changes in a mapping, and the cells that show what became of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rosterdesk import mapping as mappings
from rosterdesk.mapping import edits
from rosterdesk.mapping.samples import Value, samples, values
from rosterdesk.model import Confidence, FieldMap, Mapping, Reading, Transform
from rosterdesk.run import Run
from rosterdesk.sources.read import read
from rosterdesk.staging import Staging

CSV = "Perm ID,Student First,Student Last,GR,Nick\n000482,ana,Nunez,K,A\n000517,Sean,O'Neil,1,S\n9,Mei,Wu,sprout,M\n"


@pytest.fixture
def reading(tmp_path: Path, staging: Staging) -> Reading:
    (tmp_path / "students.csv").write_text(CSV, "utf-8")
    return read([tmp_path / "students.csv"], staging, Run())


@pytest.fixture
def suggested(reading: Reading, staging: Staging) -> Mapping:
    return mappings.suggest(reading, staging)


def field(mapping: Mapping, name: str) -> FieldMap | None:
    return mapping.tables[0].fields.get(name)


def test_another_column_keeps_the_steps(suggested: Mapping) -> None:
    changed = edits.choose_column(suggested, 0, "grade", ["Nick"])
    assert field(changed, "grade") == FieldMap(("Nick",), (Transform("grade"),), Confidence.GIVEN)
    assert field(suggested, "grade") != field(changed, "grade")


def test_a_new_column_begins_with_the_usual_steps(suggested: Mapping) -> None:
    changed = edits.choose_column(suggested, 0, "birth_date", ["Nick"])
    assert field(changed, "birth_date") == FieldMap(("Nick",), (Transform("date", {"birth": True}),))


def test_a_field_is_left_out_or_the_same_in_every_row(suggested: Mapping) -> None:
    assert field(edits.leave_out(suggested, 0, "grade"), "grade") is None
    constant = field(edits.choose_constant(suggested, 0, "school_sis_ids", "A"), "school_sis_ids")
    assert constant == FieldMap((), (Transform("constant", {"value": "A"}),))


def test_words_are_gathered_in_one_table(suggested: Mapping, reading: Reading, staging: Staging) -> None:
    once = edits.choose_words(suggested, 0, "grade", {"sprout": "KG"})
    twice = edits.choose_words(once, 0, "grade", {"seedling": "PK"})
    made = field(twice, "grade")
    assert made is not None
    assert made.transforms == (Transform("replace", {"table": {"sprout": "KG", "seedling": "PK"}}), Transform("grade"))
    assert values(twice, 0, "grade", reading, staging) == (
        Value("1", 1, "01"),
        Value("K", 1, "KG"),
        Value("sprout", 1, "KG"),
    )
    assert field(edits.choose_words(once, 0, "grade", {"sprout": ""}), "grade") == FieldMap(
        ("GR",), (Transform("grade"),)
    )


def test_steps_are_added_and_taken_away(suggested: Mapping, reading: Reading, staging: Staging) -> None:
    title = edits.add_step(suggested, 0, "given_name", Transform("case", {"to": "title"}))
    assert samples(title, reading, staging)[0, "given_name"][0] == Value("ana", 1, "Ana")
    upper = edits.add_step(title, 0, "given_name", Transform("case", {"to": "upper"}))
    made = field(upper, "given_name")
    assert made is not None
    assert [t.args.get("to") for t in made.transforms if t.op == "case"] == ["upper"]
    assert field(edits.remove_steps(upper, 0, "given_name"), "given_name") == FieldMap(("Student First",))


def test_samples_stand_in_the_order_of_the_file(suggested: Mapping, reading: Reading, staging: Staging) -> None:
    assert [v.before for v in samples(suggested, reading, staging)[0, "sis_id"]] == ["000482", "000517", "9"]


def test_a_table_is_said_to_hold_something_else(suggested: Mapping, reading: Reading) -> None:
    columns = reading.tables[0].columns
    staff = edits.choose_kind(suggested, "students", "staff", columns)
    assert [(t.table, t.target) for t in staff.tables] == [("students", "staff")]
    assert "grade" not in staff.tables[0].fields
    assert edits.choose_kind(suggested, "students", "", columns).tables == ()


def test_whoever_changes_a_table_has_answered_its_questions(suggested: Mapping) -> None:
    asked = Mapping(suggested.tables, settings={"questions": ["What is “students”?", "What is “other”?"]})
    assert edits.leave_out(asked, 0, "grade").settings["questions"] == ["What is “other”?"]


def test_an_accepted_mapping_has_no_doubts(suggested: Mapping) -> None:
    accepted = edits.accepted(suggested)
    assert {f.confidence for t in accepted.tables for f in t.fields.values()} == {Confidence.GIVEN}
