"""The rules of accounts and shared contacts that a run must keep, by number (`rules.md`): real files are pushed."""

from __future__ import annotations

from pathlib import Path

import pytest

from rosterdesk import pipeline
from rosterdesk.directory import accounts, contacts, families, governing, joincodes, people
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.undo import undo
from rosterdesk.errors import FileError, NotAllowed
from rosterdesk.run import Run
from tests.directory.synced import District, source
from tests.rosters import adult, exported, preview, problems, push, roster, student, written

GIL = {"given_name": "Gil", "family_name": "Wu", "email": "gil@example.org"}


@pytest.fixture
def district(directory: Directory, tmp_path: Path) -> District:
    district = District(directory)
    district.sync(tmp_path)
    return district


def files(folder: Path, *adults: str, guardians: str = "G1") -> Path:
    return written(roster(student("S1", guardians=guardians) + "".join(adults)), folder)


def enabled(district: District, entity: str, sis_id: str) -> int:
    with district.edit() as edit:
        return accounts.enable(edit, entity, district.id(entity, sis_id))


def codes(district: District, folder: Path) -> set[str]:
    """The problems of a preview."""
    with pipeline.roster([folder], Run()) as made:
        pipeline.preview(made, district.directory)
        return {code for (code,) in made.staging.rows("select code from problems")}


def test_rule_44_who_is_the_same_shares_the_account_after_a_sync(directory: Directory, tmp_path: Path) -> None:
    district = District(directory)
    gil = adult("G1", "guardian", given="Gil", family="Wu", email="gil@example.org")
    push(directory, files(tmp_path, gil))
    account = enabled(district, "guardians", "G1")
    before = exported(directory, tmp_path)
    teacher = adult("T1", "teacher", given="Gil", family="Wu", email="gil@example.org")
    number, _ = push(directory, files(tmp_path, gil, teacher))
    assert district.row("staff", "T1")["account"] == account == district.row("guardians", "G1")["account"]
    again = files(tmp_path, gil, teacher.replace("gil@", "work@"))
    assert unchanged(directory, again)  # the teacher has signed in now, so the e-mail is their own business
    undo(directory, number)
    assert exported(directory, tmp_path) == before


def unchanged(directory: Directory, folder: Path, *, additions_only: bool = False) -> bool:
    return preview(directory, folder, additions_only=additions_only).empty


def test_rule_44_a_manual_person_shares_with_a_synced_one(district: District, tmp_path: Path) -> None:
    with district.edit() as edit:
        guardian = families.add_guardian(edit, district.id("students", "S1"), {**GIL, "email": "tom@example.org"})
        account = accounts.enable(edit, "guardians", guardian)
    teacher = adult("T8", "teacher", given="Gil", family="Wu", email="tom@example.org")
    push(district.directory, files(tmp_path, teacher), additions_only=True)
    assert district.row("staff", "T8")["account"] == account
    with district.edit() as edit:  # and by hand, who comes later, by whichever way
        a, s1 = district.id("schools", "A"), district.id("students", "S1")
        code = joincodes.give(edit, [district.id("students", "S3")])
        same = {**GIL, "email": "tom@example.org"}
        made = [("staff", people.add_staff(edit, a, same)), ("guardians", families.add_guardian(edit, s1, same))]
        contacts.change(edit, "guardians", guardian, {"phone": "+12025550199"})
        joined = joincodes.redeem(edit, next(iter(code.values())), {**same, "phone": "+12025550199"})
    assert [district.row(entity, record)["account"] for entity, record in made] == [account, account]
    assert district.row("guardians", guardian)["account"] == district.row("guardians", joined)["account"] != account


