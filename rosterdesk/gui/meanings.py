"""What the words of a roster can mean: the roles, grades and statuses that a person chooses from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QComboBox, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from rosterdesk.gui.words import tr

WORDS: dict[str, Sequence[tuple[str, str]]] = {
    "role": (
        ("student", "Student"),
        ("guardian", "Guardian"),
        ("teacher", "Teacher"),
        ("aide", "Aide"),
        ("administrator", "Administrator"),
        ("staff", "Other staff"),
    ),
    "status": (("active", "Active"), ("inactive", "Inactive"), ("tobedeleted", "To be deleted")),
    "order": (("mdy", "Month first, 5/14/2012"), ("dmy", "Day first, 14/5/2012")),
    "country": (("US", "United States"), ("CA", "Canada"), ("GB", "United Kingdom"), ("AU", "Australia")),
    "grade": (
        ("PK", "Pre-kindergarten"),
        ("KG", "Kindergarten"),
        *((f"{n:02}", f"Grade {n}") for n in range(1, 13)),
        ("UG", "Ungraded"),
        ("Other", "Other"),
    ),
}
_OF_FIELDS = ("role", "status", "grade")

Index = QModelIndex | QPersistentModelIndex


def meanings(field: str) -> Sequence[tuple[str, str]]:
    """What cells of a field can mean, as value and words; empty where anything can stand."""
    return WORDS[field] if field in _OF_FIELDS else ()


class MeaningChooser(QStyledItemDelegate):
    """Edits a cell by choosing one of `meanings`; as text where there are none."""

    meanings: Sequence[tuple[str, str]] = ()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        if not self.meanings:
            return super().createEditor(parent, option, index)
        chooser = QComboBox(parent)
        chooser.setAccessibleName(tr("What it means"))
        for value, words in self.meanings:
            chooser.addItem(f"{tr(words)}  ({value})", value)
        chooser.activated.connect(lambda _: self._done(chooser))
        return chooser

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(max(0, editor.findData(index.data(Qt.ItemDataRole.EditRole))))
        else:
            super().setEditorData(editor, index)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QComboBox):
            model.setData(index, editor.currentData())
        else:
            super().setModelData(editor, model, index)

    def _done(self, chooser: QComboBox) -> None:
        self.commitData.emit(chooser)
        self.closeEditor.emit(chooser)
