"""Pushing a run that a job has held: what `push --approve` does where no source is named."""

from __future__ import annotations

from pathlib import Path

from rosterdesk.cli import options
from rosterdesk.cli.output import output
from rosterdesk.cli.telling import outcome
from rosterdesk.errors import UsageError
from rosterdesk.jobs.approval import Part, approve_of_job
from rosterdesk.model import Outcome


def push_held(
    digest: str, *, additions_only: bool, schools: tuple[str, ...], given: tuple[str | None, Path | None, bool]
) -> None:
    """Push the run that waits with this plan, or a part of it; `given` are the options that name the directory.

    Raises `UsageError` when none waits or no job has made it, `HeldError` when it is another plan by now.
    """
    from rosterdesk.directory.holds import find

    with options.directory(*given, output.run, create=False) as directory:
        with directory.read(output.run) as connection:
            past = find(connection, directory.district, digest)
        if not past.job:
            raise UsageError(
                f"Run {past.number} was made by hand.", f"Name its source: rosterdesk push SOURCE --approve {digest}."
            )
        done = approve_of_job(directory, past, Part(additions_only, schools), output.run)
    output.say(f"Done as run {done.run}. To take it back: rosterdesk undo {done.run}")
    output.result(outcome(done.run, Outcome.DONE, done.plan, past.problems))
