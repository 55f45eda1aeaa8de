"""The files of an exported directory: one a table, sorted, in CSV as RFC 4180 has it but with LF ends, in UTF-8.

A record is named by its SIS ID when it is synced and by `#` and its number, in a column of its own, when it is manual.
Numbers of synced records and of runs are not in the files, so two exports are equal exactly when two directories are.
A missing value is an empty cell; the directory holds no empty texts.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from rosterdesk.directory.schema import LINKS, PEOPLE, RECORDS

_SCHOOL = ("school_sis_id", "school_id")
_NOT_OWN = {"district", "id", "sis_id", "school", "account", "status", "created_run"}


def fields(entity: str) -> tuple[str, ...]:
    """The columns of a record that are its own: neither its name, nor its place, nor its state."""
    return tuple(column.name for column in RECORDS[entity].c if column.name not in _NOT_OWN)


def has_school(entity: str) -> bool:
    """Whether records of this kind are in a school."""
    return "school" in RECORDS[entity].c


# File (without .csv) -> columns, in the order in which the files must be read.
FILES: Mapping[str, tuple[str, ...]] = {
    **{
        entity: ("sis_id", "id", *fields(entity), *(_SCHOOL if has_school(entity) else ()), "status")
        for entity in ("schools", "classrooms", "students", "staff", "guardians")
    },
    "other_schools": ("entity", "user_sis_id", "user_id", *_SCHOOL),
    "enrollments": ("class_sis_id", "class_id", "entity", "user_sis_id", "user_id", "role", "is_primary", "synced"),
    "guardianships": ("student_sis_id", "student_id", "guardian_sis_id", "guardian_id", "relationship", "synced"),
    "attributes": ("student_sis_id", "student_id", "name", "value"),
    "accounts": ("account", "state", "entity", "sis_id", "id"),
    "hand_edits": ("entity", "sis_id", "id", "field"),
    "join_codes": ("student_sis_id", "student_id", "code"),
    "merges": ("entity", "sis_id", "id", "survivor_sis_id", "survivor_id"),
    "decisions": ("entity", "sis_id", "id", "incoming", "decision", "choices"),
    "grants": ("who", "permission", *_SCHOOL, "entity", "person_sis_id", "person_id"),
    "settings": (*_SCHOOL, "name", "value"),
}


def queries(name: str) -> list[sa.TextClause]:
    """The statements whose rows, one after the other, are the file's, in order. Their only parameter is `district`.

    First the synced by their SIS IDs, then the manual: each follows an index, so nothing large is sorted in memory.
    """
    if name in RECORDS:
        texts = _records(name)
    elif name in LINKS:
        texts = {
            "other_schools": _other_schools,
            "enrollments": _enrollments,
            "guardianships": _guardianships,
            "attributes": _attributes,
            "join_codes": _join_codes,
            "hand_edits": _hand_edits,
            "merges": _merges,
            "decisions": _decisions,
        }[name]()
    else:
        texts = {
            "settings": [_SETTINGS],
            "grants": [_GRANTS],
            "accounts": [_ACCOUNTS, _ACCOUNTS_OF_NOBODY],
        }[name]
    return [sa.text(text) for text in texts]


def _named(alias: str) -> str:
    """A record's two naming columns."""
    return f"{alias}.sis_id, case when {alias}.sis_id is null then '#' || cast({alias}.id as text) end"


def _by_name(alias: str) -> str:
    """The order of records by their names."""
    return f"{alias}.sis_id is null, {alias}.sis_id, {alias}.id"


def _both(select: str, alias: str, order: str = "") -> list[str]:
    """A statement for the synced, and one for the manual records of `alias`."""
    rest = f", {order}" if order else ""
    return [
        f"{select} and {alias}.sis_id is not null order by {alias}.sis_id{rest}",
        f"{select} and {alias}.sis_id is null order by {alias}.id{rest}",
    ]


def _records(entity: str) -> list[str]:
    own = ", ".join(f"r.{field}" for field in fields(entity))
    if not has_school(entity):
        return _both(f"select {_named('r')}, {own}, r.status from {entity} r where r.district = :district", "r")
    return _both(
        f"select {_named('r')}, {own}, {_named('c')}, r.status from {entity} r "
        "left join schools c on c.district = r.district and c.id = r.school where r.district = :district",
        "r",
    )


# `cross join` keeps SQLite to this order of loops, by which only the links of one record are sorted at a time.
def _other_schools() -> list[str]:
    return [
        text
        for entity in ("staff", "students")
        for text in _both(
            f"select '{entity}', {_named('p')}, {_named('c')} from {entity} p cross join other_schools o "
            "left join schools c on c.district = o.district and c.id = o.school "
            "where p.district = :district and o.district = p.district and o.person = p.id",
            "p",
            _by_name("c"),
        )
    ]


