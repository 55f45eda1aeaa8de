"""What a plan does at each school, in numbers: for limits of schools, for what is usual there, and for whoever lets a
part of a held run through.
"""

from __future__ import annotations

from collections.abc import Mapping

from rosterdesk.model import PEOPLE
from rosterdesk.staging import Staging

# By SIS ID of the school: of each kind of record, how many of each action. Nothing that is zero.
Counts = Mapping[str, Mapping[str, Mapping[str, int]]]

_OF_A_SCHOOL = ("classrooms", "students", "staff")


def by_school(staging: Staging) -> Counts:
    """What the plan in `staging` does at each school at which it does anything."""
    parts = []
    for entity in _OF_A_SCHOOL:
        no = "i.no" if entity in PEOPLE else "i.rowid"
        parts += [
            f"""select i.school_sis_id, '{entity}', 'created' from plan.{entity} p
                join incoming.{entity} i on {no} = p.no where p.created""",
            f"""select d.school_sis_id, '{entity}', case when a.archived then 'restored' else 'updated' end
                from plan.{entity}_after a join directory.{entity} d on d.id = a.id""",
            f"select school_sis_id, '{entity}', 'archived' from plan.{entity}_gone",
        ]
    # A family link is of the student's school; that of a new student comes with the student.
    parts += [
        f"""select d.school_sis_id, 'guardianships', '{action}' from plan.guardianships_{change} g
            join directory.students d on d.id = g.student"""
        for change, action in (("added", "created"), ("removed", "removed"))
    ]
    rows = staging.rows(f"""select school, entity, action, count(*) from ({" union all ".join(parts)})
        q(school, entity, action) where school is not null group by all order by all""")
    found: dict[str, dict[str, dict[str, int]]] = {}
    for school, entity, action, count in rows:
        found.setdefault(school, {}).setdefault(entity, {})[action] = int(count)
    return found


def present(staging: Staging, entity: str) -> dict[str, int]:
    """How many of a kind of record each school has now, by its SIS ID."""
    if entity == "guardianships":
        sql = """select d.school_sis_id, count(*) from directory.guardianships g
            join directory.students d on d.id = g.student where d.status = 'active' group by 1"""
    else:
        sql = f"select school_sis_id, count(*) from directory.{entity} where status = 'active' group by 1"
    return {school: int(count) for school, count in staging.rows(sql) if school is not None}


def names(staging: Staging) -> dict[str, str]:
    """What the schools are called, by SIS ID."""
    return dict(
        staging.rows("""select sis_id, coalesce(name, sis_id) from incoming.schools union all
            select sis_id, coalesce(name, sis_id) from directory.schools""")
    )
