"""Maps of the kinds of rows that a file of no known format may hold: students with contacts, staff, classrooms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rosterdesk.formats.headers import normal
from rosterdesk.mapping.lexicon import Header
from rosterdesk.mapping.picking import PLAIN_PHONES, Sheet, pick, pick_by_cells, pick_list, pick_name
from rosterdesk.model import Confidence, FieldMap, SourceTable, TableMap, Transform

NAMES = ("given_name", "family_name", "full_name")
REACH = ("email", "sms", "phone")
OWN = ("", "person")


def at_most_likely(field: FieldMap) -> FieldMap:
    return field if field.confidence is Confidence.UNSURE else replace(field, confidence=Confidence.LIKELY)


def has_people(sheet: Sheet) -> bool:
    signs = (*REACH, "grade", "birth_date", "gender", "role", "relationship", "state_id")
    named = sheet.has(OWN, ("given_name", "family_name"))
    return named or (
        sheet.has(OWN, ("full_name",)) and (sheet.has(OWN, signs) or any_of(sheet, "student", "staff", "guardian"))
    )


def any_of(sheet: Sheet, *entities: str) -> bool:
    return any(sheet.any_of(e) for e in entities)


def contacts(sheet: Sheet) -> list[str]:
    """The contacts of a wide row, in the order of the columns: "1", "2", "mother"."""
    wanted = (*NAMES, *REACH)
    return list(dict.fromkeys(h.group for h in sheet.headers if h.entity == "guardian" and h.field in wanted))


def _person(sheet: Sheet, entities: Sequence[str], group: str = "") -> dict[str, FieldMap]:
    fields: dict[str, FieldMap | None] = {"sis_id": pick(sheet, entities[::-1], "id", group=group)}
    best = min(
        (h for e in entities for h in sheet.all([e], "id", group)), key=lambda h: (not h.exact, h.rank), default=None
    )
    if best is not None:
        fields["sis_id"] = pick(sheet, (best.entity,), "id", group=group)
    fields.update(pick_name(sheet, entities, group))
    for field in ("email", "sms", "phone", "language", "status"):
        fields[field] = pick(sheet, entities, field, group=group)
    return {n: f for n, f in fields.items() if f is not None}


def _pupil(sheet: Sheet, entities: Sequence[str]) -> dict[str, FieldMap]:
    fields = {f: pick(sheet, entities, f) for f in ("grade", "state_id", "birth_date", "gender", "username")}
    fields["student_number"] = pick(sheet, entities[::-1], "number", as_field="student_number")
    fields["school_sis_ids"] = _schools(sheet)
    fields["agent_sis_ids"] = pick_list(sheet, entities, "agents")
    return {n: f for n, f in fields.items() if f is not None}


def _schools(sheet: Sheet) -> FieldMap | None:
    found = pick_list(sheet, ("school",), "id") or pick_list(sheet, ("school",), "number")
    if found is not None:
        return found
    by_name = pick(sheet, ("school",), "full_name")
    return None if by_name is None else at_most_likely(by_name)


def _student_key(sheet: Sheet) -> FieldMap | None:
    return pick(sheet, ("student",), "id") or pick(sheet, ("student",), "number")


def students(sheet: Sheet, table: SourceTable) -> list[TableMap]:
    entities = (*OWN, "student") if has_people(sheet) else ("student", *OWN)
    fields = {**_person(sheet, entities), **_pupil(sheet, entities)}
    if "sis_id" not in fields and "student_number" in fields:  # the only number that the file has is its key
        fields = {"sis_id": fields["student_number"], **fields}
    if "email" not in fields and (column := pick_by_cells(sheet, "email", _used(fields) | _of_others(sheet))):
        fields["email"] = FieldMap((column,), (Transform("trim"),), Confidence.LIKELY)
    maps = [TableMap(table.name, "students", fields)]
    if (key := fields.get("sis_id")) is not None:
        maps += [_contact(sheet, table, key, group) for group in contacts(sheet)]
        maps += _flat(sheet, table, key)
    return [m for m in maps if len(m.fields) > 1]


def _used(fields: dict[str, FieldMap]) -> set[str]:
    return {c for f in fields.values() for c in f.columns}


def _of_others(sheet: Sheet) -> set[str]:
    return {h.name for h in sheet.headers if h.entity not in (*OWN, "student")}


def _contact(sheet: Sheet, table: SourceTable, student: FieldMap, group: str) -> TableMap:
    """One contact of a wide row as a guardian of the row's student."""
    fields = _reachable(sheet, _person(sheet, ("guardian",), group), ("guardian",), group)
    if (relationship := pick(sheet, ("guardian",), "relationship", group=group)) is not None:
        fields["relationship"] = relationship
    elif said := next((h.relationship for h in sheet.headers if h.group == group and h.relationship), ""):
        fields["relationship"] = FieldMap((), (Transform("constant", {"value": said}),), Confidence.ALIAS)
    kind = pick(sheet, ("guardian",), "contact_type", group=group) or pick(
        sheet, ("guardian",), "type", as_field="contact_type", group=group
    )
    if kind is not None:
        fields["contact_type"] = kind
    return TableMap(table.name, "guardians", {"student_sis_id": student, **fields})


