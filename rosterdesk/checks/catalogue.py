"""Every problem that a roster can have: its code, what it does, its sentence, and the mend where there is one.

A sentence may hold {value}, the faulty cell. Codes of reading faults come from `sources`; all others from the checks beside this.
"""

from __future__ import annotations

from dataclasses import dataclass

from rosterdesk.model import Severity
from rosterdesk.staging import ROW_BITS, Staging, literal

ERROR, WARNING, NOTICE = Severity.ERROR, Severity.WARNING, Severity.NOTICE


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of problem. `title` names the group ("Duplicate IDs"); `sentence` tells what, what follows, and what to do."""

    severity: Severity
    title: str
    sentence: str
    fix: str | None = None


CATALOGUE: dict[str, Entry] = {
    # people
    "missing-id": Entry(ERROR, "No SIS ID", "This row has no SIS ID. It is left out until the SIS gives it one."),
    "duplicate-id": Entry(
        ERROR,
        "One SIS ID, several people",
        "The SIS ID {value} stands on several rows that differ. None of them is taken, since nobody can tell which is right. "
        "Correct it in the SIS.",
    ),
    "repeated-row": Entry(NOTICE, "Repeated rows", "The row of {value} is repeated with the same content. It is taken once."),
    "unknown-role": Entry(ERROR, "Role not known", "The role “{value}” is not known. The row is left out; add the role to the value table."),
    "unknown-status": Entry(WARNING, "Status not known", "The status “{value}” is not known. The record is taken as active."),
    "missing-name": Entry(ERROR, "No name", "This person has no first and no last name. The row is left out."),
    "partial-name": Entry(NOTICE, "Half a name", "This person has only one of first and last name."),
    "unknown-school": Entry(
        ERROR,
        "School not known",
        "The school {value} is not among the schools of this source. The record is left out; correct the ID or add the school.",
    ),
    "unknown-other-school": Entry(
        WARNING, "Second school not known", "One of the further schools ({value}) is not among the schools of this source; it is ignored."
    ),
    "student-without-school": Entry(
        ERROR, "Student without a school", "This student belongs to no school. The row is left out until the SIS gives one."
    ),
    "district-guardian": Entry(
        NOTICE, "Guardian attached to the district", "This guardian is attached to the district; the schools of the students count instead."
    ),
    "unknown-grade": Entry(WARNING, "Grade not known", "The grade “{value}” is not known and is left empty.", "map-grade"),
    "student-without-grade": Entry(NOTICE, "Student without a grade", "This student has no grade."),
    "no-contact": Entry(
        ERROR,
        "Guardian without e-mail or mobile",
        "This guardian has no e-mail and no mobile number, and will not be created until one is added.",
    ),
    "bad-email": Entry(WARNING, "Not an e-mail address", "“{value}” is no e-mail address and is left empty."),
    # places
    "classroom-unknown-school": Entry(
        ERROR, "Classroom of an unknown school", "The school {value} of this classroom is not among the schools of this source. It is left out."
    ),
    "missing-title": Entry(WARNING, "Classroom without a name", "This classroom has no name; its ID is shown instead."),
    "school-from-id": Entry(
        NOTICE, "School known by its ID only", "The source has no list of schools. School {value} is named by its ID until it gets a name."
    ),
    # links
    "dangling-classroom": Entry(ERROR, "Enrollment in an unknown classroom", "The classroom {value} does not exist in this source. The enrollment is left out."),
    "dangling-person": Entry(ERROR, "Enrollment of an unknown person", "The person {value} does not exist in this source. The enrollment is left out."),
    "left-out-with-person": Entry(
        NOTICE, "Enrollment of a person who is left out", "The enrollment of {value} waits, since the person is left out."
    ),
    "left-out-with-classroom": Entry(
        NOTICE, "Enrollment in a classroom that is left out", "The enrollment in {value} waits, since the classroom is left out."
    ),
    "unknown-enrollment-role": Entry(ERROR, "Enrollment role not known", "The role “{value}” is not known here. The enrollment is left out."),
    "dangling-guardian": Entry(ERROR, "Unknown guardian", "The guardian {value} does not exist in this source. The family link is left out."),
    "dangling-student": Entry(ERROR, "Unknown student", "The student {value} does not exist in this source. The family link is left out."),
    "too-many-guardians": Entry(
        WARNING, "More than six guardians", "This student has {value} guardians. The first six are taken."
    ),
}

_INSERT = """
insert into problems
select {code}, {severity}, coalesce(s.name, ''), q.ref, q.ref & ((1::bigint << {bits}) - 1), coalesce(c.column_name, q.column_name),
       q.value, replace({sentence}, '{{value}}', coalesce(q.value, '')), {fix}
from ({sql}) q(ref, column_name, value)
left join sources s on s.number = q.ref >> {bits}
left join source_columns c on c.number = q.ref >> {bits} and c.field = q.column_name
"""


def report(staging: Staging, code: str, sql: str) -> int:
    """Add one problem for every row (ref, field, value) that `sql` gives; return how many.

    The field is a target field; it is shown by the name that its column has in the source.
    """
    entry = CATALOGUE[code]
    row = staging.execute(
        _INSERT.format(
            code=literal(code),
            severity=literal(entry.severity.value),
            sentence=literal(entry.sentence),
            fix="null" if entry.fix is None else literal(entry.fix),
            bits=ROW_BITS,
            sql=sql,
        )
    ).fetchone()
    return int(row[0]) if row else 0
