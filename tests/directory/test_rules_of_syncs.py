"""The rules of a synced directory that a run must keep, by number (`rules.md`): real files are pushed."""

from __future__ import annotations

from pathlib import Path

import pytest

from rosterdesk import pipeline
from rosterdesk.directory import accounts, classrooms, contacts, families, governing, people
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.undo import undo
from rosterdesk.errors import NotAllowed
from rosterdesk.planning import lists
from rosterdesk.run import Run
from tests.directory.synced import District, source
from tests.rosters import ORGS, adult, classroom, enrollment, exported, preview, push, roster, student, written

DETAILS = {"given_name": "Aunt", "family_name": "Wu", "email": "aunt@example.org"}


@pytest.fixture
def district(directory: Directory, tmp_path: Path) -> District:
    district = District(directory)
    district.sync(tmp_path)
    return district


def listed(district: District, folder: Path, name: str = "kept") -> list[tuple[str, ...]]:
    """A list of the plan: action, SIS ID, field, before, after."""
    with pipeline.roster([folder], Run()) as made:
        pipeline.preview(made, district.directory)
        counts = lists.prepare(made.staging)
        rows = made.staging.rows(f"select action, sis_id, field, before, after from ({lists.listed(name)})")
        assert len(rows) == counts[name]
        return rows


def test_rule_01_an_sis_id_makes_a_record_synced_and_none_manual(district: District, tmp_path: Path) -> None:
    with district.edit() as edit:
        guardian = families.add_guardian(edit, district.id("students", "S1"), {**DETAILS, "email": "gil@example.org"})
        room = classrooms.create(edit, district.id("schools", "A"), "Math")
    before = (district.row("guardians", guardian), district.row("classrooms", room))
    assert district.sync(tmp_path, gil="gil2@example.org", title="Maths").counts["guardians"]["updated"] == 1
    assert (district.row("guardians", guardian), district.row("classrooms", room)) == before


def test_rule_02_manual_records_and_links_survive_every_sync(district: District, tmp_path: Path) -> None:
    student_, school = district.id("students", "S1"), district.id("schools", "A")
    with district.edit() as edit:
        own = governing.add_school(edit, "Evening school")
        kid = people.add_student(edit, own, {"given_name": "New", "family_name": "Kid"})
        room = classrooms.create(edit, school, "Chess")
        classrooms.add_student(edit, room, student_)
        teacher = people.add_staff(edit, school, {"given_name": "Co", "family_name": "Ray"})
        classrooms.add_teacher(edit, room, teacher)
        classrooms.add_teacher(edit, district.id("classrooms", "C1"), teacher)
        guardian = families.add_guardian(edit, student_, DETAILS)
        people.add_to_school(edit, district.id("staff", "T2"), school)
    before = exported(district.directory, tmp_path)
    assert district.sync(tmp_path).empty
    district.sync(tmp_path, title="Maths")
    district.sync(tmp_path)
    assert exported(district.directory, tmp_path) == before
    assert {district.row(e, r)["status"] for e, r in (("students", kid), ("guardians", guardian))} == {"active"}


def test_rule_03_the_first_sync_leaves_manual_students_and_makes_new_ones(directory: Directory, tmp_path: Path) -> None:
    district = District(directory)
    with district.edit() as edit:
        school = governing.add_school(edit, "Adams")
        mei = people.add_student(edit, school, {"given_name": "Mei", "family_name": "Wu"})
        governing.give_sis_id(edit, school, "A")
    assert district.sync(tmp_path).counts["students"]["created"] == 3
    assert (district.row("students", mei)["sis_id"], district.row("students", mei)["status"]) == (None, "active")
    assert district.row("students", "S1")["school"] == school


def test_rule_04_a_classroom_without_an_id_gets_a_second_one_and_with_it_none(
    directory: Directory, tmp_path: Path
) -> None:
    district = District(directory)
    with district.edit() as edit:
        school = governing.add_school(edit, "Adams")
        governing.give_sis_id(edit, school, "A")
        math, art = (classrooms.create(edit, school, title) for title in ("Math", "Art"))
        classrooms.adopt(edit, art, "C2")
    district.sync(tmp_path)
    assert district.id("classrooms", "C1") != math
    assert district.id("classrooms", "C2") == art


