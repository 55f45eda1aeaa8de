"""The jobs between two school years: when they rest, and the day and the limits of the new year's first run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QDateEdit, QGridLayout, QSpinBox, QVBoxLayout, QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.widgets import Card, button, clear, column, label, row
from rosterdesk.gui.words import counted, date_format, tr

if TYPE_CHECKING:
    from rosterdesk.jobs.calendar import Period


@dataclass(frozen=True, slots=True)
class Summer:
    """What was answered: for which jobs, the first and the last day of rest, the first run and its limits."""

    jobs: tuple[str, ...]
    first: date
    last: date
    first_run: date
    thresholds: tuple[int, int, int]


def keep(answers: Summer) -> tuple[str, ...]:
    """Save the jobs with these dates; return their names. Raises what `jobs.summer.pause` raises."""
    from rosterdesk.jobs.calendar import Period
    from rosterdesk.jobs.file import FirstRun
    from rosterdesk.jobs.summer import pause

    rest = Period(answers.first, answers.last)
    changed = pause(answers.jobs, rest, first=FirstRun(answers.first_run, *answers.thresholds))
    return tuple(job.name for job in changed)


class SummerCard(Card):
    """`saved` carries a `Summer` that is to be saved."""

    saved = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("The jobs over the summer"))
        self.jobs: dict[str, QCheckBox] = {}
        self.first, self.last, self.first_run = (
            _day(tr("First day of rest")),
            _day(tr("Last day of rest")),
            _day(tr("First run of the new year")),
        )
        self.thresholds = tuple(
            _percent(name, value)
            for name, value in (
                (tr("It may archive of a kind of record"), 50),
                (tr("It may archive within one school"), 60),
                (tr("It may remove of enrollments and family links"), 100),
            )
        )
        self._list = column(spacing=theme.TIGHT)
        self._told = label(quiet=True)
        self.save = button(tr("Save the dates"), self._save)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.BETWEEN)
        grid.setVerticalSpacing(theme.INSIDE)
        grid.setColumnStretch(2, 1)
        for at, box in enumerate((self.first, self.last, self.first_run, *self.thresholds)):
            title = label(box.accessibleName())
            title.setWordWrap(False)
            title.setBuddy(box)
            grid.addWidget(title, at, 0)
            grid.addWidget(box, at, 1)
        inside = self.layout()
        assert isinstance(inside, QVBoxLayout)
        inside.addWidget(label(tr("2. The jobs over the summer"), size="section", bold=True))
        inside.addWidget(
            label(
                tr(
                    "Nothing is uploaded while they rest, so that old rosters don't come back and families don't see "
                    "the new ones early. The first run of the new year archives more than usual: it has limits of its "
                    "own, which hold for that one run."
                ),
                quiet=True,
            )
        )
        inside.addLayout(self._list)
        inside.addLayout(grid)
        bottom = row(self.save, self._told)
        bottom.setStretch(1, 1)
        inside.addLayout(bottom)
        self.show_jobs(())

    def suggest(self, summer: Period) -> None:
        """The dates that most districts have; only before somebody has entered others."""
        for box, day in ((self.first, summer.first), (self.last, summer.last)):
            box.setDate(QDate(day.year, day.month, day.day))
        self.first_run.setDate(self.last.date().addDays(7))

    def show_jobs(self, names: Sequence[str]) -> None:
        """The jobs to choose from."""
        if tuple(self.jobs) != tuple(names) or not names:
            clear(self._list)
            self.jobs = {}
            for name in names:
                self.jobs[name] = box = QCheckBox(name)
                box.setAccessibleName(tr("Job {name}", name=name))
                box.setChecked(True)
                box.toggled.connect(lambda _: self._look())
                self._list.addWidget(box)
        self._look()

    @property
    def answers(self) -> Summer:
        """What is entered now."""
        first, last, run = (_date(box) for box in (self.first, self.last, self.first_run))
        one, school, links = (box.value() for box in self.thresholds)
        return Summer(
            tuple(n for n, box in self.jobs.items() if box.isChecked()), first, last, run, (one, school, links)
        )

    def _look(self) -> None:
        chosen = len(self.answers.jobs)
        self.save.setEnabled(bool(chosen))
        if not self.jobs:
            waits = tr("You have no jobs: nothing is uploaded by itself.")
        else:
            waits = "" if chosen else tr("Choose a job.")
        self._told.setText(waits)
        self.save.setAccessibleDescription(waits)
        words = counted(chosen, "Save the dates of {n} job", "Save the dates of {n} jobs") if chosen else ""
        self.save.setText(words or tr("Save the dates"))
        self.save.setAccessibleName(self.save.text())
        for box in (self.first, self.last, self.first_run, *self.thresholds):
            box.setEnabled(bool(self.jobs))

    def _save(self) -> None:
        self.saved.emit(self.answers)


def _day(name: str) -> QDateEdit:
    made = QDateEdit()
    made.setDisplayFormat(date_format())
    _name(made, name)
    return made


def _percent(name: str, value: int) -> QSpinBox:
    made = QSpinBox()
    made.setRange(0, 100)
    made.setValue(value)
    made.setSuffix(" %")
    _name(made, name)
    return made


def _name(box: QAbstractSpinBox, name: str) -> None:
    box.setAccessibleName(name)
    box.lineEdit().setAccessibleName(name)
    box.lineEdit().setTextMargins(theme.INSIDE, 0, theme.INSIDE, 0)  # the style sheet can't reach in there
    box.setFixedWidth(theme.scaled(140))


def _date(box: QWidget) -> date:
    assert isinstance(box, QDateEdit)
    day = box.date()
    return date(day.year(), day.month(), day.day())
