"""What people are told of a run of a job, in words; how it travels is the business of `notices`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rosterdesk.jobs.notices import Notice
from rosterdesk.jobs.state import Ended, State

if TYPE_CHECKING:
    from rosterdesk.jobs.file import Job
    from rosterdesk.jobs.running import Ran


def notice_of(job: Job, ran: Ran, before: State) -> Notice | None:
    """What people are told of a run, if it concerns them: that it was held or failed, that earlier ones were missed,
    that all is well again; with `every_run`, every one.
    """
    well_again = ran.ended is Ended.DONE and before.failures > 0
    words = {
        Ended.HELD: f"RosterDesk: {job.name} waits for you",
        Ended.FAILED: f"RosterDesk: {job.name} did not run through",
        Ended.DONE: f"RosterDesk: {job.name} is well again" if well_again else f"RosterDesk: {job.name} ran",
        Ended.RESTED: f"RosterDesk: {job.name} rested",
    }
    concerns = ran.ended in (Ended.HELD, Ended.FAILED) or well_again or bool(ran.missed) or bool(ran.unkept)
    if not concerns and not (job.notices.every_run and ran.ended is Ended.DONE):
        return None
    sentences = [s for s in (ran.title, ran.advice) if s]
    if ran.ended is Ended.DONE:
        total = sum(n for of in ran.counts.values() for n in of.values())
        sentences.append(f"{total:,} changes were made as run {ran.run}. `rosterdesk undo {ran.run}` takes them back.")
    elif ran.ended in (Ended.HELD, Ended.FAILED):
        sentences.append("Nothing was changed in the directory.")
    if ran.unkept:
        sentences.append(ran.unkept)
    if ran.missed:
        times = ", ".join(f"{at:%Y-%m-%d %H:%M}" for at in ran.missed[:5])
        more = f" and {len(ran.missed) - 5} more" if len(ran.missed) > 5 else ""
        sentences.append(f"It did not run at {times}{more}.")
    facts: dict[str, object] = {
        "job": job.name,
        "outcome": ran.ended.value,
        "run": ran.run,
        "plan": ran.plan,
        "changes": {name: dict(of) for name, of in ran.counts.items()},
        "missed": [at.isoformat(timespec="minutes") for at in ran.missed],
    }
    return Notice(words[ran.ended], tuple(sentences), facts)
