"""Characters that don't belong, in headings and cells."""

from __future__ import annotations

from rosterdesk.checks.entries.entry import NOTICE, Entry

ENTRIES: dict[str, Entry] = {
    "header-look-alike": Entry(
        NOTICE,
        "Heading that only looks right",
        "The heading “{value}” is not written as the format writes it: another spelling, a blank, an invisible "
        "character or a letter of "
        "another alphabet. It was understood here; other programs may not see the column at all.",
    ),
    "header-close": Entry(
        NOTICE,
        "Heading that is nearly one of the format's",
        "The heading “{value}” is nearly one that the format has, and is not used. Say in the mapping whether "
        "it is meant.",
    ),
    "quotation-marks": Entry(
        NOTICE,
        "Quotation marks in a cell",
        "“{value}” holds quotation marks. They are kept here, but not all receivers of roster files take them; "
        "they can be taken out.",
        "strip-quotes",
    ),
    "invisible-characters": Entry(
        NOTICE,
        "Invisible characters in a cell",
        "“{value}” holds a character that "
        "can't be seen. It is kept, and makes the cell differ from what it looks like; it can be taken out.",
        "strip-invisible",
    ),
    "garbled-text": Entry(
        NOTICE,
        "Garbled letters",
        "“{value}” looks as if accented letters were saved in one encoding and read in another. It is taken as "
        "it is; correct it in the SIS "
        "or export again as UTF-8.",
    ),
}
