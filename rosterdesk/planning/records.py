"""What happens to schools, classrooms, students, staff and guardians: created, updated, restored, archived, or left as
they are.

For each entity: `plan.<entity>` (no, id, created, archived, differs) holds every record that is in the source;
`plan.<entity>_after` the
full new state of those that change; `plan.<entity>_gone` those to be archived. `plan.fields` tells each field that
changes, with
before and after, and `plan.kept` each field that the source would change but may not.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from rosterdesk.directory import ownership, scope
from rosterdesk.directory.settings import Settings
from rosterdesk.model import CONTACT_DETAILS, ENTITIES, FIELDS, PEOPLE
from rosterdesk.planning import contacts, holding
from rosterdesk.staging import Staging

_HAS_SCHOOL = ("classrooms", "students", "staff")
_DELETED_AS = {"classrooms": "classroom", "students": "student", "staff": "staff", "guardians": "guardian"}


def plan(staging: Staging, settings: Settings, next_id: int, removable: AbstractSet[str]) -> int:
    """Plan every entity; `removable` names those whose absence from the source is proven. Returns the next free id."""
    staging.execute(
        "create table plan.fields (entity varchar, id bigint, field varchar, before varchar, after varchar)"
    )
    staging.execute("create table plan.kept (entity varchar, id bigint, field varchar, before varchar, after varchar)")
    contacts.prepare(staging, settings)
    for entity in ENTITIES:
        ignored = entity == "guardians" and holding.holds(staging, settings, "manage_guardians", entity) == "false"
        next_id = _match(staging, entity, next_id, settings)
        _differences(staging, entity, settings)
        _gone(staging, entity, settings, removable=entity in removable and not ignored)
    holding.mark_overwritten(staging)
    return next_id


def number(entity: str) -> str:
    """The number of a row `i` of `incoming.<entity>`, by which `plan.<entity>` knows it."""
    return "i.no" if entity in PEOPLE else "i.rowid"


def _match(staging: Staging, entity: str, next_id: int, settings: Settings) -> int:
    language = holding.holds(staging, settings, "update_language", entity) if entity in PEOPLE else "false"
    also = "" if language == "false" else f"or (d.language is distinct from i.language and {language})"
    restore = holding.restored(staging, settings, entity)
    staging.execute(f"""create table plan.{entity}_matched as
        select {number(entity)} as no, d.id, case when d.id is null then i.sis_id end as sis_id,
               d.status = 'archived' as archived, d.fingerprint <> i.fingerprint {also} as differs
        from incoming.{entity} i left join directory.{entity} d on d.sis_id = i.sis_id
        where not ({holding.ignored(staging, settings, entity)})
          and (d.status is distinct from 'archived' or {restore})""")
    staging.execute(f"""create table plan.{entity} as
        select no, id, false as created, archived, differs from plan.{entity}_matched where id is not null
        union all
        select no, {next_id} - 1 + row_number() over (order by sis_id), true, false, false
        from plan.{entity}_matched where id is null""")
    created = int(staging.one(f"select count(*) from plan.{entity} where created"))
    staging.execute(f"drop table plan.{entity}_matched")
    return next_id + created


def _differences(staging: Staging, entity: str, settings: Settings) -> None:
    fields = [*FIELDS[entity], *(["language"] if entity in PEOPLE else [])]
    updated = holding.holds(staging, settings, "update_active_users", entity)
    protected = set() if updated == "true" or entity not in ("staff", "guardians") else set(CONTACT_DETAILS)
    language = holding.holds(staging, settings, "update_language", entity) if entity in PEOPLE else "true"
    owned = holding.owned(staging, entity)
    told = {field for (field,) in staging.rows(f"select field from incoming.told where entity = '{entity}'")}
    told |= {"role", "name", *(("school_sis_id", "other_school_sis_ids") if entity == "students" else ())}
    emptied = {f for (f,) in staging.rows("select distinct field from incoming.emptied")} if entity in PEOPLE else set()

    def after(field: str) -> str:
        if field not in told:  # the source has no such column, and says nothing of it
            return f"d.{field}"
        if field in emptied:  # what was left out for a fault is no reason to forget what is known
            return f"case when list_contains(e.fields, '{field}') then d.{field} else {source(field)} end"
        if entity == "schools":  # a school that only an ID names is called by it, for want of a name
            return f"case when i.ref is null then d.{field} else i.{field} end"
        return source(field)

    def source(field: str) -> str:
        if field == "language" and language != "true":
            return f"case when {language} then i.language else coalesce(d.language, i.language) end"
        if field in owned:
            return f"case when list_contains(h.fields, '{field}') then d.{field} else i.{field} end"
        if field in protected:
            return f"case when d.active and not {updated} then d.{field} else i.{field} end"
        return f"i.{field}"

    states = ", ".join(f"{after(f)} as {f}, i.{f} as source_{f}, d.{f} as before_{f}" for f in fields)
    edits = (
        f"""left join (select id, list(field) as fields from {ownership.HAND_EDITS} group by id) h
        on h.id = p.id"""
        if owned
        else ""
    )
    staging.execute(f"""create table plan.{entity}_pairs as
        select p.id, p.archived, {states}
        from (select * from plan.{entity} where differs or archived) p
        join incoming.{entity} i on {number(entity)} = p.no join directory.{entity} d on d.id = p.id
        left join (select no, list(field) as fields from incoming.emptied group by no) e on e.no = p.no
        {edits}""")
    changed = ", ".join(f"{{'name': '{f}', 'before': before_{f}, 'after': {f}}}" for f in fields)
    staging.execute(f"""insert into plan.fields select '{entity}', id, f.name, f.before, f.after
        from (select id, unnest([{changed}]) as f from plan.{entity}_pairs) where f.before is distinct from f.after""")
    held = [field for field in fields if field in told and (field in protected or field in owned)]
    if held:
        kept = ", ".join(f"{{'name': '{f}', 'now': {f}, 'before': before_{f}, 'source': source_{f}}}" for f in held)
        staging.execute(f"""insert into plan.kept select '{entity}', id, f.name, f.before, f.source
            from (select id, unnest([{kept}]) as f from plan.{entity}_pairs) where f.source is distinct from f.now""")
    staging.execute(f"""create table plan.{entity}_after as
        select id, archived, {", ".join(fields)} from plan.{entity}_pairs
        where archived or id in (select id from plan.fields where entity = '{entity}')""")
    staging.execute(f"drop table plan.{entity}_pairs")


def _gone(staging: Staging, entity: str, settings: Settings, *, removable: bool) -> None:
    named = (
        f"d.sis_id in (select sis_id from incoming.deleted where entity = '{_DELETED_AS[entity]}')"
        if entity in _DELETED_AS
        else "false"
    )
    condition = scope.condition(entity)
    if entity == "guardians":
        # Of a student who was left out, the guardian may have been left out with the row.
        condition += """ and d.id not in (select g.guardian from directory.guardianships g
            join directory.students s on s.id = g.student anti join plan.students p on p.id = s.id
            where s.status = 'active' and s.id not in (select id from plan.students_gone))"""
    absent = f"({str(removable).lower()} and {condition})"
    seen = f"select sis_id from incoming.seen where entity in ('{_DELETED_AS.get(entity, '')}', 'any')"
    # A row without a usable ID may be anybody's who bears its name.
    name = "lower(concat_ws(' ', d.given_name, d.family_name))" if entity in PEOPLE else f"lower(d.{FIELDS[entity][0]})"
    unidentified = f"select name from incoming.unidentified where entity = '{entity}' and name is not null"
    school = "d.school_sis_id" if entity in _HAS_SCHOOL else "null::varchar"
    staging.execute(f"""create table plan.{entity}_gone as
        select d.id, {school} as school_sis_id from directory.{entity} d anti join plan.{entity} p on p.id = d.id
        where d.status = 'active' and not ({holding.untouched(staging, settings, entity)})
          and ({named} or ({absent} and d.sis_id not in ({seen}) and {name} not in ({unidentified})))""")
