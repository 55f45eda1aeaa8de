"""What a merge would do with somebody who is not in the directory yet, but will be after the push; and whether there is
anybody to merge with."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import cast

import sqlalchemy as sa

from rosterdesk.directory.comparing import Choices, Comparison, compare
from rosterdesk.directory.decisions import Proposed
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.schema import RECORDS
from rosterdesk.errors import UsageError
from rosterdesk.model import FIELDS, PEOPLE
from rosterdesk.run import Run

_NOBODY = 0  # no record has this number


def foresee(
    conn: sa.Connection, district: int, pair: Proposed, fields: Mapping[str, str], choices: Choices | None = None
) -> Comparison:
    """Compare a new person, of whom a source tells `fields`, with the record that would be absorbed.

    Raises `UsageError` when that record is gone.
    """
    table = RECORDS[pair.entity]
    row = conn.execute(sa.select(table).where(table.c.district == district, table.c.id == pair.candidate)).first()
    if row is None:
        raise UsageError(f"There is no record #{pair.candidate} any more.", "Look for matches again.")
    told = {name: fields.get(name) for name in (*FIELDS[pair.entity], "language")}
    person = SimpleNamespace(**told, id=_NOBODY, sis_id=pair.incoming, account=None, status="active")
    return compare(conn, district, pair.entity, cast("sa.Row[tuple[object, ...]]", person), row, choices)


def has_candidates(directory: Directory, run: Run) -> bool:
    """Whether any person of the directory is archived or entered by hand."""
    with directory.read(run) as conn:
        for entity in PEOPLE:
            table = RECORDS[entity]
            here = table.c.district == directory.district
            either = sa.or_(table.c.sis_id.is_(None), table.c.status == "archived")
            if conn.execute(sa.select(table.c.id).where(here, either).limit(1)).first() is not None:
                return True
    return False
