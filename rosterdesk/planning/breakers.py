"""The limits on what one run may take away, for the whole district and for each school.

The rule is the destination's (ClassTag help, articles 8015280 and 24412887771540): at most a percentage, rounded down,
of the synced
active records of a kind may go in one run. Over it, nothing is archived until a person has looked.
"""

from __future__ import annotations

from rosterdesk.directory.settings import Settings
from rosterdesk.model import ENTITIES, LINKS, Tripped
from rosterdesk.staging import Staging

_PER_SCHOOL = ("classrooms", "students", "staff")


def trip(staging: Staging, settings: Settings) -> tuple[Tripped, ...]:
    """The limits that the plan in `staging` goes over; none when it may be pushed without asking."""
    tripped = []
    for entity in ENTITIES:
        of = int(staging.one(f"select count(*) from directory.{entity} where status = 'active'"))
        removed = int(staging.one(f"select count(*) from plan.{entity}_gone"))
        limit = of * settings.threshold_percent // 100
        if removed > limit:
            tripped.append(_tripped(entity, None, removed, limit, of))
        elif removed and entity in _PER_SCHOOL:
            tripped.extend(_schools(staging, entity, settings.school_threshold_percent))
    for link in LINKS:
        of = int(staging.one(f"select count(*) from directory.{link}"))
        removed = int(staging.one(f"select count(*) from plan.{link}_removed"))
        limit = of * settings.link_threshold_percent // 100
        if removed > limit:
            tripped.append(_tripped(link, None, removed, limit, of))
    return tuple(tripped)


def _schools(staging: Staging, entity: str, percent: int) -> list[Tripped]:
    rows = staging.rows(f"""
        select s.name, g.removed, o.active from
            (select school_sis_id, count(*) as removed from plan.{entity}_gone group by 1) g
            join (select school_sis_id, count(*) as active from directory.{entity} where status = 'active' group by 1) o
                using (school_sis_id)
            join directory.schools s on s.sis_id = g.school_sis_id
        where g.removed > greatest(o.active * {percent} // 100, 1) order by s.name""")
    return [_tripped(entity, name, removed, max(active * percent // 100, 1), active) for name, removed, active in rows]


_VERB = {"enrollments": "removed", "guardianships": "removed"}


def _tripped(entity: str, school: str | None, removed: int, limit: int, of: int) -> Tripped:
    verb = _VERB.get(entity, "archived")
    where = f" of {school}" if school else ""
    word = {"guardianships": "family links"}.get(entity, entity)
    message = f"{removed:,} of {of:,} {word}{where} would be {verb}; at most {limit:,} may be without a look."
    return Tripped(entity, school, removed, limit, of, message)
