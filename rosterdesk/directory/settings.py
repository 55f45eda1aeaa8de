"""What people have set about syncing, for the district and for single schools, and what holds until they do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum

import sqlalchemy as sa

from rosterdesk.directory.explained import EXPLAINED
from rosterdesk.directory.limits import read as read_limit
from rosterdesk.directory.schema import settings as table
from rosterdesk.errors import UsageError

NO_LIMITS = ("none",)
DISTRICT = 0  # stands for the whole district where a school's number is asked
ALL = "all"  # stands for a list of contacts that leaves out none


class PhoneColumn(StrEnum):
    """Which of the two numbers a person signs in and is reached with."""

    SMS = "sms"
    PHONE = "phone"


class Guardianship(StrEnum):
    """Who may add, edit and remove guardians by hand."""

    NOBODY = "nobody"
    LEADERS = "leaders"
    STAFF = "staff"


class StudentId(StrEnum):
    """By which of a student's identifiers people name the student."""

    SIS_ID = "sis_id"
    STUDENT_NUMBER = "student_number"
    STATE_ID = "state_id"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a sync (ClassTag's, reference 3.5). Percentages are of the synced, active records."""

    sync: bool = True  # off: what the source says of a school is ignored, and all of it is edited by hand
    threshold_percent: int = 10  # of an entity's records, the most that one run may archive
    school_threshold_percent: int = 20  # the same within one school
    link_threshold_percent: int = 50  # of the enrollments, or of the family links, the most that one run may remove
    restore_students: bool = True  # an archived student whose ID returns becomes active again
    unarchive_classrooms: bool = (
        False  # a classroom that a person archived becomes active again when it is in the source
    )
    update_active_users: bool = False  # contact details of people who have signed in follow the source too
    manage_guardians: bool = True  # guardians and guardianships come from the source
    update_language: bool = False  # a person's language follows the source after it was first set
    phone_column: PhoneColumn = PhoneColumn.SMS
    student_id: StudentId = StudentId.SIS_ID
    guardians_by_hand: Guardianship = Guardianship.LEADERS
    contact_relationships: tuple[str, ...] = ()  # none: all
    contact_types: tuple[str, ...] = ()  # none: all
    shared_contacts: bool = True  # several people may have the same e-mail or number
    history_months: int = 36  # 0: for ever, as with the days
    held_days: int = 30  # that a run waits for a person
    staged_days: int = 7  # that an upload which nobody finished stays on the computer
    delivered_days: int = 0  # that files lie in a folder or on a server to which nothing is delivered any more
    limits: tuple[str, ...] = NO_LIMITS  # see `directory.limits`


# These are about the whole run, which has no school, or about people who may be of several.
DISTRICT_ONLY = frozenset(
    {"threshold_percent", "link_threshold_percent", "student_id", "phone_column", "shared_contacts"}
    | {"history_months", "held_days", "staged_days", "delivered_days"}
)
_MOST = {"_months": 1200, "_days": 3650}  # else 100, as of a percentage


def effect(name: str, value: object) -> str:
    """What a value of a setting does, in a sentence. Raises `UsageError` for a setting that there is not."""
    _kind(name)
    _, on, off = EXPLAINED[name]
    return off if value is False else on


def get_settings(conn: sa.Connection, district: int, school: int = DISTRICT) -> Settings:
    """The settings that hold in a school: its own, else the district's, else the defaults."""
    query = (
        sa.select(table.c.name, table.c.value)
        .where(table.c.district == district, table.c.school.in_((DISTRICT, school)))
        .order_by(table.c.school)  # the district's come first, so that the school's win
    )
    return _with(Settings(), {row.name: row.value for row in conn.execute(query)})


def own_settings(conn: sa.Connection, district: int) -> dict[int, dict[str, str]]:
    """What has been set, as text, by school (0: the district)."""
    own: dict[int, dict[str, str]] = {}
    query = sa.select(table.c.school, table.c.name, table.c.value).where(table.c.district == district)
    for school, name, value in conn.execute(query):
        own.setdefault(school, {})[name] = value
    return own


def school_settings(conn: sa.Connection, district: int) -> dict[int, Settings]:
    """The settings that hold in each school that has some of its own."""
    own = own_settings(conn, district)
    wide = _with(Settings(), own.pop(DISTRICT, {}))
    return {school: _with(wide, texts) for school, texts in own.items()}


def set_settings(
    conn: sa.Connection, district: int, changes: Mapping[str, str | None], school: int = DISTRICT
) -> Settings:
    """Set some settings, as text ("on", "12", "phone"; None: back to the wider value); return those that hold now.

    Raises `UsageError` for a name or value that there is not, and for a school's own value of what has none.
    """
    _with(Settings(), {name: value for name, value in changes.items() if value is not None})
    for name in changes:
        _kind(name)
        if school != DISTRICT and name in DISTRICT_ONLY:
            raise UsageError(f"{name} is a setting of the whole district.", "Set it without naming a school.")
    here = (table.c.district == district, table.c.school == school)
    conn.execute(table.delete().where(*here, table.c.name.in_(changes)))
    rows = [
        {"district": district, "school": school, "name": name, "value": canonical(name, value)}
        for name, value in changes.items()
        if value is not None
    ]
    if rows:
        conn.execute(table.insert(), rows)
    return get_settings(conn, district, school)


def canonical(name: str, text: str) -> str:
    """A value of a setting as it is stored. Raises `UsageError`."""
    return as_text(_parsed(name, text))


def as_text(value: object) -> str:
    """A setting's value as it is stored and shown."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(value) or ALL
    return str(value)


def _with(settings: Settings, texts: Mapping[str, str]) -> Settings:
    values = {name: _parsed(name, text) for name, text in texts.items()}
    return replace(settings, **values)  # type: ignore[arg-type]


def _limits(items: tuple[str, ...]) -> tuple[str, ...]:
    read = [read_limit(item) for item in items]
    if any(limit.at for limit in read):
        raise UsageError(
            "A limit at one school is a setting of that school.", "Set it there, and without the school's ID."
        )
    return tuple(map(str, read))


def _kind(name: str) -> type:
    defaults = {field.name: field.default for field in fields(Settings)}
    if name not in defaults:
        raise UsageError(f"There is no setting {name}.", f"Settings: {', '.join(defaults)}.")
    return type(defaults[name])


def _parsed(name: str, text: str) -> bool | int | StrEnum | tuple[str, ...]:
    kind = _kind(name)
    allowed = ""
    if kind is bool:
        if text.lower() in {"on", "off", "true", "false"}:
            return text.lower() in {"on", "true"}
        allowed = "on or off"
    elif kind is int:
        most = next((most for ending, most in _MOST.items() if name.endswith(ending)), 100)
        if text.isascii() and text.isdigit() and len(text) <= 9 and int(text) <= most:
            return int(text)
        allowed = f"a whole number from 0 to {most}"
    elif issubclass(kind, StrEnum):
        if text in set(kind):
            return kind(text)
        allowed = " or ".join(kind)
    elif items := tuple(sorted({item.strip().lower() for item in text.split(",")} - {""})):
        if name == "limits":
            return items if items == NO_LIMITS else _limits(items)
        return () if items == (ALL,) else items
    else:
        allowed = f"one or more words, separated by commas, or {ALL}"
    raise UsageError(f"{text!r} is no value of the setting {name}.", f"Write {allowed}.")
