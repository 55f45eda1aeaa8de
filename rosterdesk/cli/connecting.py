"""The commands about connections: add, test, list, remove."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from rosterdesk.cli import options
from rosterdesk.cli.output import output
from rosterdesk.connections import Connection, Kind, Part, Place, Said, Tested, connections, load, secret_of
from rosterdesk.connections import remove as forget
from rosterdesk.connections import save as keep
from rosterdesk.errors import RosterDeskError, SecretError, UnreachableError, UsageError
from rosterdesk.sources.remote import open_source

SECRET_VARIABLE = "ROSTERDESK_SECRET"
_SHOWN = 20
_USE = "use=outlet"  # the option that says what a connection is for
# What a connection of a kind is asked for where nobody says which secret it has.
_USUAL = {
    Kind.CLEVER: Part.TOKEN,
    Kind.CLASSLINK: Part.SECRET,
    Kind.CLASSLINK_PROXY: Part.TOKEN,
    Kind.ONEROSTER: Part.SECRET,
    Kind.SFTP: Part.PASSWORD,
}

_connections = typer.Typer(help="Saved ways to reach a source or an outlet.", no_args_is_help=True)
_Name = Annotated[str, typer.Argument(metavar="NAME", help="The connection's name.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    _connections.command()(add)
    _connections.command(name="test")(try_)
    _connections.command(name="list")(list_)
    _connections.command()(remove)
    app.add_typer(_connections, name="connections")


def add(
    name: _Name,
    kind: Annotated[Kind, typer.Option(help="What is at the other end.", show_default=False)],
    address: Annotated[str, typer.Option(help="Base address or host; empty: the vendor's own.")] = "",
    option: Annotated[
        list[str] | None, typer.Option("--option", metavar="NAME=VALUE", help="May be given several times.")
    ] = None,
    secret: Annotated[
        list[Part] | None,
        typer.Option(
            "--secret-part",
            help=f"Which secret it has. It is asked for, or read from standard input, or from {SECRET_VARIABLE}.",
            show_default=False,
        ),
    ] = None,
    no_secret: Annotated[bool, typer.Option("--no-secret", help="It has none, such as with an SSH agent.")] = False,
    district: Annotated[str, typer.Option(help="Clever: the district, where the client is for several.")] = "",
    outlet: Annotated[bool, typer.Option("--outlet", help="It receives files; try it so.")] = False,
    no_test: Annotated[bool, typer.Option("--no-test", help="Save it without trying it.")] = False,
    json: options.Json = False,
) -> None:
    """Save a connection, with its secret in the system keyring, and try it."""
    pairs = [*(option or []), *([f"district={district}"] if district else []), *([_USE] if outlet else [])]
    made = Connection(name, kind, address, _pairs(pairs))
    if outlet:
        from rosterdesk.push import check_connection

        check_connection(made)
    parts = [] if no_secret else secret or [_USUAL[kind] if "client-id" not in made.options else Part.SECRET]
    made = _prepared(made)
    known = _before(name)
    secrets = {part: _asked(part, len(parts)) for part in parts}
    earlier = {part: secret_of(known, part) for part in parts} if known else {}
    keep(made, secrets)
    if no_test:
        output.say(f"{name} is saved and not tried.")
        output.result({"name": name, "kind": kind.value, "saved": True})
        return
    try:
        tested = _tested(made)
    except (RosterDeskError, KeyboardInterrupt):
        # A connection that was refused leaves nothing behind; one that replaced another leaves that as it was.
        if known is None:
            forget(name)
        else:
            keep(known, {part: value for part, value in earlier.items() if value is not None})
        raise
    output.say(f"{name} is saved.")
    _tell(made, tested, saved=True)


def try_(
    name: _Name,
    outlet: Annotated[bool, typer.Option("--outlet", help="Try it as one that receives files.")] = False,
    unattended: Annotated[
        bool, typer.Option("--unattended", help="Try it as the system's scheduler starts a job: without your session.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Try a connection as a run of this user would use it, and tell what works."""
    connection = load(name)
    if unattended:
        from rosterdesk.cli.unattended import try_alone

        try_alone(connection, outlet=outlet)
        return
    _tell(connection, _tested(connection, outlet=outlet))
    output.say(f"Whether it works at night too, tells `rosterdesk connections test {name} --unattended`.")


