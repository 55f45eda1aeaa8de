"""How a run ended, as tables and plots show it."""

from __future__ import annotations

from rosterdesk.gui.frames import Column
from rosterdesk.gui.words import tr

# How a run ended: icon, colour, word.
STATES: dict[str, tuple[str, str, str]] = {
    "done": ("check", "accent", "Done"),
    "held": ("hold", "changed", "Held"),
    "failed": ("error", "removed", "Failed"),
    "undone": ("undo", "kept", "Taken back"),
    "discarded": ("close", "kept", "Discarded"),
}


def state_look(state: str) -> tuple[str, str, str]:
    """Icon, colour and word of a state; of one that a newer version wrote, the state itself."""
    return STATES.get(state, ("kept", "kept", state.capitalize()))


def state_column() -> Column:
    """How a run ended."""
    return Column(
        "state",
        tr("State"),
        width=104,
        say=lambda state: tr(state_look(state)[2]),
        tone=lambda state: state_look(state)[:2],
    )
