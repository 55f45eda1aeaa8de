"""The first steps of the guided onboarding: what there is, the schools' SIS IDs, the students, the first run."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QWidget

from rosterdesk.directory.onboarding import Place
from rosterdesk.gui import theme
from rosterdesk.gui.drop import ask_folder
from rosterdesk.gui.leaf import DoWork
from rosterdesk.gui.onboardpage import OnboardPage
from rosterdesk.gui.onboardwork import Switch
from rosterdesk.gui.widgets import Card, button, column, label, row, scrolled
from rosterdesk.gui.words import counted, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.guided import Stage, first_run_waits


class ImportPage(OnboardPage):
    """What was entered by hand is, or comes, into the directory."""

    step = Stage.IMPORT

    def __init__(self, switch: Switch, work: DoWork, worker: Worker) -> None:
        super().__init__(switch, work, worker)
        self.title = tr("What there is")
        self.sentence = tr("Your SIS will be matched with what you have entered by hand, so that must be here first.")
        self.told = label(size="section", bold=True)
        self.hint = label(quiet=True)
        self.export = button(tr("Choose the folder of an export"), self._choose, icon="folder")
        self.list = button(tr("Bring a list in Excel"), lambda: self.upload_wanted.emit(()), icon="upload")
        self.by_hand = button(tr("Enter it by hand"), self.directory_wanted.emit, icon="directory")
        self.put(Card(self.told, self.hint), self._ways())
        self._inside.addStretch(1)
        self.setFocusProxy(self.export)

    def show_way(self) -> None:
        standing = self.standing
        if self.waits_for:
            self.told.setText(tr("Nothing is in this directory yet"))
            self.hint.setText(tr("Bring it in one of three ways. Each is a run that can be taken back."))
        else:
            by_hand, rooms = sum(p.by_hand for p in standing.places), sum(p.rooms_by_hand for p in standing.places)
            parts = (
                counted(len(standing.places), "{n} school", "{n} schools"),
                counted(rooms, "{n} classroom entered by hand", "{n} classrooms entered by hand"),
                counted(by_hand, "{n} active student entered by hand", "{n} active students entered by hand"),
                counted(standing.synced, "{n} student from the SIS", "{n} students from the SIS"),
            )
            self.told.setText(", ".join(parts))
            self.hint.setText(tr("If something is missing, bring it now. Else go on."))
        self.export.setEnabled(bool(self.waits_for))

    def _ways(self) -> Card:
        lines = column(spacing=theme.BETWEEN)
        for made, words in (
            (self.export, tr("An export of another RosterDesk directory. Only an empty directory can take one in.")),
            (self.list, tr("A list in one of our templates. You see what it changes before it does.")),
            (self.by_hand, tr("Schools, classrooms and students one by one, on the Directory page.")),
        ):
            line = row(made, label(words, quiet=True), spacing=theme.BETWEEN)
            line.setStretch(1, 1)
            made.setMinimumWidth(theme.scaled(230))
            lines.addLayout(line)
        body = QWidget()
        body.setLayout(lines)
        return Card(body)

    def _choose(self) -> None:
        if (folder := ask_folder(self)) is not None:
            self.act(partial(self.switch.bring_in, folder), lambda _: tr("The export is in this directory."))


class SchoolsPage(OnboardPage):
    """Which school is which in the SIS."""

    step = Stage.SCHOOLS

    def __init__(self, switch: Switch, work: DoWork, worker: Worker) -> None:
        super().__init__(switch, work, worker)
        self.title = tr("School IDs")
        self.sentence = tr("By its SIS ID the SIS finds a school. It stands in the school list of your SIS export.")
        self.boxes: dict[int, QLineEdit] = {}
        self._list = QWidget()
        self._lines = QGridLayout(self._list)
        self._lines.setColumnStretch(1, 1)
        self.put(
            label(
                tr(
                    "Giving a school its ID changes nothing else, and can be taken back. "
                    "Leave a school empty that is not in the SIS."
                )
            )
        )
        self.put(scrolled(self._list), stretch=1)

    @property
    def ids(self) -> dict[int, str]:
        """The IDs that were typed, by the schools' numbers."""
        return {number: text for number, box in self.boxes.items() if (text := box.text().strip())}

    @property
    def waits_for(self) -> tuple[str, ...]:
        ids = list(self.ids.values())
        if len(ids) != len(set(ids)):
            return (tr("Two schools can't have the same SIS ID."),)
        return () if ids else super().waits_for

    @property
    def primary(self) -> str:
        count = len(self.ids)
        return counted(count, "Give {n} school its ID", "Give {n} schools their IDs") if count else ""

    def show_way(self) -> None:
        while (item := self._lines.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        self.boxes = {}
        for at, place in enumerate(self.standing.places):
            self._lines.addWidget(label(place.name), at, 0)
            if place.sis_id is not None:
                self._lines.addWidget(label(tr("has the SIS ID {id}", id=place.sis_id), quiet=True), at, 1)
                continue
            box = QLineEdit()
            box.setAccessibleName(tr("SIS ID of {school}", school=place.name))
            box.setPlaceholderText(tr("SIS ID, exactly as in the SIS"))
            box.setMaximumWidth(theme.scaled(320))
            box.textChanged.connect(lambda _: self.changed.emit())
            self._lines.addWidget(box, at, 1)
            self.boxes[place.number] = box
        self._lines.setRowStretch(len(self.standing.places), 1)
        self.setFocusProxy(next(iter(self.boxes.values()), self._list))

    def confirm(self) -> bool:
        if not (ids := self.ids):
            return True
        self.act(
            partial(self.switch.connect, ids),
            lambda done: counted(done.count, "{n} school has its SIS ID.", "{n} schools have their SIS IDs."),
        )
        return False


class StudentsPage(OnboardPage):
    """Students entered by hand are archived before the SIS brings its own."""

    step = Stage.STUDENTS

    def __init__(self, switch: Switch, work: DoWork, worker: Worker) -> None:
        super().__init__(switch, work, worker)
        self.title = tr("Archive students")
        self.sentence = tr("So that no child is seen twice while the records of the SIS are matched with yours.")
        self.told = label()
        self.boxes: list[tuple[Place, QCheckBox]] = []
        self._list = QWidget()
        self._lines = column(spacing=theme.INSIDE)
        self._list.setLayout(self._lines)
        self._lines.addStretch(1)
        self.put(self.told)
        self.put(scrolled(self._list), stretch=1)

    @property
    def chosen(self) -> list[Place]:
        """The schools whose students are to be archived."""
        return [place for place, box in self.boxes if box.isChecked()]

    @property
    def primary(self) -> str:
        count = sum(place.by_hand for place in self.chosen)
        return counted(count, "Archive {n} student", "Archive {n} students") if count else ""

    def show_way(self) -> None:
        for _, old in self.boxes:
            old.deleteLater()
        self.boxes = []
        for place in self.standing.places:
            if not place.by_hand:
                continue
            words = counted(place.by_hand, "{name}: {n} student", "{name}: {n} students", name=place.name)
            box = QCheckBox(words if place.sis_id else tr("{what} (without an SIS ID)", what=words))
            box.setAccessibleName(box.text())
            box.setChecked(place.sis_id is not None)
            box.toggled.connect(lambda _: self.changed.emit())
            self.boxes.append((place, box))
            self._lines.insertWidget(len(self.boxes) - 1, box)
        some = tr(
            "Archived students keep their guardians, classrooms and history, which move to the record of the SIS when "
            "the two are merged. They are not seen until then. You can take this back."
        )
        self.told.setText(some if self.boxes else tr("No active student was entered by hand. Go on."))
        self.setFocusProxy(self.boxes[0][1] if self.boxes else self._list)

    def confirm(self) -> bool:
        if not (chosen := [place.number for place in self.chosen]):
            return True
        self.act(
            lambda run: self.switch.archive("students", chosen, run),
            lambda done: counted(done.count, "{n} student is archived.", "{n} students are archived."),
        )
        return False


class FirstRunPage(OnboardPage):
    """The SIS brings its records, by the upload that everybody knows."""

    step = Stage.FIRST_RUN

    def __init__(self, switch: Switch, work: DoWork, worker: Worker) -> None:
        super().__init__(switch, work, worker)
        self.title = tr("First run")
        self.sentence = tr("Now the files of your SIS come in, by an upload like any other.")
        self.told = label(size="section", bold=True)
        self.again = button(tr("Bring files of the SIS again"), self._bring, icon="upload")
        what = tr(
            "You see what will change before it does, and can take the upload back. Afterwards you come back here. "
            "Where the upload shows matches, decide what you are sure of; the rest is asked again in the next step."
        )
        self.put(Card(self.told, label(what)), self.again)
        self._inside.addStretch(1)

    @property
    def primary(self) -> str:
        return tr("Bring the files of the SIS") if self.way.standing and first_run_waits(self.way.standing) else ""

    def show_way(self) -> None:
        count = self.standing.synced
        waits = bool(self.primary)
        self.again.setVisible(not waits)
        self.told.setText(
            counted(count, "{n} student comes from the SIS", "{n} students come from the SIS")
            if count
            else tr("The SIS has not brought anybody yet")
        )

    def confirm(self) -> bool:
        if self.primary:
            self._bring()
            return False
        return True

    def _bring(self) -> None:
        self.upload_wanted.emit(self.way.sources)
