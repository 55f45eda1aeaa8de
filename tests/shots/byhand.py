"""Schools as an office has entered them by hand, and the files of their SIS.

Most children are in both; a few have left, a few are new, one was entered twice, and some are written differently.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from rosterdesk.credentials import KeySource
from rosterdesk.directory import classrooms, families, governing, people
from rosterdesk.directory.edit import Edit, editing
from rosterdesk.directory.engine import open_directory
from rosterdesk.gui.opening import Opening
from tests.rosters import ORGS_HEADER, adult, classroom, enrollment, roster, student, written

_GIVEN = (
    *("Amara", "Benicio", "Clara", "Dmitri", "Esperanza", "Farid", "Greta", "Hiroshi", "Imani", "Joaquin", "Keziah"),
    *("Leopold", "Maren", "Nikolai", "Odette", "Priya", "Quentin", "Rosalind", "Soren", "Tamsin", "Umberto", "Vesna"),
    *("Winona", "Xiomara", "Yusuf", "Zelda"),
)
_FAMILY = (
    *("Abernathy", "Castellanos", "Delacroix", "Eriksen", "Featherstone", "Grimaldi", "Hollingsworth", "Ivanova"),
    *("Jankowski", "Kowalczyk", "Lindqvist", "Mbeki", "Nakamura", "O'Shaughnessy", "Papadakis", "Quillmoor"),
    *("Rasmussen", "Svensson", "Trelawney", "Underhill", "Vasquez", "Wolcott", "Yamamoto", "Zielinski"),
)
_SCHOOLS = ("Adams Elementary School", "Lincoln Middle", "Bookmobile and home visits")
_ORGS = (
    ORGS_HEADER + "D1,,,Fernhollow Unified,district,,\n0101,,,ADAMS ELEMENTARY SCHOOL,school,,D1\n"
    "0102,,,Lincoln Middle School,school,,D1\n0103,,,Roosevelt High School,school,,D1\n"
)
_ROOMS = ("Homeroom 3A", "Homeroom 3B", "Science 7", "Chess club")
# Who is in the SIS under another spelling, and of whom two were entered.
_TWICE, _NICKNAME, _CHANGED = 5, 8, 11


def by_hand(folder: Path, children: int = 48) -> tuple[Opening, Path]:
    """A new directory of a school office, and the folder of its SIS's export."""
    folder = Path(tempfile.mkdtemp(dir=folder))
    opening = Opening(folder / "directory.db", key_file=folder / "directory.key")
    names = _names(children)
    with (
        open_directory(opening.where, KeySource(file=opening.key_file)) as directory,
        editing(directory, "entering the schools", "The office of Adams") as edit,
    ):
        _enter(edit, names)
    sis = folder / "Fernhollow export"
    written(_export(names), folder).rename(sis)
    return opening, sis


def _names(count: int) -> list[tuple[str, str, str]]:
    """First name, last name and birth date."""
    draw = random.Random(5)
    pairs = [(given, family) for given in _GIVEN for family in _FAMILY]
    born = (f"{draw.randint(2016, 2018)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}" for _ in pairs)
    return [(*pair, day) for pair, day in zip(draw.sample(pairs, count), born, strict=False)]


def _enter(edit: Edit, names: list[tuple[str, str, str]]) -> None:
    schools = [governing.add_school(edit, name) for name in _SCHOOLS]
    rooms = [classrooms.create(edit, schools[int(title == "Science 7")], title) for title in _ROOMS]
    for at, (given, family, born) in enumerate(names):
        school = 2 if at >= len(names) - 4 else at % 2
        fields = {"given_name": given, "family_name": family, "grade": "03" if school != 1 else "07"}
        if at % 3:
            fields["birth_date"] = born
        if at % 4 == 0:
            fields["email"] = f"{given}.{family}@fernhollow.example".replace("'", "").lower()
        for _ in range(2 if at == _TWICE else 1):
            made = people.add_student(edit, schools[school], fields)
        if school < 2:
            classrooms.add_student(edit, rooms[2 if school else at // 2 % 2], made)
        if at % 10 == 0 and not school:
            classrooms.add_student(edit, rooms[3], made)
        if at % 2 == 0:
            reached = {"given_name": "Robin", "family_name": family, "email": f"family{at}@example.org"}
            families.add_guardian(edit, made, reached, "parent")
    lost = people.add_student(edit, schools[0], {"given_name": "Ottoline", "family_name": "Fairweather", "grade": "03"})
    people.archive(edit, "students", [lost])
    people.remove_from_school(edit, lost)
    people.restore(edit, "students", lost)


def _export(names: list[tuple[str, str, str]]) -> dict[str, str]:
    users, links, births = "", "", "sourcedId,status,dateLastModified,birthDate,sex\n"
    for at, (given, family, born) in enumerate(names):
        if at in (2, 9, 17):  # has left
            continue
        shown = {_NICKNAME: f"{given[:3]}", _CHANGED: given}.get(at, given)
        surname = f"{family}-Hale" if at == _CHANGED else family
        school = "0102" if at % 2 else "0101"
        mail = f"{given}.{family}@fernhollow.example".replace("'", "").lower() if at % 4 == 0 else ""
        guardian = f"G{at:03}" if at % 2 == 0 else ""
        grade = "07" if at % 2 else "03"
        users += student(f"{at:06}", school, shown, surname, mail, guardian, grade)
        if guardian:
            users += adult(guardian, "guardian", school, "Robin", family, f"family{at}@example.org")
        births += f"{at:06},,,{born},\n"
        links += enrollment("C-7" if at % 2 else f"C-3{'B' if at // 2 % 2 else 'A'}", f"{at:06}", school=school)
    for at in range(6):
        users += student(f"9{at:05}", "0103", _GIVEN[-at - 1], "Newcombe", grade="09")
    rooms = classroom("C-3A", "0101", "Homeroom 3A") + classroom("C-3B", "0101", "Grade 3 homeroom B")
    files = roster(users, rooms + classroom("C-7", "0102", "Science 7"), links, orgs=_ORGS)
    return {**files, "demographics.csv": births}
