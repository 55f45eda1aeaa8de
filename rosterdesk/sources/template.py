"""An empty workbook with headings that are known for certain, for offices whose SIS exports nothing of use."""

from __future__ import annotations

from pathlib import Path

from rosterdesk.errors import FileError

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


def write(path: Path) -> None:
    """Write the template; every cell is text, so that Excel keeps the zeros. Raises `FileError`."""
    import xlsxwriter

    try:
        with xlsxwriter.Workbook(str(path)) as book:
            text = book.add_format({"num_format": "@"})
            head = book.add_format({"bold": True, "bottom": 1, "num_format": "@"})
            for name, headings in SHEETS.items():
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
