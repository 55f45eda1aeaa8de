"""The rules of a synced directory that need no run: what people may edit by hand, and what is refused, by number
(`rules.md`).
"""

from __future__ import annotations

import pytest

from rosterdesk.directory import accounts, classrooms, contacts, families, governing, joincodes, people
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.permissions import Permission
from rosterdesk.errors import NotAllowed, UsageError
from tests.directory.synced import District, somebody, synced

ROSTERING = Permission.ROSTERING_ADMINISTRATOR


@pytest.fixture
def district(directory: Directory) -> District:
    return synced(directory)


def test_rule_05_an_sis_id_makes_a_manual_classroom_synced(district: District) -> None:
    with district.edit() as edit:
        room = classrooms.create(edit, district.id("schools", "A"), "Chess")
    with district.edit() as edit:
        classrooms.adopt(edit, room, "C9")
    assert district.row("classrooms", room)["sis_id"] == "C9"
    with pytest.raises(UsageError, match="synced already"), district.edit() as edit:
        classrooms.adopt(edit, room, "C8")
    with district.edit() as edit:
        other = classrooms.create(edit, district.id("schools", "A"), "Go")
    with pytest.raises(UsageError, match="Another classroom has this SIS ID"), district.edit() as edit:
        classrooms.adopt(edit, other, "C1")


def test_rule_06_classrooms_are_created_beside_the_sync(district: District) -> None:
    school = district.id("schools", "A")
    with district.edit(somebody(ROSTERING, school)) as edit:
        room = classrooms.create(edit, school, " Chess ", grade="05")
    assert {"sis_id": None, "title": "Chess", "grade": "05", "status": "active"}.items() <= district.row(
        "classrooms", room
    ).items()
    with (
        pytest.raises(NotAllowed, match="manage the roster") as refused,
        district.edit(somebody(Permission.STAFF, school)) as edit,
    ):
        classrooms.create(edit, school, "Go")
    assert "a Rostering Administrator" in refused.value.advice


def test_rule_07_synced_students_are_assigned_to_manual_classrooms(district: District) -> None:
    school, student = district.id("schools", "A"), district.id("students", "S1")
    with district.edit() as edit:
        room = classrooms.create(edit, school, "Chess")
        classrooms.add_student(edit, room, student)
    assert [(e["person"], e["role"], e["synced"]) for e in district.links("enrollments", classroom=room)] == [
        (student, "student", 0)
    ]
    with pytest.raises(UsageError, match="already"), district.edit() as edit:
        classrooms.add_student(edit, room, student)
    with pytest.raises(UsageError, match="not in the classroom's school"), district.edit() as edit:
        classrooms.add_student(edit, room, district.id("students", "S3"))


def test_rule_08_teachers_are_assigned_to_manual_classrooms(district: District) -> None:
    with district.edit() as edit:
        room = classrooms.create(edit, district.id("schools", "A"), "Chess")
        classrooms.add_teacher(edit, room, district.id("staff", "T1"))
    assert [e["role"] for e in district.links("enrollments", classroom=room)] == ["teacher"]


def test_rule_09_a_synced_classroom_is_renamed(district: District) -> None:
    room = district.id("classrooms", "C1")
    with district.edit() as edit:
        classrooms.rename(edit, room, "Maths with Tom")
    assert district.row("classrooms", room)["title"] == "Maths with Tom"
    assert [(h["subject"], h["field"]) for h in district.links("hand_edits")] == [(room, "title")]
    teacher = somebody(Permission.STAFF, district.id("schools", "A"), "Tom", district.id("staff", "T1"))
    with district.edit(teacher) as edit:
        classrooms.rename(edit, room, "Maths")
    other = somebody(Permission.STAFF, district.id("schools", "A"), "Eve")
    with pytest.raises(NotAllowed, match="by its teachers"), district.edit(other) as edit:
        classrooms.rename(edit, room, "Nonsense")


