"""The commands that bring jobs from one computer to another, and what they need beside their files."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from rosterdesk.cli import options
from rosterdesk.cli.output import output
from rosterdesk.errors import SecretError
from rosterdesk.jobs import keeping

_Name = Annotated[str, typer.Argument(metavar="NAME", help="The job's name.", show_default=False)]


def register(jobs: typer.Typer) -> None:
    """Add the commands to those of jobs."""
    jobs.command()(copy)
    jobs.command()(export)
    jobs.command(name="import")(import_)
    jobs.command(name="mail-password")(mail_password)


def copy(
    name: _Name,
    new: Annotated[str, typer.Argument(metavar="NEW", help="The name of the copy.", show_default=False)],
    json: options.Json = False,
) -> None:
    """Make a second job like this one, paused, so that it can be changed first."""
    keeping.copied(name, new)
    output.say(f"{new} is like {name}, and paused.")
    output.result({"job": new})


def export(
    name: _Name,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where its files go.", show_default=False)],
    json: options.Json = False,
) -> None:
    """Write a job's files into a folder, without secrets, for another computer."""
    files = keeping.exported(name, folder)
    output.say(f"Written: {', '.join(file.name for file in files)}. Secrets stay in this computer's keyring.")
    output.result({"files": [str(file) for file in files]})


def import_(
    file: Annotated[Path, typer.Argument(metavar="JOB.toml", help="A file that export wrote.", show_default=False)],
    json: options.Json = False,
) -> None:
    """Take over a job from another computer, paused: look at its sources, then resume it."""
    job = keeping.imported(file)
    output.say(f"{job.name} is here, and paused. `rosterdesk jobs resume {job.name}`, then `jobs schedule`, start it.")
    output.result({"job": job.name})


def mail_password(
    user: Annotated[str, typer.Argument(metavar="USER", show_default=False)],
    host: Annotated[str, typer.Argument(metavar="HOST", show_default=False)],
    json: options.Json = False,
) -> None:
    """Keep the password of a mail server in the keyring; it is asked for, or read from ROSTERDESK_SECRET."""
    from rosterdesk.credentials import keep_secret
    from rosterdesk.jobs.notices import KEYRING

    secret = os.environ.get("ROSTERDESK_SECRET") or (getpass.getpass() if sys.stdin.isatty() else "")
    if not secret:
        raise SecretError("No password was given.", "Type it when asked, or set ROSTERDESK_SECRET.")
    keep_secret(KEYRING, f"{user} {host}", secret)
    output.say("Kept in the keyring.")
    output.result({"user": user, "host": host})
