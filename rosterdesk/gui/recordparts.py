"""The parts of which a record is drawn at the side: who owns it, its fields, and its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.frames import ACTIONS
from rosterdesk.gui.recordlook import Known
from rosterdesk.gui.titles import ENTITIES, field_title
from rosterdesk.gui.widgets import CutLabel, Picture, column, label, row
from rosterdesk.gui.words import language, tr, when
from rosterdesk.model import CONTACT_DETAILS, FIELDS

if TYPE_CHECKING:
    from rosterdesk.directory.history import PastChange

_FIXED = {"sis_id", "student_number", "state_id"}


def origin(known: Known) -> QWidget:
    """Who owns the record, and so what becomes of it at the next upload."""
    record = known.record
    if known.into is not None:
        words = tr("Merged into another record. It is kept so that the two can be told apart again.")
    elif known.synced:
        words = tr("What is grey comes from your SIS, and each upload brings it anew. Change it in the SIS.")
        if record.fields.get("account") == "active" and known.own.issuperset(CONTACT_DETAILS):
            words += " " + tr("They have signed in, so name, e-mail and phone are their own to change.")
    elif record.synced:
        words = tr("The sync of the school is switched off: uploads leave the record alone, and it is edited by hand.")
    else:
        words = tr("Made by hand. Uploads leave it alone.")
    box = QWidget()
    line = row(spacing=theme.INSIDE)
    line.addWidget(Picture("lock" if known.synced else "person", 16, "quiet"), 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(label(words, quiet=True), 1)
    box.setLayout(line)
    return box


def fields(known: Known) -> QWidget:
    """What the record holds; what the next upload would bring anew is quiet."""
    record = known.record
    box = QWidget()
    form = QFormLayout(box)
    form.setContentsMargins(0, 0, 0, 0)
    form.setHorizontalSpacing(theme.BETWEEN)
    form.setVerticalSpacing(6)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
    from_sis = frozenset({*FIELDS[record.entity], "sis_id", "school"} - known.own) if known.synced else frozenset()
    for name, value in record.fields.items():
        shown = _shown(name, value)
        cell: QLabel = label(shown) if " " in shown else CutLabel(shown)
        if name in from_sis:
            cell.setProperty("quiet", True)
            cell.setAccessibleDescription(tr("From your SIS; change it there."))
        elif known.synced and name in known.own:
            cell.setAccessibleDescription(tr("Changed by hand; uploads leave it alone."))
        if name in _FIXED:
            cell.setFont(theme.fixed_font())
        title = label(field_title(name), quiet=True)
        title.setWordWrap(False)
        title.setAlignment(Qt.AlignmentFlag.AlignTop)
        form.addRow(title, cell)
    return box


def _shown(name: str, value: str) -> str:
    if name == "language":
        return language(value)
    if name == "account":
        return {"active": tr("Signed in"), "invitee": tr("Invited")}.get(value, value)
    return value


def history(known: Known) -> QWidget:
    """What happened to it: when, by whom, before and after."""
    box = QWidget()
    inside = column(label(tr("History"), bold=True), spacing=theme.INSIDE)
    for past, change in known.history:
        icon, tone, word = ACTIONS.get(change.action, ("kept", "kept", change.action))
        line = row(spacing=theme.INSIDE)
        line.addWidget(Picture(icon, 16, tone), 0, Qt.AlignmentFlag.AlignTop)
        what = tr("{what}, run {n}", what=tr(word) + _of(change, known), n=past.number)
        told = column(label(what), spacing=2)
        for sentence in _differences(change):
            told.addWidget(label(sentence))
        told.addWidget(label(tr("{when}, {who}", when=when(past.started), who=past.who), quiet=True))
        line.addLayout(told, 1)
        inside.addLayout(line)
    if not known.history:
        inside.addWidget(label(tr("Nothing was written down about it."), quiet=True))
    box.setLayout(inside)
    return box


def _of(change: PastChange, known: Known) -> str:
    return "" if change.entity == known.record.entity else f" ({tr(ENTITIES.get(change.entity, change.entity))})"


def _differences(change: PastChange) -> list[str]:
    """What a change did to each field, before and after."""
    if change.action not in ("update", "restore"):
        return []
    before, after = change.before or {}, change.after or {}
    nothing = tr("empty")
    return [
        tr(
            "{field}: {before} → {after}",
            field=field_title(name),
            before=str(before.get(name) or nothing),
            after=str(after.get(name) or nothing),
        )
        for name in dict.fromkeys([*before, *after])
    ]
