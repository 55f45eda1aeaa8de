"""The wizard without a mouse: from the files to the result with keys alone; every control found by Tab and by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QComboBox, QLineEdit, QSpinBox, QWidget

from rosterdesk.directory.engine import Directory
from rosterdesk.draft import Step
from tests.gui.test_wizard import unnamed
from tests.gui.walking import Walk, by_the_program, exported

REACHED = (QAbstractButton, QComboBox, QLineEdit, QCheckBox, QSpinBox)


def focused() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def tab_to(walk: Walk, wanted: QWidget, key: Qt.Key = Qt.Key.Key_Tab) -> None:
    """Press Tab until the control has the focus."""
    seen = []
    for _ in range(200):
        if focused() is wanted:
            return
        seen.append(focused())
        walk.qtbot.keyClick(focused(), key)
    pytest.fail(f"Tab does not reach {wanted.accessibleName()}; it goes {[w.accessibleName() for w in seen[:40]]}")


def press(walk: Walk, wanted: QWidget) -> None:
    tab_to(walk, wanted)
    walk.qtbot.keyClick(wanted, Qt.Key.Key_Space)
    walk.qtbot.waitUntil(lambda: not walk.worker.busy, timeout=30_000)


@pytest.fixture
def keys(walk: Walk) -> Walk:
    """The wizard in a window that has the keyboard."""
    walk.wizard.activateWindow()
    walk.qtbot.waitUntil(lambda: walk.wizard.isActiveWindow())
    walk.wizard.page.setFocus()
    return walk


def test_a_whole_upload_with_keys_alone(keys: Walk, directory: Directory, sample: Path, tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(sample / "day1"))])
    QGuiApplication.clipboard().setMimeData(mime)  # as a file manager copies a folder
    press(keys, keys.source.drop.paste)
    assert keys.draft.reading is not None
    while keys.wizard.page.step is not Step.RESULT:
        before = keys.wizard.page.step
        press(keys, keys.wizard.bar.primary)
        assert keys.wizard.page.step is not before, keys.wizard.bar.reason.text()
    assert exported(directory, tmp_path / "window") == by_the_program(sample / "day1", tmp_path)


def test_alt_and_arrows_go_on_and_back(keys: Walk, sample: Path) -> None:
    keys.choose(sample / "day1")
    for key, step in (
        (Qt.Key.Key_Right, Step.MAPPING),
        (Qt.Key.Key_Right, Step.CHECKS),
        (Qt.Key.Key_Left, Step.MAPPING),
    ):
        keys.qtbot.keyClick(focused(), key, Qt.KeyboardModifier.AltModifier)
        keys.settle()
        assert keys.wizard.page.step is step


def test_tab_reaches_every_control_of_every_page(keys: Walk, sample: Path) -> None:
    missed: dict[str, list[str]] = {}

    def look(where: str) -> None:
        QApplication.processEvents()
        keys.wizard.page.setFocus()
        reached: list[QWidget] = []
        for _ in range(300):
            here = focused()
            if here in reached:
                break
            reached.append(here)
            keys.qtbot.keyClick(here, Qt.Key.Key_Tab)
        wanted = [
            w
            for w in keys.wizard.findChildren(QWidget)
            if isinstance(w, REACHED) and w.isVisible() and w.isEnabled() and w.focusPolicy() & Qt.FocusPolicy.TabFocus
            if not isinstance(w.parentWidget(), (QComboBox, QSpinBox, QLineEdit))
            if not w.property("inline")  # choosers within a line of the tree: F2 and the arrows lead to them
        ]
        left = [w.accessibleName() or type(w).__name__ for w in wanted if w not in reached]
        if left or unnamed(keys.wizard):
            missed[where] = [*left, *unnamed(keys.wizard)]

    look("no file yet")
    keys.choose(sample / "day1")
    look("source")
    while keys.wizard.page.step is not Step.RESULT:
        keys.next()
        look(keys.wizard.page.step.value)
    assert missed == {}


def test_the_focus_is_seen(keys: Walk) -> None:
    tab_to(keys, keys.source.drop.folder)
    with_focus = keys.source.drop.folder.grab().toImage()
    tab_to(keys, keys.source.drop.paste)
    assert keys.source.drop.folder.grab().toImage() != with_focus
