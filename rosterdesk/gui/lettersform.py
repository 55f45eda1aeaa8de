"""The form with which letters to families are printed: for whom, how, and into which file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths

from rosterdesk.gui.forms import Answers, Field, Form
from rosterdesk.gui.words import counted, tr

if TYPE_CHECKING:
    from rosterdesk.directory.edit import Edit
    from rosterdesk.directory.letterfile import Printed

_NAMED = 5  # students whose names must be written in by hand


def letters_form(name: str, *, classroom: int | None = None, school: int | None = None) -> Form:
    """Letters for a classroom or a school of this name; for the whole district when neither is given."""

    def perform(edit: Edit, answers: Answers) -> Printed:
        from rosterdesk.directory import letterfile, letters

        given = answers.values
        made = letters.write(
            edit, classroom=classroom, school=school, without_guardian=given["whom"] == "without_guardian"
        )
        # Printed before the codes are kept: where the file can't be written, no code is given out either.
        return letterfile.print_letters(
            made,
            Path(given["file"]),
            form=letterfile.Form(given["form"]),
            language="" if given["language"] == "family" else given["language"],
            run=answers.task,
        )

    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Form(
        tr("Letters to families of {name}", name=name),
        tr(
            "Each letter has the student's join code, with which the family joins by itself. Students who have no code "
            "get one."
        ),
        tr("Print to a PDF"),
        "print letters to families",
        perform,
        (
            Field(
                "whom",
                tr("For"),
                "all",
                choices=(("all", tr("All students")), ("without_guardian", tr("Students without a guardian"))),
                required=True,
            ),
            Field(
                "form",
                tr("As"),
                "letters",
                choices=(
                    ("letters", tr("Letters, one a page")),
                    ("labels", tr("Labels, thirty on a sheet (Avery 5160)")),
                ),
                required=True,
            ),
            Field(
                "language",
                tr("Language"),
                "family",
                choices=(("family", tr("Each family's own")), ("en", tr("English")), ("es", tr("Spanish"))),
                required=True,
            ),
            Field("file", tr("File"), str(Path(documents or Path.home()) / "letters.pdf"), required=True, suffix="pdf"),
        ),
        why=tr("Letters to families"),
        told=told,
    )


def told(printed: Printed) -> str:
    """What was printed, and whose names can't be."""
    words = counted(printed.letters, "{n} letter was printed.", "{n} letters were printed.")
    if printed.unwritten:
        names = ", ".join(one.student for one in printed.unwritten[:_NAMED])
        words += " " + counted(
            len(printed.unwritten),
            "{n} name has letters that the font lacks; write it in by hand: {names}.",
            "{n} names have letters that the font lacks; write them in by hand: {names}.",
            names=names + ("" if len(printed.unwritten) <= _NAMED else " …"),
        )
    return words
