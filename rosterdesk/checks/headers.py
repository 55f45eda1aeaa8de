"""Checks of headings: those that only look like one of the format's, and those that nearly are."""

from __future__ import annotations

from rosterdesk.checks.catalogue import report_table
from rosterdesk.formats import named
from rosterdesk.formats.headers import clean, is_extension
from rosterdesk.model import Mapping, Reading, SourceTable
from rosterdesk.staging import Staging

# Letters of the Greek and Cyrillic alphabets that can't be told from Latin ones.
_TWINS = str.maketrans("АВЕЅІЈКМНОРСТХУаеѕіјорсхуһΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABESIJKMHOPCTXYaesijopcxyhABEZHIKMNOPTYXo")
_NEAR = 2  # letters that may differ
_LEAST = 5  # letters that a heading must have, to be compared


def check(staging: Staging, mapping: Mapping, reading: Reading) -> None:
    """Look at the headings of every table."""
    for table in reading.tables:
        names = _names(table)
        used = {
            column for t in mapping.tables if t.table == table.name for f in t.fields.values() for column in f.columns
        }
        here = {clean(column).casefold() for column in table.columns}
        for column in table.columns:
            plain = clean(column)
            if (
                plain != column
                or (plain.translate(_TWINS) in names and plain not in names)
                or _misspelt(plain, names, _NEAR, here)
            ):
                code = (
                    "header-look-alike" if column in used or not mapping.tables or plain != column else "header-close"
                )
                report_table(staging, code, table, column, column=column)


def _names(table: SourceTable) -> frozenset[str]:
    """The headings that the table's format prescribes. Presets only describe habits, from which anyone may part."""
    fmt = named(table.format) if table.format else None
    if fmt is None or fmt.preset:
        return frozenset()
    return frozenset(c.name for t in fmt.tables.values() for c in t.columns if "#" not in c.name)


def _misspelt(heading: str, names: frozenset[str], near: int, here: set[str]) -> bool:
    """Whether the heading is nearly, but not quite, one that the table lacks."""
    from rapidfuzz.distance import OSA

    folded = heading.casefold()
    if len(heading) < _LEAST or is_extension(heading) or any(folded == name.casefold() for name in names):
        return False
    allowed = near if len(heading) > 2 * _LEAST else 1
    return any(
        name.casefold() not in here and OSA.distance(folded, name.casefold(), score_cutoff=allowed) <= allowed
        for name in names
    )
