"""What is offered for a record is what its edits allow, and what is refused is refused in the edits' own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from rosterdesk.directory import accounts, classrooms, contacts, families, governing, joincodes, offers, people
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.offers import Offer, Trial
from rosterdesk.directory.permissions import Permission, Person, owner
from rosterdesk.errors import NotAllowed, UsageError
from tests.directory.synced import District, somebody, synced
from tests.rosters import exported


@pytest.fixture
def district(directory: Directory) -> District:
    return synced(directory)


def offered(district: District, entity: str, record: int, person: Person | None = None) -> dict[str, str]:
    """The edits of a record by name, with the rule that forbids each; empty: allowed."""
    status = district.row(entity, record)["status"]
    with district.directory.read() as conn:
        trial = Trial(district.directory, conn, person or owner("me"), 0, None)
        return {o.name: o.refusal.title if o.refusal else "" for o in offers.of_record(trial, entity, record, status)}


def parted(district: District, entity: str, record: int, other_entity: str, other: int) -> Offer | None:
    with district.directory.read() as conn:
        trial = Trial(district.directory, conn, owner("me"), 0, None)
        return offers.of_link(trial, entity, record, other_entity, other)


def test_a_synced_student_is_offered_family_and_account_and_nothing_of_the_sis(district: District) -> None:
    found = offered(district, "students", district.id("students", "S1"))
    assert found == {
        "add_guardian": "",
        "link_guardian": "",
        "join_code": "",
        "enable_account": "",
        "change_student": "A synced student's details follow the SIS.",
        "merge": "",
        "archive": "A synced student can't be archived by hand: the next run would bring them back.",
    }


def test_a_synced_classroom_takes_teachers_and_no_students(district: District) -> None:
    room = district.id("classrooms", "C1")
    found = offered(district, "classrooms", room)
    assert {name for name, refusal in found.items() if not refusal} == {"add_teacher", "rename", "archive"}
    assert found["assign_students"].startswith("Students can't be assigned by hand to a synced classroom")
    with district.edit() as edit:
        manual = classrooms.create(edit, district.id("schools", "A"), "Chess")
    assert set(offered(district, "classrooms", manual).values()) == {""}
    with district.edit() as edit:
        classrooms.archive(edit, manual)
    assert offered(district, "classrooms", manual) == {"rename": "", "restore": ""}


def test_contact_details_are_offered_once_somebody_has_signed_in(district: District) -> None:
    tom = district.id("staff", "T1")
    before = offered(district, "staff", tom)
    assert before["contact"].startswith("This person has not signed in yet")
    assert before["language"] == ""
    with district.edit() as edit:
        accounts.enable(edit, "staff", tom)
    after = offered(district, "staff", tom)
    assert after["contact"] == ""
    assert after["enable_account"] == "This account is enabled already."
    with district.edit() as edit:
        governing.change_settings(edit, {"update_active_users": "on"})
    assert offered(district, "staff", tom)["contact"].startswith("Only the sync changes contact details here")


def test_a_school_offers_students_only_while_it_is_not_synced(district: District) -> None:
    school = district.id("schools", "A")
    found = offered(district, "schools", school)
    assert (found["new_classrooms"], found["sync_off"], "sync_on" in found) == ("", "", False)
    assert found["new_students"].startswith("While the sync is on")
    with district.edit() as edit:
        governing.switch_sync(edit, school, on=False)
        made = governing.add_school(edit, "Chess school")
    assert set(offered(district, "schools", school).items()) >= {("new_students", ""), ("sync_on", "")}
    assert "connect_school" in offered(district, "schools", made)


def test_what_only_others_may_do_says_whom_to_ask(district: District) -> None:
    family_access = somebody(Permission.FAMILY_ACCESS, district.id("schools", "A"))
    room = district.id("classrooms", "C1")
    with district.directory.read() as conn:
        trial = Trial(district.directory, conn, family_access, 0, None)
        rename = next(o for o in offers.of_record(trial, "classrooms", room, "active") if o.name == "rename")
        (school,) = offers.new_records(trial, 0).values()
        there = offers.new_records(trial, district.id("schools", "B"))
    assert isinstance(rename.refusal, NotAllowed)
    assert rename.refusal.advice.startswith("Ask a district leader, a school leader,")
    assert school.refusal is not None
    assert {type(offer.refusal) for offer in there.values()} == {UsageError}


def test_parting_is_offered_for_what_people_have_joined(district: District) -> None:
    s1, t2 = district.id("students", "S1"), district.id("staff", "T1")
    gil, room = district.id("guardians", "G1"), district.id("classrooms", "C1")
    synced_link = parted(district, "guardians", gil, "students", s1)
    assert synced_link is not None
    assert synced_link.refusal is not None
    assert synced_link.refusal.title.startswith("The sync manages this guardian")
    taught = parted(district, "staff", t2, "classrooms", room)
    assert taught is not None
    assert taught.refusal is not None
    with district.edit() as edit:
        aunt = families.add_guardian(edit, s1, {"given_name": "Aunt", "family_name": "Wu", "email": "aunt@example.org"})
        chess = classrooms.create(edit, district.id("schools", "A"), "Chess")
        classrooms.add_student(edit, chess, s1)
    assert parted(district, "students", s1, "guardians", aunt) == Offer("remove_guardian")
    assert parted(district, "classrooms", chess, "students", s1) == Offer("unassign")
    assert parted(district, "students", s1, "schools", 1) is None


def test_asking_changes_nothing(district: District, tmp_path: Path) -> None:
    with district.edit() as edit:
        people.add_staff(edit, district.id("schools", "A"), {"given_name": "Una", "family_name": "Poe"})
        joincodes.give(edit, [district.id("students", "S1")])
        contacts.change(edit, "guardians", district.id("guardians", "G1"), {"language": "es"})
    before, generation = exported(district.directory, tmp_path), district.directory.generation
    for entity, sis_id in (("students", "S1"), ("staff", "T1"), ("guardians", "G1"), ("classrooms", "C1")):
        offered(district, entity, district.id(entity, sis_id))
    offered(district, "schools", district.id("schools", "A"))
    assert exported(district.directory, tmp_path) == before
    assert district.directory.generation == generation
