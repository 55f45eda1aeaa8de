"""Makes the sample district under resources/sample, the same bytes every time.

    python -m tests.data.make_sample [FOLDER]

Fernhollow Unified is invented, and so is everybody in it: e-mail addresses end in example.org, telephone numbers are of
the ranges that are kept free for stories.
"""

from __future__ import annotations

import csv
import sys
from copy import deepcopy
from datetime import date, datetime
from io import StringIO
from pathlib import Path

import xlsxwriter

from tests.data.sample_district import COLUMNS, District, Row, clean
from tests.data.sample_faults import next_day, plant

# Headers as somebody typed them: ClassTag's own spelling, a zero-width space, a no-break space.
HEADERS = {"users": {"sourcedId": "sourceId", "email": "email\u200b"}, "classes": {"title": "title\u00a0"}}
ENCODINGS = {"users": "utf-8-sig", "classes": "cp1252"}

PRINTED = datetime(2026, 11, 2)  # noqa: DTZ001 -- a date in a workbook has no zone


def manifest() -> str:
    """The manifest of OneRoster 1.1, which says bulk of everything but the demographics."""
    lines = ["propertyName,value", "manifest.version,1.0", "oneroster.version,1.1"]
    absent = ("categories", "classResources", "courseResources", "lineItems", "resources", "results")
    states = dict.fromkeys(COLUMNS, "bulk") | {"demographics": "delta"} | dict.fromkeys(absent, "absent")
    lines += [f"file.{name},{states[name]}" for name in sorted(states)]
    lines += ["source.systemName,Fernhollow SIS", "source.systemCode,FH"]
    return "\r\n".join(lines) + "\r\n"


def write(folder: Path, district: District) -> None:
    """Write one day as OneRoster 1.1 CSV files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.csv").write_bytes(manifest().encode())
    for name, rows in district.tables.items():
        columns, text = COLUMNS[name].split(), StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\r\n")
        writer.writerow({column: HEADERS.get(name, {}).get(column, column) for column in columns})
        writer.writerows(rows)
        (folder / f"{name}.csv").write_bytes(text.getvalue().encode(ENCODINGS.get(name, "utf-8")))


def write_office(path: Path, district: District) -> None:
    """The workbook of a school office: one row a student with two contacts, as people keep it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": PRINTED, "author": "Front office"})
        sheet = book.add_worksheet("Contacts")
        day = book.add_format({"num_format": "m/d/yyyy"})
        sheet.write(0, 0, "ALDER CREEK ELEMENTARY")
        sheet.write(1, 0, "Student contact list 2026-27 – CONFIDENTIAL")
        sheet.write(2, 0, "Printed 11/02/2026 by the front office")
        contact = ["Name", "Relationship", "Cell", "Home", "E-mail"]
        header = ["Student", "Student #", "Gr", "Birthday", "Homeroom", "School"]
        sheet.write_row(4, 0, [*header, *(f"Contact {n} {what}" for n in (1, 2) for what in contact)])
        line = 5
        birthdays = {row["sourcedId"]: row["birthDate"] for row in district.tables["demographics"]}
        for row in district.tables["users"]:
            if row["role"] != "student" or row["orgSourcedIds"] != "0101":
                continue
            _office_row(sheet, line, row, date.fromisoformat(birthdays[row["sourcedId"]]), day, district)
            line += 1
        sheet.write(line + 1, 0, f"Total students: {line - 5}")
        notes = book.add_worksheet("Notes")
        notes.write(0, 0, "Call families before 6 pm. Ask the nurse about allergies.")


def _office_row(
    sheet: xlsxwriter.worksheet.Worksheet, line: int, row: Row, born: date, day: xlsxwriter.format.Format, d: District
) -> None:
    grade = {"KG": "K", "01": "1st", "02": "2nd", "03": "3rd"}.get(row["grades"], row["grades"].lstrip("0"))
    sheet.write(line, 0, f"{row['familyName']}, {row['givenName']}" + (" J." if line % 5 == 0 else ""))
    sheet.write_number(line, 1, int(row["sourcedId"]))  # a number, so the zeros are gone
    sheet.write(line, 2, grade)
    if line % 7 == 0:
        sheet.write(line, 3, f"{born:%m/%d/%y}")  # typed as text
    else:
        sheet.write_datetime(line, 3, datetime(born.year, born.month, born.day), day)  # noqa: DTZ001 -- a day, not a moment
    sheet.write_row(line, 4, [f"Homeroom {row['grades'].lstrip('0')}", "0101"])
    for n, sis_id in enumerate(row["agentSourcedIds"].split(",")[:2]):
        adult, column = d.user(sis_id), 6 + 5 * n
        digits = adult["sms"].removeprefix("+1")
        sheet.write_row(line, column, [f"{adult['familyName']}, {adult['givenName']}", ("Mother", "Father")[n]])
        if line % 4 == 0:
            sheet.write_number(line, column + 2, int(digits))
        else:
            sheet.write(line, column + 2, f"({digits[:3]}) {digits[3:6]}-{digits[6:]}")
        sheet.write(line, column + 3, adult["phone"].removeprefix("+1"))
        sheet.write(line, column + 4, adult["email"])


def readme(district: District) -> str:
    """What the sample holds, and every fault with its place."""
    lines = INTRODUCTION.splitlines()
    for code, what, table, row in sorted(district.planted, key=lambda p: (p[2], p[0])):
        at = next((n for n, r in enumerate(district.tables[table], 2) if r is row), 1 if "header" in code else "")
        lines.append(f"| {table}.csv | {at} | `{code}` | {what} |")
    return "\n".join([*lines, *CONCLUSION.splitlines()]) + "\n"


INTRODUCTION = """\
# The sample district

Fernhollow Unified: 3 schools, 15 staff, 120 students, 150 guardians, and the people in whom the faults are planted.
Everything and everybody here is invented. E-mail addresses end in example.org; telephone numbers are of the ranges
that are kept free for stories (555-01xx, and 020 7946 0xxx of London).
Made by `python -m tests.data.make_sample`; not edited by hand.

- `day1` is a first export, OneRoster 1.1 in CSV files, with every common fault.
- `day2` is the export of the next day: students left and came, contacts changed, one fault is mended, one is new.
- `cut` is `day2` as it looks when a transfer broke off: users.csv ends in the middle of a row.
  Nothing may be archived because of it.
- `office` is the workbook of a school office: a heading above the header, one row a student with two contacts, names
  as "Last, First", IDs and some telephone numbers as numbers, birthdays as dates and some as text, a total at the end.

## Faults of `day1`

Rows are counted as people count them, the header being 1.

| File | Row | Code | What |
|---|---|---|---|"""

CONCLUSION = """
## What changes on `day2`

Three students leave, one of each school, with their enrollments; four come with a guardian each. Six guardians have a
new e-mail address and three a new mobile number. A teacher married, a class has a new name, a student changed class.
The student without a school has one now, and one guardian lost the last way to be reached."""


def make(folder: Path) -> None:
    """Write the whole sample under a folder."""
    first = clean()
    office = deepcopy(first)
    plant(first)
    second = deepcopy(first)
    next_day(second)
    write(folder / "day1", first)
    write(folder / "day2", second)
    write(folder / "cut", second)
    users = folder / "cut" / "users.csv"
    users.write_bytes(users.read_bytes()[: users.stat().st_size * 3 // 5])
    write_office(folder / "office" / "contacts.xlsx", office)
    (folder / "README.md").write_text(readme(first), "utf-8", newline="\n")


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "resources" / "sample")
