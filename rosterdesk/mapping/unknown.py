"""Maps of a table of no known format: what it holds is told by the fields that its headers name, and whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rosterdesk.formats.headers import strip_suffix
from rosterdesk.mapping import records
from rosterdesk.mapping.evidence import Column
from rosterdesk.mapping.lexicon import Header, parse
from rosterdesk.mapping.picking import Sheet, pick, pick_list
from rosterdesk.mapping.records import NAMES, OWN, any_of, at_most_likely, contacts, has_people
from rosterdesk.model import Confidence, SourceTable, TableMap

# Words of a table's or file's name that tell what it holds when its headers could be of several.
_HINTS = {
    "student": ("student", "pupil", "learner"),
    "staff": ("teacher", "staff", "employee", "instructor", "faculty"),
    "guardian": ("guardian", "parent", "contact", "family", "families"),
    "class": ("class", "section", "course"),
    "school": ("school", "org", "building", "campus"),
}


def unknown(table: SourceTable, cells: dict[str, Column]) -> tuple[list[TableMap], list[str]]:
    """The maps of the table, and a question when it holds people of whom nothing tells what they are."""
    bare = strip_suffix(table.columns)
    headers = [h for c in table.columns if c in bare and (h := parse(c, bare[c])).field and h.entity != "other"]
    sheet = Sheet([_named(h, cells) for h in headers if h.field != "note"], cells)
    kind, likely = _kind(sheet, table)
    if kind is None:
        asked = f"What the table “{table.name}” holds can't be told: students, staff or guardians?"
        return [], [asked] if has_people(sheet) else []
    maps = _MAKERS[kind](sheet, table)
    if likely:
        maps = [replace(m, fields={n: at_most_likely(f) for n, f in m.fields.items()}) for m in maps]
    if len(maps) == 1:
        maps = [_keyed(maps[0], cells)]
    return [m for m in maps if m.fields], []


def _keyed(spec: TableMap, cells: dict[str, Column]) -> TableMap:
    """The only map of a table, with its key called unsure when records share it."""
    key = spec.fields.get("sis_id")
    if key is None or len(key.columns) != 1 or not (column := cells[key.columns[0]]).cells:
        return spec
    if len(column.distinct) >= 0.98 * len(column.cells):
        return spec
    return replace(spec, fields={**spec.fields, "sis_id": replace(key, confidence=Confidence.UNSURE)})


def _named(header: Header, cells: dict[str, Column]) -> Header:
    """A header that names only a person or thing ("Student", "School"): it holds names or IDs, as its cells tell."""
    if header.field != "bare":
        return header
    return replace(header, field="full_name" if cells[header.name].share("name") >= 0.5 else "id", exact=False)


def fill(spec: TableMap, table: SourceTable, cells: dict[str, Column], fields: Sequence[str]) -> TableMap:
    """A map of a known format with fields added that it lacks, from headers that the format doesn't know."""
    used = {c for f in spec.fields.values() for c in f.columns}
    bare = strip_suffix(table.columns)
    sheet = Sheet([parse(c, bare[c]) for c in bare if c not in used], cells)
    found = {"school_sis_ids": pick_list(sheet, ("school",), "id"), "school_sis_id": pick(sheet, ("school",), "id")}
    added = {f: at_most_likely(m) for f in fields if (m := found.get(f)) is not None}
    return replace(spec, fields={**spec.fields, **added})


def _kind(sheet: Sheet, table: SourceTable) -> tuple[str | None, bool]:
    """What the rows are, and whether only the table's name tells."""
    students_id = sheet.has(("student",), ("id", "number"))
    class_id = sheet.has(("class",), ("id",))
    titled = sheet.has(("class",), ("title", "full_name", "location"))
    someone = students_id or sheet.has(("person",), ("id",)) or (sheet.has(("staff",), ("id",)) and not titled)
    if has_people(sheet):
        return _people_kind(sheet, table)
    named = {e: sheet.has((e,), NAMES) for e in ("student", "staff", "guardian")}
    if named["student"] or (students_id and sheet.has(("", "student"), ("grade", "birth_date"))):
        return "student", False
    if named["guardian"] and students_id:
        return "guardian", False
    if class_id and someone and not any(named.values()):
        return "enrollment", False
    place = sheet.has(("class",), ("location", "period", "type")) or sheet.has(("",), ("location", "period", "subject"))
    if class_id or (sheet.has(("",), ("id",)) and sheet.has(("", "class"), ("title", "full_name")) and place):
        return "class", False
    if named["staff"] and sheet.has(("staff",), ("id",)):
        return "staff", False
    if sheet.has(("school",), ("full_name",)) or (sheet.has(("", "school"), ("id",)) and _hint(table) == "school"):
        return "school", False
    return None, False


def _people_kind(sheet: Sheet, table: SourceTable) -> tuple[str | None, bool]:
    """What people with names of no one's in particular are."""
    students_id = sheet.has(("student",), ("id", "number"))
    found = contacts(sheet)
    if (
        students_id
        and not found
        and (sheet.has(("", "guardian"), ("relationship", "contact_type")) or any_of(sheet, "guardian"))
    ):
        return "guardian", False
    if any(sheet.cells[h.name].share("role") >= 0.5 for h in sheet.all(OWN, "role", None)):
        return "user", False
    unlike_students = not sheet.has((*OWN, "student"), ("grade", "birth_date", "state_id"))
    if students_id and unlike_students and _hint(table) == "guardian":
        return "guardian", True
    if students_id or found or sheet.has(OWN, ("grade", "state_id")):
        return "student", False
    if any_of(sheet, "staff"):
        return "staff", False
    hint = _hint(table)
    return (hint, True) if hint in ("student", "staff", "guardian") else (None, False)


def _hint(table: SourceTable) -> str | None:
    name = f"{table.name} {table.file}".casefold()
    found = [kind for kind, hints in _HINTS.items() if any(h in name for h in hints)]
    return found[0] if len(found) == 1 else None


_MAKERS = {
    "student": records.students,
    "staff": records.staff,
    "guardian": records.guardians,
    "user": records.users,
    "class": records.classrooms,
    "school": records.schools_table,
    "enrollment": records.enrollments,
}
