"""The first page: what is dropped and can't be used, what a person says of how it is written, what is known already."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
import xlsxwriter
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QAbstractButton, QLabel

from rosterdesk import connections
from rosterdesk.draft import Draft, Step
from rosterdesk.gui.recent import recent
from rosterdesk.gui.widgets import Banner
from rosterdesk.sources.tables import Told
from tests.gui.walking import Walk
from tests.rosters import roster, student, written

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


def drop(walk: Walk, *paths: Path) -> None:
    """Drop files on the page."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    button, key = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    walk.source.drop.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, button, key))
    walk.settle()


def said(walk: Walk) -> tuple[str, str]:
    """What the page says of what went wrong, and what to do."""
    error = walk.wizard.page.error
    assert error is not None

    def shown() -> bool:
        words = {label.text() for label in walk.wizard.findChildren(QLabel) if label.isVisible()}
        return {error.title, error.advice} <= words

    walk.qtbot.waitUntil(shown)
    return error.title, error.advice


def goes_on(walk: Walk, sample: Path) -> None:
    """Nothing is lost: the next files are read as if nothing had been."""
    drop(walk, sample / "day1")
    assert walk.wizard.page.error is None
    assert walk.draft.reading is not None
    assert walk.wizard.bar.primary.isEnabled()


def test_a_picture(walk: Walk, tmp_path: Path, sample: Path) -> None:
    (tmp_path / "scan.png").write_bytes(PNG)
    drop(walk, tmp_path / "scan.png")
    assert said(walk)[0] == "scan.png is a picture, no table."
    goes_on(walk, sample)


def test_a_folder_with_nothing_for_us(walk: Walk, tmp_path: Path, sample: Path) -> None:
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "scan.png").write_bytes(PNG)
    drop(walk, tmp_path / "holiday")
    assert said(walk)[0] == "There is no table in this source."
    goes_on(walk, sample)


def test_a_folder_with_a_picture_beside_the_files(walk: Walk, tmp_path: Path) -> None:
    folder = written(roster(student("S1")), tmp_path)
    (folder / "scan.png").write_bytes(PNG)
    drop(walk, folder)
    assert walk.wizard.page.error is None
    assert walk.draft.reading is not None


def test_two_gigabytes_of_nothing(walk: Walk, tmp_path: Path, sample: Path) -> None:
    path = tmp_path / "disk.csv"
    with path.open("wb") as file:
        file.truncate(2 << 30)
    drop(walk, path)
    title, advice = said(walk)
    assert "disk.csv" in title
    assert advice
    goes_on(walk, sample)


def test_two_gigabytes_after_a_good_beginning(walk: Walk, tmp_path: Path, sample: Path) -> None:
    path = tmp_path / "torn.csv"
    with path.open("wb") as file:
        file.write(b"Student ID,First Name,Last Name\n1,Ana,Wu\n")
        file.truncate(2 << 30)
    walk.source.choose((path,))
    walk.qtbot.waitUntil(lambda: walk.wizard.bar.stop.isVisible() or not walk.worker.busy, timeout=60_000)
    walk.wizard.bar.stopped.emit()  # a person need not wait for it
    walk.settle()
    assert not walk.wizard.page.busy
    goes_on(walk, sample)


def test_a_file_that_is_gone_before_it_is_read(walk: Walk, tmp_path: Path, sample: Path) -> None:
    drop(walk, tmp_path / "gone.csv")
    title, advice = said(walk)
    assert title.endswith("gone.csv is not there.")
    assert advice == "Look at the name, and whether it was moved."
    goes_on(walk, sample)


