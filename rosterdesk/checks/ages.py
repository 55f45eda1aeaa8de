"""Checks of birth dates, alone, against the grade, and as a sign that one student stands twice in the source."""

from __future__ import annotations

from rosterdesk.checks.catalogue import empty_field, found, report
from rosterdesk.staging import Staging

YOUNGEST, OLDEST = 2, 25
_FREE = 4  # years that a student may be off before anything is said

# The age in years at which a grade usually begins.
_BEGINS = (
    "case grade when 'IT' then 1 when 'PR' then 3 when 'PK' then 4 when 'TK' then 4 when 'KG' then 5 else "
    "try_cast(grade as integer) + 5 end"
)
_DATE = "try_cast(birth_date as date)"
_AGE = f"date_diff('day', {_DATE}, current_date) / 365.25"
_STUDENT = "keep and kind = 'student' and birth_date is not null"


def check(staging: Staging) -> None:
    """Empty the birth dates that are none or lie ahead, and tell of those that are unlikely, and of possible twin
    records."""
    tests = {
        "bad-birth-date": f"strlen(birth_date) <> 10 or {_DATE} is null",
        "future-birth-date": f"{_DATE} > current_date",
        "unlikely-age": f"{_DATE} <= current_date and ({_AGE} < {YOUNGEST} or {_AGE} >= {OLDEST + 1})",
        "grade-and-age": f"{_AGE} >= {YOUNGEST} and {_AGE} < {OLDEST + 1} and abs({_AGE} - 0.5 - ({_BEGINS})) > "
        f"{_FREE}",
    }
    seen = found(staging, f"incoming.people where {_STUDENT}", tests)
    for code, condition in tests.items():
        if code in seen:
            report(
                staging,
                code,
                f"select ref, 'birth_date', birth_date from incoming.person where {_STUDENT} and ({condition})",
            )
    for code in ("bad-birth-date", "future-birth-date"):
        if code in seen:
            empty_field(staging, "birth_date", f"{_STUDENT} and ({tests[code]})")
    _twins(staging)


def _twins(staging: Staging) -> None:
    same = "hash(lower(given_name), lower(family_name), birth_date, school_sis_id)"
    staging.execute(f"""create or replace table incoming.twins as
        select {same} as key, min(rowid) as first, max(rowid) as last from incoming.people
        where {_STUDENT} and given_name is not null and family_name is not null group by key having count(*) > 1""")
    if staging.one("select count(*) from incoming.twins"):
        # Each is told the ID of the other; of three, the outer two are named.
        report(
            staging,
            "twin-records",
            f"""select p.ref, 'birth_date', o.sis_id from incoming.person p
                join incoming.twins t on t.key = {_of("p", same)}
                join incoming.people o on o.rowid = case when p.no = t.first then t.last else t.first end
                where p.keep and p.kind = 'student' and p.birth_date is not null""",
        )


def _of(alias: str, expression: str) -> str:
    for column in ("given_name", "family_name", "birth_date", "school_sis_id"):
        expression = expression.replace(column, f"{alias}.{column}")
    return expression
