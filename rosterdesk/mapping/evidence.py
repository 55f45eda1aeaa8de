"""What the cells of a column look like: a sample of them, and how many are e-mail addresses, phones, grades, dates."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from rosterdesk.mapping.dates import iso_date
from rosterdesk.mapping.words import GRADES, VOCABULARIES, grade_code, meaning
from rosterdesk.model import SourceTable
from rosterdesk.staging import Staging, quote

_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
_PHONE = re.compile(r"\+?[0-9(][0-9 ().\-/]{5,}[0-9](?: ?(?:x|ext\.?) ?[0-9]+)?", re.IGNORECASE)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ENOUGH = 200  # characters of a cell; more tell nothing
_NAME = re.compile(r"[^\d@]{1,60}")
_KNOWN = {
    "role": {"student", "guardian", "teacher", "aide", "administrator", "staff"},
    "status": {"active", "inactive", "tobedeleted"},
    "boolean": {"true", "false"},
    "class_type": {"homeroom", "scheduled"},
    "org_type": {"school", "district", "department", "local", "state", "national", "campus"},
}


def _is_date(text: str) -> bool:
    return _ISO.fullmatch(text) is not None or iso_date(text, "/mdy,-mdy,.dmy", "2100") != text


def _is_phone(text: str) -> bool:
    return _PHONE.fullmatch(text) is not None and 7 <= sum(c.isdigit() for c in text) <= 20 and not _is_date(text)


KINDS: dict[str, Callable[[str], bool]] = {
    "email": lambda text: _EMAIL.fullmatch(text) is not None,
    "phone": _is_phone,
    "date": _is_date,
    "grade": lambda text: all(grade_code(part.strip()) in GRADES for part in text.split(",") if part.strip()),
    "number": str.isdigit,
    "name": lambda text: _NAME.fullmatch(text) is not None,
    **{name: (lambda text, n=name: meaning(text, n) in _KNOWN[n]) for name in VOCABULARIES},  # type: ignore[misc]
}


@dataclass(frozen=True)
class Column:
    """A sample of one column: the cells that hold something, trimmed, in file order."""

    name: str
    cells: Sequence[str]

    @cached_property
    def distinct(self) -> frozenset[str]:
        return frozenset(self.cells)

    def share(self, kind: str) -> float:
        """How many of the different values are of a kind, 0 to 1; 1 when there are none, since nothing speaks against
        it.
        """
        if not self.distinct:
            return 1.0
        return sum(KINDS[kind](text) for text in self.distinct) / len(self.distinct)


def sample(
    staging: Staging, table: SourceTable, columns: Sequence[str] | None = None, rows: int = 2000
) -> dict[str, Column]:
    """The first rows of a table by column."""
    names = list(table.columns if columns is None else columns)
    if not names:
        return {}
    found = staging.rows(f"select {', '.join(map(quote, names))} from {table.sample} limit {rows}")
    cells = [[text for v in column if v and (text := str(v).strip()[:_ENOUGH])] for column in zip(*found, strict=True)]
    return {name: Column(name, cells[n] if cells else []) for n, name in enumerate(names)}


def overlap(
    staging: Staging, table: SourceTable, column: str, other: SourceTable, key: str, *, many: bool = False
) -> float:
    """How many of the first different values of a column are found in the other table's column, 0 to 1."""
    cell = f"unnest(string_split({quote(column)}, ','))" if many else quote(column)
    values = f"select trim({cell}) as v from {table.sample} limit 5000"
    found = staging.rows(f"""
        select count(*), count(*) filter (v in (select trim({quote(key)}) from {other.relation}))
        from (select distinct v from ({values}) where v <> '' limit 500)""")
    total, hits = found[0]
    return float(hits) / float(total) if total else 0.0
