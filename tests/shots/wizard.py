"""Every step of an upload."""

from __future__ import annotations

from rosterdesk.draft import Draft, Step
from rosterdesk.gui.upload import mappings_folder
from tests.shots.stage import SAMPLE, Shots, Stage


def draw(stage: Stage) -> Shots:
    """The sample district from its files to the result, and an Excel list whose columns are to be named."""
    window = stage.window
    window.show_wizard()
    yield "wizard-source-empty", stage.settled()
    assert window.wizard is not None
    for known in mappings_folder().glob("*.toml"):  # kept by an earlier round, it would leave the mapping out
        known.unlink()
    window.show_wizard(Draft(sources=(SAMPLE / "day2",)))
    stage.settled()
    seen: set[Step] = set()
    while (step := window.wizard.page.step) not in seen:
        seen.add(step)
        yield f"wizard-{step.value}", stage.settled()
        window.wizard.bar.primary.click()
        stage.settled()
    window.show_wizard(Draft(sources=(SAMPLE / "office" / "contacts.xlsx",)))
    stage.settled()
    window.wizard.go(Step.MAPPING)
    yield "wizard-mapping-excel", stage.settled()
