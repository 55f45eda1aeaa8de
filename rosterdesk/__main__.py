"""Starts RosterDesk: the window without arguments or for the demo, else the command line."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

_NO_SCREEN = "There is no screen here to show the window on. `rosterdesk --help` lists what works without one."


def main() -> None:
    """Run the program that the arguments ask for and leave with its exit code."""
    arguments = sys.argv[1:]
    if not arguments:
        if not has_screen():
            print(_NO_SCREEN, file=sys.stderr)  # noqa: T201 - neither the window nor the command line is running
            sys.exit(2)
        sys.exit(_window(demo=False))
    if (at := demo_window(arguments)) is not None and has_screen():
        sys.exit(_window(demo=True, at=at[0] if at else None))
    # What a thousand modules make while they load is there to stay: looking through it for garbage is lost time.
    gc.disable()
    from rosterdesk.cli import run

    gc.freeze()
    gc.enable()
    sys.exit(run(arguments))


def has_screen() -> bool:
    """Whether a window can be shown here. Knows no Qt, which would cost every command a fifth of a second."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def demo_window(arguments: Sequence[str]) -> tuple[Path, ...] | None:
    """Whether the arguments ask for the demo in the window: with its folder if one is named, else None."""
    match arguments:
        case ["demo"]:
            return ()
        case ["demo", "--at", folder]:
            return (Path(folder),)
        case ["demo", at] if at.startswith("--at="):
            return (Path(at.removeprefix("--at=")),)
        case _:
            return None


def _window(*, demo: bool, at: Path | None = None) -> int:
    gc.disable()  # as above; and a collection of everything would stop the window now and then
    from rosterdesk.errors import RosterDeskError
    from rosterdesk.gui import app

    gc.freeze()
    gc.enable()
    try:
        return app.main(demo=demo, at=at)
    except RosterDeskError as error:  # before there is a window to say it
        print(error, file=sys.stderr)  # noqa: T201
        return error.exit_code


if __name__ == "__main__":
    main()
