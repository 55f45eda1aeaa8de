"""The wizard's answers, without Qt: which step comes next, why one must wait, and the job that they make.

A `Draft` never changes: `answered` gives a new one, without the later answers that rested on what was answered anew.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from rosterdesk.jobs.calendar import Schedule
from rosterdesk.jobs.file import Job
from rosterdesk.mapping import unmet
from rosterdesk.model import Confidence, Mapping, Outcome, Plan, Reading, Receipt
from rosterdesk.sources.tables import Told


class Step(StrEnum):
    """The steps of an upload, in order."""

    SOURCE = "source"
    MAPPING = "mapping"
    CHECKS = "checks"
    MATCHES = "matches"
    REVIEW = "review"
    PUSH = "push"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Draft:
    """What has been answered so far.

    `told` says how tables are written that were not read rightly, by their names; `seen`: a person looked at the
    mapping; `matches` counts the pairs that may be one person, by what a person said of them ("open": nothing yet), and
    is None until they were looked for; `approved` is the digest of a plan that a person let go over a limit.

    `job` names the saved job that is changed, for which nothing is pushed; `kept`: it was saved so.
    """

    sources: tuple[Path, ...] = ()
    told: MappingABC[str, Told] = field(default_factory=dict)
    reading: Reading | None = None
    mapping: Mapping | None = None
    seen: bool = False
    problems: MappingABC[str, int] | None = None
    matches: MappingABC[str, int] | None = None
    additions_only: bool = False
    plan: Plan | None = None
    approved: str = ""
    hold: bool = False
    receipt: Receipt | None = None
    outlet: Path | None = None
    layout: str = "oneroster-1.1"
    zipped: bool = False
    job: str = ""
    kept: bool = False


# Each answer rests on all before it. Where the files go rests on nothing, so it is kept whatever else is changed.
_ORDER = (
    "sources",
    "told",
    "reading",
    "mapping",
    "seen",
    "problems",
    "matches",
    "additions_only",
    "plan",
    "approved",
    "hold",
    "receipt",
)
_EMPTY = Draft()
_CERTAIN = (Confidence.EXACT, Confidence.GIVEN)
_DOUBTFUL = (Confidence.LIKELY, Confidence.UNSURE)
_SURELY_NAMED = "Nothing to map: every column is known by its name."
_NO_MATCHES = "Nobody to match: nobody who was archived or entered by hand looks like somebody new."


def answered(draft: Draft, **answers: Any) -> Draft:
    """The draft with these answers, and without the later ones where one of them is new."""
    changed = [_ORDER.index(name) for name in answers if name in _ORDER and getattr(draft, name) != answers[name]]
    if not changed:
        return replace(draft, **answers)
    later = {name: getattr(_EMPTY, name) for name in _ORDER[min(changed) + 1 :] if name not in answers}
    return replace(draft, **later, **answers)


def skipped(draft: Draft, step: Step) -> str:
    """Why the step has nothing to ask, as a sentence; empty when it has."""
    if step is Step.MAPPING and draft.mapping is not None and not draft.seen and _certain(draft.mapping):
        return _SURELY_NAMED
    if step is Step.MATCHES and draft.matches is not None and not sum(draft.matches.values()):
        return _NO_MATCHES
    return ""


def next_step(draft: Draft, step: Step) -> Step:
    """The next step that has something to ask; the last one stays."""
    order = list(Step)
    later = order[order.index(step) + 1 :]
    return next((s for s in later if not skipped(draft, s)), step)


def previous_step(draft: Draft, step: Step) -> Step:
    """The step that Back leads to; the first one stays."""
    order = list(Step)
    earlier = order[: order.index(step)]
    return next((s for s in reversed(earlier) if not skipped(draft, s)), step)


def to_look_at(mapping: Mapping) -> int:
    """How many things of a mapping a person should look at: columns that are only likely, and what is missing."""
    doubtful = sum(f.confidence in _DOUBTFUL for spec in mapping.tables for f in spec.fields.values())
    return doubtful + len(unmet(mapping))


def _certain(mapping: Mapping) -> bool:
    """Whether nothing is left to ask: every column is known by its very name or was set by a person."""
    return all(f.confidence in _CERTAIN for spec in mapping.tables for f in spec.fields.values()) and not unmet(mapping)


def blockers(draft: Draft, step: Step) -> tuple[str, ...]:
    """Why Next must wait at this step, as sentences; empty when it need not."""
    match step:
        case Step.SOURCE:
            return _source(draft)
        case Step.MAPPING:
            return tuple(unmet(draft.mapping)) if draft.mapping is not None else ("The files are not read yet.",)
        case Step.CHECKS:
            return () if draft.problems is not None else ("The checks are not done yet.",)
        case Step.REVIEW:
            return _review(draft)
        case Step.PUSH:
            return _push(draft)
        case Step.MATCHES:
            return () if draft.matches is not None else ("The matches are not looked for yet.",)
        case Step.RESULT:
            return ()


def _source(draft: Draft) -> tuple[str, ...]:
    if not draft.sources:
        return ("Choose the files that your SIS has exported.",)
    return () if draft.reading is not None else ("The files are not read yet.",)


def _review(draft: Draft) -> tuple[str, ...]:
    if draft.plan is None:
        return ("The changes are not worked out yet.",)
    if draft.plan.tripped and not draft.hold and not draft.job and draft.approved != draft.plan.digest:
        return ("This goes over a limit. Choose above what shall be done about it.",)
    return ()


def _push(draft: Draft) -> tuple[str, ...]:
    waiting = _review(draft)
    if not waiting and not draft.job and draft.plan is not None and draft.plan.empty and draft.outlet is None:
        return ("Nothing would change, so there is nothing to push.",)
    return waiting


def act(draft: Draft) -> str:
    """The push in words, with its number, for the button that does it."""
    if draft.job:
        return f"Save the job {draft.job}"
    if draft.hold:
        return "Hold for approval"
    size = draft.plan.size if draft.plan is not None else 0
    if not size and draft.outlet is not None:
        return "Write the files"
    return "Push 1 change" if size == 1 else f"Push {size:,} changes"


def told(draft: Draft, step: Step) -> str:
    """The state of a step in a few words, for the list of steps; empty before there is any."""
    match step:
        case Step.SOURCE:
            names = [path.name for path in draft.sources]
            return names[0] if len(names) == 1 else f"{len(names)} files" if names else ""
        case Step.MAPPING:
            return _mapping_told(draft)
        case Step.CHECKS:
            return _checks_told(draft)
        case Step.MATCHES:
            return _matches_told(draft)
        case Step.REVIEW:
            return _review_told(draft)
        case Step.PUSH | Step.RESULT:
            return _receipt_told(draft)


def _mapping_told(draft: Draft) -> str:
    if draft.mapping is None:
        return ""
    count = 0 if draft.seen else to_look_at(draft.mapping)
    return f"{count:,} to look at" if count else "Every column known"


def _checks_told(draft: Draft) -> str:
    if draft.problems is None:
        return ""
    found = [
        f"{count:,} {name}{'' if count == 1 else 's'}"
        for name in ("error", "warning", "notice")
        if (count := draft.problems.get(name, 0))
    ]
    return found[0] if found else "Nothing wrong"


def _matches_told(draft: Draft) -> str:
    if draft.matches is None:
        return ""
    if not sum(draft.matches.values()):
        return "Nobody to match"
    count = draft.matches.get("open", 0)
    return f"{count:,} to look at" if count else "Every pair decided"


def _review_told(draft: Draft) -> str:
    if draft.plan is None:
        return ""
    if draft.plan.empty:
        return "No change"
    return "1 change" if draft.plan.size == 1 else f"{draft.plan.size:,} changes"


def _receipt_told(draft: Draft) -> str:
    if draft.receipt is None:
        return ""
    return "Held" if draft.receipt.outcome is Outcome.HELD else f"Done as run {draft.receipt.run}"


def job(draft: Draft, name: str, schedule: Schedule) -> Job:
    """The upload as something to repeat, with everything a person decided beside the mapping, which a job keeps in a
    file of its own. Raises `ValueError` before there is a mapping.
    """
    if draft.mapping is None:
        raise ValueError("A job needs a mapping.")
    return Job(
        name,
        tuple(str(source) for source in draft.sources),
        outlet="" if draft.outlet is None else str(draft.outlet),
        layout=draft.layout,
        zipped=draft.zipped,
        additions_only=draft.additions_only,
        schedule=schedule,
    )


def changed(kept: Job, draft: Draft) -> Job:
    """The job with what the draft says of its source and of where the files go; its times, limits and notices stay."""
    return replace(
        kept,
        sources=tuple(str(source) for source in draft.sources),
        outlet="" if draft.outlet is None else str(draft.outlet),
        layout=draft.layout,
        zipped=draft.zipped,
        additions_only=draft.additions_only,
    )


def draft_of(kept: Job, mapping: Mapping | None, told: MappingABC[str, Told]) -> Draft:
    """The wizard's answers that make the job, to be changed; `mapping` is its own, if it has one."""
    return Draft(
        tuple(Path(source) for source in kept.sources),
        told=told,
        mapping=mapping,
        seen=True,
        additions_only=kept.additions_only,
        outlet=Path(kept.outlet) if kept.outlet else None,
        layout=kept.layout,
        zipped=kept.zipped,
        job=kept.name,
    )
