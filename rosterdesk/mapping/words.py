"""The words that sources use for grades, roles, statuses and the like, and the expressions that turn them into ours."""

from __future__ import annotations

import re
from functools import lru_cache

import duckdb

from rosterdesk.mapping.cells import BLANKS, Cell, call, choose, each
from rosterdesk.staging import literal

# CEDS entry grade levels, the codes that OneRoster prescribes.
GRADES = ("IT", "PR", "PK", "TK", "KG", *(f"{n:02}" for n in range(1, 14)), "PS", "UG", "Other")

_GRADE_WORDS: dict[str, str] = {
    **dict.fromkeys(("it", "infanttoddler", "infant", "toddler"), "IT"),
    **dict.fromkeys(("pr", "preschool", "prs"), "PR"),
    **dict.fromkeys(
        (
            "pk",
            "prek",
            "prekindergarten",
            "prekinder",
            "pk3",
            "pk4",
            "prek3",
            "prek4",
            "p3",
            "p4",
            "3k",
            "4k",
            "k3",
            "k4",
        ),
        "PK",
    ),
    **dict.fromkeys(("pregrade", "prekg", "gradepk"), "PK"),
    **dict.fromkeys(("tk", "transitionalkindergarten", "transitionalkinder", "gradetk"), "TK"),
    **dict.fromkeys(
        ("k", "kg", "kn", "kk", "kf", "kh", "k5", "5k", "kindergarten", "kinder", "kindergarden", "gradek", "kgrade"),
        "KG",
    ),
    **dict.fromkeys(
        ("ps", "ps1", "ps2", "ps3", "ps4", "postsecondary", "undergraduate", "graduate", "postgraduate", "pg"), "PS"
    ),
    **dict.fromkeys(("ug", "ungraded"), "UG"),
    "other": "Other",
    **dict.fromkeys(("freshman", "freshmen"), "09"),
    **dict.fromkeys(("sophomore",), "10"),
    **dict.fromkeys(("junior",), "11"),
    **dict.fromkeys(("senior",), "12"),
}
_ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
)
_GRADE_WORDS |= {f"{w}{tail}": f"{n:02}" for n, w in enumerate(_ORDINALS, 1) for tail in ("", "grade")}
# PowerSchool counts kindergarten as 0 and pre-kindergarten below it.
_GRADE_NUMBERS = {"0": "KG", "00": "KG", "-1": "PK", "-2": "PK", "-01": "PK", "-02": "PK"}
_GRADE_PATTERN = re.compile(
    r"(?:(?:grade|gr|g)[ .#:_-]*)?0*([1-9]|1[0-3])(?:st|nd|rd|th)?[ ._-]*(?:grade|gr)?\.?", re.ASCII
)

