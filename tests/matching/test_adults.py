"""Which guardians and staff are proposed as one, which are left to a person, and which never."""

from __future__ import annotations

import pytest

from tests.matching.invented_adults import Adults, Row, guardians, staff
from tests.matching.measuring_adults import measure, proposed

KIM: Row = {"given_name": "Elizabeth", "family_name": "Quillmoor"}


def one(entity: str, new: Row, old: Row, *others: Row) -> str | None:
    """The band of the pair of one person of either side, with `others` among those already known."""
    made = Adults(entity)
    made.coming.append({"id": "n", **new})
    made.known += [{"id": str(number), **row} for number, row in enumerate((old, *others))]
    return proposed(made).get(("n", "0"))


@pytest.mark.parametrize(
    "other",
    [
        {**KIM, "email": "KIM@home.example"},
        {**KIM, "given_name": "Liz", "email": "kim@home.example"},
        {**KIM, "given_name": "Elizabth", "email": "kim@home.example"},
        {**KIM, "family_name": "Quillmoor-Vance", "email": "kim@home.example"},
        {"given_name": "Quillmoor", "family_name": "Elizabeth", "email": "kim@home.example"},
        {**KIM, "phone": "(212) 555-0101"},
    ],
    ids=["same", "short form", "slip", "compound", "exchanged", "phone"],
)
def test_a_contact_of_ones_own_and_the_name_are_one_person(other: Row) -> None:
    new = {**KIM, "email": "kim@home.example", "sms": "+12125550101", "children": [1]}
    assert one("guardians", new, {**other, "children": [2]}) == "auto"


@pytest.mark.parametrize(
    ("other", "band"),
    [
        ({"given_name": "Robert", "family_name": "Quillmoor"}, None),
        ({"given_name": "Elizabeth", "family_name": "Quillmoor Sr."}, "review"),
        ({"given_name": "Elizabeth", "family_name": "Vance"}, "review"),
        ({**KIM, "sms": "2125550199"}, "review"),
    ],
    ids=["couple", "mother of that name", "other last name", "other phone"],
)
def test_what_a_household_has_in_common_merges_nobody(other: Row, band: str | None) -> None:
    family: Row = {"email": "home@home.example", "children": [1]}
    new = {**KIM, "family_name": "Quillmoor Jr." if "Sr." in str(other["family_name"]) else "Quillmoor"}
    assert one("guardians", {**new, **family, "sms": "2125550101"}, {**other, **family}) == band


def test_an_email_of_the_whole_family_is_nobodys_own() -> None:
    home: Row = {"email": "home@home.example", "children": [1]}
    assert one("guardians", {**KIM, **home}, {**KIM, **home}, {**KIM, "given_name": "Sam", **home}) == "review"


def test_a_name_and_a_child_are_left_to_a_person() -> None:
    assert one("guardians", {**KIM, "children": [1]}, {**KIM, "children": [1]}) == "review"
    assert one("guardians", {**KIM, "children": [1]}, {**KIM, "children": [2]}) is None


def test_two_colleagues_of_one_name_are_left_to_a_person() -> None:
    here: Row = {**KIM, "schools": "7"}
    assert one("staff", here, here) == "auto"
    assert one("staff", here, here, here) != "auto"
    assert one("staff", {**here, "email": "a@s.example"}, {**here, "email": "b@s.example"}) == "review"


def test_the_phone_of_an_office_is_nobodys() -> None:
    office: Row = {"phone": "2125550100", "schools": "7"}
    others: list[Row] = [{**office, "given_name": f"Ada{n}", "family_name": "Vance"} for n in range(3)]
    assert one("staff", {**KIM, **office}, {"given_name": "Liz", "family_name": "Vance", **office}, *others) is None


def test_invented_guardians() -> None:
    found = measure(guardians(71, 3_000))
    assert found.precision >= 0.9995
    assert found.recall >= 0.55
    assert found.found >= 0.85


def test_invented_staff() -> None:
    found = measure(staff(72, 3_000))
    assert found.precision >= 0.9995
    assert found.recall >= 0.8
    assert found.found >= 0.93
