"""Suggest a mapping: which column is which field, how surely, and by which steps. Headers propose, cells decide."""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from dataclasses import replace

from rosterdesk.errors import UsageError
from rosterdesk.formats import Match, formats, named
from rosterdesk.mapping import evidence
from rosterdesk.mapping.known import known
from rosterdesk.mapping.links import link
from rosterdesk.mapping.signature import headers_signature, signature
from rosterdesk.mapping.unknown import fill, unknown
from rosterdesk.model import Confidence, FieldMap, Mapping, Reading, TableMap
from rosterdesk.staging import Staging

# What the cells of a field must look like, most of them, for a header to be believed. Where none do, a header that says
# nothing
# but "identifier" or "phone" was about something else, and the field is left without a column.
_LOOKS = {"email": "email", "sms": "phone", "phone": "phone", "grade": "grade", "birth_date": "date"}
_NUMBERS = ("student_number", "state_id")
_HALF, _FLOOR = 0.5, 0.1
_MAY_GO = ("sms", "phone", *_NUMBERS)
_SCHOOLS = {
    "users": "school_sis_ids",
    "students": "school_sis_ids",
    "staff": "school_sis_ids",
    "classrooms": "school_sis_id",
}


def suggest(reading: Reading, staging: Staging, preset: str | None = None) -> Mapping:
    """A mapping for every table that holds anything of a roster. Raises `UsageError` for a preset that is unknown.

    `settings["questions"]` holds, as sentences, what only a person can tell; `unmet` repeats them.
    """
    fmt = None
    if preset is not None and (fmt := named(preset)) is None:
        raise UsageError(f"There is no preset “{preset}”.", f"Known are {', '.join(f.name for f in formats())}.")
    base = known(reading, staging, fmt)
    questions = list(base.questions)
    maps = [_doubted(m, reading, staging) for m in base.maps]
    strangers = [t for t in reading.tables if t.name not in base.matches and t.columns]
    for table in strangers:
        made, asked = unknown(table, evidence.sample(staging, table))
        maps += made
        questions += asked
    maps = [_filled(m, base.matches, reading, staging) for m in maps]
    foreign = {t.name for t in strangers} | {name for name, m in base.matches.items() if m.missing}
    maps, asked = link(maps, foreign, reading, staging)
    questions += asked
    settings: dict[str, object] = {"headers": {t.name: headers_signature(t.columns) for t in reading.tables}}
    if questions:
        settings["questions"] = questions
    return Mapping(tuple(_in_file_order(maps, reading)), signature=signature(reading), settings=settings)


def _in_file_order(maps: list[TableMap], reading: Reading) -> list[TableMap]:
    place = {t.name: n for n, t in enumerate(reading.tables)}
    return sorted(maps, key=lambda m: place[m.table])


def _filled(spec: TableMap, matches: MappingABC[str, Match], reading: Reading, staging: Staging) -> TableMap:
    """The map of a table that lacks columns of its format, with the school found among those that the format doesn't
    know.
    """
    wanted = _SCHOOLS.get(spec.target)
    match = matches.get(spec.table)
    if match is None or not match.missing or wanted is None or wanted in spec.fields:
        return spec
    table = reading.table(spec.table)
    assert table is not None
    return fill(spec, table, evidence.sample(staging, table), [wanted])


def _doubted(spec: TableMap, reading: Reading, staging: Staging) -> TableMap:
    """The map with the confidence of those fields lowered whose cells look like something else, or without them."""
    table = reading.table(spec.table)
    assert table is not None
    looked = {n: f for n, f in spec.fields.items() if (n in _LOOKS or n in _NUMBERS) and f.columns}
    cells = evidence.sample(
        staging, table, list(dict.fromkeys(c for f in looked.values() for c in f.columns)), rows=1000
    )
    fields: dict[str, FieldMap] = {}
    for name, field in spec.fields.items():
        fit = min(_fit(name, field, cells[c]) for c in field.columns) if name in looked else 1.0
        if fit < _FLOOR and name in _MAY_GO:
            continue
        fields[name] = field if fit >= _HALF else replace(field, confidence=Confidence.UNSURE)
    return replace(spec, fields=fields)


def _fit(name: str, field: FieldMap, column: evidence.Column) -> float:
    if any(t.op in ("replace", "lookup", "pattern", "ids") for t in field.transforms) or not column.distinct:
        return 1.0
    return 1.0 - column.share("email") if name in _NUMBERS else column.share(_LOOKS[name])
