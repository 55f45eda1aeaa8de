"""The guided way of a school entered by hand to its SIS, without Qt: where it stands, what comes next, why Next waits.

How far the directory has come is read from the directory itself, so that one may stop anywhere and go on another day;
what a person has answered beside that are the `Answers`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rosterdesk.directory.onboarding import Standing


class Stage(StrEnum):
    """The steps of the way, in order."""

    IMPORT = "import"
    SCHOOLS = "schools"
    CLASSROOMS = "classrooms"
    STUDENTS = "archive"
    FIRST_RUN = "first run"
    MATCHES = "match"
    MERGE = "merge"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person has answered and the directory does not know, to go on with on another day.

    `sources` are the files of the SIS, `passed` the steps that were left behind with something still to do. `ids` are
    the SIS IDs that were chosen or typed, by the schools' numbers; empty: this school is to get none. `rooms` is what
    becomes of the classrooms (leave, adopt, archive), `adopted` which of them were ticked or unticked, by their
    numbers; `archived` the same of the schools whose students are to be archived, 0 for those of no school.
    """

    sources: tuple[Path, ...] = ()
    passed: frozenset[Stage] = frozenset()
    ids: Mapping[int, str] = field(default_factory=dict)
    rooms: str = "leave"
    adopted: Mapping[int, bool] = field(default_factory=dict)
    keep_titles: bool = False
    archived: Mapping[int, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Way:
    """How it stands with the directory, what was answered, which of the SIS's files are no longer there, how many pairs
    wait for a decision, and how many may be merged. None: it was not looked for yet."""

    standing: Standing | None = None
    answers: Answers = Answers()
    gone: tuple[Path, ...] = ()
    to_decide: int | None = None
    to_merge: int | None = None


def coming(standing: Standing, passed: Collection[Stage] = ()) -> Stage:
    """The step that comes next.

    Schools, classrooms and students that were left as they are stay behind once their step was `passed`, schools and
    classrooms also once the students are archived. Whether any pair waits is known only when they are looked for.
    """
    steps = standing.steps
    if not steps["import"].done:
        return Stage.IMPORT
    if steps["archive"].left or not _archived(standing):
        if _unconnected(standing) and not standing.synced:
            return Stage.SCHOOLS
        for stage in (Stage.SCHOOLS, Stage.CLASSROOMS, Stage.STUDENTS):
            if steps[stage].left and stage not in passed:
                return stage
    if first_run_waits(standing):
        return Stage.FIRST_RUN
    return Stage.MATCHES if steps["match"].left or steps["archive"].left else Stage.CHECK


def first_run_waits(standing: Standing) -> bool:
    """Whether a school that has its SIS ID, and students of before, has got none from the SIS yet."""
    waits = any(place.sis_id and place.archived and not place.synced for place in standing.places)
    return waits or not standing.synced


def waits(way: Way, stage: Stage) -> tuple[str, ...]:
    """Why Next must wait, as sentences; empty when it need not."""
    if way.standing is None:
        return ("The directory is being looked at.",)
    match stage:
        case Stage.IMPORT:
            done = way.standing.steps["import"].done
            return () if done else ("Bring first what there is: an export, a list, or what you enter by hand.",)
        case Stage.SCHOOLS:
            connected = any(place.sis_id for place in way.standing.places)
            return () if connected else ("Give at least one school its SIS ID, or nothing of the SIS finds it.",)
        case Stage.MATCHES:
            return () if way.to_decide is not None else ("The matches are not looked for yet.",)
        case Stage.MERGE:
            return () if way.to_merge is not None else ("What can be merged is not looked for yet.",)
    return ()


def told(way: Way, stage: Stage) -> str:
    """The state of a step in a few words, for the list of steps; empty before there is any."""
    standing = way.standing
    if standing is None or not standing.steps["import"].done:
        return ""
    left = {name: step.left for name, step in standing.steps.items()}
    match stage:
        case Stage.IMPORT:
            return _counted(len(standing.places), "school", "schools")
        case Stage.SCHOOLS:
            return f"{left['schools']:,} without an SIS ID" if left["schools"] else "All have their SIS ID"
        case Stage.CLASSROOMS:
            return f"{left['classrooms']:,} entered by hand" if left["classrooms"] else "None by hand"
        case Stage.STUDENTS:
            return f"{left['archive']:,} to archive" if left["archive"] else f"{left['match']:,} archived"
        case Stage.FIRST_RUN:
            return f"{standing.synced:,} from the SIS" if standing.synced else "Not yet"
        case Stage.MATCHES:
            if way.to_decide is None:
                return ""
            return f"{way.to_decide:,} to decide" if way.to_decide else "Every pair decided"
        case Stage.MERGE:
            return f"{standing.merged:,} merged"
        case Stage.CHECK:
            return ""


def _unconnected(standing: Standing) -> bool:
    return not any(place.sis_id for place in standing.places)


def _archived(standing: Standing) -> bool:
    return standing.steps["match"].left + standing.merged > 0


def _counted(count: int, one: str, many: str) -> str:
    return f"1 {one}" if count == 1 else f"{count:,} {many}"