def test_a_file_that_goes_while_it_is_open_here_is_not_needed_any_more(walk: Walk, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Student ID,First Name,Last Name,School ID,School Name\n1,Ana,Wu,A,Adams\n")
    drop(walk, path)
    path.unlink()
    walk.until(Step.RESULT)
    assert walk.draft.receipt is not None


def test_a_file_that_goes_and_is_read_again(walk: Walk, tmp_path: Path, sample: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Student ID,First Name,Last Name\n1,Ana,Wu\n")
    drop(walk, path)
    path.unlink()
    heading = walk.source.recognised.corrections.heading
    heading.setValue(2)
    walk.settle()
    assert said(walk)[0].endswith("people.csv is not there.")
    assert walk.draft.sources == (path,)
    goes_on(walk, sample)


@pytest.mark.skipif(not hasattr(os, "setegid"), reason="Windows keeps rights otherwise")
def test_a_file_without_permission(walk: Walk, tmp_path: Path, sample: Path) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("Student ID,First Name,Last Name\n1,Ana,Wu\n")
    path.chmod(0)
    everything = os.geteuid() == 0
    if everything and not sys.platform.startswith("linux"):
        pytest.skip("nobody keeps the superuser from reading here")
    if everything:
        # Every right of the superuser to read what is not theirs goes with the user's number; the groups stay.
        for folder in (tmp_path, *tmp_path.parents):
            if folder.stat().st_uid == 0 and folder.is_relative_to("/tmp") and folder != Path("/tmp"):
                folder.chmod(folder.stat().st_mode | 0o011)
        seen = _as_nobody(path)
    else:
        drop(walk, path)
        seen = said(walk)[0]
    assert seen.endswith("secret.csv may not be opened.")
    goes_on(walk, sample)


def _as_nobody(path: Path) -> str:
    """The title of the error that a user without any right gets, from the same reading, in a process of its own."""
    import subprocess

    code = (
        "import os, sys, tempfile, pathlib; from rosterdesk.sources.gather import gather\n"
        "from rosterdesk.sources import kinds, sheets, text; from rosterdesk.run import Run\n"
        "from rosterdesk.errors import FileError\n"
        "scratch = pathlib.Path(tempfile.mkdtemp()); os.setegid(65534); os.seteuid(65534)\n"
        "try:\n    gather([sys.argv[1]], scratch, Run())\nexcept FileError as error:\n    print(error.title)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def workbook(path: Path, *, hidden: str = "") -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, cells in (
            ("People", (("Student ID", "First Name", "Last Name"), ("1", "Ana", "Wu"))),
            ("Old people", (("Student ID", "First Name", "Last Name"), ("2", "Ben", "Roe"))),
        ):
            sheet = book.add_worksheet(name)
            for at, line in enumerate(cells):
                sheet.write_row(at, 0, line)
            if name == hidden:
                sheet.hide()
    return path


def test_a_workbook_that_is_open_in_excel(walk: Walk, tmp_path: Path) -> None:
    book = workbook(tmp_path / "book.xlsx")
    (tmp_path / "~$book.xlsx").write_bytes(b"\x05Owner")
    drop(walk, book)
    assert walk.draft.reading is not None
    note = walk.source.recognised.findChild(Banner)
    assert note is not None
    assert note.accessibleName().startswith("book.xlsx is open in another program. What was saved last is read.")
    (tmp_path / "~$book.xlsx").unlink()
    next(b for b in note.findChildren(QAbstractButton) if b.text() == "Read again").click()
    walk.settle()
    assert [b for b in walk.source.recognised.findChildren(Banner) if b.isVisible()] == []
    assert walk.draft.reading is not None


def test_a_sheet_is_left_out_and_taken_in_again(walk: Walk, tmp_path: Path) -> None:
    drop(walk, workbook(tmp_path / "book.xlsx"))
    page = walk.source.recognised
    page.tables.setCurrentIndex(page.tables.findData("book.Old people"))
    page.tables.activated.emit(page.tables.currentIndex())
    page.use.setChecked(False)
    walk.settle()
    assert walk.draft.reading is not None
    assert [table.name for table in walk.draft.reading.tables] == ["book.People"]
    assert walk.draft.told == {"book.Old people": Told(use=False)}
    assert page.tables.currentText() == "book.Old people  (left out by you)"
    page.use.setChecked(True)
    walk.settle()
    assert len(walk.draft.reading.tables) == 2
    assert walk.draft.told == {}


def test_a_hidden_sheet_is_read_when_it_is_asked_for(walk: Walk, tmp_path: Path) -> None:
    drop(walk, workbook(tmp_path / "book.xlsx", hidden="Old people"))
    page = walk.source.recognised
    assert walk.draft.reading is not None
    assert [table.name for table in walk.draft.reading.tables] == ["book.People"]
    page.tables.setCurrentIndex(page.tables.findData("book.Old people"))
    page.tables.activated.emit(page.tables.currentIndex())
    page.use.setChecked(True)
    walk.settle()
    assert {table.name for table in walk.draft.reading.tables} == {"book.People", "book.Old people"}


def test_what_was_said_is_used_again_for_the_same_file(walk: Walk, tmp_path: Path) -> None:
    path = tmp_path / "students.csv"
    path.write_bytes("Student ID,First Name,Last Name\n1,Ren\xe9,Wu\n".encode("cp1250"))
    drop(walk, path)
    said = walk.source.recognised.corrections
    said.encoding.setCurrentIndex(said.encoding.findData("cp1250"))
    said.encoding.activated.emit(said.encoding.currentIndex())
    walk.settle()
    walk.wizard.begin(Draft())
    walk.settle()
    assert recent()[0].told == {"students": Told(encoding="cp1250")}
    next(b for b in walk.source.known.findChildren(QAbstractButton) if b.text() == "students.csv").click()
    walk.settle()
    assert walk.draft.told == {"students": Told(encoding="cp1250")}
    said.anew.click()
    walk.settle()
    assert walk.draft.told == {}


def test_what_was_said_goes_with_the_mapping_to_tomorrows_file(walk: Walk, tmp_path: Path) -> None:
    for name in ("monday.csv", "tuesday.csv"):
        people = "Student ID,First Name,Last Name,School ID,School Name\n1,Ren\xe9,Wu,A,Adams\n"
        (tmp_path / name).write_bytes(people.encode("cp1250"))
    drop(walk, tmp_path / "monday.csv")
    said = walk.source.recognised.corrections
    said.encoding.setCurrentIndex(said.encoding.findData("cp1250"))
    said.encoding.activated.emit(said.encoding.currentIndex())
    walk.settle()
    walk.until(Step.RESULT)
    walk.next()
    walk.wizard.begin(Draft())
    drop(walk, tmp_path / "tuesday.csv")
    assert walk.draft.told == {"tuesday": Told(encoding="cp1250")}
    assert walk.draft.reading is not None
    assert walk.draft.reading.tables[0].encoding == "cp1250"


def test_connections_are_listed(walk: Walk) -> None:
    words = [label.text() for label in walk.source.known.findChildren(QLabel)]
    assert any(word.startswith("None yet.") for word in words)
    connections.save(connections.Connection("nightly", connections.Kind.SFTP, "sftp.example.org"))
    walk.wizard.begin(Draft())
    chosen: list[object] = []
    walk.source.known.chosen.disconnect()
    walk.source.known.chosen.connect(chosen.append)
    next(b for b in walk.source.known.findChildren(QAbstractButton) if b.text() == "nightly").click()
    assert chosen == [(Path("connection:nightly"),)]


def test_a_damaged_list_of_recent_files_is_no_reason_to_stop(walk: Walk, home: Path, sample: Path) -> None:
    for broken in ("", "[1]", json.dumps([{"sources": [], "told": []}]), '{"sources": 1}'):
        (home / "recent.json").write_text(broken)
        assert recent() == []
    goes_on(walk, sample)