def test_rule_10_co_teachers_are_added_to_a_synced_classroom(district: District) -> None:
    room, school = district.id("classrooms", "C1"), district.id("schools", "A")
    with district.edit() as edit:
        helper = people.add_staff(edit, school, {"given_name": "Co", "family_name": "Ray"}, "aide")
        classrooms.add_teacher(edit, room, helper)
    assert {(e["person"], e["synced"]) for e in district.links("enrollments", classroom=room, role="teacher")} == {
        (district.id("staff", "T1"), 1),
        (helper, 0),
    }
    with district.edit() as edit:
        classrooms.remove_person(edit, room, helper)
    with pytest.raises(NotAllowed, match="only the sync can take them out"), district.edit() as edit:
        classrooms.remove_person(edit, room, district.id("staff", "T1"))


def test_rule_11_no_student_is_assigned_by_hand_to_a_synced_classroom(district: District) -> None:
    room, student = district.id("classrooms", "C1"), district.id("students", "S1")
    with pytest.raises(NotAllowed, match="can't be assigned by hand to a synced classroom") as refused:
        _rename_and_assign(district, room, student)
    assert refused.value.advice == "Change it in the SIS, or make a manual classroom beside it."
    assert district.row("classrooms", room)["title"] == "Math"  # an edit is written wholly or not at all


def _rename_and_assign(district: District, room: int, student: int) -> None:
    with district.edit() as edit:
        classrooms.rename(edit, room, "never written")
        classrooms.add_student(edit, room, student)


def test_rule_15_who_archives_a_classroom(district: District) -> None:
    room, school = district.id("classrooms", "C1"), district.id("schools", "A")
    teacher = somebody(Permission.STAFF, school, "Tom", district.id("staff", "T1"))
    for person in (teacher, somebody(ROSTERING, school), somebody(Permission.DISTRICT_LEADER)):
        with district.edit(person) as edit:
            classrooms.archive(edit, room)
        assert district.row("classrooms", room)["status"] == "archived"
        with district.edit(person) as edit:
            classrooms.restore(edit, room)
    with (
        pytest.raises(NotAllowed, match="archived by its teachers") as refused,
        district.edit(somebody(Permission.STAFF, school, "Eve")) as edit,
    ):
        classrooms.archive(edit, room)
    assert "a Rostering Administrator" in refused.value.advice


def test_rule_17_no_student_is_added_by_hand_to_a_synced_school(district: District) -> None:
    with pytest.raises(NotAllowed, match="While the sync is on") as refused, district.edit() as edit:
        people.add_student(edit, district.id("schools", "A"), {"given_name": "New", "family_name": "Kid"})
    assert refused.value.advice == "Add the student in the SIS. A leader can switch the school's sync off."


def test_rule_18_without_a_sync_students_are_added_and_changed_by_hand(district: District) -> None:
    school = district.id("schools", "B")
    with district.edit() as edit:
        own = governing.add_school(edit, "Evening school")
        first = people.add_student(edit, own, {"given_name": "New", "family_name": "Kid"})
        governing.switch_sync(edit, school, on=False)
        people.add_student(edit, school, {"given_name": "New", "family_name": "Kid"})
        people.change_student(edit, district.id("students", "S3"), {"grade": "06"})
    assert district.row("students", first)["sis_id"] is None
    assert district.row("students", "S3")["grade"] == "06"


def test_rule_19_a_synced_students_account_is_enabled(district: District) -> None:
    student = district.id("students", "S1")
    with district.edit() as edit:
        account = accounts.enable(edit, "students", student)
    assert district.row("students", student)["account"] == account
    assert [a["state"] for a in district.links("accounts", id=account)] == ["active"]
    with pytest.raises(UsageError, match="enabled already"), district.edit() as edit:
        accounts.enable(edit, "students", student)


def test_rule_20_a_synced_student_is_not_archived_by_hand(district: District) -> None:
    with pytest.raises(NotAllowed, match="synced student can't be archived by hand"), district.edit() as edit:
        people.archive(edit, "students", [district.id("students", "S1")])
    with district.edit() as edit:
        school = governing.add_school(edit, "Evening school")
        manual = people.add_student(edit, school, {"given_name": "New", "family_name": "Kid"})
    everybody = [manual, *(district.id("students", name) for name in ("S1", "S2", "S3"))]
    with district.edit() as edit:
        assert people.archive(edit, "students", everybody) == (1, 3)
    assert [district.row("students", s)["status"] for s in everybody] == ["archived", "active", "active", "active"]