def test_rule_09_a_renamed_classroom_keeps_its_name_and_review_says_so(district: District, tmp_path: Path) -> None:
    room = district.id("classrooms", "C1")
    with district.edit() as edit:
        classrooms.rename(edit, room, "Maths with Tom")
    assert listed(district, source(tmp_path)) == [("keep", "C1", "title", "Maths with Tom", "Math")]
    for title in ("Math", "Algebra"):
        assert district.sync(tmp_path, title=title).empty
        assert district.row("classrooms", room)["title"] == "Maths with Tom"
    undo(district.directory, 2)
    assert district.sync(tmp_path, title="Algebra").counts["classrooms"]["updated"] == 1


def test_rule_12_a_classroom_archived_by_hand_stays_archived(district: District, tmp_path: Path) -> None:
    with district.edit() as edit:
        classrooms.archive(edit, district.id("classrooms", "C1"))
    assert district.sync(tmp_path).counts["classrooms"]["restored"] == 0
    assert district.row("classrooms", "C1")["status"] == "archived"


def test_rule_13_unless_the_setting_unarchives_it_with_all_its_people(district: District, tmp_path: Path) -> None:
    room = district.id("classrooms", "C1")
    with district.edit() as edit:
        classrooms.archive(edit, room)
        governing.change_settings(edit, {"unarchive_classrooms": "on"})
    people_ = district.links("enrollments", classroom=room)
    assert district.sync(tmp_path).counts["classrooms"]["restored"] == 1
    assert district.links("enrollments", classroom=room) == people_
    assert district.links("hand_edits") == []


def test_rule_29_a_guardian_without_a_contact_comes_once_one_appears(district: District, tmp_path: Path) -> None:
    def files(email: str) -> Path:
        users = student("S1", given="Mei", family="Wu", guardians="G9") + adult("G9", "guardian", email=email)
        return written(roster(users, classroom("C1"), enrollment("C1", "S1")), tmp_path)

    with pipeline.roster([files("")], Run()) as made:
        assert made.staging.one("select count(*) from problems where severity = 'error' and table_name = 'users'") == 1
    push(district.directory, files(""), additions_only=True)
    with pytest.raises(Exception, match="No row was found"):
        district.id("guardians", "G9")
    push(district.directory, files("g9@example.org"), additions_only=True)
    assert district.row("guardians", "G9")["email"] == "g9@example.org"


def test_rule_32_invitees_always_follow_the_source(district: District, tmp_path: Path) -> None:
    district.sync(tmp_path, gil="gil2@example.org", tom="tom2@example.org")
    assert district.row("guardians", "G1")["email"] == "gil2@example.org"
    assert district.row("staff", "T1")["email"] == "tom2@example.org"


def test_rule_33_hand_edits_of_active_users_persist_and_are_shown_as_kept(district: District, tmp_path: Path) -> None:
    with district.edit() as edit:
        for entity, record in (("guardians", "G1"), ("staff", "T1")):
            accounts.enable(edit, entity, district.id(entity, record))
            contacts.change(edit, entity, district.id(entity, record), {"email": "mine@example.org"})
    assert listed(district, source(tmp_path, gil="gil2@example.org")) == [
        ("keep", "G1", "email", "mine@example.org", "gil2@example.org"),
        ("keep", "T1", "email", "mine@example.org", "tom@example.org"),
    ]
    district.sync(tmp_path, gil="gil2@example.org", title="Maths")
    assert district.row("guardians", "G1")["email"] == "mine@example.org"


def test_rule_34_the_setting_of_a_school_lets_the_sync_change_active_users_there(
    district: District, tmp_path: Path
) -> None:
    with district.edit() as edit:
        for staff in ("T1", "T2"):
            accounts.enable(edit, "staff", district.id("staff", staff))
            contacts.change(edit, "staff", district.id("staff", staff), {"email": "mine@example.org"})
        accounts.enable(edit, "guardians", district.id("guardians", "G1"))
        governing.change_settings(edit, {"update_active_users": "on"}, district.id("schools", "A"))
    district.sync(tmp_path, gil="gil2@example.org")
    assert district.row("guardians", "G1")["email"] == "gil2@example.org"
    assert district.row("staff", "T1")["email"] == "tom@example.org"
    assert district.row("staff", "T2")["email"] == "mine@example.org"


