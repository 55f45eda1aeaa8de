"""Invented districts for matching: a roster from the SIS, what an office typed by hand over the year, and the truth.

The damage is named, so that a measurement can tell which kind of it costs what. No name here is a real person's.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from nicknames import NickNamer

from tests.matching.namelists import COMPOUND, FAMILY, GIVEN, GROUPS, STREET

COLUMNS = (
    *("sourcedId", "studentNumber", "givenName", "middleName", "familyName", "birthDate", "grades", "orgSourcedIds"),
    *("email", "guardianEmails", "guardianSms"),
)
GRADES = ("KG", *(f"{n:02d}" for n in range(1, 13)))
TODAY = 2026


@dataclass(frozen=True)
class Damage:
    """How often something is missing or wrong in what was typed by hand."""

    birth: float = 0.50
    number: float = 0.70
    nickname: float = 0.15
    slip: float = 0.03
    guardians: float = 0.60
    grade: float = 0.0
    changed: float = 0.015
    halved: float = 0.30  # of the compound surnames, one half is kept
    swapped: float = 0.004
    middle: float = 0.015
    school: float = 0.04
    birth_slip: float = 0.02
    email: float = 0.80
    own_email: float = 0.02  # an address of the student's own instead of the school's
    moved: float = 0.05  # contacts that have changed since
    number_slip: float = 0.003
    double_given: float = 0.04  # a second first name, of which one side may write only the first
    accents: float = 0.4
    leavers: float = 0.10
    newcomers: float = 0.12
    last_year: float = 1.0  # how many records tell last year's grade
    retained: float = 0.01
    compound: float = 0.06
    twins: float = 0.03
    names: int = 10_000  # only so many of the commonest names
    feeders: bool = True  # who rises to the next kind of school is still in the old one
    without: tuple[str, ...] = ()  # columns that the hand-made side does not have


ORDINARY = Damage()
SPARSE = Damage(birth=0.80, number=0.88, nickname=0.22, slip=0.07, guardians=0.30, grade=0.15, names=110)


@dataclass(frozen=True)
class Child:
    key: int
    family: int
    given: str
    middle: str
    surname: str
    birth: dt.date
    grade: int
    area: int
    group: str


@dataclass
class District:
    """Both sides as rows of text, the true pairs, and of each pair what was damaged and to which group it belongs."""

    incoming: list[dict[str, str]] = field(default_factory=list)
    archived: list[dict[str, str]] = field(default_factory=list)
    truth: set[tuple[str, str]] = field(default_factory=set)
    damage: dict[str, set[str]] = field(default_factory=dict)
    group: dict[str, str] = field(default_factory=dict)
    family: dict[str, int] = field(default_factory=dict)

    def write(self, folder: Path) -> tuple[Path, Path]:
        paths = folder / "incoming.csv", folder / "archived.csv"
        for path, rows in zip(paths, (self.incoming, self.archived), strict=True):
            with path.open("w", newline="", encoding="utf-8") as file:
                columns = [c for c in COLUMNS if any(c in row for row in rows[:1])]
                writer = csv.DictWriter(file, columns, extrasaction="ignore")
                writer.writeheader()
                writer.writerows(rows)
        return paths


def district(seed: int, students: int, damage: Damage = ORDINARY) -> District:
    """About `students` children on the incoming side, and the same ones as an office typed them."""
    rng = random.Random(seed)
    pick = picker(rng, damage)
    made = District()
    children, homes = _children(rng, pick, students, damage)
    numbers = rng.sample(range(10_000, 10_000 + 9 * len(children)), len(children))
    order = list(range(len(children)))
    rng.shuffle(order)
    for place, child in enumerate(children):
        number = f"{numbers[place]:07d}"
        sis, hand = f"S{order[place]:07d}", f"H{place:07d}"
        fate = rng.random()
        if fate >= damage.leavers:
            made.incoming.append(_sis(child, sis, number, homes[child.family]))
            made.group[sis] = child.group
            made.family[sis] = child.family
        if fate < damage.leavers or fate >= damage.leavers + damage.newcomers:
            row, kinds = _typed(_Hand(rng, pick, damage), child, hand, number, homes[child.family])
            made.archived.append({k: v for k, v in row.items() if k not in damage.without})
            made.family[hand] = child.family
            if fate >= damage.leavers:
                made.truth.add((sis, hand))
                made.damage[sis] = kinds
    rng.shuffle(made.incoming)
    rng.shuffle(made.archived)
    return made


def varied(seed: int) -> Damage:
    """Some other damage: each rate moved, other lists, another grade rule, sometimes a column gone."""
    rng = random.Random(seed)
    base = rng.choice((ORDINARY, SPARSE))

    def moved(rate: float) -> float:
        return min(0.97, rate * rng.uniform(0.6, 1.4))

    return replace(
        base,
        **{
            name: moved(getattr(base, name)) for name in ("nickname", "slip", "guardians", "changed", "school", "twins")
        },
        last_year=rng.choice((0.0, 0.5, 1.0)),
        feeders=rng.random() < 0.5,
        without=rng.choice(((), ("email",), ("middleName",), ("guardianSms",), ("grades",), ("orgSourcedIds",))),
    )


def picker(rng: random.Random, damage: Damage) -> Callable[[str], str]:
    """Draws a name of a list; the commonest names of a list are far commoner than its last."""
    lists = {name: values[: damage.names] for name, values in (*GIVEN.items(), *FAMILY.items())}
    for values in lists.values():
        rng.shuffle(values := list(values))
    weights = {name: [1 / (place + 8) ** 0.5 for place in range(len(values))] for name, values in lists.items()}
    totals = {name: _running(w) for name, w in weights.items()}

    def pick(name: str) -> str:
        return rng.choices(lists[name], cum_weights=totals[name])[0]

    return pick


def _running(weights: list[float]) -> list[float]:
    total, out = 0.0, []
    for weight in weights:
        total += weight
        out.append(total)
    return out


def _children(
    rng: random.Random, pick: Callable[[str], str], students: int, damage: Damage
) -> tuple[list[Child], list[tuple[list[str], list[str]]]]:
    children: list[Child] = []
    homes: list[tuple[list[str], list[str]]] = []
    areas = max(1, students // 2_000)
    while len(children) < students / (1 - damage.leavers):
        family, group = len(homes), rng.choices(list(GROUPS), weights=list(GROUPS.values()))[0]
        surname = pick(f"{group} family")
        if group == "latin" and rng.random() < damage.compound * 4:
            surname = rng.choice(COMPOUND).format(surname, pick("latin family"))
        area = rng.randrange(areas)
        emails, phones = contacts(rng, surname, family)
        homes.append((emails, phones))
        size = rng.choices((1, 2, 3, 4), weights=(45, 36, 14, 5))[0]
        grades = rng.sample(range(13), size)
        if size > 1 and rng.random() < damage.twins:
            grades[1] = grades[0]
        used: set[str] = set()
        for grade in grades:
            given = next(name for _ in range(99) if (name := pick(f"{group} given")) not in used)
            used.add(given)
            if group in ("english", "latin") and rng.random() < damage.double_given:
                given += rng.choice((" ", "-")) + pick(f"{group} given")
            middle = pick(f"{group} given") if group in ("english", "latin") and rng.random() < 0.6 else ""
            start = dt.date(TODAY - 6 - grade, 9, 1)
            birth = start + dt.timedelta(days=rng.randrange(365))
            twin = next((c for c in children[-4:] if c.family == family and c.grade == grade), None)
            birth = twin.birth if twin else birth
            kind = "compound" if " " in surname or "-" in surname else group
            children.append(Child(len(children), family, given, middle, surname, birth, grade, area, kind))
    return children, homes


def contacts(rng: random.Random, surname: str, family: int) -> tuple[list[str], list[str]]:
    count = rng.choice((1, 2, 2))
    word = "".join(c for c in surname.lower() if c.isascii() and c.isalpha()) or "family"
    emails = [
        f"{rng.choice(STREET)}.{word}{family % 9973}{n}@example.{rng.choice(('com', 'org'))}" for n in range(count)
    ]
    return emails, [f"+1{rng.randrange(2_012_000_000, 9_899_999_999)}" for _ in range(count)]


def _school(area: int, grade: int, family: int) -> str:
    return f"{area:03d}-" + (f"E{family % 3}" if grade <= 5 else "M" if grade <= 8 else "H")


def _sis(child: Child, sis: str, number: str, home: tuple[list[str], list[str]]) -> dict[str, str]:
    values = (
        *(sis, number, child.given, child.middle, child.surname, child.birth.isoformat(), GRADES[child.grade]),
        *(_school(child.area, child.grade, child.family), f"{number}@students.example.org"),
        *(";".join(home[0]), ";".join(home[1])),
    )
    return dict(zip(COLUMNS, values, strict=True))


@dataclass
class _Hand:
    """The office that types one child's record; `kinds` tells what it did wrong."""

    rng: random.Random
    pick: Callable[[str], str]
    damage: Damage
    kinds: set[str] = field(default_factory=set)

    def hit(self, kind: str, rate: float) -> bool:
        if self.rng.random() < rate:
            self.kinds.add(kind)
            return True
        return False

    def given(self, child: Child) -> tuple[str, str]:
        """The first and the middle name."""
        rng, given, middle = self.rng, child.given, child.middle if self.rng.random() < 0.3 else ""
        short = sorted(NICK.nicknames_of(given.lower()))
        if short and self.hit("nickname", self.damage.nickname):
            given = rng.choice(short).title()
        elif child.middle and self.hit("middle name used", self.damage.middle):
            given, middle = child.middle, ""
        if any(mark in given for mark in " -") and self.hit("half a given name", 0.4):
            given = given.replace("-", " ").split()[0]
        if middle and rng.random() < 0.3:
            middle = middle[0] + rng.choice(("", "."))
        return slip(rng, given) if self.hit("slip in given name", self.damage.slip) else given, middle

    def surname(self, child: Child) -> str:
        surname = child.surname
        if self.hit("changed surname", self.damage.changed):
            surname = self.pick("english family")
        elif any(mark in surname for mark in " -") and self.hit("halved surname", self.damage.halved):
            parts = surname.replace("-", " ").split()
            surname = self.rng.choice((parts[0], parts[-1]))
        return slip(self.rng, surname) if self.hit("slip in surname", self.damage.slip) else surname

    def birth(self, child: Child) -> str:
        if self.hit("no birth date", self.damage.birth):
            return ""
        if self.hit("wrong birth date", self.damage.birth_slip):
            return _other_date(self.rng, child.birth)
        return child.birth.isoformat()

    def place(self, child: Child) -> tuple[str, str]:
        """The grade and the school."""
        rng, damage = self.rng, self.damage
        grade = child.grade - (1 if rng.random() < damage.last_year else 0)
        grade += 1 if self.hit("other grade", damage.retained) else 0
        school = _school(child.area, grade if damage.feeders else child.grade, child.family)
        if self.hit("wrong school", damage.school):
            school = _school(rng.randrange(child.area + 1), rng.randrange(13), rng.randrange(3))
        if self.hit("no grade", damage.grade):
            return "", school
        return "PK" if grade < 0 else GRADES[min(grade, 12)], school

    def number(self, number: str) -> str:
        if self.hit("no number", self.damage.number):
            return ""
        if self.hit("wrong number", self.damage.number_slip):
            number = number[:-1] + self.rng.choice("0123456789")
        return self.rng.choice((number, number.lstrip("0")))

    def email(self, number: str) -> str:
        if self.rng.random() < self.damage.own_email:
            return f"me{self.rng.randrange(10**7)}@mail.example.net"
        return "" if self.rng.random() < self.damage.email else f"{number}@students.example.org"

    def contacts(self, home: tuple[list[str], list[str]]) -> tuple[str, str]:
        """The guardians' addresses and phones, as far as they are known."""
        rng = self.rng
        if self.hit("no guardians", 1 - self.damage.guardians):
            return "", ""
        emails, phones = home
        if self.hit("changed contacts", self.damage.moved):
            emails, phones = contacts(rng, "new", rng.randrange(10**6))
        return (
            ";".join(e for e in emails if rng.random() < 0.8),
            ";".join(typed_phone(rng, p) for p in phones if rng.random() < 0.8),
        )


