"""Where the key of a directory is asked for: of a new one, and of one that the key does not open."""

from __future__ import annotations

from rosterdesk.errors import FileError
from rosterdesk.gui.opening import Opening
from tests.shots.stage import Shots, Stage


def draw(stage: Stage) -> Shots:
    """Both."""
    window = stage.window
    window.pages.setCurrentWidget(window.locked)
    window.locked.ask(Opening(stage.folder / "new.db"))
    yield "locked-new", stage.settled()
    refused = FileError("The passphrase is not right.", "Type it again.")
    window.locked.ask(stage.opening().with_key(passphrase="wrong"), refused)
    yield "locked", stage.settled()
