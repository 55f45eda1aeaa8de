"""The columns of the directory's lists, and what an empty list says."""

from __future__ import annotations

from rosterdesk.gui.frames import Column
from rosterdesk.gui.listed import ARCHIVED
from rosterdesk.gui.titles import ENTITIES, field_title
from rosterdesk.gui.words import tr

# The columns of `directory.browse.SHOWN`, said here so that the page is drawn before anything heavy is imported.
COLUMNS = {
    "students": ("name", "sis_id", "grade", "school", "email", "student_number", "state_id", "birth_date", "status"),
    "staff": ("name", "sis_id", "role", "school", "email", "sms", "phone", "account", "status"),
    "guardians": ("name", "sis_id", "email", "sms", "phone", "language", "account", "status"),
    "classrooms": ("name", "sis_id", "grade", "school", "location", "period", "status"),
    "schools": ("name", "sis_id", "type", "identifier", "status"),
    ARCHIVED: ("entity", "name", "sis_id", "school"),
}
_WIDTHS = {
    "name": 210,
    "school": 190,
    "email": 210,
    "sis_id": 110,
    "grade": 64,
    "role": 100,
    "status": 90,
    "period": 80,
    "entity": 100,
}
_HIDDEN = {"student_number", "state_id", "birth_date", "phone", "language"}
_FIXED = {"sis_id", "student_number", "state_id"}


def list_column(key: str) -> Column:
    """A column of `COLUMNS` as a table shows it."""
    say = {"status": _status, "account": _account, "entity": _kind}.get(key)
    return Column(
        key,
        tr("Kind") if key == "entity" else field_title(key),
        fixed=key in _FIXED,
        width=_WIDTHS.get(key, 130),
        shown=key not in _HIDDEN,
        hint="sourcedId" if key == "sis_id" else "",
        say=say,
    )


def nothing_here(entity: str) -> str:
    """What would be in an empty list, and how it gets there."""
    if entity == ARCHIVED:
        return tr("Nobody is archived. Who is no longer in your files is archived, never deleted, and stands here.")
    if entity in ("classrooms", "schools"):
        return tr("None is here yet. An upload fills the directory; New makes one by hand.")
    return tr("Nobody is here yet. An upload fills the directory; New enters somebody by hand.")


def _kind(entity: str) -> str:
    return tr(ENTITIES[entity])


def _status(status: str) -> str:
    return {"active": tr("Active"), "archived": tr("Archived")}.get(status, status)


def _account(state: str) -> str:
    return {"active": tr("Signed in"), "invitee": tr("Invited")}.get(state, state)
