"""How tables are written where that was not found out rightly: kept with a mapping, so that tomorrow's file is read
so too.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from dataclasses import replace
from typing import Any

from rosterdesk.model import Mapping

Parts = dict[str, Any]
_KEY = "written"
_PARTS: dict[str, type] = {"encoding": str, "delimiter": str, "header_row": int, "use": bool}


def said(mapping: Mapping | None) -> dict[str, Parts]:
    """What a person said of how tables are written, by their names: `encoding`, `delimiter`, `header_row`, `use`.

    What a file written by hand says wrongly is passed over: that table is looked at as any other.
    """
    kept = mapping.settings.get(_KEY) if mapping is not None else None
    return _plain(kept) if isinstance(kept, MappingABC) else {}


def with_said(mapping: Mapping, tables: MappingABC[str, Parts]) -> Mapping:
    """The mapping with what is said of how tables are written, in place of what it had."""
    others = {name: value for name, value in mapping.settings.items() if name != _KEY}
    told = _plain(tables)
    return replace(mapping, settings={**others, _KEY: told} if told else others)


def _plain(tables: MappingABC[Any, Any]) -> dict[str, Parts]:
    found = {str(table): _parts(parts) for table, parts in tables.items() if isinstance(parts, MappingABC)}
    return {table: parts for table, parts in found.items() if parts}


def _parts(given: MappingABC[str, Any]) -> Parts:
    """The parts of the right kind that say something."""
    right = {name: given[name] for name, kind in _PARTS.items() if type(given.get(name)) is kind}
    return {name: value for name, value in right.items() if value or name == "use"}
