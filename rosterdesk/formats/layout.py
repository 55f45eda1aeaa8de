"""The shape of a format: its tables, their columns, and how they map to ours. Read from the TOML files beside this.

name, title, source      what it is called, and where its columns are taken from
kind                     "standard", or "preset" for the native exports of an SIS, whose headers are less certain
rank                     which of two equally good formats is meant: the smaller
everyday                 its headers are everybody's words ("Student ID"): nearly all must fit, or several tables
[words.NAME]             a table of values, named by `replace` steps as `words = "NAME"`
[tables.T]               needs: columns without which a table is not T;  never: columns that T does not have
[tables.T.columns]       NAME = {} with required, aliases, values (the enumeration), list (the separator), note;
                         a "#" in a name stands for a number (`location_id_#`)
[[tables.T.maps]]        target, fields, filters as in a saved mapping; a list of fields are alternatives;
                         when = { column, table, key }: only if the column's cells are found in that table's key
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

from rosterdesk.formats.vocabulary import read_field, read_filter
from rosterdesk.model import FieldMap, RowFilter


@dataclass(frozen=True, slots=True)
class FormatColumn:
    """A column of a format: its header, other spellings seen, and what its cells may hold."""

    name: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    list: str | None = None
    note: str = ""

    @property
    def spellings(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What must show in the data before a map is used: the cells of `column` are keys (`key`) of the format's table
    `table`.
    """

    column: str
    table: str
    key: str


@dataclass(frozen=True, slots=True)
class FormatMap:
    """How a table of a format becomes one of our targets; columns are named as the format names them.

    A field may have alternatives: the first whose columns and look-ups a source has is used.
    """

    target: str
    fields: Mapping[str, tuple[FieldMap, ...]]
    filters: tuple[RowFilter, ...] = ()
    when: Evidence | None = None


@dataclass(frozen=True, slots=True)
class FormatTable:
    """A table of a format. `twin` names the table that has the very same headers when only the required columns are
    filled.
    """

    name: str
    columns: tuple[FormatColumn, ...]
    needs: tuple[str, ...]
    never: tuple[str, ...] = ()
    maps: tuple[FormatMap, ...] = ()
    twin: str | None = None
    marks: tuple[str, ...] = ()
    everyday: bool = False

    def column(self, name: str) -> FormatColumn | None:
        return next((c for c in self.columns if c.name == name), None)


@dataclass(frozen=True, slots=True)
class Format:
    """A file layout: OneRoster 1.1, ClassTag, a PowerSchool export."""

    name: str
    title: str
    source: str
    kind: str
    rank: int
    tables: Mapping[str, FormatTable] = field(default_factory=dict)

    @property
    def preset(self) -> bool:
        return self.kind == "preset"


@lru_cache(maxsize=1)
def formats() -> tuple[Format, ...]:
    """Every format, the smaller rank first."""
    found = [
        _format(tomllib.loads(entry.read_text(encoding="utf-8")))
        for entry in resources.files("rosterdesk.formats").iterdir()
        if entry.name.endswith(".toml")
    ]
    return tuple(sorted(found, key=lambda f: (f.rank, f.name)))


def named(name: str) -> Format | None:
    """The format of that name, or None."""
    return next((f for f in formats() if f.name == name), None)


def _format(data: Mapping[str, Any]) -> Format:
    everyday = data.get("everyday", False) or data.get("kind") == "preset"
    words = data.get("words", {})
    tables = {name: _table(name, table, words, everyday=everyday) for name, table in data["tables"].items()}
    return Format(
        data["name"], data["title"], data["source"], data.get("kind", "standard"), data.get("rank", 50), tables
    )


def _table(name: str, data: Mapping[str, Any], words: Mapping[str, Any], *, everyday: bool) -> FormatTable:
    columns = tuple(_column(n, c) for n, c in data["columns"].items())
    return FormatTable(
        name,
        columns,
        needs=tuple(data.get("needs", [c.name for c in columns if c.required])),
        never=tuple(data.get("never", ())),
        maps=tuple(_map(m, words) for m in data.get("maps", ())),
        twin=data.get("twin"),
        marks=tuple(data.get("marks", ())),
        everyday=data.get("everyday", everyday),
    )


def _column(name: str, data: Mapping[str, Any]) -> FormatColumn:
    return FormatColumn(
        name,
        data.get("required", False),
        tuple(data.get("aliases", ())),
        tuple(data.get("values", ())),
        data.get("list"),
        data.get("note", ""),
    )


def _map(data: Mapping[str, Any], words: Mapping[str, Any]) -> FormatMap:
    fields = {
        n: tuple(read_field(_with_words(option, words)) for option in (f if isinstance(f, list) else [f]))
        for n, f in data["fields"].items()
    }
    when = Evidence(**data["when"]) if "when" in data else None
    return FormatMap(data["target"], fields, tuple(read_filter(f) for f in data.get("filters", ())), when)


def _with_words(field_data: Any, words: Mapping[str, Any]) -> Any:
    """The field with the named value tables of its `replace` steps put in."""
    if not isinstance(field_data, Mapping) or "transforms" not in field_data:
        return field_data
    steps = [
        {k: v for k, v in step.items() if k != "words"} | {"table": dict(words[step["words"]])}
        if isinstance(step, Mapping) and "words" in step
        else step
        for step in field_data["transforms"]
    ]
    return {**field_data, "transforms": steps}
