"""The form of one kind of connection, drawn from `connectkinds`: how to sign in, what is asked for that, and the rest
folded away. A secret is typed unseen; one that is kept is never shown, only replaced.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QFormLayout, QLineEdit, QWidget

from rosterdesk.connections import Connection, Part
from rosterdesk.gui import theme
from rosterdesk.gui.connecting import Known, Secrets
from rosterdesk.gui.connectkinds import ADDRESS, Asked, Entrance, Offer, entrance_of
from rosterdesk.gui.widgets import Fold, button, column, label, row
from rosterdesk.gui.words import tr


class ConnectionForm(QWidget):
    """`changed` follows each answer. `known` is the saved connection that is changed; None: it is a new one."""

    changed = Signal()

    def __init__(self, offer: Offer, name: str, known: Known | None = None) -> None:
        super().__init__()
        self.offer, self._known = offer, known
        self._kept = (known.kept or frozenset()) if known is not None else frozenset[Part]()
        self.inputs: dict[str, QLineEdit | QComboBox] = {}
        self._rows: dict[str, tuple[QFormLayout, QWidget]] = {}
        self.name = QLineEdit(name)
        self.name.setAccessibleName(tr("Name"))
        self.name.setMaxLength(60)
        self.name.setReadOnly(known is not None)
        self.name.textChanged.connect(self.changed)
        self.entrances = QComboBox()
        self.entrances.setAccessibleName(tr("Sign in with"))
        for one in offer.entrances:
            self.entrances.addItem(tr(one.title), one.key)
        self.entrances.currentIndexChanged.connect(self._show_rows)
        first, folded = _layout(), _layout()
        first.addRow(_title(tr("Name"), self.name), self.name)
        if len(offer.entrances) > 1:
            first.addRow(_title(tr("Sign in with"), self.entrances), self.entrances)
        for asked in offer.fields:
            into = folded if asked.folded else first
            box = self.inputs[asked.key] = self._input(asked)
            whole = self._with_button(asked, box) if asked.file else box
            into.addRow(_title(tr(asked.title), box), whole)
            self._rows[asked.key] = (into, whole)
        rest = QWidget()
        rest.setLayout(folded)
        self.more = Fold(tr("More options"), rest)
        inside = column(spacing=theme.BETWEEN)
        inside.addLayout(first)
        inside.addWidget(self.more)
        self.setLayout(inside)
        if known is not None:
            chosen = entrance_of(offer, known.connection, self._kept)
            self.entrances.setCurrentIndex(self.entrances.findData(chosen.key))
        self._show_rows()

    @property
    def entrance(self) -> Entrance:
        """The way to sign in that is chosen."""
        return next(one for one in self.offer.entrances if one.key == self.entrances.currentData())

    @property
    def waits_for(self) -> str:
        """What is missing, in a sentence; empty: nothing."""
        if not self.name.text().strip():
            return tr("Enter: {field}.", field=tr("Name"))
        for asked in self._asked():
            if asked.required and not self.value(asked.key) and asked.part not in self._kept:
                return tr("Enter: {field}.", field=tr(asked.title))
        return ""

    def value(self, key: str) -> str:
        """What is filled in or chosen. A secret is taken as it was typed."""
        box = self.inputs[key]
        if isinstance(box, QComboBox):
            return str(box.currentData() or "")
        return box.text() if key in set(Part) else box.text().strip()

    def set_value(self, key: str, text: str) -> None:
        """Fill in what was settled meanwhile, such as the key of a server."""
        box = self.inputs[key]
        if isinstance(box, QComboBox):
            box.setCurrentIndex(max(0, box.findData(text)))
        else:
            box.setText(text)

    def connection(self) -> Connection:
        """The connection as the form has it. What it does not ask for stays as it was."""
        own = {asked.key for asked in self.offer.fields}
        fixed = {key for one in self.offer.entrances for key in one.options}
        before = self._known.connection.options if self._known is not None else {}
        options = {key: value for key, value in before.items() if key not in own | fixed}
        options |= {a.key: self.value(a.key) for a in self._asked() if a.part is None and a.key != ADDRESS}
        options |= {**self.offer.options, **self.entrance.options}
        options = {key: value for key, value in options.items() if value}
        address, name = self.value(ADDRESS), self.name.text().strip()
        if self._known is not None:
            return replace(self._known.connection, address=address, options=options)
        return Connection(name, self.offer.kind, address, options)

    def secrets(self) -> Secrets:
        """The secrets that were typed, and as None those that are kept but do not belong to this way of signing in."""
        asked = [one for one in self._asked() if one.part is not None]
        typed = {one.part: self.value(one.key) for one in asked if one.part is not None and self.value(one.key)}
        gone = self._kept - {one.part for one in asked}
        return {**dict.fromkeys(gone, None), **typed}

    @property
    def keeps_secret(self) -> bool:
        """Whether a secret of this way of signing in is in the keyring already."""
        return any(one.part in self._kept for one in self._asked())

    def forget_secrets(self) -> None:
        """Leave no secret in the window."""
        for key, box in self.inputs.items():
            if key in set(Part) and isinstance(box, QLineEdit):
                box.clear()

    def _asked(self) -> list[Asked]:
        way = self.entrance.key
        return [one for one in self.offer.fields if not one.only or way in one.only]

    def _show_rows(self) -> None:
        shown = {one.key for one in self._asked()}
        for key, (layout, widget) in self._rows.items():
            layout.setRowVisible(widget, key in shown)
        self.changed.emit()

    def _input(self, asked: Asked) -> QLineEdit | QComboBox:
        saved = self._known.connection if self._known is not None else None
        value = "" if saved is None else saved.address if asked.key == ADDRESS else saved.options.get(asked.key, "")
        hint = tr(asked.hint) if asked.hint else ""
        box: QLineEdit | QComboBox
        if asked.choices:
            box = QComboBox()
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            for key, words in asked.choices:
                box.addItem(tr(words), key)
            if value and box.findData(value) < 0:  # written on the command line, and meant: it stays
                box.addItem(value, value)
            box.setCurrentIndex(max(0, box.findData(value)))
            box.currentIndexChanged.connect(self.changed)
        else:
            box = QLineEdit()
            if asked.part is not None:
                box.setEchoMode(QLineEdit.EchoMode.Password)
                box.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
                hint = tr("Kept in the keyring; type a new one to replace it") if asked.part in self._kept else hint
            else:
                box.setText(value)
            if asked.key.endswith("host_key"):
                box.setFont(theme.fixed_font())
            box.setPlaceholderText(hint)
            box.textChanged.connect(self.changed)
        box.setAccessibleName(tr(asked.title))
        box.setAccessibleDescription(hint)
        box.setToolTip(asked.key)
        return box

    def _with_button(self, asked: Asked, box: QLineEdit | QComboBox) -> QWidget:
        assert isinstance(box, QLineEdit)

        def ask() -> None:
            name, _ = QFileDialog.getOpenFileName(self, tr(asked.title), box.text())
            if name:
                box.setText(name)

        choose = button(tr("Choose"), ask)
        choose.setAccessibleName(tr("Choose: {field}", field=tr(asked.title)))
        choose.setAutoDefault(False)
        both = QWidget()
        both.setLayout(row(box, choose))
        return both


def _layout() -> QFormLayout:
    made = QFormLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setHorizontalSpacing(theme.BETWEEN)
    made.setVerticalSpacing(theme.INSIDE)
    made.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
    made.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    made.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    return made


def _title(text: str, of: QWidget) -> QWidget:
    made = label(text)
    made.setWordWrap(False)
    made.setBuddy(of)
    return made
