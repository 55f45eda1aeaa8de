"""What a receiver is to delete, as OneRoster's delta files: the records that it has and that the roster has no longer,
each a whole row with the status `tobedeleted` and the time of the change (1EdTech CSV binding 1.1 and 1.2: in a delta
file both are required; in a bulk file absence says it, but a file without rows, or a roster without people, can't be
delivered).

Only for taking a run back, where it is known what the receiver has. Schools and the school year are never marked: they
hold no people, and other sources of the receiver may use them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from rosterdesk.push.layouts import File
from rosterdesk.staging import Staging, literal

STAYING = ("orgs", "academicSessions")
_ID = "sourcedId"  # the first column of every file of OneRoster


@dataclass(frozen=True, slots=True)
class Earlier:
    """The roster as the receiver has it: `opened` gives its `plan.after_*`, and is called only where it is needed.

    `moment` is when its records were taken back: ISO 8601, UTC, as 2026-05-14T03:00:00.000Z. Where the receiver may
    have something else, `require` is called before a file is marked, with its name, rows and SHA-256 as of that roster
    (0 and nothing: it has no rows), and raises what keeps it from being delivered.
    """

    opened: Callable[[], AbstractContextManager[Staging]]
    moment: str
    require: Callable[[str, int, str], None] | None = None


def marked(file: File, moment: str, staying: Path | None) -> File:
    """The file with every row marked, but for those whose IDs stand in the CSV file `staying`."""
    columns = {**file.columns, "status": "'tobedeleted'", "dateLastModified": literal(moment)}
    if staying is None:
        return replace(file, columns=columns)
    ids = f"""select "{_ID}" from read_csv({literal(str(staying))}, header = true, all_varchar = true, delim = ',',
        quote = '"', escape = '"', comment = '', auto_detect = false, columns = {_columns(file)})"""
    gone = f"select * from ({file.relation}) where {file.columns[_ID]} not in ({ids})"
    return replace(file, columns=columns, relation=gone)


def _columns(file: File) -> str:
    return "{" + ", ".join(f"{literal(name)}: 'varchar'" for name in file.columns) + "}"
