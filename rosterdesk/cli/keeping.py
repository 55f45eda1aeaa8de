"""The commands that look after the directory: history, export, import, settings, doctor."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rosterdesk import __version__, paths
from rosterdesk.cli import options
from rosterdesk.cli.output import output
from rosterdesk.credentials import keyring_name
from rosterdesk.directory.export import export as export_directory
from rosterdesk.directory.history import list_runs
from rosterdesk.directory.load import import_ as import_directory
from rosterdesk.directory.settings import as_text, get_settings, set_settings
from rosterdesk.errors import UsageError

_directory = typer.Typer(help="The whole directory: export, import, settings.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(history)
    app.command()(doctor)
    _directory.command(name="export")(export)
    _directory.command(name="import")(import_)
    _directory.command(name="settings")(settings)
    app.add_typer(_directory, name="directory")


def history(
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    limit: Annotated[int, typer.Option(help="How many runs.")] = 20,
    json: options.Json = False,
) -> None:
    """List the latest runs: when, who, what, and how each ended."""
    with (
        options.directory(where, key_file, unencrypted, output.run, create=False) as directory,
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
    json: options.Json = False,
) -> None:
    """Write the whole directory as sorted CSV files: two exports are equal exactly when two directories are."""
    with options.directory(where, key_file, unencrypted, output.run, create=False) as directory:
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
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    json: options.Json = False,
) -> None:
    """Show or change the settings of the district."""
    wanted = dict(_setting(change) for change in changes or ())
    with options.directory(where, key_file, unencrypted, output.run) as directory:
        if wanted:
            with directory.transaction("changing settings", output.run) as connection:
                set_settings(connection, directory.district, wanted)
        with directory.read(output.run) as connection:
            now = {name: as_text(value) for name, value in asdict(get_settings(connection, directory.district)).items()}
    output.table(("Setting", "Value"), now.items())
    output.result({"settings": now})


def _setting(change: str) -> tuple[str, str | None]:
    name, equals, value = change.partition("=")
    if not equals:
        raise UsageError(f"{change} sets nothing.", "Write NAME=VALUE; NAME= returns to the default.")
    return name.strip(), value.strip() or None


def doctor(json: options.Json = False) -> None:
    """Tell in plain words what is installed, reachable and allowed here."""
    home = paths.home()
    free = shutil.disk_usage(home).free
    keyring = keyring_name()
    found = {
        "rosterdesk": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "duckdb": importlib.metadata.version("duckdb"),
        "keyring": keyring,
        "home": str(home),
        "free_gib": round(free / 2**30, 1),
        "directory": str(paths.default_directory()) if paths.default_directory().exists() else None,
    }
    output.say(f"RosterDesk {__version__} on {found['system']}, Python {found['python']}.")
    output.say(f"Your files are in {home}; {found['free_gib']} GiB are free there.")
    output.say(
        f"Secrets are kept in {keyring}."
        if keyring
        else "There is no usable keyring here: use a passphrase or --key-file."
    )
    output.say(
        f"Your directory is {found['directory']}."
        if found["directory"]
        else "You have no directory yet; the first push makes it."
    )
    output.result(found)
