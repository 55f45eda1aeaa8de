"""The commands that forget personal data: old history, and a person who has left."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from rosterdesk.cli import options
from rosterdesk.cli.output import output
from rosterdesk.errors import HeldError, UsageError

_Yes = Annotated[bool, typer.Option("--yes", help="Don't ask.")]


def register(directory: typer.Typer) -> None:
    """Add the commands to those of the directory."""
    directory.command()(purge)
    directory.command()(erase)


def purge(
    months: Annotated[
        int | None,
        typer.Option(min=1, max=1200, help="Forget what is older than so many months; else as the settings say."),
    ] = None,
    yes: _Yes = False,
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    json: options.Json = False,
) -> None:
    """Forget, for good, what runs changed long ago: those runs can't be taken back any more. No record changes."""
    from rosterdesk.directory import forgetting

    if not yes and not output.confirm("Forget the old history for good?"):
        raise HeldError("Nothing was forgotten.", "You did not confirm it.")
    with options.directory(where, key_file, unencrypted, output.run, create=False) as directory:
        done = forgetting.purge(directory, output.run, months=months)
    if done.run is None:
        output.say("There is no history that is old enough to be forgotten.")
    else:
        output.say(f"Forgotten as run {done.run}: {done.changes:,} changes of {done.runs:,} runs. Their numbers stay.")
    output.result(asdict(done))


def erase(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="students, staff or guardians.", show_default=False)],
    sis_id: Annotated[str, typer.Argument(metavar="ID", help="The SIS ID, or #NUMBER of a record without one.")],
    with_guardians: Annotated[
        bool, typer.Option("--with-guardians", help="Also guardians who have left and have no other child here.")
    ] = False,
    yes: _Yes = False,
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    json: options.Json = False,
) -> None:
    """Erase a person who has left, for good: the record and every trace of it in the history."""
    import sqlalchemy as sa

    from rosterdesk.directory import forgetting
    from rosterdesk.directory.schema import PEOPLE, RECORDS

    if kind not in PEOPLE:
        raise UsageError(f"{kind} are no people.", f"Erase one of the {', '.join(PEOPLE)}.")
    with options.directory(where, key_file, unencrypted, output.run, create=False) as directory:
        table = RECORDS[kind]
        number = sis_id.removeprefix("#")
        one = table.c.id == int(number) if sis_id != number and number.isdecimal() else table.c.sis_id == sis_id
        with directory.read(output.run) as connection:
            record = connection.execute(
                sa.select(table.c.id).where(table.c.district == directory.district, one)
            ).scalar()
        if record is None:
            raise UsageError(f"There is no such record among the {kind}.", "Look for it in the directory.")
        if not yes and not output.confirm("Erase this person for good? This can't be taken back."):
            raise HeldError("Nobody was erased.", "You did not confirm it.")
        done = forgetting.erase(directory, kind, record, output.run, with_guardians=with_guardians)
    output.say(
        f"Erased as run {done.run}: {done.records:,} people with {done.links:,} links, and {done.changes:,} changes."
    )
    output.say(f"{done.runs:,} runs can't be taken back any more.")
    output.say(
        "Files that were exported or delivered, and corrections kept with a mapping, are elsewhere: look there too."
    )
    output.result(asdict(done))
