"""A whole walk for each kind of source; each leaves the very bytes that the program leaves without a window."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
import xlsxwriter
from PySide6.QtGui import QGuiApplication

from rosterdesk import mapping as mappings
from rosterdesk.directory.engine import Directory
from rosterdesk.draft import Step
from rosterdesk.gui.pages.push import PushPage
from rosterdesk.mapping import edits
from rosterdesk.sources import template
from tests.gui.walking import Walk, by_the_program, exported

HEADINGS = (
    "Student ID",
    "First Name",
    "Last Name",
    "Grade",
    "Guardian 1 First Name",
    "Guardian 1 Email",
    "Guardian 1 Last Name",
    "School ID",
    "School Name",
)
PEOPLE = (
    ("00017", "Ana", "Wu", "3", "Gia", "gia@example.org", "Wu", "0101", "Adams"),
    ("00018", "Ben", "Núñez", "K", "", "", "", "0101", "Adams"),
    ("00019", "Cem", "O'Neil", "4", "Oda", "oda@example.org", "O'Neil", "0102", "Burr"),
)


def written_csv(path: Path, *, delimiter: str = ",", encoding: str = "utf-8", above: str = "") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        file.write(above)
        csv.writer(file, delimiter=delimiter).writerows([HEADINGS, *PEOPLE])
    return path


def finish(walk: Walk, directory: Directory, tmp_path: Path) -> tuple[dict[str, bytes], Path]:
    """Walk to the end; return what the directory holds then, and the mapping that was used, as a file."""
    walk.until(Step.PUSH)
    mapping, used = walk.draft.mapping, tmp_path / "used.toml"
    assert mapping is not None
    mappings.save(mapping, used)
    assert walk.next() is Step.RESULT
    held = exported(directory, tmp_path / "window")
    assert sum(table.count(b"\n") for table in held.values()) > len(held), "nothing was pushed"
    return held, used


def test_a_folder_of_oneroster_files(walk: Walk, directory: Directory, sample: Path, tmp_path: Path) -> None:
    walk.choose(sample / "day1")
    held, _ = finish(walk, directory, tmp_path)
    assert held == by_the_program(sample / "day1", tmp_path)


def test_a_zip(walk: Walk, directory: Directory, sample: Path, tmp_path: Path) -> None:
    packed = Path(shutil.make_archive(str(tmp_path / "export"), "zip", sample / "day1"))
    walk.choose(packed)
    held, _ = finish(walk, directory, tmp_path)
    assert held == by_the_program(packed, tmp_path)


def test_an_office_workbook_with_columns_chosen_by_hand(
    walk: Walk, directory: Directory, sample: Path, tmp_path: Path
) -> None:
    book = sample / "office" / "contacts.xlsx"
    walk.choose(book)
    assert walk.next() is Step.MAPPING
    mapping = walk.draft.mapping
    assert mapping is not None
    students = next(at for at, spec in enumerate(mapping.tables) if spec.target == "students")
    walk.wizard.page.give(mapping=edits.leave_out(mapping, students, "middle_name"))
    held, used = finish(walk, directory, tmp_path)
    assert held == by_the_program(book, tmp_path, "--mapping", used)
    assert held != {}


@pytest.mark.parametrize("kind", ["lists", "files"])
def test_the_templates_filled_in(walk: Walk, directory: Directory, tmp_path: Path, kind: str) -> None:
    rows = {
        "Students": {"Student ID": "0017", "First name": "Ana", "Last name": "Wu", "Grade": "3", "Classrooms": "C1"}
        | {"School ID": "0101"},
        "Staff": {"Staff ID": "T1", "First name": "Tom", "Last name": "Roe", "Role": "teacher", "Classrooms": "C1"}
        | {"School ID": "0101"},
        "Guardians": {"Student ID": "0017", "Guardian ID": "G1", "First name": "Gia", "Last name": "Wu"}
        | {"E-mail": "gia@example.org", "Relationship": "mother"},
        "Classrooms": {"Classroom ID": "C1", "Name": "Room 1", "Grade": "3", "School ID": "0101"},
        "Schools": {"School Number": "0101", "School Full Name": "Adams"},
        "users": {"sourcedId": "0017", "givenName": "Ana", "familyName": "Wu", "role": "student", "grades": "03"}
        | {"orgSourcedIds": "0101"},
        "classes": {"sourcedId": "C1", "title": "Room 1", "grades": "03", "schoolSourcedId": "0101"},
        "enrollments": {"classSourcedId": "C1", "userSourcedId": "0017", "role": "student"},
        "guardians": {"studentSourcedId": "0017", "sourcedId": "G1", "givenName": "Gia", "familyName": "Wu"}
        | {"email": "gia@example.org"},
    }
    with xlsxwriter.Workbook(str(tmp_path / "filled.xlsx")) as book:
        for name, headings in template.sheets(kind).items():
            sheet = book.add_worksheet(name)
            for at, heading in enumerate(headings):
                sheet.write_string(0, at, heading)
                sheet.write_string(1, at, rows[name].get(heading, ""))
    walk.choose(tmp_path / "filled.xlsx")
    held, used = finish(walk, directory, tmp_path)
    assert b"Ana" in held["students.csv"]
    assert b"0017" in held["students.csv"]
    assert held == by_the_program(tmp_path / "filled.xlsx", tmp_path, "--mapping", used)


def test_a_table_pasted_from_excel(walk: Walk, directory: Directory, tmp_path: Path) -> None:
    text = "\n".join("\t".join(row) for row in (HEADINGS, *PEOPLE))
    QGuiApplication.clipboard().setText(f"{text}\n")
    walk.source.drop.paste.click()
    walk.qtbot.waitUntil(lambda: walk.draft.reading is not None and not walk.worker.busy)
    same = tmp_path / walk.draft.sources[0].name
    shutil.copy(walk.draft.sources[0], same)
    held, used = finish(walk, directory, tmp_path)
    assert "Núñez".encode() in held["students.csv"]
    assert held == by_the_program(same, tmp_path, "--mapping", used)


def test_semicolons_and_windows_letters_below_a_title_as_a_person_said(
    walk: Walk, directory: Directory, tmp_path: Path
) -> None:
    path = written_csv(tmp_path / "klassen.csv", delimiter=";", encoding="cp1252", above="Export;of;today\n")
    walk.choose(path)
    said = walk.source.recognised.corrections
    for control, value in ((said.encoding, "cp1252"), (said.delimiter, ";")):
        control.setCurrentIndex(control.findData(value))
        control.activated.emit(control.currentIndex())
        walk.settle()
    said.heading.setValue(1)
    walk.settle()
    assert walk.draft.reading is not None
    assert walk.draft.reading.tables[0].columns[:3] == ("Export", "of", "today")
    said.heading.setValue(2)
    walk.settle()
    assert walk.draft.reading.tables[0].columns == HEADINGS
    held, used = finish(walk, directory, tmp_path)
    assert "Núñez".encode() in held["students.csv"]
    assert held == by_the_program(path, tmp_path, "--mapping", used)


def test_files_beside_the_directory_in_classtags_layout_as_a_zip(
    walk: Walk, directory: Directory, sample: Path, tmp_path: Path
) -> None:
    walk.choose(sample / "day1")
    walk.until(Step.PUSH)
    page = walk.wizard.page
    assert isinstance(page, PushPage)
    page.give(outlet=tmp_path / "here", layout="classtag", zipped=True)
    held, _ = finish(walk, directory, tmp_path)
    there = ("--to", tmp_path / "there", "--layout", "classtag", "--zip")
    assert held == by_the_program(sample / "day1", tmp_path, *there)
    here = {path.name: path.read_bytes() for path in (tmp_path / "here").iterdir()}
    assert here == {path.name: path.read_bytes() for path in (tmp_path / "there").iterdir()}
    assert here
