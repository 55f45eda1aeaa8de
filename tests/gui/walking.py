"""A person who walks through the wizard, and what a directory holds without one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from rosterdesk import pipeline
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import Directory, open_directory
from rosterdesk.directory.export import export
from rosterdesk.draft import Draft, Step
from rosterdesk.gui.grid import Grid
from rosterdesk.gui.pages.checks import ChecksPage
from rosterdesk.gui.pages.source import SourcePage
from rosterdesk.gui.wizard import Wizard
from rosterdesk.gui.worker import Worker
from rosterdesk.run import Run

OPEN = KeySource(unencrypted=True)


class Walk:
    """A person who walks through the wizard: does something, and waits until it is done."""

    def __init__(self, qtbot: QtBot, worker: Worker, directory: Directory) -> None:
        self.qtbot = qtbot
        self.worker = worker
        self.wizard = Wizard(worker, lambda run: directory)
        qtbot.addWidget(self.wizard, before_close_func=lambda _: self.finish())
        self.wizard.resize(1080, 720)
        self.wizard.show()

    def finish(self) -> None:
        """Leave nothing behind; called while the wizard is still there."""
        self.settle()
        self.wizard.close_upload(now=True)

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.worker.busy, timeout=30_000)

    def choose(self, *sources: Path) -> None:
        self.source.choose(sources)
        self.settle()

    def next(self) -> Step:
        self.qtbot.mouseClick(self.wizard.bar.primary, Qt.MouseButton.LeftButton)
        self.settle()
        return self.wizard.page.step

    def back(self) -> Step:
        self.qtbot.mouseClick(self.wizard.bar.back, Qt.MouseButton.LeftButton)
        self.settle()
        return self.wizard.page.step

    def until(self, step: Step) -> None:
        while self.wizard.page.step is not step:
            before = self.wizard.page.step
            assert self.next() is not before, self.wizard.bar.reason.text()

    @property
    def draft(self) -> Draft:
        return self.wizard.draft

    @property
    def source(self) -> SourcePage:
        page = self.wizard.pages[Step.SOURCE]
        assert isinstance(page, SourcePage)
        return page

    @property
    def checks(self) -> ChecksPage:
        page = self.wizard.pages[Step.CHECKS]
        assert isinstance(page, ChecksPage)
        return page

    @property
    def grid(self) -> Grid:
        grid = self.checks.pane.grid
        assert grid is not None
        return grid

    def look_at(self, code: str) -> None:
        """Choose a kind of problem, and wait for its rows."""
        groups = self.checks.list
        items = [groups.topLevelItem(n) for n in range(groups.topLevelItemCount())]
        role = Qt.ItemDataRole.UserRole
        item = next(i for i in items if i is not None and getattr(i.data(0, role), "code", "") == code)
        groups.setCurrentItem(item)
        self.settle()
        self.qtbot.waitUntil(lambda: self.grid.cells_model.row(0) is not None)

    def cell(self, column: str, at: int = 0) -> str:
        return str(self.grid.cells_model.index(at, self.place(column)).data(Qt.ItemDataRole.EditRole))

    def place(self, column: str) -> int:
        return [spec.key for spec in self.grid.cells_model.columns].index(column)

    def write(self, column: str, text: str, at: int = 0) -> None:
        assert self.grid.cells_model.setData(self.grid.cells_model.index(at, self.place(column)), text)


def by_command_line(sources: list[Path], tmp_path: Path) -> dict[str, bytes]:
    """What the directory holds when the same files are pushed without a window."""
    with open_directory(tmp_path / "plain.db", OPEN) as directory:
        for source in sources:
            with pipeline.roster([source], Run()) as made:
                pipeline.apply(made, pipeline.preview(made, directory), directory)
        return exported(directory, tmp_path / "plain")


def by_the_program(source: Path, tmp_path: Path, *options: str | Path) -> dict[str, bytes]:
    """What a directory holds when the program itself is told to push the source, with a home of its own."""
    home, where = tmp_path / "other home", tmp_path / "other.db"
    home.mkdir(mode=0o700)
    environment = {**os.environ, "ROSTERDESK_HOME": str(home)}
    at = ("--directory", where, "--unencrypted")
    for said in (("push", source, "--yes", *options, *at), ("directory", "export", tmp_path / "other", *at)):
        command = [sys.executable, "-m", "rosterdesk", *map(str, said)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
    return {path.name: path.read_bytes() for path in sorted((tmp_path / "other").iterdir())}


def exported(directory: Directory, folder: Path) -> dict[str, bytes]:
    export(directory, folder, Run())
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
