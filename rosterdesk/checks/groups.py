"""What was found, as people look at it: by kind of problem, and of each kind a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rosterdesk.checks.entries import CATALOGUE
from rosterdesk.model import Severity
from rosterdesk.staging import Staging, literal

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Group:
    """All problems of one kind: how many, and the mend if there is one."""

    code: str
    severity: Severity
    title: str
    count: int
    fix: str | None


def summary(staging: Staging) -> list[Group]:
    """The kinds of problems that were found, errors first, the most frequent first."""
    rows = staging.rows("select code, severity, count(*), any_value(fix) from problems group by code, severity")
    order = list(Severity)
    groups = [Group(c, Severity(s), CATALOGUE[c].title if c in CATALOGUE else c, n, f) for c, s, n, f in rows]
    return sorted(groups, key=lambda g: (order.index(g.severity), -g.count, g.code))


def page(staging: Staging, code: str, offset: int = 0, limit: int = 1000) -> pd.DataFrame:
    """One page of the problems of one kind in the order of the source, as text: table, row, column, value, message."""
    return staging.page(
        f"""select table_name as "table", "row", column_name as "column", value, message from problems
            where code = {literal(code)} order by ref, rowid""",
        offset,
        limit,
    )


def counts(staging: Staging) -> dict[str, int]:
    """How many problems of each severity there are."""
    found = dict(staging.rows("select severity, count(*) from problems group by severity"))
    return {severity.value: int(found.get(severity.value, 0)) for severity in Severity}
