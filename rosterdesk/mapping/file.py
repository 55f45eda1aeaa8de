"""Mappings as TOML files that people can read and change, and the one that a source was mapped with before."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import tomli_w

from rosterdesk.errors import FileError, RosterDeskError, UsageError
from rosterdesk.formats.vocabulary import read_field, read_filter, write_field, write_filter
from rosterdesk.log import log
from rosterdesk.mapping.signature import headers_signature, signature
from rosterdesk.model import Confidence, FieldMap, Mapping, Reading, TableMap
from rosterdesk.targets import TARGETS

VERSION = 1
_HEAD = """\
# A RosterDesk mapping: how the tables of one source become a roster.
#
# Each [[tables]] block reads the rows of one source table ("table") as records of one kind ("target"). Under
# [tables.fields] stands, for each field of ours, the source column that it comes from:
#
#     sis_id = "Student ID"                                         the column as it is
#     grade  = { column = "Gr", transforms = ["grade"] }            with steps, in order
#     role   = { constant = "student" }                             the same in every row
#
# Steps: trim, case, split, join, pick, replace, pattern, pad, date, phone, grade, role, status, boolean, name, lookup,
# ids, each.
# filters = [{ column = "Term", values = ["S1"] }] keeps only those rows; keep = false leaves them out.
# "signature" and [headers] recognise the source again; leave them alone.
"""
_DOUBTFUL = (Confidence.LIKELY, Confidence.UNSURE)


def save(mapping: Mapping, path: Path) -> None:
    """Write the mapping; likely and unsure fields are marked. Raises `FileError` when the file can't be written."""
    try:
        path.write_text("".join(_lines(mapping)), encoding="utf-8")
    except OSError as error:
        raise FileError(
            f"The mapping can't be written to {path.name}.", "Choose another folder.", str(error.strerror)
        ) from error


def load(path: Path) -> Mapping:
    """Read a mapping. Raises `FileError` when the file can't be read or is no mapping."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise FileError(
            f"{path.name} can't be read.", "Look whether it is still there.", str(error.strerror)
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileError(
            f"{path.name} is no mapping.", "It is not a TOML file; the detail names the place.", str(error)
        ) from error
    if data.get("rosterdesk_mapping") != VERSION:
        raise FileError(
            f"{path.name} is no mapping that this version knows.", "Save it anew with `rosterdesk map --save`."
        )
    headers = {str(table): str(known) for table, known in data.get("headers", {}).items()}
    tables = [_table(block, path) for block in data.get("tables", [])]
    settings = {**data.get("settings", {})} | ({"headers": headers} if headers else {})
    return Mapping(tuple(tables), str(data.get("name", "")), str(data.get("signature", "")), settings)


def remembered(reading: Reading, folder: Path) -> Mapping | None:
    """The folder's mapping that was saved for a source with these headers, its tables named as they are called today.

    A file that can't be read is passed over, so that one broken file doesn't stop a run that doesn't need it.
    """
    wanted = signature(reading)
    for path in sorted(folder.glob("*.toml")):
        try:
            mapping = load(path)
        except RosterDeskError as error:
            log.warning("a saved mapping was passed over: %s", type(error).__name__)
            continue
        if mapping.signature == wanted and (today := renamed(mapping, reading)) is not None:
            return today
    return None


def fitted(mapping: Mapping, reading: Reading) -> Mapping:
    """A mapping that a person opened, for this source: its tables as they are called today, its signature this one's.

    Raises `FileError` that names the table or the column that the source lacks.
    """
    known = renamed(mapping, reading) or mapping
    for spec in known.tables:
        table = reading.table(spec.table)
        if table is None:
            raise FileError(
                f"This mapping is for other files: here is no table “{spec.table}”.",
                "Open the mapping that was saved for these files, or choose the columns here.",
            )
        wanted = [c for field in spec.fields.values() for c in field.columns] + [f.column for f in spec.filters]
        if missing := [column for column in dict.fromkeys(wanted) if column not in table.columns]:
            raise FileError(
                f"This mapping is for other files: “{spec.table}” has no column “{missing[0]}” here.",
                "Open the mapping that was saved for these files, or choose the columns here.",
                f"{len(missing)} columns are missing: {', '.join(missing)}",
            )
    settings = {**known.settings, "headers": {t.name: headers_signature(t.columns) for t in reading.tables}}
    return replace(known, signature=signature(reading), settings=settings)


def renamed(mapping: Mapping, reading: Reading) -> Mapping | None:
    """The mapping with each table under the name that it has now, told by its headers; None where that is not clear."""
    headers = mapping.settings.get("headers", {})
    if not isinstance(headers, dict):
        return None
    now = {t.name: headers_signature(t.columns) for t in reading.tables}
    names: dict[str, str] = {}
    for old, found in headers.items():
        alike = [n for n, s in now.items() if s == found]
        if old in alike or not alike:
            names[old] = old
        elif len(alike) == 1:
            names[old] = alike[0]
        else:
            return None
    if any(names.get(t.table, t.table) not in now for t in mapping.tables):
        return None
    tables = tuple(replace(t, table=names.get(t.table, t.table), fields=_lookups(t, names)) for t in mapping.tables)
    settings = {**mapping.settings, "headers": {names[o]: s for o, s in headers.items()}}
    # What a person corrected yesterday is of the same tables today, whatever their files are called.
    if isinstance(fixes := settings.get("fixes"), list | tuple):
        settings["fixes"] = [{**fix, "table": names.get(str(fix.get("table")), fix.get("table"))} for fix in fixes]
    if isinstance(written := settings.get("written"), dict):
        settings["written"] = {names.get(table, table): parts for table, parts in written.items()}
    return replace(mapping, tables=tables, settings=settings)


def _lookups(spec: TableMap, names: dict[str, str]) -> dict[str, FieldMap]:
    """The fields with their look-ups pointing to the tables' names of today."""

    def pointed(field: FieldMap) -> FieldMap:
        steps = tuple(
            replace(t, args={**t.args, "table": names.get(str(t.args.get("table")), t.args.get("table"))})
            if t.op == "lookup"
            else t
            for t in field.transforms
        )
        return replace(field, transforms=steps)

    return {name: pointed(field) for name, field in spec.fields.items()}


