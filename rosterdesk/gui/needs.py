"""What needs a person, as banners at the head of Home: runs that wait, that failed, that did not happen, and settings
that expire.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.holding import Choice, planned
from rosterdesk.gui.recurring import KnownJob, trouble
from rosterdesk.gui.widgets import Action, Banner, Picture, clear, label, row
from rosterdesk.gui.words import counted, number, tr, when

if TYPE_CHECKING:
    from rosterdesk.connections import Connection
    from rosterdesk.directory.history import PastRun

_SOON = timedelta(days=30)
_SHOWN = 4  # more would push the rest of the page out of sight


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a person must look at. `run` is the run that it is about, if it is about one.

    `kind` is held, failed, missed or expires.
    """

    kind: str
    title: str
    text: str
    run: PastRun | None = None


def needs_of(runs: Sequence[PastRun], jobs: Sequence[KnownJob] = ()) -> tuple[Need, ...]:
    """What the latest runs (the newest first) and the jobs ask of a person: held runs first."""
    from rosterdesk.directory.holds import waiting

    troubles = (trouble(known) for known in jobs)
    return (*(_held(past) for past in waiting(runs)), *(Need(*found) for found in troubles if found is not None))


def expiring(connections: Sequence[Connection], now: datetime) -> tuple[Need, ...]:
    """What of the connections ends soon, or has ended; only what is known for sure."""
    from rosterdesk.expiring import ends

    found = []
    for one in connections:
        for end in ends(one.options):
            if end.when - now > _SOON:
                continue
            ended = end.when <= now
            title = (
                tr("The connection {name} has ended", name=one.name)
                if ended
                else tr("The connection {name} ends soon", name=one.name)
            )
            text = tr(
                "{what}: {when}. Renew it where it was made, and add the connection again with it.",
                what=tr(end.what),
                when=when(end.when.isoformat()),
            )
            found.append(Need("expires", title, text))
    return tuple(found)


def _held(past: PastRun) -> Need:
    archived = sum(line.archived for line in planned(past))
    would = counted(archived, "{n} record would be archived.", "{n} records would be archived.")
    text = tr(
        "{source}, {when}. {would} Nothing was changed.",
        source=past.source,
        when=when(past.started),
        would=would if archived else tr("It goes over a limit."),
    )
    return Need("held", tr("Run {n} waits for a person", n=number(past.number)), text, past)


class NeedsList(QWidget):
    """The banners. `looked_at` carries the `PastRun` that a person wants to see, and what they would do about it: one
    of `holding.Choice`, or nothing.
    """

    looked_at = Signal(object, str)
    upload_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._inside = QVBoxLayout(self)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setSpacing(theme.INSIDE)
        self.show_needs(())

    def show_needs(self, needs: Sequence[Need]) -> None:
        """Draw them; without any, that there is none."""
        clear(self._inside)
        for need in needs[:_SHOWN]:
            self._inside.addWidget(self._banner(need))
        if len(needs) > _SHOWN:
            more = len(needs) - _SHOWN
            told = counted(more, "And {n} more, in the list of runs.", "And {n} more, in the list of runs.")
            self._inside.addWidget(label(told, quiet=True))
        if not needs:
            quiet = QWidget()
            quiet.setLayout(row(Picture("check", 16, "accent"), label(tr("Nothing needs you."), quiet=True)))
            self._inside.addWidget(quiet)

    def _banner(self, need: Need) -> Banner:
        past, actions = need.run, []
        if past is not None and need.kind == "held":
            for choice, words in (
                (Choice.APPROVE, tr("Look at it and approve")),
                (Choice.ADDITIONS, tr("Push only what is new and changed")),
                (Choice.DISCARD, tr("Discard")),
            ):
                look = partial(self.looked_at.emit, past, choice.value)
                actions.append(Action(words, look, choice is Choice.APPROVE))
        elif need.kind in ("failed", "missed"):
            actions.append(Action(tr("Upload by hand"), lambda: self.upload_wanted.emit(())))
        kind = "error" if need.kind == "failed" else "warning"
        return Banner(kind, need.text, actions, title=need.title)
