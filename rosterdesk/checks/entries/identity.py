"""SIS IDs: missing, doubled, damaged; and the same person under several."""

from __future__ import annotations

from rosterdesk.checks.entries.entry import ERROR, NOTICE, WARNING, Entry

_LEFT = "The row is left out, and nothing is archived because of it."
_EXPORT = "Take the file as the SIS writes it, without opening and saving it in a spreadsheet."

ENTRIES: dict[str, Entry] = {
    "missing-id": Entry(ERROR, "No SIS ID", "This row has no SIS ID. It is left out until the SIS gives it one."),
    "duplicate-id": Entry(
        ERROR,
        "One SIS ID, several records",
        "The SIS ID {value} stands on several rows that differ. None of them is taken, since nobody can tell "
        "which is right. "
        "Correct it in the SIS.",
    ),
    "repeated-row": Entry(
        NOTICE, "Repeated rows", "The row of {value} is repeated with the same content. It is taken once."
    ),
    "status-contradiction": Entry(
        NOTICE,
        "Both active and deleted",
        "{value} stands on one row as active and on another as deleted. It is taken as active.",
    ),
    "id-damaged": Entry(
        ERROR,
        "SIS ID damaged by a spreadsheet",
        f"“{{value}}” is what a spreadsheet makes of an ID; what it was can't be told. {_LEFT} {_EXPORT}",
    ),
    "id-precision": Entry(
        ERROR,
        "SIS ID rounded by a spreadsheet",
        f"The last digits of {{value}} seem to be rounded to zeros, as spreadsheets do after fifteen digits. "
        f"{_LEFT} {_EXPORT}",
    ),
    "id-decimal": Entry(
        ERROR,
        "SIS ID written as a decimal number",
        f"The SIS ID “{{value}}” ends like a decimal number. {_LEFT} The ending can be cut off.",
        "strip-decimal",
    ),
    "id-spaces": Entry(
        ERROR,
        "Blanks around a SIS ID",
        f"The SIS ID “{{value}}” begins or ends with a blank, which would make it another ID. {_LEFT} The "
        f"blanks can be cut off.",
        "trim-ids",
    ),
    "id-invisible": Entry(
        ERROR,
        "Invisible character in a SIS ID",
        f"The SIS ID “{{value}}” holds a character that "
        f"can't be seen, which makes it another ID. {_LEFT} It can be taken out.",
        "strip-invisible",
    ),
    "id-look-alike": Entry(
        NOTICE,
        "SIS ID of two alphabets",
        "The SIS ID {value} mixes Latin letters with letters of another alphabet that look the same. It is "
        "taken as it is; "
        "look whether that is meant.",
    ),
    "id-short": Entry(
        NOTICE,
        "SIS ID shorter than the others",
        "The SIS ID {value} is shorter than the others of its kind, which begin with zeros. A spreadsheet may "
        "have taken its zeros; "
        "they can be put back.",
        "pad-ids",
    ),
    "id-lost-zeros": Entry(
        ERROR,
        "SIS ID without its leading zeros",
        "The ID {value} is known only with zeros before it. The row is left out, and nothing is archived "
        "because of it. "
        "The zeros can be put back.",
        "pad-ids",
    ),
    "id-of-two-people": Entry(
        NOTICE,
        "One SIS ID, two roles, two names",
        "The SIS ID {value} stands for people of different roles whose names differ. They stay two people; look "
        "whether they are one.",
    ),
    "twin-records": Entry(
        NOTICE,
        "Possibly the same student twice",
        "Another student of this school has the same name and birth date under another SIS ID ({value}). Both "
        "are taken; they are never "
        "merged by themselves.",
    ),
    "shared-student-number": Entry(
        WARNING,
        "One student number, several students",
        "The student number {value} stands on several students. It is left empty on all of them.",
    ),
    "shared-state-id": Entry(
        WARNING,
        "One state ID, several students",
        "The state ID {value} stands on several students. It is left empty on all of them.",
    ),
}
