"""Faults of files. They are found by the sources, which also say in each case what they saw; only their kinds are
told here."""

from __future__ import annotations

from rosterdesk.checks.entries.entry import ERROR, NOTICE, Entry

_LEFT = "It is left out, since its cells may stand under the wrong headings, and nothing is archived because of it."
_WHOLE = "Nothing is archived because something is missing from it."

ENTRIES: dict[str, Entry] = {
    "row-too-short": Entry(
        ERROR, "Rows with too few cells", f"This row has fewer cells than there are headings. {_LEFT}"
    ),
    "row-too-long": Entry(
        ERROR, "Rows with too many cells", f"This row has more cells than there are headings. {_LEFT}"
    ),
    "quote-unclosed": Entry(
        ERROR, "Quotation mark never closed", f"A quotation mark is opened in this row and never closed. {_LEFT}"
    ),
    "separator-missing": Entry(ERROR, "Separator missing", f"A separator is missing in this row. {_LEFT}"),
    "other-separator": Entry(
        ERROR, "Another separator", f"This row is separated by another character than the others. {_LEFT}"
    ),
    "header-too-short": Entry(ERROR, "Too few headings", f"The rows have more cells than there are headings. {_WHOLE}"),
    "second-table": Entry(ERROR, "A second table in the file", f"A second table begins in this file. {_WHOLE}"),
    "file-cut": Entry(
        ERROR,
        "File ends in the middle of a row",
        f"The file ends in the middle of a row. {_WHOLE} Get it from the SIS again.",
    ),
    "file-empty": Entry(ERROR, "Empty file", f"The file holds no rows. {_WHOLE}"),
    "stray-quote": Entry(
        NOTICE, "Quotation mark in the middle of a cell", "A quotation mark stands in the middle of a cell. It is kept."
    ),
    "nul-bytes": Entry(NOTICE, "NUL bytes", "The file holds NUL bytes. They are dropped."),
    "mixed-line-ends": Entry(NOTICE, "Mixed line ends", "The lines end in different ways. All are read as line ends."),
    "mixed-encoding": Entry(
        NOTICE, "Mixed encodings", "Parts of the file are written in different encodings. Look at the accented letters."
    ),
    "encoding-guessed": Entry(
        NOTICE,
        "Encoding guessed",
        "The file does not say how its letters are encoded; it was found out from them. Look at the accented letters.",
    ),
    "trailing-separator": Entry(
        NOTICE,
        "Separator at the end of rows",
        "The rows end with a separator more than there are headings. It is ignored.",
    ),
    "blank-rows": Entry(NOTICE, "Empty rows", "Rows without any cell are passed over."),
    "preamble-skipped": Entry(NOTICE, "Lines above the headings", "The lines above the headings are passed over."),
    "footnote-skipped": Entry(NOTICE, "Lines below the table", "The lines below the table are passed over."),
    "header-missing": Entry(
        NOTICE, "No headings", "The file has no headings. The columns are numbered; say in the mapping what they are."
    ),
    "header-blank": Entry(NOTICE, "Empty heading", "A column has no heading. It is numbered."),
    "header-duplicate": Entry(
        NOTICE, "The same heading twice", "Two columns have the same heading. The second gets a number."
    ),
    "header-too-long": Entry(
        NOTICE,
        "More headings than cells",
        "There are more headings than cells in the rows. The last columns are empty.",
    ),
    "header-joined": Entry(
        NOTICE, "Headings in several lines", "The headings stand in several lines. They are joined."
    ),
    "header-repeated": Entry(
        NOTICE, "Headings repeated", "The headings are repeated among the rows. They are passed over there."
    ),
}