@pytest.mark.parametrize(("wide", "school"), [("off", "on"), ("on", "off")])
def test_rule_34_of_a_guardian_one_childs_school_is_enough(
    directory: Directory, tmp_path: Path, wide: str, school: str
) -> None:
    def files(email: str) -> Path:
        users = student("S1", guardians="G1") + student("S3", "B", guardians="G1")
        return written(roster(users + adult("G1", "guardian", email=email)), tmp_path)

    district = District(directory)
    push(directory, files("old@example.org"))
    guardian = district.id("guardians", "G1")
    with district.edit() as edit:
        accounts.enable(edit, "guardians", guardian)
        governing.change_settings(edit, {"update_active_users": wide})
        governing.change_settings(edit, {"update_active_users": school}, district.id("schools", "B"))
    with pytest.raises(NotAllowed, match="Only the sync"), district.edit() as edit:
        contacts.change(edit, "guardians", guardian, {"email": "mine@example.org"})
    push(directory, files("new@example.org"))
    assert district.row("guardians", guardian)["email"] == "new@example.org"


def test_rule_37_a_hand_edit_that_the_source_overwrites_is_told(district: District, tmp_path: Path) -> None:
    staff = district.id("staff", "T1")
    with district.edit() as edit:
        accounts.enable(edit, "staff", staff)
        contacts.change(edit, "staff", staff, {"email": "mine@example.org"})
    with district.edit() as edit:
        governing.change_settings(edit, {"update_active_users": "on"})
    before = exported(district.directory, tmp_path)
    line = ("overwrite", "T1", "email", "mine@example.org", "tom@example.org")
    assert listed(district, source(tmp_path)) == [line] == listed(district, source(tmp_path), "changed")
    number, plan = push(district.directory, source(tmp_path))
    assert plan.counts["staff"]["updated"] == 1
    assert (district.row("staff", staff)["email"], district.links("hand_edits")) == ("tom@example.org", [])
    undo(district.directory, number)
    assert exported(district.directory, tmp_path) == before


@pytest.mark.parametrize("where", ["district", "school"])
def test_rule_38_a_language_is_set_once_unless_the_setting_says_so(
    directory: Directory, tmp_path: Path, where: str
) -> None:
    def files(language: str) -> Path:
        header = "sourcedId,orgSourcedIds,role,givenName,familyName,email,agentSourcedIds,language\n"
        users = f"S1,A,student,Mei,Wu,,G1,{language}\nG1,A,guardian,Gil,Wu,g@example.org,,{language}\n"
        return written({"orgs.csv": ORGS, "users.csv": header + users}, tmp_path)

    def languages() -> set[str]:
        return {district.row("students", "S1")["language"], district.row("guardians", "G1")["language"]}

    district = District(directory)
    push(directory, files("en"))
    push(directory, files("es"))
    assert languages() == {"en"}
    with district.edit() as edit:
        place = district.id("schools", "A") if where == "school" else 0
        governing.change_settings(edit, {"update_language": "on"}, place)
    push(directory, files("es"))
    assert languages() == {"es"}


@pytest.mark.parametrize("where", ["district", "school"])
def test_rule_39_without_the_setting_guardians_in_the_source_are_ignored(
    directory: Directory, tmp_path: Path, where: str
) -> None:
    district = District(directory)
    users = student("S1", guardians="G1") + student("S3", "B", guardians="G3")
    adults = adult("G1", "guardian", email="g1@example.org") + adult("G3", "guardian", "B", email="g3@example.org")
    push(directory, written(roster(users), tmp_path))
    with district.edit() as edit:
        governing.change_settings(
            edit, {"manage_guardians": "off"}, district.id("schools", "A") if where == "school" else 0
        )
        families.add_guardian(edit, district.id("students", "S1"), DETAILS)
    _, plan = push(directory, written(roster(users + adults), tmp_path))
    assert plan.counts["guardians"]["created"] == plan.counts["guardianships"]["created"] == int(where == "school")
    with district.edit() as edit:
        governing.change_settings(edit, {"manage_guardians": None}, district.id("schools", "A"))
        governing.change_settings(edit, {"manage_guardians": None})
    push(directory, written(roster(users + adults), tmp_path))
    with district.edit() as edit:
        governing.change_settings(
            edit, {"manage_guardians": "off"}, district.id("schools", "A") if where == "school" else 0
        )
    _, plan = push(directory, written(roster(users), tmp_path))
    assert plan.counts["guardians"]["archived"] == int(where == "school") * 0
    assert plan.counts["guardianships"]["removed"] == 0
    assert district.row("guardians", "G1")["status"] == "active"


