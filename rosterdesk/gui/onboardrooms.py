"""Classrooms entered by hand: those that the SIS has too are adopted, the others archived or left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHeaderView,
    QRadioButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from rosterdesk.gui import theme
from rosterdesk.gui.leaf import DoWork
from rosterdesk.gui.onboardfiles import SisFiles, lasting
from rosterdesk.gui.onboardpage import OnboardPage
from rosterdesk.gui.onboardwork import Done, Switch
from rosterdesk.gui.recent import remember_source
from rosterdesk.gui.widgets import column, label
from rosterdesk.gui.words import counted, tr
from rosterdesk.gui.worker import Worker
from rosterdesk.guided import Stage
from rosterdesk.matching.classrooms import Adoption
from rosterdesk.matching.proposals import Group

_NAMED = 12  # so many are named of those who come in, go out or stay
_GROUPS = {Group.READY: "ready", Group.LIKELY: "likely", Group.SEVERAL: "several candidates"}


class ClassroomsPage(OnboardPage):
    """Three choices, each with what it does."""

    step = Stage.CLASSROOMS

    def __init__(self, switch: Switch, work: DoWork, worker: Worker) -> None:
        super().__init__(switch, work, worker)
        self.sentence = tr("Choose what becomes of the classrooms that were entered by hand.")
        self._adoptions: tuple[Adoption, ...] = ()
        self._read: tuple[Path, ...] = ()  # the files that they are from
        self.told = label(bold=True)
        self.choices: dict[str, QRadioButton] = {}
        group = QButtonGroup(self)
        self.put(self.told)
        for name, words in (
            ("leave", tr("Leave them as they are, beside the classrooms of the SIS")),
            ("adopt", tr("Adopt those that the SIS has too: they get its ID, and it takes over who is in them")),
            ("archive", tr("Archive them: the classrooms of the SIS stand in their place")),
        ):
            choice = self.choices[name] = QRadioButton(words)
            choice.setAccessibleName(words)
            choice.toggled.connect(lambda on, name=name: self._turn(name) if on else None)
            group.addButton(choice)
            self.put(choice)
        self.source = SisFiles()
        self.source.chosen.connect(self.read)
        self.table = QTableWidget(0, 6)
        self.table.setAccessibleName(tr("Classrooms that the SIS has too"))
        self.table.setHorizontalHeaderLabels(
            [tr("Here"), tr("In the SIS"), tr("How sure"), tr("In"), tr("Out"), tr("Stay")]
        )
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(theme.scaled(theme.ROW))
        self.table.setShowGrid(False)
        self.table.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.table.setTabKeyNavigation(False)
        self.table.setWordWrap(False)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.itemChanged.connect(self._ticked)
        self.table.currentCellChanged.connect(lambda at, *_: self._tell(at))
        self.detail = label()
        self.keep = QCheckBox(tr("Keep the names they have here"))
        self.keep.setAccessibleName(self.keep.text())
        self.keep.toggled.connect(lambda on: self.answer(keep_titles=on))
        self._adopting = QWidget()
        inside = column(spacing=theme.INSIDE)
        inside.addWidget(self.source)
        inside.addWidget(self.table, 1)
        inside.addWidget(self.detail)
        inside.addWidget(self.keep)
        inside.addStretch(0)
        self._adopting.setLayout(inside)
        self._adopting.hide()
        self.put(self._adopting, stretch=1)
        self._inside.addStretch(0)
        self.choices["leave"].setChecked(True)
        self.setFocusProxy(self.choices["leave"])

    @property
    def chosen(self) -> dict[int, str]:
        """The SIS IDs of the classrooms that are ticked."""
        ticked = Qt.CheckState.Checked
        return {
            one.classroom: one.sis_id
            for at, one in enumerate(self._adoptions)
            if (item := self.table.item(at, 0)) is not None and item.checkState() == ticked
        }

    @property
    def choice(self) -> str:
        """What is chosen: leave, adopt or archive."""
        return next((name for name, button in self.choices.items() if button.isChecked()), "leave")

    @property
    def _by_hand(self) -> int:
        return self.way.standing.steps["classrooms"].left if self.way.standing is not None else 0

    @property
    def waits_for(self) -> tuple[str, ...]:
        if self.choice == "adopt" and self._by_hand and not self.chosen:
            if not self._adoptions and self._read:
                return (tr("None of them is in these files. Choose other files, or another way above."),)
            if not self._adoptions:
                return (tr("Choose the files of the SIS, or leave the classrooms as they are."),)
            return (tr("Tick the classrooms that shall be adopted, or leave all as they are."),)
        return super().waits_for

    @property
    def primary(self) -> str:
        if self.choice == "adopt" and self.chosen:
            return counted(len(self.chosen), "Adopt {n} classroom", "Adopt {n} classrooms")
        if self.choice == "archive" and self._by_hand:
            return counted(self._by_hand, "Archive {n} classroom", "Archive {n} classrooms")
        return ""

    def show_way(self) -> None:
        words = counted(self._by_hand, "{n} classroom was entered by hand.", "{n} classrooms were entered by hand.")
        self.told.setText(words + " " + tr("Whatever you choose can be taken back."))
        answers = self.way.answers
        if self._read != answers.sources or self.way.gone:
            self._forget_files()
        for choice in self.choices.values():
            choice.setEnabled(bool(self._by_hand))
        with QSignalBlocker(self.keep):
            self.keep.setChecked(answers.keep_titles)
        self.source.show_files(answers.sources, self.way.gone, self._found)
        self.choices[answers.rooms if self._by_hand else "leave"].setChecked(True)
        self._look_again()

    def confirm(self) -> bool:
        chosen, keep = self.chosen, self.keep.isChecked()
        if not self.primary:
            return True
        if self.choice == "adopt":
            self.act(
                lambda run: self.switch.adopt(chosen, run, keep_titles=keep),
                self._done("{n} classroom is adopted.", "{n} classrooms are adopted."),
            )
        else:
            self.act(
                lambda run: self.switch.archive("classrooms", None, run),
                self._done("{n} classroom is archived.", "{n} classrooms are archived."),
            )
        return False

    def read(self, sources: Sequence[Path]) -> None:
        """Look which classrooms these files of the SIS have too."""
        self.give(gone=())
        self.answer(sources=lasting(sources))
        self._forget_files()
        self._look_again()

    @property
    def _found(self) -> str:
        count = len(self._adoptions)
        words = counted(count, "{n} classroom is in the SIS too.", "{n} classrooms are in the SIS too.")
        return words if self._read else ""

    def _forget_files(self) -> None:
        self._read = ()
        self._show_adoptions(())

    def _look_again(self) -> None:
        """Look into the files, where that is wanted and not done yet."""
        sources = self.way.answers.sources
        if self.choice != "adopt" or not self._by_hand or not sources or self.way.gone or self._read:
            return

        def found(adoptions: tuple[Adoption, ...]) -> None:
            remember_source(sources, {})
            self._read = sources
            self._show_adoptions(adoptions)
            self.source.show_files(sources, (), self._found)

        self.work(lambda run: self.switch.adoptions(sources, run), found, key="adoptions")

    def _done(self, one: str, many: str) -> Callable[[Done], str]:
        def told(done: Done) -> str:
            self._forget_files()
            self.answer(rooms="leave", adopted={})
            return counted(done.count, one, many)

        return told

    def _turn(self, name: str) -> None:
        self._adopting.setVisible(name == "adopt")
        if name != self.way.answers.rooms and self._by_hand:
            self.answer(rooms=name)
            self._look_again()

    def _ticked(self, item: QTableWidgetItem) -> None:
        if item.column() == 0:
            room = self._adoptions[item.row()].classroom
            on = item.checkState() == Qt.CheckState.Checked
            self.answer(adopted={**self.way.answers.adopted, room: on})

    def _show_adoptions(self, found: tuple[Adoption, ...]) -> None:
        self.table.blockSignals(True)
        self._adoptions = found
        self.table.setRowCount(len(found))
        for part in (self.table, self.detail, self.keep):
            part.setVisible(bool(found))
        for at, one in enumerate(found):
            sure = f"{tr(_GROUPS[one.group])}: {one.reason}"
            cells = (one.title, one.sis_title, sure, *(str(len(who)) for who in (one.adds, one.removes, one.keeps)))
            for place, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                if place > 2:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if place == 0:
                    ticked = self.way.answers.adopted.get(one.classroom, one.group is Group.READY)
                    item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
                self.table.setItem(at, place, item)
        self.table.resizeColumnsToContents()
        # Qt leaves out the check box.
        self.table.setColumnWidth(0, self.table.columnWidth(0) + theme.scaled(32))
        self.table.blockSignals(False)
        if found:
            self.table.setCurrentCell(0, 0)
        self._tell(0)
        self.changed.emit()

    def _tell(self, at: int) -> None:
        if not 0 <= at < len(self._adoptions):
            self.detail.clear()
            return
        one = self._adoptions[at]
        # Until they are merged, a child entered by hand and the same one of the SIS are two, of one name.
        twice = set(one.adds) & set(one.keeps)
        parts = [
            tr("{what}: {names}.", what=what, names=_listed(names))
            for what, names in (
                (tr("The next run puts in"), one.adds),
                (tr("It takes out"), one.removes),
                (tr("They stay, as no SIS knows them"), [name for name in one.keeps if name not in twice]),
            )
            if names
        ]
        if twice:
            there = counted(
                len(twice),
                "{n} of them is here already, entered by hand. Both become one when you merge them.",
                "{n} of them are here already, entered by hand. They become one when you merge them.",
            )
            parts.append(there)
        self.detail.setText(" ".join(parts) or tr("Nobody comes in or goes out."))


def _listed(names: Sequence[str]) -> str:
    """The names, or the first of them and how many there are beside."""
    left = len(names) - _NAMED
    shown = ", ".join(names[:_NAMED] if left > 1 else names)
    return tr("{names} and {n} more", names=shown, n=left) if left > 1 else shown
