"""The commands that look after the directory: history, export, import, settings, doctor."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rosterdesk.cli import edits, forgetting, options
from rosterdesk.cli.editing import find, number, pairs
from rosterdesk.cli.letters import letters
from rosterdesk.cli.output import output
from rosterdesk.cli.rollover import rollover
from rosterdesk.directory.edit import editing
from rosterdesk.directory.export import export as export_directory
from rosterdesk.directory.governing import change_settings
from rosterdesk.directory.history import list_runs
from rosterdesk.directory.load import import_ as import_directory
from rosterdesk.directory.permissions import at_keyboard, list_grants
from rosterdesk.directory.settings import DISTRICT, as_text, effect, get_settings
from rosterdesk.doctor import look, sentences

_directory = typer.Typer(help="The whole directory: export, import, settings.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(history)
    app.command()(doctor)
    _directory.command(name="export")(export)
    _directory.command(name="import")(import_)
    _directory.command(name="settings")(settings)
    _directory.command(name="permissions")(permissions)
    _directory.command(name="letters")(letters)
    _directory.command(name="rollover")(rollover)
    _directory.add_typer(edits.group, name="edit")
    forgetting.register(_directory)
    app.add_typer(_directory, name="directory")


def history(
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    limit: Annotated[int, typer.Option(help="How many runs.")] = 20,
    acting_as: options.ActingAs = None,
    json: options.Json = False,
) -> None:
    """List the latest runs: when, who, what, and how each ended."""
    with (
        options.directory(where, key_file, unencrypted, output.run, create=False, acting_as=acting_as) as directory,
        directory.read(output.run) as connection,
    ):
        runs = list_runs(connection, directory.district, limit=limit)
    output.table(
        ("Run", "When (UTC)", "Kind", "State", "Who", "Source", "Created", "Changed", "Archived"),
        (
            (
                r.number,
                r.started,
                r.kind.value,
                r.state.value,
                r.who,
                r.source,
                *(_total(r.counts, c) for c in ("created", "updated", "archived")),
            )
            for r in runs
        ),
        numbers=(0, 6, 7, 8),
    )
    output.result({"runs": [asdict(r) for r in runs]})


def _total(counts: object, name: str) -> int:
    return sum(int(c.get(name, 0)) for c in counts.values()) if isinstance(counts, dict) else 0


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    acting_as: options.ActingAs = None,
    json: options.Json = False,
) -> None:
    """Write the whole directory as sorted CSV files: two exports are equal exactly when two directories are."""
    with options.directory(where, key_file, unencrypted, output.run, create=False, acting_as=acting_as) as directory:
        counts = export_directory(directory, folder, output.run)
    output.table(("Table", "Rows"), counts.items(), numbers=(1,))
    output.result({"folder": str(folder), "rows": counts})


def import_(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `directory export` wrote.")],
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    json: options.Json = False,
) -> None:
    """Read an export into an empty directory."""
    with options.directory(where, key_file, unencrypted, output.run) as directory:
        number = import_directory(directory, folder, output.run)
    output.say(f"Imported as run {number}.")
    output.result({"run": number})


def settings(
    changes: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME=VALUE...]", help="What to set; nothing: only show.")
    ] = None,
    school: edits.At = None,
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    json: options.Json = False,
) -> None:
    """Show the settings of the district or of a school with what each does, or change them."""
    wanted = pairs(changes or ())
    with options.directory(where, key_file, unencrypted, output.run) as directory:
        if wanted:
            with editing(directory, "changing settings", "directory settings", run=output.run) as edit:
                change_settings(edit, wanted, DISTRICT if school is None else number(edit, "schools", school))
        with directory.read(output.run) as connection:
            person = at_keyboard(directory, connection)
            place = DISTRICT if school is None else find(connection, directory.district, person, "schools", school)
            holding = asdict(get_settings(connection, directory.district, place))
    now = {name: as_text(value) for name, value in holding.items()}
    output.table(("Setting", "Value", "What it does"), ((n, now[n], effect(n, holding[n])) for n in now))
    output.result({"settings": now})


def permissions(
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    json: options.Json = False,
) -> None:
    """List who may do what, and in which school."""
    with (
        options.directory(where, key_file, unencrypted, output.run, create=False) as directory,
        directory.read(output.run) as connection,
    ):
        given = list_grants(connection, directory.district)
    output.table(("Who", "Permission", "School"), given)
    output.result({"permissions": [{"who": who, "permission": p, "school": school} for who, p, school in given]})


def doctor(json: options.Json = False) -> None:
    """Tell in plain words what is installed, reachable and allowed here."""
    facts = look()
    for sentence in sentences(facts):
        output.say(sentence)
    output.result(asdict(facts))
