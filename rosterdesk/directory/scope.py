"""Which of the directory's records a source should tell of: those of the schools that it knows.

A school that a source does not know may be another source's; a guardian file alone knows none at all.
Needs `directory.*` and `incoming.schools` in the staging.
"""

from __future__ import annotations

from rosterdesk.model import FIELDS
from rosterdesk.staging import Staging

UNSYNCED = "directory.unsynced"  # sis_id: schools whose sync is off; there only if there are any

_KNOWN = "select sis_id from incoming.schools"


def prepare(staging: Staging) -> None:
    """Make `directory.elsewhere`, the guardians of active students in schools that the source does not know."""
    staging.execute(f"""create table if not exists directory.elsewhere as
        select distinct g.guardian as id from directory.guardianships g join directory.students s on s.id = g.student
        where s.status = 'active' and s.school_sis_id not in ({_KNOWN})""")


def condition(entity: str) -> str:
    """The SQL condition on a row `d` of `directory.<entity>`; schools themselves are never in it."""
    if entity == "guardians":
        return f"(exists ({_KNOWN}) and d.id not in (select id from directory.elsewhere))"
    if entity == "schools":
        return "false"
    first = f"(d.school_sis_id is null or d.school_sis_id in ({_KNOWN}))"
    if "other_school_sis_ids" not in FIELDS[entity]:
        return first
    return f"""{first} and (d.other_school_sis_ids is null or list_has_all(
        (select list(sis_id) from incoming.schools), string_split(d.other_school_sis_ids, chr(31))))"""