def _enrollments() -> list[str]:
    entity = "case when s.id is not null then 'students' when f.id is not null then 'staff' end"
    sis_id, number = "coalesce(s.sis_id, f.sis_id)", "coalesce(s.id, f.id)"
    return _both(
        f"select {_named('c')}, {entity}, {sis_id}, case when {sis_id} is null then '#' || cast({number} as text) end, "
        "e.role, e.is_primary, e.synced from classrooms c cross join enrollments e "
        "left join students s on s.district = e.district and s.id = e.person "
        "left join staff f on f.district = e.district and f.id = e.person "
        "where c.district = :district and e.district = c.district and e.classroom = c.id",
        "c",
        f"{entity}, {sis_id} is null, {sis_id}, {number}, e.role",
    )


def _guardianships() -> list[str]:
    return _both(
        f"select {_named('s')}, {_named('g')}, l.relationship, l.synced from students s cross join guardianships l "
        "left join guardians g on g.district = l.district and g.id = l.guardian "
        "where s.district = :district and l.district = s.district and l.student = s.id",
        "s",
        _by_name("g"),
    )


def _attributes() -> list[str]:
    return _both(
        f"select {_named('s')}, a.name, a.value from students s cross join attributes a "
        "where s.district = :district and a.district = s.district and a.student = s.id",
        "s",
        "a.name",
    )


def _join_codes() -> list[str]:
    return _both(
        f"select {_named('s')}, j.code from students s cross join join_codes j "
        "where s.district = :district and j.district = s.district and j.student = s.id",
        "s",
    )


def _hand_edits() -> list[str]:
    return [
        text
        for entity in RECORDS
        for text in _both(
            f"select '{entity}', {_named('r')}, h.field from {entity} r cross join hand_edits h "
            "where r.district = :district and h.district = r.district and h.subject = r.id",
            "r",
            "h.field",
        )
    ]


def _merges() -> list[str]:
    return [
        text
        for entity in PEOPLE
        for text in _both(
            f"select '{entity}', {_named('r')}, {_named('s')} from {entity} r cross join merges m "
            f"join {entity} s on s.district = m.district and s.id = m.survivor "
            "where r.district = :district and m.district = r.district and m.absorbed = r.id",
            "r",
        )
    ]


def _decisions() -> list[str]:
    return [
        text
        for entity in PEOPLE
        for text in _both(
            f"select '{entity}', {_named('r')}, d.incoming, d.decision, d.choices "
            f"from {entity} r cross join decisions d "
            "where r.district = :district and d.district = r.district and d.candidate = r.id",
            "r",
            "d.incoming",
        )
    ]


# Accounts have no name of their own: they are counted in the order of the first of their people.
_ACCOUNTS = f"""
with member as (
    select account, 'guardians' as entity, sis_id, id from guardians where district = :district and account is not null
    union all select account, 'staff', sis_id, id from staff where district = :district and account is not null
    union all select account, 'students', sis_id, id from students where district = :district and account is not null),
placed as (select m.*, row_number() over (partition by account order by entity, {_by_name("m")}) as place
    from member m),
counted as (select account, row_number() over (order by entity, {_by_name("p")}) as number
    from placed p where place = 1)
select c.number, a.state, m.entity, {_named("m")} from counted c join member m on m.account = c.account
left join accounts a on a.district = :district and a.id = c.account order by c.number, m.entity, {_by_name("m")}
"""
_ACCOUNTS_OF_NOBODY = """
select null, state, null, null, null from accounts a where a.district = :district
and a.id not in (select account from staff where district = :district and account is not null)
and a.id not in (select account from guardians where district = :district and account is not null)
and a.id not in (select account from students where district = :district and account is not null) order by state
"""
_GRANTS = f"""
select g.who, g.permission, {_named("c")}, case when s.id is not null then 'staff' when d.id is not null
then 'guardians' end, coalesce(s.sis_id, d.sis_id),
case when coalesce(s.sis_id, d.sis_id) is null then '#' || cast(coalesce(s.id, d.id) as text) end
from grants g left join schools c on c.district = g.district and c.id = g.school
left join staff s on s.district = g.district and s.id = g.person
left join guardians d on d.district = g.district and d.id = g.person
where g.district = :district order by g.who, g.permission, g.school <> 0, {_by_name("c")}
"""
_SETTINGS = f"""
select {_named("c")}, t.name, t.value from settings t left join schools c on c.district = t.district and c.id = t.school
where t.district = :district order by t.school <> 0, {_by_name("c")}, t.name
"""