def _reachable(
    sheet: Sheet, fields: dict[str, FieldMap], entities: Sequence[str], group: str = ""
) -> dict[str, FieldMap]:
    """A guardian's only number counts as mobile where the header doesn't say that it is another."""
    if "sms" in fields or "phone" not in fields:
        return fields
    said = normal(fields["phone"].columns[0]).removesuffix(group)
    if not said.endswith(PLAIN_PHONES) or "home" in said or "work" in said:
        return fields
    return {("sms" if n == "phone" else n): (at_most_likely(f) if n == "phone" else f) for n, f in fields.items()}


def _flat(sheet: Sheet, table: SourceTable, student: FieldMap) -> list[TableMap]:
    """Classrooms, staff and schools that stand beside the student in the same row."""
    maps: list[TableMap] = []
    name = pick(sheet, ("school",), "full_name")
    school = pick(sheet, ("school",), "id") or name
    if school and name and school is not name:
        maps.append(TableMap(table.name, "schools", {"sis_id": school, "name": name}))
    key = pick(sheet, ("class",), "id")
    if key is None:
        return maps
    title = _title(sheet, ("class",))
    if title is not None:
        fields = {"sis_id": key, "title": title} | ({"school_sis_id": school} if school else {})
        maps.append(TableMap(table.name, "classrooms", fields))
    maps.append(_link(table, key, student, "student"))
    teacher = _person(sheet, ("staff",))
    if "sis_id" in teacher and "family_name" in teacher:
        at = {"school_sis_ids": school} if school else {}
        maps.append(TableMap(table.name, "staff", {**teacher, **at, "role": _constant("teacher")}))
        maps.append(_link(table, key, teacher["sis_id"], "teacher"))
    return maps


def _constant(value: str) -> FieldMap:
    return FieldMap((), (Transform("constant", {"value": value}),), Confidence.LIKELY)


def _link(table: SourceTable, key: FieldMap, person: FieldMap, role: str) -> TableMap:
    return TableMap(table.name, "enrollments", {"class_sis_id": key, "user_sis_id": person, "role": _constant(role)})


def _title(sheet: Sheet, entities: Sequence[str]) -> FieldMap | None:
    found = (
        pick(sheet, entities, "title") or pick(sheet, entities, "full_name") or pick(sheet, ("course",), "full_name")
    )
    if found is None and (code := _code(sheet)) is not None:
        return FieldMap((code.name,), (Transform("trim"),), Confidence.LIKELY)
    return found


def _code(sheet: Sheet) -> Header | None:
    """A class code that reads like a name, where nothing else names the class: "Algebra I - Fall"."""
    codes = [h for h in sheet.headers if h.entity == "class" and normal(h.name).removesuffix("cl").endswith("code")]
    return next((h for h in codes if any(" " in c for c in sheet.cells[h.name].cells)), None)


