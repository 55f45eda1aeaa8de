"""Pages that are made before anybody asks for them, without stopping the window while something is worked at."""

from __future__ import annotations

import threading

from rosterdesk.draft import Step
from tests.gui.walking import Walk


def test_pages_are_made_ahead_while_nothing_is_worked_at(walk: Walk) -> None:
    walk.qtbot.waitUntil(lambda: set(walk.wizard.pages) == set(Step))
    assert walk.wizard.page.step is Step.SOURCE


def test_no_page_is_made_ahead_while_the_worker_works(walk: Walk) -> None:
    go_on = threading.Event()
    walk.worker.start(lambda _: go_on.wait(30), on_success=lambda _: None)
    made = set(walk.wizard.pages)
    try:
        for _ in range(3):
            with walk.qtbot.waitSignal(walk.wizard._ahead.timeout):
                pass
        assert set(walk.wizard.pages) == made
        walk.wizard.go(Step.MAPPING)  # who asks for a page has it at once
        assert walk.wizard.page.step is Step.MAPPING
    finally:
        go_on.set()
    walk.qtbot.waitUntil(lambda: set(walk.wizard.pages) == set(Step))


def test_a_step_that_is_drawn_already_is_drawn_anew_when_it_changes(walk: Walk) -> None:
    button = walk.wizard.steps.buttons[0]
    first = button.accessibleName()
    assert first.endswith("now")
    walk.wizard.go(Step.MAPPING)
    assert button.accessibleName() != first
    walk.wizard.go(Step.SOURCE)
    assert button.accessibleName() == first
