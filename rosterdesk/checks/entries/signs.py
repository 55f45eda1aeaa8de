"""Signs that a file is not whole, or not what its manifest says."""

from __future__ import annotations

from rosterdesk.checks.entries.entry import ERROR, NOTICE, WARNING, Entry

_KEPT = "Nothing is archived because something is missing from it."

ENTRIES: dict[str, Entry] = {
    "page-multiple": Entry(
        NOTICE,
        "As many rows as fill pages exactly",
        "This table has exactly {value} rows. Some programs export in pages of that size; look whether the last "
        "page is there.",
    ),
    "spreadsheet-limit": Entry(
        WARNING,
        "As many rows as a spreadsheet holds",
        f"This table has {{value}} rows, the most a spreadsheet holds. The rest is probably cut off. {_KEPT}",
    ),
    "fewer-rows": Entry(
        WARNING,
        "Far fewer records than last time",
        "The source has {value} in the directory. Look whether the file is whole before anything is archived.",
    ),
    "school-empty": Entry(
        WARNING,
        "A whole school is missing",
        "The directory has {value}, but this source has none of them. Look whether the file is whole.",
    ),
    "grade-empty": Entry(
        NOTICE,
        "A whole grade is missing",
        "The directory has {value}, but this source has none. Look whether the file is whole.",
    ),
    "ids-changed": Entry(
        WARNING,
        "Nearly all SIS IDs are new",
        "Nearly all SIS IDs of {value} differ from those in the directory. Perhaps another ID column is mapped, "
        "or the SIS has numbered anew.",
    ),
    "id-lost-zeros-directory": Entry(
        ERROR,
        "SIS ID without the zeros it has in the directory",
        "The SIS ID {value} is known in the directory only with zeros before it. The record is left out rather "
        "than made a second time, "
        "and nothing of its kind is archived. The zeros can be put back.",
        "pad-ids",
    ),
    "bulk-with-deletes": Entry(
        NOTICE,
        "Deletions in a full file",
        "The manifest calls this file full (bulk), but this row is marked as deleted. That is taken as meant.",
    ),
    "bulk-with-dates": Entry(
        NOTICE,
        "Change dates in a full file",
        "The manifest calls this file full (bulk), but its rows have dates of change. All rows are taken.",
    ),
    "delta-without-dates": Entry(
        NOTICE,
        "No change dates in a file of changes",
        f"The manifest calls this file a file of changes (delta), but its rows have no dates or states. {_KEPT}",
    ),
    "manifest-file-missing": Entry(
        WARNING,
        "File of the manifest is missing",
        "The manifest tells of the file {value}, which is not in this source. Get the whole export.",
    ),
    "manifest-file-extra": Entry(
        NOTICE,
        "File that the manifest calls absent",
        "The manifest says that there is no file {value}, but there is one. It is used.",
    ),
}