def test_rule_21_a_manual_student_is_archived_and_restored(district: District) -> None:
    with district.edit() as edit:
        school = governing.add_school(edit, "Evening school")
        room = classrooms.create(edit, school, "Chess")
        student = people.add_student(edit, school, {"given_name": "New", "family_name": "Kid"})
        classrooms.add_student(edit, room, student)
        people.archive(edit, "students", [student])
    assert len(district.links("enrollments", person=student)) == 1  # rule 23: they stay in their classrooms
    with district.edit() as edit:
        people.restore(edit, "students", student)
    assert district.row("students", student)["status"] == "active"


def test_rule_22_only_an_archived_student_is_removed_from_the_school(district: District) -> None:
    with district.edit() as edit:
        school = governing.add_school(edit, "Evening school")
        student = people.add_student(edit, school, {"given_name": "New", "family_name": "Kid"})
        families.add_guardian(edit, student, {"given_name": "Old", "family_name": "Kid", "email": "k@example.org"})
    with pytest.raises(NotAllowed, match="Only an archived student"), district.edit() as edit:
        people.remove_from_school(edit, student)
    with district.edit() as edit:
        people.archive(edit, "students", [student])
        people.remove_from_school(edit, student)
    assert (district.row("students", student)["school"], district.links("guardianships", student=student)) == (None, [])


def test_rule_25_a_synced_students_details_follow_the_sis(district: District) -> None:
    with pytest.raises(NotAllowed, match="details follow the SIS"), district.edit() as edit:
        people.change_student(edit, district.id("students", "S1"), {"grade": "06"})


def test_rule_26_leaders_add_guardians_to_synced_students(district: District) -> None:
    school, student = district.id("schools", "A"), district.id("students", "S1")
    for leader in (somebody(Permission.SCHOOL_LEADER, school), somebody(Permission.DISTRICT_LEADER)):
        with district.edit(leader) as edit:
            details = {"given_name": "Aunt", "family_name": "Wu", "sms": "+12025550123"}
            guardian = families.add_guardian(edit, student, details, "aunt")
        assert district.row("guardians", guardian)["sis_id"] is None
        assert [(g["relationship"], g["synced"]) for g in district.links("guardianships", guardian=guardian)] == [
            ("aunt", 0)
        ]
    with district.edit() as edit:
        families.link_guardian(edit, district.id("students", "S3"), guardian)
    with pytest.raises(NotAllowed, match="The sync manages this guardian"), district.edit() as edit:
        families.remove_guardian(edit, student, district.id("guardians", "G1"))
    with district.edit() as edit:
        families.remove_guardian(edit, student, guardian)


@pytest.mark.parametrize(
    ("value", "leader", "staff", "refusal"),
    [
        ("nobody", False, False, "In this school nobody manages guardians by hand."),
        ("leaders", True, False, "In this school guardians are managed by its leaders and the district's."),
        ("staff", True, True, ""),
    ],
)
def test_rule_27_who_manages_guardians_is_a_setting(
    district: District, value: str, leader: bool, staff: bool, refusal: str
) -> None:
    school, student = district.id("schools", "A"), district.id("students", "S1")
    with district.edit() as edit:
        governing.change_settings(edit, {"guardians_by_hand": value}, school)
    for permission, may in ((Permission.SCHOOL_LEADER, leader), (Permission.STAFF, staff)):
        details = {"given_name": "Aunt", "family_name": "Wu", "email": "aunt@example.org"}
        if may:
            with district.edit(somebody(permission, school)) as edit:
                families.add_guardian(edit, student, details)
        else:
            with pytest.raises(NotAllowed) as refused, district.edit(somebody(permission, school)) as edit:
                families.add_guardian(edit, student, details)
            assert refused.value.title == refusal


def test_rule_28_a_guardian_needs_a_usable_contact(district: District) -> None:
    student = district.id("students", "S1")
    with pytest.raises(NotAllowed, match="needs an e-mail or a mobile number"), district.edit() as edit:
        families.add_guardian(edit, student, {"given_name": "Aunt", "family_name": "Wu", "phone": "+12025550123"})
    with district.edit() as edit:  # with the setting, the other column is the one to sign in with
        governing.change_settings(edit, {"phone_column": "phone"})
        families.add_guardian(edit, student, {"given_name": "Aunt", "family_name": "Wu", "phone": "+12025550123"})


