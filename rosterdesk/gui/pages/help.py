"""Help, keys, what this computer has, the log, and what RosterDesk is made of."""

from __future__ import annotations

import importlib.metadata
import platform
import re
from collections.abc import Callable

from PySide6.QtCore import QUrl, qVersion
from PySide6.QtGui import QDesktopServices, QGuiApplication, QTextCursor, QTextDocument, QTextTable
from PySide6.QtWidgets import QPlainTextEdit, QStackedWidget, QTabBar, QTextBrowser, QVBoxLayout, QWidget

from rosterdesk import __version__, paths
from rosterdesk.gui import theme
from rosterdesk.gui.helping import Topic, shortcuts, topic_words
from rosterdesk.gui.widgets import TitleBlock, button, row
from rosterdesk.gui.words import tr
from rosterdesk.gui.worker import Worker
from rosterdesk.run import Run

_LOG_BYTES = 100_000


class HelpPage(QWidget):
    """One topic at a time."""

    def __init__(self, reader: Worker) -> None:
        super().__init__()
        self._reader = reader
        self._title = TitleBlock(tr("Help"))
        self.tabs = QTabBar()
        self.tabs.setAccessibleName(tr("Topics"))
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        for topic in Topic:
            self.tabs.addTab(topic_words(topic))
        self.tabs.currentChanged.connect(lambda _: self._draw())
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.text.document().setDocumentMargin(theme.BETWEEN)
        self.plain = QPlainTextEdit()
        self.plain.setReadOnly(True)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.text)
        self._stack.addWidget(self.plain)
        self.folder = button(tr("Open the folder"), _open_logs, icon="folder")
        self.copy = button(tr("Copy"), self._copy, icon="copy")
        inside = QVBoxLayout(self)
        inside.setContentsMargins(theme.AROUND, theme.AROUND, theme.AROUND, theme.BETWEEN)
        inside.setSpacing(theme.BETWEEN)
        head = row(self._title, self.folder, self.copy)
        head.setStretch(0, 1)
        inside.addLayout(head)
        inside.addWidget(self.tabs)
        inside.addWidget(self._stack, 1)
        self._draw()

    def show_topic(self, topic: Topic) -> None:
        """Turn to a topic."""
        self.tabs.setCurrentIndex(list(Topic).index(topic))
        self._draw()

    def _draw(self) -> None:
        topic = list(Topic)[self.tabs.currentIndex()]
        for part in (self.text, self.plain):
            part.setAccessibleName(topic_words(topic))
        self.folder.setVisible(topic is Topic.LOGS)
        self.copy.setVisible(topic in (Topic.CHECK, Topic.LOGS))
        self._stack.setCurrentIndex(int(topic in (Topic.CHECK, Topic.LOGS)))
        match topic:
            case Topic.HELP:
                self._say(tr("How an upload goes, and what the words mean."), help_text())
            case Topic.KEYS:
                lines = [f"| {keys} | {does} |" for keys, does in shortcuts()]
                head = f"| {tr('Key')} | {tr('What it does')} |\n|---|---|\n"
                self._say(tr("Everything can be done with the keyboard alone."), head + "\n".join(lines))
            case Topic.ABOUT:
                self._say(tr("Version {version}", version=__version__), about())
            case Topic.CHECK:
                self.plain.setFont(theme.font())
                self._title.say(topic_words(topic), tr("What is installed, reachable and allowed here."))
                self._ask(check)
            case Topic.LOGS:
                self.plain.setFont(theme.fixed_font())
                self._title.say(
                    topic_words(topic), tr("What RosterDesk did lately: counts and row numbers, no names of anybody.")
                )
                self._ask(log_end)

    def _say(self, sentence: str, markdown: str) -> None:
        self._title.say(topic_words(list(Topic)[self.tabs.currentIndex()]), sentence)
        self.text.setMarkdown(markdown)
        _space(self.text.document())

    def _ask(self, work: Callable[[Run], str]) -> None:
        self.plain.setPlainText(tr("Looking."))
        self._reader.start(work, on_success=self.plain.setPlainText, owner=self, key="topic")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.plain.toPlainText())


def _space(document: QTextDocument) -> None:
    """Give headings and tables the room that Qt's Markdown leaves out."""
    block = document.begin()
    while block.isValid():
        if block.blockFormat().headingLevel() and block.blockNumber():
            spaced = block.blockFormat()
            spaced.setTopMargin(theme.AROUND)
            QTextCursor(block).setBlockFormat(spaced)
        block = block.next()
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            spaced_table = frame.format().toTableFormat()
            spaced_table.setCellPadding(6)
            spaced_table.setTopMargin(theme.BETWEEN)
            spaced_table.setBorder(0)
            frame.setFormat(spaced_table)


def help_text() -> str:
    """The help, as Markdown."""
    return (paths.RESOURCES / "help" / "help.md").read_text("utf-8")


def about() -> str:
    """What RosterDesk is, and under which licences the libraries in it are; as Markdown."""
    lines = [
        tr("RosterDesk brings rosters into a directory, shows first what will change, and can take it back."),
        "",
        tr(
            "RosterDesk is free software under the Apache License 2.0. It runs on Python {python} and Qt {qt}.",
            python=platform.python_version(),
            qt=qVersion(),
        ),
        "",
        f"| {tr('Library')} | {tr('Version')} | {tr('Licence')} |",
        "|---|---|---|",
    ]
    return "\n".join([*lines, *(f"| {name} | {version} | {licence} |" for name, version, licence in libraries())])


def libraries() -> list[tuple[str, str, str]]:
    """Name, version and licence of each library that RosterDesk needs and that is here."""
    try:
        needs = importlib.metadata.requires("rosterdesk") or []
    except importlib.metadata.PackageNotFoundError:  # a copy that was never installed knows of no library
        return []
    found = []
    for need in needs:
        named = re.match(r"[\w.-]+", need)
        if named is None or "extra ==" in need:
            continue
        try:
            about = importlib.metadata.metadata(named[0])
        except importlib.metadata.PackageNotFoundError:  # another system's
            continue
        found.append((about["Name"], about["Version"], _licence(about)))
    return sorted(found, key=lambda one: one[0].casefold())


def _licence(about: importlib.metadata.PackageMetadata) -> str:
    said = next((about[key] for key in ("License-Expression", "License") if key in about), "")
    first = next(iter(said.splitlines()), "")
    named = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier") or [] if c.startswith("License ::")]
    return first if 0 < len(first) <= 60 else ", ".join(named)


def check(run: Run) -> str:
    """What `rosterdesk doctor` says, in the reader's thread."""
    from rosterdesk import doctor

    return "\n".join(doctor.sentences(doctor.look()))


def log_end(run: Run) -> str:
    """The end of the log, in the reader's thread."""
    path = paths.home() / "logs" / "rosterdesk.log"
    if not path.exists():
        return tr("Nothing was logged yet.")
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _LOG_BYTES))
        return file.read().decode("utf-8", "replace")


def _open_logs() -> None:
    folder = paths.home() / "logs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
