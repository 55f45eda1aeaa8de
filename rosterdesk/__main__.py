"""Starts RosterDesk: the window without arguments, else the command line."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the program that the arguments ask for and leave with its exit code."""
    # What a thousand modules make while they load is there to stay: looking through it for garbage is lost time.
    gc.disable()
    from rosterdesk.cli import run

    gc.freeze()
    gc.enable()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
