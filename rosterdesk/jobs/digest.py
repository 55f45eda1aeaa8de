"""The summary of a job's week, made of its receipts: that all is well is news too, and silence is none."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

from rosterdesk.jobs import receipts
from rosterdesk.jobs.file import Job
from rosterdesk.jobs.notices import Notice

DAYS = 7
_WORDS = {"created": "new", "updated": "changed", "archived": "archived", "restored": "back", "removed": "removed"}


def due(last: str, today: date) -> bool:
    """Whether a week has passed since the last summary; a clock that was set back begins a new week."""
    return bool(last) and (today - date.fromisoformat(last)).days >= DAYS


def begun(last: str, today: date) -> str:
    """The day from which the next week counts, after a run today."""
    return today.isoformat() if not last or due(last, today) or date.fromisoformat(last) > today else last


def digest(job: Job, now: datetime) -> Notice:
    """What the job did in the last week, in numbers."""
    edge = now - timedelta(days=DAYS)
    ended: Counter[str] = Counter()
    did: Counter[str] = Counter()
    missed = 0
    for receipt in receipts.latest(job.name):
        if receipt.get("outcome") == "discarded":  # it began when it was held, weeks ago
            continue
        started = str(receipt.get("started", ""))
        if not started or datetime.fromisoformat(started) <= edge:
            break
        ended[str(receipt.get("outcome"))] += 1
        missed += len(receipt.get("missed", ()))
        if receipt.get("outcome") == "done":
            for of in receipt.get("changes", {}).values():
                did.update(of)
    waits, failed = ended["held"], ended["failed"]
    runs = sum(ended[outcome] for outcome in ("done", "held", "failed"))
    sentences = [f"In the last {DAYS} days it ran {runs:,} times; {ended['done']:,} of them went through."]
    if waits or failed or missed:
        sentences.append(f"{waits:,} were held for a person, {failed:,} could not finish, {missed:,} were missed.")
    changes = ", ".join(f"{did[action]:,} {word}" for action, word in _WORDS.items() if did[action])
    sentences.append(f"Records and links: {changes}." if changes else "Nothing had to be changed.")
    facts: dict[str, object] = {"job": job.name, "outcome": "digest", "ended": dict(ended), "changes": dict(did)}
    return Notice(f"RosterDesk: the week of {job.name}", tuple(sentences), {**facts, "missed": missed})
