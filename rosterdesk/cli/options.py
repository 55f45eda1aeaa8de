"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rosterdesk import paths
from rosterdesk.credentials import KeySource
from rosterdesk.errors import UsageError
from rosterdesk.formats import formats
from rosterdesk.mapping import load
from rosterdesk.model import Mapping
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory

Sources = Annotated[
    list[str],
    typer.Argument(metavar="SOURCE...", help="Files, a folder, a ZIP, or connection:NAME.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output; messages on standard error.")]
Where = Annotated[
    str | None,
    typer.Option(
        "--directory",
        metavar="URL-OR-PATH",
        help="The directory: a file, or postgresql://... (default: your own).",
        show_default=False,
    ),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file", help="A file with the directory's key, instead of the system keyring.", show_default=False
    ),
]
Unencrypted = Annotated[bool, typer.Option("--unencrypted", help="Keep the directory as plain text on the disk.")]
ActingAs = Annotated[str | None, typer.Option("--as", help="Act as this person; for the owner.", show_default=False)]
MappingFile = Annotated[
    Path | None,
    typer.Option("--mapping", help="A saved mapping (TOML) to use instead of the suggested one.", show_default=False),
]
Preset = Annotated[
    str | None, typer.Option("--preset", help="Read the source as an export of this system.", show_default=False)
]


def directory(
    where: str | None,
    key_file: Path | None,
    unencrypted: bool,
    run: Run,
    *,
    create: bool = True,
    acting_as: str | None = None,
) -> Directory:
    """Open the directory that the options name. Raises what `open_directory` raises."""
    from rosterdesk.directory.engine import open_directory  # see `pipeline.load_ahead`

    key = KeySource.chosen(file=key_file, unencrypted=unencrypted)
    return open_directory(where or paths.default_directory(), key, create=create, run=run, acting_as=acting_as)


def mapping(file: Path | None, preset: str | None) -> Mapping | None:
    """The mapping in the named file, or None. Raises `UsageError` for a preset that there is not, `FileError` for the
    file.
    """
    presets = [f.name for f in formats()]
    if preset is not None and preset not in presets:
        raise UsageError(f"There is no preset {preset}.", f"Presets: {', '.join(presets)}.")
    return load(file) if file is not None else None


def remembered() -> Path:
    """The folder of the mappings that are used again for files with the same headers; the window has the same."""
    folder = paths.home() / "mappings"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
