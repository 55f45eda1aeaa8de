"""The best column for each field among a table's headers, confirmed or refused by its cells."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rosterdesk.mapping.evidence import Column
from rosterdesk.mapping.lexicon import Header
from rosterdesk.model import Confidence, FieldMap, Transform

_HALF, _FLOOR = 0.5, 0.1
_TRIM = Transform("trim")
# The steps of a field, and what its cells must look like, if anything.
_STEPS: dict[str, tuple[Transform, ...]] = {
    "sms": (_TRIM, Transform("phone")),
    "phone": (_TRIM, Transform("phone")),
    "grade": (Transform("grade"),),
    "birth_date": (Transform("date", {"birth": True}),),
    "begin_date": (Transform("date"),),
    "end_date": (Transform("date"),),
    "status": (Transform("status"),),
    "role": (Transform("role"),),
    "primary": (Transform("boolean"),),
    "class_type": (Transform("class_type"),),
    "type": (Transform("org_type"),),
}
_LOOKS = {
    "email": "email",
    "sms": "phone",
    "phone": "phone",
    "grade": "grade",
    "birth_date": "date",
    "begin_date": "date",
    "end_date": "date",
    "status": "status",
    "role": "role",
    "primary": "boolean",
    "class_type": "class_type",
    "given_name": "name",
    "family_name": "name",
}
# Identifiers that are no e-mail addresses.
_NOT_EMAIL = ("student_number", "state_id")
_SEPARATORS = (";", "|", ",")
# Phones of which the header says that they are no mobile numbers.
PLAIN_PHONES = ("phone", "phonenumber", "primaryphone", "telephone", "tel", "phoneno")


@dataclass(frozen=True)
class Sheet:
    """A table of no known format: its headers in parts and a sample of its cells."""

    headers: Sequence[Header]
    cells: Mapping[str, Column]

    def all(self, entities: Collection[str], field: str, group: str | None = "") -> list[Header]:
        """The headers of a field of these entities, the best spelling first; `group` None: of every group."""
        found = [h for h in self.headers if h.entity in entities and h.field == field and group in (None, h.group)]
        return sorted(found, key=lambda h: (not h.exact, h.rank, -len(self.cells[h.name].cells)))

    def has(self, entities: Collection[str], fields: Collection[str], group: str | None = None) -> bool:
        return any(self.all(entities, f, group) for f in fields)

    def any_of(self, entity: str) -> bool:
        return any(h.entity == entity for h in self.headers)


def pick(
    sheet: Sheet, entities: Sequence[str], field: str, *, as_field: str | None = None, group: str = ""
) -> FieldMap | None:
    """The field's column: that of the first entity that has one, of the best spelling. None when nothing fits.

    `as_field` is the field of the target when it is called otherwise there. Equally good columns, and cells that
    mostly contradict the header, make it unsure; cells that contradict it wholly make it none.
    """
    target = as_field or field
    for entity in entities:
        found = [h for h in sheet.all([entity], field, group) if _fit(sheet.cells[h.name], target) >= _FLOOR]
        if not found and not group:  # "Email 1" and "Email 2" of the person itself: the first counts
            found = [h for h in sheet.all([entity], field, "1") if _fit(sheet.cells[h.name], target) >= _FLOOR]
        if found:
            best = found[0]
            rivals = [h for h in found[1:] if (h.exact, h.rank) == (best.exact, best.rank)]
            sure = _fit(sheet.cells[best.name], target) >= _HALF and not rivals
            confidence = (Confidence.ALIAS if best.exact else Confidence.LIKELY) if sure else Confidence.UNSURE
            return FieldMap((best.name,), _STEPS.get(target, (_TRIM,)), confidence)
    return None


def pick_name(sheet: Sheet, entities: Sequence[str], group: str = "") -> dict[str, FieldMap]:
    """Given, middle, family and preferred name: of their own columns, or taken out of a full name."""
    names = {}
    for field in ("given_name", "family_name", "middle_name", "preferred_name"):
        if (found := pick(sheet, entities, field, group=group)) is not None:
            names[field] = found
    if "given_name" in names and "family_name" in names:
        return names
    if (found := pick(sheet, entities, "full_name", group=group)) is not None:
        confidence = Confidence.UNSURE if found.confidence is Confidence.UNSURE else Confidence.LIKELY
        for part in ("given", "family", "middle"):
            steps = (_TRIM, Transform("name", {"part": part}))
            names.setdefault(f"{part}_name", FieldMap(found.columns, steps, confidence))
    return names


def pick_list(sheet: Sheet, entities: Sequence[str], field: str, step: str = "split") -> FieldMap | None:
    """A column of lists, with the separator that its cells use."""
    found = pick(sheet, entities, field)
    if found is None:
        return None
    cells = sheet.cells[found.columns[0]].cells
    by = next((s for s in _SEPARATORS if any(s in cell for cell in cells)), None)
    if by is None:
        return FieldMap(
            found.columns, (Transform(step, {"by": ","}),) if step == "each" else (_TRIM,), found.confidence
        )
    return FieldMap(found.columns, (Transform(step, {"by": by}),), found.confidence)


def pick_by_cells(sheet: Sheet, kind: str, used: Collection[str]) -> str | None:
    """The only column not yet used whose cells are nearly all of a kind, whatever its header says."""
    found = [n for n, c in sheet.cells.items() if n not in used and c.cells and c.share(kind) >= 0.95]
    return found[0] if len(found) == 1 else None


def _fit(column: Column, field: str) -> float:
    if not column.distinct:
        return 1.0
    if field in _NOT_EMAIL:
        return 1.0 - column.share("email")
    return column.share(_LOOKS[field]) if field in _LOOKS else 1.0
