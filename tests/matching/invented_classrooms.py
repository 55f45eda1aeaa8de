"""Invented classrooms: classes of a roster, rooms that teachers made by hand, which is which, and a measurement."""

from __future__ import annotations

import random
import re
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rosterdesk.matching import classrooms
from rosterdesk.run import Run
from rosterdesk.staging import Staging
from tests.matching.invented import NICK, ORDINARY, picker, slip
from tests.matching.measuring import Measured
from tests.matching.namelists import GROUPS

Cells = tuple[object, ...]
_SUBJECTS = (
    *("Algebra 1", "Algebra 2", "Geometry", "Biology", "Chemistry", "US History", "World History", "English 9"),
    *("English 10", "Spanish 1", "Spanish 2", "PE", "Art 1", "Band", "Health", "Computer Science"),
)
_SHAPES = {
    "rooms": "room bigint, title varchar, grade varchar, location varchar, period varchar, school varchar",
    "room_members": "room bigint, role varchar, sis_id varchar, given varchar, family varchar",
    "classes": "no bigint, sis_id varchar, title varchar, grade varchar, location varchar, period varchar, "
    "school varchar",
    "class_members": "class varchar, role varchar, sis_id varchar, given varchar, family varchar",
}
_SHORT = {"Algebra": "Alg", "History": "Hist", "English": "ELA", "Biology": "Bio", "Chemistry": "Chem"}


@dataclass
class Rooms:
    """The four tables that `classrooms.choose` reads, and the true pairs of a room and a class."""

    rooms: list[Cells] = field(default_factory=list)
    room_members: list[Cells] = field(default_factory=list)
    classes: list[Cells] = field(default_factory=list)
    class_members: list[Cells] = field(default_factory=list)
    truth: set[tuple[int, str]] = field(default_factory=set)
    damage: dict[int, set[str]] = field(default_factory=dict)


def rooms(seed: int, schools: int) -> Rooms:
    """A primary and a secondary school in turn: of a class of its own each teacher of the first, of the second four
    classes of one or two subjects; a fifth of the classes has no room; clubs and groups have rooms, but no class."""
    rng = random.Random(seed)
    pick, made = picker(rng, ORDINARY), Rooms()

    def person(sis_id: str) -> Cells:
        group = rng.choices(list(GROUPS), weights=list(GROUPS.values()))[0]
        return sis_id, pick(f"{group} given"), pick(f"{group} family")

    for school in range(schools):
        pupils = [person(f"P{school}-{number}") for number in range(360)]
        teachers = [person(f"T{school}-{number}") for number in range(16)]
        if rng.random() < 0.5:
            teachers[1] = (teachers[1][0], *teachers[0][1:])  # two of one name
        for place, teacher in enumerate(teachers):
            here = f"s{school}"
            if school % 2 == 0:
                grade = place // 3
                room = f"{100 + place}"
                name = rng.choice((f"Grade {grade}", f"{teacher[2]} - Homeroom", f"Grade {grade} {teacher[2]}"))
                group = pupils[place * 22 : place * 22 + 22]
                _class(rng, made, here, (name, f"{grade:02d}", room, None), teacher, group, pupils)
            else:
                subjects = rng.sample(_SUBJECTS, rng.choice((1, 2)))
                periods = rng.sample(range(1, 9), 4)
                # Most sit in one teacher's class once; some take two subjects of one teacher.
                all_day = rng.sample(pupils, 100)
                for number, period in enumerate(periods):
                    group = [*all_day[number * 24 : number * 24 + 24], *rng.sample(pupils, 2)]
                    cells = (subjects[number % len(subjects)], "09", f"{200 + place}", str(period))
                    _class(rng, made, here, cells, teacher, group, pupils)
        for number in range(3):
            club = len(made.rooms)
            made.rooms.append((club, rng.choice(("Chess club", "Yearbook", "Reading group")), None, None, None, here))
            _members(made, club, rng.choice(teachers), rng.sample(pupils, 8 + number))
    return made


