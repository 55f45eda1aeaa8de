"""The rules of who sees and does what in which school, by number (`rules.md`), for all that looks things up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from rosterdesk import pipeline
from rosterdesk.directory import archived, browse, classrooms, contacts, families, governing, people, report, reportfile
from rosterdesk.directory.edit import editing
from rosterdesk.directory.engine import Directory, open_directory
from rosterdesk.directory.export import export
from rosterdesk.directory.history import get_run, list_changes, list_created, list_runs, record_history
from rosterdesk.directory.holds import discard
from rosterdesk.directory.load import import_
from rosterdesk.directory.permissions import Permission, list_grants
from rosterdesk.directory.schema import RECORDS
from rosterdesk.directory.undo import undo
from rosterdesk.errors import NotAllowed, UsageError
from rosterdesk.run import Run
from tests.directory.conftest import Place
from tests.directory.filling import exported
from tests.directory.synced import District, source, synced
from tests.rosters import push

WHOLE = "of the whole district"


@pytest.fixture
def district(directory: Directory) -> District:
    district = synced(directory)
    with district.edit() as edit:  # run 2: a family with a child in each school, and a classroom of school B
        families.link_guardian(edit, district.id("students", "S3"), district.id("guardians", "G1"))
        classrooms.create(edit, district.id("schools", "B"), "Choir")
    return district


@contextmanager
def acting(district: District, place: Place, permission: Permission, school: str = "A") -> Iterator[Directory]:
    """The directory in the hands of bob, who has one permission."""
    with district.edit() as edit:
        governing.grant(edit, "bob", permission, district.id("schools", school) if school else 0)
    with place.open(acting_as="bob") as directory:
        yield directory


def names(directory: Directory) -> dict[str, list[str]]:
    """Every record that browsing shows, by kind."""
    found = {}
    with directory.read() as conn:
        for entity in RECORDS:
            ids = [*browse.find(conn, 1, entity), *browse.find(conn, 1, entity, which=browse.Which.ARCHIVED)]
            found[entity] = sorted(row[1] for row in browse.rows(conn, 1, entity, ids))
    return found


def test_rule_73_browsing_and_searching_show_ones_own_schools(district: District, place: Place) -> None:
    s3, c2 = district.id("students", "S3"), district.id("classrooms", "C2")
    with acting(district, place, Permission.STAFF) as mine, mine.read() as conn:
        assert names(mine) == {
            "schools": ["A"],
            "classrooms": ["Math"],
            "students": ["Wu, Mei", "Wu, Sol"],
            "staff": ["Lee, Tom"],
            "guardians": ["Wu, Gil"],
        }
        assert [name for _, name, _ in browse.list_schools(conn, 1)] == ["A"]
        assert browse.count(conn, 1, "students")[browse.Which.ACTIVE] == 2
        assert list(browse.find(conn, 1, "students", words="Ash")) == []
        assert list(browse.find(conn, 1, "students", school=district.id("schools", "B"))) == []
        assert browse.rows(conn, 1, "students", [s3]) == []
        assert browse.record(conn, 1, "students", s3) is None
        gil = browse.record(conn, 1, "guardians", district.id("guardians", "G1"))
        assert gil is not None
        assert [child.name for child in gil.linked] == ["Wu, Mei", "Wu, Sol"]  # not the child of the other school
        assert browse.record(conn, 1, "classrooms", c2) is None
    with district.edit() as edit:  # who comes to the school is seen there
        people.add_to_school(edit, district.id("staff", "T2"), district.id("schools", "A"))
    with place.open(acting_as="bob") as mine:
        assert names(mine)["staff"] == ["Fox, Tim", "Lee, Tom"]


def test_rule_73_archived_records_too(district: District, place: Place) -> None:
    with district.edit() as edit:
        for room in ("C1", "C2"):
            classrooms.archive(edit, district.id("classrooms", room))
    with acting(district, place, Permission.FAMILY_ACCESS) as mine, mine.read() as conn:
        assert [row[2] for row in archived.rows(conn, 1, archived.find(conn, 1))] == ["Math"]
        assert archived.rows(conn, 1, [district.id("classrooms", "C2")]) == []


def test_rule_73_history_and_reports_too(district: District, place: Place, tmp_path: Path) -> None:
    with district.edit() as edit:  # run 3, of both schools
        for room in ("C1", "C2"):
            classrooms.rename(edit, district.id("classrooms", room), f"New {room}")
    with district.edit() as edit:  # run 4, of the other school
        classrooms.rename(edit, district.id("classrooms", "C2"), "Newer")
    with acting(district, place, Permission.SCHOOL_LEADER) as mine, mine.read() as conn:
        assert [run.number for run in list_runs(conn, 1)] == [3, 1]
        with pytest.raises(UsageError, match="There is no run 4"):
            get_run(conn, 1, 4)
        assert [change.after for _, change in list_changes(conn, 1, 3)] == [{"title": "New C1"}]
        assert list_changes(conn, 1, 4) == []
        created = {change.record for change in list_created(conn, 1, 1)}
        assert district.id("students", "S1") in created
        assert district.id("students", "S3") not in created
        assert record_history(conn, 1, "classrooms", district.id("classrooms", "C2")) == []
        assert len(record_history(conn, 1, "classrooms", district.id("classrooms", "C1"))) == 2
        assert report.count(conn, 1, 3) == {"update": 1}
        assert report.count(conn, 1, 1)["create"] == 6
        numbers = report.find(conn, 1, 3)
        assert [entry.sis_id for entry in report.entries(conn, 1, 3, numbers)] == ["C1"]
        stolen = [number for number, _ in list_all(district, 3)]
        assert [entry.sis_id for entry in report.entries(conn, 1, 3, stolen)] == ["C1"]
        assert report.by_school(conn, 1, 3) == {"A": {"update": 1}}
        assert reportfile.write(conn, 1, get_run(conn, 1, 3), tmp_path / "report.csv", Run()) == 1
        assert "New C2" not in (tmp_path / "report.csv").read_text(encoding="utf-8-sig")


def list_all(district: District, run: int) -> list[tuple[int, object]]:
    with district.directory.read() as conn:
        return list(list_changes(conn, 1, run))


def test_rule_73_who_may_what_is_told_of_ones_own_schools(district: District, place: Place) -> None:
    with district.edit() as edit:
        governing.grant(edit, "eve", Permission.STAFF, district.id("schools", "B"))
    with acting(district, place, Permission.STAFF) as mine, mine.read() as conn:
        assert list_grants(conn, 1) == [("bob", "staff", "A")]
    with district.directory.read() as conn:
        assert len(list_grants(conn, 1)) == 2


@pytest.mark.parametrize("permission", [Permission.DISTRICT_LEADER, Permission.STAFF, Permission.FAMILY_ACCESS])
def test_rule_74_whoever_belongs_to_the_district_sees_everything(
    district: District, place: Place, permission: Permission
) -> None:
    everything = names(district.directory)
    with acting(district, place, permission, school="") as mine:
        assert names(mine) == everything


def test_rule_75_without_a_permission_nobody_looks_around(district: District, place: Place) -> None:
    looks: list[Callable[[sa.Connection], object]] = [
        lambda conn: browse.find(conn, 1, "students"),
        lambda conn: browse.list_schools(conn, 1),
        lambda conn: archived.find(conn, 1),
        lambda conn: list_runs(conn, 1),
        lambda conn: report.count(conn, 1, 1),
    ]
    with place.open(acting_as="eve") as hers, hers.read() as conn:
        for look in looks:
            with pytest.raises(NotAllowed, match=r"Nobody has given eve .* a permission") as refused:
                look(conn)
            assert "Permissions Administrator" in refused.value.advice


def test_rule_76_somebody_with_only_an_account_sees_themselves(district: District, place: Place) -> None:
    guardian = district.id("guardians", "G1")
    with district.edit() as edit:
        governing.grant(edit, "gil", Permission.PERSON, district.id("schools", "A"), guardian)
    with place.open(acting_as="gil") as mine:
        assert {entity: found for entity, found in names(mine).items() if found} == {"guardians": ["Wu, Gil"]}
        with mine.read() as conn:
            own = browse.record(conn, 1, "guardians", guardian)
            assert own is not None
            assert own.linked == ()
        with editing(mine, "x", "y") as edit:
            assert edit.get("guardians", guardian).family_name == "Wu"
        with pytest.raises(UsageError, match="in your schools"), editing(mine, "x", "y") as edit:
            edit.get("students", district.id("students", "S1"))
        with pytest.raises(NotAllowed, match="always follow the SIS"), editing(mine, "x", "y") as edit:
            contacts.change(edit, "guardians", guardian, {"email": "mine@example.org"})


def test_rule_77_what_concerns_the_whole_directory_is_the_districts(
    district: District, place: Place, tmp_path: Path
) -> None:
    files = source(tmp_path, title="Maths")
    export(district.directory, tmp_path / "whole")

    def pushed(directory: Directory) -> None:
        with pipeline.roster([files], Run()) as made:
            pipeline.preview(made, directory)

    with acting(district, place, Permission.SCHOOL_LEADER) as mine:
        refused: dict[str, Callable[[], object]] = {
            "whole directory is exported": lambda: export(mine, tmp_path / "x"),
            "Rosters are previewed, pushed": lambda: pushed(mine),
            "and discarded by": lambda: discard(mine, 1, Run()),
            "imported by its owner or a district leader": lambda: import_(mine, tmp_path / "whole"),
            "Settings of the district": lambda: settings_of(mine),
        }
        for rule, act in refused.items():
            with pytest.raises(NotAllowed, match=rule) as error:
                act()
            assert "a district leader" in error.value.advice
        assert not (tmp_path / "x").exists()
    with acting(district, place, Permission.ROSTERING_ADMINISTRATOR, school="") as theirs:
        pushed(theirs)
        assert export(theirs, tmp_path / "x")["students"] == 3
        with pytest.raises(NotAllowed, match="imported by its owner"):
            import_(theirs, tmp_path / "whole")


def settings_of(directory: Directory) -> None:
    with editing(directory, "x", "y") as edit:
        governing.change_settings(edit, {"manage_guardians": "off"})


def test_rule_77_a_plan_that_somebody_else_made_is_not_pushed_without_the_permission(
    district: District, place: Place, tmp_path: Path
) -> None:
    with acting(district, place, Permission.SCHOOL_LEADER) as mine, pipeline.roster([source(tmp_path)], Run()) as made:
        plan = pipeline.preview(made, district.directory)
        before = exported(district.directory, tmp_path / "x")
        for act in (pipeline.apply, pipeline.hold):
            with pytest.raises(NotAllowed, match="Rosters are previewed, pushed"):
                act(made, plan, mine)
        assert exported(district.directory, tmp_path / "x") == before


def test_rule_78_a_run_is_taken_back_by_the_district_and_an_edit_by_who_made_it(
    district: District, place: Place, tmp_path: Path
) -> None:
    before = exported(district.directory, tmp_path / "x")
    with district.edit() as edit:  # run 3
        classrooms.rename(edit, district.id("classrooms", "C1"), "Owner's")
    with acting(district, place, Permission.SCHOOL_LEADER) as mine:  # run 4
        granted = exported(district.directory, tmp_path / "x")
        with editing(mine, "renaming", "why not") as edit:  # run 5
            classrooms.rename(edit, district.id("classrooms", "C1"), "Bob's")
            families.add_guardian(
                edit,
                district.id("students", "S1"),
                {"given_name": "Aunt", "family_name": "Wu", "email": "aunt@example.org"},
            )
        with editing(mine, "settings", "why not") as edit:  # run 6
            governing.change_settings(edit, {"manage_guardians": "off"}, district.id("schools", "A"))
        assert undo(mine, 6).left == ()
        assert undo(mine, 5).left == ()
        assert exported(district.directory, tmp_path / "x") == granted
        with pytest.raises(NotAllowed, match="or by whoever made it") as error:
            undo(mine, 3)
        assert error.value.advice == ("Ask a district leader or a Rostering Administrator of the whole district.")
        with pytest.raises(NotAllowed, match=r"Run 1 is taken back by those who manage the roster"):
            undo(mine, 1)
        with mine.read() as conn:
            assert list_runs(conn, 1, limit=1)[0].who.startswith("bob (by ")
    with acting(district, place, Permission.ROSTERING_ADMINISTRATOR, school="") as theirs:
        assert undo(theirs, 3).left == ()
        with pytest.raises(NotAllowed, match="changed back, by a Permissions Administrator"):
            undo(theirs, 4)
    assert undo(district.directory, 4).left == ()
    with district.edit() as edit:
        governing.revoke(edit, "bob", Permission.ROSTERING_ADMINISTRATOR)
    assert exported(district.directory, tmp_path / "x") == before


def test_rule_78_not_what_is_no_longer_theirs(district: District, place: Place) -> None:
    a, b = district.id("schools", "A"), district.id("schools", "B")
    with acting(district, place, Permission.SCHOOL_LEADER) as mine:  # run 3
        with editing(mine, "settings", "why not") as edit:  # run 4
            governing.change_settings(edit, {"manage_guardians": "off"}, a)
        with editing(mine, "renaming", "why not") as edit:  # run 5
            classrooms.rename(edit, district.id("classrooms", "C1"), "Bob's")
        with district.edit() as edit:
            governing.grant(edit, "bob", Permission.STAFF, b)
            governing.revoke(edit, "bob", Permission.SCHOOL_LEADER, a)
        with pytest.raises(NotAllowed, match="not of your schools"):
            undo(mine, 5)
        with pytest.raises(NotAllowed, match="Settings are its leaders' to change"):
            undo(mine, 4)


def test_rule_79_in_a_shared_directory_the_person_is_who_signed_in(shared_place: Place, tmp_path: Path) -> None:
    address = str(shared_place.where)
    with shared_place.open() as directory:
        district = synced(directory)
        with district.edit() as edit:
            governing.grant(edit, "bob", Permission.STAFF, district.id("schools", "A"))
        with psycopg.connect(address, autocommit=True) as server:
            server.execute("create role bob login password 'bob'")
            server.execute("grant select, insert, update, delete on all tables in schema public to bob")
        try:
            _, rest = address.removeprefix("postgresql://").split("@")
            with open_directory(f"postgresql://bob:bob@{rest}") as his:
                assert names(his)["students"] == ["Wu, Mei", "Wu, Sol"]
                with pytest.raises(NotAllowed, match=WHOLE):
                    export(his, tmp_path / "x")
                with pytest.raises(NotAllowed, match="Only the owner of the directory may act"), his.read() as conn:
                    browse.find(conn.execution_options(acting_as="eve"), 1, "students")
                with pytest.raises(NotAllowed, match="Classrooms are created"), editing(his, "x", "y") as edit:
                    classrooms.create(edit, district.id("schools", "A"), "Chess")
                with district.edit() as edit:
                    governing.grant(edit, "bob", Permission.ROSTERING_ADMINISTRATOR)
                number, _ = push(his, source(tmp_path, title="Maths"))
                with his.read() as conn:
                    assert get_run(conn, 1, number).who == "bob"
                assert undo(his, number).left == ()
                with his.read() as conn:
                    assert list_runs(conn, 1, limit=1)[0].who == "bob"
        finally:
            with psycopg.connect(address, autocommit=True) as server:
                server.execute("drop owned by bob")
                server.execute("drop role bob")
