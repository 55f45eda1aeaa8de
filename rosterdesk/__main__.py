"""Starts RosterDesk: the window without arguments, else the command line."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the program that the arguments ask for and leave with its exit code."""
    from rosterdesk.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
