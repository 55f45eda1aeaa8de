"""Which rows of a table are taken: some grades, schools, terms or contact types, or homerooms only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from rosterdesk.mapping.cells import trimmed
from rosterdesk.mapping.words import grade_code
from rosterdesk.model import Mapping as RosterMapping
from rosterdesk.model import RowFilter, TableMap
from rosterdesk.staging import literal, quote
from rosterdesk.targets import TARGETS


def condition(rows: RowFilter, spec: TableMap, fields: Mapping[str, str]) -> str:
    """The filter as an SQL condition over the raw table. `fields` are the expressions of the target's fields.

    A cell is compared as it is, and as the fields that come from it see it: the grade "0" answers to KG, a list to
    each of its items.
    """
    chosen = dict.fromkeys(v.strip().casefold() for v in rows.values)
    values = ", ".join(map(literal, chosen))
    texts = [f"lower(coalesce({trimmed(f'source.{quote(rows.column)}')}, '')) in ({values})"]
    for name, field in spec.fields.items():
        if rows.column not in field.columns or any(t.op == "each" for t in field.transforms):
            continue
        if any(t.op == "grade" for t in field.transforms):
            values = ", ".join(map(literal, chosen | dict.fromkeys(grade_code(v).casefold() for v in chosen)))
        if TARGETS[spec.target][name].many:
            items = f"list_transform({fields[name]}, lambda x: lower(x))"
        elif field.transforms:
            items = f"string_split(lower({fields[name]}), ',')"
        else:
            continue
        texts.append(f"coalesce(list_has_any({items}, [{values}]), false)")
    held = f"({' or '.join(texts)})"
    return held if rows.keep else f"not {held}"


def only(mapping: RosterMapping, target: str, field: str, values: Iterable[str], *, keep: bool = True) -> RosterMapping:
    """The mapping with only the rows of a target whose field holds one of the values; others are left alone.

    Grades and schools of students, terms of classrooms and contact types of guardians are filtered with this.
    """
    chosen = tuple(values)

    def limited(spec: TableMap) -> TableMap:
        source = spec.fields.get(field)
        if spec.target != target or source is None or not source.columns:
            return spec
        return replace(spec, filters=(*spec.filters, RowFilter(source.columns[0], chosen, keep)))

    return replace(mapping, tables=tuple(limited(t) for t in mapping.tables))


def homerooms_only(mapping: RosterMapping) -> RosterMapping:
    """The mapping with homerooms as its only classrooms, where the source tells them."""
    return only(mapping, "classrooms", "class_type", ("homeroom",))
