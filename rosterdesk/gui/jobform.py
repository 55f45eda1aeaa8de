"""The form of a saved job: when it runs, what a run may do, on which dates it rests, and who is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from rosterdesk.errors import RosterDeskError, UsageError
from rosterdesk.gui import theme
from rosterdesk.gui.flow import Flow
from rosterdesk.gui.jobusual import Known, look_up
from rosterdesk.gui.limittable import LimitTable
from rosterdesk.gui.widgets import Card, button, label, row
from rosterdesk.gui.words import tr
from rosterdesk.jobs.calendar import Schedule, period, schedule
from rosterdesk.jobs.file import Job

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.gui.worker import Worker

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MOST_MINUTES = 24 * 60


class JobForm(QWidget):
    """`saved` carries the `Job` as it is to be, `refused` the error that says why it can't be; `left` when the person
    goes back without it.
    """

    saved = Signal(object)
    refused = Signal(object)
    left = Signal()

    def __init__(self, job: Job) -> None:
        super().__init__()
        self._job = job
        times, told = job.schedule, job.notices
        self.times = _line(tr("Times of day"), ", ".join(f"{at:%H:%M}" for at in times.times), tr("02:00, 14:30"))
        self.days = [QCheckBox(tr(day)) for day in _DAYS]
        for number, day in enumerate(self.days):
            day.setChecked(number in times.weekdays)
        self.catch_up = _check(tr("Make up for a run that was missed, as soon as it can be"), times.catch_up)
        self.wake = _check(tr("Wake this computer for it, where the system can"), times.wake)
        self.minutes = QSpinBox()
        self.minutes.setRange(1, _MOST_MINUTES)
        self.minutes.setValue(job.minutes)
        self.minutes.setMaximumWidth(theme.scaled(120))
        self.minutes.lineEdit().setTextMargins(theme.TIGHT, 0, 0, 0)
        self.minutes.setAccessibleName(tr("Minutes that a run may take"))
        self.additions_only = _check(tr("Never take anything away"), job.additions_only)
        self.learn = _check(tr("Hold a run that is unusual for this job"), job.learn)
        self.table = LimitTable(job.limits)
        dates = tr("2026-12-20..2027-01-03, 2027-02-15")
        self.rests = _line(tr("Rests on"), ", ".join(map(str, job.blackouts)), dates)
        self.only_adds = _line(tr("Only adds on"), ", ".join(map(str, job.additions_only_dates)), dates)
        self.mail = _line(tr("Mail to"), ", ".join(told.mail), tr("it@district.example"))
        self.smtp = _line(tr("Mail server"), told.smtp, tr("smtp.district.example:587"))
        self.smtp_user = _line(tr("User at the mail server"), told.smtp_user)
        self.webhook = _line(tr("Web address that is told"), told.webhook, "https://")
        self.heartbeat = _line(tr("Web address that is asked after each good run"), told.heartbeat, "https://")
        self.desktop = _check(tr("Show it on this desktop"), told.desktop)
        self.every_run = _check(tr("Tell of every run, not only of trouble"), told.every_run)
        self.digest = _check(tr("Once a week, sum up what its runs did"), told.digest)
        days = QWidget()
        line = Flow(days, theme.INSIDE)
        for day in self.days:
            line.addWidget(day)
        self.save = button(tr("Save the changes"), self._save, primary=True)
        self.back = button(tr("Leave it as it was"), self.left.emit)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.BETWEEN)
        inside.addWidget(
            _card(
                tr("When"),
                (tr("Times of day"), self.times),
                (tr("Days"), days),
                ("", self.catch_up),
                ("", self.wake),
                note=tr("Without a time it runs only when you say so."),
            )
        )
        inside.addWidget(
            _card(
                tr("What a run may do"),
                (tr("Minutes"), self.minutes),
                ("", self.additions_only),
                ("", self.learn),
                (tr("Rests on"), self.rests),
                (tr("Only adds on"), self.only_adds),
                note=tr("The limits of the directory hold as well. A run that would go over one waits for you."),
            )
        )
        own = Card(label(tr("Limits of its own"), size="section", bold=True), self.table)
        own.setAccessibleName(tr("Limits of its own"))
        inside.addWidget(own)
        inside.addWidget(
            _card(
                tr("Who is told"),
                (tr("Mail to"), self.mail),
                (tr("Mail server"), self.smtp),
                (tr("Its user"), self.smtp_user),
                (tr("Web address"), self.webhook),
                (tr("Heartbeat"), self.heartbeat),
                ("", self.desktop),
                ("", self.every_run),
                ("", self.digest),
            )
        )
        inside.addLayout(row(None, self.back, self.save))
        inside.addStretch(1)

    def answer(self) -> Job:
        """The job as the form has it. Raises `UsageError` that says what can't be."""
        chosen = [number for number, day in enumerate(self.days) if day.isChecked()]
        when = schedule(self.times.text(), catch_up=self.catch_up.isChecked(), wake=self.wake.isChecked())
        if when.times and not chosen:
            raise UsageError(tr("No day is chosen."), tr("Choose the days on which it runs."))
        mail, smtp = _parts(self.mail.text(), ","), self.smtp.text().strip()
        if mail and not smtp:
            raise UsageError(
                tr("Nobody can be told by mail without a mail server."), tr("Name it with its port: host:587.")
            )
        notices = replace(
            self._job.notices,
            mail=mail,
            smtp=smtp,
            smtp_user=self.smtp_user.text().strip(),
            webhook=self.webhook.text().strip(),
            heartbeat=self.heartbeat.text().strip(),
            desktop=self.desktop.isChecked(),
            every_run=self.every_run.isChecked(),
            digest=self.digest.isChecked(),
        )
        return replace(
            self._job,
            schedule=Schedule(
                when.times, tuple(chosen) if chosen else self._job.schedule.weekdays, when.catch_up, when.wake
            ),
            minutes=self.minutes.value(),
            additions_only=self.additions_only.isChecked(),
            learn=self.learn.isChecked(),
            limits=self.table.limits(),
            blackouts=tuple(period(one) for one in _parts(self.rests.text(), ",")),
            additions_only_dates=tuple(period(one) for one in _parts(self.only_adds.text(), ",")),
            notices=notices,
        )

    def look_back(self, directory: Directory | None, reader: Worker) -> None:
        """Have what is usual for the job looked up in its directory; `directory` is the one that is open."""
        job = self._job
        reader.start(
            lambda run: look_up(directory, job, run),
            on_success=self._show_known,
            on_failure=self._unknown,
            owner=self,
            key="usual",
        )

    def _show_known(self, known: Known) -> None:
        self.table.show_schools(known.schools)
        self.table.show_usual(known.usual)

    def _unknown(self, error: RosterDeskError) -> None:
        """Nobody needs it to change the job."""
        self.table.say(tr("What is usual can't be told: {why}", why=error.title))

    def _save(self) -> None:
        try:
            job = self.answer()
        except UsageError as error:
            self.refused.emit(error)
            return
        self.saved.emit(job)


def _card(title: str, *lines: tuple[str, QWidget], note: str = "") -> Card:
    made = Card(label(title, size="section", bold=True))
    made.setAccessibleName(title)
    form = QFormLayout()
    form.setHorizontalSpacing(theme.BETWEEN)
    form.setVerticalSpacing(theme.INSIDE)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    for word, widget in lines:
        form.addRow(word, widget)
    inside = made.layout()
    assert isinstance(inside, QVBoxLayout)
    if note:
        inside.addWidget(label(note, quiet=True))
    inside.addLayout(form)
    inside.addStretch(1)
    return made


def _line(name: str, text: str, hint: str = "") -> QLineEdit:
    made = QLineEdit(text)
    made.setAccessibleName(name)
    made.setPlaceholderText(hint)
    return made


def _check(text: str, checked: bool) -> QCheckBox:
    made = QCheckBox(text)
    made.setChecked(checked)
    return made


def _parts(text: str, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(separator) if part.strip())
