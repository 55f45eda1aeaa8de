"""The test of a job: as the system's scheduler starts it, and what that start itself does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from rosterdesk.cli import options
from rosterdesk.cli.output import output
from rosterdesk.errors import HeldError
from rosterdesk.jobs.file import Job, load


def register(jobs: typer.Typer) -> None:
    """Add the command to those of jobs."""
    jobs.command(name="test")(try_)


def try_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The job's name.", show_default=False)],
    json: options.Json = False,
) -> None:
    """Have the system start a job now as it does at night, up to the push, and say how that went."""
    told = try_job(load(name))
    output.result(told)
    leave(told)


def try_job(job: Job) -> dict[str, object]:
    """Have the system test the job, wait for how it goes, and say it."""
    from rosterdesk.jobs.schedulers import scheduler
    from rosterdesk.jobs.testing import try_in_context

    done = try_in_context(job, scheduler(), output.run)
    for sentence in done.said:
        output.say(sentence)
    if done.good:
        output.say("The test run went through as at night. Nothing was pushed.")
    else:
        output.say(
            f"{job.name} is saved, but at night it would not run. `rosterdesk jobs test {job.name}` tries again."
        )
    return {"test": {"good": done.good, "said": list(done.said)}}


def try_here(job: Job) -> None:
    """Test the job in this process: what the scheduler starts. Exits as a run would."""
    from rosterdesk.jobs import testing

    done = testing.try_here(job, output.run)
    for sentence in done.said:
        output.say(sentence)
    output.result({"job": job.name, "outcome": "tested" if done.good else "test failed", "said": list(done.said)})
    if done.exit_code:
        raise typer.Exit(done.exit_code)


def leave(told: Mapping[str, object]) -> None:
    """Exit as somebody who must look, where a test did not go through."""
    found = told.get("test")
    if isinstance(found, dict) and not found["good"]:
        raise typer.Exit(HeldError.exit_code)
