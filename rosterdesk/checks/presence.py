"""Checks of records that nothing leads to: students in no classroom, classrooms and schools without anybody,
guardians of no one."""

from __future__ import annotations

from rosterdesk.checks.catalogue import report
from rosterdesk.staging import Staging


def check(staging: Staging) -> None:
    """Report them, as far as the source tells of enrollments and families at all."""
    if staging.one("select count(*) from (select 1 from incoming.enrollments limit 1)"):
        report(
            staging,
            "student-without-classroom",
            """select ref, 'sis_id', sis_id from incoming.students where no not in (
                   select distinct person_no from incoming.enrollments where is_student)""",
        )
        for code, condition in (
            ("classroom-without-students", "is_student"),
            ("classroom-without-teacher", "not is_student"),
        ):
            report(
                staging,
                code,
                f"""select ref, 'sis_id', sis_id from incoming.classrooms
                    where rowid not in (select distinct classroom_no from incoming.enrollments where {condition})""",
            )
    if staging.one("select count(*) from (select 1 from incoming.guardianships limit 1)"):
        report(
            staging,
            "guardian-without-student",
            """select ref, 'sis_id', sis_id from incoming.guardians where no not in (
                   select guardian_no from incoming.named_pairs where guardian_no is not null)""",
        )
    if staging.one("select count(*) from (select 1 from incoming.students limit 1)"):
        report(
            staging,
            "school-without-students",
            """select ref, 'sis_id', name from incoming.schools where ref is not null and sis_id not in (
                   select school_sis_id from incoming.students union
                   select unnest(string_split(other_school_sis_ids, chr(31))) from incoming.students where
                   other_school_sis_ids is not null)""",
        )
