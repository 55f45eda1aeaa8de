"""Clever's records as flat rows, still with Clever's IDs; `assembly` makes the roster of them.

Facts: the swagger of 3.1 (nearly everything may be null or ""), and what was recorded: birth dates as M/D/YYYY, the
whole name of a contact in `last`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from rosterdesk.sources.tablefile import items, text

Record = Mapping[str, Any]
Row = list[str]
KINDS = ("student", "teacher", "staff", "district_admin")
# The IDs by which a district knows its people; what Clever calls them by, for each role.
IDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "sis": {"student": ("sis_id",), "teacher": ("sis_id",), "staff": ("staff_id",)},
    "number": {
        "student": ("student_number", "sis_id"),
        "teacher": ("teacher_number", "sis_id"),
        "staff": ("staff_id",),
    },
    "clever": {},
}
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "schools": ("id", "name", "number", "sis_id", "low", "high", "phone"),
    "people": (
        *(
            "id",
            "kind",
            "key",
            "first",
            "middle",
            "last",
            "preferred",
            "email",
            "number",
            "state_id",
            "grade",
            "gender",
        ),
        *("dob", "language", "username", "title", "department", "schools", "made"),
    ),
    "sections": ("id", "school", "name", "number", "sis_id", "grade", "period", "subject", "course", "term"),
    "members": ("section", "person", "role", "place"),
    "contacts": (
        "id",
        "key",
        "first",
        "middle",
        "last",
        "email",
        "phone",
        "phone_type",
        "student",
        "relationship",
        "type",
    ),
    "attributes": ("student", "name", "value"),
    "courses": ("id", "name", "number"),
    "terms": ("id", "name"),
}
_GRADES = {
    "InfantToddler": "IT",
    "Preschool": "PR",
    "PreKindergarten": "PK",
    "TransitionalKindergarten": "TK",
    "Kindergarten": "KG",
    "PostGraduate": "PS",
    "Ungraded": "UG",
}
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_STATUSES = ("ell_status", "frl_status", "iep_status", "section_504_status", "gifted_status")
_PLAIN = re.compile(r"([\w'’-]{2,}) ([\w'’-]{2,})")


def school(record: Record) -> Iterator[Row]:
    keys = ("id", "name", "school_number", "sis_id", "low_grade", "high_grade", "phone")
    yield [text(record.get(key)) for key in keys]


def course(record: Record) -> Iterator[Row]:
    yield [text(record.get(key)) for key in ("id", "name", "number")]


def term(record: Record) -> Iterator[Row]:
    yield [text(record.get(key)) for key in ("id", "name")]


def section(record: Record) -> Iterator[Row]:
    keys = ("id", "school", "name", "section_number", "sis_id")
    first = [text(record.get(key)) for key in keys]
    yield [
        *first,
        grade(record.get("grade")),
        *(text(record.get(k)) for k in ("period", "subject", "course", "term_id")),
    ]


def members(record: Record) -> Iterator[Row]:
    """Who is in a section: the primary teacher first, then the others, then the students; nobody twice."""
    own = text(record.get("id"))
    teachers = [text(t) for t in (*items(record.get("teacher")), *items(record.get("teachers")))]
    for place, teacher in enumerate(dict.fromkeys(teachers)):
        yield [own, teacher, "teacher", str(place)]
    for student in dict.fromkeys(text(s) for s in items(record.get("students"))):
        yield [own, student, "student", "0"]


def people(record: Record, ids: str) -> Iterator[Row]:
    """A row for each role of a user that is no contact."""
    roles = roles_of(record)
    name = _object(record, "name")
    own = text(record.get("id"))
    for kind in KINDS:
        role = roles.get(kind)
        if not isinstance(role, dict):
            continue
        # A person who is a teacher and on the staff list is one person: the teacher's ID is theirs.
        source = (
            roles["teacher"] if kind in ("staff", "district_admin") and isinstance(roles.get("teacher"), dict) else role
        )
        named = "teacher" if source is not role else kind
        key = next((k for field in IDS[ids].get(named, ()) if (k := text(source.get(field)).strip())), "")
        schools = dict.fromkeys(text(s) for s in (*items(role.get("school")), *items(role.get("schools"))))
        yield [
            *(own, kind, key or own, text(name.get("first")), text(name.get("middle")), text(name.get("last"))),
            text(_object(role, "preferred_name").get("first")),
            text(record.get("email")) if "@" in text(record.get("email")) else "",
            text(role.get("student_number") or role.get("teacher_number")),
            text(role.get("state_id")),
            grade(role.get("grade")),
            text(role.get("gender")),
            date(role.get("dob")),
            text(role.get("home_language_code") or role.get("home_language")),
            text(_object(role, "credentials").get("district_username")),
            text(role.get("title")),
            text(role.get("department")),
            ",".join(schools),
            "yes" if not key and ids != "clever" else "",
        ]


def contacts(record: Record) -> Iterator[Row]:
    """A row for each student that a contact is of; the name is split, for Clever puts all of it into `last`."""
    role = roles_of(record).get("contact")
    if not isinstance(role, dict):
        return
    name = _object(record, "name")
    first, middle, last = (text(name.get(key)).strip() for key in ("first", "middle", "last"))
    if not first:
        first, middle, last = split(last)
    told = [text(record.get("email")) if "@" in text(record.get("email")) else "", text(role.get("phone"))]
    for tie in items(role.get("student_relationships")):
        if isinstance(tie, dict) and tie.get("student"):
            yield [
                *(text(record.get("id")), text(role.get("sis_id")).strip(), first, middle, last, *told),
                text(role.get("phone_type")),
                *(text(tie.get(key)) for key in ("student", "relationship", "type")),
            ]


def attributes(record: Record) -> Iterator[Row]:
    """A student's extension fields and statuses, by the names they have at Clever."""
    role = roles_of(record).get("student")
    if not isinstance(role, dict):
        return
    extra = {**{key: role.get(key) for key in _STATUSES}, **_object(role, "ext")}
    for key in sorted(extra):
        if value := text(extra[key]):
            yield [text(record.get("id")), key, value]


