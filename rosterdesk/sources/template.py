"""Empty workbooks with headings that are known for certain, for offices whose SIS exports nothing of use."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rosterdesk.errors import FileError
from rosterdesk.formats import named

Sheets = Mapping[str, Mapping[str, str]]

_GUARDIAN = ("First Name", "Last Name", "Relationship", "Email", "Mobile")
# Sheet: headings, each with what belongs below it.
SHEETS: dict[str, dict[str, str]] = {
    "Students": {
        "Student ID": "The ID that never changes; zeros in front count.",
        "First Name": "",
        "Last Name": "",
        "Grade": "K, 1, 2 and so on",
        "Birth Date": "Year-month-day, such as 2015-09-30",
        "School ID": "The school's number",
        **{f"Guardian {n} {what}": "" for n in (1, 2) for what in _GUARDIAN},
    },
    "Staff": {
        "Staff ID": "The ID that never changes",
        "Staff First Name": "",
        "Staff Last Name": "",
        "Staff Email": "",
        "Staff Role": "Teacher, aide, administrator",
        "School ID": "The school's number",
    },
    "Schools": {"School Number": "As in the other sheets", "School Full Name": ""},
}
# Template: its sheets, each a table of the format ClassTag.
_OF_CLASSTAG = {
    "lists": {
        "Students": "students",
        "Staff": "staff",
        "Guardians": "guardian_template",
        "Classrooms": "classrooms",
    },
    "files": {"users": "users", "classes": "classes", "enrollments": "enrollments", "guardians": "guardians"},
}
KINDS = ("office", *_OF_CLASSTAG)


def sheets(kind: str = "office") -> Sheets:
    """The sheets of a template: `office` (one list for everybody), `lists` (one a kind of record) or `files`
    (ClassTag's own columns); each sheet's headings, with what belongs below them.
    """
    if kind == "office":
        return SHEETS
    classtag = named("classtag")
    assert classtag is not None
    listed = {
        sheet: {column.name: _hint(column.note, column.values, column.required) for column in table.columns}
        for sheet, table in ((sheet, classtag.tables[name]) for sheet, name in _OF_CLASSTAG[kind].items())
    }
    return {**listed, "Schools": SHEETS["Schools"]}  # a directory that knows no school yet takes in nobody


def _hint(note: str, values: tuple[str, ...], required: bool) -> str:
    parts = ["Needed." if required else "", f"One of: {', '.join(values)}." if values else "", note]
    return " ".join(part for part in parts if part)


def write(path: Path, kind: str = "office") -> None:
    """Write a template; every cell is text, so that Excel keeps the zeros. Raises `FileError`."""
    import xlsxwriter

    try:
        with xlsxwriter.Workbook(str(path)) as book:
            text = book.add_format({"num_format": "@"})
            head = book.add_format({"bold": True, "bottom": 1, "num_format": "@"})
            for name, headings in sheets(kind).items():
                sheet = book.add_worksheet(name)
                sheet.freeze_panes(1, 0)
                sheet.set_column(0, len(headings) - 1, 20, text)
                for at, (heading, hint) in enumerate(headings.items()):
                    sheet.write_string(0, at, heading, head)
                    if hint:
                        sheet.write_comment(0, at, hint)
    except (OSError, xlsxwriter.exceptions.XlsxFileError) as error:
        raise FileError(
            f"{path.name} can't be written.", "Close it in Excel, or choose another folder.", type(error).__name__
        ) from error
