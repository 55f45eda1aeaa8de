"""ClassTag's files (its help centre, articles 6393158, 6618459, 6618460, 6393225), with the school columns of the
district level.

Guardians stand in guardians.csv, one row a student and guardian, since the users then may hold none (6369240); a
student names at most six of them. Values hold no quotation marks. A class without a grade is UG (ungraded), as a grade
is required.
"""

from __future__ import annotations

from rosterdesk.push.layouts import ROLE, Facts, File, Layout, joined, name
from rosterdesk.push.roster import Rules

_MOST_GUARDIANS = 6  # article 6393158


def _files(facts: Facts) -> tuple[File, ...]:
    users = {
        facts.id_header: "id",
        "orgSourcedIds": joined("schools"),
        "role": ROLE,
        "givenName": name("given_name"),
        "familyName": name("family_name"),
        "email": "email",
        "sms": "sms",
        "phone": "phone",
        "agentSourcedIds": f"case when role = 'student' then {joined(f'agents[:{_MOST_GUARDIANS}]')} end",
        "grades": "grade",
        "language": "language",
    }
    classes = {
        "sourcedId": "id",
        "title": "coalesce(title, id)",
        "grades": "coalesce(grade, 'UG')",
        "location": "location",
        "schoolSourcedId": "school",
        "periods": "period",
    }
    enrollments = {
        "classSourcedId": "class_id",
        "schoolSourcedID": "school",
        "userSourcedId": "user_id",
        "role": "role",
    }
    guardians = {
        "studentSourcedId": "student_id",
        "sourcedId": "guardian_id",
        "givenName": name("given_name"),
        "familyName": name("family_name"),
        "email": "email",
        "sms": "sms",
        "phone": "phone",
        "language": "language",
    }
    people = "select * from roster.users where role <> 'guardian'"
    families = "select p.student_id, p.guardian_id, g.* from roster.pairs p join roster.users g on g.no = p.guardian_no"
    return (
        File("users", users, people, "id", ("students", "staff"), required=True),
        File("classes", classes, "select * from roster.classrooms", "id", ("classrooms",), required=True),
        File("enrollments", enrollments, "select * from roster.enrollments", "class_id, user_id, role", required=True),
        File("guardians", guardians, families, "student_id, guardian_id", ("guardians",)),
    )


LAYOUTS = {"classtag": Layout(Rules(quotation_marks=False), _files)}
