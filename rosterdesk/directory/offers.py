"""What a person may do to a record by hand, and what not, with the rule in words: asked of the edits themselves.

Each edit is tried with a pen that does not write: where its rules let it come as far as writing, it is allowed. So no
rule is told a second time here, and nothing is ever changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import sqlalchemy as sa

from rosterdesk.directory import (
    accounts,
    classrooms,
    contacts,
    families,
    governing,
    joincodes,
    merging,
    people,
    permissions,
)
from rosterdesk.directory.edit import Edit
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.permissions import ROSTERING
from rosterdesk.errors import UsageError

SOMEBODY = -1  # stands for a record that is yet to be chosen
_UNUSED = "?"  # an SIS ID that no school has
_NAMED = {"given_name": "A", "family_name": "B"}
_REACHED = {**_NAMED, "email": "somebody@example.org"}


@dataclass(frozen=True, slots=True)
class Offer:
    """An edit by its name; `refusal` is the rule that forbids it, with who could do it, or None."""

    name: str
    refusal: UsageError | None = None


class _Allowed(Exception):
    pass


class Trial(Edit):
    """An edit that is only tried: it reads as any other does, and ends where it would write."""

    def get(self, entity: str, record: int) -> sa.Row[Any]:
        if record == SOMEBODY:
            raise _Allowed
        return super().get(entity, record)

    def create(self, entity: str, **values: Any) -> NoReturn:
        raise _Allowed

    def change(self, entity: str, row: sa.Row[Any], action: str = "update", **values: Any) -> NoReturn:
        raise _Allowed

    def link(self, link: str, **values: Any) -> NoReturn:
        raise _Allowed

    def unlink(self, link: str, row: sa.Row[Any]) -> NoReturn:
        raise _Allowed

    def note(self, entity: str, record: int, action: str, before: object, after: object) -> NoReturn:
        raise _Allowed


def trial(directory: Directory, conn: sa.Connection, acting_as: str | None = None) -> Trial:
    """A trial by the person at the keyboard, on a connection that need not be able to write."""
    return Trial(directory, conn, permissions.at_keyboard(directory, conn, acting_as), 0, None)


def refusal(edit: Trial, act: Callable[[Edit], object]) -> UsageError | None:
    """The rule that forbids an edit; None: it is allowed."""
    try:
        act(edit)
    except _Allowed:
        return None
    except UsageError as error:
        return error
    return None


def of_record(edit: Trial, entity: str, record: int, status: str) -> tuple[Offer, ...]:
    """Every edit that there is for a record of this kind and status, in the order in which people want them."""
    acts = _of_school(edit, record) if entity == "schools" else _acts(entity, record, status)
    return tuple(Offer(name, refusal(edit, act)) for name, act in acts.items())


def of_link(edit: Trial, entity: str, record: int, other_entity: str, other: int) -> Offer | None:
    """The edit that parts a record and something that belongs to it; None where there is none."""
    student, guardian, room, person = 0, 0, 0, 0
    match entity, other_entity:
        case "students", "guardians":
            student, guardian = record, other
        case "guardians", "students":
            student, guardian = other, record
        case "classrooms", _:
            room, person = record, other
        case _, "classrooms":
            room, person = other, record
        case _:
            return None
    if student:
        return Offer("remove_guardian", refusal(edit, lambda e: families.remove_guardian(e, student, guardian)))
    return Offer("unassign", refusal(edit, lambda e: classrooms.remove_person(e, room, person)))


def unmerge(edit: Trial, entity: str, survivor: int) -> Offer:
    """Taking a merge back, of a record that has absorbed another one."""
    return Offer("unmerge", refusal(edit, lambda e: _may_merge(e, entity, survivor)))


def _merge(edit: Edit, entity: str, record: int) -> None:
    _may_merge(edit, entity, record)
    merging.merge(edit, merging.Pair(entity, record, SOMEBODY))


def _may_merge(edit: Edit, entity: str, record: int) -> None:
    edit.person.require(merging.RULE, ROSTERING, edit.schools(entity, edit.get(entity, record)))


def new_records(edit: Trial, school: int) -> Mapping[str, Offer]:
    """What can be made in a school (0: the district), by kind of record."""
    if not school:
        return {"schools": Offer("schools", refusal(edit, lambda e: governing.add_school(e, "A")))}
    acts: dict[str, Callable[[Edit], object]] = {
        "classrooms": lambda e: classrooms.create(e, school, "A"),
        "students": lambda e: people.add_student(e, school, _NAMED),
        "staff": lambda e: people.add_staff(e, school, _NAMED),
    }
    return {name: Offer(name, refusal(edit, act)) for name, act in acts.items()}


def _acts(entity: str, record: int, status: str) -> Mapping[str, Callable[[Edit], object]]:
    live = status == "active"
    leaving: dict[str, Callable[[Edit], object]] = (
        {"archive": lambda e: people.archive(e, entity, [record])}
        if live
        else {"restore": lambda e: people.restore(e, entity, record)}
    )
    account: dict[str, Callable[[Edit], object]] = (
        {"enable_account": lambda e: accounts.enable(e, entity, record)} if live else {}
    )
    merge: dict[str, Callable[[Edit], object]] = {"merge": lambda e: _merge(e, entity, record)} if live else {}
    match entity:
        case "students":
            family: dict[str, Callable[[Edit], object]] = {
                "add_guardian": lambda e: families.add_guardian(e, record, _REACHED),
                "link_guardian": lambda e: families.link_guardian(e, record, SOMEBODY),
                "join_code": lambda e: joincodes.give(e, [record]),
            }
            change: dict[str, Callable[[Edit], object]] = {
                "change_student": lambda e: people.change_student(e, record, {})
            }
            gone: dict[str, Callable[[Edit], object]] = {
                "remove_from_school": lambda e: people.remove_from_school(e, record)
            }
            return {**(family if live else {}), **account, **change, **merge, **leaving, **({} if live else gone)}
        case "staff" | "guardians":
            acts: dict[str, Callable[[Edit], object]] = {
                "contact": lambda e: contacts.change(e, entity, record, {"email": _REACHED["email"]}),
                "language": lambda e: contacts.change(e, entity, record, {"language": "en"}),
            }
            if entity == "staff":
                acts["set_role"] = lambda e: people.set_role(e, record, "teacher")
                acts["add_to_school"] = lambda e: people.add_to_school(e, record, SOMEBODY)
            return {**acts, **account, **merge, **leaving}
        case _:
            return _of_classroom(record, live)


def _of_classroom(record: int, live: bool) -> Mapping[str, Callable[[Edit], object]]:
    inside: dict[str, Callable[[Edit], object]] = {
        "add_teacher": lambda e: classrooms.add_teacher(e, record, SOMEBODY),
        "assign_students": lambda e: classrooms.add_student(e, record, SOMEBODY),
    }
    rename: dict[str, Callable[[Edit], object]] = {"rename": lambda e: classrooms.rename(e, record, "A")}
    leaving: dict[str, Callable[[Edit], object]] = (
        {"archive": lambda e: classrooms.archive(e, record)}
        if live
        else {"restore": lambda e: classrooms.restore(e, record)}
    )
    return {**(inside if live else {}), **rename, **leaving}


def _of_school(edit: Trial, record: int) -> Mapping[str, Callable[[Edit], object]]:
    synced = edit.get("schools", record).sis_id is not None
    new: dict[str, Callable[[Edit], object]] = {
        "new_classrooms": lambda e: classrooms.create(e, record, "A"),
        "new_staff": lambda e: people.add_staff(e, record, _NAMED),
        "new_students": lambda e: people.add_student(e, record, _NAMED),
    }
    if not synced:
        return {**new, "connect_school": lambda e: governing.give_sis_id(e, record, _UNUSED)}
    on = edit.settings(record).sync
    return {**new, "sync_off" if on else "sync_on": lambda e: governing.switch_sync(e, record, on=not on)}
