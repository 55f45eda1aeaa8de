"""Two records that are one person, merged in the window without a match, and taken apart again field by field."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from PySide6.QtWidgets import QPushButton

from rosterdesk.directory.browse import Which, find
from rosterdesk.directory.edit import editing
from rosterdesk.directory.merging import Pair, merge
from rosterdesk.directory.schema import RECORDS
from rosterdesk.gui.pages.directory import DirectoryPage
from rosterdesk.gui.window import MainWindow
from tests.gui.test_hand_edits import fill, latest, number, opened, press, said, save, show, texts, want, window
from tests.rosters import exported

__all__ = ["show", "window"]  # fixtures

Settle = Callable[[MainWindow], None]


def test_a_record_takes_in_another_one_and_they_are_told_apart_again(
    window: MainWindow, show: Callable[[str, str], DirectoryPage], settle: Settle, tmp_path: Path
) -> None:
    directory = window._directory
    assert directory is not None
    before = exported(directory, tmp_path)
    page = show("students", "S1")
    dialog = want(page, "merge", window, settle)
    picker = dialog.picker
    assert picker is not None
    (person,) = [picker.people.item(at).text() for at in range(picker.people.count())]
    assert person.endswith("S3")
    assert dialog.reason.text() == "Choose somebody."
    picker.people.setCurrentRow(0)
    fill(dialog)
    save(dialog, window, settle)
    assert (latest(window).kind.value, latest(window).source) == ("merge", "merge two records of one person")
    known = page.record.known
    assert known is not None
    gone = number(window, "students", "S3")
    assert [absorbed.id for absorbed in known.merged] == [gone]
    with directory.read() as conn:
        assert gone not in find(conn, directory.district, "students", which=Which.APART)
    page._open("students", gone)
    settle(window)
    assert page.record.known is not None
    assert page.record.known.into is not None
    press(page.record, f"Merged into {page.record.known.into[1]}")
    settle(window)
    press(page.record, "Take apart")
    dialog = opened(page, window, settle)
    fill(dialog)
    save(dialog, window, settle)
    assert latest(window).kind.value == "unmerge"
    assert "returned." in said(page)
    assert "Merged" not in texts(page.record)
    assert exported(directory, tmp_path) == before


def test_a_field_can_stay_when_two_are_taken_apart(
    window: MainWindow, show: Callable[[str, str], DirectoryPage], settle: Settle
) -> None:
    directory = window._directory
    assert directory is not None
    table = RECORDS["students"]
    first, gone = number(window, "students", "S1"), number(window, "students", "S3")
    with directory.transaction() as conn:
        filled = table.update().where(table.c.id == gone)
        conn.execute(filled.values(student_number="0007", birth_date="2014-05-06"))
    with editing(directory, "merging a student", "a test") as edit:
        merge(edit, Pair("students", first, gone))
    page = show("students", "S1")
    press(page.record, "Take apart")
    dialog = opened(page, window, settle)
    assert {"student_number", "birth_date"} <= set(dialog.inputs)
    assert dialog.answers.values["birth_date"] == "back"
    fill(dialog, birth_date="stays")
    save(dialog, window, settle)
    with directory.read() as conn:
        row = conn.execute(sa.select(table).where(table.c.id == first)).one()
    assert (row.student_number, row.birth_date) == (None, "2014-05-06")


def test_who_may_not_merge_is_told_why(window: MainWindow, show: Callable[[str, str], DirectoryPage]) -> None:
    offers = show("students", "S3").record.offers
    assert offers is not None
    assert "merge" not in offers.buttons  # an archived record takes nobody in
    assert not [b for b in window.directory.record.findChildren(QPushButton) if b.text() == "Take apart"]
