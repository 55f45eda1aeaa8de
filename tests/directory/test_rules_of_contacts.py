"""The rules of which contacts of a student come in, by number (`rules.md`): real guardian files are pushed."""

from __future__ import annotations

from pathlib import Path

import pytest

from rosterdesk.cli.editing import number
from rosterdesk.directory import governing
from rosterdesk.directory.engine import Directory
from rosterdesk.errors import UsageError
from rosterdesk.model import Plan
from tests.directory.synced import District
from tests.rosters import classroom, enrollment, push, roster, student, written

HEADER = "studentSourcedId,sourcedId,givenName,familyName,email,relationship,contactType\n"
PAIRS = (
    ("S1", "G1", "Ma", "Mother", "Primary"),
    ("S1", "G2", "Em", "Neighbor", "Emergency"),
    ("S3", "G1", "Ma", "Mother", "Emergency"),
    ("S3", "G3", "Pa", "Father", ""),
)


def files(folder: Path, pairs: tuple[tuple[str, ...], ...] = PAIRS, *, whole: bool = True) -> Path:
    rows = "".join(
        f"{s},{g},{given},Ng,{given.lower()}@example.org,{relationship},{kind}\n"
        for s, g, given, relationship, kind in pairs
    )
    users = student("S1") + student("S3", "B")
    rest = roster(users, classroom("C1"), enrollment("C1", "S1")) if whole else {}
    return written({**rest, "guardians.csv": HEADER + rows}, folder)


def families_of(district: District) -> set[tuple[str, str]]:
    """Student and guardian of each family link whose guardian is active."""
    names = {district.id("students", name): name for name in ("S1", "S3")}
    found = set()
    for link in district.links("guardianships"):
        row = district.row("guardians", link["guardian"])
        if row["status"] == "active":
            found.add((names[link["student"]], row["sis_id"]))
    return found


def let_in(district: District, school: str = "", **changes: str | None) -> None:
    with district.edit() as edit:
        governing.change_settings(edit, changes, district.id("schools", school) if school else 0)


def pushed(district: District, folder: Path) -> Plan:
    return push(district.directory, folder)[1]


def test_rule_68_only_chosen_contact_types_come_in(directory: Directory, tmp_path: Path) -> None:
    district = District(directory)
    let_in(district, contact_types="Primary, guardian")
    pushed(district, files(tmp_path))
    assert families_of(district) == {("S1", "G1"), ("S3", "G3")}  # and those of whom none is told
    let_in(district, contact_types="all")
    pushed(district, files(tmp_path))
    assert families_of(district) == {("S1", "G1"), ("S1", "G2"), ("S3", "G1"), ("S3", "G3")}
    let_in(district, contact_types="primary")
    plan = pushed(district, files(tmp_path))
    assert (plan.counts["guardians"]["archived"], plan.counts["guardianships"]["removed"]) == (1, 1)
    assert families_of(district) == {("S1", "G1"), ("S3", "G3")}
    let_in(district, contact_types=None)
    assert pushed(district, files(tmp_path)).counts["guardians"]["restored"] == 1
    assert pushed(district, files(tmp_path)).empty


def test_rule_68_a_guardian_file_alone_goes_by_the_students_that_are_here(directory: Directory, tmp_path: Path) -> None:
    district = District(directory)
    pushed(district, files(tmp_path, ()))
    let_in(district, contact_types="primary")
    let_in(district, "B", contact_types="emergency")
    pushed(district, files(tmp_path, whole=False))
    assert families_of(district) == {("S1", "G1"), ("S3", "G1"), ("S3", "G3")}


@pytest.mark.parametrize(
    ("name", "wide", "of_b", "expected"),
    [
        ("contact_types", "primary", "all", {("S1", "G1"), ("S3", "G1"), ("S3", "G3")}),
        ("contact_types", "all", "primary", {("S1", "G1"), ("S1", "G2"), ("S3", "G3")}),
        ("contact_relationships", "mother", "father", {("S1", "G1"), ("S3", "G3")}),
        ("contact_relationships", "neighbor", "all", {("S1", "G2"), ("S3", "G1"), ("S3", "G3")}),
    ],
)
def test_rule_69_a_school_has_contact_settings_of_its_own(
    directory: Directory, tmp_path: Path, name: str, wide: str, of_b: str, expected: set[tuple[str, str]]
) -> None:
    district = District(directory)
    pushed(district, files(tmp_path, ()))
    let_in(district, **{name: wide})
    let_in(district, "B", **{name: of_b})
    pushed(district, files(tmp_path))
    assert families_of(district) == expected
    let_in(district, "B", **{name: None})
    let_in(district, **{name: None})
    pushed(district, files(tmp_path))
    assert len(families_of(district)) == len(PAIRS)


def test_rule_70_a_pair_that_stands_twice_comes_in_by_either_row(directory: Directory, tmp_path: Path) -> None:
    district = District(directory)
    let_in(district, contact_types="primary")
    pushed(district, files(tmp_path, (PAIRS[0], ("S1", "G1", "Ma", "Mother", "Emergency"), PAIRS[1])))
    assert families_of(district) == {("S1", "G1")}


def test_rule_71_a_student_is_named_by_the_identifier_that_is_set(district: District) -> None:
    with district.edit() as edit:
        kid = district.id("students", "S1")
        row = edit.get("students", kid)
        edit.change("students", row, state_id="987")
        assert number(edit, "students", "S1") == kid
    with district.edit() as edit:
        governing.change_settings(edit, {"student_id": "state_id"})
    with district.edit() as edit:
        assert number(edit, "students", "987") == kid
        with pytest.raises(UsageError, match="No record is named S1"):
            number(edit, "students", "S1")


def test_rule_72_what_concerns_people_of_several_schools_is_set_for_the_district(district: District) -> None:
    school = district.id("schools", "A")
    for name, value in {"phone_column": "phone", "student_id": "state_id", "threshold_percent": "5"}.items():
        with pytest.raises(UsageError, match="setting of the whole district"), district.edit() as edit:
            governing.change_settings(edit, {name: value}, school)


@pytest.fixture
def district(directory: Directory, tmp_path: Path) -> District:
    district = District(directory)
    district.sync(tmp_path)
    return district
