"""The dialog of one hand edit: what is asked, the reason, what it will do, and the one button that does it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QFileDialog, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from rosterdesk.errors import NotAllowed, RosterDeskError
from rosterdesk.gui import theme
from rosterdesk.gui.forms import Answers, Field, Form
from rosterdesk.gui.picker import Picker
from rosterdesk.gui.widgets import Banner, ErrorPanel, TitleBlock, button, clear, column, label, row, scrolled
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Task, Worker
from rosterdesk.gui.working import WorkLine
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.errors import UsageError

_WIDTH, _HEIGHT = 520, 420


@dataclass(frozen=True, slots=True)
class Made:
    """An edit that was made: by which run (None: it was so already), and what the edit returned."""

    form: Form
    run: int | None
    value: Any


def make(directory: Directory, form: Form, answers: Answers, why: str, since: int | None, run: Run) -> Made:
    """Make the edit, in the worker's thread. Raises what `directory.edit.editing` and the edit's rules raise."""
    from rosterdesk.directory.edit import editing
    from rosterdesk.directory.history import Kind

    with editing(directory, form.what, why, since=since, run=run, kind=Kind(form.kind)) as edit:
        value = form.perform(edit, replace(answers, task=run))
    return Made(form, edit.run if edit.counts else None, value)


def try_out(directory: Directory, form: Form, answers: Answers, run: Run) -> UsageError | None:
    """The rule that forbids the edit, in the reader's thread; what is not filled in yet is taken from the sample."""
    from rosterdesk.directory import offers

    values = {key: value or (form.sample or {}).get(key, "") for key, value in answers.values.items()}
    with directory.read(run) as connection:
        trial = offers.trial(directory, connection)
        return offers.refusal(trial, lambda edit: form.perform(edit, Answers(values, answers.picked)))


