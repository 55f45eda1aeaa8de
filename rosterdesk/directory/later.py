"""Which later runs stand on what a run made: taking that run back would delete their work with it.

A value that was changed again is no such case: it is left alone and told. Only records and links that would be deleted
are looked for, with every change that a run made to them and every link that it gave them.
"""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa

from rosterdesk.directory.changed import Json
from rosterdesk.directory.schema import LINKS, RECORDS, changes, runs

_STANDING = "r.state <> 'undone' and r.kind <> 'undo'"


def runs_on(conn: sa.Connection, district: int, run: int) -> dict[int, int]:
    """How many of the records that this run made each later run changed, removed a link of, or linked something to.

    Runs that were taken back are none of them.
    """
    of = {"district": district, "run": run}
    after = sa.select(sa.func.max(changes.c.run)).where(changes.c.district == district)
    last = sa.select(sa.func.max(runs.c.run)).where(
        runs.c.district == district, runs.c.kind != "undo", runs.c.state != "undone"
    )
    if (conn.execute(last).scalar() or 0) <= run:
        return {}
    changed_since = (conn.execute(after).scalar() or 0) > run
    json = Json.of(conn)
    found: Counter[int] = Counter()
    for entity in RECORDS:
        made = f"(select id from {entity} where district = :district and created_run = :run)"
        parts = _linked(entity, made)
        if changed_since:
            parts += _changed(json, entity, made)
        found.update(_standing(conn, parts, of))
    parts = [_accounts(people) for people in ("staff", "guardians", "students")]
    if changed_since:
        parts += [
            f"""select c.run, c.number as record from changes c where c.district = :district and c.run > :run
                and c.entity = '{link}' and c.action = 'update'
                and {json.value("after", "created_run", number=True)} = :run"""
            for link in LINKS
        ]
    found.update(_standing(conn, parts, of))
    return dict(sorted(found.items()))


def _standing(conn: sa.Connection, parts: list[str], of: dict[str, int]) -> dict[int, int]:
    rows = conn.execute(
        sa.text(f"""select x.run, count(distinct x.record) as records from ({" union all ".join(parts)}) x
            join runs r on r.district = :district and r.run = x.run where {_STANDING} group by x.run"""),
        of,
    )
    return {int(row.run): int(row.records) for row in rows}


def _linked(entity: str, made: str) -> list[str]:
    return [
        f"""select l.created_run as run, l.{end} as record from {link} l
            where l.district = :district and l.created_run > :run and l.{end} in {made}"""
        for link, ends in LINKS.items()
        for end, tables in ends.items()
        if entity in tables
    ]


def _changed(json: Json, entity: str, made: str) -> list[str]:
    since = "c.district = :district and c.run > :run"
    parts = [f"select c.run, c.record from changes c where {since} and c.entity = '{entity}' and c.record in {made}"]
    for link, ends in LINKS.items():
        for end, tables in ends.items():
            if entity in tables:
                whom = json.value("before", end, number=True)
                parts.append(f"""select c.run, {whom} as record from changes c where {since} and c.entity = '{link}'
                    and c.action = 'remove' and {whom} in {made}""")
    return parts


def _accounts(people: str) -> str:
    """Of the people with an account that the run made: those whom a later run made."""
    return f"""select p.created_run as run, p.id as record from {people} p
        where p.district = :district and p.created_run > :run and p.account in
            (select id from accounts where district = :district and created_run = :run)"""
