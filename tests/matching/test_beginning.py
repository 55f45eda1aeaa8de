"""How likely any two are before they are compared: counted in the two sides, so that what is called safe is safe where
most are new, too, and what is expected to be wrong is near what is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rosterdesk.matching import match
from rosterdesk.run import Run
from rosterdesk.staging import Staging
from tests.matching.invented import ORDINARY, SPARSE, district
from tests.matching.measuring import measure, staged
from tests.matching.test_matching import KIM, about, child

CHANGING = replace(ORDINARY, leavers=0.35, newcomers=0.35)


@pytest.fixture
def staging(tmp_path: Path) -> Iterator[Staging]:
    with Staging(Run(), tmp_path) as made:
        yield made


def test_where_every_second_is_new_what_is_safe_is_safe() -> None:
    found = measure(district(63, 6_000, CHANGING))
    assert found.precision >= 0.9985
    assert found.siblings == 0
    assert found.recall >= 0.97
    assert len(found.wrong) <= 5 * max(found.expected, 1)


def test_what_is_expected_to_be_wrong_grows_with_those_who_are_new() -> None:
    shares = []
    for damage in (SPARSE, replace(SPARSE, leavers=0.35, newcomers=0.35)):
        with staged(district(64, 3_000, damage)) as both:
            match(both, "new", "old", Run())
            shares.append(
                both.rows("""select any_value(prior), avg(1 - probability) from matching.pairs
                where doubt is null and g_given > 0""")[0]
            )
    (usual, few_wrong), (changing, many_wrong) = shares
    assert changing < usual - 3
    assert many_wrong > 2 * few_wrong


def test_of_two_alike_neither_is_likelier_than_not(staging: Staging) -> None:
    old = [child(key, "Elizabeth", "Quillmoor", **KIM) for key in ("o1", "o2")]
    about(staging, [child("n", "Elizabeth", "Quillmoor", **KIM)], old)
    found = staging.rows("""select probability from matching.pairs where incoming_id = 'n' union all
        select probability from matching.rivals where incoming_id = 'n'""")
    assert [probability for (probability,) in found] == [pytest.approx(0.5, abs=0.01)] * 2


def test_in_a_school_of_one_grade_neither_grade_nor_school_tells_anything() -> None:
    made = district(65, 60, ORDINARY)
    for rows, grade in ((made.incoming, "05"), (made.archived, "04")):
        for row in rows:
            row["grades"], row["orgSourcedIds"] = grade, "A"
    with staged(made) as both:
        match(both, "new", "old", Run())
        told = both.one("select max(greatest(abs(w_grade), abs(w_school))) from matching.pairs")
    assert told < 0.3


def test_one_birth_date_tells_less_of_two_of_one_grade(staging: Staging) -> None:
    new = child("n", "Elizabeth", "Quillmoor", **KIM)
    weights = []
    for grade in ("4", None):
        about(staging, [new], [child("o", "Elizabeth", "Quillmoor", **{**KIM, "grade": grade})])
        weights.append(staging.rows("select w_birth, w_grade from matching.pairs where incoming_id = 'n'")[0])
    (birth, grade_bits), (alone, nothing) = weights
    assert nothing == 0
    assert grade_bits > 0
    assert birth + grade_bits == pytest.approx(alone, abs=0.2)
