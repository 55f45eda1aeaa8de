"""What is installed, reachable and allowed on this computer, as facts and in plain words; it changes nothing."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
from dataclasses import dataclass

from rosterdesk import __version__, paths
from rosterdesk.credentials import keyring_name


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found. `keyring` and `directory` are None where there is none; `free_gib` is of the own folder."""

    rosterdesk: str
    python: str
    system: str
    duckdb: str
    keyring: str | None
    home: str
    free_gib: float
    directory: str | None


def look() -> Facts:
    """Look around on this computer."""
    home, directory = paths.home(), paths.default_directory()
    return Facts(
        rosterdesk=__version__,
        python=platform.python_version(),
        system=platform.platform(),
        duckdb=importlib.metadata.version("duckdb"),
        keyring=keyring_name(),
        home=str(home),
        free_gib=round(shutil.disk_usage(home).free / 2**30, 1),
        directory=str(directory) if directory.exists() else None,
    )


def sentences(facts: Facts) -> tuple[str, ...]:
    """The facts in plain words."""
    return (
        f"RosterDesk {facts.rosterdesk} on {facts.system}, Python {facts.python}.",
        f"Your files are in {facts.home}; {facts.free_gib} GiB are free there.",
        f"Secrets are kept in {facts.keyring}."
        if facts.keyring
        else "There is no usable keyring here: use a passphrase or --key-file.",
        f"Your directory is {facts.directory}."
        if facts.directory
        else "You have no directory yet; the first push makes it.",
    )