def grade(value: Any) -> str:
    """A grade as CEDS writes it: "Kindergarten" is KG, "1" is 01."""
    found = text(value).strip()
    return found.zfill(2) if found.isdigit() else _GRADES.get(found, found)


def date(value: Any) -> str:
    """2/11/2007 as 2007-02-11; what is no such date as it is."""
    found = text(value).strip()
    match = _DATE.fullmatch(found)
    return f"{match[3]}-{int(match[1]):02}-{int(match[2]):02}" if match else found


@lru_cache(maxsize=100_000)
def split(name: str) -> tuple[str, str, str]:
    """First, middle and last of a whole name. Where there is one word alone it stands as both first and last."""
    from nameparser import HumanName
    from nameparser.config import CONSTANTS

    name = " ".join(name.split())
    if (match := _PLAIN.fullmatch(name)) and not any(
        word.lower() in known
        for word in match.groups()
        for known in (CONSTANTS.titles, CONSTANTS.suffix_not_acronyms, CONSTANTS.suffix_acronyms, CONSTANTS.prefixes)
    ):
        return match[1], "", match[2]
    parsed = HumanName(name)
    first, middle, last = str(parsed.first), str(parsed.middle), str(parsed.last)
    if str(parsed.suffix) and last:
        last = f"{last} {parsed.suffix}"
    first, last = first or last or str(parsed.title), last or first
    return first, middle, last


def roles_of(record: Record) -> Record:
    """A user's roles by name; one page of Clever's calls them a list, so that is read too."""
    found = record.get("roles")
    if isinstance(found, list):
        return {text(item.get("role") or item.get("type")): item for item in found if isinstance(item, dict)}
    return found if isinstance(found, dict) else {}


def _object(record: Record, key: str) -> Record:
    found = record.get(key)
    return found if isinstance(found, dict) else {}
