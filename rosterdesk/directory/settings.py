"""What people have set about syncing, for the district and for single schools, and what holds until they do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum

import sqlalchemy as sa

from rosterdesk.directory.schema import settings as table
from rosterdesk.errors import UsageError

DISTRICT = 0  # stands for the whole district where a school's number is asked


class PhoneColumn(StrEnum):
    """Which of the two numbers a person signs in and is reached with."""

    SMS = "sms"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a sync (ClassTag's, reference 3.5). Percentages are of the synced, active records."""

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


def set_settings(
    conn: sa.Connection, district: int, changes: Mapping[str, str | None], school: int = DISTRICT
) -> Settings:
    """Set some settings, as text ("on", "12", "phone"; None: back to the wider value); return those that hold now.

    Raises `UsageError` for a name or value that there is not.
    """
    _with(Settings(), {name: value for name, value in changes.items() if value is not None})
    for name in changes:
        _kind(name)
    here = (table.c.district == district, table.c.school == school)
    conn.execute(table.delete().where(*here, table.c.name.in_(changes)))
    rows = [
        {"district": district, "school": school, "name": name, "value": as_text(_parsed(name, value))}
        for name, value in changes.items()
        if value is not None
    ]
    if rows:
        conn.execute(table.insert(), rows)
    return get_settings(conn, district, school)


def as_text(value: object) -> str:
    """A setting's value as it is stored and shown."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _with(settings: Settings, texts: Mapping[str, str]) -> Settings:
    values = {name: _parsed(name, text) for name, text in texts.items()}
    return replace(settings, **values)  # type: ignore[arg-type]


def _kind(name: str) -> type:
    defaults = {field.name: field.default for field in fields(Settings)}
    if name not in defaults:
        raise UsageError(f"There is no setting {name}.", f"Settings: {', '.join(defaults)}.")
    return type(defaults[name])


def _parsed(name: str, text: str) -> bool | int | PhoneColumn:
    kind = _kind(name)
    if kind is bool and text.lower() in {"on", "off", "true", "false"}:
        return text.lower() in {"on", "true"}
    if kind is int and text.isascii() and text.isdigit() and int(text) <= 100:
        return int(text)
    if kind is PhoneColumn and text in set(PhoneColumn):
        return PhoneColumn(text)
    allowed = "on or off" if kind is bool else "a whole number from 0 to 100" if kind is int else "sms or phone"
    raise UsageError(f"{text!r} is no value of the setting {name}.", f"Write {allowed}.")
