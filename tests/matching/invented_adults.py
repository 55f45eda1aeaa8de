"""Invented guardians and staff for matching: who comes from the SIS, whom an office entered by hand, and the truth.

The damage is named, as it is for students. No name here is a real person's.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.matching.invented import NICK, ORDINARY, contacts, picker, plain, slip, typed_phone
from tests.matching.namelists import GROUPS

Row = dict[str, object]


@dataclass
class Adults:
    """Both sides as rows for the matching of adults, the true pairs, what was damaged of each pair by the ID of the
    one who comes in, and of each ID the household (of staff, the person)."""

    entity: str
    coming: list[Row] = field(default_factory=list)
    known: list[Row] = field(default_factory=list)
    truth: set[tuple[str, str]] = field(default_factory=set)
    damage: dict[str, set[str]] = field(default_factory=dict)
    household: dict[str, int] = field(default_factory=dict)

    def put(self, key: str, household: int, row: Row, *, known: bool) -> None:
        (self.known if known else self.coming).append({"id": key, **row})
        self.household[key] = household


def guardians(seed: int, families: int) -> Adults:
    """Parents and some grandparents of so many families: a part of them is in the SIS only, a part was entered by hand
    only; of the rest every second has another child on either side, so that no child joins the two records."""
    rng = random.Random(seed)
    pick, made = picker(rng, ORDINARY), Adults("guardians")
    child = 0
    for family in range(families):
        group = rng.choices(list(GROUPS), weights=list(GROUPS.values()))[0]
        surname = pick(f"{group} family")
        emails, phones = contacts(rng, surname, family)
        shared_email, shared_phone = rng.random() < 0.15, rng.random() < 0.2
        child += 2
        names: list[tuple[str, str]] = []
        for place in range(rng.choice((1, 2, 2))):
            own = surname if place == 0 or rng.random() < 0.65 else pick(f"{group} family")
            names.append((pick(f"{group} given"), own))
        if rng.random() < 0.06:
            # A father and his father, in one household; half of them are written Jr. and Sr.
            same = rng.random() < 0.03
            names.append(names[0] if same else (pick(f"{group} given"), surname))
            if same and rng.random() < 0.5:
                names[0] = names[0][0], f"{names[0][1]} Jr."
        for place, (given, own) in enumerate(names):
            email = emails[0] if shared_email else f"{given.lower()}.{family}x{place}@example.org"
            phone = phones[0] if shared_phone else f"+1{rng.randrange(2_012_000_000, 9_899_999_999)}"
            person = _Typed(rng, pick, given, own, email, phone)
            if rng.random() < 0.5:
                person.kinds.add("no child in common")
            at_hand = [child + 1] if person.kinds else [child, child + 1]
            _both_sides(rng, made, family, person, {"children": [child]}, {"children": at_hand})
    _shuffle(rng, made)
    return made


def staff(seed: int, people: int) -> Adults:
    """Teachers and other staff of schools of about 40; offices give some of them the phone and the mailbox of the
    school, and two of one name may teach in one district or in one school."""
    rng = random.Random(seed)
    pick, made = picker(rng, ORDINARY), Adults("staff")
    schools, before, last = max(1, people // 40), ("", ""), 0
    for number in range(people):
        group = rng.choices(list(GROUPS), weights=list(GROUPS.values()))[0]
        given, own = pick(f"{group} given"), pick(f"{group} family")
        school = rng.randrange(schools)
        if number and rng.random() < 0.01:
            given, own = before
            school = last if rng.random() < 0.05 else school
        before, last = (given, own), school
        office = rng.random() < 0.1
        email = (
            f"office{school}@schools.example.org" if office else f"{given[0].lower()}{own.lower()}{number}@s.example"
        )
        phone = f"+1555{school:07d}" if rng.random() < 0.3 else f"+1{rng.randrange(2_012_000_000, 9_899_999_999)}"
        person = _Typed(rng, pick, given, own, email, phone)
        elsewhere = rng.randrange(schools) if rng.random() < 0.06 else school
        _both_sides(rng, made, number, person, {"schools": f"s{school}"}, {"schools": f"s{elsewhere}"})
    _shuffle(rng, made)
    return made


def _both_sides(rng: random.Random, made: Adults, household: int, person: _Typed, bond: Row, other: Row) -> None:
    number, fate = len(made.household), rng.random()
    sis, hand = f"S{number:07d}", f"{number:07d}"
    if fate >= 0.12:
        made.put(sis, household, {**person.whole(), **bond}, known=False)
    if fate < 0.12 or fate >= 0.26:
        made.put(hand, household, {**person.typed(), **other}, known=True)
    if fate >= 0.26:
        made.truth.add((sis, hand))
        made.damage[sis] = person.kinds


def _shuffle(rng: random.Random, made: Adults) -> None:
    rng.shuffle(made.coming)
    rng.shuffle(made.known)


@dataclass
class _Typed:
    """One grown person, as the SIS has them and as an office types them."""

    rng: random.Random
    pick: Callable[[str], str]
    given: str
    family: str
    email: str
    phone: str
    kinds: set[str] = field(default_factory=set)

    def whole(self) -> Row:
        """As the SIS has them; it does not know everything either."""
        rng = self.rng
        email = self.email if rng.random() > 0.15 else None
        return self._row(self.given, self.family, email, self.phone if rng.random() > 0.15 else None)

    def typed(self) -> Row:
        rng, given, family = self.rng, self.given, self.family
        short = sorted(NICK.nicknames_of(given.lower()))
        if short and self._hit("nickname", 0.1):
            given = rng.choice(short).title()
        if self._hit("changed surname", 0.03):
            family = self.pick("english family")
        if self._hit("slip in given name", 0.03):
            given = slip(rng, given)
        if self._hit("slip in surname", 0.03):
            family = slip(rng, family)
        if not (given + family).isascii() and rng.random() < 0.4:
            given, family = plain(given), plain(family)
        if self._hit("swapped names", 0.01):
            given, family = family, given
        email: str | None = self.email
        phone: str | None = self.phone
        if self._hit("no e-mail", 0.3):
            email = None
        elif self._hit("changed e-mail", 0.12):
            email = f"new{rng.randrange(10**8)}@example.net"
        if self._hit("no phone", 0.3):
            phone = None
        elif self._hit("changed phone", 0.12):
            phone = f"+1{rng.randrange(2_012_000_000, 9_899_999_999)}"
        return self._row(rng.choice((given, given, given.upper())), family, email, phone and typed_phone(rng, phone))

    def _row(self, given: str, family: str, email: str | None, phone: str | None) -> Row:
        sms = self.rng.random() < 0.5
        return {
            "given_name": given,
            "family_name": family,
            "email": email,
            "sms": phone if sms else None,
            "phone": None if sms else phone,
        }

    def _hit(self, kind: str, rate: float) -> bool:
        if self.rng.random() < rate:
            self.kinds.add(kind)
            return True
        return False
