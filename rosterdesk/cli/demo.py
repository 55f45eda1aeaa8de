"""The sample district: the whole path on invented data, in a folder of its own, without a keyring."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rosterdesk import paths, pipeline
from rosterdesk.cli import options
from rosterdesk.cli.output import output
from rosterdesk.cli.telling import outcome, tell_plan
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from rosterdesk.model import Outcome


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(demo)


def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="Show everything here instead of in the window.")
    ] = False,
    at: Annotated[
        Path | None, typer.Option("--at", metavar="DIR", help="The folder of the demo.", show_default=False)
    ] = None,
    json: options.Json = False,
) -> None:
    """Try RosterDesk on an invented district: two mornings of its SIS, with every common fault in the files."""
    if not headless:
        output.say("There is no screen here, so this is the demo in words.\n")
    folder = paths.demo_folder(at)
    where, key_file = folder / "directory.db", folder / "directory.key"
    results = []
    with open_directory(where, KeySource(file=key_file), run=output.run) as directory:
        for day, story in (
            ("day1", "The first morning: the directory is empty."),
            ("day2", "The next morning: the SIS has changed."),
        ):
            output.say(f"{story}\n")
            with pipeline.roster([paths.RESOURCES / "sample" / day], output.run) as roster:
                groups = roster.staging.rows(
                    "select severity, code, count(*), any_value(message) from problems group by all order by 1, 2"
                )
                output.table(("", "What was wrong", "Rows", "For example"), groups, numbers=(2,))
                output.say()
                plan = pipeline.preview(roster, directory)
                tell_plan(roster, plan)
                if plan.tripped:
                    output.say("This goes over a limit, so nothing is pushed until a person has looked.\n")
                    results.append(outcome(None, Outcome.HELD, plan, roster.problems()))
                    continue
                number = pipeline.apply(roster, plan, directory)
                output.say(f"Pushed as run {number}.\n")
                results.append(outcome(number, Outcome.DONE, plan, roster.problems()))
    last = max((r["run"] for r in results if r["run"]), default=1)
    output.say(f"The demo's directory is {where}. To take the last run back:")
    output.say(f"  rosterdesk undo {last} --directory {where} --key-file {key_file}")
    output.say("Before you push a roster of your own:")
    output.say("  rosterdesk preview YOUR-FILES")
    output.result({"directory": str(where), "key_file": str(key_file), "runs": results})
