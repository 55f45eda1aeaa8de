"""Connections without a mouse: every control of the dialog and of the page is found by Tab, and has a name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from rosterdesk import connections
from rosterdesk.connections import Connection, Kind, Part
from rosterdesk.gui.connectdialog import ConnectionDialog
from rosterdesk.gui.connecting import Attempt
from rosterdesk.gui.connectkinds import OFFERS, Offer
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.window import MainWindow
from rosterdesk.gui.worker import Worker
from rosterdesk.net.site import UnknownHostKey
from rosterdesk.sources.choosing import Choice, Place
from tests.gui.connecting import words
from tests.gui.test_wizard import unnamed
from tests.servers import districts
from tests.servers.roster_http import Behaviour, serving

REACHED = (QAbstractButton, QComboBox, QLineEdit)


def focused() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def order(qtbot: QtBot) -> list[QWidget]:
    """The controls in the order in which Tab goes through them, once round."""
    QApplication.processEvents()
    found: list[QWidget] = []
    while focused() not in found:
        found.append(focused())
        qtbot.keyClick(focused(), Qt.Key.Key_Tab)
    return found


def left_out(root: QWidget, reached: list[QWidget]) -> list[str]:
    """The controls that Tab does not reach, or that have no name."""
    usable = [
        w
        for w in root.findChildren(QWidget)
        if isinstance(w, REACHED) and w.isVisible() and w.isEnabled() and w.focusPolicy() & Qt.FocusPolicy.TabFocus
        if not isinstance(w.parentWidget(), (QComboBox, QLineEdit))
    ]
    return [w.accessibleName() or type(w).__name__ for w in usable if w not in reached] + unnamed(root)


@pytest.fixture
def dialog(qtbot: QtBot, worker: Worker) -> ConnectionDialog:
    made = ConnectionDialog(worker)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.key)
def test_tab_reaches_every_field_from_top_to_bottom(qtbot: QtBot, dialog: ConnectionDialog, offer: Offer) -> None:
    dialog.kinds.setCurrentIndex(OFFERS.index(offer))
    dialog.form.more.findChildren(QToolButton)[0].click()
    for at in range(dialog.form.entrances.count()):
        dialog.form.entrances.setCurrentIndex(at)
        dialog.kinds.setFocus()
        reached = order(qtbot)
        assert left_out(dialog, reached) == []
        tops = [w.mapTo(dialog, w.rect().topLeft()).y() for w in reached if dialog.form.isAncestorOf(w)]
        # A field and the button beside it are not of one height to the pixel.
        assert [top for top, before in zip(tops[1:], tops, strict=False) if top < before - 10] == []
        assert reached[0] is dialog.kinds
        assert dialog.cancel in reached[-2:]  # the primary button waits, as nothing is filled in


def test_tab_reaches_what_is_asked_in_between(qtbot: QtBot, dialog: ConnectionDialog) -> None:
    made = dialog.form.connection()
    for attempt in (
        Attempt(made, key=UnknownHostKey("sftp.example", "SHA256:abc", "host_key")),
        Attempt(made, choice=Choice("district", (Place("d1", "Kestrel Valley"), Place("d2", "")))),
    ):
        dialog._tried(attempt)
        QApplication.processEvents()
        assert left_out(dialog, order(qtbot)) == []
        assert dialog.card is not None
        dialog.card.refused.emit()
        assert dialog.form.isVisible()
        dialog.kinds.setFocus()


def test_a_connection_is_added_with_keys_alone(qtbot: QtBot, dialog: ConnectionDialog, worker: Worker) -> None:
    with serving(Behaviour(records=districts.clever(), token="good")) as server:
        seen: list[str] = []
        dialog.wanted.connect(seen.append)
        dialog.form.set_value("address", server.address)  # for people it is Clever's own
        for _ in range(3):  # name, sign in with, district token
            qtbot.keyClick(focused(), Qt.Key.Key_Tab)
        assert focused() is dialog.form.inputs["token"]
        qtbot.keyClicks(focused(), "good")
        qtbot.keyClick(focused(), Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: not worker.busy, timeout=30_000)
        assert "clever is saved" in words(dialog)
        assert focused() is dialog.primary
        qtbot.keyClick(focused(), Qt.Key.Key_Return)
    assert seen == ["clever"]


def test_tab_reaches_every_control_of_the_page(
    qtbot: QtBot,
    open_window: Callable[[Opening], MainWindow],
    opening: Opening,
    settle: Callable[[MainWindow], None],
) -> None:
    for name in ("one", "two"):
        connections.save(Connection(name, Kind.CLEVER), {Part.TOKEN: "good"})
    window = open_window(opening)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(focused(), Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    settle(window)
    assert window.pages.currentWidget() is window.connections
    window.connections.add.setFocus()
    assert left_out(window.connections, order(qtbot)) == []
    window.connections.cards["one"].wanted.emit("remove", "one")
    window.connections.add.setFocus()
    assert left_out(window.connections, order(qtbot)) == []
