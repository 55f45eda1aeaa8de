"""What kinds of records and their fields are called on the screen."""

from __future__ import annotations

from rosterdesk.gui.words import tr
from rosterdesk.targets import TARGETS

# Kind of record -> one of them.
ENTITIES = {
    "schools": "School",
    "classrooms": "Classroom",
    "students": "Student",
    "staff": "Staff",
    "guardians": "Guardian",
    "enrollments": "Enrollment",
    "guardianships": "Family link",
    "other_schools": "Further school",
    "attributes": "Attribute",
}
_FIELDS = {
    **{name: field.title for fields in TARGETS.values() for name, field in fields.items()},
    "sis_id": "SIS ID",
    "name": "Name",
    "school": "School",
    "school_sis_id": "School",
    "other_school_sis_ids": "Further schools",
    "identifier": "School number",
    "type": "Type",
    "title": "Name",
    "role": "Role",
    "status": "Status",
    "account": "Account",
}


def field_title(name: str) -> str:
    """What a field is called on the screen."""
    return tr(_FIELDS.get(name, name.replace("_", " ").capitalize()))
