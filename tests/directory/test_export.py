"""Export and import: two exports are equal exactly when two directories are, and an import brings all of it back."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import sqlalchemy as sa

from rosterdesk.directory import schema
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.export import export
from rosterdesk.directory.history import Kind, get_run
from rosterdesk.directory.load import import_
from rosterdesk.directory.settings import get_settings, set_settings
from rosterdesk.directory.undo import undo
from rosterdesk.errors import DirectoryError, FileError
from tests.directory.conftest import Place
from tests.directory.filling import begin, exported, random_run


def test_the_files_of_a_small_directory(directory: Directory, tmp_path: Path) -> None:
    with directory.transaction() as conn:
        run = begin(directory, conn)
        hill = run.create("schools", sis_id="010", name='Hill, "the" high')
        room = run.create("classrooms", sis_id="c", title="Room\r1", grade="05", school=hill)
        club = run.create("classrooms", title="Chess")
        account = run.create("accounts", state="active")
        run.create("accounts")
        teacher = run.create("staff", sis_id="t", given_name="Zoë", role="teacher", school=hill, account=account)
        mother = run.create("guardians", sis_id="t", email="z@x.example", account=account)
        student = run.create("students", sis_id="007", given_name="Ann", school=hill)
        run.link("enrollments", classroom=room, person=teacher, role="teacher", is_primary=1)
        run.link("enrollments", classroom=room, person=student, role="student")
        run.link("enrollments", classroom=club, person=student, role="student", synced=0)
        run.link("guardianships", student=student, guardian=mother, relationship="mother")
        run.link("attributes", student=student, name="bus", value="7")
        run.link("other_schools", person=teacher, school=hill)
        set_settings(conn, 1, {"manage_guardians": "off"})
        set_settings(conn, 1, {"school_threshold_percent": "15"}, hill)
    files = {name: content.decode() for name, content in exported(directory, tmp_path).items()}
    assert files["schools.csv"] == 'sis_id,id,name,type,identifier,status\n010,,"Hill, ""the"" high",,,active\n'
    assert files["classrooms.csv"] == (
        "sis_id,id,title,grade,location,period,school_sis_id,school_id,status\n"
        f'c,,"Room\r1",05,,,010,,active\n,#{club},Chess,,,,,,active\n'
    )
    assert files["enrollments.csv"] == (
        "class_sis_id,class_id,entity,user_sis_id,user_id,role,is_primary,synced\n"
        f"c,,staff,t,,teacher,1,1\nc,,students,007,,student,0,1\n,#{club},students,007,,student,0,0\n"
    )
    assert files["guardianships.csv"].splitlines()[1:] == ["007,,t,,mother,1"]
    assert (
        files["accounts.csv"]
        == "account,state,entity,sis_id,id\n1,active,guardians,t,\n1,active,staff,t,\n,invitee,,,\n"
    )
    assert (
        files["settings.csv"]
        == "school_sis_id,school_id,name,value\n,,manage_guardians,off\n010,,school_threshold_percent,15\n"
    )
    assert files["other_schools.csv"] == "entity,user_sis_id,user_id,school_sis_id,school_id\nstaff,t,,010,\n"


def test_export_import_export_is_equal_and_can_be_taken_back(place: Place, tmp_path: Path) -> None:
    rnd = random.Random(7)
    with place.open() as directory:
        for _ in range(3):
            random_run(directory, rnd)
        with directory.transaction() as conn:
            school = (
                conn.execute(sa.select(schema.schools.c.id).where(schema.schools.c.sis_id.is_(None))).scalars().first()
            )
            set_settings(conn, 1, {"update_language": "on"}, school or 0)
        before = exported(directory, tmp_path / "a")
    with place.other().open() as other:
        empty = exported(other, tmp_path / "b")
        number = import_(other, tmp_path / "a")
        assert exported(other, tmp_path / "b") == before
        with other.read() as conn:
            past = get_run(conn, 1, number)
            assert (past.kind, past.counts["students"]["created"]) == (
                Kind.IMPORT,
                before["students.csv"].count(b"\n") - 1,
            )
            assert get_settings(conn, 1, school or 0).update_language
        with pytest.raises(DirectoryError, match="not empty"):
            import_(other, tmp_path / "a")
        later = random_run(other, rnd)  # numbers of new records don't clash with the imported
        undo(other, later)
        assert exported(other, tmp_path / "b") == before
        undo(other, number)
        assert exported(other, tmp_path / "b") == empty


def test_both_engines_write_the_same_bytes(embedded_place: Place, shared_place: Place, tmp_path: Path) -> None:
    with embedded_place.open() as one, shared_place.open() as two:
        for seed in range(2):
            random_run(one, random.Random(seed))
        first = exported(one, tmp_path / "a")
        import_(two, tmp_path / "a")
        assert exported(two, tmp_path / "b") == first


def test_sis_ids_are_sorted_by_their_bytes(directory: Directory, tmp_path: Path) -> None:
    with directory.transaction() as conn:
        run = begin(directory, conn)
        for name in ("b", "B", "a", "é", "10", "9", " 1", "𝔸", "ﬀ"):
            run.create("students", sis_id=name)
    lines = exported(directory, tmp_path)["students.csv"].decode().splitlines()[1:]
    names = [line.split(",")[0] for line in lines]
    assert names == sorted(names, key=lambda n: n.encode())


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("students.csv", "s,,", "s,#3,", "students.csv, line 2: exactly one of sis_id and id must be filled"),
        ("students.csv", ",active", ",", "students.csv, line 2: status is empty"),
        ("students.csv", ",active", ",gone", "students.csv, line 2: status is none of active, archived"),
        ("students.csv", "s,,", "s,", "students.csv, line 2: 15 cells instead of 16"),
        ("students.csv", "a,,active", "zz,,active", "students.csv, line 2: its school is not in schools.csv"),
        ("students.csv", "sis_id", "sisid", "students.csv does not begin with the columns sis_id,id,"),
        ("students.csv", "Ann", "An\udcffn", "students.csv is no CSV file in UTF-8"),
        ("enrollments.csv", "students,s", "students,x", "enrollments.csv, line 2: it names a record that is in none"),
        ("enrollments.csv", "students,s", "guardians,s", "enrollments.csv, line 2: entity is none of students, staff"),
        ("enrollments.csv", "student,0,1\n", "student,0,1\nc,,students,s,,student,0,1\n", "stands twice"),
        ("students.csv", "active\n", "active\ns,,Bob,,,,,,,,,,,,,active\n", "students.csv, line 3: .* stands twice"),
        ("settings.csv", "value\n", "value\n,,colour,red\n", "settings.csv, line 2: There is no setting colour"),
        ("accounts.csv", "id\n", "id\n2,active,staff,t,\n", "accounts.csv, line 2: the accounts are not counted"),
        ("accounts.csv", "id\n", "id\n1,active,staff,t,\n", "accounts.csv, line 2: it names a record that is in none"),
    ],
)  # fmt: skip
def test_a_damaged_export_is_refused_by_its_line(
    directory: Directory, tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    with directory.transaction() as conn:
        run = begin(directory, conn)
        school = run.create("schools", sis_id="a")
        room, student = (
            run.create("classrooms", sis_id="c"),
            run.create("students", sis_id="s", given_name="Ann", school=school),
        )
        run.link("enrollments", classroom=room, person=student, role="student")
    export(directory, tmp_path)
    undo(directory, 1)
    before = exported(directory, tmp_path / "empty")
    text = (tmp_path / file).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1), encoding="utf-8", errors="surrogateescape", newline="")
    with pytest.raises(FileError, match=message):
        import_(directory, tmp_path)
    assert exported(directory, tmp_path / "empty") == before


def test_a_missing_file_is_named(directory: Directory, tmp_path: Path) -> None:
    export(directory, tmp_path)
    (tmp_path / "staff.csv").unlink()
    with pytest.raises(FileError, match=r"There is no staff\.csv"):
        import_(directory, tmp_path)


def test_exports_are_private_and_replace_earlier_ones(directory: Directory, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    export(directory, folder)
    export(directory, folder)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len(list(folder.iterdir())) == 16
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        export(directory, tmp_path / "file")
