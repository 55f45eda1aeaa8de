"""The offer to do an upload again by itself: its name, when, and the button that saves it as a job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from PySide6.QtCore import Qt, QTime, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QTimeEdit, QVBoxLayout

from rosterdesk.gui import theme
from rosterdesk.gui.widgets import Card, button, label, row
from rosterdesk.gui.wording import worded
from rosterdesk.gui.words import tr
from rosterdesk.jobs.calendar import Schedule

_SCHOOL_DAYS = (0, 1, 2, 3, 4)
_EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants: a job of this name at these times."""

    name: str
    schedule: Schedule


class NightlyCard(Card):
    """Asks for the name, the time and the days. `wanted` carries a `Wanted` when the button is pressed."""

    wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Do this every night"))
        self.name = QLineEdit("nightly")
        self.name.setAccessibleName(tr("Name of the job"))
        self.name.setMaxLength(60)
        self.name.textChanged.connect(self._look)
        self.at = QTimeEdit(QTime(2, 0))
        self.at.setDisplayFormat("HH:mm")
        self.at.setAccessibleName(tr("Time of day"))
        self.days = QComboBox()
        self.days.setAccessibleName(tr("Days"))
        self.days.addItem(tr("Every day"), _EVERY_DAY)
        self.days.addItem(tr("Monday to Friday"), _SCHOOL_DAYS)
        self.save = button(tr("Save the nightly upload"), self._save, icon="clock")
        self.said = label(quiet=True)
        self.said.setWordWrap(True)
        inside = self.layout()
        assert isinstance(inside, QVBoxLayout)
        inside.addWidget(label(tr("Do this every night"), size="section", bold=True))
        inside.addWidget(
            label(
                tr(
                    "The computer starts it by itself, also when this window is closed. It reads the same place again, "
                    "and waits for you whenever it would go over a limit."
                ),
                quiet=True,
            )
        )
        form = QFormLayout()
        form.setHorizontalSpacing(theme.BETWEEN)
        form.setVerticalSpacing(theme.INSIDE)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.addRow(tr("Name"), self.name)
        form.addRow(tr("When"), row(self.at, self.days, spacing=theme.INSIDE))
        inside.addLayout(form)
        inside.addLayout(row(self.save, None))
        inside.addWidget(self.said)
        self.said.hide()

    def tell(self, text: str) -> None:
        """Say how it went."""
        self.said.setText(worded(text))
        self.said.show()

    def _look(self, text: str) -> None:
        self.save.setEnabled(bool(text.strip()))

    def _save(self) -> None:
        at = self.at.time()
        schedule = Schedule((time(at.hour(), at.minute()),), tuple(self.days.currentData()))
        self.wanted.emit(Wanted(self.name.text().strip(), schedule))
