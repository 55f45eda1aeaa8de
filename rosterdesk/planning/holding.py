"""Which settings hold for which records, and which of their fields people own: SQL conditions for the comparisons.

Every condition is a constant where no school has a setting of its own and nobody has edited anything by hand.
"""

from __future__ import annotations

from rosterdesk.directory import absorbed, ownership
from rosterdesk.directory.settings import Settings
from rosterdesk.planning import contacts
from rosterdesk.staging import Staging, literal

# Fields that stay a person's once they have set them; of the others the source has the last word, and the plan says so.
OWNED = {"classrooms": ("title",), "staff": ("role", "other_school_sis_ids")}
_SCHOOL = {"schools": "i.sis_id"}


def holds(staging: Staging, settings: Settings, name: str, entity: str) -> str:
    """The condition that a switch is on for the row `i` of `incoming.<entity>`."""
    wide = bool(getattr(settings, name))
    if not _deviate(staging, name):
        return str(wide).lower()
    inside = _in_one(entity, _deviating(name))
    if entity == "guardians" and wide:  # what holds for one of the children's schools holds for the guardian
        return f"(not {inside} or {_in_one(entity, _deviating(name), none_of=True)})"
    return f"({inside} <> {str(wide).lower()})"


def ignored(staging: Staging, settings: Settings, entity: str) -> str:
    """The condition that the source has no say in the row `i` of `incoming.<entity>`."""
    conditions = []
    if entity == "guardians":
        if not settings.manage_guardians or _deviate(staging, "manage_guardians"):
            conditions.append(f"not {holds(staging, settings, 'manage_guardians', entity)}")
        if staging.has(contacts.UNRELATED):
            conditions.append(f"""(i.no in (select guardian_no from incoming.guardianships) and i.no not in (
                select guardian_no from incoming.guardianships g where {contacts.come_in(staging, "g")}))""")
    if staging.has(ownership.UNSYNCED):
        off = f"select sis_id from {ownership.UNSYNCED}"
        if entity == "guardians":
            # The guardian of children in several schools is followed as long as one of them is synced.
            conditions.append(f"({_in_one(entity, off)} and not {_in_one(entity, off, none_of=True)})")
        else:
            none = str(staging.has(ownership.ONLY)).lower()
            conditions.append(f"coalesce({_SCHOOL.get(entity, 'i.school_sis_id')} in ({off}), {none})")
    return " or ".join(conditions) or "false"


def restored(staging: Staging, settings: Settings, entity: str) -> str:
    """The condition that the row `i`, whose record `d` is archived, becomes active again."""
    condition = _restored(staging, settings, entity)
    if staging.has(absorbed.ABSORBED):  # whoever was merged into another record is there as that one
        condition = f"({condition} and d.id not in (select id from {absorbed.ABSORBED}))"
    return condition


def _restored(staging: Staging, settings: Settings, entity: str) -> str:
    if entity == "students":
        return holds(staging, settings, "restore_students", entity)
    if entity != "classrooms" or not staging.has(ownership.HAND_EDITS):
        return "true"
    by_hand = f"d.id in (select id from {ownership.HAND_EDITS} where field = 'status')"
    return f"({holds(staging, settings, 'unarchive_classrooms', entity)} or not {by_hand})"


def untouched(staging: Staging, settings: Settings, entity: str) -> str:
    """The condition that the row `d` of `directory.<entity>` is none of the source's business, named as gone or not."""
    conditions = []
    if staging.has(ownership.UNSYNCED) and entity != "guardians":
        none = str(staging.has(ownership.ONLY)).lower()
        school = "d.sis_id" if entity == "schools" else "d.school_sis_id"
        conditions.append(f"coalesce({school} in (select sis_id from {ownership.UNSYNCED}), {none})")
    if staging.has(ownership.ONLY) and entity == "guardians":
        conditions.append(f"""d.id not in (select g.guardian from directory.guardianships g
            join directory.students s on s.id = g.student
            where s.school_sis_id in (select sis_id from {ownership.ONLY}))""")
    if entity == "guardians":
        conditions += [
            f"""d.id in (select g.guardian from directory.guardianships g join directory.students s on s.id = g.student
                where s.status = 'active' and {condition})"""
            for condition in _unmanaged(staging, settings)
        ]
    return " or ".join(conditions) or "false"


