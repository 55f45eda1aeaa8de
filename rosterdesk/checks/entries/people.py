"""Roles, names, schools, grades and ages of people."""

from __future__ import annotations

from rosterdesk.checks.entries.entry import ERROR, NOTICE, WARNING, Entry

ENTRIES: dict[str, Entry] = {
    "unknown-role": Entry(
        ERROR,
        "Role not known",
        "The role “{value}” is not known. The row is left out; say in the mapping what it means.",
        "map-role",
    ),
    "person-without-role": Entry(
        ERROR, "Person without a role", "The source gives {value} no role. The row is left out until it does."
    ),
    "unknown-status": Entry(
        WARNING, "Status not known", "The status “{value}” is not known. The record is taken as active.", "map-status"
    ),
    "missing-name": Entry(ERROR, "No name", "This person has no first and no last name. The row is left out."),
    "partial-name": Entry(NOTICE, "Half a name", "This person has only one of first and last name."),
    "swapped-names": Entry(
        NOTICE,
        "First and last names may be swapped",
        "{value}: many children have their "
        "family's name as first name. Look in the mapping whether two columns are swapped.",
        "swap-names",
    ),
    "not-a-name": Entry(
        NOTICE,
        "Not a name",
        "“{value}” does not look like a name. Look in the mapping whether a column is in the wrong place.",
    ),
    "unknown-school": Entry(
        ERROR,
        "School not known",
        "The school {value} is not among the schools of this source. The record is left out; correct the ID or "
        "add the school.",
    ),
    "unknown-other-school": Entry(
        WARNING,
        "Second school not known",
        "One of the further schools ({value}) is not among the schools of this source; it is ignored.",
    ),
    "student-without-school": Entry(
        ERROR,
        "Student without a school",
        "This student belongs to no school. The row is left out until the SIS gives one.",
    ),
    "district-guardian": Entry(
        NOTICE,
        "Guardian attached to the district",
        "This guardian is attached to the district; the schools of the students count instead.",
    ),
    "unknown-grade": Entry(
        WARNING,
        "Grade not known",
        "The grade “{value}” is not known and is left empty. Say in the mapping what it means.",
        "map-grade",
    ),
    "student-without-grade": Entry(NOTICE, "Student without a grade", "This student has no grade."),
    "bad-birth-date": Entry(
        WARNING,
        "Birth date can't be read",
        "“{value}” can't be read as a date and is left empty. Say in the mapping how dates are written.",
        "date-order",
    ),
    "future-birth-date": Entry(
        WARNING, "Birth date in the future", "The birth date {value} lies in the future. It is left empty."
    ),
    "unlikely-age": Entry(
        NOTICE, "Unlikely age", "A student born on {value} would be younger than two or older than twenty-five."
    ),
    "grade-and-age": Entry(
        NOTICE, "Age does not fit the grade", "The birth date {value} is more than four years off for this grade."
    ),
    "demographics-differ": Entry(
        WARNING,
        "Two birth dates or genders",
        "The demographics of {value} stand on several rows that differ. What differs is left empty.",
    ),
    "dangling-demographics": Entry(
        NOTICE,
        "Demographics of nobody",
        "The person {value} does not exist in this source. These demographics are ignored.",
    ),
    "dangling-role": Entry(
        NOTICE, "Role of nobody", "The person {value} does not exist in this source. This role is ignored."
    ),
    "dangling-attribute": Entry(
        ERROR,
        "Attribute of an unknown student",
        "The student {value} does not exist in this source. The attribute is left out.",
    ),
    "attribute-twice": Entry(
        WARNING,
        "One attribute, several values",
        "The attribute “{value}” of this student has several values. It is left empty.",
    ),
}
