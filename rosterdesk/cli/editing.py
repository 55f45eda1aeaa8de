"""How the commands of `rosterdesk directory edit` are made: the options that all share, and how records are named."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import sqlalchemy as sa
import typer

from rosterdesk.cli import options
from rosterdesk.cli.output import output
from rosterdesk.directory import sight
from rosterdesk.directory.edit import SINGULAR, Edit, editing
from rosterdesk.directory.permissions import Person
from rosterdesk.directory.schema import RECORDS
from rosterdesk.errors import UsageError

group = typer.Typer(
    help="Change the directory by hand. Every edit is a run that can be taken back.", no_args_is_help=True
)


def _shared(
    *,
    why: Annotated[str, typer.Option("--why", help="The reason; it stands in the history.", show_default=False)],
    acting_as: options.ActingAs = None,
    since: Annotated[
        int | None,
        typer.Option(help="Refuse when a run later than this one changed the same record.", show_default=False),
    ] = None,
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    json: options.Json = False,
) -> None:
    """The options of every edit."""


def command(function: Callable[..., object]) -> Callable[..., object]:
    """Make a command of a function whose first argument is the edit; its docstring says what the edit does."""
    own = list(inspect.signature(function).parameters.values())[1:]
    hints = get_type_hints(function, include_extras=True)
    shared_hints = get_type_hints(_shared, include_extras=True)
    what = (function.__doc__ or "").partition(".")[0]

    def run(**given: Any) -> None:
        shared = {name: given.pop(name) for name in shared_hints if name in given}
        where, key_file, unencrypted = shared["where"], shared["key_file"], shared["unencrypted"]
        with _directory(where, key_file, unencrypted) as directory:
            options_ = {"acting_as": shared["acting_as"], "since": shared["since"], "run": output.run}
            with editing(directory, what[0].lower() + what[1:], shared["why"], **options_) as edit:
                made = function(edit, **given)
        number = edit.run if edit.counts else None
        output.say(f"Done as run {number}." if number else "It was so already; nothing was changed.")
        if isinstance(made, int):
            output.say(f"It is #{made}.")
        elif isinstance(made, dict):
            output.table(("Student", "Join code"), made.items())
        counts = {entity: dict(numbers) for entity, numbers in edit.counts.items()}
        output.result({"run": number, "made": made, "counts": counts})

    parameters = [p.replace(annotation=hints[p.name]) for p in own]
    parameters += [p.replace(annotation=shared_hints[p.name]) for p in inspect.signature(_shared).parameters.values()]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    run.__doc__ = function.__doc__
    group.command(name=function.__name__.strip("_").replace("_", "-"))(run)
    return function


def _directory(where: str | None, key_file: Path | None, unencrypted: bool) -> Any:
    return options.directory(where, key_file, unencrypted, output.run, create=False)


def number(edit: Edit, entity: str, name: str) -> int:
    """The number of the record that a person names: `#` and the number, else the SIS ID, or, of a student, the
    identifier that the settings say. Raises `UsageError` when this person may see none, or more than one.
    """
    column = edit.settings().student_id.value if entity == "students" else "sis_id"
    return find(edit.conn, edit.district, edit.person, entity, name, column)


def find(conn: sa.Connection, district: int, person: Person, entity: str, name: str, column: str = "sis_id") -> int:
    """The number of the one record that the person sees with this identifier, or with this number after `#`. Raises
    `UsageError`.
    """
    digits = name.removeprefix("#")
    if name.startswith("#") and digits.isascii() and digits.isdigit():
        return int(digits)
    table = RECORDS[entity]
    mine = (table.c.district == district, *sight.seen(person, district, table))
    found = list(conn.execute(sa.select(table.c.id).where(*mine, table.c[column] == name).limit(2)).scalars())
    if len(found) != 1:
        several, of = ("Several records", "are") if found else ("No record", "is")
        here = "" if person.schools is None else " in your schools"
        raise UsageError(f"{several}{here} {of} named {name}.", f"Name the {SINGULAR[entity]} by # and its number.")
    return int(found[0])


def pairs(texts: Sequence[str]) -> dict[str, str | None]:
    """FIELD=VALUE arguments; an empty value is None. Raises `UsageError`."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"{text} sets nothing.", "Write FIELD=VALUE; FIELD= empties it.")
        found[name.strip()] = value.strip() or None
    return found
