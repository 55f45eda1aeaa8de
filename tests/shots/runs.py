"""What is told of a run that was made, and of one that waits for a person."""

from __future__ import annotations

import os
from pathlib import Path

from rosterdesk.gui.holding import Choice
from tests.shots.stage import Shots, Stage


def draw(stage: Stage) -> Shots:
    """A held run with its choices, and a report with what can be done there."""
    window = stage.window
    window.show_page(window.home)
    stage.settled()
    held = next(past for past in window.home.facts.runs if past.state.value == "held")
    window.show_held(held, Choice.APPROVE)
    yield "held", stage.settled()
    window.show_held(held, Choice.ADDITIONS)
    yield "held-additions", stage.settled()
    window.show_held(held, Choice.DISCARD)
    yield "held-discard", stage.settled()
    window.show_run(2)
    yield "report", stage.settled()
    window.report.undo.click()
    yield "report-undo", stage.settled()
    window.report.write(Path(os.devnull) / "x.csv", lambda _: None)
    yield "report-error", stage.settled()