@pytest.mark.parametrize("active", [True, False])
def test_rule_45_who_differs_after_a_sync_has_an_account_of_their_own(
    directory: Directory, tmp_path: Path, active: bool
) -> None:
    district = District(directory)

    def both(guardian: str, teacher: str) -> Path:
        return files(
            tmp_path,
            adult("G1", "guardian", given="Gil", family="Wu", email=f"{guardian}@example.org"),
            adult("T1", "teacher", given="Gil", family="Wu", email=f"{teacher}@example.org"),
        )

    push(directory, both("gil", "gil"))
    account = enabled(district, "guardians", "G1")
    assert district.row("staff", "T1")["account"] == account
    with district.edit() as edit:
        governing.change_settings(edit, {"update_active_users": "on" if active else "off"})
    before = exported(directory, tmp_path)
    number, _ = push(directory, both("gil", "work"))
    assert district.row("guardians", "G1")["account"] == account
    assert (district.row("staff", "T1")["account"] != account) == active
    assert {row["state"] for row in district.links("accounts")} == {"active"}
    if not active:  # the sync leaves active people alone
        return
    together, _ = push(directory, both("work", "work"))
    assert district.row("guardians", "G1")["account"] == district.row("staff", "T1")["account"]
    push(directory, both("new", "new"))  # whoever changes together stays together
    assert district.row("guardians", "G1")["account"] == district.row("staff", "T1")["account"]
    undo(directory, together + 1)
    undo(directory, together)
    assert undo(directory, number).left == ()
    assert exported(directory, tmp_path) == before


def test_rule_45_two_who_part_at_once_keep_one_account_and_get_one(directory: Directory, tmp_path: Path) -> None:
    district = District(directory)

    def three(*emails: str) -> Path:
        return files(
            tmp_path,
            *(adult(f"G{n}", "guardian", given="Gil", family="Wu", email=e) for n, e in enumerate(emails, 1)),
            guardians="G1,G2,G3",
        )

    with district.edit() as edit:
        governing.change_settings(edit, {"update_active_users": "on"})
    push(directory, three("a@example.org", "a@example.org", "a@example.org"))
    account = enabled(district, "guardians", "G2")
    push(directory, three("b@example.org", "c@example.org", "c@example.org"))
    found = [district.row("guardians", f"G{n}")["account"] for n in (1, 2, 3)]
    assert found[0] == account
    assert found[1] == found[2] != account


def test_rule_45_a_first_sync_makes_no_accounts(district: District) -> None:
    assert district.links("accounts") == []
    assert {district.row("guardians", "G1")["account"], district.row("staff", "T1")["account"]} == {None}


def test_rule_47_by_hand_an_email_is_one_persons_only_where_it_is_so_set(district: District) -> None:
    student_, school = district.id("students", "S1"), district.id("schools", "A")
    other = {"given_name": "Aunt", "family_name": "Wu", "email": "GIL@example.org"}
    with district.edit() as edit:  # at first they may share
        aunt = families.add_guardian(edit, student_, other)
        governing.change_settings(edit, {"shared_contacts": "off"})
        code = joincodes.give(edit, [student_])[student_]
    refused = pytest.raises(NotAllowed, match="Somebody else has this e-mail already")
    with refused as error, district.edit() as edit:
        families.add_guardian(edit, student_, {**other, "given_name": "Uncle"})
    assert "district leader" in error.value.advice
    for entity, record in (("staff", district.id("staff", "T1")), ("guardians", aunt)):
        with district.edit() as edit:
            if not district.row(entity, record)["account"]:
                accounts.enable(edit, entity, record)
    with refused, district.edit() as edit:
        people.add_staff(edit, school, {**other, "given_name": "Uncle"})
    with refused, district.edit() as edit:
        joincodes.redeem(edit, code, {**other, "given_name": "Uncle"})
    with refused, district.edit() as edit:
        contacts.change(edit, "staff", district.id("staff", "T1"), {"email": "gil@example.org"})
    with district.edit() as edit:
        contacts.change(edit, "guardians", aunt, {"given_name": "Auntie"})  # what is shared already stays
        tom = {"given_name": "Tom", "family_name": "Lee", "email": "tom@example.org"}
        families.add_guardian(edit, student_, tom)  # the same person in another role
    with refused, district.edit() as edit:
        governing.change_settings(edit, {"phone_column": "phone"})
        families.add_guardian(edit, student_, {**GIL, "given_name": "Uncle"})
    with pytest.raises(Exception, match="setting of the whole district"), district.edit() as edit:
        governing.change_settings(edit, {"shared_contacts": "off"}, school)


