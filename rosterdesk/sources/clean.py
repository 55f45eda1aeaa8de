"""Writing a table that was read as clean CSV: UTF-8, RFC 4180. A file without a header is written without one:
nothing is invented.
"""

from __future__ import annotations

import csv
from pathlib import Path

from rosterdesk.sources.text import TextTable


def write_clean(table: TextTable, path: Path) -> int:
    """Writes the rows that are left in `table` and returns their number. Rows keep all cells they have. Raises
    OSError.
    """
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if table.dialect.has_header and table.header:
            writer.writerow(table.header)
        for cells in table.rows:
            writer.writerow(cells)
            written += 1
    return written
