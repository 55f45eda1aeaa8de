"""What is told of a run: looked up in the reader's thread, and said in sentences. The page is `pages.report`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rosterdesk.gui.frames import Look
from rosterdesk.gui.words import counted, number, tr
from rosterdesk.run import Run

if TYPE_CHECKING:
    from array import array

    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.history import PastRun
    from rosterdesk.directory.report import Entry


@dataclass(frozen=True, slots=True)
class Told:
    """A run with its counts by action, and by school and action."""

    past: PastRun
    counts: Mapping[str, int]
    schools: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of a run as lines of a table."""

    directory: Directory
    run: int
    numbers: array[int]

    @property
    def count(self) -> int:
        return len(self.numbers)

    def page(self, offset: int, limit: int) -> list[Entry]:
        from rosterdesk.directory import report

        some = self.numbers[offset : offset + limit]
        with self.directory.read() as connection:
            return list(report.entries(connection, self.directory.district, self.run, some))


def look_up(directory: Directory, run_number: int, run: Run) -> Told:
    """What there is to tell of a run, in the worker's thread."""
    from rosterdesk.directory import history, report

    with directory.read(run) as connection:
        past = history.get_run(connection, directory.district, run_number)
        counts = report.count(connection, directory.district, run_number)
        return Told(past, counts, report.by_school(connection, directory.district, run_number))


def find(directory: Directory, run_number: int, look: Look, school: str, run: Run) -> Entries:
    """The entries as they are looked at, in the worker's thread."""
    from rosterdesk.directory import report

    with directory.read(run) as connection:
        numbers = report.find(
            connection, directory.district, run_number, action=look.chip, school=school, words=look.words
        )
    return Entries(directory, run_number, numbers)


def outcome(told: Told) -> str:
    """What came of the run, in a sentence."""
    state = told.past.state.value
    if state == "undone":
        return tr("It was taken back.")
    if state == "held":
        return tr("It waits for a person; nothing was changed.")
    if told.past.kind.value == "undo":
        return tr("It took back run {n}.", n=told.past.undoes or 0)
    links = ("enrollments", "guardianships")
    added = [int(told.past.counts.get(link, {}).get("created", 0)) for link in links]
    if any(added):
        return tr(
            "It also added {enrollments} enrollments and {families} family links.",
            enrollments=number(added[0]),
            families=number(added[1]),
        )
    return "" if told.counts else tr("Nothing changed.")


def undoing(told: Told) -> str:
    """What undoing would do, before it is done."""
    counts = told.counts
    parts = [
        counted(counts.get("create", 0), "{n} record that it made will go", "{n} records that it made will go"),
        counted(counts.get("update", 0), "{n} change will be put back", "{n} changes will be put back"),
        counted(counts.get("archive", 0), "{n} archived record will come back", "{n} archived records will come back"),
    ]
    there = [part for part, action in zip(parts, ("create", "update", "archive"), strict=True) if counts.get(action)]
    sentence = "; ".join(there)
    return tr("{what}. What people changed since stays as it is.", what=sentence) if sentence else ""
