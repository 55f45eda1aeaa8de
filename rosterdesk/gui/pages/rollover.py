"""The end of a school year, guided: what would be archived and archiving it, then the jobs over the summer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QVBoxLayout, QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.editing import Editing
from rosterdesk.gui.forms import Form
from rosterdesk.gui.frames import Column, held
from rosterdesk.gui.summercard import Summer, SummerCard, keep
from rosterdesk.gui.tables import TablePanel
from rosterdesk.gui.widgets import Banner, Card, TitleBlock, button, column, icon_button, label, row, scrolled
from rosterdesk.gui.words import counted, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.rollover import SchoolEnd, YearEnd
    from rosterdesk.errors import UsageError

DISTRICT = 0


@dataclass(frozen=True, slots=True)
class Year:
    """What would be archived, school by school, or the rule that forbids it; the places and jobs to choose from."""

    would: tuple[SchoolEnd, ...]
    refusal: UsageError | None
    places: tuple[tuple[int, str], ...]
    jobs: tuple[str, ...]
    since: int


def look_up(directory: Directory, end: YearEnd, run: Run) -> Year:
    """What ending the year would do, in the reader's thread."""
    from rosterdesk.directory import browse, offers, rollover
    from rosterdesk.directory.history import list_runs
    from rosterdesk.errors import UsageError
    from rosterdesk.jobs.file import names

    with directory.read(run) as connection:
        trial = offers.trial(directory, connection)
        would: tuple[SchoolEnd, ...] = ()
        refusal: UsageError | None = None
        try:
            would = rollover.preview(trial, end)
        except UsageError as error:
            refusal = error
        schools = [
            (n, name) for n, name, status in browse.list_schools(connection, directory.district) if status == "active"
        ]
        latest = list_runs(connection, directory.district, limit=1)
        places = ((DISTRICT, tr("The whole district")), *schools)
        return Year(would, refusal, places, names(), latest[0].number if latest else 0)


