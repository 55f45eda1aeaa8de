"""The rules about who is at the keyboard, what is remembered of an edit, and edits at the same time (`rules.md`)."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest

from rosterdesk.directory import accounts, classrooms, contacts, families, governing, people, permissions
from rosterdesk.directory.edit import editing
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.explained import EXPLAINED
from rosterdesk.directory.export import export
from rosterdesk.directory.history import Kind, list_changes, list_runs
from rosterdesk.directory.load import import_
from rosterdesk.directory.permissions import Permission
from rosterdesk.directory.settings import Settings, effect
from rosterdesk.directory.undo import undo
from rosterdesk.errors import DirectoryBusy, DirectoryChanged, NotAllowed, UsageError
from tests.directory.conftest import Place
from tests.directory.filling import exported
from tests.directory.synced import District, somebody, synced

HERE = Path(__file__).parent


@pytest.fixture
def district(directory: Directory) -> District:
    return synced(directory)


def test_rule_52_permissions_are_changed_by_a_permissions_administrator(district: District) -> None:
    school = district.id("schools", "A")
    administrator = somebody(Permission.PERMISSIONS_ADMINISTRATOR, school)
    with district.edit(administrator) as edit:
        governing.grant(edit, "bob", Permission.ROSTERING_ADMINISTRATOR, school)
        bob = governing.somebody(edit, "bob")
    with district.edit(bob) as edit:
        classrooms.create(edit, school, "Chess")
    refused = (
        (bob, Permission.USERS_MANAGER, school, "changed by a Permissions Administrator"),
        (administrator, Permission.USERS_MANAGER, 0, "changed by a Permissions Administrator"),
        (somebody(Permission.PERMISSIONS_ADMINISTRATOR), Permission.DISTRICT_LEADER, 0, "named by another one"),
        (None, Permission.OWNER, 0, "decided where it is kept"),
    )
    for person, permission, place, message in refused:
        with pytest.raises(NotAllowed, match=message), district.edit(person) as edit:
            governing.grant(edit, "eve", permission, place)
    for record in (district.id("staff", "T2"), 10**9):  # nor lets anybody see who is not theirs to see
        with pytest.raises(UsageError, match="in your schools"), district.edit(administrator) as edit:
            governing.grant(edit, "eve", Permission.PERSON, school, record)
    with district.edit(administrator) as edit:
        governing.revoke(edit, "bob", Permission.ROSTERING_ADMINISTRATOR, school)
        bob = governing.somebody(edit, "bob")
    with pytest.raises(UsageError, match="in your schools"), district.edit(bob) as edit:
        classrooms.create(edit, school, "Go")


def test_rule_53_jobs_are_set_by_a_rostering_administrator(district: District) -> None:
    school, teacher = district.id("schools", "A"), district.id("staff", "T1")
    with pytest.raises(NotAllowed, match="Jobs are set"), district.edit(somebody(Permission.STAFF, school)) as edit:
        people.set_role(edit, teacher, "principal")
    with district.edit(somebody(Permission.ROSTERING_ADMINISTRATOR, school)) as edit:
        people.set_role(edit, teacher, "principal")
    assert district.row("staff", teacher)["role"] == "principal"


def test_rule_56_family_access_manages_families_where_all_staff_may(district: District) -> None:
    school, student = district.id("schools", "A"), district.id("students", "S1")
    with district.edit() as edit:
        governing.change_settings(edit, {"guardians_by_hand": "staff"}, school)
    details = {"given_name": "Aunt", "family_name": "Wu", "email": "aunt@example.org"}
    with district.edit(somebody(Permission.FAMILY_ACCESS, school)) as edit:
        families.add_guardian(edit, student, details)


def test_rule_57_a_schools_person_neither_sees_nor_changes_other_schools_records(district: District) -> None:
    a, b = district.id("schools", "A"), district.id("schools", "B")
    ann = somebody(Permission.SCHOOL_LEADER, a)
    others = {
        "schools": b,
        "classrooms": district.id("classrooms", "C2"),
        "students": district.id("students", "S3"),
        "staff": district.id("staff", "T2"),
    }
    with district.edit() as edit:
        others["guardians"] = families.add_guardian(
            edit, others["students"], {"given_name": "Bo", "family_name": "Sr", "email": "b@example.org"}
        )
    for entity, record in others.items():
        with pytest.raises(UsageError, match=rf"There is no .* #{record} in your schools"), district.edit(ann) as edit:
            edit.get(entity, record)
    with pytest.raises(UsageError, match="in your schools"), district.edit(ann) as edit:
        classrooms.add_teacher(edit, district.id("classrooms", "C1"), others["staff"])
    with pytest.raises(UsageError, match="in your schools"), district.edit(ann) as edit:
        governing.change_settings(edit, {"manage_guardians": "off"}, b)
    with pytest.raises(NotAllowed, match="Settings of the district"), district.edit(ann) as edit:
        governing.change_settings(edit, {"manage_guardians": "off"})
    nobody = permissions.Person("nobody")
    with pytest.raises(UsageError, match="in your schools"), district.edit(nobody) as edit:
        edit.get("students", district.id("students", "S1"))


def test_rule_58_the_owner_is_at_the_keyboard_unless_somebody_else_is_named(district: District) -> None:
    school = district.id("schools", "A")
    with editing(district.directory, "adding a classroom", "term begins") as edit:
        assert edit.person.owner
        governing.grant(edit, "bob", Permission.STAFF, school)
    with editing(district.directory, "trying", "term begins", acting_as="bob") as edit:
        assert edit.person.granted == {(Permission.STAFF, school)}
        assert re.fullmatch(r"bob \(by .+\)", edit.person.who)


def test_rule_59_every_change_records_who_when_why_before_and_after(district: District) -> None:
    room = district.id("classrooms", "C1")
    with editing(district.directory, "renaming a classroom", " asked by Tom ", person=somebody(
        Permission.DISTRICT_LEADER)) as edit:  # fmt: skip
        classrooms.rename(edit, room, "Maths")
    with district.directory.read() as conn:
        last = list_runs(conn, 1, limit=1)[0]
        changes = [change for _, change in list_changes(conn, 1, last.number)]
    assert (last.kind, last.who, last.why, last.source) == (Kind.EDIT, "Ann", "asked by Tom", "renaming a classroom")
    assert last.started <= (last.finished or "")
    assert last.counts == {"classrooms": {"updated": 1}}
    assert [(c.entity, c.action, c.before, c.after) for c in changes] == [
        ("classrooms", "update", {"title": "Math"}, {"title": "Maths"})
    ]
    with pytest.raises(UsageError, match="An edit needs a reason"), editing(district.directory, "x", " "):
        pass


def test_rule_60_every_edit_can_be_taken_back(district: District, tmp_path: Path) -> None:
    a, b = district.id("schools", "A"), district.id("schools", "B")
    s1, t1, g1 = district.id("students", "S1"), district.id("staff", "T1"), district.id("guardians", "G1")
    c1, c2 = district.id("classrooms", "C1"), district.id("classrooms", "C2")
    steps = [
        lambda e: classrooms.rename(e, c1, "One"),
        lambda e: classrooms.rename(e, c1, "Two"),
        lambda e: classrooms.archive(e, c1),
        lambda e: classrooms.restore(e, c1),
        lambda e: classrooms.add_student(e, classrooms.create(e, a, "Chess"), s1),
        lambda e: people.set_role(e, t1, "aide"),
        lambda e: people.add_to_school(e, t1, b),
        lambda e: classrooms.add_teacher(e, c2, t1),
        lambda e: classrooms.remove_person(e, c2, t1),
        lambda e: accounts.enable(e, "guardians", g1),
        lambda e: contacts.change(e, "guardians", g1, {"email": "one@example.org"}),
        lambda e: contacts.change(e, "guardians", g1, {"email": "two@example.org", "language": "es"}),
        lambda e: accounts.enable(e, "students", s1),
        lambda e: governing.change_settings(e, {"update_active_users": "on", "threshold_percent": "5"}),
        lambda e: governing.change_settings(e, {"update_active_users": None}),
        lambda e: governing.grant(e, "bob", Permission.STAFF, a, t1),
        lambda e: governing.revoke(e, "bob", Permission.STAFF, a),
        lambda e: governing.switch_sync(e, b, on=False),
        lambda e: people.add_student(e, b, {"given_name": "New", "family_name": "Kid"}),
    ]
    states = [exported(district.directory, tmp_path / "x")]
    for step in steps:
        with district.edit() as edit:
            step(edit)
        states.append(exported(district.directory, tmp_path / "x"))
    for number in range(len(steps) + 1, 1, -1):
        assert exported(district.directory, tmp_path / "x") == states.pop()
        assert undo(district.directory, number).left == ()
        assert exported(district.directory, tmp_path / "x") == states[-1]


def test_rule_61_an_edit_during_a_run_waits_or_is_refused(district: District, place: Place) -> None:
    school = district.id("schools", "A")
    with (
        place.open(patience=0.3) as other,
        district.directory.transaction("pushing a roster"),
        pytest.raises(DirectoryBusy, match="pushing a roster"),
        editing(other, "x", "y") as edit,
    ):
        classrooms.create(edit, school, "never")
    begun, done = threading.Event(), threading.Event()

    def later() -> None:
        begun.set()
        with place.open() as patient, editing(patient, "waiting", "why not") as edit:
            classrooms.create(edit, school, "Chess")
        done.set()

    with district.directory.transaction("pushing a roster"):
        thread = threading.Thread(target=later)
        thread.start()
        assert begun.wait(30)
        assert not done.is_set()
    thread.join(30)
    assert done.is_set()


def test_rule_62_the_second_of_two_people_sees_the_firsts_change(district: District) -> None:
    room, student = district.id("classrooms", "C1"), district.id("students", "S1")
    with district.directory.read() as conn:
        seen = list_runs(conn, 1, limit=1)[0].number
    with district.edit(somebody(Permission.DISTRICT_LEADER, who="Ann")) as edit:
        classrooms.rename(edit, room, "Ann's")
    bob = somebody(Permission.DISTRICT_LEADER, who="Bob")
    changed = pytest.raises(DirectoryChanged, match="Ann has changed this classroom meanwhile")
    with changed as refused, district.edit(bob, since=seen) as edit:
        classrooms.rename(edit, room, "Bob's")
    assert "decide whether you still want your change" in refused.value.advice
    with district.edit(bob, since=seen) as edit:  # what Ann did not touch is free
        accounts.enable(edit, "students", student)
    with district.edit(bob, since=seen + 2) as edit:
        classrooms.rename(edit, room, "Bob's")
    assert district.row("classrooms", room)["title"] == "Bob's"
    with district.edit(somebody(Permission.DISTRICT_LEADER, who="Ann")) as edit:
        governing.change_settings(edit, {"manage_guardians": "off"})
        number = edit.run
    changed = pytest.raises(DirectoryChanged, match="Ann has changed the setting manage_guardians meanwhile")
    with changed, district.edit(bob, since=number - 1) as edit:
        governing.change_settings(edit, {"update_language": "on", "manage_guardians": "on"})
    with district.edit(bob, since=number - 1) as edit:
        governing.change_settings(edit, {"update_language": "on"})


def test_rule_63_an_edit_that_changes_nothing_is_no_run(district: District) -> None:
    before = district.directory.generation
    with district.edit() as edit:
        classrooms.rename(edit, district.id("classrooms", "C1"), "Math")
    assert district.directory.generation == before


def test_rule_66_every_setting_explains_what_it_does() -> None:
    assert set(EXPLAINED) == set(Settings.__dataclass_fields__)
    for name in EXPLAINED:
        assert effect(name, True).endswith(".")
    assert effect("update_active_users", False) != effect("update_active_users", True)


def test_rule_67_what_people_own_is_exported_and_imported(district: District, place: Place, tmp_path: Path) -> None:
    with district.edit() as edit:
        a, teacher = district.id("schools", "A"), district.id("staff", "T1")
        governing.grant(edit, "bob", Permission.STAFF, a, teacher)
        governing.grant(edit, "eve", Permission.DISTRICT_LEADER)
        classrooms.rename(edit, district.id("classrooms", "C1"), "Maths")
        accounts.enable(edit, "students", district.id("students", "S1"))
        governing.change_settings(edit, {"contact_relationships": "mother, father"})
    before = exported(district.directory, tmp_path / "x")
    assert before["hand_edits.csv"].decode() == "entity,sis_id,id,field\nclassrooms,C1,,title\n"
    assert before["grants.csv"].decode().splitlines()[1:] == [
        "bob,staff,A,,staff,T1,", "eve,district_leader,,,,,"
    ]  # fmt: skip
    export(district.directory, tmp_path / "files")
    with place.other().open() as other:
        number = import_(other, tmp_path / "files")
        assert exported(other, tmp_path / "y") == before
        undo(other, number)
        assert all(text.count(b"\n") == 1 for text in exported(other, tmp_path / "y").values())


def test_every_rule_of_the_table_has_a_test_of_its_number() -> None:
    named = {
        int(n) for file in HERE.glob("test_rules*.py") for n in re.findall(r"def test_rule_(\d+)_", file.read_text())
    }
    tabled = {}
    for line in (HERE / "rules.md").read_text(encoding="utf-8").splitlines():
        if found := re.match(r"\| (\d+) \|.*\| ([^|]*) \|$", line):
            tabled[int(found[1])] = found[2].strip()
    assert sorted(tabled) == list(range(1, len(tabled) + 1))
    assert named == {number for number, where in tabled.items() if where == "here"}
    for where in {where for where in tabled.values() if where.startswith("tests/")}:
        file, _, name = where.partition("::")
        assert f"def {name}(" in (HERE.parent.parent / file).read_text(encoding="utf-8"), where
