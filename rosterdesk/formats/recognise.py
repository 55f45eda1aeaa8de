"""Tell a format by its headers, never by file names. One table often fits several formats; its siblings decide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rosterdesk.formats.headers import is_extension, normal, strip_suffix
from rosterdesk.formats.layout import Format, FormatTable, formats, named

_GOOD_ENOUGH = 0.7
_EVERYDAY = 0.95  # where the headers are everybody's words nearly all must fit, unless
_COMPANY = 3  # so many tables of the source are of the format
_ALIAS, _UNKNOWN = 0.9, 0.5


@dataclass(frozen=True, slots=True)
class Match:
    """A table recognised as `table` of `format`. `columns` gives, for each column of the format, the headers that
    stand for it.
    """

    format: Format
    table: FormatTable
    columns: Mapping[str, tuple[str, ...]]
    exact: frozenset[str]  # columns of the format that are spelt as in the format
    missing: tuple[str, ...]  # required columns that are not there
    score: float  # 1: every header is known and nothing required is missing


@dataclass(frozen=True, slots=True)
class SourceMatch:
    """What a whole source is: the format that most of its tables belong to, and each table's match."""

    format: Format | None
    tables: Mapping[str, Match] = field(default_factory=dict)


def recognise(columns: Sequence[str], among: Iterable[Format] | None = None) -> Match | None:
    """The format table that these headers fit best, or None. Of equally good ones the format of the smaller rank."""
    found = [m for f in (formats() if among is None else among) for m in _matches(f, columns) if _stands_alone(m)]
    return _best(found)


def recognise_source(tables: Mapping[str, Sequence[str]], version: str | None = None) -> SourceMatch:
    """What a set of tables (name: headers) is. `version` (`oneroster.version` of a manifest) decides only between
    equals.

    A set belongs to the format that fits its tables best in sum. A table that does not fit it may still be of another
    format, as a guardian file of ClassTag beside OneRoster files is.
    """
    best: dict[str, dict[str, Match]] = {}
    for fmt in formats():
        found = {name: m for name, columns in tables.items() if (m := _best(_matches(fmt, columns))) is not None}
        if len(found) < _COMPANY:
            found = {name: m for name, m in found.items() if _stands_alone(m)}
        if found:
            best[fmt.name] = found
    if not best:
        return SourceMatch(None)

    def weight(fmt: Format) -> tuple[float, bool, int]:
        total = round(sum(m.score for m in best[fmt.name].values()), 6)
        return total, version is not None and fmt.name == f"oneroster-{version}", -fmt.rank

    chosen = max((f for f in formats() if f.name in best), key=weight)
    mine = dict(best[chosen.name])
    for name, columns in tables.items():
        other = recognise(columns)
        # Where the set's own format fits a table badly and another fits it wholly, the table is a guest from there.
        if other is not None and (name not in mine or (mine[name].score < 0.9 and other.score > 0.97)):
            mine[name] = other
    return SourceMatch(chosen, {name: mine[name] for name in tables if name in mine})


def match_table(fmt: Format, table: FormatTable, columns: Sequence[str], *, named: bool = False) -> Match | None:
    """How these headers fit one table of a format, or None when a column that it needs is missing.

    With `named` a person has said that it is this format, and none of the columns that mark it need be there.
    """
    spellings, numbered = _spellings(fmt.name, table.name)
    found: dict[str, list[str]] = {}
    exact: set[str] = set()
    unknown = 0
    bare = strip_suffix(columns)
    for header, name in bare.items():
        key = normal(name)
        column = spellings.get(key) or next((c for p, c in numbered if p.fullmatch(key)), None)
        if column is None:
            unknown += not is_extension(header)
            continue
        is_exact = key == normal(column) or "#" in column
        if column in found and "#" not in column:
            if is_exact and column not in exact:  # two headers for one column: the one that is spelt right
                found[column] = [header]
                exact.add(column)
            continue
        found.setdefault(column, []).append(header)
        if is_exact:
            exact.add(column)
    if any(n not in found for n in table.needs) or any(
        n in map(normal, bare.values()) for n in map(normal, table.never)
    ):
        return None
    if table.marks and not named and not exact.intersection(table.marks):
        return None
    missing = tuple(c.name for c in table.columns if c.required and c.name not in found)
    points = sum(1.0 if c in exact else _ALIAS for c in found)
    score = points / (len(found) + _UNKNOWN * unknown + len(missing)) if found else 0.0
    return Match(fmt, table, {c: tuple(h) for c, h in found.items()}, frozenset(exact), missing, score)


def _matches(fmt: Format, columns: Sequence[str]) -> tuple[Match, ...]:
    if fmt is named(fmt.name):  # the same tables are recognised when read, when mapped, and among their siblings
        return _known_matches(fmt.name, tuple(columns))
    return _found_matches(fmt, columns)


@lru_cache(maxsize=10_000)
def _known_matches(format_name: str, columns: tuple[str, ...]) -> tuple[Match, ...]:
    fmt = named(format_name)
    return () if fmt is None else _found_matches(fmt, columns)


def _found_matches(fmt: Format, columns: Sequence[str]) -> tuple[Match, ...]:
    found = (match_table(fmt, table, columns) for table in fmt.tables.values())
    return tuple(m for m in found if m is not None and m.score >= _GOOD_ENOUGH)


def _best(found: Sequence[Match]) -> Match | None:
    return max(found, key=lambda m: (round(m.score, 6), -m.format.rank), default=None)


def _stands_alone(match: Match) -> bool:
    return match.score >= _EVERYDAY or not match.table.everyday


@lru_cache(maxsize=1000)
def _spellings(format_name: str, table_name: str) -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
    fmt = next(f for f in formats() if f.name == format_name)
    table = fmt.tables[table_name]
    plain: dict[str, str] = {}
    numbered = []
    for column in table.columns:
        for spelling in column.spellings:
            if "#" in spelling:
                pattern = r"\d+".join(re.escape(normal(part)) for part in spelling.split("#"))
                numbered.append((re.compile(pattern), column.name))
            else:
                plain.setdefault(normal(spelling), column.name)
    for column in table.columns:  # a column's own name beats another column's alias
        if "#" not in column.name:
            plain[normal(column.name)] = column.name
    return plain, numbered
