"""What a mapping still lacks, in sentences: required fields without a column, and what only a person can tell."""

from __future__ import annotations

from rosterdesk.model import Mapping
from rosterdesk.targets import TARGETS

_PEOPLE = ("users", "students", "staff", "guardians")


def unmet(mapping: Mapping) -> list[str]:
    """Sentences that name what must be set by hand before the mapping can be used; empty when nothing must."""
    targets = {t.target for t in mapping.tables}
    found: list[str] = []
    for spec in mapping.tables:
        for name, field in TARGETS[spec.target].items():
            if (
                not field.required
                or name in spec.fields
                or (name == "role" and spec.target == "users" and "roles" in targets)
            ):
                continue
            found.append(f"The table “{spec.table}” has no column for “{field.title}” of {spec.target}.")
    questions = mapping.settings.get("questions", ())
    asked = [str(q) for q in questions] if isinstance(questions, list | tuple) else []
    if not mapping.tables and not asked:
        found.append("Nothing of a roster was recognised. Choose for each table what it holds.")
    elif not asked and not targets & {*_PEOPLE, "guardianships"}:
        found.append("There is no table with people. Add the file with the students.")
    if "enrollments" in targets and "classrooms" not in targets:
        found.append("There are enrollments, but no table with classrooms.")
    return found + asked
