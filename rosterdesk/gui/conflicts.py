"""What becomes of a field of which both records of a pair have a value, in words."""

from __future__ import annotations

from collections.abc import Sequence

from rosterdesk.directory.comparing import ACCOUNT, Conflict, Side
from rosterdesk.gui.titles import field_title
from rosterdesk.gui.words import tr

_ACCOUNTS = {"active": "the one that is in use", "invitee": "the one that was only invited"}
_OURS = "attribute:"


def conflict_lines(conflicts: Sequence[Conflict]) -> str:
    """One line a field, or nothing."""
    return "\n".join(conflict_words(conflict) for conflict in conflicts)


def conflict_words(conflict: Conflict) -> str:
    """Which of the two values stays, and what becomes of the other."""
    stays, goes = conflict.survivor, conflict.absorbed
    if conflict.chosen is Side.ABSORBED:
        stays, goes = goes, stays
    if conflict.field == ACCOUNT:
        stays, goes = (tr(_ACCOUNTS[state]) if state in _ACCOUNTS else state for state in (stays, goes))
    # An attribute has the name that the school gave it.
    own = conflict.field.startswith(_OURS)
    title = conflict.field.removeprefix(_OURS) if own else field_title(conflict.field)
    words = tr(
        "{field}: {stays} stays, {goes} goes into the history.", field=title, stays=_said(stays), goes=_said(goes)
    )
    if conflict.sis and conflict.chosen is Side.ABSORBED:
        words += " " + tr("The SIS may bring its own value back.")
    return words


def _said(value: str) -> str:
    return value or tr("no value")