def users(sheet: Sheet, table: SourceTable) -> list[TableMap]:
    fields = {**_person(sheet, OWN), **_pupil(sheet, OWN), "role": pick(sheet, OWN, "role")}
    return [TableMap(table.name, "users", {n: f for n, f in fields.items() if f is not None})]


def staff(sheet: Sheet, table: SourceTable) -> list[TableMap]:
    entities = (*OWN, "staff")
    fields = {
        **_person(sheet, entities),
        "school_sis_ids": _schools(sheet),
        "username": pick(sheet, entities, "username"),
    }
    if "sis_id" not in fields and (number := pick(sheet, ("staff", *OWN), "number")) is not None:
        fields["sis_id"] = number
    fields["role"] = pick(sheet, entities, "role") or _constant(
        "teacher" if "teacher" in table.name.casefold() else "staff"
    )
    return [TableMap(table.name, "staff", {n: f for n, f in fields.items() if f is not None})]


def guardians(sheet: Sheet, table: SourceTable) -> list[TableMap]:
    student = _student_key(sheet)
    if (
        not has_people(sheet) and student is not None
    ):  # named by contact, "Parent 1 Name" and so on, beside the student's ID alone
        return [_contact(sheet, table, student, group) for group in contacts(sheet)]
    entities = (*OWN, "guardian")
    fields = _reachable(sheet, _person(sheet, entities), entities)
    for field in ("relationship", "contact_type"):
        if (found := pick(sheet, entities, field)) is not None:
            fields[field] = found
    return [TableMap(table.name, "guardians", ({"student_sis_id": student} if student else {}) | fields)]


def classrooms(sheet: Sheet, table: SourceTable) -> list[TableMap]:
    found: dict[str, FieldMap | None] = {
        "sis_id": pick(sheet, ("",), "id") or pick(sheet, ("class",), "id"),
        "title": _title(sheet, ("class", "")),
        "school_sis_id": pick(sheet, ("school",), "id") or pick(sheet, ("school",), "full_name"),
        "course_sis_id": pick(sheet, ("course",), "id"),
        "class_type": pick(sheet, ("class",), "type", as_field="class_type"),
        "status": pick(sheet, ("class", ""), "status"),
    }
    for field in ("grade", "location", "period", "subject"):
        found[field] = pick(sheet, ("class", ""), field)
    fields = {n: f for n, f in found.items() if f is not None}
    maps = [TableMap(table.name, "classrooms", fields)]
    teacher = pick_list(sheet, ("staff",), "id", step="each")
    if teacher is not None and "sis_id" in fields:
        maps.append(_link(table, fields["sis_id"], teacher, "teacher"))
    return maps


def schools_table(sheet: Sheet, table: SourceTable) -> list[TableMap]:
    found = {
        "sis_id": pick(sheet, ("",), "id") or pick(sheet, ("school",), "id") or pick(sheet, ("school", ""), "number"),
        "name": pick(sheet, ("school", ""), "full_name") or pick(sheet, ("school", ""), "title"),
        "identifier": pick(sheet, ("school", ""), "number"),
        "type": pick(sheet, ("school", ""), "type"),
        "status": pick(sheet, ("school", ""), "status"),
    }
    return [TableMap(table.name, "schools", {n: f for n, f in found.items() if f is not None})]


def enrollments(sheet: Sheet, table: SourceTable) -> list[TableMap]:
    key = pick(sheet, ("class",), "id")
    dates = {f: m for f in ("begin_date", "end_date", "primary", "status") if (m := pick(sheet, ("",), f)) is not None}
    role = pick(sheet, OWN, "role")
    maps: list[TableMap] = []
    for entity, own in (("person", None), ("student", "student"), ("staff", "teacher")):
        person = pick(sheet, (entity,), "id") or (pick(sheet, (entity,), "number") if entity == "student" else None)
        if key is None or person is None:
            continue
        said = role or (_constant(own) if own else None)
        fields = {"class_sis_id": key, "user_sis_id": person} | ({"role": said} if said else {}) | dates
        maps.append(TableMap(table.name, "enrollments", fields))
    return maps
