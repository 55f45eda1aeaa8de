"""One record of the directory at the side: what can be done to it, its fields, what belongs to it, its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.forms import Form
from rosterdesk.gui.handedits import Subject
from rosterdesk.gui.offering import Offers
from rosterdesk.gui.recordlook import LINKS_SHOWN, Known, look_up
from rosterdesk.gui.recordparts import fields, history, origin
from rosterdesk.gui.titles import ENTITIES
from rosterdesk.gui.widgets import button, clear, column, icon_button, label, row, scrolled
from rosterdesk.gui.words import counted, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.model import PEOPLE

if TYPE_CHECKING:
    from rosterdesk.directory.browse import Linked, Record
    from rosterdesk.directory.engine import Directory

_WIDTH = 320


class RecordPanel(QFrame):
    """`opened` carries kind and number of something that belongs to the record and was clicked; `edit_wanted` the form
    of an edit and the latest run that the person has seen; `settings_wanted` the school whose settings they want;
    `erase_wanted` the record of somebody who has left and is to be erased; `closed` when they have seen enough.
    """

    opened = Signal(str, object)
    edit_wanted = Signal(object, int)
    settings_wanted = Signal(object)
    erase_wanted = Signal(object)
    closed = Signal()

    def __init__(self, reader: Worker) -> None:
        super().__init__()
        self._reader = reader
        self.known: Known | None = None
        self.offers: Offers | None = None
        self.setProperty("card", True)
        self.setAccessibleName(tr("Record"))
        self.setMinimumWidth(theme.scaled(_WIDTH))
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

    def look_again(self, directory: Directory) -> None:
        """Look the record up anew that is shown, if there is one."""
        if self.known is not None and not self.isHidden():
            self.show_record(directory, self.known.record.entity, self.known.record.id)

    def show_known(self, known: Known | None) -> None:
        """Draw what was looked up."""
        clear(self._content)
        self.known, self.offers = known, None
        if known is None:
            self._name.setText(tr("This record is gone."))
            self._kind.setText("")
            return
        record = known.record
        self._name.setText(record.name or record.fields.get("sis_id", ""))
        status = tr("archived") if record.status == "archived" else tr("active")
        self._kind.setText(f"{tr(ENTITIES[record.entity])}, {status}")
        self._content.addWidget(origin(known))
        self._content.addWidget(self._offers(known))
        self._content.addWidget(fields(known))
        for group in _groups(record.linked):
            self._content.addWidget(self._links(known, group))
        if known.merged or known.into is not None:
            self._content.addWidget(self._merges(known))
        self._content.addWidget(history(known))
        self._content.addStretch(1)

    def _offers(self, known: Known) -> Offers:
        more = []
        record = known.record
        if record.entity in ("schools", "classrooms") and record.status == "active":
            more.append(button(tr("Letters to families"), lambda: self._ask(known, _letters(record))))
        if record.entity in PEOPLE and record.status == "archived":
            more.append(button(tr("Erase for good"), lambda: self.erase_wanted.emit(record)))
        if record.entity == "schools":
            more.append(button(tr("Settings of this school"), lambda: self.settings_wanted.emit(record.id)))
        self.offers = made = Offers(known.offers, more)
        made.wanted.connect(lambda name: self._want(known, name))
        return made

    def _want(self, known: Known, name: str) -> None:
        from rosterdesk.gui.formbook import form

        self._ask(known, form(name, _subject(known)))

    def _ask(self, known: Known, form: Form) -> None:
        self.edit_wanted.emit(form, known.since)

    def _part(self, known: Known, linked: Linked) -> None:
        from rosterdesk.gui.formbook import parting

        self._ask(known, parting(_subject(known), linked))

    def _links(self, known: Known, group: list[Linked]) -> QWidget:
        box = QWidget()
        many = {"guardians": tr("Guardians"), "students": tr("Students"), "staff": tr("Staff")}
        title = many.get(group[0].entity, tr("Classrooms"))
        inside = column(label(title, bold=True), spacing=0)
        for linked in group[:LINKS_SHOWN]:
            link = button(linked.name or tr("(no name)"), link=True)
            link.clicked.connect(lambda _=False, to=linked: self.opened.emit(to.entity, to.id))
            what = linked.what if linked.what not in ("student", "") else ""
            line = row(link, label(what, quiet=True), None)
            offer = known.parts.get((linked.entity, linked.id))
            if offer is not None and offer.refusal is None:
                part = icon_button("close", tr("Remove {name} from here", name=linked.name))
                part.clicked.connect(lambda _=False, to=linked: self._part(known, to))
                line.addWidget(part)
            elif offer is not None:
                rule = f"{offer.refusal.title} {offer.refusal.advice}".strip() if offer.refusal else ""
                link.setToolTip(rule)
                link.setAccessibleDescription(rule)
            inside.addLayout(line)
        if len(group) > LINKS_SHOWN:
            more = len(group) - LINKS_SHOWN
            inside.addWidget(label(counted(more, "and {n} more", "and {n} more"), quiet=True))
        box.setLayout(inside)
        return box

    def _merges(self, known: Known) -> QWidget:
        from rosterdesk.gui.mergeforms import unmerging

        entity, refusal = known.record.entity, known.unmerge.refusal if known.unmerge is not None else None
        inside = column(label(tr("Merged"), bold=True), spacing=0)
        for absorbed in known.merged:
            link = button(tr("{name} was merged in", name=absorbed.name), link=True)
            link.clicked.connect(lambda _=False, number=absorbed.id: self.opened.emit(entity, number))
            part = button(tr("Take apart"))
            part.clicked.connect(lambda _=False, which=absorbed: self._ask(known, unmerging(_subject(known), which)))
            part.setEnabled(refusal is None)
            part.setToolTip(f"{refusal.title} {refusal.advice}" if refusal is not None else "")
            inside.addLayout(row(link, None, part))
        if known.into is not None:
            number, name = known.into
            link = button(tr("Merged into {name}", name=name), link=True)
            link.clicked.connect(lambda: self.opened.emit(entity, number))
            inside.addLayout(row(link if name else label(tr("Merged into a record of another school")), None))
        box = QWidget()
        box.setLayout(inside)
        return box


def _letters(record: Record) -> Form:
    from rosterdesk.gui.lettersform import letters_form

    if record.entity == "schools":
        return letters_form(record.name, school=record.id)
    return letters_form(record.name, classroom=record.id)


def _subject(known: Known) -> Subject:
    return Subject(known.record, known.schools, known.places)


def _groups(linked: tuple[Linked, ...]) -> list[list[Linked]]:
    groups: dict[str, list[Linked]] = {}
    for one in linked:
        groups.setdefault(one.entity, []).append(one)
    return list(groups.values())