def test_rule_40_only_chosen_relationships_come_in(directory: Directory, tmp_path: Path) -> None:
    district = District(directory)
    guardians = (
        "studentSourcedId,sourcedId,givenName,familyName,email,sms,phone,relationship\n"
        "S1,G1,Ma,Ng,ma@example.org,,,Mother\nS1,G2,Em,Ng,em@example.org,,,Emergency\n"
    )
    with district.edit() as edit:
        governing.change_settings(edit, {"contact_relationships": "Father, mother"})
    files = {**roster(student("S1"), classroom("C1"), enrollment("C1", "S1")), "guardians.csv": guardians}
    _, plan = push(directory, written(files, tmp_path))
    assert (plan.counts["guardians"]["created"], plan.counts["guardianships"]["created"]) == (1, 1)
    assert district.row("guardians", "G1")["given_name"] == "Ma"


def test_rule_43_a_role_set_by_hand_is_kept(district: District, tmp_path: Path) -> None:
    with district.edit() as edit:
        people.set_role(edit, district.id("staff", "T1"), "counselor")
    assert listed(district, source(tmp_path)) == [("keep", "T1", "role", "counselor", "teacher")]
    district.sync(tmp_path, role="administrator")
    assert district.row("staff", "T1")["role"] == "counselor"


def test_rule_50_a_school_has_a_threshold_of_its_own(directory: Directory, tmp_path: Path) -> None:
    def files(count: int) -> Path:
        users = "".join(student(f"{s}{n:02}", s, given=f"N{n}") for s in "AB" for n in range(count))
        return written(roster(users), tmp_path)

    district = District(directory)
    push(directory, files(20))
    with district.edit() as edit:
        governing.change_settings(edit, {"threshold_percent": "100"})
        governing.change_settings(edit, {"school_threshold_percent": "50"}, district.id("schools", "A"))
    tripped = preview(directory, files(14)).tripped
    assert [(t.school, t.removed, t.limit, t.of) for t in tripped] == [("Burr", 6, 4, 20)]


@pytest.mark.parametrize("where", ["district", "school"])
def test_rule_51_students_who_reappear_are_restored_or_not(district: District, tmp_path: Path, where: str) -> None:
    users = student("S3", "B", given="Bo", family="Ash")
    gone = written(roster(users, classroom("C2", "B"), enrollment("C2", "S3", school="B")), tmp_path)
    push(district.directory, gone)
    assert district.row("students", "S1")["status"] == "archived"
    school = district.id("schools", "A") if where == "school" else 0
    with district.edit() as edit:
        governing.change_settings(edit, {"restore_students": "off"}, school)
    district.sync(tmp_path)
    assert district.row("students", "S1")["status"] == "archived"
    with district.edit() as edit:
        governing.change_settings(edit, {"restore_students": "on"}, school)
    district.sync(tmp_path)
    assert district.row("students", "S1")["status"] == "active"


def test_rule_64_a_school_without_its_sync_stays_as_it_is(district: District, tmp_path: Path) -> None:
    school = district.id("schools", "B")
    with district.edit() as edit:
        governing.switch_sync(edit, school, on=False)
        people.change_student(edit, district.id("students", "S3"), {"given_name": "Robert"})
        classrooms.add_student(edit, district.id("classrooms", "C2"), people.add_student(
            edit, school, {"given_name": "New", "family_name": "Kid"}))  # fmt: skip
    before = exported(district.directory, tmp_path)
    assert district.sync(tmp_path).empty
    # Neither its absence from the source nor the word that somebody left removes anything.
    only_a = roster(student("S1", given="Mei", family="Wu", guardians="G1"), classroom("C1"), enrollment("C1", "S1"))
    plan = push(district.directory, written(only_a, tmp_path), additions_only=False)[1]
    assert plan.counts["students"]["archived"] == 1
    assert district.row("students", "S3")["status"] == district.row("classrooms", "C2")["status"] == "active"
    assert [line for line in before["students.csv"].splitlines() if "Robert" in line]


def test_rule_65_switched_on_again_the_school_follows_the_source_and_says_what_it_overwrites(
    district: District, tmp_path: Path
) -> None:
    with district.edit() as edit:
        governing.switch_sync(edit, district.id("schools", "B"), on=False)
        people.change_student(edit, district.id("students", "S3"), {"given_name": "Robert"})
    with district.edit() as edit:
        governing.switch_sync(edit, district.id("schools", "B"), on=True)
    assert listed(district, source(tmp_path)) == [("overwrite", "S3", "given_name", "Robert", "Bo")]
    district.sync(tmp_path)
    assert district.row("students", "S3")["given_name"] == "Bo"