def _table(block: dict[str, Any], path: Path) -> TableMap:
    target = block.get("target")
    if target not in TARGETS or not isinstance(block.get("table"), str):
        raise FileError(
            f"{path.name} is no mapping.", "A table block lacks its table, or its target is not known.", str(target)
        )
    try:
        fields = {name: read_field(value) for name, value in block.get("fields", {}).items()}
        filters = tuple(read_filter(f) for f in block.get("filters", []))
    except UsageError as error:
        raise FileError(f"{path.name} is no mapping.", error.advice, error.detail) from error
    if unknown := sorted(fields.keys() - TARGETS[target].keys()):
        raise FileError(f"{path.name} is no mapping.", f"{target} has no field {', '.join(unknown)}.")
    return TableMap(block["table"], target, fields, filters)


def _lines(mapping: Mapping) -> Iterator[str]:
    yield _HEAD
    settings = {k: v for k, v in mapping.settings.items() if k not in ("headers", "questions")}
    top: dict[str, Any] = {"rosterdesk_mapping": VERSION, "name": mapping.name, "signature": mapping.signature}
    yield "\n" + tomli_w.dumps(top)
    if settings:
        yield "\n" + tomli_w.dumps({"settings": settings})
    if headers := mapping.settings.get("headers"):
        yield "\n" + tomli_w.dumps({"headers": headers})
    for spec in mapping.tables:
        yield f"\n# {spec.table}: {spec.target}\n[[tables]]\n"
        yield f"table = {_inline(spec.table)}\ntarget = {_inline(spec.target)}\n"
        if spec.filters:
            yield f"filters = {_inline([write_filter(f) for f in spec.filters])}\n"
        yield "[tables.fields]\n"
        for name, field in spec.fields.items():
            kept = field if field.confidence in _DOUBTFUL else replace(field, confidence=Confidence.GIVEN)
            note = "  # please look: this column was only guessed" if field.confidence is Confidence.UNSURE else ""
            yield f"{name} = {_inline(write_field(kept))}{note}\n"


def _inline(value: Any) -> str:
    """A value on one line; the library breaks lists and tables over several."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(k)} = {_inline(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_inline(v) for v in value) + "]"
    return tomli_w.dumps({"v": value}).removeprefix("v = ").rstrip("\n")


def _key(name: str) -> str:
    return tomli_w.dumps({name: 0}).rpartition(" = ")[0]
