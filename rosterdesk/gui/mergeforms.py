"""The forms with which two records of one person become one, and two again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rosterdesk.gui.forms import Answers, Field, Form, Pick
from rosterdesk.gui.handedits import Subject
from rosterdesk.gui.recordlook import Absorbed
from rosterdesk.gui.titles import field_title
from rosterdesk.gui.words import counted, tr

if TYPE_CHECKING:
    from rosterdesk.directory.edit import Edit
    from rosterdesk.directory.unmerging import Unmerged

_BACK, _STAYS = "back", "stays"


def _merge(of: Subject) -> Form:
    from rosterdesk.directory import merging

    record = of.record

    def perform(edit: Edit, answers: Answers) -> None:
        for number in answers.picked:
            merging.merge(edit, merging.Pair(record.entity, record.id, number))

    return Form(
        tr("Who is {name}, too?", name=record.name),
        tr(
            "Guardians, join codes, attributes and classrooms entered by hand move here, and the other record is "
            "archived. Where both have a value, the one that is here stays. It can be taken apart at any time."
        ),
        tr("Merge the two"),
        "merge two records of one person",
        perform,
        pick=Pick(record.entity, tr("Archived, or entered by hand"), which="apart", without=record.id),
        kind="merge",
    )


def unmerging(of: Subject, absorbed: Absorbed) -> Form:
    """The form that takes a merge back; each field that it has changed returns, or stays as it is now."""
    from rosterdesk.directory import unmerging as directory_unmerging

    def perform(edit: Edit, answers: Answers) -> Unmerged:
        leave = [name for name, chosen in answers.values.items() if chosen == _STAYS]
        return directory_unmerging.unmerge(edit, absorbed.id, leave=leave)

    return Form(
        tr("Take {name} and {other} apart", name=of.record.name, other=absorbed.name),
        tr(
            "They are two records again. What the merge moved goes back to {other}; what was changed since stays.",
            other=absorbed.name,
        ),
        tr("Take apart"),
        "take a merge back",
        perform,
        tuple(_field(name, before, now) for name, (before, now) in absorbed.fields.items()),
        told=_told,
        kind="unmerge",
    )


def _field(name: str, before: str, now: str) -> Field:
    nothing = tr("empty")
    choices = (
        (_BACK, tr("{value}, as before the merge", value=before or nothing)),
        (_STAYS, tr("{value}, as it is now", value=now or nothing)),
    )
    return Field(name, field_title(name), _BACK, choices=choices)


def _told(done: Unmerged) -> str:
    back = counted(len(done.returned), "{n} thing returned.", "{n} things returned.")
    if not done.left:
        return back
    left = counted(
        len(done.left), "{n} was changed since and stays as it is.", "{n} were changed since and stay as they are."
    )
    return f"{back} {left}"


FORMS: dict[str, Callable[[Subject], Form]] = {"merge": _merge}