def test_rule_30_a_family_joins_with_the_students_code(district: District) -> None:
    school, student = district.id("schools", "A"), district.id("students", "S1")
    with district.edit(somebody(Permission.STAFF, school)) as edit:
        code = joincodes.give(edit, [student])[student]
    typed = f"{code[:4].lower()}-{code[4:]}"
    details = {"given_name": "Aunt", "family_name": "Wu", "email": "aunt@example.org"}
    with district.edit() as edit:
        guardian = joincodes.redeem(edit, typed, details, "aunt")
    assert district.row("guardians", guardian)["sis_id"] is None
    assert [g["synced"] for g in district.links("guardianships", guardian=guardian)] == [0]
    with pytest.raises(UsageError, match="guardian already"), district.edit() as edit:
        joincodes.redeem(edit, code, details)
    with pytest.raises(NotAllowed, match="needs an e-mail"), district.edit() as edit:
        joincodes.redeem(edit, code, {"given_name": "Old", "family_name": "Wu", "phone": "+12025550123"})


def test_rule_31_a_join_code_is_one_students_own(district: District) -> None:
    first, second = district.id("students", "S1"), district.id("students", "S3")
    with district.edit() as edit:
        codes = joincodes.give(edit, [first, second])
        assert joincodes.give(edit, [first]) == {first: codes[first]}
        assert joincodes.without_guardian(edit) == [second]
    assert codes[first] != codes[second]
    with district.edit() as edit:
        new = joincodes.give(edit, [first], anew=True)[first]
    details = {"given_name": "Aunt", "family_name": "Wu", "email": "aunt@example.org"}
    with pytest.raises(UsageError, match="no such code"), district.edit() as edit:
        joincodes.redeem(edit, codes[first], details)
    with district.edit() as edit:  # and the same person gets the second child, not a second record
        aunt = joincodes.redeem(edit, new, details)
        assert joincodes.redeem(edit, codes[second], details) == aunt


@pytest.mark.parametrize(("entity", "sis_id"), [("guardians", "G1"), ("staff", "T1")])
def test_rule_32_an_invitees_details_are_the_syncs(district: District, entity: str, sis_id: str) -> None:
    record = district.id(entity, sis_id)
    with pytest.raises(NotAllowed, match="an invitee's contact details always follow the SIS"), district.edit() as edit:
        contacts.change(edit, entity, record, {"email": "other@example.org"})


@pytest.mark.parametrize(("entity", "sis_id"), [("guardians", "G1"), ("staff", "T1")])
def test_rule_33_active_users_are_edited_by_users_managers(district: District, entity: str, sis_id: str) -> None:
    record, school = district.id(entity, sis_id), district.id("schools", "A")
    with district.edit() as edit:
        accounts.enable(edit, entity, record)
    with district.edit(somebody(Permission.USERS_MANAGER, school)) as edit:
        contacts.change(edit, entity, record, {"email": " other@example.org ", "phone": ""})
    assert district.row(entity, record)["email"] == "other@example.org"
    assert [h["field"] for h in district.links("hand_edits", subject=record)] == ["email"]
    with (
        pytest.raises(NotAllowed, match="changed by themselves and by a Users Manager") as refused,
        district.edit(somebody(ROSTERING, school)) as edit,
    ):
        contacts.change(edit, entity, record, {"email": "x@example.org"})
    assert refused.value.advice == "Ask a Users Manager or the person themselves."


@pytest.mark.parametrize(("entity", "sis_id"), [("guardians", "G1"), ("staff", "T1")])
def test_rule_34_with_the_setting_only_the_sync_changes_details(district: District, entity: str, sis_id: str) -> None:
    record = district.id(entity, sis_id)
    with district.edit() as edit:
        accounts.enable(edit, entity, record)
        governing.change_settings(edit, {"update_active_users": "on"}, district.id("schools", "A"))
    with (
        pytest.raises(NotAllowed, match="Only the sync changes contact details here") as refused,
        district.edit() as edit,
    ):
        contacts.change(edit, entity, record, {"email": "other@example.org"})
    assert "update_active_users" in refused.value.advice