class RolloverPage(QWidget):
    """`left` when the person goes back; `run_opened` carries the number of a run that they want to look at."""

    left = Signal()
    run_opened = Signal(int)

    def __init__(self, worker: Worker, reader: Worker) -> None:
        super().__init__()
        self._worker, self._reader = worker, reader
        self._directory: Directory | None = None
        self._year: Year | None = None
        self.editing = Editing(worker, reader)
        self.editing.changed.connect(lambda _: self._look())
        self.editing.run_opened.connect(self.run_opened)
        self.places, self.students = QComboBox(), QComboBox()
        self.places.addItem(tr("The whole district"), DISTRICT)
        for box, name in ((self.places, tr("District or school")), (self.students, tr("Which students"))):
            box.setAccessibleName(name)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumWidth(theme.scaled(240))
            box.activated.connect(lambda _: self._look())
        for value, words in (
            ("grades", tr("Students of these grades:")),
            ("all", tr("All students")),
            ("nobody", tr("No students")),
        ):
            self.students.addItem(words, value)
        self.rooms = QCheckBox(tr("All classrooms"))
        self.rooms.setAccessibleName(self.rooms.text())
        self.rooms.setChecked(True)
        self.rooms.toggled.connect(lambda _: self._look())
        self.grades = QLineEdit("12")
        self.grades.setAccessibleName(tr("Grades, separated by commas"))
        self.grades.setFixedWidth(theme.scaled(100))
        self.grades.textChanged.connect(lambda _: self._look())
        self._columns = (
            Column("name", tr("School"), width=220),
            Column("classrooms", tr("Classrooms"), width=140),
            Column("students", tr("Students"), width=140),
        )
        self.table = TablePanel(
            self._columns,
            tr("What would be archived"),
            searchable=False,
            sortable=False,
            remember="rollover",
        )
        self.table.setMinimumHeight(theme.scaled(170))
        self._told = label()
        self.archive = button(tr("Archive"), self._archive, primary=True)
        self.summer = SummerCard()
        self.summer.saved.connect(self._keep)
        back = icon_button("back", tr("Back to the directory"), self.left.emit)
        title = TitleBlock(tr("End of the school year"), tr("Close the old year before your SIS shows the new one."))
        body = QWidget()
        content = column(self._year_card(), self.summer, spacing=theme.BETWEEN)
        content.setContentsMargins(0, 0, theme.INSIDE, 0)
        content.addStretch(1)
        body.setLayout(content)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(theme.AROUND, theme.AROUND, theme.AROUND, theme.BETWEEN)
        inside.setSpacing(theme.BETWEEN)
        head = row(back, title)
        head.setStretch(1, 1)
        inside.addLayout(head)
        inside.addWidget(self.editing)
        inside.addWidget(scrolled(body), 1)

    def show_directory(self, directory: Directory) -> None:
        """Look up what ending the year would do now."""
        from rosterdesk.jobs.summer import next_summer

        if self._directory is None:
            self.summer.suggest(next_summer(date.today()))  # noqa: DTZ011 - the local day is meant
        self._directory = directory
        self._look()

    @property
    def end(self) -> YearEnd:
        """What is chosen now."""
        from rosterdesk.directory.rollover import Leaving, YearEnd

        grades = tuple(grade for part in self.grades.text().split(",") if (grade := part.strip()))
        school = self.places.currentData() or DISTRICT
        return YearEnd(school, self.rooms.isChecked(), Leaving(self.students.currentData()), grades)

    def show_year(self, year: Year) -> None:
        """Draw what was looked up."""
        self._year = year
        chosen = self.places.currentData()
        self.places.clear()
        for number, name in year.places:
            self.places.addItem(name, number)
        self.places.setCurrentIndex(max(0, self.places.findData(chosen)))
        rows = [(s.name, _share(s.classrooms, s.of_classrooms), _share(s.students, s.of_students)) for s in year.would]
        self.table.show_lines(held(rows, self._columns, self.table.look), noun=("{n} school", "{n} schools"))
        self.summer.show_jobs(year.jobs)
        self._tell(year)

    def _year_card(self) -> Card:
        line = row(self.rooms, self.students, self.grades, None, spacing=theme.BETWEEN)
        choices = QWidget()
        choices.setLayout(line)
        place = QWidget()
        place.setLayout(row(self.places, None))
        bottom = QWidget()
        below = row(self._told, self.archive)
        below.setStretch(0, 1)
        bottom.setLayout(below)
        card = Card(
            label(tr("1. Archive the year"), size="section", bold=True),
            label(
                tr(
                    "Archived classrooms are no longer seen, and stay archived although your SIS still has them. "
                    "Students who are in the new year's files come back by themselves, with their family."
                ),
                quiet=True,
            ),
            place,
            choices,
            self.table,
            bottom,
        )
        card.setAccessibleName(tr("Archive the year"))
        return card

    def _tell(self, year: Year) -> None:
        rooms, students = sum(s.classrooms for s in year.would), sum(s.students for s in year.would)
        self.grades.setEnabled(self.students.currentData() == "grades")
        if year.refusal is not None:
            told = f"{year.refusal.title} {year.refusal.advice}".strip()
        elif not rooms and not students:
            told = tr("Nothing would be archived. Choose other grades, or another school.")
        else:
            told = tr("{what} would be archived. You can undo this.", what=_what(rooms, students))
        self._told.setText(told)
        words = tr("Archive {what}", what=_what(rooms, students)) if rooms or students else tr("Archive")
        self.archive.setText(words)
        self.archive.setAccessibleName(words)
        self.archive.setAccessibleDescription(told)
        self.archive.setEnabled(bool(rooms or students))

    def _archive(self) -> None:
        from rosterdesk.directory import rollover

        directory, year, end = self._directory, self._year, self.end
        if directory is None or year is None:
            return
        form = Form(
            tr("End the school year at {place}", place=self.places.currentText())
            if end.school
            else tr("End the school year in the whole district"),
            self._told.text(),
            self.archive.text(),
            "end the school year",
            lambda edit, answers: rollover.archive(edit, end, answers.task),
            why=tr("End of the school year"),
            told=lambda done: tr("{what} were archived.", what=_what(done["classrooms"], done["students"])),
        )
        self.editing.begin(form, directory, year.since)

    def _keep(self, answers: Summer) -> None:
        self._worker.start(
            lambda _: keep(answers), on_success=self._kept, on_failure=self.editing.fail, owner=self, decisive=True
        )

    def _kept(self, names: tuple[str, ...]) -> None:
        words = tr(
            "They stand in the job. Until the first run of the new year has been pushed, its limits wait for it."
        )
        self.editing.say(Banner("plain", words, title=tr("The dates of {jobs} are saved.", jobs=", ".join(names))))
        self._look()

    def _look(self) -> None:
        directory, end = self._directory, self.end
        if directory is not None:
            self._reader.start(
                lambda run: look_up(directory, end, run), on_success=self.show_year, owner=self, key="year"
            )


def _share(count: int, of: int) -> str:
    return tr("{count} of {of}", count=f"{count:,}", of=f"{of:,}")


def _what(rooms: int, students: int) -> str:
    parts = [
        counted(count, one, many)
        for count, one, many in (
            (rooms, "{n} classroom", "{n} classrooms"),
            (students, "{n} student", "{n} students"),
        )
        if count
    ]
    return tr("{first} and {last}", first=parts[0], last=parts[1]) if len(parts) == 2 else "".join(parts)
