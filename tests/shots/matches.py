"""The step of the matches in an upload, on directories of their own: each group of pairs, and who is in none."""

from __future__ import annotations

import tempfile
from pathlib import Path

from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from rosterdesk.draft import Draft, Step
from rosterdesk.gui.opening import Opening
from rosterdesk.gui.pages.matches import MatchesPage
from tests.gui.rekeyed import brought
from tests.rosters import adult, push, roster, student, written
from tests.shots.stage import Shots, Stage

# Two cousins of one name: which of them has come back, their families alone can tell.
_COUSINS = (
    student("S1", given="Marcus", family="Trelawney", guardians="G1", grade="05")
    + student("S2", given="Marcus", family="Trelawney", guardians="G2", grade="05")
    + student("S3", given="Marc", family="Trelawney", grade="04")
    + adult("G1", "guardian", given="Gia", family="Trelawney", email="gia@example.org")
    + adult("G2", "guardian", given="Hugo", family="Trelawney", email="hugo@example.org")
)
_KEPT = student("K1", given="Kim", family="Varga")
_BACK = student("N1", given="Marcus", family="Trelawney", grade="06")


def draw(stage: Stage) -> Shots:
    """Each group of pairs, who is in none, and a pair with several candidates."""
    folder = Path(tempfile.mkdtemp(dir=stage.folder))
    opening = Opening(folder / "directory.db", key_file=folder / "directory.key")
    with open_directory(opening.where, KeySource(file=opening.key_file)) as directory:
        source = brought(directory, folder).rename(folder / "This year")
    page = _matches(stage, opening, source)
    for group in ("ready", "likely", "several", "no match", "not in the SIS"):
        page.desk.chips.choose(group)
        yield f"wizard-matches-{group.replace(' ', '-')}", stage.settled()
    opening = Opening(folder / "cousins.db", key_file=folder / "directory.key")
    with open_directory(opening.where, KeySource(file=opening.key_file)) as directory:
        push(directory, written(roster(_KEPT + _COUSINS), folder))
        push(directory, written(roster(_KEPT), folder))
    page = _matches(stage, opening, written(roster(_KEPT + _BACK), folder).rename(folder / "Next year"))
    page.desk.chips.choose("several")
    yield "wizard-matches-candidates", stage.settled()


def _matches(stage: Stage, opening: Opening, source: Path) -> MatchesPage:
    window = stage.open(opening)
    window.show_wizard(Draft(sources=(source,)))
    stage.settled()
    assert window.wizard is not None
    while window.wizard.page.step is not Step.MATCHES:
        window.wizard.bar.primary.click()
        stage.settled()
    page = window.wizard.page
    assert isinstance(page, MatchesPage)
    return page
