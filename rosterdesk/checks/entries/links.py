"""Enrollments and family links."""

from __future__ import annotations

from rosterdesk.checks.entries.entry import ERROR, NOTICE, WARNING, Entry

ENTRIES: dict[str, Entry] = {
    "enrollment-without-id": Entry(
        ERROR,
        "Enrollment that names nobody",
        "This enrollment names no classroom or no person. It is left out, and no enrollment is removed.",
    ),
    "dangling-classroom": Entry(
        ERROR,
        "Enrollment in an unknown classroom",
        "The classroom {value} does not exist in this source. The enrollment is left out.",
    ),
    "dangling-person": Entry(
        ERROR,
        "Enrollment of an unknown person",
        "The person {value} does not exist in this source. The enrollment is left out.",
    ),
    "enrollment-role-contradiction": Entry(
        ERROR,
        "Enrolled in a role the person does not have",
        "{value} exists in this source, but not in the role of this enrollment. The enrollment is left out.",
    ),
    "left-out-with-person": Entry(
        NOTICE,
        "Enrollment of a person who is left out",
        "The enrollment of {value} waits, since the person is left out.",
    ),
    "left-out-with-classroom": Entry(
        NOTICE,
        "Enrollment in a classroom that is left out",
        "The enrollment in {value} waits, since the classroom is left out.",
    ),
    "unknown-enrollment-role": Entry(
        ERROR,
        "Enrollment role not known",
        "The role “{value}” is not known here. The enrollment is left out.",
        "map-role",
    ),
    "enrollment-ended": Entry(NOTICE, "Enrollment that has ended", "This enrollment ended on {value}. It is left out."),
    "student-without-classroom": Entry(NOTICE, "Student without a classroom", "This student is in no classroom."),
    "dangling-guardian": Entry(
        ERROR, "Unknown guardian", "The guardian {value} does not exist in this source. The family link is left out."
    ),
    "dangling-student": Entry(
        ERROR, "Unknown student", "The student {value} does not exist in this source. The family link is left out."
    ),
    "not-a-guardian": Entry(
        ERROR,
        "Named as guardian, but has another role",
        "{value} is named as a guardian, but is none in this source. The family link is left out.",
    ),
    "guardian-without-student": Entry(
        NOTICE, "Guardian without a student", "The guardian {value} belongs to no student of this source."
    ),
    "too-many-guardians": Entry(
        WARNING, "More than six guardians", "This student has {value} guardians. The first six are taken."
    ),
}