def _class(
    rng: random.Random,
    made: Rooms,
    school: str,
    cells: Cells,
    teacher: Cells,
    group: Sequence[Cells],
    all_: Sequence[Cells],
) -> None:
    title, grade, place, period = cells
    number, sis_id = len(made.classes), f"C{len(made.classes):05d}"
    made.classes.append((number, sis_id, title, grade, place, period, school))
    for role, people in (("teacher", [teacher]), ("student", group)):
        made.class_members += [(sis_id, role, *who) for who in people]
    room, kinds = len(made.rooms), set()
    if rng.random() < 0.2:
        if rng.random() < 0.3:  # only a group of the class has a room
            made.rooms.append(
                (room, rng.choice(("Reading group", "Math help", "Book club")), grade, place, period, school)
            )
            _members(made, room, teacher, rng.sample(list(group), 8))
        return
    typed = _title(rng, str(title), period, str(teacher[2]))
    if typed != title:
        kinds.add("other title")
    told = (
        grade if rng.random() < 0.6 else None,
        place if rng.random() < 0.4 else None,
        period if rng.random() < 0.4 else None,
    )
    made.rooms.append((room, typed, *told, school))
    if rng.random() < 0.1:  # a group of the class has a room of its own
        made.rooms.append((room + 1, rng.choice(("Reading group", "Math help", "Book club")), *told, school))
        _members(made, room + 1, teacher, rng.sample(list(group), 8))
    here = list(group)
    if rng.random() < 0.3:
        kinds.add("few students")
        here = rng.sample(here, rng.randrange(3, 12))
    elif rng.random() < 0.1:
        kinds.add("no students")
        here = []
    here = [who for who in here if rng.random() < 0.92] + rng.sample(list(all_), rng.choice((0, 0, 1, 2)))
    if rng.random() < 0.1:
        kinds.add("other teacher")
        teacher = (None, "Sub", "Teacher")
    elif rng.random() < 0.1:
        kinds.add("teacher's name")
        teacher = (None, teacher[1], slip(rng, str(teacher[2])))
    _members(made, room, teacher, [_by_hand(rng, who) for who in here])
    made.truth.add((room, sis_id))
    made.damage[room] = kinds


def _members(made: Rooms, room: int, teacher: Cells, students: Sequence[Cells]) -> None:
    made.room_members.append((room, "teacher", *teacher))
    made.room_members += [(room, "student", *who) for who in students]


def _by_hand(rng: random.Random, who: Cells) -> Cells:
    """A pupil as the teacher added them: half of them are known by their SIS ID."""
    _, given, family = who
    if rng.random() < 0.5:
        return who
    short = sorted(NICK.nicknames_of(str(given).lower()))
    return None, rng.choice(short).title() if short and rng.random() < 0.15 else given, family


def _title(rng: random.Random, title: str, period: object, teacher: str) -> str:
    short = title
    for word, less in _SHORT.items():
        short = short.replace(word, less)
    roman = re.sub(r"\b1\b", "I", re.sub(r"\b2\b", "II", title))
    ways = [title, title, title.upper(), short, roman, f"{teacher}'s class", f"{title} 2026"]
    ways += [f"{title} P{period}", f"Period {period} {short}", f"{title} (per. {period})"] if period else []
    return rng.choice(ways)


def proposed(made: Rooms) -> dict[tuple[int, str], str]:
    """The band of each pair of a room and a class: *auto* is proposed ready, *review* left to a person."""
    return {(room, sis_id): "auto" if ready else "review" for room, sis_id, ready, _, _ in _found(made)}


def _found(made: Rooms) -> list[tuple[int, str, bool, float, str]]:
    with tempfile.TemporaryDirectory() as folder, Staging(Run(), Path(folder)) as staging:
        staging.execute("create schema matching")
        for table, columns in _SHAPES.items():
            staging.execute(f"create table matching.{table} ({columns})")
            lists = ", ".join(f"unnest(${place}::{c.split()[1]}[])" for place, c in enumerate(columns.split(", "), 1))
            cells = [list(column) for column in zip(*getattr(made, table), strict=True)]
            staging.execute(f"insert into matching.{table} select {lists}", cells)
        classrooms.choose(staging)
        return staging.rows("select room, sis_id, sure and others = 0, score, reason from matching.adoptable")


def measure(made: Rooms) -> Measured:
    """What is proposed ready (as *auto*) and what is left to a person (*review*), against the truth."""
    out = Measured(truth=len(made.truth), incoming=len(made.rooms))
    began = time.perf_counter()
    found = _found(made)
    out.seconds = time.perf_counter() - began
    bands = {}
    for room, sis_id, ready, score, reason in found:
        band = "auto" if ready else "review"
        out.pairs[band] += 1
        if (room, sis_id) in made.truth:
            out.right[band] += 1
            bands[room] = band
        elif ready:
            out.wrong.append((str(room), sis_id, float(score), reason))
    for room, kinds in made.damage.items():
        for kind in kinds or {"no damage"}:
            out.damage[kind] += 1
            out.damage_auto[kind] += bands.get(room) == "auto"
            out.damage_found[kind] += room in bands
    return out
