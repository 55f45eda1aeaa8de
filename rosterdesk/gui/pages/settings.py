"""The settings of the district and of each school, with the effect of each beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.cleanup import CleanUp
from rosterdesk.gui.editing import Editing
from rosterdesk.gui.forms import Form
from rosterdesk.gui.granting import Permissions
from rosterdesk.gui.settingslook import DISTRICT, Place, Setting, effect, grouped, look_up, value_words
from rosterdesk.gui.widgets import (
    Banner,
    Card,
    TitleBlock,
    button,
    clear,
    column,
    icon_button,
    label,
    row,
    scrolled,
)
from rosterdesk.gui.words import counted, tr
from rosterdesk.gui.worker import Worker

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory

_AS_WIDER = ""  # stands for: nothing of its own


class SettingsPage(QWidget):
    """`left` when the person goes back; `run_opened` carries the number of a run that they want to look at."""

    left = Signal()
    run_opened = Signal(int)

    def __init__(self, worker: Worker, reader: Worker) -> None:
        super().__init__()
        self._reader = reader
        self._directory: Directory | None = None
        self._place: Place | None = None
        self._effects: dict[str, QWidget] = {}
        self.inputs: dict[str, QComboBox | QLineEdit] = {}
        self.permissions: Permissions | None = None
        self.editing = Editing(worker, reader)
        self.editing.changed.connect(self._saved)
        self.editing.run_opened.connect(self.run_opened)
        self.cleaning = CleanUp(self.editing, worker, reader)
        self.cleaning.done.connect(lambda: self._saved(None))
        self.places = QComboBox()
        self.places.setAccessibleName(tr("District or school"))
        self.places.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.places.setMinimumWidth(theme.scaled(200))
        self.places.activated.connect(lambda _: self._look(self.places.currentData()))
        self._refused = column()
        self._content = QVBoxLayout()
        self._content.setSpacing(theme.BETWEEN)
        self._content.setContentsMargins(0, 0, theme.INSIDE, 0)
        body = QWidget()
        body.setLayout(self._content)
        # Else the area is as high as the words would need in the narrowest window, and ends in nothing.
        body.setMinimumHeight(1)
        self.told = label(quiet=True)
        self.revert = button(tr("Take back"), self._revert)
        self.save = button(tr("Save"), self._save, primary=True)
        back = icon_button("back", tr("Back to the directory"), self.left.emit)
        title = TitleBlock(tr("Settings"), tr("What a sync may do, and what people may do by hand."))
        inside = QVBoxLayout(self)
        inside.setContentsMargins(theme.AROUND, theme.AROUND, theme.AROUND, theme.BETWEEN)
        inside.setSpacing(theme.BETWEEN)
        head = row(back, title, self.places)
        head.setStretch(1, 1)
        inside.addLayout(head)
        inside.addWidget(self.editing)
        inside.addLayout(self._refused)
        inside.addWidget(scrolled(body), 1)
        bottom = row(self.told, self.revert, self.save)
        bottom.setStretch(0, 1)
        inside.addLayout(bottom)

    @property
    def changes(self) -> Mapping[str, str | None]:
        """What is set here otherwise than in the directory; None: nothing of its own any more."""
        if self._place is None:
            return {}
        found: dict[str, str | None] = {}
        for setting in self._place.settings:
            if (now := self._value(setting)) != setting.own and not (
                setting.own is None and self._place.school == DISTRICT and now == setting.wider
            ):
                found[setting.name] = now
        return found

    def show_settings(self, directory: Directory, school: int = DISTRICT) -> None:
        """Show the settings of a school, or of the district."""
        self._directory = directory
        self.editing.say(None)
        self._look(school)

    def show_directory(self, directory: Directory) -> None:
        """Look again, unless something here is not saved yet."""
        self._directory = directory
        if not self.changes:
            self._look(self._place.school if self._place is not None else DISTRICT)

    def show_place(self, place: Place) -> None:
        """Draw what was looked up."""
        self._place = place
        self.places.clear()
        for number, name in place.places:
            self.places.addItem(name, number)
        self.places.setCurrentIndex(self.places.findData(place.school))
        clear(self._refused)
        if place.refusal is not None:
            self._refused.addWidget(Banner("warning", place.refusal.advice, title=place.refusal.title))
        clear(self._content)
        self.inputs, self._effects = {}, {}
        for title, settings in grouped(place.settings):
            card = Card(label(title, size="section", bold=True))
            card.setAccessibleName(title)
            inside = card.layout()
            assert isinstance(inside, QVBoxLayout)
            inside.addLayout(self._group(settings))
            if any(setting.name == "history_months" for setting in settings):
                inside.addLayout(row(button(tr("Clean up now"), self._clean), None))
            self._content.addWidget(card)
        self.permissions = Permissions(place)
        self.permissions.edit_wanted.connect(self._govern)
        self._content.addWidget(self.permissions)
        self._content.addStretch(1)
        self._tell()

    def _group(self, settings: list[Setting]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.BETWEEN)
        grid.setVerticalSpacing(theme.BETWEEN)
        grid.setColumnStretch(0, 1)
        for at, setting in enumerate(settings):
            title, told = label(tr(setting.title), bold=True), label(quiet=True)
            box = self._input(setting)
            title.setBuddy(box)
            self.inputs[setting.name] = box

            def say(setting: Setting = setting, told: QWidget = told) -> None:
                told.setText(effect(setting.name, self._value(setting) or setting.wider))  # type: ignore[attr-defined]
                self.inputs[setting.name].setAccessibleDescription(told.text())  # type: ignore[attr-defined]
                self._tell()

            changed = box.currentIndexChanged if isinstance(box, QComboBox) else box.textChanged
            changed.connect(lambda _, say=say: say())
            words = QWidget()
            words.setLayout(column(title, told, spacing=2))
            grid.addWidget(words, at, 0)
            grid.addWidget(box, at, 1, Qt.AlignmentFlag.AlignTop)
            say()
        return grid

    def _input(self, setting: Setting) -> QComboBox | QLineEdit:
        assert self._place is not None
        wider = value_words(setting.name, setting.wider)
        as_wider = tr("As the district: {value}", value=wider) if self._place.school else wider
        box: QComboBox | QLineEdit
        if setting.choices:
            box = QComboBox()
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            if self._place.school:
                box.addItem(as_wider, _AS_WIDER)
            for value in setting.choices:
                box.addItem(value_words(setting.name, value), value)
            own = setting.own if setting.own is not None or self._place.school else setting.wider
            box.setCurrentIndex(max(0, box.findData(own or _AS_WIDER)))
        else:
            box = QLineEdit(setting.own or "")
            box.setPlaceholderText(as_wider)
        box.setFixedWidth(theme.scaled(310))
        box.setAccessibleName(tr(setting.title))
        box.setEnabled(self._place.refusal is None)
        return box

    def _value(self, setting: Setting) -> str | None:
        box = self.inputs.get(setting.name)
        if box is None:
            return setting.own
        text = str(box.currentData() or "") if isinstance(box, QComboBox) else box.text().strip().removesuffix("%")
        return text.strip() or None

    def _tell(self) -> None:
        number = len(self.changes)
        refused = self._place is not None and self._place.refusal is not None
        self.save.setEnabled(bool(number) and not refused)
        self.revert.setVisible(bool(number))
        self.places.setEnabled(not number)
        words = counted(number, "Save {n} setting", "Save {n} settings") if number else tr("Save")
        self.save.setText(words)
        self.save.setAccessibleName(words)
        waits = (
            tr("Change something to save it.") if not refused else tr("Others may change these settings; see above.")
        )
        self.told.setText(tr("Not saved yet.") if number else waits)
        self.save.setAccessibleDescription(self.told.text())

    def _save(self) -> None:
        from rosterdesk.directory import governing

        directory, place, changes = self._directory, self._place, dict(self.changes)
        if directory is None or place is None or not changes:
            return
        sentences = []
        for setting in place.settings:
            if setting.name in changes:
                value = changes[setting.name]
                shown = value_words(setting.name, value if value is not None else setting.wider)
                does = effect(setting.name, value if value is not None else setting.wider)
                sentences.append(f"{tr(setting.title)}: {shown}. {does}")
        form = Form(
            tr("Settings of {place}", place=place.name) if place.school else tr("Settings of the whole district"),
            "\n".join(sentences),
            self.save.text(),
            "change settings",
            lambda edit, _: governing.change_settings(edit, changes, place.school),
        )
        self.editing.begin(form, directory, place.since)

    def _saved(self, _made: object) -> None:
        self._look(self._place.school if self._place is not None else DISTRICT)

    def _govern(self, form: Form) -> None:
        if self._directory is not None and self._place is not None and self._all_saved():
            self.editing.begin(form, self._directory, self._place.since)

    def _clean(self) -> None:
        if self._directory is not None and self._all_saved():
            self.cleaning.begin(self._directory)

    def _all_saved(self) -> bool:
        """Whether nothing waits here to be saved, which would be lost when the page is drawn anew; else say so."""
        if self.changes:
            self.editing.say(Banner("plain", tr("Save the settings that you have changed first, or take them back.")))
        return not self.changes

    def _revert(self) -> None:
        if self._place is not None:
            self.show_place(self._place)

    def _look(self, school: int) -> None:
        directory = self._directory
        if directory is not None:
            self._reader.start(
                lambda run: look_up(directory, school, run), on_success=self.show_place, owner=self, key="settings"
            )
