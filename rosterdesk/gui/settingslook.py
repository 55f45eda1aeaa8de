"""The settings of a district or a school as people see them: in groups, in words, with what is set where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from rosterdesk.gui.words import tr
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.permissions import Grant
    from rosterdesk.errors import UsageError

DISTRICT = 0
_NOBODY = ""  # who has no permission
# What belongs together; a setting that is not named here stands at the end.
GROUPS = (
    ("Sync", ("sync", "restore_students", "unarchive_classrooms", "update_active_users", "update_language")),
    (
        "Families",
        ("manage_guardians", "guardians_by_hand", "contact_relationships", "contact_types", "shared_contacts"),
    ),
    ("Identifiers and phones", ("student_id", "phone_column")),
    ("Limits", ("threshold_percent", "school_threshold_percent", "link_threshold_percent", "limits")),
    ("What is kept", ("history_months", "held_days", "staged_days", "delivered_days")),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting at a place. `own` is what is set there, as text (None: nothing); `wider` what holds without it.

    `choices` are its possible values; a setting without any is written.
    """

    name: str
    title: str
    own: str | None
    wider: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where settings are looked at: the district or a school, with all places to choose from.

    `grants` are who may do what there (in the district: anywhere), `governs` the rule that forbids changing that.
    """

    school: int
    name: str
    settings: tuple[Setting, ...]
    places: tuple[tuple[int, str], ...]
    refusal: UsageError | None
    since: int
    grants: tuple[Grant, ...] = ()
    governs: UsageError | None = None


def look_up(directory: Directory, school: int, run: Run) -> Place:
    """What is set in a school (0: in the district), in the reader's thread."""
    from rosterdesk.directory import browse, governing, offers, settings
    from rosterdesk.directory.explained import EXPLAINED
    from rosterdesk.directory.history import list_runs
    from rosterdesk.directory.permissions import Permission, grants_seen

    with directory.read(run) as connection:
        district = directory.district
        own = settings.own_settings(connection, district).get(school, {})
        wider = settings.get_settings(connection, district) if school else settings.Settings()
        schools = [(number, name) for number, name, _ in browse.list_schools(connection, district)]
        trial = offers.trial(directory, connection)
        latest = list_runs(connection, district, limit=1)
        made = tuple(
            Setting(name, EXPLAINED[name][0], own.get(name), _text(value), _choices(value))
            for name in _order(EXPLAINED)
            if not (school and name in settings.DISTRICT_ONLY)
            for value in [getattr(wider, name)]
        )
        places = ((DISTRICT, tr("The whole district")), *schools)
        refusal = offers.refusal(
            trial, lambda edit: governing.change_settings(edit, {"sync": _other(made, "sync")}, school)
        )
        governs = offers.refusal(trial, lambda edit: governing.grant(edit, _NOBODY, Permission.STAFF, school))
        seen = grants_seen(connection, district) if governs is None else []
    grants = tuple(one for one in seen if school in (DISTRICT, one.school))
    name, since = dict(places).get(school, ""), latest[0].number if latest else 0
    return Place(school, name, made, places, refusal, since, grants, governs)


def effect(name: str, text: str) -> str:
    """What a value of a setting does, in a sentence; of what is no value yet, what the setting is for."""
    from rosterdesk.directory.explained import EXPLAINED

    on, off = EXPLAINED[name][1:]
    return tr(off if text == "off" else on)


def value_words(name: str, text: str) -> str:
    """A value in words."""
    if name.endswith("_percent"):
        return tr("{n} %", n=text)
    return {
        "on": tr("On"),
        "off": tr("Off"),
        "all": tr("all"),
        "sms": tr("Mobile number"),
        "phone": tr("Home phone"),
        "sis_id": tr("SIS ID"),
        "student_number": tr("Student number"),
        "state_id": tr("State ID"),
        "nobody": tr("Nobody"),
        "leaders": tr("School and district leaders"),
        "staff": tr("All staff of the school"),
    }.get(text, text)


def grouped(settings: tuple[Setting, ...]) -> list[tuple[str, list[Setting]]]:
    """The settings under the headings of their groups."""
    named = {name for _, names in GROUPS for name in names}
    groups = [(tr(title), [s for s in settings if s.name in names]) for title, names in GROUPS]
    groups.append((tr("Further settings"), [s for s in settings if s.name not in named]))
    return [(title, inside) for title, inside in groups if inside]


def _order(explained: Mapping[str, object]) -> list[str]:
    return [name for _, names in GROUPS for name in names if name in explained] + [
        name for name in explained if not any(name in names for _, names in GROUPS)
    ]


def _text(value: object) -> str:
    from rosterdesk.directory.settings import as_text

    return as_text(value)


def _choices(value: object) -> tuple[str, ...]:
    if isinstance(value, bool):
        return ("on", "off")
    return tuple(type(value)) if isinstance(value, StrEnum) else ()


def _other(settings: tuple[Setting, ...], name: str) -> str:
    """A value that the setting does not have now, so that trying it comes as far as writing."""
    now = next(s for s in settings if s.name == name)
    return "off" if (now.own or now.wider) == "on" else "on"