def _tested(connection: Connection, *, outlet: bool = False) -> Tested:
    """What works of a connection, as the source or the outlet that it is meant to be."""
    output.run.hear(_tell_one)
    if outlet or _USE in {f"{key}={value}" for key, value in connection.options.items()}:
        from rosterdesk.push import remote

        return remote.test(connection, output.run)
    return open_source(connection).test(output.run)


def list_(json: options.Json = False) -> None:
    """List the connections. Secrets are never shown."""
    found = [_described(c) for c in connections()]
    output.table(
        ("Name", "Kind", "Address", "Options", "Secrets", "Created (UTC)"),
        (
            (
                c["name"],
                c["kind"],
                c["address"] or "the vendor's own",
                ", ".join(f"{k}={v}" for k, v in c["options"].items()),
                ", ".join(c["secrets"]) or "none",
                c["created"],
            )
            for c in found
        ),
    )
    if not found:
        output.say("There is no connection yet. `rosterdesk connections add --help` tells how to make one.")
    output.result({"connections": found})


def remove(name: _Name, json: options.Json = False) -> None:
    """Forget a connection and its secrets. What it brought stays in the directory."""
    forget(name)
    output.say(f"{name} is removed.")
    output.result({"removed": name})


def _prepared(connection: Connection) -> Connection:
    """The connection after what its kind wants to settle with a person, such as the key of an SFTP server."""
    if connection.kind is not Kind.SFTP:
        return connection
    from rosterdesk.sources import sftp

    prepare = getattr(sftp, "prepare", None)
    return connection if prepare is None else prepare(connection, output.confirm)


def _before(name: str) -> Connection | None:
    return load(name) if any(c.name == name for c in connections()) else None


def _pairs(given: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"{one!r} is no option of a connection.", "Write it as --option NAME=VALUE.")
        if any(part.value == key.strip() for part in Part):
            raise UsageError(
                f"The {key.strip()} is a secret and is not written on the command line.",
                f"It is asked for; or name it with --secret-part {key.strip()}.",
            )
        pairs[key.strip()] = value.strip()
    return pairs


def _asked(part: Part, of: int) -> str:
    """A secret: from the environment, from a person, or the next line of standard input."""
    variable = SECRET_VARIABLE if of == 1 else f"{SECRET_VARIABLE}_{part.name}"
    if value := os.environ.get(variable):
        return value
    if sys.stdin.isatty():
        output.done()
        value = getpass.getpass(f"{part.value.capitalize()}: ")
    else:
        value = sys.stdin.readline().rstrip("\r\n")
    if not value:
        raise SecretError(f"There is no {part.value}.", f"Enter it, or set {variable}, or use --no-secret.")
    return value


def _described(connection: Connection) -> dict[str, Any]:
    try:
        kept = [part.value for part in Part if secret_of(connection, part) is not None]
    except SecretError:
        kept = ["the keyring is not to be had"]
    return {
        "name": connection.name,
        "kind": connection.kind.value,
        "address": connection.address,
        "options": dict(connection.options),
        "secrets": kept,
        "created": connection.created.isoformat(sep=" ", timespec="minutes")[:16],
    }


def _tell_one(found: object) -> None:
    """Say a sentence of a test when it is known."""
    from rosterdesk.jobs.alone import line_of

    if isinstance(found, Said):
        output.say(line_of(found))


def _tell(connection: Connection, tested: Tested, *, saved: bool = False) -> None:
    for title, places in (("Districts", tested.districts), ("Schools", tested.schools)):
        if places:
            output.say(f"{title}:")
            for place in places[:_SHOWN]:
                output.say(f"  {place.name or 'no name'} ({place.id})")
            if len(places) > _SHOWN:
                output.say(f"  and {len(places) - _SHOWN:,} more")
    output.result(
        {
            "name": connection.name,
            "kind": connection.kind.value,
            "saved": saved,
            "good": tested.good,
            "said": [{"verdict": one.verdict.value, "sentence": one.sentence} for one in tested.said],
            "districts": _listed(tested.districts),
            "schools": _listed(tested.schools),
            "counts": dict(tested.counts),
        }
    )
    if not tested.good:
        raise typer.Exit(UnreachableError.exit_code)


def _listed(places: Sequence[Place]) -> list[dict[str, str]]:
    return [{"id": place.id, "name": place.name} for place in places]