def test_rule_35_active_people_edit_themselves(district: District) -> None:
    guardian = district.id("guardians", "G1")
    gil = somebody(Permission.PERSON, district.id("schools", "A"), "Gil", guardian)
    with pytest.raises(NotAllowed, match="not signed in yet"), district.edit(gil) as edit:
        contacts.change(edit, "guardians", guardian, {"email": "new@example.org"})
    with district.edit() as edit:
        accounts.enable(edit, "guardians", guardian)
    with district.edit(gil) as edit:
        contacts.change(edit, "guardians", guardian, {"email": "new@example.org"})
    assert district.row("guardians", guardian)["email"] == "new@example.org"
    with pytest.raises(NotAllowed, match="needs an e-mail or a mobile number"), district.edit(gil) as edit:
        contacts.change(edit, "guardians", guardian, {"email": None})


def test_rule_36_manual_people_are_edited_by_those_who_manage_the_roster(district: District) -> None:
    school = district.id("schools", "A")
    with district.edit() as edit:
        teacher = people.add_staff(edit, school, {"given_name": "Co", "family_name": "Ray"})
    with district.edit(somebody(ROSTERING, school)) as edit:
        contacts.change(edit, "staff", teacher, {"email": "co@example.org"})
    assert district.row("staff", teacher)["email"] == "co@example.org"
    assert district.links("hand_edits") == []  # a manual record is a person's anyway


def test_rule_41_staff_are_added_to_schools_and_their_classrooms(district: District) -> None:
    a, b, teacher = district.id("schools", "A"), district.id("schools", "B"), district.id("staff", "T1")
    with pytest.raises(UsageError, match="not in the classroom's school"), district.edit() as edit:
        classrooms.add_teacher(edit, district.id("classrooms", "C2"), teacher)
    with district.edit() as edit:
        people.add_to_school(edit, teacher, b)
        classrooms.add_teacher(edit, district.id("classrooms", "C2"), teacher)
        new = people.add_staff(edit, a, {"given_name": "Co", "family_name": "Ray", "email": "co@example.org"})
    assert [o["school"] for o in district.links("other_schools", person=teacher)] == [b]
    assert district.row("staff", new)["role"] == "teacher"


def test_rule_44_the_same_person_shares_one_account(district: District) -> None:
    a = district.id("schools", "A")
    details = {"given_name": "Gil", "family_name": "Wu", "email": "gil@example.org"}
    with district.edit() as edit:
        teacher = people.add_staff(edit, a, details)
        account = accounts.enable(edit, "guardians", district.id("guardians", "G1"))
    assert district.row("staff", teacher)["account"] == account == district.row("guardians", "G1")["account"]


@pytest.mark.parametrize(
    "other", [{"email": "gil2@example.org"}, {"given_name": "Gill"}, {"sms": "+12025550123"}, {"phone": "+12025550123"}]
)
def test_rule_45_whoever_differs_has_another_account(district: District, other: dict[str, str]) -> None:
    details = {"given_name": "Gil", "family_name": "Wu", "email": "gil@example.org"}
    with district.edit() as edit:
        teacher = people.add_staff(edit, district.id("schools", "A"), {**details, **other})
        account = accounts.enable(edit, "guardians", district.id("guardians", "G1"))
        assert accounts.enable(edit, "staff", teacher) != account
    with district.edit() as edit:  # and who becomes the same joins, who becomes different leaves
        contacts.change(edit, "staff", teacher, {"sms": None, "phone": None, **details})
    assert district.row("staff", teacher)["account"] == account
    with district.edit() as edit:
        contacts.change(edit, "staff", teacher, {"email": "work@example.org"})
    assert district.row("staff", teacher)["account"] != district.row("guardians", "G1")["account"] == account


def test_rule_46_a_home_phone_is_no_way_to_sign_in(district: District) -> None:
    with district.edit() as edit:
        details = {"given_name": "Co", "family_name": "Ray", "phone": "+12025550123"}
        teacher = people.add_staff(edit, district.id("schools", "A"), details)
    with pytest.raises(NotAllowed, match="a home phone is none"), district.edit() as edit:
        accounts.enable(edit, "staff", teacher)
