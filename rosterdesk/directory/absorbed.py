"""What a run needs to know of merges: a record that was absorbed stays archived, and its SIS ID means the survivor; and
whether there is anybody with whom somebody new could be merged.

Nothing of this is made where nothing was merged, so that a plan pays nothing for it else.
"""

from __future__ import annotations

import sqlalchemy as sa

from rosterdesk.directory.schema import PEOPLE, RECORDS, merges
from rosterdesk.staging import Staging

ABSORBED = "directory.absorbed"  # id, entity, sis_id, survivor_sis_id of the absorbed records that have an SIS ID
_KINDS = {"students": "student", "staff": "staff", "guardians": "guardian"}


def load(conn: sa.Connection, district: int, staging: Staging) -> None:
    """Make the table where it has rows, and let rows of the source that bear an absorbed ID mean its survivor.

    Where the source tells of the survivor too, the row with the absorbed ID is left alone: the two are one already.
    Needs `incoming.people`; must be called before the roster is compared with the directory.
    """
    found = []
    query = sa.select(merges.c.absorbed, merges.c.survivor, merges.c.entity).where(merges.c.district == district)
    into = {row.absorbed: (row.survivor, row.entity) for row in conn.execute(query)}
    for entity, table in RECORDS.items():
        members = [absorbed for absorbed, (_, kind) in into.items() if kind == entity]
        if not members:
            continue
        named = sa.select(table.c.id, table.c.sis_id).where(table.c.district == district, table.c.sis_id.is_not(None))
        records = {record for absorbed in members for record in (absorbed, _last(into, absorbed))}
        sis_ids: dict[int, str] = {}
        for part in _parts(sorted(records)):
            sis_ids.update(iter(conn.execute(named.where(table.c.id.in_(part)))))
        found += [
            (absorbed, entity, sis_ids[absorbed], sis_ids.get(_last(into, absorbed)))
            for absorbed in members
            if absorbed in sis_ids
        ]
    if not found:
        return
    staging.execute(f"create table {ABSORBED} (id bigint, entity varchar, sis_id varchar, survivor_sis_id varchar)")
    staging.con.executemany(f"insert into {ABSORBED} values (?, ?, ?, ?)", found)
    _redirect(staging)


def kinds(conn: sa.Connection, district: int, staging: Staging) -> tuple[str, ...]:
    """The kinds of people of whom any is archived or manual, so that somebody new may be one of them.

    One look into an index and one at a column each. Needs `directory.*` in the staging.
    """
    found = []
    for entity in PEOPLE:
        table = RECORDS[entity]
        manual = sa.select(table.c.id).where(table.c.district == district, table.c.sis_id.is_(None)).limit(1)
        archived = f"select 1 from directory.{entity} where status = 'archived' limit 1"
        if conn.execute(manual).first() is not None or staging.rows(archived):
            found.append(entity)
    return tuple(found)


def _redirect(staging: Staging) -> None:
    for entity, kind in _KINDS.items():
        means = f"""(select a.sis_id, a.survivor_sis_id as meant from {ABSORBED} a
            where a.entity = '{entity}' and a.survivor_sis_id is not null
              and a.survivor_sis_id not in (select sis_id from incoming.people where sis_id is not null
                                            and keep and kind = '{kind}')
            qualify row_number() over (partition by a.survivor_sis_id order by
                (select count(*) from incoming.people p where p.sis_id = a.sis_id and p.keep) desc, a.sis_id) = 1)"""
        staging.execute(f"""update incoming.people p set sis_id = m.meant from {means} m
            where p.sis_id = m.sis_id and p.keep and p.kind = '{kind}'""")
    staging.execute(f"""update incoming.loose_enrollments l set user_sis_id = a.survivor_sis_id from {ABSORBED} a
        where l.user_sis_id = a.sis_id and a.survivor_sis_id is not null and a.entity in ('students', 'staff')""")
    for end, entity in (("student", "students"), ("guardian", "guardians")):
        staging.execute(f"""update incoming.loose_guardianships l set {end}_sis_id = a.survivor_sis_id
            from {ABSORBED} a where l.{end}_sis_id = a.sis_id and a.survivor_sis_id is not null
              and a.entity = '{entity}'""")


def _last(into: dict[int, tuple[int, str]], record: int) -> int:
    while record in into:
        record = into[record][0]
    return record


def _parts(records: list[int]) -> list[list[int]]:
    return [records[at : at + 500] for at in range(0, len(records), 500)]
