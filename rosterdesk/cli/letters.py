"""`rosterdesk directory letters`: join codes on paper, for the families of a classroom, a school or the district."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rosterdesk.cli import edits, options
from rosterdesk.cli.editing import number
from rosterdesk.cli.output import output
from rosterdesk.directory import letterfile
from rosterdesk.directory import letters as texts
from rosterdesk.directory.edit import editing
from rosterdesk.errors import UsageError


def letters(
    out: Annotated[Path, typer.Option("--out", metavar="FILE.pdf", help="The file to write.", show_default=False)],
    classroom: Annotated[
        str | None, typer.Option("--classroom", help="For the students of this classroom.", show_default=False)
    ] = None,
    school: edits.At = None,
    without_guardian: Annotated[
        bool, typer.Option("--without-guardian", help="Only for students who have no guardian.")
    ] = False,
    labels: Annotated[bool, typer.Option("--labels", help="Thirty labels on a sheet instead of letters.")] = False,
    language: Annotated[
        str, typer.Option("--language", help="One language for all (en, es); default: each family's.")
    ] = "",
    templates: Annotated[
        Path | None, typer.Option("--templates", help="A folder with texts of your own.", show_default=False)
    ] = None,
    why: Annotated[str, typer.Option("--why", help="The reason; it stands in the history.")] = "letters to families",
    acting_as: options.ActingAs = None,
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    json: options.Json = False,
) -> None:
    """Print letters to families with each student's join code. Codes that are missing are made, as one edit."""
    if classroom is not None and school is not None:
        raise UsageError("A classroom is of one school already.", "Name the classroom or the school.")
    if language and language not in (known := letterfile.read_templates(letterfile.folder(templates))):
        raise UsageError(f"There is no letter in the language {language}.", f"There are: {', '.join(known)}.")
    form = letterfile.Form.LABELS if labels else letterfile.Form.LETTERS
    with (
        options.directory(where, key_file, unencrypted, output.run, create=False) as directory,
        editing(directory, "print letters to families", why, acting_as=acting_as, run=output.run) as edit,
    ):
        made = texts.write(
            edit,
            classroom=None if classroom is None else number(edit, "classrooms", classroom),
            school=None if school is None else number(edit, "schools", school),
            without_guardian=without_guardian,
        )
        # Printed before the codes are kept: where the file can't be written, no code is given out either.
        printed = letterfile.print_letters(made, out, form=form, language=language, templates=templates, run=output.run)
    run = edit.run if edit.counts else None
    output.say(
        f"{printed.letters:,} {form} written to {out}" + (f"; new codes were made by run {run}." if run else ".")
    )
    for one in printed.unwritten:
        output.say(f"The name of the student {one.sis_id or one.code} can't be printed whole: write it in by hand.")
    output.result(
        {
            "file": str(out),
            "letters": printed.letters,
            "languages": printed.languages,
            "run": run,
            "unwritten": [asdict(one)["sis_id"] for one in printed.unwritten],
        }
    )
