"""Where the roster goes, and the one button that sends it there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from rosterdesk.connections import PREFIX, Kind, connections, named
from rosterdesk.draft import Step, act
from rosterdesk.errors import RosterDeskError
from rosterdesk.gui import theme
from rosterdesk.gui.drop import ask_folder
from rosterdesk.gui.pages.page import DoWork, Page
from rosterdesk.gui.telling import taken_away
from rosterdesk.gui.upload import Upload
from rosterdesk.gui.widgets import Banner, Card, button, column, label, row, scrolled
from rosterdesk.gui.words import counted, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.log import log
from rosterdesk.model import Receipt

if TYPE_CHECKING:
    from rosterdesk.gui.connectdialog import ConnectionDialog

_WHEN = "Now, when you press the button. On the next page you can have it done every night from then on."

_LAST_LOOK = "The last look. Until you press the button nothing has changed; afterwards you can undo it."
_OF_JOB = (
    "From its next run on the job reads and writes like this. Nothing is pushed now, and its times stay as they are."
)


class PushPage(Page):
    """The sixth step."""

    step = Step.PUSH

    def __init__(self, upload: Upload, work: DoWork, worker: Worker) -> None:
        super().__init__(upload, work, worker)
        self.title = tr("Push")
        self.sentence = tr(_LAST_LOOK)
        self.where = label(tr("The directory"), bold=True)
        self.elsewhere = label()  # which directory, where it is not the usual one
        self.what = label()
        self._warned = column()
        self.files = QCheckBox(tr("Deliver the roster as files too"))
        self.files.setAccessibleName(self.files.text())
        self.files.toggled.connect(self._want_files)
        self.place = QComboBox()
        self.place.setAccessibleName(tr("Where the files go"))
        self.place.activated.connect(lambda _: self._want_place())
        self.folder = label(quiet=True)
        self.choose = button(tr("Choose a folder"), self._choose, icon="folder")
        self.add = button(tr("New connection"), self.connect_anew, icon="connection")
        self.dialog: ConnectionDialog | None = None
        self.layout_ = QComboBox()
        self.layout_.setAccessibleName(tr("How the files are laid out"))
        for name, words in layouts():
            self.layout_.addItem(words, name)
        self.layout_.activated.connect(lambda _: self.give(layout=self.layout_.currentData()))
        self.zipped = QCheckBox(tr("As one ZIP"))
        self.zipped.setAccessibleName(self.zipped.text())
        self.zipped.toggled.connect(lambda on: self.give(zipped=bool(on)))
        self._options = QWidget()
        options = column(spacing=theme.INSIDE)
        options.setContentsMargins(theme.AROUND, 0, 0, 0)
        options.addLayout(row(self.place, None))
        options.addLayout(row(self.choose, self.add, None))  # below it: beside it there is no room with large text
        options.addWidget(self.folder)
        options.addLayout(row(self.layout_, self.zipped, None))
        self._options.setLayout(options)
        whole = column(Card(self.where, self.elsewhere, self.what), spacing=theme.BETWEEN)
        whole.insertLayout(0, self._warned)
        whole.addWidget(Card(self.files, self._options))
        self.when = Card(label(tr("When"), bold=True), label(tr(_WHEN)))
        whole.addWidget(self.when)
        whole.addStretch(1)
        content = QWidget()
        content.setLayout(whole)
        self.setLayout(column(scrolled(content)))
        self.setFocusProxy(self.files)

    @property
    def primary(self) -> str:
        return tr(act(self.draft))

    @property
    def waits_for(self) -> tuple[str, ...]:
        if self.files.isChecked() and self.draft.outlet is None:
            return (tr("Choose where the files go, or leave them out."),)
        return super().waits_for

    def show_draft(self) -> None:
        draft = self.draft
        for widget in (self.files, self.zipped):
            widget.blockSignals(True)
        self.files.setChecked(draft.outlet is not None)
        self.zipped.setChecked(draft.zipped)
        for widget in (self.files, self.zipped):
            widget.blockSignals(False)
        self._list_places()
        self.layout_.setCurrentIndex(max(0, self.layout_.findData(draft.layout)))
        self._draw_files()
        self._say_what()

    def _say_what(self) -> None:
        draft = self.draft
        size = draft.plan.size if draft.plan is not None else 0
        self.title = tr("Save") if draft.job else tr("Push")
        self.sentence = tr(_OF_JOB) if draft.job else tr(_LAST_LOOK)
        self.where.setText(tr("The job {name}", name=draft.job) if draft.job else tr("The directory"))
        self.elsewhere.setText(tr("The directory that is filled is not your own: {where}.", where=self.upload.where))
        self.elsewhere.setVisible(not self.upload.usual)
        self.when.setVisible(not draft.job)
        if draft.job:
            text = (
                "With today's data its run would make {n} change.",
                "With today's data its run would make {n} changes.",
            )
            self.what.setText(counted(size, *text))
        elif draft.hold:
            self.what.setText(tr("The plan is written down and waits for approval. Nothing else changes."))
        elif size:
            self.what.setText(
                counted(
                    size,
                    "{n} change to records, classes and families.",
                    "{n} changes to records, classes and families.",
                )
            )
        else:
            self.what.setText(tr("It is already as the source says."))
        while (item := self._warned.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        if draft.plan is not None and not draft.hold and not draft.job and (gone := taken_away(draft.plan)):
            self._warned.addWidget(Banner("warning", gone))

    def confirm(self) -> bool:
        """Push, or save the job that is changed. The frame goes on when it is done."""
        draft = self.draft
        if draft.job:
            self.work(lambda run: self.upload.keep_in_job(draft, run), lambda _: self._kept(), decisive=True)
            return False
        self.work(lambda run: self.upload.push(draft, run), self._pushed, decisive=True)
        return False

    def _kept(self) -> None:
        self.give(kept=True)
        self.left.emit()

    def _pushed(self, receipt: Receipt) -> None:
        self.give(receipt=receipt)
        self.left.emit()

    def _want_files(self, on: bool) -> None:
        if not on:
            self.give(outlet=None)
        self._draw_files()

    def _want_place(self) -> None:
        outlet = self.place.currentData()
        self.give(outlet=Path(outlet) if outlet else None)
        self._draw_files()

    def connect_anew(self) -> None:
        """Ask for a new connection that takes files; once it is saved, the files go there."""
        from rosterdesk.gui.connectdialog import ConnectionDialog, Purpose

        dialog = ConnectionDialog(self.worker, purpose=Purpose.OUTLET, parent=self.window())
        dialog.saved.connect(self._deliver_to)
        dialog.finished.connect(self._closed)
        self.dialog = dialog
        dialog.open()

    def _deliver_to(self, name: str) -> None:
        self.give(outlet=Path(f"{PREFIX}{name}"))
        self._list_places()
        self._draw_files()

    def _closed(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None
        self.place.setFocus()

    def _list_places(self) -> None:
        outlet = self.draft.outlet
        self.place.clear()
        for words, where in places(outlet):
            self.place.addItem(words, where)
        connected = str(outlet) if outlet is not None and named(outlet) else ""
        self.place.setCurrentIndex(max(0, self.place.findData(connected)))

    def _choose(self) -> None:
        folder: Path | None = ask_folder(self)
        if folder is not None:
            self.give(outlet=folder)
        self._draw_files()

    def _draw_files(self) -> None:
        self._options.setVisible(self.files.isChecked())
        in_folder = not self.place.currentData()
        self.choose.setVisible(in_folder)
        self.folder.setVisible(in_folder)
        self.folder.setText(str(self.draft.outlet) if self.draft.outlet is not None else tr("No folder is chosen yet."))
        self.changed.emit()


def places(chosen: Path | None) -> list[tuple[str, str]]:
    """Where files may go, each with its outlet: a folder (without one yet), and the connections that take files."""
    found = [(tr("A folder on this computer"), "")]
    try:
        saved = [one.name for one in connections() if one.kind is Kind.SFTP]
    except RosterDeskError as error:
        # Home says which file is damaged; here the one that was chosen before is still good.
        log.warning("the connections could not be listed: %s", type(error).__name__)
        saved = [name for name in [named(chosen) if chosen is not None else None] if name]
    return [*found, *((tr("{name} (SFTP)", name=name), f"{PREFIX}{name}") for name in saved)]


def layouts() -> list[tuple[str, str]]:
    """The layouts of an outlet's files, each with its name for people."""
    from rosterdesk.push.folder import LAYOUTS

    known = {"classtag": "ClassTag", "oneroster-1.0": "OneRoster 1.0", "oneroster-1.1": "OneRoster 1.1"}
    return [(name, known.get(name, name.replace("-", " ").replace("oneroster", "OneRoster"))) for name in LAYOUTS]
