"""The limits on what one run may take away, for the whole district and for each school.

The rule is the destination's (ClassTag help, articles 8015280 and 24412887771540): at most a percentage, rounded down,
of the synced
active records of a kind may go in one run. Over it, nothing is archived until a person has looked.
"""

from __future__ import annotations

from rosterdesk.directory import ownership
from rosterdesk.directory.settings import Settings
from rosterdesk.model import ENTITIES, LINKS, Tripped
from rosterdesk.staging import Staging

_ENDS = {"enrollments": ("classroom", "person", "is_student"), "guardianships": ("student", "guardian")}
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
        # A link that only changes, such as its relationship, is removed and added: nobody loses anything by it.
        ends = _ENDS[link]
        kept = " and ".join(f"a.{end} = r.{end}" for end in ends)
        removed = int(
            staging.one(f"select count(*) from plan.{link}_removed r anti join plan.{link}_added a on {kept}")
        )
        limit = of * settings.link_threshold_percent // 100
        if removed > limit:
            tripped.append(_tripped(link, None, removed, limit, of))
    return (*tripped, *_identities(staging, settings.threshold_percent))


def _identities(staging: Staging, percent: int) -> list[Tripped]:
    """Students who keep their SIS ID but would become somebody else: an ID that was reused, or a column that slipped.

    Everything that hangs on the ID, the family above all, would stay with it. Where the birth date changes with both
    names it is another child for certain; where it says nothing, many at once are needed to say so.
    """
    of = int(staging.one("select count(*) from directory.students where status = 'active'"))
    others = """select id, bool_or(field = 'birth_date' and before is not null and after is not null) as born
        from plan.fields where entity = 'students' group by id
        having bool_or(field = 'given_name') and bool_or(field = 'family_name')"""
    certain, all_of_them = staging.rows(f"select count(*) filter (born), count(*) from ({others})")[0]
    limit = of * percent // 100
    if not certain and all_of_them <= max(limit, 1):
        return []
    count = all_of_them if all_of_them > max(limit, 1) else certain
    what = "another name and birth date" if certain else "another first and last name"
    message = (
        f"{count:,} of {of:,} students keep their SIS ID but get {what}: the ID may now be another child's. "
        "Their families would stay with the ID."
    )
    return [Tripped("students", None, count, 0 if certain else max(limit, 1), of, message)]


def _schools(staging: Staging, entity: str, percent: int) -> list[Tripped]:
    own, limit = "", str(percent)
    if staging.has(ownership.THRESHOLDS):
        own = f"left join {ownership.THRESHOLDS} t on t.sis_id = g.school_sis_id"
        limit = f"coalesce(t.percent, {percent})"
    rows = staging.rows(f"""
        select s.name, g.removed, o.active, {limit} from
            (select school_sis_id, count(*) as removed from plan.{entity}_gone group by 1) g
            join (select school_sis_id, count(*) as active from directory.{entity} where status = 'active' group by 1) o
                using (school_sis_id)
            join directory.schools s on s.sis_id = g.school_sis_id {own}
        where g.removed > greatest(o.active * {limit} // 100, 1) order by s.name""")
    return [_tripped(entity, name, removed, max(active * at // 100, 1), active) for name, removed, active, at in rows]


_VERB = {"enrollments": "removed", "guardianships": "removed"}


def _tripped(entity: str, school: str | None, removed: int, limit: int, of: int) -> Tripped:
    verb = _VERB.get(entity, "archived")
    where = f" of {school}" if school else ""
    word = {"guardianships": "family links"}.get(entity, entity)
    message = f"{removed:,} of {of:,} {word}{where} would be {verb}; at most {limit:,} may be without a look."
    return Tripped(entity, school, removed, limit, of, message)
