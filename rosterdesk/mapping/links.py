"""References between tables: do the IDs of one stand in the other? Where another column has them, it is looked up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from rosterdesk.formats.headers import normal, strip_suffix
from rosterdesk.mapping.evidence import overlap
from rosterdesk.model import Confidence, FieldMap, Reading, SourceTable, TableMap, Transform
from rosterdesk.staging import Staging, quote
from rosterdesk.targets import TARGETS

# Fields that alone make no record: they point to another one, or say something about one.
LINKS = (
    "student_sis_id",
    "school_sis_ids",
    "school_sis_id",
    "relationship",
    "contact_type",
    "language",
    "status",
    "role",
    "primary",
)
PEOPLE = ("users", "students", "staff")
# Which targets a field points to.
_POINTS: Mapping[str, tuple[str, ...]] = {
    "class_sis_id": ("classrooms",),
    "user_sis_id": PEOPLE,
    "school_sis_id": ("schools",),
    "school_sis_ids": ("schools",),
    "student_sis_id": ("users", "students"),
}
_SOME, _PROOF = 0.5, 0.9


def link(
    maps: Sequence[TableMap], foreign: Collection[str], reading: Reading, staging: Staging
) -> tuple[list[TableMap], list[str]]:
    """The maps with references made good, and a sentence for each that a person must set.

    Only references from and to `foreign` tables are looked at: within a whole set of a known format they are as its
    standard says.
    """
    out: list[TableMap] = []
    questions: list[str] = []
    for spec in maps:
        fields = dict(spec.fields)
        for name, field in spec.fields.items():
            if name not in _POINTS or len(field.columns) != 1 or any(t.op == "lookup" for t in field.transforms):
                continue
            parents = [m for m in maps if m.target in _POINTS[name] and m.table != spec.table and len(_key(m)) == 1]
            if spec.table not in foreign and not any(p.table in foreign for p in parents):
                continue
            made, question = _resolve(name, field, spec, parents, reading, staging)
            fields[name] = made
            questions += [question] if question else []
        if spec.target == "enrollments" and "role" not in fields and (role := _role(fields, maps)) is not None:
            fields["role"] = role
        out.append(replace(spec, fields=fields))
    return out, questions


def _resolve(
    name: str, field: FieldMap, spec: TableMap, parents: Sequence[TableMap], reading: Reading, staging: Staging
) -> tuple[FieldMap, str | None]:
    table = _table(reading, spec.table)
    column = field.columns[0]
    if not parents or not staging.one(
        f"select count(*) from (select 1 from {table.relation} where {quote(column)} <> '' limit 1)"
    ):
        return field, None
    many = TARGETS[spec.target][name].many
    for parent in parents:
        if overlap(staging, table, column, _table(reading, parent.table), _key(parent)[0], many=many) >= _SOME:
            return field, None
    wanted = normal(strip_suffix(table.columns).get(column, column))
    for parent in parents:
        other = _table(reading, parent.table)
        for candidate, bare in strip_suffix(other.columns).items():
            # Small whole numbers are found everywhere, so the IDs alone prove nothing: the column must be called the
            # same, too.
            if normal(bare) == wanted and overlap(staging, table, column, other, candidate) >= _PROOF:
                args = {"table": other.name, "key": candidate, "value": _key(parent)[0], "keep": True}
                steps = (*(t for t in field.transforms if t.op == "trim"), Transform("lookup", args))
                return FieldMap((column,), steps, Confidence.LIKELY), None
    title = TARGETS[spec.target][name].title
    places = " or ".join(dict.fromkeys(f"“{p.table}”" for p in parents))
    asked = f"The IDs in column “{column}” of the table “{spec.table}” ({title}) are not found in {places}."
    return (
        (replace(field, confidence=Confidence.UNSURE), asked)
        if field.confidence is not Confidence.EXACT
        else (field, None)
    )


def _key(spec: TableMap) -> tuple[str, ...]:
    return spec.fields["sis_id"].columns if "sis_id" in spec.fields else ()


def _table(reading: Reading, name: str) -> SourceTable:
    found = reading.table(name)
    assert found is not None
    return found


def _role(fields: Mapping[str, FieldMap], maps: Sequence[TableMap]) -> FieldMap | None:
    """The role of an enrollment that doesn't tell it: that of the person, from the table of people."""
    person = fields.get("user_sis_id")
    if person is None:
        return None
    found = next((t for t in person.transforms if t.op == "lookup"), None)
    for parent in maps:
        role = parent.fields.get("role")
        if parent.target != "users" or role is None or len(role.columns) != 1 or not _key(parent):
            continue
        if found is not None and found.args["table"] != parent.table:
            continue
        key = found.args["key"] if found is not None else _key(parent)[0]
        args = {"table": parent.table, "key": key, "value": role.columns[0]}
        return FieldMap(person.columns, (Transform("lookup", args), *role.transforms), Confidence.LIKELY)
    return None