_ROLES_EXACT = {
    "student": "student",
    "guardian": "guardian",
    "parent": "guardian",
    "relative": "guardian",
    "teacher": "teacher",
    "administrator": "administrator",
    "aide": "aide",
    "proctor": "aide",
}
_ROLES = {
    **_ROLES_EXACT,
    **dict.fromkeys(("students", "pupil", "learner", "studentenrollment"), "student"),
    **dict.fromkeys(
        ("parents", "parentguardian", "guardianparent", "mother", "father", "contact", "family", "observer"), "guardian"
    ),
    **dict.fromkeys(("observerenrollment",), "guardian"),
    **dict.fromkeys(
        ("teachers", "instructor", "faculty", "professor", "lecturer", "educator", "coteacher", "teacherofrecord"),
        "teacher",
    ),
    **dict.fromkeys(
        ("leadteacher", "primaryteacher", "substitute", "substituteteacher", "adjunct", "teacherenrollment"), "teacher"
    ),
    **dict.fromkeys(
        ("assistant", "teachingassistant", "ta", "taenrollment", "paraprofessional", "para", "teacheraide"), "aide"
    ),
    **dict.fromkeys(
        ("admin", "principal", "assistantprincipal", "viceprincipal", "districtadministrator", "districtadmin"),
        "administrator",
    ),
    **dict.fromkeys(
        ("siteadministrator", "systemadministrator", "schooladmin", "schooladministrator", "headteacher"),
        "administrator",
    ),
    **dict.fromkeys(("superintendent", "leader", "schoolleader"), "administrator"),
    **dict.fromkeys(
        ("staff", "counselor", "counsellor", "officestaff", "office", "secretary", "nurse", "librarian", "coach"),
        "staff",
    ),
    **dict.fromkeys(("employee", "otherstaff", "staffmember", "designer", "designerenrollment"), "staff"),
}
_STATUSES_EXACT = {"active": "active", "tobedeleted": "tobedeleted", "inactive": "inactive"}
_STATUSES = {
    **_STATUSES_EXACT,
    **dict.fromkeys(("a", "enrolled", "current", "true", "1", "yes", "y", "enabled"), "active"),
    **dict.fromkeys(
        ("i", "withdrawn", "graduated", "completed", "concluded", "transferred", "exited", "disabled"), "inactive"
    ),
    **dict.fromkeys(("false", "0", "no", "n", "dropped", "archived", "former"), "inactive"),
    **dict.fromkeys(("deleted", "delete", "removed"), "tobedeleted"),
}
_BOOLEANS_EXACT = {"true": "true", "false": "false"}
_BOOLEANS = {
    **dict.fromkeys(("true", "1", "yes", "y", "t", "primary", "on"), "true"),
    **dict.fromkeys(("false", "0", "no", "n", "f", "secondary", "off"), "false"),
}
_CLASS_TYPES_EXACT = {"scheduled": "scheduled", "homeroom": "homeroom"}
_CLASS_TYPES = {
    **_CLASS_TYPES_EXACT,
    **dict.fromkeys(
        ("homeroomadvisory", "advisory", "hr", "registration", "tutorgroup", "true", "1", "yes", "y"), "homeroom"
    ),
    **dict.fromkeys(("regular", "false", "0", "no", "n"), "scheduled"),
}
_ORG_TYPES_EXACT = {t: t for t in ("school", "district", "department", "local", "state", "national", "campus")}
_ORG_TYPES = {
    **_ORG_TYPES_EXACT,
    **dict.fromkeys(("schools", "elementary", "elementaryschool", "middleschool", "highschool", "college"), "school"),
    **dict.fromkeys(("localeducationagency", "lea", "schooldistrict", "districts"), "district"),
}
_TABLES = {
    "role": (_ROLES_EXACT, _ROLES),
    "status": (_STATUSES_EXACT, _STATUSES),
    "boolean": (_BOOLEANS_EXACT, _BOOLEANS),
    "class_type": (_CLASS_TYPES_EXACT, _CLASS_TYPES),
    "org_type": (_ORG_TYPES_EXACT, _ORG_TYPES),
}
VOCABULARIES = tuple(_TABLES)


_NO_LETTER = re.compile(r"[\W_]+")
_ENDS_ZERO = re.compile(r"\.0+$")


@lru_cache(maxsize=100_000)
def meaning(text: str, name: str) -> str:
    """The text in our words of the vocabulary `name`, compared by letters and digits alone; an unknown word stays as
    it was.
    """
    return _TABLES[name][1].get(_NO_LETTER.sub("", text.casefold()), text)


@lru_cache(maxsize=100_000)
def grade_code(text: str) -> str:
    """The CEDS code of a grade, or the text as it was. "1.0" is the first grade as a spreadsheet writes it."""
    bare = _ENDS_ZERO.sub("", text.strip(BLANKS).casefold())
    if code := _GRADE_NUMBERS.get(bare):
        return code
    if number := _GRADE_PATTERN.fullmatch(bare):
        return f"{int(number[1]):02}"
    return _GRADE_WORDS.get(_NO_LETTER.sub("", bare), text)


@lru_cache(maxsize=100_000)
def first_grade_code(text: str) -> str:
    """The CEDS code of the first grade of a list of grades, or the text as it was."""
    code = grade_code(text.split(",", maxsplit=1)[0])
    return code if code in GRADES else text


@lru_cache(maxsize=100_000)
def grade_codes(text: str) -> str:
    """A list of grades as CEDS codes, joined with commas; what is no grade stays as it was."""
    return ",".join(grade_code(part) for part in text.split(",") if part.strip())


def vocabulary(name: str, cell: Cell, con: duckdb.DuckDBPyConnection) -> Cell:
    """The text in our words for roles, statuses, booleans, class types or org types; a word that is not known stays."""
    exact = _TABLES[name][0]
    if cell.many:
        return each(cell, lambda x: choose(x, exact, call(con, meaning, x, literal(name)), blank=False))
    return Cell(choose(cell.sql, exact, call(con, meaning, cell.sql, literal(name)), blank=cell.blank))


def grade(cell: Cell, con: duckdb.DuckDBPyConnection, *, all_of_them: bool = False) -> Cell:
    """The grade as a CEDS code. Of a list the first counts, or with `all_of_them` each, joined with commas."""
    codes = {g: g for g in (*GRADES[5:], *GRADES[:5])}
    if cell.many:
        return each(cell, lambda x: choose(x, codes, call(con, grade_code, x), blank=False))
    other = call(con, grade_codes if all_of_them else first_grade_code, cell.sql)
    return Cell(choose(cell.sql, codes, other, blank=cell.blank))
