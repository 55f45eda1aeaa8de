"""Maps of tables whose format is recognised: the format's own maps, with its columns as this source names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rosterdesk.formats import Format, FormatMap, FormatTable, Match, match_table, recognise_source
from rosterdesk.mapping.evidence import overlap
from rosterdesk.mapping.links import LINKS
from rosterdesk.model import Confidence, FieldMap, Reading, RowFilter, SourceTable, TableMap, Transform
from rosterdesk.staging import Staging

_PROVEN = 0.5


@dataclass(frozen=True, slots=True)
class Known:
    """The maps of the recognised tables, the matches they rest on, and what only a person can tell."""

    maps: tuple[TableMap, ...]
    matches: Mapping[str, Match]
    questions: tuple[str, ...]


def known(reading: Reading, staging: Staging, preset: Format | None) -> Known:
    """The maps of all tables that belong to a format; with `preset` only of that one."""
    found = _matches(reading, preset)
    twins, questions = _twins(reading, found)
    found = {**found, **twins}
    maps: list[TableMap] = []
    for table in reading.tables:
        match = found.get(table.name)
        if match is None:
            continue
        likely = table.name in twins
        chosen, question = _chosen(match, table, found, reading, staging)
        questions += [question] if question else []
        bound = [_bind(m, match, table, found, likely=likely or chosen.likely) for m in chosen.maps]
        maps += [m for m in bound if m is not None]
    undecided = {q.split("“")[1].split("”")[0] for q in questions}
    return Known(tuple(m for m in maps if m.table not in undecided), found, tuple(questions))


def _matches(reading: Reading, preset: Format | None) -> dict[str, Match]:
    if preset is None:
        source = recognise_source(
            {t.name: t.columns for t in reading.tables}, reading.manifest.get("oneroster.version")
        )
        return dict(source.tables)
    found: dict[str, Match] = {}
    for table in reading.tables:
        options = [
            m for t in preset.tables.values() if (m := match_table(preset, t, table.columns, named=True)) is not None
        ]
        if options:
            found[table.name] = max(options, key=lambda m: m.score)
    return found


def _twins(reading: Reading, found: Mapping[str, Match]) -> tuple[dict[str, Match], list[str]]:
    """Tables whose headers fit two tables of the format: only here the file's name tells, and is not called sure."""
    decided: dict[str, Match] = {}
    questions: list[str] = []
    for name, match in found.items():
        if match.table.twin is None:
            continue
        table = next(t for t in reading.tables if t.name == name)
        other = match_table(match.format, match.format.tables[match.table.twin], table.columns)
        if other is None or other.score != match.score:
            continue
        named = [m for m in (match, other) if _is_named(table, m.table)]
        if len(named) == 1:
            decided[name] = named[0]
        else:
            questions.append(
                f"The table “{name}” may be {match.table.name} or {other.table.name}; its headers fit both."
            )
    return decided, questions


def _is_named(table: SourceTable, layout: FormatTable) -> bool:
    return layout.name.rstrip("s").casefold() in f"{table.name} {table.file}".casefold()


@dataclass(frozen=True, slots=True)
class _Chosen:
    maps: Sequence[FormatMap]
    likely: bool = False


def _chosen(
    match: Match, table: SourceTable, found: Mapping[str, Match], reading: Reading, staging: Staging
) -> tuple[_Chosen, str | None]:
    """The maps that this table uses: those whose evidence shows, and of several that compete the one with most."""
    plain = [m for m in match.table.maps if m.when is None]
    rival = [m for m in match.table.maps if m.when is not None]
    if not rival:
        return _Chosen(plain), None
    weights = [_weight(m, match, table, found, reading, staging) for m in rival]
    best = max(weights)
    if best >= _PROVEN and weights.count(best) == 1:
        return _Chosen([*plain, rival[weights.index(best)]]), None
    names = [m.when.table for m in rival if m.when is not None]
    named = [n for n in names if n.rstrip("s").casefold() in f"{table.name} {table.file}".casefold()]
    if len(named) == 1:
        return _Chosen([*plain, rival[names.index(named[0])]], likely=True), None
    return _Chosen(
        plain
    ), f"Whether the table “{table.name}” is about {' or '.join(names)} can't be told: its IDs are found in neither."


def _weight(
    spec: FormatMap, match: Match, table: SourceTable, found: Mapping[str, Match], reading: Reading, staging: Staging
) -> float:
    assert spec.when is not None
    shares = [0.0]
    for other in reading.tables:
        theirs = found.get(other.name)
        if theirs is None or theirs.format is not match.format or theirs.table.name != spec.when.table:
            continue
        if spec.when.key in theirs.columns and spec.when.column in match.columns:
            shares.append(
                overlap(staging, table, match.columns[spec.when.column][0], other, theirs.columns[spec.when.key][0])
            )
    return max(shares)


def _bind(
    spec: FormatMap, match: Match, table: SourceTable, found: Mapping[str, Match], *, likely: bool
) -> TableMap | None:
    """The map with this source's own headers; None when the table holds nothing of it."""
    fields = {}
    for name, options in spec.fields.items():
        bound = (_field(f, match, found, likely=likely) for f in options)
        if (first := next((f for f in bound if f is not None), None)) is not None:
            fields[name] = first
    own = [n for n, f in fields.items() if f.columns and n not in LINKS]
    if not own or (spec.target == "enrollments" and not {"class_sis_id", "user_sis_id"} <= set(own)):
        return None
    if spec.target == "guardians" and not {"given_name", "family_name"} & set(own):
        return None
    filters = tuple(
        RowFilter(match.columns[f.column][0], f.values, f.keep) for f in spec.filters if f.column in match.columns
    )
    return TableMap(table.name, spec.target, fields, filters)


def _field(spec: FieldMap, match: Match, found: Mapping[str, Match], *, likely: bool) -> FieldMap | None:
    columns = tuple(header for c in spec.columns for header in match.columns.get(c, ()))
    if spec.columns and not columns:
        return None
    steps = [_step(t, match, found) for t in spec.transforms]
    if any(s is None for s in steps):
        return None
    if likely:
        confidence = Confidence.LIKELY
    elif match.format.preset:
        confidence = Confidence.PRESET
    else:
        exact = all(c in match.exact for c in spec.columns if c in match.columns)
        confidence = Confidence.EXACT if exact else Confidence.ALIAS
    return replace(spec, columns=columns, transforms=tuple(s for s in steps if s is not None), confidence=confidence)


def _step(step: Transform, match: Match, found: Mapping[str, Match]) -> Transform | None:
    """The step; a look-up names the table and columns of this source, or falls away when there is no such table."""
    if step.op != "lookup":
        return step
    for name, other in found.items():
        key, value = str(step.args["key"]), str(step.args["value"])
        if (
            other.format is match.format
            and other.table.name == step.args["table"]
            and key in other.columns
            and value in other.columns
        ):
            return Transform(
                "lookup", {**step.args, "table": name, "key": other.columns[key][0], "value": other.columns[value][0]}
            )
    return None
