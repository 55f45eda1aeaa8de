"""What one family has in common merges no two of its children, and what is lost at first is looked for again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rosterdesk.run import Run
from rosterdesk.staging import Staging
from tests.matching.invented import ORDINARY, SPARSE, district
from tests.matching.measuring import measure
from tests.matching.test_matching import KIM, Row, about, child


@pytest.fixture
def staging(tmp_path: Path) -> Iterator[Staging]:
    with Staging(Run(), tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    ("new", "old"),
    [
        (child("n", "Elizabeth", "Quillmoor", middle_name="Theodora"), child("o", "Theodora", "Quillmoor")),
        (child("n", "Theodora", "Quillmoor"), child("o", "Elizabeth", "Quillmoor", middle_name="Theodora")),
        (child("n", "Elizabeth", "Quillmoor", grade="5"), child("o", "Liz", "Quillmoor", grade="8")),
        (child("n", "Elizabeth", "Quillmoor", grade="5"), child("o", "Elizabeth-Ruth", "Quillmoor", grade="8")),
        (
            child("n", "Elizabeth", "Quillmoor", email="a@s.example"),
            child("o", "Liz", "Quillmoor", email="b@s.example"),
        ),
        (
            child("n", "Elizabeth", "Quillmoor", birth_date="2014-03-09", middle_name="Ada"),
            child("o", "Ada", "Quillmoor", birth_date="2014-03-09", middle_name="Ruth"),
        ),
    ],
    ids=["her middle name", "its middle name", "grades", "contained", "e-mails", "middle names of twins"],
)
def test_what_a_family_has_in_common_joins_no_two_first_names(staging: Staging, new: Row, old: Row) -> None:
    family = {"schools": "7", "guardian_emails": "kim@example.org;sam@example.org", "guardian_phones": "2125550101"}
    assert "auto" not in about(staging, [{**family, **new}], [{**family, **old}]).values()


def test_a_nickname_with_a_slip_is_left_to_a_person(staging: Staging) -> None:
    found = about(staging, [child("n", "Liz", "Quillmoor", **KIM)], [child("o", "Elizabetth", "Quillmoor", **KIM)])
    assert found == {("n", "o"): "review"}


def test_a_middle_name_in_use_is_one_child_where_an_id_says_so(staging: Staging) -> None:
    new = child("n", "Elizabeth", "Quillmoor", middle_name="Theodora", student_number="00123", **KIM)
    assert about(staging, [new], [child("o", "Theodora", "Quillmoor", student_number="123")]) == {("n", "o"): "auto"}


def test_a_child_at_a_school_where_nobody_goes_is_found_again() -> None:
    made = district(61, 3_000, ORDINARY)
    names = {(row["givenName"], row["familyName"]): row for row in made.incoming}
    strays = [row for row in made.archived if (row["givenName"], row["familyName"]) in names][:40]
    for row in strays:
        row["orgSourcedIds"] = "nowhere"
    found = measure(made)
    assert found.wrong == []
    assert found.found >= 0.99


def test_what_is_expected_to_be_wrong_is_near_what_is() -> None:
    found = measure(district(62, 5_000, SPARSE))
    assert len(found.wrong) <= 6
    assert found.expected <= 8
