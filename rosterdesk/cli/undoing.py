"""The command that takes a run back."""

from __future__ import annotations

from typing import Annotated

import typer

from rosterdesk.cli import options
from rosterdesk.cli.output import output
from rosterdesk.errors import HeldError


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(undo)


def undo(
    number: Annotated[
        int,
        typer.Argument(metavar="RUN", min=1, max=2**31 - 1, help="The run's number, as `rosterdesk history` lists it."),
    ],
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask before files are delivered again.")] = False,
    deliver: Annotated[
        bool,
        typer.Option("--deliver/--no-deliver", help="Bring an outlet that got the run's files back to before, too."),
    ] = True,
    marked: Annotated[
        bool,
        typer.Option(
            "--marked",
            help="Of the first run, before which there was nobody: deliver its records marked tobedeleted (OneRoster).",
        ),
    ] = False,
    json: options.Json = False,
) -> None:
    """Take back what a run did, also at the outlet that it was delivered to.

    What was changed again since then is left as it is, and told.
    """
    from rosterdesk.jobs import takeback

    with options.directory(where, key_file, unencrypted, output.run, create=False) as directory:
        past = takeback.delivered_by(directory, number, output.run) if deliver else None
        if past is not None and past.files and not yes:
            output.say(f"Run {number} was delivered to {past.outlet}. It gets the files of the roster before the run.")
            if not output.confirm("Take it back there too?"):
                raise HeldError("Nothing was taken back.", "Say --yes, or --no-deliver to leave the outlet as it is.")
        try:
            result = takeback.take_back(directory, number, output.run, deliver=deliver, marking=marked)
        except takeback.OnlyMarked as only:
            if yes or not output.attended:
                raise
            output.say(str(only))
            if not output.confirm("Send the marks?"):
                raise HeldError("Nothing was taken back.", "Say --no-deliver to leave the outlet as it is.") from only
            result = takeback.take_back(directory, number, output.run, marking=True)
    output.say(f"Run {number} is taken back (as run {result.run}).")
    if result.delivered is not None:
        output.say(takeback.sentence(result.run, result.delivered))
    if result.left_count:
        output.say(f"{result.left_count:,} values were changed again later and are left as they are.")
    output.result(
        {
            "run": result.run,
            "undone": result.undone,
            "changes": dict(result.counts),
            "left": result.left_count,
            "delivered": result.delivered.outlet if result.delivered is not None else None,
            "marked": result.delivered.marked if result.delivered is not None else 0,
            "untold": list(result.delivered.untold) if result.delivered is not None else [],
        }
    )
