"""What people have set about syncing, for the district and for single schools, and what holds until they do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum

import sqlalchemy as sa

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
    history_months: int = 36  # 0: for ever
    limits: tuple[str, ...] = NO_LIMITS  # see `directory.limits`


_LEAVING = "Who came in before and no longer does is archived, and comes back when the setting allows it."
_WAITING = "A guardian who has no other waits until one appears. Those who share one already go on."
# Of each setting: what it is called, and what it does when it is on (or whatever its value is) and when it is off.
EXPLAINED: Mapping[str, tuple[str, str, str]] = {
    "sync": (
        "Sync with the source",
        "Every run brings the school to what the source says; by hand little can be changed.",
        "Every run skips the school. Its records stay, keep their SIS IDs, and are edited by hand.",
    ),
    "threshold_percent": (
        "Deletion threshold",
        "A run that would archive more than this percentage of a kind of record waits until a person has looked.",
        "",
    ),
    "school_threshold_percent": (
        "Deletion threshold of a school",
        "A run that would archive more than this percentage within one school waits until a person has looked.",
        "",
    ),
    "link_threshold_percent": (
        "Threshold of enrollments and family links",
        "A run that would remove more than this percentage of them waits until a person has looked.",
        "",
    ),
    "restore_students": (
        "Restore students who reappear",
        "An archived student whose SIS ID is in the source again becomes active, with their classrooms and family.",
        "An archived student stays archived until a person restores them.",
    ),
    "unarchive_classrooms": (
        "Unarchive classrooms that reappear",
        "Every classroom that is in the source becomes active, also one that a person archived.",
        "A classroom that a person archived stays archived.",
    ),
    "update_active_users": (
        "Allow the sync to update contact details of active users",
        "E-mail, phones and names of people who have signed in follow the source; they are changed in the SIS only.",
        "People who have signed in, and Users Managers, change contact details here; the sync leaves them alone.",
    ),
    "manage_guardians": (
        "Allow the sync to manage guardians",
        "Guardians and family links come from the source. Those that people added stay beside them.",
        "Guardians in the source are ignored; those who are here stay, and people or the guardian file bring new ones.",
    ),
    "update_language": (
        "Allow the sync to update the language",
        "A person's language follows the source in every run.",
        "The language is taken from the source once, and is the person's own from then on.",
    ),
    "phone_column": (
        "Phone credential column",
        "The number in this column is what a person signs in and is reached with; the other one is only kept.",
        "",
    ),
    "student_id": (
        "Student ID",
        "The identifier by which people name a student here. Matching with the source is by the SIS ID all the same.",
        "",
    ),
    "guardians_by_hand": (
        "Who may manage guardians",
        "Nobody, school and district leaders, or all staff of the school may add and remove guardians by hand.",
        "",
    ),
    "contact_relationships": (
        "Contact relationships that come in",
        "Only guardians with one of these relationships to the student, or with none told, come in; all: everybody. "
        + _LEAVING,
        "",
    ),
    "contact_types": (
        "Contact types that come in",
        "Only contacts of one of these types (primary, emergency ...), or with none told, come in; all: everybody. "
        + _LEAVING,
        "",
    ),
    "shared_contacts": (
        "Allow people to share an e-mail or phone",
        "Several people may have the same e-mail or mobile number; one person in several roles has one account.",
        "An e-mail or mobile number is one person's only: who has it keeps it, others go without. " + _WAITING,
    ),
    "history_months": (
        "Keep the history of records",
        "After so many months a purge forgets what a run changed, before and after; 0: never. Its numbers stay.",
        "",
    ),
    "limits": (
        "Further limits",
        (
            "A run that goes over one of these waits until a person has looked: students created 200, or school "
            "students updated 30%; none: only the others hold. A percentage allows 100 records in any case, in one "
            "school 20."
        ),
        "",
    ),
}
# These are about the whole run, which has no school, or about people who may be of several.
DISTRICT_ONLY = frozenset(
    {"threshold_percent", "link_threshold_percent", "history_months", "student_id", "phone_column", "shared_contacts"}
)


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
        if text.isascii() and text.isdigit() and int(text) <= 100:
            return int(text)
        allowed = "a whole number from 0 to 100"
    elif issubclass(kind, StrEnum):
        if text in set(kind):
            return kind(text)
        allowed = " or ".join(kind)
    elif items := tuple(sorted({item.strip().lower() for item in text.split(",")} - {""})):
        if name == "limits":
            return items if items == NO_LIMITS else tuple(str(read_limit(item)) for item in items)
        return () if items == (ALL,) else items
    else:
        allowed = f"one or more words, separated by commas, or {ALL}"
    raise UsageError(f"{text!r} is no value of the setting {name}.", f"Write {allowed}.")
