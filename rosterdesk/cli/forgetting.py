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
        typer.Option(min=1, max=1200, help="Forget the history that is older; else as the settings say."),
    ] = None,
    yes: _Yes = False,
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    json: options.Json = False,
) -> None:
    """Remove what is older than the settings say: history, runs that wait, unfinished work, delivered files.

    Runs whose history is forgotten can't be taken back any more. No record changes. Jobs do the same at their end, but
    only for times that somebody has set; the usual ones hold here, where numbers are shown first.
    """
    from rosterdesk.jobs import retention

    with options.directory(where, key_file, unencrypted, output.run, create=False) as directory:
        foreseen = None
        if not yes and output.attended:
            foreseen = retention.foresee(directory, output.run, months=months)
            for sentence in foreseen.sentences:
                output.say(sentence)
            if foreseen.sentences and not output.confirm("Remove all that for good?"):
                raise HeldError("Nothing was removed.", "You did not confirm it.")
        done = retention.clean_up(directory, output.run, months=months, agreed=foreseen)
    for sentence in done.sentences or ("There is nothing that is old enough to be removed.",):
        output.say(sentence)
    output.result(
        {
            **asdict(done.history),
            "discarded": list(done.discarded),
            "staged": done.staged,
            "delivered": dict(done.delivered),
            "by": list(done.by),
            "faults": list(done.faults),
            "unsent": list(done.unsent),
        }
    )
    if done.faults:
        raise typer.Exit(HeldError.exit_code)


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
