"""The tables that every source is mapped to, with the fields of each and the words that people see for them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TargetField:
    """A field of a target table: the word people see, and whether a record can exist without it."""

    title: str
    required: bool = False
    many: bool = False  # a list: mapped to a VARCHAR[] of trimmed, non-empty items


_PERSON = {
    "sis_id": TargetField("SIS ID", required=True),
    "given_name": TargetField("First name", required=True),
    "family_name": TargetField("Last name", required=True),
    "middle_name": TargetField("Middle name"),
    "preferred_name": TargetField("Preferred first name"),
    "email": TargetField("E-mail"),
    "sms": TargetField("Mobile number"),
    "phone": TargetField("Home phone"),
    "language": TargetField("Language"),
    "status": TargetField("Status"),
}
_PUPIL = {
    "school_sis_ids": TargetField("Schools", many=True),
    "grade": TargetField("Grade"),
    "student_number": TargetField("Student number"),
    "state_id": TargetField("State ID"),
    "birth_date": TargetField("Birth date"),
    "gender": TargetField("Gender"),
    "username": TargetField("Username"),
    "agent_sis_ids": TargetField("Guardians", many=True),
}

# What every source is mapped to. `users` holds people of several roles; `students`, `staff` and `guardians` of one
# each.
TARGETS: dict[str, dict[str, TargetField]] = {
    "schools": {
        "sis_id": TargetField("SIS ID", required=True),
        "name": TargetField("Name", required=True),
        "type": TargetField("Type"),
        "identifier": TargetField("School number"),
        "parent_sis_id": TargetField("Belongs to"),
        "status": TargetField("Status"),
    },
    "classrooms": {
        "sis_id": TargetField("SIS ID", required=True),
        "title": TargetField("Name", required=True),
        "school_sis_id": TargetField("School"),
        "grade": TargetField("Grade"),
        "location": TargetField("Room"),
        "period": TargetField("Period"),
        "class_type": TargetField("Type"),
        "subject": TargetField("Subject"),
        "term_sis_ids": TargetField("Terms", many=True),
        "course_sis_id": TargetField("Course"),
        "status": TargetField("Status"),
    },
    "users": {**_PERSON, "role": TargetField("Role", required=True), **_PUPIL},
    "students": {**_PERSON, **_PUPIL},
    "staff": {
        **_PERSON,
        "school_sis_ids": _PUPIL["school_sis_ids"],
        "role": TargetField("Role"),
        "username": _PUPIL["username"],
    },
    "guardians": {
        **_PERSON,
        "sis_id": TargetField("SIS ID"),  # made up from the student and the name where a source has none
        "student_sis_id": TargetField("Student"),
        "relationship": TargetField("Relationship"),
        "contact_type": TargetField("Contact type"),
    },
    "roles": {
        "user_sis_id": TargetField("Person", required=True),
        "role": TargetField("Role", required=True),
        "school_sis_id": TargetField("School"),
        "primary": TargetField("Primary"),
        "grade": TargetField("Grade"),
        "status": TargetField("Status"),
    },
    "demographics": {
        "user_sis_id": TargetField("Person", required=True),
        "birth_date": TargetField("Birth date"),
        "gender": TargetField("Gender"),
        "status": TargetField("Status"),
    },
    "enrollments": {
        "class_sis_id": TargetField("Classroom", required=True),
        "user_sis_id": TargetField("Person", required=True),
        "role": TargetField("Role", required=True),
        "primary": TargetField("Primary"),
        "school_sis_id": TargetField("School"),
        "begin_date": TargetField("From"),
        "end_date": TargetField("Until"),
        "status": TargetField("Status"),
    },
    "guardianships": {
        "student_sis_id": TargetField("Student", required=True),
        "guardian_sis_id": TargetField("Guardian", required=True),
        "relationship": TargetField("Relationship"),
    },
    "attributes": {
        "student_sis_id": TargetField("Student", required=True),
        "name": TargetField("Attribute", required=True),
        "value": TargetField("Value"),
    },
    "terms": {
        "sis_id": TargetField("SIS ID", required=True),
        "title": TargetField("Name"),
        "begin_date": TargetField("From"),
        "end_date": TargetField("Until"),
    },
}
