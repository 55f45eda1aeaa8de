"""How a mapping is written in TOML: fields, transforms and filters. Format files and saved mappings share it.

sis_id = "sourcedId"                                     the column as it is
role   = { column = "role", transforms = ["role"] }      steps in order; a step with arguments is a table with `op`
school_sis_ids = { columns = ["orgSourcedIds"], transforms = [{ op = "split", by = "," }] }
role   = { constant = "student" }                        the same text in every row
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rosterdesk.errors import UsageError
from rosterdesk.model import Confidence, FieldMap, RowFilter, Transform


def read_field(value: Any) -> FieldMap:
    """A field as TOML holds it. Raises `UsageError` when it is written wrongly."""
    if isinstance(value, str):
        return FieldMap((value,))
    if not isinstance(value, Mapping):
        raise UsageError(
            "The mapping can't be read.",
            "A field is a column name or a table with column, transforms, constant.",
            repr(value),
        )
    columns = value.get("columns", [value["column"]] if "column" in value else [])
    steps = [read_transform(t) for t in value.get("transforms", ())]
    if "constant" in value:
        steps.insert(0, Transform("constant", {"value": str(value["constant"])}))
    try:
        confidence = Confidence(value.get("confidence", Confidence.GIVEN))
    except ValueError as error:
        raise UsageError("The mapping can't be read.", "The confidence of a field is not known.", str(error)) from error
    return FieldMap(tuple(str(c) for c in columns), tuple(steps), confidence)


def read_transform(value: Any) -> Transform:
    """A transform as TOML holds it: a name, or a table with `op` and arguments."""
    if isinstance(value, str):
        return Transform(value)
    if isinstance(value, Mapping) and isinstance(value.get("op"), str):
        return Transform(value["op"], {k: v for k, v in value.items() if k != "op"})
    raise UsageError("The mapping can't be read.", "A transform is a name or a table with `op`.", repr(value))


def read_filter(value: Mapping[str, Any]) -> RowFilter:
    """A row filter as TOML holds it: column, values, keep."""
    try:
        return RowFilter(str(value["column"]), tuple(str(v) for v in value["values"]), bool(value.get("keep", True)))
    except (KeyError, TypeError) as error:
        raise UsageError("The mapping can't be read.", "A filter has a column and values.", repr(value)) from error


def write_field(field: FieldMap) -> Any:
    """A field as TOML holds it, in its shortest form."""
    steps = list(field.transforms)
    out: dict[str, Any] = {}
    if len(field.columns) == 1:
        out["column"] = field.columns[0]
    elif field.columns:
        out["columns"] = list(field.columns)
    if steps and steps[0].op == "constant":
        out["constant"] = steps.pop(0).args["value"]
    if steps:
        out["transforms"] = [write_transform(t) for t in steps]
    if field.confidence is not Confidence.GIVEN:
        out["confidence"] = field.confidence.value
    return out["column"] if set(out) == {"column"} else out


def write_transform(step: Transform) -> Any:
    """A transform as TOML holds it."""
    return {"op": step.op, **step.args} if step.args else step.op


def write_filter(rows: RowFilter) -> dict[str, Any]:
    """A row filter as TOML holds it."""
    return {"column": rows.column, "values": list(rows.values)} | ({} if rows.keep else {"keep": False})
