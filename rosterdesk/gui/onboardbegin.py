"""Steps of the guided onboarding before the matches: what there is, the students to archive, the first run."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QCheckBox, QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.drop import ask_folder
from rosterdesk.gui.leaf import DoWork
from rosterdesk.gui.onboardfiles import files_told
from rosterdesk.gui.onboardpage import OnboardPage
from rosterdesk.gui.onboardwork import Switch
from rosterdesk.gui.widgets import Card, button, column, label, row, scrolled
from rosterdesk.gui.words import counted, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.guided import Stage, first_run_waits

UNPLACED = 0  # among the numbers of schools: students who are in none


class ImportPage(OnboardPage):
    """What was entered by hand is, or comes, into the directory."""

    step = Stage.IMPORT

    def __init__(self, switch: Switch, work: DoWork, worker: Worker) -> None:
        super().__init__(switch, work, worker)
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
            by_hand, rooms = (standing.steps[name].left for name in ("archive", "classrooms"))
            parts = (
                (len(standing.places), "{n} school", "{n} schools"),
                (rooms, "{n} classroom entered by hand", "{n} classrooms entered by hand"),
                (by_hand, "{n} active student entered by hand", "{n} active students entered by hand"),
                (standing.synced, "{n} student from the SIS", "{n} students from the SIS"),
            )
            self.told.setText(", ".join(counted(*part) for part in parts if part[0]))
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


class StudentsPage(OnboardPage):
    """Students entered by hand are archived before the SIS brings its own."""

    step = Stage.STUDENTS

    def __init__(self, switch: Switch, work: DoWork, worker: Worker) -> None:
        super().__init__(switch, work, worker)
        self.sentence = tr("So that no child is seen twice while the records of the SIS are matched with yours.")
        self.told = label()
        self.boxes: dict[int, QCheckBox] = {}
        self._counts: dict[int, int] = {}
        self._list = QWidget()
        self._lines = column(spacing=theme.INSIDE)
        self._list.setLayout(self._lines)
        self._lines.addStretch(1)
        self.put(self.told)
        self.put(scrolled(self._list), stretch=1)

    @property
    def chosen(self) -> list[int]:
        """The schools whose students are to be archived; `UNPLACED` stands for those in no school."""
        return [number for number, box in self.boxes.items() if box.isChecked()]

    @property
    def primary(self) -> str:
        count = sum(self._counts[number] for number in self.chosen)
        return counted(count, "Archive {n} student", "Archive {n} students") if count else ""

    def show_way(self) -> None:
        with self.keeping_focus():
            self._draw()

    def confirm(self) -> bool:
        if not (chosen := self.chosen):
            return True
        places, unplaced = [number for number in chosen if number != UNPLACED], UNPLACED in chosen
        self.act(
            lambda run: self.switch.archive("students", places, run, unplaced=unplaced),
            lambda done: counted(done.count, "{n} student is archived.", "{n} students are archived."),
        )
        return False

    def _draw(self) -> None:
        for old in self.boxes.values():
            old.deleteLater()
        self.boxes, self._counts = {}, {}
        places = self.standing.places
        for place in places:
            words = counted(place.by_hand, "{name}: {n} student", "{name}: {n} students", name=place.name)
            if not place.sis_id:
                words = tr("{what} (without an SIS ID)", what=words)
            self._add(place.number, place.by_hand, words, ticked=place.sis_id is not None)
        words = counted(self.standing.unplaced, "In no school: {n} student", "In no school: {n} students")
        # Of a school that stays by hand they may be, too: then nobody knows whether the SIS brings them.
        self._add(UNPLACED, self.standing.unplaced, words, ticked=all(place.sis_id for place in places))
        some = tr(
            "Archived students keep their guardians, classrooms and history, which move to the record of the SIS when "
            "the two are merged. They are not seen until then. You can take this back."
        )
        self.told.setText(some if self.boxes else tr("No active student was entered by hand. Go on."))
        self.setFocusProxy(next(iter(self.boxes.values()), self._list))

    def _add(self, number: int, count: int, words: str, *, ticked: bool) -> None:
        if not count:
            return
        box = QCheckBox(words)
        box.setAccessibleName(words)
        box.setChecked(self.way.answers.archived.get(number, ticked))
        box.toggled.connect(lambda on: self.answer(archived={**self.way.answers.archived, number: on}))
        self.boxes[number], self._counts[number] = box, count
        self._lines.insertWidget(len(self.boxes) - 1, box)


class FirstRunPage(OnboardPage):
    """The SIS brings its records, by the upload that everybody knows."""

    step = Stage.FIRST_RUN

    def __init__(self, switch: Switch, work: DoWork, worker: Worker) -> None:
        super().__init__(switch, work, worker)
        self.sentence = tr("Now the files of your SIS come in, by an upload like any other.")
        self.told = label(size="section", bold=True)
        self.again = button(tr("Bring files of the SIS again"), self._bring, icon="upload")
        what = tr(
            "You see what will change before it does, and can take the upload back. Afterwards you come back here. "
            "Where the upload shows matches, decide what you are sure of; the rest is asked again in the next step."
        )
        self.files = label(quiet=True)
        self.put(Card(self.told, label(what), self.files), self.again)
        self._inside.addStretch(1)

    @property
    def primary(self) -> str:
        return tr("Bring the files of the SIS") if self.way.standing and first_run_waits(self.way.standing) else ""

    def show_way(self) -> None:
        count = self.standing.synced
        waits = bool(self.primary)
        self.again.setVisible(not waits)
        words = files_told(self.way.answers.sources, self.way.gone)
        self.files.setText(words)
        self.files.setVisible(bool(words) and waits)
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
        self.upload_wanted.emit(() if self.way.gone else self.way.answers.sources)