def shield(staging: Staging, settings: Settings) -> None:
    """Leave alone the families of students in whose school the sync does not manage guardians, or is off."""
    for condition in _unmanaged(staging, settings):
        staging.execute(f"""insert into plan.guardianships_shielded
            select s.id, null from directory.students s where {condition}""")
    if staging.has(ownership.UNSYNCED):
        none = str(staging.has(ownership.ONLY)).lower()
        staging.execute(f"""insert into plan.enrollments_shielded select c.id, null from directory.classrooms c
            where coalesce(c.school_sis_id in (select sis_id from {ownership.UNSYNCED}), {none})""")


def family(staging: Staging, settings: Settings) -> str:
    """The condition that the row `i` of `incoming.guardianships` comes in."""
    managed = str(settings.manage_guardians).lower()
    if _deviate(staging, "manage_guardians"):
        managed = f"""((i.student_no in (select no from incoming.students
            where school_sis_id in ({_deviating("manage_guardians")}))) <> {managed})"""
    return f"{managed} and {contacts.come_in(staging, 'i')}"


def owned(staging: Staging, entity: str) -> tuple[str, ...]:
    """The fields of this kind of record that people own in at least one."""
    if entity not in OWNED or not staging.has(ownership.HAND_EDITS):
        return ()
    edited = {field for (field,) in staging.rows(f"select distinct field from {ownership.HAND_EDITS}")}
    return tuple(field for field in OWNED[entity] if field in edited)


def mark_overwritten(staging: Staging) -> None:
    """Make `plan.overwritten` (id, field, created_run): the hand edits that the plan does not keep."""
    source = f"""select h.id, h.field, h.created_run from {ownership.HAND_EDITS} h
        where (h.id, h.field) in (select (id, field) from plan.fields)
           or (h.field = 'status' and h.id in (select id from plan.classrooms_after where archived))"""
    empty = "select null::bigint as id, null::varchar as field, null::integer as created_run limit 0"
    staging.execute(f"create table plan.overwritten as {source if staging.has(ownership.HAND_EDITS) else empty}")


def _unmanaged(staging: Staging, settings: Settings) -> list[str]:
    """Conditions on a row `s` of `directory.students` whose family the sync leaves alone."""
    conditions = []
    if _deviate(staging, "manage_guardians"):
        inside = f"coalesce(s.school_sis_id in ({_deviating('manage_guardians')}), false)"
        conditions.append(inside if settings.manage_guardians else f"not {inside}")
    if staging.has(ownership.UNSYNCED):
        none = str(staging.has(ownership.ONLY)).lower()
        conditions.append(f"coalesce(s.school_sis_id in (select sis_id from {ownership.UNSYNCED}), {none})")
    return conditions


def _deviate(staging: Staging, name: str) -> bool:
    return staging.has(ownership.DEVIATING) and bool(staging.one(f"select count(*) from ({_deviating(name)})"))


def _deviating(name: str) -> str:
    return f"select sis_id from {ownership.DEVIATING} where name = {literal(name)}"


def _in_one(entity: str, schools: str, *, none_of: bool = False) -> str:
    """The condition that the row `i` is in one of the schools (or, of a guardian, that a child is in none of them)."""
    if entity != "guardians":
        return f"coalesce({_SCHOOL.get(entity, 'i.school_sis_id')} in ({schools}), false)"
    negation = "not" if none_of else ""
    return f"""(i.no in (select g.guardian_no from incoming.guardianships g
        join incoming.students s on s.no = g.student_no
        where {negation} coalesce(s.school_sis_id in ({schools}), false)))"""