def test_rule_47_a_sync_leaves_out_what_is_somebody_elses_and_lists_it(district: District, tmp_path: Path) -> None:
    shared = student("S1", guardians="G1,G8,G9") + adult("G1", "guardian", given="Gil", family="Wu", email=GIL["email"])
    uncle = adult("G8", "guardian", given="Uncle", family="Wu", email="Gil@example.org", sms="+12025550123")
    aunt = adult("G9", "guardian", given="Aunt", family="Wu", email="gil@example.org")
    same = adult("T9", "teacher", given="Gil", family="Wu", email="gil@example.org")
    folder = written(roster(shared + uncle + aunt + same), tmp_path)
    assert {"contact-taken", "no-own-contact"}.isdisjoint(codes(district, folder))  # at first they may share
    with district.edit() as edit:
        governing.change_settings(edit, {"shared_contacts": "off"})
    assert {"contact-taken", "no-own-contact"} <= codes(district, folder)
    push(district.directory, folder, additions_only=True)
    assert district.row("guardians", "G1")["email"] == district.row("staff", "T9")["email"] == "gil@example.org"
    assert (district.row("guardians", "G8")["email"], district.row("guardians", "G8")["sms"]) == (None, "+12025550123")
    with pytest.raises(Exception, match="No row was found"):
        district.id("guardians", "G9")
    assert unchanged(district.directory, folder, additions_only=True)
    own = written(roster(shared + uncle + aunt.replace("gil@", "aunt@") + same), tmp_path)
    push(district.directory, own, additions_only=True)
    assert district.row("guardians", "G9")["email"] == "aunt@example.org"
    assert [link["student"] for link in district.links("guardianships", guardian=district.id("guardians", "G9"))] == [
        district.id("students", "S1")
    ]


def test_rule_47_two_may_exchange_what_they_have_and_staff_go_first(district: District, tmp_path: Path) -> None:
    with district.edit() as edit:
        governing.change_settings(edit, {"shared_contacts": "off"})
        families.add_guardian(
            edit, district.id("students", "S1"), {"given_name": "Bo", "family_name": "Ray", "email": "bo@example.org"}
        )
    push(district.directory, source(tmp_path, gil="tom@example.org", tom="gil@example.org"))
    assert district.row("guardians", "G1")["email"] == "tom@example.org"
    assert district.row("staff", "T1")["email"] == "gil@example.org"
    push(district.directory, source(tmp_path, gil="new@example.org", tom="new@example.org"))
    assert district.row("guardians", "G1")["email"] == "tom@example.org"
    assert district.row("staff", "T1")["email"] == "new@example.org"
    push(district.directory, source(tmp_path, tom="Bo@example.org"))  # a manual guardian's
    assert district.row("staff", "T1")["email"] == "new@example.org"


@pytest.mark.parametrize("contact", [{"email": "g9@example.org"}, {"sms": "+12025550123"}])
def test_rule_29_a_guardian_who_loses_every_contact_keeps_what_is_known(
    directory: Directory, tmp_path: Path, contact: dict[str, str]
) -> None:
    district = District(directory)
    push(directory, files(tmp_path, adult("G1", "guardian", **{"email": "", **contact})))
    bare = files(tmp_path, adult("G1", "guardian", email=""))
    assert ("no-contact", "users", 3) in [
        (code, table.removesuffix(".csv"), row) for code, table, row in problems(bare)
    ]
    push(directory, bare)
    row = district.row("guardians", "G1")
    assert (row["status"], {name: row[name] for name in contact}) == ("active", contact)


def test_rule_44_a_push_that_was_stopped_can_be_pressed_again(directory: Directory, tmp_path: Path) -> None:
    district = District(directory)
    gil = adult("G1", "guardian", given="Gil", family="Wu", email="gil@example.org")
    push(directory, files(tmp_path, gil))
    account = enabled(district, "guardians", "G1")
    teacher = adult("T1", "teacher", given="Gil", family="Wu", email="gil@example.org")

    (tmp_path / "taken").write_text("a file of somebody else", "utf-8")
    with pipeline.roster([files(tmp_path, gil, teacher)], Run()) as made:
        plan = pipeline.preview(made, directory)
        with pytest.raises(FileError):
            pipeline.apply(made, plan, directory, outlet=tmp_path / "taken")
        pipeline.apply(made, plan, directory)
    assert district.row("staff", "T1")["account"] == account
