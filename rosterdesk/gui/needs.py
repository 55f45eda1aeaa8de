"""What needs a person, as banners at the head of Home: runs that wait, that failed, that did not happen, settings that
expire, and a switch to the SIS that was begun.
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
    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.history import PastRun
    from rosterdesk.guided import Stage
    from rosterdesk.jobs.file import Job

_SOON = timedelta(days=30)
_SHOWN = 4  # more would push the rest of the page out of sight


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a person must look at. `run` is the run that it is about, if it is about one.

    `kind` is held, elsewhere (held, in the directory of `job`), failed, missed, expires or switch. `job` is one that
    fills another directory than the one that is shown.
    """

    kind: str
    title: str
    text: str
    run: PastRun | None = None
    job: Job | None = None


def needs_of(runs: Sequence[PastRun], jobs: Sequence[KnownJob], directory: Directory) -> tuple[Need, ...]:
    """What the latest runs of this directory (the newest first) and the jobs ask of a person: held runs first."""
    from rosterdesk.directory.holds import waiting

    troubles = (_trouble(known, directory) for known in jobs)
    return (*(_held(past) for past in waiting(runs)), *(need for need in troubles if need is not None))


def elsewhere(jobs: Sequence[KnownJob], directory: Directory) -> tuple[Need, ...]:
    """The jobs whose last run waits for a person in another directory than this one."""
    from rosterdesk.jobs.filling import fills, place, place_name

    found = []
    for known in jobs:
        if known.state.ended == "held" and not fills(known.job, directory):
            where = place_name(place(known.job))
            text = tr("{why} It is decided where the job uploads to: {where}.", why=known.state.title, where=where)
            title = tr("{name} waits for you in another directory", name=known.job.name)
            found.append(Need("elsewhere", title, text.strip(), job=known.job))
    return tuple(found)


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


def begun(at: Stage) -> Need:
    """A switch to the SIS was begun, and its person stopped at this step."""
    text = tr("You stopped at: {step}. What you have done and answered is kept.", step=stage_title(at))
    return Need("switch", tr("The switch to your SIS is not finished"), text)


def stage_title(stage: Stage) -> str:
    """What a step of the switch is called."""
    return {
        "import": tr("What there is"),
        "schools": tr("School IDs"),
        "classrooms": tr("Classrooms"),
        "archive": tr("Archive students"),
        "first run": tr("First run"),
        "match": tr("Matches"),
        "merge": tr("Merge"),
        "check": tr("Check the result"),
    }[stage.value]


def _trouble(known: KnownJob, directory: Directory) -> Need | None:
    from rosterdesk.jobs.filling import fills, place, place_name

    found = trouble(known)
    if found is None or fills(known.job, directory):
        return None if found is None else Need(*found)
    kind, title, text = found
    where = tr("It uploads to another directory: {where}.", where=place_name(place(known.job)))
    return Need(kind, title, f"{text} {where}", job=known.job)


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
    of `holding.Choice`, or nothing. `directory_wanted` carries the job whose directory is to be shown, and what is to
    be done then, if anything.
    `switch_wanted`, `switch_muted`: the switch to the SIS goes on, or nobody wants to be reminded of it.
    """

    looked_at = Signal(object, str)
    upload_wanted = Signal(object)
    directory_wanted = Signal(object, object)
    switch_wanted = Signal()
    switch_muted = Signal()

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
            upload = partial(self.upload_wanted.emit, ())
            if need.job is not None:
                open_first = partial(self.directory_wanted.emit, need.job, upload)
                actions.append(Action(tr("Open that directory, and upload by hand"), open_first))
            else:
                actions.append(Action(tr("Upload by hand"), upload))
        elif need.kind == "elsewhere":
            actions.append(Action(tr("Open that directory"), partial(self.directory_wanted.emit, need.job, None), True))
        elif need.kind == "switch":
            actions.append(Action(tr("Go on with it"), self.switch_wanted.emit))
            actions.append(Action(tr("Remind me no more"), self.switch_muted.emit))
        kind = {"failed": "error", "switch": "plain"}.get(need.kind, "warning")
        return Banner(kind, need.text, actions, title=need.title)
