"""Roles and demographics that stand in tables of their own (OneRoster 1.2, SDS 2.1), brought to the people they are
about.

A person with roles of two kinds, a teacher who is also a guardian, becomes two records with the same SIS ID.
"""

from __future__ import annotations

from collections.abc import Sequence

from rosterdesk.checks.catalogue import report
from rosterdesk.checks.duplicates import RANK
from rosterdesk.checks.places import GONE, stored
from rosterdesk.model import MappedTable
from rosterdesk.staging import ROW_BITS, Staging

KIND = """case role when 'student' then 'student' when 'guardian' then 'guardian'
    when 'teacher' then 'staff' when 'aide' then 'staff' when 'administrator' then 'staff' when 'staff' then 'staff'
    end"""


def gather(staging: Staging, tables: Sequence[MappedTable]) -> bool:
    """Make `incoming.person_roles`, one row a person and kind; return whether the source has any."""
    if not any(t.target == "roles" for t in tables):
        staging.execute("create table incoming.unsure_people (sis_id varchar)")
        return False
    every = stored(staging, "roles", tables)
    unknown = f"({KIND}) is null and not {GONE}"
    # Whoever has a role that nobody knows may be anything: nothing of theirs is archived.
    report(staging, "unknown-role", f"select ref, 'role', role from {every} where {unknown} and role is not null")
    staging.execute(
        f"create table incoming.unsure_people as select distinct user_sis_id as sis_id from {every} where {unknown}"
    )
    # Nearly everybody has one role; gathering those of the others alone takes a tenth of the time.
    staging.execute(f"""create table incoming.several_roles as
        select hash(user_sis_id) as key from {every} group by key having count(*) > 1""")
    known = (
        f"(select *, {KIND} as kind, {GONE} as gone from {every}) where kind is not null and user_sis_id is not null"
    )
    school = "school_sis_id is not null and not gone"
    staging.execute(f"""create table incoming.person_roles as
        select user_sis_id, kind, role, gone, grade, case when {school} then [school_sis_id] end as schools
        from {known} and hash(user_sis_id) not in (select key from incoming.several_roles)
        union all
        select user_sis_id, kind, arg_min(role, ({RANK}, ref)) as role, bool_and(gone) as gone,
               any_value(grade order by ref) as grade,
               list(school_sis_id order by lower("primary") = 'true' desc nulls last, ref) filter ({school}) as schools
        from {known} and hash(user_sis_id) in (select key from incoming.several_roles) group by user_sis_id, kind""")
    return True


def joined(table: MappedTable, relation: str) -> str:
    """The people of `relation`, each once for every kind of role, with an explicit `ref`."""
    ref = (
        f"({table.number}::bigint << {ROW_BITS}) + row_number() over () - 1 + {table.first_row}"
        if table.row_preserving
        else "ref"
    )
    return f"""(
        select u.* replace (coalesce(r.role, u.role) as role, coalesce(u.grade, r.grade) as grade,
                            case when r.gone then 'tobedeleted' else u.status end as status,
                            coalesce(r.schools, u.school_sis_ids) as school_sis_ids)
        from (select * replace ({ref} as ref) from {relation}) u left join incoming.person_roles r
             on r.user_sis_id = u.sis_id
        order by u.ref, r.kind)"""


def dangling(staging: Staging) -> None:
    """Report the roles of people who are not in the source."""
    report(
        staging,
        "dangling-role",
        f"""select ref, 'user_sis_id', user_sis_id from incoming.all_roles
            where not {GONE} and user_sis_id is not null
              and user_sis_id not in (select sis_id from incoming.people where sis_id is not null)""",
    )


def demographics(staging: Staging, tables: Sequence[MappedTable]) -> None:
    """Give students the birth date and gender of the demographics table, where their own row has none."""
    if not any(t.target == "demographics" for t in tables):
        return
    every = stored(staging, "demographics", tables)
    staging.execute(f"""create table incoming.demographics as
        select user_sis_id, case when min(birth_date) = max(birth_date) then min(birth_date) end as birth_date,
               case when min(gender) = max(gender) then min(gender) end as gender,
               coalesce(min(birth_date) <> max(birth_date), false) or
               coalesce(min(gender) <> max(gender), false) as differ
        from {every} where user_sis_id is not null and not {GONE} group by user_sis_id""")
    report(
        staging,
        "demographics-differ",
        f"select ref, 'user_sis_id', user_sis_id from {every} join incoming.demographics using (user_sis_id) "
        f"where differ",
    )
    report(
        staging,
        "dangling-demographics",
        f"""select ref, 'user_sis_id', user_sis_id from {every} where not {GONE} and user_sis_id is not null
            and user_sis_id not in (select sis_id from incoming.people where sis_id is not null)""",
    )
    staging.execute("""update incoming.people p set
            birth_date = coalesce(p.birth_date, d.birth_date), gender = coalesce(p.gender, d.gender)
        from incoming.demographics d where d.user_sis_id = p.sis_id and p.kind = 'student'""")
