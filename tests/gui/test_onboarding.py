"""A school entered by hand goes over to its SIS in the window; the same steps by the command line give the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton, QWidget

from rosterdesk.cli import run as command
from rosterdesk.credentials import KeySource
from rosterdesk.directory import classrooms, governing, people
from rosterdesk.directory.edit import editing
from rosterdesk.directory.engine import open_directory
from rosterdesk.directory.export import export
from rosterdesk.directory.onboarding import Place, Standing, Step
from rosterdesk.draft import Step as UploadStep
from rosterdesk.gui.onboardbegin import FirstRunPage, ImportPage, StudentsPage
from rosterdesk.gui.onboardpeople import CheckPage, MatchPage, MergePage
from rosterdesk.gui.onboardrooms import ClassroomsPage
from rosterdesk.gui.onboardschools import SchoolsPage
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.pages.onboarding import Onboarding
from rosterdesk.gui.window import MainWindow
from rosterdesk.guided import Stage, Way, coming, told, waits
from tests.gui.test_wizard import unnamed
from tests.gui.test_wizard_keyboard import REACHED, focused
from tests.rosters import classroom, enrollment, roster, student, written

Settle = Callable[[MainWindow], None]
NAMES = ("Ana", "Ben", "Cem", "Dee", "Eli", "Fay", "Gus", "Hal", "Ida", "Jon", "Kim", "Lou")
FAMILIES = ("Quillmoor", "Trelawney", "Featherstone")
ORGS = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\nA,,,Adams,school,,\n"


def key(where: Path) -> KeySource:
    return KeySource(file=where.with_name("hand.key"))


def mail(n: int) -> str:
    return f"s{n}@school.example"


@pytest.fixture
def by_hand(tmp_path: Path) -> Path:
    """A directory in which an office has entered a school: twelve students in one classroom, and a club."""
    where = tmp_path / "hand.db"
    with open_directory(where, key(where)) as directory, editing(directory, "entering", "by hand") as edit:
        school = governing.add_school(edit, "Adams")
        math, chess = (classrooms.create(edit, school, title) for title in ("Math 5", "Chess"))
        for n, name in enumerate(NAMES):
            fields = {"given_name": name, "family_name": FAMILIES[n % 3], "email": mail(n), "grade": "05"}
            number = people.add_student(edit, school, fields)
            classrooms.add_student(edit, math if n else chess, number)
    return where


@pytest.fixture
def sis(tmp_path: Path) -> Path:
    """The SIS with the same children and some more, and the one classroom."""
    users = "".join(student(f"S{n}", given=NAMES[n % 12], family=FAMILIES[n % 3], email=mail(n)) for n in range(12))
    users += "".join(student(f"N{n}", given=f"Zoe{n}", family=f"Newcombe{n}") for n in range(5))
    links = "".join(enrollment("C1", f"S{n}") for n in range(1, 12))
    return written(roster(users, classroom("C1", title="Math 5"), links, orgs=ORGS), tmp_path)


def by_commands(where: Path, sis: Path, tmp_path: Path) -> dict[str, bytes]:
    """The same way by the commands of `rosterdesk`."""
    at = ["--directory", str(where), "--key-file", str(where.with_name("hand.key"))]
    for said in (
        ["directory", "edit", "connect-school", "#1", "A", "--why", "by hand"],
        ["adopt", str(sis), "--ready"],
        ["onboard", "archive", "classrooms"],
        ["onboard", "archive", "students"],
        ["push", str(sis), "--yes"],
        ["merge", "--ready"],
        ["directory", "export", str(tmp_path / "by commands")],
    ):
        assert command([*said, *at]) == 0, said
    return {path.name: path.read_bytes() for path in sorted((tmp_path / "by commands").iterdir())}


@pytest.fixture
def window(open_window: Callable[[Opening], MainWindow], by_hand: Path) -> MainWindow:
    return open_window(Opening(by_hand, key_file=by_hand.with_name("hand.key")))


def guide(window: MainWindow, settle: Settle) -> Onboarding:
    window.home.onboarding.click()
    settle(window)
    return window.onboarding


def test_a_school_goes_over_in_the_window_as_by_commands(
    window: MainWindow, settle: Settle, by_hand: Path, sis: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    assert window._directory is not None
    shutil.copy(by_hand, copy)
    onboarding = guide(window, settle)

    def press(expected: str) -> None:
        assert onboarding.bar.primary.text() == expected, onboarding.bar.reason.text()
        onboarding.bar.primary.click()
        settle(window)

    page = onboarding.page
    assert isinstance(page, SchoolsPage)
    assert onboarding.bar.reason.text() == "Give at least one school its SIS ID, or nothing of the SIS finds it."
    next(iter(page.lines.values())).chooser.setEditText("A")
    press("Give 1 school its ID")
    press("Next")
    page = onboarding.page
    assert isinstance(page, ClassroomsPage)
    page.choices["adopt"].setChecked(True)
    assert onboarding.bar.reason.text().startswith("Choose the files of the SIS")
    page.read((sis,))
    settle(window)
    assert page.table.rowCount() == 1
    assert page.detail.text().startswith("The next run puts in: Ben Trelawney")
    assert page.detail.text().endswith(
        "11 of them are here already, entered by hand. They become one when you merge them."
    )
    press("Adopt 1 classroom")
    page.choices["archive"].setChecked(True)
    press("Archive 1 classroom")
    press("Next")
    assert isinstance(onboarding.page, StudentsPage)
    press("Archive 12 students")

    onboarding.stop_button.click()  # and on another day
    settle(window)
    assert window.pages.currentWidget() is window.home
    onboarding = guide(window, settle)
    assert isinstance(onboarding.page, FirstRunPage)
    press("Bring the files of the SIS")
    assert window.wizard is not None
    assert window.wizard.draft.sources == (sis,)
    while window.wizard.page.step is not UploadStep.RESULT:
        before = window.wizard.page.step
        window.wizard.bar.primary.click()
        settle(window)
        assert window.wizard.page.step is not before, window.wizard.bar.reason.text()
    window.wizard.bar.primary.click()
    settle(window)
    page = onboarding.page
    assert isinstance(page, MatchPage)
    assert page.desk.found is not None
    assert sum(len(kind.proposals) for kind in page.desk.found) == 12
    press("Next")
    page = onboarding.page
    assert isinstance(page, MergePage)
    assert page.table.model.rowCount() == 12
    press("Merge 12 people")
    assert page.table.model.rowCount() == 0
    press("Next")
    page = onboarding.page
    assert isinstance(page, CheckPage)
    assert page.told[:2] == [
        "17 students come from the SIS.",
        "12 were merged with records of yours.",
    ]
    press("Done")
    assert window.pages.currentWidget() is window.home
    export(window._directory, tmp_path / "by window")
    shown = {path.name: path.read_bytes() for path in sorted((tmp_path / "by window").iterdir())}
    assert shown == by_commands(copy, sis, tmp_path)


def test_what_was_done_is_taken_back_on_the_page(window: MainWindow, settle: Settle) -> None:
    onboarding = guide(window, settle)
    page = onboarding.pages[Stage.STUDENTS]
    assert isinstance(page, StudentsPage)
    onboarding.go(Stage.STUDENTS)
    next(iter(page.boxes.values())).setChecked(True)
    onboarding.bar.primary.click()
    settle(window)
    assert page.boxes == {}
    next(b for b in page.findChildren(QPushButton) if b.text() == "Take it back").click()
    settle(window)
    assert [box.text() for box in page.boxes.values()] == ["Adams: 12 students (without an SIS ID)"]


def test_an_export_comes_into_an_empty_directory(
    open_window: Callable[[Opening], MainWindow],
    settle: Settle,
    by_hand: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with open_directory(by_hand, key(by_hand)) as directory:
        export(directory, tmp_path / "export")
    with open_directory(tmp_path / "empty.db", key(by_hand)):
        pass
    window = open_window(Opening(tmp_path / "empty.db", key_file=by_hand.with_name("hand.key")))
    onboarding = guide(window, settle)
    page = onboarding.page
    assert isinstance(page, ImportPage)
    assert not onboarding.bar.primary.isEnabled()
    monkeypatch.setattr("rosterdesk.gui.onboardbegin.ask_folder", lambda _: tmp_path / "export")
    page.export.click()
    settle(window)
    assert onboarding.bar.primary.isEnabled()
    assert page.told.text().startswith("1 school, 2 classrooms entered by hand, 12 active students entered by hand")


def test_tab_reaches_every_control_of_every_step(window: MainWindow, settle: Settle) -> None:
    onboarding = guide(window, settle)
    missed = {}
    for step in Stage:
        onboarding.go(step)
        settle(window)
        if step is Stage.CLASSROOMS:
            onboarding.pages[step].choices["adopt"].setChecked(True)  # type: ignore[attr-defined]
        QApplication.processEvents()
        onboarding.page.setFocus()
        reached: list[QWidget] = []
        for _ in range(100):
            onboarding.focusNextPrevChild(True)
            if focused() in reached:
                break
            reached.append(focused())
        wanted = [
            w
            for w in onboarding.findChildren(QWidget)
            if isinstance(w, REACHED) and w.isVisible() and w.isEnabled() and w.focusPolicy() & Qt.FocusPolicy.TabFocus
            if not isinstance(w.parentWidget(), QComboBox)  # a part of what is reached
        ]
        left = [w.accessibleName() or type(w).__name__ for w in wanted if w not in reached]
        if left or unnamed(onboarding):
            missed[step] = [*left, *unnamed(onboarding)]
    assert missed == {}


def stands(place: Place | None, *, merged: int = 0) -> Standing:
    places = () if place is None else (place,)
    left = {
        "import": 0,
        "schools": sum(p.sis_id is None for p in places),
        "classrooms": sum(p.rooms_by_hand for p in places),
        "archive": sum(p.by_hand for p in places),
        "first run": 0,
        "match": sum(p.archived for p in places),
    }
    steps = {n: Step(n, bool(places) if n == "import" else not count, count, "", "") for n, count in left.items()}
    return Standing(steps, places, sum(p.synced for p in places), merged, 0)


@pytest.mark.parametrize(
    ("place", "merged", "step"),
    [
        (None, 0, Stage.IMPORT),
        (Place(1, "Adams", None, 1, 12, 0, 0, 0), 0, Stage.SCHOOLS),
        (Place(1, "Adams", "A", 1, 12, 0, 0, 0), 0, Stage.CLASSROOMS),
        (Place(1, "Adams", "A", 0, 12, 0, 0, 0), 0, Stage.STUDENTS),
        (Place(1, "Adams", "A", 1, 0, 0, 12, 0), 0, Stage.FIRST_RUN),  # a classroom was left as it is
        (Place(1, "Adams", "A", 1, 0, 30, 12, 1), 0, Stage.MATCHES),
        (Place(1, "Adams", "A", 0, 0, 30, 0, 1), 12, Stage.CHECK),
    ],
)
def test_where_it_stands_is_read_from_the_directory(place: Place | None, merged: int, step: Stage) -> None:
    assert coming(stands(place, merged=merged)) is step


def test_each_step_says_why_it_waits_and_how_it_stands() -> None:
    way = Way(stands(Place(1, "Adams", None, 1, 12, 0, 0, 0)))
    assert waits(Way(), Stage.CHECK) == ("The directory is being looked at.",)
    assert waits(way, Stage.SCHOOLS) != ()
    assert waits(way, Stage.CLASSROOMS) == ()
    assert [told(way, stage) for stage in Stage] == [
        *("1 school", "1 without an SIS ID", "1 entered by hand", "12 to archive", "Not yet", "", "0 merged", "")
    ]
