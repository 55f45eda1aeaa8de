"""What can be wrong with a text file, as codes and small records; the sentences people see belong to the checks."""

from __future__ import annotations

from typing import NamedTuple

ROW_TOO_SHORT = "row-too-short"
ROW_TOO_LONG = "row-too-long"
QUOTE_UNCLOSED = "quote-unclosed"
STRAY_QUOTE = "stray-quote"
SEPARATOR_MISSING = "separator-missing"
OTHER_SEPARATOR = "other-separator"
NUL_BYTES = "nul-bytes"
MIXED_LINE_ENDS = "mixed-line-ends"
MIXED_ENCODING = "mixed-encoding"
ENCODING_GUESSED = "encoding-guessed"
TRAILING_SEPARATOR = "trailing-separator"
BLANK_ROWS = "blank-rows"
PREAMBLE_SKIPPED = "preamble-skipped"
FOOTNOTE_SKIPPED = "footnote-skipped"
HEADER_MISSING = "header-missing"
HEADER_BLANK = "header-blank"
HEADER_DUPLICATE = "header-duplicate"
HEADER_TOO_SHORT = "header-too-short"
HEADER_TOO_LONG = "header-too-long"
HEADER_JOINED = "header-joined"
HEADER_REPEATED = "header-repeated"
SECOND_TABLE = "second-table"
FILE_EMPTY = "file-empty"
FILE_CUT = "file-cut"

UNSURE_ROW = frozenset({ROW_TOO_SHORT, ROW_TOO_LONG, QUOTE_UNCLOSED, SEPARATOR_MISSING, OTHER_SEPARATOR})
"""The cells of such a row may stand under the wrong header: what they say must not be acted upon."""

UNSURE_TABLE = frozenset({HEADER_TOO_SHORT, SECOND_TABLE, FILE_CUT, FILE_EMPTY})
"""Such a table is not proven whole, or its columns are not: absence from it proves nothing."""

CODES = frozenset(value for name, value in list(globals().items()) if name.isupper() and isinstance(value, str))


class RowFault(NamedTuple):
    """One fault. `row` counts records from 1 (the header is 1 unless lines stand above it), `line` physical lines; 0
    is the whole file.
    """

    code: str
    row: int
    line: int
    message: str
