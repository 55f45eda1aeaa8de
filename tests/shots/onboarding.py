"""The switch to the SIS: every step of it on schools that were entered by hand, gone on with, and finished."""

from __future__ import annotations

from pathlib import Path

from rosterdesk.draft import Step
from rosterdesk.gui.onboardrooms import ClassroomsPage
from rosterdesk.gui.onboardschools import SchoolsPage
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.pages.onboarding import Onboarding
from rosterdesk.guided import Stage as Way
from tests.shots.byhand import by_hand
from tests.shots.stage import Shots, Stage


def draw(stage: Stage) -> Shots:
    """From an empty directory to the checked result."""
    stage.open(stage.empty())
    _begin(stage)
    yield "switch-1-empty", stage.settled()
    opening, sis = by_hand(stage.folder)
    stage.open(opening)
    guide = _begin(stage)
    yield "switch-2-schools-no-files", stage.settled()
    guide.go(Way.IMPORT)
    yield "switch-1-import", stage.settled()
    guide.go(Way.SCHOOLS)
    schools = guide.page
    assert isinstance(schools, SchoolsPage)
    schools.read((sis,))
    yield "switch-2-schools", stage.settled()
    next(line for line in schools.lines.values() if line.chooser.sis_id and not line.sis_id).tick.setChecked(True)
    _press(stage, guide)
    yield "switch-2-schools-given", stage.settled()
    _press(stage, guide)
    yield "switch-3-classrooms", stage.settled()
    rooms = guide.page
    assert isinstance(rooms, ClassroomsPage)
    rooms.choices["adopt"].setChecked(True)
    yield "switch-3-classrooms-adopt", stage.settled()
    hidden = sis.with_name("moved away")
    yield from _on_another_day(stage, opening, sis, hidden)
    guide = stage.window.onboarding
    _press(stage, guide)  # adopts
    yield "switch-3-classrooms-adopted", stage.settled()
    _press(stage, guide)
    yield "switch-4-students", stage.settled()
    _press(stage, guide)  # archives
    yield "switch-4-students-archived", stage.settled()
    _press(stage, guide)
    yield "switch-5-first-run", stage.settled()
    yield from _first_run(stage, guide)
    yield from _people(stage, guide)


def _on_another_day(stage: Stage, opening: Opening, sis: Path, hidden: Path) -> Shots:
    """Home reminds; the files are gone, and come back."""
    sis.rename(hidden)
    window = stage.open(opening)
    yield "switch-home-begun", stage.settled()
    window.show_onboarding()
    yield "switch-3-files-gone", stage.settled()
    hidden.rename(sis)
    window.show_page(window.home)
    window.show_onboarding()
    yield "switch-3-resumed", stage.settled()


def _first_run(stage: Stage, guide: Onboarding) -> Shots:
    """The upload, up to what it shows of matches, and back to the guide."""
    _press(stage, guide)
    wizard = stage.window.wizard
    assert wizard is not None
    while wizard.page.step is not Step.RESULT:
        before = wizard.page.step
        if before in (Step.MATCHES, Step.REVIEW):
            yield f"switch-5-upload-{before.value}", stage.settled()
        wizard.bar.primary.click()
        stage.settled()
        if wizard.page.step is before:
            yield "switch-5-upload-held", stage.settled()
            return
    wizard.bar.primary.click()
    stage.settled()


def _people(stage: Stage, guide: Onboarding) -> Shots:
    desk = guide.pages[Way.MATCHES].desk  # type: ignore[attr-defined]
    if guide.page.step is not Way.MATCHES:
        guide.go(Way.MATCHES)
        stage.settled()
    for group in ("likely", "several", "ready", "no match", "not in the SIS"):
        desk.chips.choose(group)
        yield f"switch-6-matches-{group.replace(' ', '-')}", stage.settled()
    for group in ("likely", "several"):
        desk.chips.choose(group)
        stage.settled()
        for _ in desk.pairs:
            desk.same.click()
            stage.settled()
    yield "switch-6-matches-decided", stage.settled()
    _press(stage, guide)
    yield "switch-7-merge", stage.settled()
    _press(stage, guide)
    yield "switch-7-merged", stage.settled()
    while guide.page.step is Way.MERGE:  # who was entered twice is merged with what has come of the first
        _press(stage, guide)
    yield "switch-8-check", stage.settled()
    stage.window.show_onboarding()  # on another day again: nothing is left to decide, so the result is shown
    yield "switch-8-resumed", stage.settled()
    _press(stage, guide)
    yield "switch-home-after", stage.settled()


def _begin(stage: Stage) -> Onboarding:
    stage.window.show_onboarding()
    stage.settled()
    return stage.window.onboarding


def _press(stage: Stage, guide: Onboarding) -> None:
    guide.bar.primary.click()
    stage.settled()
