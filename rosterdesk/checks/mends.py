"""The mends that problems offer: which steps to add to which fields of the mapping, and what they do to the cells in
question.

A mend changes the mapping, never the data, so that tomorrow's file is mended the same way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from rosterdesk.model import FieldMap, Mapping, TableMap, Transform
from rosterdesk.staging import Staging

_SAMPLES = 5
_UNSEEN = (
    "[\u00a0\u00ad\u034f\u061c\u180e\u2000-\u200b\u200e\u200f"
    "\u2028-\u202f\u205f-\u2064\u3000\ufeff\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]"
)


@dataclass(frozen=True, slots=True)
class Mend:
    """Steps to put behind (or with `before` in front of) those that a field has; samples are pairs of before and after.

    `questions` are the cells for which a person must say what they mean, as the keys of the table of the first step.
    """

    table: str
    target: str
    field: str
    steps: tuple[Transform, ...]
    samples: tuple[tuple[str, str], ...]
    before: bool = False
    questions: tuple[str, ...] = ()


def propose(staging: Staging, fix: str, mapping: Mapping) -> list[Mend]:
    """What mends the problems that offer `fix`, field by field; empty when the mapping has no such field.

    Raises `KeyError` for a mend that there is not.
    """
    make = FIXES[fix]
    rows = staging.rows(
        """select table_name, column_name, list(distinct value order by value) from problems
           where fix = ? and value is not null group by all order by all""",
        [fix],
    )
    return [
        mend
        for table, column, values in rows
        for spec, name in _fields(mapping, table, column)
        if (mend := make(staging, spec, name, values))
    ]


def apply(mapping: Mapping, mends: list[Mend]) -> Mapping:
    """The mapping with the steps of the mends put in."""
    from dataclasses import replace

    tables = []
    for spec in mapping.tables:
        fields = dict(spec.fields)
        for mend in (m for m in mends if (m.table, m.target) == (spec.table, spec.target) and m.field in fields):
            field = fields[mend.field]
            steps = (*mend.steps, *field.transforms) if mend.before else (*field.transforms, *mend.steps)
            fields[mend.field] = FieldMap(field.columns, steps)
        tables.append(replace(spec, fields=fields))
    return replace(mapping, tables=tuple(tables))


def _fields(mapping: Mapping, table: str, column: str | None) -> list[tuple[TableMap, str]]:
    """The fields of the mapping that a problem's place stands for: by the source's column, or by the field itself."""
    return [
        (spec, name)
        for spec in mapping.tables
        if spec.table == table
        for name, field in spec.fields.items()
        if column in field.columns[:1] or (name == column and not field.columns)
    ]


def _mend(
    spec: TableMap, name: str, values: list[str], change: Callable[[str], str], *steps: Transform, before: bool = False
) -> Mend:
    samples = tuple((v, change(v)) for v in values[:_SAMPLES])
    return Mend(spec.table, spec.target, name, steps, samples, before)


def _pad(staging: Staging, spec: TableMap, name: str, values: list[str]) -> Mend | None:
    """Zeros up to the width of those IDs of the source or the directory that begin with one and end like these."""
    known = [
        f"select sis_id from {relation} where starts_with(sis_id, '0')"
        for relation in ("incoming.people", "incoming.all_classrooms", "incoming.all_schools")
    ]
    known += [
        f"select sis_id from directory.{e} where starts_with(sis_id, '0')"
        for e in ("students", "staff", "guardians", "classrooms")
        if staging.has(f"directory.{e}")
    ]
    widths = staging.rows(
        f"""select strlen(sis_id) as width, count(*) filter (ltrim(sis_id, '0') in (select unnest(?))) as matched,
            count(*) as n
            from ({" union all ".join(known)}) group by width order by matched desc, n desc limit 1""",
        [values],
    )
    if not widths:
        return None
    width = int(widths[0][0])
    return _mend(spec, name, values, lambda v: v.rjust(width, "0"), Transform("pad", {"width": width}))


def _trim(_: Staging, spec: TableMap, name: str, values: list[str]) -> Mend:
    return _mend(spec, name, values, str.strip, Transform("trim"), before=True)


def _unseen(_: Staging, spec: TableMap, name: str, values: list[str]) -> Mend:
    step = Transform("pattern", {"find": _re2(_UNSEEN), "replace": ""})
    return _mend(spec, name, values, lambda v: re.sub(_UNSEEN, "", v), step, before=True)


def _re2(pattern: str) -> str:
    """The pattern with its invisible characters written as numbers, to be read in a file."""
    return "".join(c if " " <= c <= "~" else f"\\x{{{ord(c):04X}}}" for c in pattern)


def _decimal(_: Staging, spec: TableMap, name: str, values: list[str]) -> Mend:
    step = Transform("pattern", {"find": r"^(\d+)[.]0+$", "replace": r"\1"})
    return _mend(spec, name, values, lambda v: re.sub(r"[.]0+$", "", v), step)


def _quotes(_: Staging, spec: TableMap, name: str, values: list[str]) -> Mend:
    return _mend(spec, name, values, lambda v: v.replace('"', ""), Transform("pattern", {"find": '"', "replace": ""}))


def _words(_: Staging, spec: TableMap, name: str, values: list[str]) -> Mend:
    """A table of the words that are not known; what they mean a person says."""
    asked = dict.fromkeys(values, "")
    step = Transform("replace", {"table": asked})
    return Mend(spec.table, spec.target, name, (step,), (), before=True, questions=tuple(asked))


def _country(_: Staging, spec: TableMap, name: str, values: list[str]) -> Mend:
    return Mend(spec.table, spec.target, name, (Transform("phone", {"country": ""}),), (), questions=("country",))


def _order(_: Staging, spec: TableMap, name: str, values: list[str]) -> Mend:
    return Mend(
        spec.table, spec.target, name, (Transform("date", {"birth": True, "order": ""}),), (), questions=("order",)
    )


FIXES: dict[str, Callable[[Staging, TableMap, str, list[str]], Mend | None]] = {
    "pad-ids": _pad,
    "trim-ids": _trim,
    "strip-invisible": _unseen,
    "strip-decimal": _decimal,
    "strip-quotes": _quotes,
    "map-grade": _words,
    "map-role": _words,
    "map-status": _words,
    "set-country": _country,
    "date-order": _order,
}
"""What is mended by steps on one field. `swap-names` is not: there the columns of two fields change places (see
`swapped`)."""


def swapped(spec: TableMap) -> TableMap:
    """The map with the columns of first and last name changed about."""
    from dataclasses import replace

    fields = dict(spec.fields)
    if "given_name" in fields and "family_name" in fields:
        fields["given_name"], fields["family_name"] = fields["family_name"], fields["given_name"]
    return replace(spec, fields=fields)
