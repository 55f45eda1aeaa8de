"""A person who fills in the dialog of a connection, and waits for what comes of it."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from rosterdesk.gui.connectasking import ChoiceCard, KeyCard
from rosterdesk.gui.connectdialog import ConnectionDialog
from rosterdesk.gui.worker import Worker

Card = TypeVar("Card", bound=QWidget)


class Filling:
    """Chooses, types and presses, and waits until nothing is going on."""

    def __init__(self, qtbot: QtBot, worker: Worker, dialog: ConnectionDialog) -> None:
        self.qtbot, self.worker, self.dialog = qtbot, worker, dialog

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.worker.busy, timeout=30_000)

    def choose(self, kind: str, way: str = "") -> None:
        self.dialog.kinds.setCurrentIndex(self.dialog.kinds.findData(kind))
        if way:
            entrances = self.dialog.form.entrances
            entrances.setCurrentIndex(entrances.findData(way))

    def fill(self, name: str = "", **values: str) -> None:
        """Underscores in the names of fields stand for hyphens, where there is such a field."""
        form = self.dialog.form
        if name:
            form.name.setText(name)
        for key, value in values.items():
            box = form.inputs[key if key in form.inputs else key.replace("_", "-")]
            if isinstance(box, QComboBox):
                box.setCurrentIndex(box.findData(value))
            else:
                assert isinstance(box, QLineEdit)
                box.setText(value)

    def press(self) -> None:
        assert self.dialog.primary.isEnabled(), self.dialog.reason.text()
        self.dialog.primary.click()
        self.settle()

    def confirm_key(self) -> str:
        card = only(self.dialog, KeyCard)
        text = card.key.text()
        card.pin.click()
        self.settle()
        return text

    def take(self, place: str) -> list[str]:
        """Take one of the districts or applications; return all that were offered."""
        card = only(self.dialog, ChoiceCard)
        offered = [card.places.itemText(at) for at in range(card.places.count())]
        assert not card.use.isEnabled()
        card.places.setCurrentIndex(card.places.findData(place))
        card.use.click()
        self.settle()
        return offered


def only(dialog: QWidget, kind: type[Card]) -> Card:
    QApplication.processEvents()  # what was added is shown by then
    [found] = [one for one in dialog.findChildren(kind) if one.isVisible()]
    return found


def words(widget: QWidget) -> str:
    """Everything that is written there now."""
    QApplication.processEvents()
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if one.isVisible() and one.text())