def _typed(
    hand: _Hand, child: Child, key: str, number: str, home: tuple[list[str], list[str]]
) -> tuple[dict[str, str], set[str]]:
    rng = hand.rng
    (given, middle), surname = hand.given(child), hand.surname(child)
    if not (given + surname).isascii() and rng.random() < hand.damage.accents:
        given, surname = plain(given), plain(surname)
    if hand.hit("swapped names", hand.damage.swapped):
        given, surname = surname, given
    given = rng.choice((given, given, given.upper(), given + " "))
    values = (key, hand.number(number), given, middle, surname, hand.birth(child), *hand.place(child))
    return dict(zip(COLUMNS, (*values, hand.email(number), *hand.contacts(home)), strict=True)), hand.kinds


def typed_phone(rng: random.Random, phone: str) -> str:
    digits = phone[2:]
    return rng.choice((phone, digits, f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"))


def slip(rng: random.Random, name: str) -> str:
    """One letter changed, left out, doubled or exchanged with its neighbour."""
    place = rng.randrange(len(name))
    match rng.randrange(4):
        case 0:
            return name[:place] + rng.choice("aeiorstnlm") + name[place + 1 :]
        case 1 if len(name) > 2:
            return name[:place] + name[place + 1 :]
        case 2 if place + 1 < len(name):
            return name[:place] + name[place + 1] + name[place] + name[place + 2 :]
        case _:
            return name[:place] + name[place] + name[place:]


def _other_date(rng: random.Random, date: dt.date) -> str:
    if date.day <= 12 and rng.random() < 0.5:
        return date.replace(day=date.month, month=date.day).isoformat()
    text = date.isoformat()
    moved = date + dt.timedelta(days=rng.choice((1, -1, 10, -10, 31)))
    return rng.choice((moved.isoformat(), str(date.year - 1) + text[4:]))


def plain(text: str) -> str:
    return text.translate(str.maketrans("áàâãäéèêëíìîïóòôõöúùûüñçÁÉÍÓÚÑÖÜÇşğ", "aaaaaeeeeiiiiooooouuuuncAEIOUNOUCsg"))


NICK = NickNamer()
