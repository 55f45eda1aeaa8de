"""The command line: the same program for IT, schedulers and tests."""

from __future__ import annotations

import signal
import traceback
from collections.abc import Sequence
from importlib import import_module
from types import FrameType
from typing import Annotated

import duckdb
import typer

from rosterdesk import __version__, paths
from rosterdesk.cli.output import Output, output
from rosterdesk.errors import FileError, HeldError, RosterDeskError
from rosterdesk.log import log, to_file

# Which module of this package holds which commands: only what is asked for is loaded.
_MODULES = {
    "commands": ("read", "map", "check", "preview", "push"),
    "undoing": ("undo",),
    "keeping": ("history", "doctor", "directory"),
    "demo": ("demo",),
    "matching": ("match",),
    "merging": ("matches", "decide", "merge", "unmerge"),
    "onboarding": ("rekey", "adopt"),
    "switching": ("onboard",),
    "connecting": ("connections",),
    "recurring": ("jobs", "run"),
    "receipts": ("receipts",),
}


def program(command: str = "") -> typer.Typer:
    """The program, with the commands of the module that holds this one; with all, where none holds it."""
    app = typer.Typer(
        name="rosterdesk",
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Bring school rosters into a directory, see what will change first, and take it back when it was wrong.",
    )
    app.callback()(_itself)
    holding = [module for module, names in _MODULES.items() if command in names]
    for module in holding or _MODULES:
        import_module(f"rosterdesk.cli.{module}").register(app)
    return app


def _say_version(wanted: bool) -> None:
    if wanted:
        output.say(f"RosterDesk {__version__}")
        raise typer.Exit


def _itself(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    # Beside this, even a program of one command is called by that command's name.
    pass


def run(arguments: Sequence[str]) -> int:
    """Run one command; return its exit code: 0 done, 2 usage, 3 blocked or held, 4 connection, 5 file, 6 secret, 7
    directory, 1 a bug.
    """
    told = output.reset(as_json="--json" in arguments)
    signal.signal(signal.SIGINT, _interrupted)
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        paths.private_files()
        paths.remove_leftovers()
        to_file(paths.home() / "logs" / "rosterdesk.log")
        log.info("command %s", arguments[0] if arguments else "")
        code = program(arguments[0] if arguments else "")(args=list(arguments), standalone_mode=False)
        return int(code or 0)
    except typer.TyperException as error:
        told.error("The command was not understood.", error.format_message(), "`rosterdesk --help` lists the commands.")
        return error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        told.error("Stopped.", "Nothing was changed.")
        return HeldError.exit_code
    except RosterDeskError as error:
        log.warning("%s: exit %d", type(error).__name__, error.exit_code)
        told.error(error.title, error.advice, error.detail)
        return error.exit_code
    except BrokenPipeError:
        return 0  # whoever reads our output has seen enough
    except OSError as error:
        told.error("A file or folder could not be used.", "Nothing was changed.", error.strerror or "")
        return FileError.exit_code
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        advice = "Nothing was changed. Free memory or disk space, or look whether a table has far too many columns."
        told.error("The source is too large for this computer.", advice, type(error).__name__)
        return FileError.exit_code
    except Exception as error:  # noqa: BLE001 - the outermost frame: an unforeseen fault becomes a report without student data
        return _bug(told, error)


def _interrupted(number: int, frame: FrameType | None) -> None:
    if output.run.cancelled:  # asked twice: whatever ignores the first request is left at once
        raise KeyboardInterrupt
    output.run.cancel()


def _bug(told: Output, error: Exception) -> int:
    # Where it happened, and the kind of the error, but not its text, which may hold cells.
    frames = "\n".join(f"  {f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__))
    report = f"{type(error).__name__}\n{frames}\n"
    log.error("a fault of the program: %s", report)
    try:
        send = f"Please send us {paths.keep_report(report)}; it holds no student data."
    except OSError:  # a full disk: the report stands below it all the same
        send = "Please send us the lines below; they hold no student data."
    told.error("RosterDesk has a fault of its own.", f"Nothing was changed. {send}", report)
    return 1


__all__ = ["program", "run"]
