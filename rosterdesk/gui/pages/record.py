"""One record of the directory at the side: its fields and where they come from, what belongs to it, its history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QVBoxLayout, QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.frames import ACTIONS
from rosterdesk.gui.titles import ENTITIES, field_title
from rosterdesk.gui.widgets import CutLabel, Picture, button, clear, column, icon_button, label, row, scrolled
from rosterdesk.gui.words import counted, language, tr, when
from rosterdesk.gui.worker import Worker
from rosterdesk.model import CONTACT_DETAILS, FIELDS
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.browse import Linked, Record
    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.history import PastChange, PastRun

_FIXED = {"sis_id", "student_number", "state_id"}
_LINKS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Known:
    """A record with its history, the newest first."""

    record: Record
    history: tuple[tuple[PastRun, PastChange], ...]


def look_up(directory: Directory, entity: str, id_: int, run: Run) -> Known | None:
    """All that is known of a record, in the reader's thread."""
    from rosterdesk.directory import browse
    from rosterdesk.directory.history import record_history

    with directory.read(run) as connection:
        found = browse.record(connection, directory.district, entity, id_)
        if found is None:
            return None
        return Known(found, tuple(record_history(connection, directory.district, entity, id_)))


class RecordPanel(QFrame):
    """`opened` carries kind and number of something that belongs to the record and was clicked; `closed` when the
    person has seen enough.
    """

    opened = Signal(str, object)
    closed = Signal()

    def __init__(self, reader: Worker) -> None:
        super().__init__()
        self._reader = reader
        self.setProperty("card", True)
        self.setAccessibleName(tr("Record"))
        self.setMinimumWidth(theme.scaled(300))
        self._name = label(size="section", bold=True)
        self._kind = label(quiet=True)
        self._content = QVBoxLayout()
        self._content.setSpacing(theme.BETWEEN)
        close = icon_button("close", tr("Close the record"), self._close)
        head = row(spacing=theme.INSIDE)
        head.addLayout(column(self._name, self._kind, spacing=2), 1)
        head.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        body = QWidget()
        body.setLayout(self._content)
        self._content.setContentsMargins(0, 0, theme.INSIDE, 0)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(theme.BETWEEN, 12, theme.INSIDE, 12)
        inside.setSpacing(12)
        inside.addLayout(head)
        inside.addWidget(scrolled(body), 1)

    def _close(self) -> None:
        self.hide()
        self.closed.emit()

    def show_record(self, directory: Directory, entity: str, id_: int) -> None:
        """Look a record up and show it."""
        self._reader.start(
            lambda run: look_up(directory, entity, id_, run), on_success=self.show_known, owner=self, key="record"
        )

    def show_known(self, known: Known | None) -> None:
        """Draw what was looked up."""
        clear(self._content)
        if known is None:
            self._name.setText(tr("This record is gone."))
            self._kind.setText("")
            return
        record = known.record
        self._name.setText(record.name or record.fields.get("sis_id", ""))
        status = tr("archived") if record.status == "archived" else tr("active")
        self._kind.setText(f"{tr(ENTITIES[record.entity])}, {status}")
        self._content.addWidget(_origin(record))
        self._content.addWidget(_fields(record))
        for group in _groups(record.linked):
            self._content.addWidget(self._links(group))
        self._content.addWidget(_history(known))
        self._content.addStretch(1)

    def _links(self, group: list[Linked]) -> QWidget:
        box = QWidget()
        many = {"guardians": tr("Guardians"), "students": tr("Students"), "staff": tr("Staff")}
        title = many.get(group[0].entity, tr("Classrooms"))
        inside = column(label(title, bold=True), spacing=0)
        for linked in group[:_LINKS_SHOWN]:
            link = button(linked.name or tr("(no name)"), link=True)
            link.clicked.connect(lambda _=False, to=linked: self.opened.emit(to.entity, to.id))
            what = linked.what if linked.what not in ("student", "") else ""
            inside.addLayout(row(link, label(what, quiet=True), None))
        if len(group) > _LINKS_SHOWN:
            more = len(group) - _LINKS_SHOWN
            inside.addWidget(label(counted(more, "and {n} more", "and {n} more"), quiet=True))
        box.setLayout(inside)
        return box


def _origin(record: Record) -> QWidget:
    """Who owns the record, and so what becomes of it at the next upload."""
    words = (
        tr("What is grey comes from your SIS, and each upload brings it anew. Change it in the SIS.")
        if record.synced
        else tr("Made by hand. Uploads leave it alone.")
    )
    if record.synced and record.fields.get("account") == "active":
        words += " " + tr("They have signed in, so name, e-mail and phone are their own to change.")
    box = QWidget()
    line = row(spacing=theme.INSIDE)
    line.addWidget(Picture("lock" if record.synced else "person", 16, "quiet"), 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(label(words, quiet=True), 1)
    box.setLayout(line)
    return box


def _fields(record: Record) -> QWidget:
    box = QWidget()
    form = QFormLayout(box)
    form.setContentsMargins(0, 0, 0, 0)
    form.setHorizontalSpacing(theme.BETWEEN)
    form.setVerticalSpacing(6)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
    from_sis = _from_sis(record)
    for name, value in record.fields.items():
        shown = _shown(name, value)
        cell: QLabel = label(shown) if " " in shown else CutLabel(shown)
        if name in from_sis:
            cell.setProperty("quiet", True)
            cell.setAccessibleDescription(tr("From your SIS; change it there."))
        if name in _FIXED:
            cell.setFont(theme.fixed_font())
        title = label(field_title(name), quiet=True)
        title.setWordWrap(False)
        title.setAlignment(Qt.AlignmentFlag.AlignTop)
        form.addRow(title, cell)
    return box


def _from_sis(record: Record) -> frozenset[str]:
    """The fields that the next upload would bring anew."""
    if not record.synced:
        return frozenset()
    signed_in = record.fields.get("account") == "active"
    own = CONTACT_DETAILS if signed_in else ()
    return frozenset({*FIELDS[record.entity], "sis_id", "school"} - set(own))


def _shown(name: str, value: str) -> str:
    if name == "language":
        return language(value)
    if name == "account":
        return {"active": tr("Signed in"), "invitee": tr("Invited")}.get(value, value)
    return value


def _groups(linked: tuple[Linked, ...]) -> list[list[Linked]]:
    groups: dict[str, list[Linked]] = {}
    for one in linked:
        groups.setdefault(one.entity, []).append(one)
    return list(groups.values())


def _history(known: Known) -> QWidget:
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