class EditDialog(QDialog):
    """`made` carries the `Made` of an edit that was made."""

    made = Signal(object)

    def __init__(
        self,
        form: Form,
        directory: Directory,
        worker: Worker,
        reader: Worker,
        *,
        since: int | None = None,
        why: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._form, self._directory, self._since = form, directory, since
        self._worker, self._reader = worker, reader
        self._task: Task | None = None
        self._refusal = ""
        self.setWindowTitle(form.title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.inputs: dict[str, QLineEdit | QComboBox] = {}
        self.why = QLineEdit(form.why or why)
        self.why.setAccessibleName(tr("Reason"))
        self.why.setPlaceholderText(tr("A few words; they stand in the history"))
        self.why.textChanged.connect(self._look)
        self.picker = Picker(form.pick, directory, reader) if form.pick is not None else None
        self._notices = column()
        self.work = WorkLine()
        self.reason = label(quiet=True)
        self.cancel = button(tr("Cancel"), self.reject)
        self.primary = button(form.verb, self.save, primary=True)
        self.primary.setDefault(True)
        self.cancel.setAutoDefault(False)
        self._asked = self._fill()
        inside = QVBoxLayout(self)
        inside.setContentsMargins(theme.AROUND, theme.AROUND, theme.AROUND, theme.BETWEEN)
        inside.setSpacing(theme.BETWEEN)
        inside.addWidget(TitleBlock(form.title, form.sentence))
        inside.addWidget(scrolled(self._asked), 1)
        inside.addLayout(self._notices)
        inside.addWidget(self.work)
        bottom = row(self.reason, self.cancel, self.primary, spacing=theme.INSIDE)
        bottom.setStretch(0, 1)
        inside.addLayout(bottom)
        if self.picker is not None:
            self.picker.changed.connect(self._look)
        # Qt takes no more than two thirds of the screen, which is too little for large text.
        room = parent.size() if parent is not None else self.sizeHint()
        self.resize(self.sizeHint().boundedTo(room))
        self._look()
        self._try_out()

    def sizeHint(self) -> QSize:
        asked = self._asked.sizeHint().height() + theme.scaled(220)
        return QSize(theme.scaled(_WIDTH), min(max(asked, theme.scaled(260)), theme.scaled(_HEIGHT + 160)))

    @property
    def answers(self) -> Answers:
        """What is filled in and chosen now."""
        values = {
            key: str(box.currentData() or "") if isinstance(box, QComboBox) else box.text()
            for key, box in self.inputs.items()
        }
        return Answers(values, self.picker.picked if self.picker is not None else ())

    def save(self) -> None:
        """Make the edit, in the background."""
        if self._task is not None or self._waits_for():
            return
        answers, why = self.answers, self.why.text()
        directory, form, since = self._directory, self._form, self._since
        clear(self._notices)
        self._asked.setEnabled(False)
        self.primary.setEnabled(False)
        task = self._worker.start(
            lambda run: make(directory, form, answers, why, since, run),
            on_success=self._done,
            on_failure=self._fail,
            owner=self,
            decisive=True,
        )
        self._task = task
        task.ended.connect(self._ended)
        self.work.follow(task)

    def reject(self) -> None:
        """Esc or Cancel: stop what is going on, else close."""
        if self._task is not None:
            self._task.cancel()
        else:
            super().reject()

    def _fill(self) -> QWidget:
        asked = QWidget()
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(theme.BETWEEN)
        form.setVerticalSpacing(theme.INSIDE)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for field in self._form.fields:
            self.inputs[field.key] = box = self._input(field)
            title = label(field.title)
            title.setWordWrap(False)
            title.setBuddy(box)
            form.addRow(title, self._with_button(field, box) if field.suffix else box)
        reason = label(tr("Reason"))
        reason.setBuddy(self.why)
        form.addRow(reason, self.why)
        parts = column(spacing=theme.BETWEEN)
        if self.picker is not None:
            parts.addWidget(self.picker, 1)
        parts.addLayout(form)
        parts.addStretch(0 if self.picker is not None else 1)
        parts.setContentsMargins(0, 0, theme.INSIDE, 0)
        asked.setLayout(parts)
        return asked

    def _input(self, field: Field) -> QLineEdit | QComboBox:
        box: QLineEdit | QComboBox
        if field.choices:
            box = QComboBox()
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            for value, words in field.choices:
                box.addItem(words, value)
            box.setCurrentIndex(box.findData(field.value))
            box.setPlaceholderText(tr("- choose -"))
            box.currentIndexChanged.connect(self._look)
            box.currentIndexChanged.connect(self._try_out)
        else:
            box = QLineEdit(field.value)
            box.setPlaceholderText(field.hint)
            box.textChanged.connect(self._look)
        box.setAccessibleName(field.title)
        box.setAccessibleDescription(field.hint)
        return box

    def _with_button(self, field: Field, box: QLineEdit | QComboBox) -> QWidget:
        """A field for a file's name, with a button that asks for it as the system does."""
        assert isinstance(box, QLineEdit)

        def ask() -> None:
            name, _ = QFileDialog.getSaveFileName(self, field.title, box.text(), f"*.{field.suffix}")
            if name:
                box.setText(name if name.lower().endswith(f".{field.suffix}") else f"{name}.{field.suffix}")

        both = QWidget()
        choose = button(tr("Choose"), ask)
        choose.setAutoDefault(False)
        both.setLayout(row(box, choose))
        return both

    def _waits_for(self) -> str:
        """Why the button waits, in a sentence; empty when it does not."""
        if self._refusal:
            return tr("This is not allowed; see above.")
        answers = self.answers
        if self.picker is not None and not answers.picked:
            return tr("Choose somebody.")
        for field in self._form.fields:
            if field.required and not answers.values[field.key].strip():
                return (tr("Choose: {field}.") if field.choices else tr("Enter: {field}.")).format(field=field.title)
        return "" if self.why.text().strip() else tr("Say why, in a few words.")

    def _look(self) -> None:
        waits = self._waits_for()
        self.reason.setText(waits)
        self.primary.setEnabled(not waits and self._task is None)
        self.primary.setAccessibleDescription(waits)

    def _try_out(self) -> None:
        directory, form, answers = self._directory, self._form, self.answers
        if form.sample is None or not all(
            answers.values[field.key] for field in form.fields if field.required and field.choices
        ):
            return
        self._reader.start(
            lambda run: try_out(directory, form, answers, run), on_success=self._tried, owner=self, key="try"
        )

    def _tried(self, refusal: UsageError | None) -> None:
        clear(self._notices)
        self._refusal = ""
        if isinstance(refusal, NotAllowed):
            self._refusal = f"{refusal.title} {refusal.advice}"
            self._notices.addWidget(Banner("warning", refusal.advice, title=refusal.title))
        self._look()

    def _done(self, made: Made) -> None:
        self._task = None
        self.accept()
        self.made.emit(made)

    def _fail(self, error: RosterDeskError) -> None:
        panel = ErrorPanel(error)
        panel.dismissed.connect(lambda: clear(self._notices))
        self._notices.addWidget(panel)

    def _ended(self) -> None:
        self._task = None
        self._asked.setEnabled(True)
        self._look()
