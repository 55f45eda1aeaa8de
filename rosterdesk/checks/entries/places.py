"""Schools and classrooms."""

from __future__ import annotations

from rosterdesk.checks.entries.entry import ERROR, NOTICE, WARNING, Entry

ENTRIES: dict[str, Entry] = {
    "classroom-unknown-school": Entry(
        ERROR,
        "Classroom of an unknown school",
        "The school {value} of this classroom is not among the schools of this source. It is left out.",
    ),
    "classroom-without-school": Entry(
        WARNING,
        "Classroom without a school",
        "The source does not say to which school the classroom {value} belongs. It is taken without one.",
    ),
    "missing-title": Entry(WARNING, "Classroom without a name", "This classroom has no name; its ID is shown instead."),
    "school-from-id": Entry(
        NOTICE,
        "School known by its ID only",
        "The source has no list of schools. School {value} is named by its ID until it gets a name.",
    ),
    "classroom-without-students": Entry(
        NOTICE, "Classroom without students", "Nobody is enrolled as a student in the classroom {value}."
    ),
    "classroom-without-teacher": Entry(
        NOTICE, "Classroom without a teacher", "Nobody is enrolled as a teacher in the classroom {value}."
    ),
    "school-without-students": Entry(
        NOTICE, "School without students", "No student of this source belongs to the school {value}."
    ),
}
