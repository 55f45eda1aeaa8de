"""What the forms of hand edits are made of: the record that is edited, its fields, and what edits are called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rosterdesk.gui.forms import GRADES, LANGUAGES, Answers, Field, Pick
from rosterdesk.gui.titles import field_title
from rosterdesk.gui.words import language, tr

if TYPE_CHECKING:
    from rosterdesk.directory.browse import Record
    from rosterdesk.directory.edit import Edit

CONTACT = {
    "staff": ("given_name", "family_name", "middle_name", "email", "sms", "phone"),
    "guardians": ("given_name", "family_name", "email", "sms", "phone"),
}
STUDENT = (
    *("given_name", "family_name", "middle_name", "preferred_name", "email", "grade", "student_number", "state_id"),
    *("birth_date", "gender", "language"),
)
_REQUIRED = {"given_name", "family_name", "title"}


@dataclass(frozen=True, slots=True)
class Subject:
    """A record that is to be edited, with its schools and all active ones (number and name)."""

    record: Record
    schools: tuple[int, ...]
    places: Sequence[tuple[int, str]]


def fields(names: Sequence[str], values: dict[str, str] | None = None, *, required: bool = True) -> tuple[Field, ...]:
    """Fields of a record as they are filled in, with what they hold now."""
    now = values or {}
    return tuple(
        Field(
            name,
            field_title(name),
            now.get(name, ""),
            choices=_choices(name, now.get(name, "")),
            required=required and name in _REQUIRED,
            hint=tr("Year-month-day, such as 2015-04-30") if name == "birth_date" else "",
        )
        for name in names
    )


def _choices(name: str, value: str) -> tuple[tuple[str, str], ...]:
    if name == "language":
        codes = dict.fromkeys(["", *([value] if value else []), *LANGUAGES])
        return tuple((code, language(code) if code else tr("not known")) for code in codes)
    if name == "grade":
        return tuple((grade, grade or tr("not known")) for grade in dict.fromkeys([*GRADES, value]))
    return ()


def offer_words(name: str) -> str:
    """What an edit is called on its button."""
    return {
        "add_guardian": tr("Add a guardian"),
        "link_guardian": tr("Link a guardian who is here"),
        "join_code": tr("Join code"),
        "enable_account": tr("Enable the account"),
        "change_student": tr("Change details"),
        "merge": tr("Merge with another record"),
        "archive": tr("Archive"),
        "restore": tr("Restore"),
        "remove_from_school": tr("Remove from the school"),
        "contact": tr("Change contact details"),
        "language": tr("Change the language"),
        "set_role": tr("Set the role"),
        "add_to_school": tr("Add to a further school"),
        "add_teacher": tr("Add teachers"),
        "assign_students": tr("Assign students"),
        "rename": tr("Rename"),
        "new_classrooms": tr("New classroom"),
        "new_staff": tr("New member of staff"),
        "new_students": tr("New student"),
        "sync_off": tr("Switch the sync off"),
        "sync_on": tr("Switch the sync on"),
        "connect_school": tr("Connect with the SIS"),
    }[name]


def changed(of: Subject, answers: Answers, names: Sequence[str]) -> dict[str, str | None]:
    """The answers that are another than what the record holds."""
    now = of.record.fields
    return {name: value for name, value in answers.some(*names).items() if (value or "") != now.get(name, "")}


def each(act: Callable[[Edit, int], object]) -> Callable[[Edit, Answers], object]:
    """An edit of everybody who was chosen, in one run; whoever can't be, stops it as a whole."""

    def perform(edit: Edit, answers: Answers) -> None:
        for number in answers.picked:
            act(edit, number)

    return perform


def pick_of(of: Subject, entity: str, title: str) -> Pick:
    """Several people of the record's schools."""
    return Pick(entity, title, many=True, schools=of.schools)
