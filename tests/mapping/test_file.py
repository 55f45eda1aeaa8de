"""A mapping survives its file, can be read by people, and is recognised again by the headers of its source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rosterdesk import mapping
from rosterdesk.errors import FileError
from rosterdesk.mapping.file import load, remembered, save
from rosterdesk.model import Confidence, FieldMap, Mapping, Reading, RowFilter, TableMap, Transform
from rosterdesk.staging import Staging

Read = Callable[..., Reading]
STUDENTS = "Student ID,First Name,Last Name,Grade Level\n1,Ben,Ray,3"
USERS = 'rosterdesk_mapping = 1\n[[tables]]\ntable = "a"\ntarget = "users"\n'
ROSTER = "Section ID,Student ID\nc1,1"


def test_written_and_read(tmp_path: Path) -> None:
    spec = Mapping(
        (
            TableMap(
                'My "students"',
                "students",
                {
                    "sis_id": FieldMap(("Student\u3000ID",)),
                    "given_name": FieldMap(("First", "Nick"), (Transform("trim"),), Confidence.UNSURE),
                    "status": FieldMap(
                        ("S",), (Transform("replace", {"table": {"0": "active", "a.b": "in\\active"}}),)
                    ),
                    "gender": FieldMap((), (Transform("constant", {"value": "X"}), Transform("trim"))),
                },
                (RowFilter("Term", ("S1", "FY")), RowFilter("Type", ("",), keep=False)),
            ),
        ),
        "North",
        "abc",
        {"country": "DE", "headers": {"x.y": "1"}},
    )
    save(spec, tmp_path / "m.toml")
    assert load(tmp_path / "m.toml") == spec


def test_the_file_reads_well(read: Read, staging: Staging, tmp_path: Path) -> None:
    save(mapping.suggest(read(kids=STUDENTS), staging), tmp_path / "m.toml")
    text = (tmp_path / "m.toml").read_text(encoding="utf-8")
    assert text.startswith("# A RosterDesk mapping")
    assert text.endswith(
        """
# kids: students
[[tables]]
table = "kids"
target = "students"
[tables.fields]
sis_id = { column = "Student ID", transforms = ["trim"] }
given_name = { column = "First Name", transforms = ["trim"] }
family_name = { column = "Last Name", transforms = ["trim"] }
grade = { column = "Grade Level", transforms = ["grade"] }
"""
    )


def test_remembered_by_headers_in_any_order_and_under_any_name(read: Read, staging: Staging, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    first = mapping.suggest(read(students=STUDENTS, roster=ROSTER), staging)
    save(replace(first, name="ours"), folder / "ours.toml")
    (folder / "broken.toml").write_text("[[", encoding="utf-8")
    again = read(
        kids_2026="Grade Level,Last Name,First Name,Student ID\nK,Ito,Eva,7", roster_2026="Student ID,Section ID\n7,c1"
    )
    found = remembered(again, folder)
    assert found is not None
    assert found.name == "ours"
    assert sorted((t.table, t.target) for t in found.tables) == [
        ("kids_2026", "students"),
        ("roster_2026", "enrollments"),
    ]
    assert remembered(read(other="Student ID,First Name\n1,A"), folder) is None


def test_tables_with_equal_headers_are_only_remembered_under_their_names(
    read: Read, staging: Staging, tmp_path: Path
) -> None:
    reading = read(
        Student="SIS ID,School SIS ID,First Name,Last Name,Username,Student Number\ns1,9,A,B,ab,1",
        Teacher="SIS ID,School SIS ID,First Name,Last Name,Username,Teacher Number\nt1,9,C,D,cd,1",
        A="Section SIS ID,SIS ID\nc1,t1",
        B="Section SIS ID,SIS ID\nc1,s1",
    )
    save(mapping.suggest(reading, staging), tmp_path / "m.toml")
    assert remembered(reading, tmp_path) is not None
    renamed = replace(reading, tables=tuple(replace(t, name=f"{t.name}2") for t in reading.tables))
    assert remembered(renamed, tmp_path) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = ",
        "rosterdesk_mapping = 99",
        'rosterdesk_mapping = 1\n[[tables]]\ntable = "a"\ntarget = "aliens"',
        'rosterdesk_mapping = 1\n[[tables]]\ntarget = "users"',
        USERS + 'fields = { tail = "x" }',
        USERS + "fields = { sis_id = 5 }",
        USERS + "fields = { sis_id = { transforms = [1] } }",
        USERS + 'filters = [{ column = "x" }]',
        USERS + 'fields = { sis_id = { confidence = "certain" } }',
    ],
)
def test_what_is_no_mapping(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.toml").write_text(text, encoding="utf-8")
    with pytest.raises(FileError):
        load(tmp_path / "m.toml")


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileError):
        load(tmp_path / "none.toml")
    with pytest.raises(FileError):
        save(Mapping(()), tmp_path / "none" / "m.toml")
    assert remembered(Reading("x", ()), tmp_path / "none") is None
